package personalise

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
)

// cardOf is what the authority knows of the card.
func (r *run) cardOf() perso.Card {
	return perso.Card{AID: jpki.AIDInstance, Authority: r.Authority, Unattested: r.Unattested}
}

// suspendAndResume takes the application out of use and back.
func (r *run) suspendAndResume(ctx context.Context) error {
	if err := r.reach(ctx); err != nil {
		return err
	}
	card := r.cardOf()
	for _, c := range []struct {
		name  string
		group *perso.Groups
	}{{"SUSPEND", new(perso.Groups).Suspend(r.order.ID)}, {"RESUME", new(perso.Groups).Resume(r.order.ID)}} {
		answer, err := r.send(ctx, c.name, "", c.group)
		if err != nil {
			return err
		}
		s, err := perso.DecodePhaseStatement(answer)
		if err != nil {
			return err
		}
		if err := card.VerifyPhase(&r.order, &s); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

// resetPINs sends new codes in an order of their own; the holder sets the PINs
// with them.
func (r *run) resetPINs(ctx context.Context) error {
	order := r.order
	order.Purpose, order.Origin, order.Counter = jpki.PurposePINReset, jpki.OriginNone, r.order.Counter+1
	entropy.Seeded(r.Seed, "personaliser/reset order").Fill(order.ID[:])
	answer, err := r.send(ctx, "ORDER", "PIN reset, "+order.Roles.String(), new(perso.Groups).Order(&order))
	if err != nil {
		return err
	}
	s, err := perso.DecodeOrderStatement(answer)
	if err != nil {
		return err
	}
	session, err := perso.Open(&order, r.cardOf(), &s, r.ca)
	if err != nil {
		return err
	}
	defer session.Close()
	challenge := session.Challenge()
	items := []perso.Item{{Tag: perso.ItemChallenge, Value: challenge[:]}}
	for _, role := range r.roles() {
		fillDigits(entropy.Seeded(r.Seed, "personaliser/reset code/"+role.String()), r.pairs[role].code)
		items = append(items, perso.Item{Tag: perso.ItemCode.For(role), Value: r.pairs[role].code})
	}
	envelope, err := session.Seal(nil, 1, items)
	if err != nil {
		return err
	}
	if _, err := r.send(ctx, "ENVELOPE", "codes", new(perso.Groups).Envelope(envelope)); err != nil {
		return err
	}
	return r.useCodes(ctx)
}

// useCodes sets the PINs again, as their holder.
func (r *run) useCodes(ctx context.Context) error {
	r.close()
	if err := r.exchange(ctx, "SELECT", jpki.AIDInstance.String(), jpki.SelectApplication{}); err != nil {
		return err
	}
	for _, role := range r.roles() {
		pin, value := role.PIN().Reference(), []byte(r.PINs[role])
		if err := r.exchange(ctx, "NEW PIN "+role.String(), "by the code", jpki.ResetRetryCounter{PIN: pin, Code: r.pairs[role].code, New: value}); err != nil {
			return err
		}
		if err := r.exchange(ctx, "VERIFY "+role.String(), "the PIN", jpki.Verify{PIN: pin, Value: value}); err != nil {
			return err
		}
	}
	return nil
}

// erase removes everything, and looks that nothing is left.
func (r *run) erase(ctx context.Context) error {
	if err := r.reach(ctx); err != nil {
		return err
	}
	answer, err := r.send(ctx, "ERASE", "", new(perso.Groups).Erase(r.order.ID))
	if err != nil {
		return err
	}
	s, err := perso.DecodeEraseStatement(answer)
	if err != nil {
		return err
	}
	card := r.cardOf()
	if err := card.VerifyErase(&r.order, &s); err != nil {
		return fmt.Errorf("ERASE: %w", err)
	}
	if answer, err = r.send(ctx, "STATE", "", new(perso.Groups).State()); err != nil {
		return err
	}
	state, err := perso.DecodeStateStatement(answer)
	if err != nil {
		return err
	}
	if state.Phase != jpki.Empty || state.Content != 0 || state.Highest != r.order.Counter+1 {
		return fmt.Errorf("STATE: %v, content %02X, counter %d after erasure", state.Phase, byte(state.Content), state.Highest)
	}
	return r.nothingLeft(ctx)
}

// nothingLeft reads what had the certificate.
func (r *run) nothingLeft(ctx context.Context) error {
	r.close()
	if err := r.exchange(ctx, "SELECT", jpki.AIDInstance.String(), jpki.SelectApplication{}); err != nil {
		return err
	}
	return r.step(ctx, "READ BINARY", jpki.EFAuthCertificate.String()+", erased", func(ctx context.Context) error {
		_, err := gp.Exchange(ctx, r.plain(), jpki.ReadBinary{EF: jpki.EFAuthCertificate, Ne: 256}, nil)
		if !errors.Is(err, iso7816.WrongP1P2) {
			return fmt.Errorf("an erased file is answered %v, want 6B00", err)
		}
		return nil
	})
}
