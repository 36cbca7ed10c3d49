package stories

import (
	"context"
	"fmt"

	"inkan/core/jpki"
	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
)

// certificateIs makes sure of the state of a service instance's certificate at the
// authority.
func certificateIs(ctx context.Context, w *world.World, phone tsmp.PhoneID, want certificate.State) error {
	all, err := w.Certificates(ctx, phone)
	if err != nil {
		return err
	}
	if len(all) != 1 || all[0].State != want {
		return fmt.Errorf("the authority says of %v: %+v, want one certificate that is %v", phone, all, want)
	}
	w.Say("at the authority the certificate is %v", want)
	return nil
}

// holds makes sure of what the SIM in a phone holds, as its app sees it.
func holds(ctx context.Context, w *world.World, p *world.Phone, want uiapp.State) error {
	h, err := p.Look(ctx)
	if err != nil {
		return err
	}
	if h.State != want {
		return fmt.Errorf("the SIM in %s is %v, want %v", p.Name, h.State, want)
	}
	return nil
}

// appletIs makes sure of the phase of the application on a SIM.
func appletIs(ctx context.Context, w *world.World, s *world.SIM, want jpki.Phase) error {
	status, found, err := s.Applet(ctx)
	if err != nil {
		return err
	}
	if !found || status.Phase != want {
		return fmt.Errorf("the application on %s is %v (there: %v), want %v", s.Name, status.Phase, found, want)
	}
	w.Say("on %s the application is %v", s.Name, want)
	return nil
}

// nothingOn makes sure that nothing of the service is on a SIM: no application, load
// file or domain.
func nothingOn(ctx context.Context, w *world.World, s *world.SIM) error {
	content, err := s.Content(ctx)
	if err != nil {
		return err
	}
	for name, aid := range map[string]fmt.Stringer{"application": jpki.AIDInstance, "load file": jpki.AIDPackage, "domain": jpki.AIDProviderDomain} {
		for there := range content {
			if there.String() == aid.String() {
				return fmt.Errorf("the %s is on %s", name, s.Name)
			}
		}
	}
	w.Say("nothing of the service is on %s", s.Name)
	return nil
}

// noted makes sure that audit trails have events, carried out and not only refused: by
// party, its names.
func noted(ctx context.Context, w *world.World, want map[tsmp.PartyID][]string) error {
	for party, events := range want {
		has := map[string]bool{}
		if err := w.Trail(ctx, party, func(e world.Entry) error { has[e.Event] = has[e.Event] || e.Refused == ""; return nil }); err != nil {
			return err
		}
		for _, e := range events {
			if !has[e] {
				return fmt.Errorf("the trail of %s has no %q: %v", party, e, has)
			}
		}
	}
	return nil
}

// everybodyNoted makes sure that every party has something in its audit trail.
func everybodyNoted(ctx context.Context, w *world.World) error {
	for _, party := range w.Audited() {
		n := 0
		if err := w.Trail(ctx, party, func(world.Entry) error { n++; return nil }); err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("%s has no entry in its audit trail", party)
		}
		w.Record.Count("audit entries of "+string(party), int64(n))
	}
	return nil
}

// saw makes sure that a phone's screen has shown texts of the catalogue.
func saw(p *world.Phone, keys ...uiapp.Key) error {
	for _, k := range keys {
		if !p.Saw(k) {
			return fmt.Errorf("the screen of %s has not shown %q", p.Name, k)
		}
	}
	return nil
}
