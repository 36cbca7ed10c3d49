package registry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// PhoneRequest asks for a serial number for a phone's certificate.
type PhoneRequest struct {
	Order      record.OrderID
	Generation uint32
	Key        record.Hash
	// Attested says that the card's authority has attested the key.
	Attested bool
}

// ServiceRequest asks for a serial number for a certificate of the service's own.
type ServiceRequest struct {
	Authority           certificate.Authority
	Kind                certificate.Kind // the authority's own kind, or OCSPResponder
	Generation          uint32           // its own for an authority's, the signer's for a responder's
	Key                 record.Hash
	NotBefore, NotAfter time.Time
}

// Reservation is a serial number with its limits, and what the registry said in the
// same operation of what they follow from.
type Reservation struct {
	record.Certificate
	Holder record.Person
	// Within is the first end of the card and, for a phone, of the card's
	// certificates that the certificate rests on, as their records are now.
	Within time.Time
}

// ReservePhone gives a serial number and the limits of a phone's certificate: it
// ends with the first of the holder's fifth birthday, the card, both of the
// card's certificates and the authority's. The same request again gives the same
// reservation; another key under the same order takes its place.
// Spec: SPEC-CA-LIFECYCLE-010, SPEC-CA-LIFECYCLE-011, SPEC-CA-LIFECYCLE-014, SPEC-CA-LIFECYCLE-020, SPEC-CA-LIFECYCLE-022.
func (r *Registry) ReservePhone(ctx context.Context, q PhoneRequest, cause Cause) (c Reservation, err error) {
	err = r.do(ctx, "reserve phone certificate", &cause, func(a *act) error {
		a.entry.Subject.Order = q.Order
		order, app, err := a.openOrder(q.Order)
		if err != nil {
			return err
		}
		p, err := a.eligible(app.Signature)
		if err != nil {
			return err
		}
		c = Reservation{Holder: p.person, Within: certificate.Earliest(p.card.NotAfter, p.signature.NotAfter, p.authentication.NotAfter),
			Certificate: record.Certificate{Authority: certificate.AuthenticationAuthority, Generation: q.Generation, Kind: certificate.PhoneAuthentication,
				Person: p.person.ID, Phone: order.Phone, Order: order.ID, Key: q.Key, Partition: p.person.Municipality.Partition(),
				AttributesVersion: p.person.AttributesVersion, Origin: app.Origin, NotBefore: a.now,
				Signature: p.signature.Serial, Parent: p.authentication.Serial}}
		err = a.reserve(&c.Certificate, q.Attested, certificate.ValidUntil(a.now, p.person.Birth), p.card.NotAfter, p.signature.NotAfter, p.authentication.NotAfter)
		if err != nil || order.Serial == c.Serial {
			return err
		}
		a.unchanged = false
		order.Serial = c.Serial
		return a.put(record.Orders.Key(order.ID[:]), &order)
	})
	return c, err
}

// openOrder reads an order for issue that a key may be certified for.
func (a *act) openOrder(id record.OrderID) (order record.Order, app record.Application, err error) {
	if order, err = a.order(id); err != nil {
		return order, app, err
	}
	if !order.Purpose.Issues() {
		return order, app, refuse(WrongPurpose)
	}
	if order.Progress != record.Open {
		return order, app, refuse(OrderClosed)
	}
	app, err = a.openApplication(order.Application, "")
	a.entry.Subject.Application = app.ID
	return order, app, err
}

// ReserveService gives a serial number for an authority's own certificate or a
// responder's. A responder's ends with the authority's at the latest.
// Spec: SPEC-CA-LIFECYCLE-010, SPEC-CA-LIFECYCLE-016.
func (r *Registry) ReserveService(ctx context.Context, q ServiceRequest, cause Cause) (c record.Certificate, err error) {
	if q.Authority.Kind() == 0 || q.Kind != q.Authority.Kind() && q.Kind != certificate.OCSPResponder {
		return c, fmt.Errorf("registry: %s certificate of %s is not the service's own", q.Kind, q.Authority)
	}
	if !q.NotBefore.Before(q.NotAfter) || q.Generation == 0 {
		return c, errors.New("registry: service certificate: want a generation from 1 on, and an end after the beginning")
	}
	err = r.do(ctx, "reserve service certificate", &cause, func(a *act) error {
		c = record.Certificate{Authority: q.Authority, Generation: q.Generation, Kind: q.Kind, Key: q.Key, Partition: certificate.CAList,
			NotBefore: q.NotBefore.UTC().Truncate(time.Second)}
		return a.reserve(&c, false, q.NotAfter.UTC().Truncate(time.Second))
	})
	return c, err
}

// reserve completes a reservation with serial number, end and deadline, and
// writes it, unless the very same one is there already.
func (a *act) reserve(c *record.Certificate, attested bool, ends ...time.Time) error {
	if c.Kind.CA() {
		if err := a.newGeneration(c); err != nil {
			return err
		}
	} else {
		signer, err := a.generation(c.Authority, c.Generation)
		if err != nil {
			return err
		}
		ends = append(ends, signer.NotAfter)
	}
	if again, err := a.keyUse(c, attested); err != nil || again {
		a.unchanged = again
		return err
	}
	c.NotAfter = certificate.Earliest(ends...)
	if !c.NotAfter.After(a.now) || !c.NotAfter.After(c.NotBefore) {
		return refuse(NothingLeftOfTerm)
	}
	c.Serial = a.head.Next[c.Authority]
	if c.Serial > certificate.MaxSerial {
		return refuse(SerialsExhausted)
	}
	a.head.Next[c.Authority]++
	c.Stage, c.Deadline = record.Reserved, a.now.Add(PendingTerm)
	a.entry.Subject.Authority, a.entry.Subject.Serial = c.Authority, c.Serial
	return errors.Join(a.putCertificate(c), a.put(record.Keys.Key(c.Key[:]), &record.KeyUse{Authority: c.Authority, Serial: c.Serial}))
}

func refuseIf(condition bool, c Code) error {
	if condition {
		return refuse(c)
	}
	return nil
}

// keyUse looks for earlier use of a key. The same reservation, still open, is
// read into c: again is true. Spec: SPEC-CA-LIFECYCLE-014.
func (a *act) keyUse(c *record.Certificate, attested bool) (again bool, err error) {
	var use record.KeyUse
	found, err := a.load(record.Keys.Key(c.Key[:]), &use)
	if err != nil || !found {
		return false, err
	}
	earlier, err := a.certificate(use.Authority, use.Serial)
	if err != nil {
		return false, err
	}
	if earlier.Stage == record.Reserved && !a.now.After(earlier.Deadline) && sameReservation(&earlier, c) {
		*c = earlier
		a.entry.Subject.Authority, a.entry.Subject.Serial = c.Authority, c.Serial
		return true, nil
	}
	if attested && earlier.Person == c.Person && earlier.Kind == c.Kind && !a.occupied(&earlier) {
		return false, nil
	}
	return false, refuse(KeyKnown)
}

// occupied reports whether a certificate is pending or live.
func (a *act) occupied(c *record.Certificate) bool {
	return c.State == certificate.Pending || c.Live(a.now)
}

// sameReservation compares what is reserved for: person and kind follow from it.
func sameReservation(a, b *record.Certificate) bool {
	return a.Authority == b.Authority && a.Generation == b.Generation && a.Card == b.Card && a.Order == b.Order &&
		a.AttributesVersion == b.AttributesVersion && a.Signature == b.Signature && a.Parent == b.Parent
}

func generationKey(c *record.Certificate) []byte {
	return record.AppendSerial(record.Generations.Key(), c.Authority, uint64(c.Generation))
}

// generation is the active certificate of a generation of an authority.
func (r reader) generation(au certificate.Authority, generation uint32) (c record.Certificate, err error) {
	value, _, err := r.Get(record.AppendSerial(record.Generations.Key(), au, uint64(generation)), nil)
	if err != nil {
		return c, err
	}
	if len(value) != record.SerialLen {
		return c, refuse(UnknownGeneration)
	}
	_, serial := record.CutSerial(value)
	c, err = r.certificate(au, serial)
	if err == nil && c.State != certificate.Active {
		err = refuse(UnknownGeneration)
	}
	return c, err
}
