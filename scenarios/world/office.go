package world

import (
	"context"
	"fmt"
	"time"

	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
)

// Wish is what somebody who calls the help desk wants.
type Wish byte

// Wishes.
const (
	SuspendIt Wish = iota + 1
	RevokeIt
)

// CallDesk has a person call the help desk about a phone's certificate: the desk finds
// the instance by the My Number Card, and has the authority do it.
func (w *World) CallDesk(ctx context.Context, who *Person, phone tsmp.PhoneID, wish Wish) error {
	w.pass(OnPerson, 3*time.Minute)
	w.calling++
	number := fmt.Sprintf("call %d", w.calling)
	found, err := tsmp.RemoteMunicipal{Caller: w.Desk.Caller}.FindServiceInstances(ctx, w.About(), &tsmp.FindServiceInstancesRequest{Card: who.CardID, Case: number})
	if err != nil {
		return err
	}
	known := false
	for _, i := range found.Phones {
		known = known || i.Phone == phone
	}
	if !known {
		return fmt.Errorf("world: the help desk finds no instance %v of the holder", phone)
	}
	cause := tsmp.Cause{Ground: tsmp.GroundHotline, Case: number}
	if wish == SuspendIt {
		_, err = w.Desk.Suspend(ctx, w.About(), &tsmp.SuspendRequest{Phone: phone, Cause: cause})
		w.note(Desk, "suspended", "holder", "help-desk", err)
	} else {
		_, err = w.Desk.Revoke(ctx, w.About(), &tsmp.RevokeRequest{Phone: phone, Cause: cause, Reason: certificate.KeyCompromise})
		w.note(Desk, "revoked", "holder", "help-desk", err)
	}
	return err
}

// LoseCard has the municipality record that a My Number Card is lost for good.
func (w *World) LoseCard(ctx context.Context, who *Person) error {
	_, err := w.City.ReportCardLoss(ctx, w.About(), &tsmp.ReportCardLossRequest{Card: who.CardID, Case: "loss"})
	w.note(City, "card-lost", "holder", "municipality", err)
	return err
}

// Season has the authority started anew, as it is each season: the certificate of its OCSP
// responder lasts no longer, and the next one begins with a start.
func (w *World) Season(ctx context.Context) error { return w.Kill(ctx, CA) }

// Sleep lets time pass to a moment without looking at each day in between.
func (w *World) Sleep(ctx context.Context, until time.Time) error {
	if d := until.Sub(w.Now()); d > 0 {
		if err := w.Pass(ctx, min(d, 48*time.Hour)); err != nil {
			return err
		}
		w.pass(OnWaiting, until.Sub(w.Now()))
	}
	return w.Pass(ctx, time.Second)
}
