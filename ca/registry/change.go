package registry

import (
	"errors"
	"time"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// ListedAfterEnd is how long a revoked certificate stays on the revocation list
// after its own last second.
const ListedAfterEnd = 7 * 24 * time.Hour

// change moves a certificate into a state and keeps the indexes in step. What
// was pending loses its envelope, and a cached response is evicted.
// Spec: SPEC-CA-LIFECYCLE-033, SPEC-CA-LIFECYCLE-044, SPEC-CA-LIFECYCLE-046.
func (a *act) change(c *record.Certificate, state certificate.State, reason certificate.Reason) error {
	before := c.State
	c.State, c.Reason, c.Since = state, reason, a.now
	if before != 0 { // what had no state has no response
		if err := a.tx.Delete(record.Responses.Serial(c.Authority, c.Serial)); err != nil {
			return err
		}
	}
	if before == certificate.Pending {
		c.Envelope = record.Hash{}
		if err := errors.Join(a.tx.Delete(record.Envelopes.Serial(c.Authority, c.Serial)), a.tx.Delete(deadlineKey(c))); err != nil {
			return err
		}
	}
	if state == certificate.Pending {
		a.head.NextDue = certificate.Earliest(a.head.NextDue, c.Deadline)
		if err := a.mark(deadlineKey(c)); err != nil {
			return err
		}
	}
	switch {
	case state == certificate.Revoked || state == certificate.Suspended:
		listing := record.Listing{Since: c.Since, Reason: c.Reason, NotAfter: c.NotAfter}
		if err := a.tx.Put(listedKey(c), record.Append(nil, &listing)); err != nil {
			return err
		}
	case before == certificate.Suspended:
		if err := a.tx.Delete(listedKey(c)); err != nil {
			return err
		}
	}
	return errors.Join(a.putCertificate(c), a.notify(c))
}

// putCertificate writes a certificate's record as its next version.
func (a *act) putCertificate(c *record.Certificate) error {
	c.Version++
	return a.put(record.Certificates.Serial(c.Authority, c.Serial), c)
}

func listedKey(c *record.Certificate) []byte {
	return record.AppendSerial(record.OfPartition(c.Authority, c.Partition), c.Authority, c.Serial)
}

func deadlineKey(c *record.Certificate) []byte {
	return record.AppendSerial(record.AppendTime(record.Deadlines.Key(), c.Deadline), c.Authority, c.Serial)
}

// end revokes a certificate that is not revoked yet and has not expired, with
// what depends on it: a phone's application is to be erased, a card's
// authentication certificate takes the phone's with it.
// Spec: SPEC-CA-LIFECYCLE-030, SPEC-CA-LIFECYCLE-041.
func (a *act) end(c *record.Certificate, reason certificate.Reason) error {
	if c.State != certificate.Pending && !c.Live(a.now) {
		return nil
	}
	if err := a.change(c, certificate.Revoked, reason); err != nil {
		return err
	}
	switch c.Kind {
	case certificate.PhoneAuthentication:
		return a.eraseDue(c.Phone)
	case certificate.CardAuthentication:
		return a.endPhones(c.Person, certificate.CessationOfOperation)
	}
	return nil
}

// endPhones ends a person's phone certificates, pending ones too, and the open
// application.
func (a *act) endPhones(id record.PersonID, reason certificate.Reason) error {
	list, err := a.certificatesBy(record.OfPerson, id[:])
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].Kind == certificate.PhoneAuthentication {
			if err := a.end(&list[i], reason); err != nil {
				return err
			}
		}
	}
	return a.endApplication(id)
}

// eraseDue notes that a phone's application has to be erased.
func (a *act) eraseDue(id record.PhoneID) error {
	phone, err := a.phone(id)
	if err != nil || phone.Erasure != record.ErasureNotDue {
		return err
	}
	phone.Erasure = record.ErasureDue
	return errors.Join(a.mark(record.Erasures.Key(id[:])), a.put(record.Phones.Key(id[:]), &phone))
}

// endApplication ends a person's open application for issue and what has come
// of it. A phone that was sent an order is to be erased.
func (a *act) endApplication(id record.PersonID) error {
	person, err := a.person(id)
	if err != nil || person.Application == (record.ApplicationID{}) {
		return err
	}
	app, err := a.application(person.Application)
	if err != nil {
		return err
	}
	app.Progress, person.Application = record.Ended, record.ApplicationID{}
	if err := errors.Join(a.put(record.Applications.Key(app.ID[:]), &app), a.put(record.Persons.Key(id[:]), &person)); err != nil {
		return err
	}
	if app.Order == (record.OrderID{}) {
		return nil
	}
	if err := a.endOrder(app.Order, certificate.CessationOfOperation); err != nil {
		return err
	}
	return a.eraseDue(app.Phone)
}

// endOrder ends an order, and its certificate when that is pending.
func (a *act) endOrder(id record.OrderID, reason certificate.Reason) error {
	order, err := a.order(id)
	if err != nil {
		return err
	}
	if order.Progress == record.Open {
		order.Progress = record.Ended
		if err := a.put(record.Orders.Key(id[:]), &order); err != nil {
			return err
		}
	}
	if order.Serial == 0 {
		return nil
	}
	c, err := a.certificate(certificate.AuthenticationAuthority, order.Serial)
	if err != nil || c.State != certificate.Pending {
		return err
	}
	return a.change(&c, certificate.Revoked, reason)
}
