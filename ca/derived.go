package ca

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"

	"inkan/ca/registry/record"
	profile "inkan/core/jpki/certificate"
	"inkan/core/tsmp"
)

// Labels keep what follows from the secret apart.
const (
	pseudonymLabel  = "INKAN-PSEUDONYM-1"
	identifierLabel = "INKAN-IDENTIFIER-1"
)

// pseudonym is what a party has of a person: the same each time, and another for
// another party. Spec: SPEC-CA-010.
func (a *Authority) pseudonym(party tsmp.PartyID, person record.PersonID) (p tsmp.Pseudonym) {
	info := pseudonymLabel + string(person[:]) + string(party)
	copy(p[:], a.derive(info, len(p)))
	return p
}

// identifier is the identifier of an authentication certificate. It follows from
// the serial number, so that a certificate that has to be made again after a
// crash is the same. Spec: SPEC-CA-011.
func (a *Authority) identifier(c *record.Certificate) string {
	info := string(binary.BigEndian.AppendUint64([]byte(identifierLabel), c.Serial))
	return profile.NewIdentifier(&derived{from: a, info: info})
}

// derive gives bytes that follow from the secret and a label.
func (a *Authority) derive(info string, length int) []byte {
	b, err := hkdf.Expand(sha256.New, a.config.Secret, info, length)
	if err != nil {
		panic(err) // more than 255 blocks: no caller asks for that
	}
	return b
}

// derived is an entropy.Source of what follows from the secret and a label, made in
// steps that double: an identifier mostly needs less than the first.
type derived struct {
	from  *Authority
	info  string
	bytes []byte
	used  int
}

// Fill implements entropy.Source.
func (d *derived) Fill(dst []byte) {
	for len(d.bytes)-d.used < len(dst) {
		d.bytes = d.from.derive(d.info, max(sha256.Size, 2*len(d.bytes)))
	}
	d.used += copy(dst, d.bytes[d.used:])
}
