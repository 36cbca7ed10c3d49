package registry

import (
	"context"
	"crypto/sha256"
	"errors"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// Activate takes the card's receipt for a pending phone certificate: it is
// active, the person's earlier one is revoked, and the envelope is erased, in one
// commit. Of a certificate that was activated before nothing changes.
// Spec: SPEC-CA-LIFECYCLE-033, SPEC-CA-LIFECYCLE-034, SPEC-CA-LIFECYCLE-036.
func (r *Registry) Activate(ctx context.Context, serial uint64, receipt []byte, cause Cause) (c record.Certificate, err error) {
	cause.Evidence = append([]Evidence{{"receipt", receipt}}, cause.Evidence...)
	err = r.do(ctx, "activate", &cause, func(a *act) error {
		a.entry.Subject.Authority, a.entry.Subject.Serial = certificate.AuthenticationAuthority, serial
		if c, err = a.certificate(certificate.AuthenticationAuthority, serial); err != nil {
			return err
		}
		a.entry.Subject.Person, a.entry.Subject.Phone, a.entry.Subject.Order = c.Person, c.Phone, c.Order
		if c.Kind != certificate.PhoneAuthentication || c.Stage != record.Issued {
			return refuse(NotPending)
		}
		if a.unchanged = inUse(c.State); a.unchanged {
			return nil
		}
		if err := a.mayActivate(&c); err != nil {
			return err
		}
		return a.activate(&c, receipt)
	})
	return c, err
}

// mayActivate checks what a pending certificate rests on: a hold of the card
// stops it until the hold is lifted. Spec: SPEC-CA-LIFECYCLE-036.
func (a *act) mayActivate(c *record.Certificate) error {
	if c.State != certificate.Pending || a.now.After(c.NotAfter) {
		return refuse(NotPending)
	}
	person, err := a.resident(c.Person)
	if err != nil {
		return err
	}
	if _, err := a.inForce(person.Card); err != nil {
		return err
	}
	parent, err := a.certificate(certificate.AuthenticationAuthority, c.Parent)
	if err != nil {
		return err
	}
	signature, err := a.certificate(certificate.SignatureAuthority, c.Signature)
	if err != nil {
		return err
	}
	if parent.State != certificate.Active || signature.State == certificate.Suspended {
		return refuse(CardOnHold)
	}
	return nil
}

func (a *act) activate(c *record.Certificate, receipt []byte) error {
	list, err := a.certificatesBy(record.OfPerson, c.Person[:])
	if err != nil {
		return err
	}
	for i := range list {
		if old := &list[i]; old.Kind == c.Kind && old.Serial != c.Serial {
			if err := a.end(old, certificate.Superseded); err != nil {
				return err
			}
		}
	}
	order, err := a.order(c.Order)
	if err != nil {
		return err
	}
	app, err := a.application(order.Application)
	if err != nil {
		return err
	}
	a.entry.Subject.Application = app.ID
	person, err := a.person(c.Person)
	if err != nil {
		return err
	}
	app.Progress, person.Application = record.Done, record.ApplicationID{}
	c.Receipt, c.Activated = sha256.Sum256(receipt), a.now
	return errors.Join(a.put(record.Applications.Key(app.ID[:]), &app), a.put(record.Persons.Key(person.ID[:]), &person),
		a.change(c, certificate.Active, certificate.Unspecified))
}
