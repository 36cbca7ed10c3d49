package world

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/tsmp"
	scene "inkan/scenarios/handset"
	"inkan/sim/profile"
)

// Traces are what of the service is on a SIM.
type Traces struct {
	SIM         string // its name
	SE          tsmp.SEID
	Domain      bool // the provider's domain
	LoadFile    bool
	Applet      bool // the JPKI application
	Phase       jpki.Phase
	Certificate []byte // DER, for authentication; empty: none
}

// Nothing reports whether the SIM is as it was sold.
func (t *Traces) Nothing() bool { return !t.Domain && !t.LoadFile && !t.Applet }

// Traces looks at a copy of the card.
func (s *SIM) Traces(ctx context.Context) (t *Traces, err error) {
	c, err := s.copyOf()
	if err != nil {
		return nil, err
	}
	t = &Traces{SIM: s.Name, SE: s.SE()}
	if err := t.content(ctx, c, s); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	if t.Applet {
		err = t.applet(ctx, c)
	}
	return t, err
}

// content is what the issuer's registry on the card has.
func (t *Traces) content(ctx context.Context, c *profile.Card, s *SIM) error {
	channel, err := scene.Issuer(ctx, c, s.Carrier.w.source("traces on "+s.Name))
	if err != nil {
		return err
	}
	defer channel.Host.Close()
	for _, subset := range []gp.Subset{gp.SubsetApplications, gp.SubsetLoadFiles} {
		err := gp.Status(ctx, channel, gp.GetStatus{Subset: subset}, func(e *gp.Entry) error {
			t.Domain = t.Domain || e.AID == jpki.AIDProviderDomain
			t.Applet = t.Applet || e.AID == jpki.AIDInstance && subset == gp.SubsetApplications
			t.LoadFile = t.LoadFile || e.AID == jpki.AIDPackage
			return nil
		})
		if err != nil {
			return fmt.Errorf("GET STATUS: %w", err)
		}
	}
	return nil
}

// applet is what the application says of itself. One that nobody can select, since
// its keys are not there yet or it is locked, says nothing.
func (t *Traces) applet(ctx context.Context, c *profile.Card) error {
	var refused iso7816.SW
	if _, err := gp.Exchange(ctx, c, jpki.SelectApplication{}, nil); errors.As(err, &refused) {
		return nil
	} else if err != nil {
		return err
	}
	status, err := jpki.ReadStatus(ctx, c)
	if errors.As(err, &refused) {
		return nil // another application under its name
	}
	if err != nil {
		return err
	}
	t.Phase = status.Phase
	if status.Phase&jpki.Active != jpki.Active {
		return nil
	}
	t.Certificate, err = jpki.ReadFile(ctx, c, jpki.Auth.Certificate(), nil)
	return err
}
