package ca

import (
	"crypto/rsa"

	"inkan/ca/certificate"
	"inkan/ca/registry"
	profile "inkan/core/jpki/certificate"
)

// request is what a holder's certificate is to say, by a reservation: the limits
// are the reservation's, and what they are held against is the card's, and for a
// phone the parents'. Spec: SPEC-CA-045.
func (a *Authority) request(r *registry.Reservation, key *rsa.PublicKey) *certificate.Request {
	q := &certificate.Request{Kind: r.Kind, Serial: r.Serial, PublicKey: key, NotBefore: r.NotBefore, NotAfter: r.NotAfter,
		Municipality: r.Holder.Municipality, Birth: r.Holder.Birth, Within: r.Within}
	if r.Kind == profile.CardSignature {
		q.Person = personOf(&r.Holder)
	} else {
		q.Identifier = a.identifier(&r.Certificate)
	}
	return q
}
