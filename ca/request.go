package ca

import (
	"crypto/rsa"

	"inkan/ca/certificate"
	"inkan/ca/registry/record"
	profile "inkan/core/jpki/certificate"
)

// phoneRequest is what a phone's certificate is to say: the limits are the
// reservation's.
func (a *Authority) phoneRequest(row *record.Certificate, p *record.Person, key *rsa.PublicKey) *certificate.Request {
	return &certificate.Request{Kind: profile.PhoneAuthentication, Serial: row.Serial, PublicKey: key, NotBefore: row.NotBefore,
		NotAfter: row.NotAfter, Municipality: p.Municipality, Birth: p.Birth, Within: row.NotAfter, Identifier: a.identifier(row)}
}

// cardRequest is what one of a card's certificates is to say.
func (a *Authority) cardRequest(row *record.Certificate, p *record.Person, key *rsa.PublicKey) *certificate.Request {
	r := &certificate.Request{Kind: row.Kind, Serial: row.Serial, PublicKey: key, NotBefore: row.NotBefore, NotAfter: row.NotAfter,
		Municipality: p.Municipality, Birth: p.Birth, Within: row.NotAfter}
	if row.Kind == profile.CardSignature {
		r.Person = personOf(p)
	} else {
		r.Identifier = a.identifier(row)
	}
	return r
}
