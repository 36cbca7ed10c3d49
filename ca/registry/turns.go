package registry

import (
	"bytes"
	"context"
	"errors"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// Turn is a change of a service instance's certificate.
type Turn struct {
	Phone       record.PhoneID
	Application record.ApplicationID // the holder's, used up by it; zero: on another ground
	Sender      string               // the service manager that asks; empty: who may name every instance
}

// RevokePhone ends a service instance: its certificate, pending or live, and the
// open application that it belongs to. Spec: SPEC-CA-LIFECYCLE-084.
func (r *Registry) RevokePhone(ctx context.Context, t Turn, reason certificate.Reason, cause Cause) error {
	return r.turnPhone(ctx, "revoke phone", t, record.PurposeRevocation, &cause, func(a *act, phone *record.Phone, c *record.Certificate) error {
		if !revocable(reason, certificate.PhoneAuthentication) {
			return refuse(ReasonNotAdmitted)
		}
		if c != nil {
			if err := a.end(c, reason); err != nil {
				return err
			}
		}
		person, err := a.person(phone.Person)
		if err != nil || person.Application == (record.ApplicationID{}) {
			return err
		}
		app, err := a.application(person.Application)
		if err == nil && app.Phone == phone.ID {
			err = a.endApplication(person.ID)
		}
		return err
	})
}

// SuspendPhone puts a service instance's active certificate on hold.
// Spec: SPEC-CA-LIFECYCLE-044.
func (r *Registry) SuspendPhone(ctx context.Context, t Turn, cause Cause) error {
	return r.turnPhone(ctx, "suspend phone", t, 0, &cause, func(a *act, _ *record.Phone, c *record.Certificate) error {
		return a.holdOrFree(c, certificate.Active, certificate.Suspended, certificate.CertificateHold, NotActive)
	})
}

// ResumePhone lifts the hold of a service instance's certificate, by an application
// only when that was signed after the hold began.
// Spec: SPEC-CA-LIFECYCLE-044, SPEC-CA-LIFECYCLE-091.
func (r *Registry) ResumePhone(ctx context.Context, t Turn, cause Cause) error {
	return r.turnPhone(ctx, "resume phone", t, record.PurposeSuspensionLift, &cause, func(a *act, _ *record.Phone, c *record.Certificate) error {
		if t.Application != (record.ApplicationID{}) && c != nil && c.State == certificate.Suspended {
			app, err := a.application(t.Application)
			if err != nil {
				return err
			}
			if app.SignedAt.Before(c.Since) {
				return refuse(ApplicationClosed)
			}
		}
		return a.holdOrFree(c, certificate.Suspended, certificate.Active, certificate.Unspecified, NotSuspended)
	})
}

func (a *act) holdOrFree(c *record.Certificate, from, to certificate.State, reason certificate.Reason, otherwise Code) error {
	switch {
	case c == nil:
		return refuse(otherwise)
	case c.State == to: // what was asked for is so
		return nil
	case c.State != from:
		return refuse(otherwise)
	case a.now.After(c.NotAfter):
		return refuse(CertificateExpired)
	}
	return a.change(c, to, reason)
}

// turnPhone changes what a phone's last certificate is; nil when it has none. The
// same call again, and an application that was used up by the same change before,
// change nothing. Spec: SPEC-CA-LIFECYCLE-092.
func (r *Registry) turnPhone(ctx context.Context, name string, t Turn, purpose record.Purpose, cause *Cause, change func(*act, *record.Phone, *record.Certificate) error) error {
	return r.do(ctx, name, cause, func(a *act) error {
		a.entry.Subject.Phone = t.Phone
		phone, err := a.phoneOf(t.Phone, t.Sender)
		if err != nil {
			return err
		}
		a.entry.Subject.Person = phone.Person
		if again, err := a.turnedBy(cause, t.Phone[:]); err != nil || again {
			return err
		}
		if err := a.ownOf(phone.Person, UnknownPhone); err != nil {
			return err
		}
		if t.Application != (record.ApplicationID{}) {
			app, err := a.useApplication(t.Application, t.Sender, purpose, t.Phone)
			if errors.Is(err, &Refusal{Code: ApplicationClosed}) && app.Progress == record.Done {
				a.unchanged = true
				return nil
			}
			if err != nil {
				return err
			}
			if _, err := a.signer(app.Signature); err != nil {
				return err
			}
		}
		list, err := a.certificatesBy(record.OfPhone, t.Phone[:])
		if err != nil {
			return err
		}
		var last *record.Certificate
		if len(list) > 0 {
			last = &list[len(list)-1]
		}
		err = change(a, &phone, last)
		a.unchanged = len(a.entry.Changes) == 0
		return err
	})
}

// turnedBy notes that a call changes the state of a phone or card. The same call
// again changes nothing, even if something else has changed since; again is true
// then. Spec: SPEC-CA-LIFECYCLE-092.
func (a *act) turnedBy(cause *Cause, id []byte) (again bool, err error) {
	before := make([]byte, record.IDLen)
	if again, err = a.madeBy(cause, before); err != nil || !again {
		return false, errors.Join(err, a.made(cause, id))
	}
	return true, refuseIf(!bytes.Equal(before, id), DifferentRequest)
}

// useApplication uses up an open application about a phone. Spec: SPEC-CA-LIFECYCLE-085.
func (a *act) useApplication(id record.ApplicationID, sender string, purpose record.Purpose, phone record.PhoneID) (record.Application, error) {
	a.entry.Subject.Application = id
	app, err := a.application(id)
	if err == nil && sender != "" && app.Sender != sender {
		err = refuse(UnknownApplication)
	}
	switch {
	case err != nil:
		return app, err
	case app.Purpose != purpose || app.Phone != phone:
		return app, refuse(WrongPurpose)
	case app.Progress != record.Open || a.now.After(app.Deadline):
		return app, refuse(ApplicationClosed)
	}
	a.entry.Subject.Person = app.Person
	app.Progress = record.Done
	return app, a.put(record.Applications.Key(app.ID[:]), &app)
}
