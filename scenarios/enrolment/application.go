package enrolment

import (
	"context"
	"crypto/ecdh"
	"fmt"
	"strings"

	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	"inkan/core/tsmp"
	"inkan/scenarios/idcards"
)

// apply has the holder sign an application on the phone, and the SP-TSM bring it to
// the authority.
func (w *World) apply(ctx context.Context, a *application.Application) (*tsmp.VerifyApplicationAnswer, error) {
	var signed []byte
	var code application.Code
	w.applied++
	err := w.step("holder", "signs an application with the card: "+a.Purpose.String(), func(s *Step) (err error) {
		a.Language, a.Time = application.English, w.Now()
		source := entropy.Seeded(w.config.Seed, fmt.Sprintf("enrolment/application %d", w.applied))
		source.Fill(a.Nonce[:]) // the SP-TSM gives it
		if a.Purpose.Issues() {
			code = application.NewCode(source)
			s.note("the phone shows the code %s; the holder types it in", code.Show())
			a.Commit(code)
		}
		s.note("the holder reads and signs:")
		s.note("%s", indented(a.Text(a.Language)))
		signed, err = w.sign(ctx, a)
		if err != nil {
			return err
		}
		name := fmt.Sprintf("applications/%d-%s.p7m", w.applied, strings.ReplaceAll(a.Purpose.String(), " ", "-"))
		w.report.Files[name] = signed
		s.note("CMS SignedData of %d bytes: %s", len(signed), name)
		return nil
	})
	if err != nil {
		return nil, err
	}
	q := &tsmp.VerifyApplicationRequest{Application: signed}
	if a.Purpose.Issues() {
		q.Code = code.Plain()
	}
	return w.tsm.VerifyApplication(ctx, w.about(), q)
}

func indented(text string) string { return "  " + strings.ReplaceAll(text, "\n", "\n  ") }

// sign signs with the card's key.
func (w *World) sign(ctx context.Context, a *application.Application) ([]byte, error) {
	key, release, err := w.config.Sign(ctx, w.card, idcards.DemoPINs.Sign)
	if err != nil {
		return nil, err
	}
	defer release()
	return a.Sign(key.Certificate(), key, w.Now())
}

// applyFor is an application for an issue into a phone, and what the authority says.
func (w *World) applyFor(ctx context.Context, p *phone) (err error) {
	if p.reply, err = replyKey(w.config.Seed, w.applied); err != nil {
		return err
	}
	a := &application.Application{Purpose: application.Issue, SIM: p.sim, Roles: jpki.Auth, Origin: p.origin()}
	copy(a.ReplyKey[:], p.reply.PublicKey().Bytes())
	answer, err := w.apply(ctx, a)
	if err != nil {
		return err
	}
	p.application, p.verified = a, answer
	return w.step("authority", "has verified the application (VerifyApplication)", func(s *Step) error {
		s.note("signature, certificate and its state, code and freshness are right")
		s.note("application %s; the service manager gets the pseudonym %s and no name", short(answer.ApplicationID), short(answer.Pseudonym))
		s.note("a certificate may last to %s", answer.NotAfter.Format("2006-01-02 15:04:05Z"))
		return nil
	})
}

// replyKey is the UI app's key for one application.
func replyKey(seed uint64, number int) (*ecdh.PrivateKey, error) {
	source := entropy.Seeded(seed, fmt.Sprintf("enrolment/reply key %d", number))
	for {
		var scalar [32]byte
		source.Fill(scalar[:])
		if key, err := ecdh.P256().NewPrivateKey(scalar[:]); err == nil {
			return key, nil
		}
	}
}

// refusedApplication shows that an application is refused.
func (w *World) refusedApplication(ctx context.Context, p *phone) error {
	err := w.applyFor(ctx, p)
	refusal, ok := refusalOf(err)
	if !ok {
		return fmt.Errorf("an application that has to be refused: %w", err)
	}
	return w.step("authority", "refuses it", func(s *Step) error {
		s.note("%s", refusal)
		return nil
	})
}
