package world

import (
	"bytes"
	"context"
	"fmt"

	"inkan/core/gp"
	"inkan/core/jpki"
	scene "inkan/scenarios/handset"
	"inkan/sim/profile"
)

// copyOf is a copy of a card as it is now: what is done with it leaves the card alone.
func (s *SIM) copyOf() (*profile.Card, error) {
	var image bytes.Buffer
	if err := s.body.Snapshot(&image); err != nil {
		return nil, err
	}
	return profile.New(s.Profile, profile.Parts{Number: s.Card.Number, Snapshot: image.Bytes()})
}

// Content is what the issuer's registry on the SIM has: applications and domains, and
// load files.
func (s *SIM) Content(ctx context.Context) (found map[gp.AID]gp.LifeCycle, err error) {
	c, err := s.copyOf()
	if err != nil {
		return nil, err
	}
	channel, err := scene.Issuer(ctx, c, s.Carrier.w.source("inspection of "+s.Name))
	if err != nil {
		return nil, err
	}
	defer channel.Host.Close()
	found = map[gp.AID]gp.LifeCycle{}
	for _, subset := range []gp.Subset{gp.SubsetApplications, gp.SubsetLoadFiles} {
		err := gp.Status(ctx, channel, gp.GetStatus{Subset: subset}, func(e *gp.Entry) error {
			found[e.AID] = e.LifeCycle
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("GET STATUS: %w", err)
		}
	}
	return found, nil
}

// Applet is the status of the JPKI application on the SIM; found is false when there
// is none.
func (s *SIM) Applet(ctx context.Context) (status jpki.Status, found bool, err error) {
	c, err := s.copyOf()
	if err != nil {
		return status, false, err
	}
	if _, err := gp.Exchange(ctx, c, jpki.SelectApplication{}, nil); err != nil {
		return status, false, nil
	}
	status, err = jpki.ReadStatus(ctx, c)
	return status, err == nil, err
}
