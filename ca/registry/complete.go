package registry

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// Completion is what was made of a reservation.
type Completion struct {
	Authority certificate.Authority
	Serial    uint64
	DER       []byte // the signed certificate
	// Envelope is the sealed envelope for a phone, opaque; it is kept for
	// identical resending until the receipt. It is no evidence: the journal has
	// its hash within a digest only.
	Envelope []byte
	Evidence []Evidence // for this certificate, besides the cause's
}

// MaxCertificate and MaxEnvelope bound a Completion, in bytes.
const (
	MaxCertificate = 8 << 10
	MaxEnvelope    = 16 << 10
)

// Complete takes the signed certificate of a reservation. A phone's is pending
// then, a card's or the service's active; a card's takes the place of its
// predecessor on the same card. The same completion again changes nothing.
// Spec: SPEC-CA-LIFECYCLE-017, SPEC-CA-LIFECYCLE-018, SPEC-CA-LIFECYCLE-031.
func (r *Registry) Complete(ctx context.Context, q Completion, cause Cause) (c record.Certificate, err error) {
	list, err := r.CompleteAll(ctx, cause, q)
	if err == nil {
		c = list[0]
	}
	return c, err
}

// CompleteAll is Complete of several certificates in one operation, in their order:
// all of them or none. Spec: SPEC-CA-LIFECYCLE-097.
func (r *Registry) CompleteAll(ctx context.Context, cause Cause, completions ...Completion) ([]record.Certificate, error) {
	causes, parsed := make([]Cause, len(completions)), make([]signed, len(completions))
	for i := range completions {
		var err error
		if parsed[i], err = completions[i].parse(); err != nil {
			return nil, err
		}
		causes[i] = cause.with(completions[i].Evidence)
	}
	list := make([]record.Certificate, len(completions))
	err := r.doAll(ctx, "complete certificate", causes, func(a *act, i int) (err error) {
		list[i], err = a.complete(&completions[i], &parsed[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

func (q *Completion) parse() (s signed, err error) {
	if len(q.DER) > MaxCertificate || len(q.Envelope) > MaxEnvelope {
		return s, fmt.Errorf("registry: certificate of %d bytes and envelope of %d, want at most %d and %d", len(q.DER), len(q.Envelope), MaxCertificate, MaxEnvelope)
	}
	if !s.read(q.DER) {
		return s, fmt.Errorf("registry: certificate %s: %d bytes that are no certificate in DER", serialText(q.Authority, q.Serial), len(q.DER))
	}
	return s, nil
}

func (a *act) complete(q *Completion, s *signed) (c record.Certificate, err error) {
	a.entry.Subject.Authority, a.entry.Subject.Serial = q.Authority, q.Serial
	if c, err = a.certificate(q.Authority, q.Serial); err != nil {
		return c, err
	}
	a.entry.Subject.Person, a.entry.Subject.Card, a.entry.Subject.Phone, a.entry.Subject.Order = c.Person, c.Card, c.Phone, c.Order
	der := record.Hash(sha256.Sum256(q.DER))
	if c.Stage == record.Issued {
		a.unchanged = true
		return c, refuseIf(c.DER != der, DifferentRequest)
	}
	if err := matches(&c, s, q.Envelope); err != nil {
		return c, err
	}
	if a.now.After(c.Deadline) {
		return c, refuse(ReservationEnded)
	}
	if c.Kind.CA() {
		if err := a.mayFollow(&c); err != nil {
			return c, err
		}
	}
	c.Stage, c.DER = record.Issued, der
	if err := errors.Join(a.tx.Put(record.DERs.Serial(c.Authority, c.Serial), q.DER), a.index(&c)); err != nil {
		return c, err
	}
	err = a.issue(&c, q.Envelope)
	return c, err
}

// matches compares what was signed with what was reserved. Spec: SPEC-CA-LIFECYCLE-017.
func matches(c *record.Certificate, s *signed, envelope []byte) error {
	var fault string
	switch {
	case s.serial != c.Serial:
		fault = fmt.Sprintf("has serial number %d", s.serial)
	case !s.notBefore.Equal(c.NotBefore) || !s.notAfter.Equal(c.NotAfter):
		fault = fmt.Sprintf("valid %s to %s, reserved %s to %s", s.notBefore, s.notAfter, c.NotBefore, c.NotAfter)
	case s.key != c.Key:
		fault = "has another key than reserved"
	case (c.Kind == certificate.PhoneAuthentication) != (len(envelope) > 0):
		fault = fmt.Sprintf("envelope of %d bytes for a %s certificate", len(envelope), c.Kind)
	default:
		return nil
	}
	return fmt.Errorf("registry: certificate %s: %s", serialText(c.Authority, c.Serial), fault)
}

// index enters a new certificate where it will be looked for.
func (a *act) index(c *record.Certificate) error {
	name := record.AppendSerial(nil, c.Authority, c.Serial)
	errs := []error{a.mark(partitionKey(c))}
	if c.Kind.Holder() {
		errs = append(errs, a.mark(record.OfPerson.Key(c.Person[:], name)))
	}
	if c.Card != (record.CardID{}) {
		errs = append(errs, a.mark(record.OfCard.Key(c.Card[:], name)))
	}
	if c.Phone != (record.PhoneID{}) {
		errs = append(errs, a.mark(record.OfPhone.Key(c.Phone[:], name)))
	}
	if c.Kind.CA() {
		errs = append(errs, a.tx.Put(generationKey(c), name))
	}
	return errors.Join(errs...)
}

func partitionKey(c *record.Certificate) []byte {
	return record.Partitions.Key([]byte{byte(c.Authority)}, []byte(c.Partition))
}

// issue brings a completed certificate into its first state.
func (a *act) issue(c *record.Certificate, envelope []byte) error {
	switch {
	case c.Kind == certificate.PhoneAuthentication:
		return a.issuePhone(c, envelope)
	case c.Kind.Holder():
		return a.issueCard(c)
	}
	return a.change(c, certificate.Active, certificate.Unspecified)
}

// mayFollow checks that a generation of an authority is new, and that the one before
// it, if any, is active. Spec: SPEC-CA-LIFECYCLE-101, SPEC-CA-LIFECYCLE-102.
func (a *act) mayFollow(c *record.Certificate) error {
	if err := a.newGeneration(c); err != nil || c.Generation == 1 {
		return err
	}
	_, err := a.generation(c.Authority, c.Generation-1)
	return err
}

// newGeneration refuses a certificate of an authority's generation that has one.
// Spec: SPEC-CA-LIFECYCLE-101.
func (a *act) newGeneration(c *record.Certificate) error {
	known, err := a.Has(generationKey(c))
	return errors.Join(err, refuseIf(known, DifferentRequest))
}

// issueCard makes a card's certificate active in place of its predecessor.
// Spec: SPEC-CA-LIFECYCLE-018.
func (a *act) issueCard(c *record.Certificate) error {
	card, err := a.inForce(c.Card)
	if err != nil {
		return err
	}
	person, err := a.resident(c.Person)
	if err != nil {
		return err
	}
	if c.AttributesVersion != person.AttributesVersion {
		return refuse(HolderChanged)
	}
	last := &card.Signature
	if c.Kind == certificate.CardAuthentication {
		last = &card.Authentication
	}
	if *last != 0 {
		earlier, err := a.certificate(c.Authority, *last)
		if err == nil {
			err = a.end(&earlier, certificate.Superseded)
		}
		if err != nil {
			return err
		}
	}
	*last = c.Serial
	return errors.Join(a.put(record.Cards.Key(card.ID[:]), &card), a.change(c, certificate.Active, certificate.Unspecified))
}

// issuePhone makes a phone's certificate pending, with its envelope.
// Spec: SPEC-CA-LIFECYCLE-020, SPEC-CA-LIFECYCLE-031, SPEC-CA-LIFECYCLE-032.
func (a *act) issuePhone(c *record.Certificate, envelope []byte) error {
	order, app, err := a.openOrder(c.Order)
	if err != nil {
		return err
	}
	if order.Serial != c.Serial {
		return refuse(ReservationEnded)
	}
	p, err := a.eligible(app.Signature)
	if err != nil {
		return err
	}
	if p.authentication.Serial != c.Parent {
		return refuse(ReservationEnded)
	}
	order.Progress = record.Done
	c.Envelope = sha256.Sum256(envelope)
	c.Deadline = a.now.Add(PendingTerm)
	return errors.Join(a.put(record.Orders.Key(order.ID[:]), &order),
		a.tx.Put(record.Envelopes.Serial(c.Authority, c.Serial), bytes.Clone(envelope)),
		a.change(c, certificate.Pending, certificate.Unspecified))
}
