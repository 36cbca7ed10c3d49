package enrolment

import (
	"context"
	"fmt"
	"time"

	"inkan/core/jpki/application"
	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/scenarios/relyingparty"
)

// Play plays the whole story. It ends with the first thing that is not as it has to
// be.
func (w *World) Play(ctx context.Context) error {
	for _, part := range []func(context.Context) error{w.Enrol, w.ForgottenPIN, w.SecondPhone, w.Suspension, w.NewCard, w.Loss, w.End} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Enrol goes from the register to the first login.
func (w *World) Enrol(ctx context.Context) error {
	if err := w.opening(); err != nil {
		return err
	}
	if err := w.register(ctx); err != nil {
		return err
	}
	if err := w.giveCard(ctx); err != nil {
		return err
	}
	p, err := w.buy(ctx, w.config.Profiles[0], false)
	if err != nil {
		return err
	}
	if err := w.applyFor(ctx, p); err != nil {
		return err
	}
	if err := p.enrol(ctx); err != nil {
		return err
	}
	if err := w.publish(ctx, "first"); err != nil {
		return err
	}
	return w.logIn(ctx, p, "")
}

// opening tells who the authority is.
func (w *World) opening() error {
	return w.step("authority", "opens, with published test keys", func(s *Step) error {
		for _, i := range w.CA.Issuers() {
			name := fmt.Sprintf("ca/%s-%02d", i.Authority, i.Generation)
			w.report.pem(name+".pem", "CERTIFICATE", i.Certificate.Raw)
			s.note("%v: %s, to %s", i, i.Certificate.Subject, i.Certificate.NotAfter.Format(time.DateOnly))
			w.report.pem(name+"-ocsp.pem", "CERTIFICATE", i.Responder.Certificate.Raw)
		}
		return nil
	})
}

// SecondPhone enrols another phone, with a key that the authority makes; the first
// one's certificate ends.
func (w *World) SecondPhone(ctx context.Context) error {
	first := w.last()
	p, err := w.buy(ctx, w.config.Profiles[1], true)
	if err != nil {
		return err
	}
	if err := w.applyFor(ctx, p); err != nil {
		return err
	}
	if err := p.enrol(ctx); err != nil {
		return err
	}
	if w.report.superseded != first.verified.Phone {
		return fmt.Errorf("activation superseded %s, want %s", w.report.superseded, first.verified.Phone)
	}
	if err := w.publish(ctx, ""); err != nil {
		return err
	}
	if err := w.judge(ctx, first, relyingparty.CertificateRevoked); err != nil {
		return err
	}
	if err := first.erase(ctx); err != nil {
		return err
	}
	return w.logIn(ctx, p, "")
}

// Suspension holds a certificate by telephone, and lifts it by an application.
func (w *World) Suspension(ctx context.Context) error {
	p := w.last()
	err := w.step("help desk", "is called: the phone is not found. It suspends the certificate (FindServiceInstances, Suspend)", func(s *Step) error {
		found, err := tsmp.RemoteMunicipal{Caller: w.desk}.FindServiceInstances(ctx, w.about(), &tsmp.FindServiceInstancesRequest{Card: w.cardID, Case: "call 17"})
		if err != nil {
			return err
		}
		s.note("the card's holder has %d service instances", len(found.Phones))
		answer, err := tsmp.RemoteCA{Caller: w.desk}.Suspend(ctx, w.about(), &tsmp.SuspendRequest{Phone: found.Phones[0].Phone,
			Cause: tsmp.Cause{Ground: tsmp.GroundHotline, Case: "call 17"}})
		if err != nil {
			return err
		}
		s.note("%s: %s", short(found.Phones[0].Phone), stateText(answer.Certificates[0].State, answer.Certificates[0].Reason))
		return nil
	})
	if err != nil {
		return err
	}
	if err := w.publish(ctx, ""); err != nil {
		return err
	}
	if err := w.logIn(ctx, p, relyingparty.CertificateSuspended); err != nil {
		return err
	}
	if err := w.lift(ctx, p); err != nil {
		return err
	}
	if err := w.publish(ctx, ""); err != nil {
		return err
	}
	return w.logIn(ctx, p, "")
}

// lift ends a suspension.
func (w *World) lift(ctx context.Context, p *phone) error {
	verified, err := w.apply(ctx, &application.Application{Purpose: application.SuspensionLift, Instance: p.verified.Phone})
	if err != nil {
		return err
	}
	return w.step("service manager", "has the suspension lifted (VerifyApplication, Resume)", func(s *Step) error {
		answer, err := w.tsm.Resume(ctx, w.about(), &tsmp.ResumeRequest{Phone: p.verified.Phone,
			Cause: tsmp.Cause{Ground: tsmp.GroundApplication, ApplicationID: verified.ApplicationID}})
		if err != nil {
			return err
		}
		s.note("%s: %s", short(p.verified.Phone), stateText(answer.Certificates[0].State, answer.Certificates[0].Reason))
		return nil
	})
}

// NewCard has the holder move, and get another card, which ends the phone's
// certificate; the same SIM gets the next one.
func (w *World) NewCard(ctx context.Context) error {
	p := w.last()
	if err := w.move(ctx); err != nil {
		return err
	}
	if err := w.refusedApplication(ctx, w.phones[0]); err != nil {
		return err
	}
	if err := w.giveCard(ctx); err != nil {
		return err
	}
	if err := w.notify(ctx); err != nil {
		return err
	}
	if err := p.erase(ctx); err != nil {
		return err
	}
	if err := w.applyFor(ctx, p); err != nil {
		return err
	}
	if err := p.enrol(ctx); err != nil {
		return err
	}
	if err := w.publish(ctx, "renewed"); err != nil {
		return err
	}
	return w.logIn(ctx, p, "")
}

// Loss ends everything that hangs on the card.
func (w *World) Loss(ctx context.Context) error {
	if err := w.loseCard(ctx); err != nil {
		return err
	}
	if err := w.notify(ctx); err != nil {
		return err
	}
	if err := w.publish(ctx, "last"); err != nil {
		return err
	}
	return w.logIn(ctx, w.last(), relyingparty.CertificateRevoked)
}

// End has the registry check itself, and lists all certificates.
func (w *World) End(ctx context.Context) error {
	return w.step("authority", "checks its registry: every record, every entry of the journal", func(s *Step) error {
		view, err := w.CA.Registry().Snapshot(ctx)
		if err != nil {
			return err
		}
		defer view.Close()
		checked, err := view.Check(ctx)
		if err != nil {
			return err
		}
		s.note("%d entries of the journal, %d records, %d certificates", checked.Entries, checked.Records, checked.Certificates)
		for _, of := range certificate.Authorities() {
			err := view.Certificates(of, 0, func(c certificate.CertificateStatus) error {
				s.note("%s %#x  %s", of, c.Serial, stateText(c.State, c.Reason))
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}
