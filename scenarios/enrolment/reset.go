package enrolment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/scenarios/personalise"
)

// ForgottenPIN blocks a phone's PIN, and has the holder get another by an
// application signed with the card.
func (w *World) ForgottenPIN(ctx context.Context) error {
	p := w.last()
	if err := p.block(ctx); err != nil {
		return err
	}
	w.pass(time.Minute)
	var order *tsmp.PlaceOrderAnswer
	err := w.step("service manager", "asks for an order that resets the PIN (OrderPINReset)", func(s *Step) (err error) {
		order, err = w.tsm.OrderPINReset(ctx, w.about(), &tsmp.OrderPINResetRequest{Phone: p.verified.Phone})
		if err != nil {
			return err
		}
		s.note("order %X… is open to %s", order.OrderID[:4], order.OrderUntil.Format("15:04:05Z"))
		return nil
	})
	if err != nil {
		return err
	}
	c := p.config
	c.Seed += 2000 // a session of its own
	report, err := personalise.ResetPINs(ctx, c, order.Order, func(ctx context.Context, statement []byte) (*personalise.Sealed, error) {
		return p.seal(ctx, order, statement)
	})
	if err != nil {
		return err
	}
	err = w.step("holder", "sets another PIN with the code that only the phone's app has opened", func(s *Step) error {
		for i := range report.Steps {
			if step := &report.Steps[i]; step.Name == "ENVELOPE" || step.Name == "NEW PIN auth" || step.Name == "VERIFY auth" {
				s.note("%-18s %s", step.Name, step.Detail)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return w.logIn(ctx, p, "")
}

// block enters wrong PINs until there are no tries.
func (p *phone) block(ctx context.Context) error {
	return p.w.step("holder", fmt.Sprintf("has forgotten the PIN of SIM %d, and tries until it is blocked", p.number), func(s *Step) error {
		if _, err := gp.Exchange(ctx, p.card, jpki.SelectApplication{}, nil); err != nil {
			return err
		}
		var err error
		for tries := 1; tries <= 15; tries++ {
			_, err = gp.Exchange(ctx, p.card, jpki.Verify{PIN: jpki.Auth.PIN().Reference(), Value: []byte("0000")}, nil)
			if err == nil {
				return errors.New("the SIM takes a wrong PIN")
			}
			if errors.Is(err, iso7816.ReferenceDataNotUsable) {
				s.note("blocked after %d tries: %v", tries, err)
				return nil
			}
		}
		return fmt.Errorf("the SIM does not block the PIN: %w", err)
	})
}

// seal has the holder sign for what the SIM has said to the order, and the authority
// make a code for that.
func (p *phone) seal(ctx context.Context, order *tsmp.PlaceOrderAnswer, statement []byte) (*personalise.Sealed, error) {
	w := p.w
	o, err := perso.DecodeOrder(order.Order)
	if err != nil {
		return nil, err
	}
	said, err := perso.DecodeOrderStatement(statement)
	if err != nil {
		return nil, err
	}
	if p.reply, err = replyKey(w.config.Seed, w.applied); err != nil {
		return nil, err
	}
	a := &application.Application{Purpose: application.PINReset, SIM: p.sim, Instance: p.verified.Phone,
		Order: application.OrderProof{Hash: o.Hash(), Challenge: said.Challenge}}
	copy(a.ReplyKey[:], p.reply.PublicKey().Bytes())
	verified, err := w.apply(ctx, a)
	if err != nil {
		return nil, err
	}
	sealed := &personalise.Sealed{Codes: map[jpki.Role][]byte{}}
	return sealed, w.step("authority", "seals a code for the SIM that said so, and for the app (VerifyApplication, SealPINReset)", func(s *Step) error {
		answer, err := w.tsm.SealPINReset(ctx, w.about(), &tsmp.SealPINResetRequest{OrderID: order.OrderID, ApplicationID: verified.ApplicationID, OrderStatement: statement})
		if err != nil {
			return err
		}
		_, codes, err := a.OpenReply(p.reply, answer.HolderCode)
		if err != nil {
			return err
		}
		for _, c := range codes {
			sealed.Codes[c.Role] = c.Code[:]
		}
		sealed.Envelope = answer.Envelope
		s.note("the holder has signed this order and the SIM's challenge; the service manager sees neither code nor PIN")
		return nil
	})
}
