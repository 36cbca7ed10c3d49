package registry

import (
	"context"
	"errors"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// Revoke revokes a certificate for good, with what depends on it. Of a revoked
// one nothing changes: the first time and reason stay.
// Spec: SPEC-CA-LIFECYCLE-030, SPEC-CA-LIFECYCLE-041, SPEC-CA-LIFECYCLE-047, SPEC-CA-LIFECYCLE-048.
func (r *Registry) Revoke(ctx context.Context, au certificate.Authority, serial uint64, reason certificate.Reason, cause Cause) (c record.Certificate, err error) {
	err = r.do(ctx, "revoke", &cause, func(a *act) error {
		if c, err = a.issued(au, serial); err != nil {
			return err
		}
		if a.unchanged = c.State == certificate.Revoked; a.unchanged {
			return nil
		}
		if !revocable(reason, c.Kind) {
			return refuse(ReasonNotAdmitted)
		}
		if a.now.After(c.NotAfter) {
			return refuse(CertificateExpired)
		}
		if err := a.end(&c, reason); err != nil {
			return err
		}
		return a.afterRevocation(&c, reason)
	})
	return c, err
}

// afterRevocation ends the open application that rests on a signature
// certificate which nobody may rely on any more, and the one that a revoked
// pending certificate came of. Spec: SPEC-CA-LIFECYCLE-049.
func (a *act) afterRevocation(c *record.Certificate, reason certificate.Reason) error {
	if !c.Kind.Holder() {
		return nil
	}
	person, err := a.person(c.Person)
	if err != nil || person.Application == (record.ApplicationID{}) {
		return err
	}
	app, err := a.application(person.Application)
	if err != nil {
		return err
	}
	switch {
	case c.Kind == certificate.CardSignature && app.Signature == c.Serial && reason != certificate.AffiliationChanged && reason != certificate.Superseded,
		app.Order == c.Order && c.Order != record.OrderID{}:
		return a.endApplication(c.Person)
	}
	return nil
}

// revocable are the reasons to revoke for: no hold, no removal, none that is an
// attribute authority's, and an authority's own only for its own.
func revocable(reason certificate.Reason, kind certificate.Kind) bool {
	switch reason {
	case certificate.CACompromise:
		return kind.CA()
	case certificate.CertificateHold, certificate.RemoveFromCRL, certificate.AACompromise:
		return false
	}
	return reason.Valid()
}

// issued reads a certificate that is more than reserved.
func (a *act) issued(au certificate.Authority, serial uint64) (record.Certificate, error) {
	a.entry.Subject.Authority, a.entry.Subject.Serial = au, serial
	c, err := a.certificate(au, serial)
	if err == nil && c.Stage != record.Issued {
		err = refuse(UnknownCertificate)
	}
	a.entry.Subject.Person, a.entry.Subject.Card, a.entry.Subject.Phone = c.Person, c.Card, c.Phone
	return c, err
}

// Suspend puts an active certificate of a holder on hold. Of a suspended one
// nothing changes. Spec: SPEC-CA-LIFECYCLE-044.
func (r *Registry) Suspend(ctx context.Context, au certificate.Authority, serial uint64, cause Cause) (record.Certificate, error) {
	return r.turn(ctx, "suspend", au, serial, certificate.Suspended, cause)
}

// Resume lifts a certificate's hold. Of an active one nothing changes.
// Spec: SPEC-CA-LIFECYCLE-044.
func (r *Registry) Resume(ctx context.Context, au certificate.Authority, serial uint64, cause Cause) (record.Certificate, error) {
	return r.turn(ctx, "resume", au, serial, certificate.Active, cause)
}

func (r *Registry) turn(ctx context.Context, name string, au certificate.Authority, serial uint64, to certificate.State, cause Cause) (c record.Certificate, err error) {
	from, reason, otherwise := certificate.Active, certificate.CertificateHold, NotActive
	if to == certificate.Active {
		from, reason, otherwise = certificate.Suspended, certificate.Unspecified, NotSuspended
	}
	err = r.do(ctx, name, &cause, func(a *act) error {
		if c, err = a.issued(au, serial); err != nil {
			return err
		}
		switch {
		case c.State == to:
			a.unchanged = true
			return nil
		case c.State != from || !c.Kind.Holder():
			return refuse(otherwise)
		case a.now.After(c.NotAfter):
			return refuse(CertificateExpired)
		}
		if c.Card != (record.CardID{}) {
			if _, err := a.inForce(c.Card); err != nil {
				return err
			}
		}
		return a.change(&c, to, reason)
	})
	return c, err
}

// ReportErase takes the card's receipt that a phone's application has been
// erased: where that is due, or the phone's certificate has expired. The second
// receipt changes nothing.
// Spec: SPEC-CA-LIFECYCLE-037, SPEC-CA-LIFECYCLE-098, SPEC-CA-LIFECYCLE-099.
func (r *Registry) ReportErase(ctx context.Context, id record.PhoneID, receipt []byte, cause Cause) error {
	cause.Evidence = append([]Evidence{{"receipt", receipt}}, cause.Evidence...)
	return r.do(ctx, "report erase", &cause, func(a *act) error {
		a.entry.Subject.Phone = id
		phone, err := a.phone(id)
		if err != nil {
			return err
		}
		a.entry.Subject.Person = phone.Person
		switch phone.Erasure {
		case record.ErasureDone:
			a.unchanged = true
			return nil
		case record.ErasureNotDue:
			if err := a.expired(id); err != nil {
				return err
			}
		}
		phone.Erasure, phone.Erased = record.ErasureDone, a.now
		return errors.Join(a.tx.Delete(record.Erasures.Key(id[:])), a.put(record.Phones.Key(id[:]), &phone))
	})
}

// expired refuses unless the last certificate of a phone has come to its end in use.
func (a *act) expired(id record.PhoneID) error {
	list, err := a.certificatesBy(record.OfPhone, id[:])
	if err != nil {
		return err
	}
	if len(list) > 0 {
		last := &list[len(list)-1]
		if inUse(last.State) && a.now.After(last.NotAfter) {
			return nil
		}
	}
	return refuse(ErasureNotRequested)
}
