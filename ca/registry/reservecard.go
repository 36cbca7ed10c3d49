package registry

import (
	"context"
	"fmt"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// CardRequest asks for a serial number for a card's certificate.
type CardRequest struct {
	Card       record.CardID
	Kind       certificate.Kind // CardSignature or CardAuthentication
	Generation uint32           // of the authority's key that will sign
	Key        record.Hash      // of the SubjectPublicKeyInfo
	Evidence   []Evidence       // for this certificate, besides the cause's
}

// ReserveCard gives a serial number and the limits of a card's certificate. The
// same request again, before it is completed, gives the same reservation.
// Spec: SPEC-CA-LIFECYCLE-010, SPEC-CA-LIFECYCLE-011, SPEC-CA-LIFECYCLE-012, SPEC-CA-LIFECYCLE-015.
func (r *Registry) ReserveCard(ctx context.Context, q CardRequest, cause Cause) (c Reservation, err error) {
	list, err := r.ReserveCards(ctx, cause, q)
	if err == nil {
		c = list[0]
	}
	return c, err
}

// ReserveCards is ReserveCard for several certificates in one operation, such as
// both of a card, in the order of the requests: all of them or none.
// Spec: SPEC-CA-LIFECYCLE-097.
func (r *Registry) ReserveCards(ctx context.Context, cause Cause, requests ...CardRequest) ([]Reservation, error) {
	causes := make([]Cause, len(requests))
	for i := range requests {
		if kind := requests[i].Kind; kind != certificate.CardSignature && kind != certificate.CardAuthentication {
			return nil, fmt.Errorf("registry: %s certificates are not a card's", kind)
		}
		causes[i] = cause.with(requests[i].Evidence)
	}
	list := make([]Reservation, len(requests))
	err := r.doAll(ctx, "reserve card certificate", causes, func(a *act, i int) (err error) {
		list[i], err = a.reserveCard(&requests[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

func (a *act) reserveCard(q *CardRequest) (c Reservation, err error) {
	a.entry.Subject.Card = q.Card
	card, err := a.inForce(q.Card)
	if err != nil {
		return c, err
	}
	person, err := a.resident(card.Person)
	if err != nil {
		return c, err
	}
	a.entry.Subject.Person = person.ID
	if err := a.maySign(&person, q.Kind); err != nil {
		return c, err
	}
	c = Reservation{Holder: person, Within: card.NotAfter, Certificate: record.Certificate{Authority: q.Kind.Authority(), Generation: q.Generation,
		Kind: q.Kind, Person: person.ID, Card: card.ID, Key: q.Key, Partition: person.Municipality.Partition(),
		AttributesVersion: person.AttributesVersion, NotBefore: a.now}}
	err = a.reserve(&c.Certificate, false, certificate.ValidUntil(a.now, person.Birth), card.NotAfter)
	return c, err
}

// signatureAge is how many birthdays a holder of a signature certificate has had.
const signatureAge = 15

// maySign checks who is given a signature certificate. Spec: SPEC-CA-LIFECYCLE-013.
func (a *act) maySign(p *record.Person, kind certificate.Kind) error {
	switch {
	case kind != certificate.CardSignature:
		return nil
	case p.Birth.Age(certificate.DateOf(a.now)) < signatureAge:
		return refuse(TooYoung)
	case p.Ward:
		return refuse(WardOfCourt)
	}
	return nil
}
