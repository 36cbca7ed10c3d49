package enrolment

import (
	"context"
	"crypto/ecdh"
	"crypto/sha256"
	"errors"
	"fmt"

	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/scenarios/pcsc"
	"inkan/scenarios/personalise"
	"inkan/sim/profile"
)

// phone is a phone with its SIM, and the service manager's side of what is done with
// it. It is a personalise.CA, behind messages.
type phone struct {
	w      *World
	number int // from 1
	turn   int // of what was issued last, from 1
	card   *profile.Card
	config personalise.Config
	wipe   func()
	sim    [16]byte
	key    perso.Hash // of the SIM's authority

	reply       *ecdh.PrivateKey // the UI app's
	application *application.Application
	verified    *tsmp.VerifyApplicationAnswer
	order       perso.OrderID
	certificate []byte // DER, as the SIM gives it
}

// buy makes a phone with a carrier's new SIM, whose key of attestation the carrier
// reports to the authority.
func (w *World) buy(ctx context.Context, carrier string, delivered bool) (p *phone, err error) {
	err = w.step("carrier", "sells a phone with a SIM, and reports the SIM's attestation key to the authority", func(s *Step) error {
		p = &phone{w: w, number: len(w.phones) + 1}
		source := entropy.Seeded(w.config.Seed, fmt.Sprintf("enrolment/SIM %d", p.number))
		if p.card, err = profile.New(profile.Named(carrier), profile.Parts{Number: uint32(100 + p.number), Entropy: source}); err != nil {
			return err
		}
		p.config = personalise.Config{Seed: w.config.Seed + uint64(p.number), LoadFile: w.applet, Delivered: delivered, CA: p}
		if p.wipe, err = pcsc.Put(ctx, p.card, &p.config); err != nil {
			return err
		}
		w.phones = append(w.phones, p)
		copy(p.sim[:], p.config.SIM)
		p.key, err = w.CA.Inventory.Report(p.sim, p.card.AuthorityKey())
		s.note("%s, profile %s, SIM %s, domain %v", p.card.Profile.Carrier, carrier, application.SIMText(p.sim), p.config.Domain)
		return err
	})
	return p, err
}

func (p *phone) origin() jpki.Origin {
	if p.config.Delivered {
		return jpki.OriginDelivered
	}
	return jpki.OriginOnCard
}

// PlaceOrder implements personalise.CA.
func (p *phone) PlaceOrder(ctx context.Context, loadFile perso.Hash) ([]byte, error) {
	answer, err := p.w.tsm.PlaceOrder(ctx, p.w.about(), &tsmp.PlaceOrderRequest{ApplicationID: p.verified.ApplicationID, SIM: p.sim,
		InstanceAID: jpki.AIDInstance.Append(nil), LoadFileHash: loadFile, AttestationKey: p.key})
	if err != nil {
		return nil, err
	}
	p.order = answer.OrderID
	return answer.Order, nil
}

// Issue implements personalise.CA. The code for the PIN is opened by the UI app.
func (p *phone) Issue(ctx context.Context, order []byte, keys [][]byte) (*personalise.Delivery, error) {
	answer, err := p.w.tsm.Issue(ctx, p.w.about(), &tsmp.IssueRequest{OrderID: p.order, OrderStatement: order, KeyStatements: keys})
	if err != nil {
		return nil, err
	}
	_, codes, err := p.application.OpenReply(p.reply, answer.HolderCode)
	if err != nil {
		return nil, err
	}
	d := &personalise.Delivery{Authorities: map[jpki.Role][]byte{}, Envelopes: answer.Envelopes, Codes: map[jpki.Role][]byte{}}
	for _, c := range answer.CACertificates {
		d.Authorities[c.Role] = c.Certificate
	}
	for _, c := range codes {
		d.Codes[c.Role] = c.Code[:]
	}
	return d, nil
}

// Activate implements personalise.CA.
func (p *phone) Activate(ctx context.Context, receipt []byte) error {
	answer, err := p.w.tsm.Activate(ctx, p.w.about(), &tsmp.ActivateRequest{OrderID: p.order, Receipt: receipt})
	if err != nil {
		return err
	}
	if answer.Superseded != (tsmp.PhoneID{}) {
		p.w.report.superseded = answer.Superseded
	}
	return nil
}

// enrol puts key and certificate into the SIM and has the holder set the PIN.
func (p *phone) enrol(ctx context.Context) error {
	what := "puts the application, and a key made there, into the SIM (PlaceOrder, Issue, Activate)"
	if p.config.Delivered {
		what = "puts the application into the SIM, and a key that the authority made (PlaceOrder, Issue, Activate)"
	}
	return p.w.step("service manager", what, func(s *Step) error {
		report, err := personalise.Run(ctx, p.config)
		if report != nil {
			for i := range report.Steps {
				if step := &report.Steps[i]; shown[step.Name] {
					s.note("%-18s %s", step.Name, step.Detail)
				}
			}
		}
		if err != nil {
			return err
		}
		p.config.LoadFile, p.config.LoadHash = nil, sha256.Sum256(p.w.applet) // it is there from now on
		if len(report.Issued) != 1 {
			return errors.New("the SIM has another number of certificates than one")
		}
		p.certificate = report.Issued[0].Certificate
		p.w.enrolled++
		p.turn = p.w.enrolled
		p.w.report.pem(fmt.Sprintf("phones/%d-auth.pem", p.turn), "CERTIFICATE", p.certificate)
		return p.w.showPhone(ctx, s, p)
	})
}

// shown are the steps of the personalisation that the story tells.
var shown = map[string]bool{"LOAD": true, "ORDER": true, "GENERATE auth": true, "CA CERT auth": true, "ENVELOPE": true, "ACTIVATE": true,
	"FIRST PIN auth": true, "SIGN auth": true}

// erase removes what is in the SIM, and the authority is told.
func (p *phone) erase(ctx context.Context) error {
	return p.w.step("service manager", fmt.Sprintf("erases key and certificate in SIM %d, and reports it (ReportErase)", p.number), func(s *Step) error {
		c := p.config
		c.Seed += 1000 // a session of its own
		statement, err := personalise.Erase(ctx, c, p.order)
		if err != nil {
			return err
		}
		if _, err := p.w.tsm.ReportErase(ctx, p.w.about(), &tsmp.ReportEraseRequest{Phone: p.verified.Phone, Statement: statement}); err != nil {
			return err
		}
		s.note("the SIM's statement of %d bytes is attested, and the authority keeps it", len(statement))
		return nil
	})
}

// showPhone notes what a phone's certificate is.
func (w *World) showPhone(ctx context.Context, s *Step, p *phone) error {
	answer, err := w.tsm.GetCertificateStatus(ctx, w.about(), &tsmp.GetCertificateStatusRequest{Phone: p.verified.Phone})
	if err != nil {
		return err
	}
	for _, c := range answer.Certificates {
		s.note("certificate in SIM %d: %s", p.number, stateText(c.State, c.Reason))
	}
	return nil
}
