package ca

import (
	"crypto/rsa"
	"time"

	"inkan/ca/certificate"
	"inkan/ca/registry"
	"inkan/ca/registry/record"
	profile "inkan/core/jpki/certificate"
)

// request is what a holder's certificate is to say, by a reservation and a snapshot
// from after it: the limits are the reservation's, and what they are held against
// is the card's, and for a phone the parents'. Spec: SPEC-CA-045.
func (a *Authority) request(s *registry.Snapshot, row *record.Certificate, key *rsa.PublicKey) (*certificate.Request, error) {
	p, err := s.Person(row.Person)
	if err != nil {
		return nil, err
	}
	r := &certificate.Request{Kind: row.Kind, Serial: row.Serial, PublicKey: key, NotBefore: row.NotBefore, NotAfter: row.NotAfter,
		Municipality: p.Municipality, Birth: p.Birth}
	if row.Kind == profile.CardSignature {
		r.Person = personOf(&p)
	} else {
		r.Identifier = a.identifier(row)
	}
	r.Within, err = bound(s, row)
	return r, err
}

// bound is the first end of all that a holder's certificate rests on.
func bound(s *registry.Snapshot, row *record.Certificate) (end time.Time, err error) {
	id := row.Card
	if row.Kind == profile.PhoneAuthentication {
		signature, err := s.Certificate(profile.SignatureAuthority, row.Signature)
		if err != nil {
			return end, err
		}
		parent, err := s.Certificate(profile.AuthenticationAuthority, row.Parent)
		if err != nil {
			return end, err
		}
		id, end = parent.Card, profile.Earliest(signature.NotAfter, parent.NotAfter)
	}
	card, err := s.Card(id)
	return profile.Earliest(end, card.NotAfter), err
}
