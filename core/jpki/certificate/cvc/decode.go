package cvc

import (
	"bytes"
	"crypto/rsa"
	"math/big"

	"inkan/core/jpki/certificate"
	"inkan/core/tlv"
	"inkan/core/wire"
)

// signatureLen is the length of a signature and of a modulus.
const signatureLen = certificate.KeyBits / 8

// Decode reads the object 7F21. Slices of the result share b. Errors are
// *wire.DecodeError of format "BER-TLV". The signature is not verified.
// Spec: SPEC-CERT-PROFILE-051.
func Decode(b []byte) (*Certificate, error) {
	var fault error
	whole := decoder{tlv.NewReaderMode(b, tlv.Strict), 0, &fault}
	parts := whole.open(tagCertificate)
	whole.end()
	start := parts.at
	body := parts.open(tagBody)
	c := &Certificate{Body: b[min(start, len(b)):min(parts.at, len(b))]}
	c.read(&body)
	c.Signature = parts.value(tagSignature, signatureLen, signatureLen)
	parts.end()
	if fault != nil {
		return nil, fault
	}
	return c, nil
}

// read reads the objects within 7F4E.
func (c *Certificate) read(d *decoder) {
	d.fixed(tagProfile, []byte{0})
	c.Authority = d.reference(tagAuthority)
	key := d.open(tagPublicKey)
	key.fixed(tagOID, keyOID)
	modulus := key.value(tagModulus, signatureLen, signatureLen)
	if len(modulus) == signatureLen && (modulus[0]&0x80 == 0 || modulus[signatureLen-1]&1 == 0) {
		key.fail("an odd modulus of 2048 bits", "another")
	}
	key.fixed(tagExponent, exponent)
	key.end()
	c.PublicKey = &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: certificate.KeyExponent}
	c.Holder = d.reference(tagHolder)
	c.readRights(d)
	c.Effective = d.date(tagEffective)
	c.Expires = d.date(tagExpires)
	if c.Effective.After(c.Expires) {
		d.fail("a day not before the effective date", "an earlier one")
	}
	d.end()
}

func (c *Certificate) readRights(d *decoder) {
	rights := d.open(tagAuthorisation)
	rights.fixed(tagOID, roleOID)
	if b := rights.value(tagRights, 1, 1); len(b) == 1 {
		c.Role, c.Purposes = Role(b[0]&roleMask), Purposes(b[0]&^roleMask)
		if c.Role != Terminal && c.Role != TerminalCA || c.Purposes&^AllPurposes != 0 {
			rights.fail("a role and purposes that are defined", "others")
		}
	}
	rights.end()
}

// decoder reads objects that follow each other in a fixed order. The first fault
// sticks, over all levels.
type decoder struct {
	r     tlv.Reader
	at    int // offset in the whole input of what follows the object read last
	fault *error
}

// next goes to the next object, which has to have a tag.
func (d *decoder) next(tag tlv.Tag) bool {
	if *d.fault != nil {
		return false
	}
	if !d.r.Next() {
		if *d.fault = d.r.Err(); *d.fault == nil {
			*d.fault = &wire.DecodeError{Format: "BER-TLV", Offset: d.at, Want: "tag " + tag.String(), Got: "end of input"}
		}
		return false
	}
	if d.r.Tag() != tag {
		d.fail("tag "+tag.String(), "tag "+d.r.Tag().String())
		return false
	}
	d.at = d.r.ValueOffset() + len(d.r.Value())
	return true
}

// fail records a fault of the present object.
func (d *decoder) fail(want, got string) {
	if *d.fault == nil {
		*d.fault = d.r.Fault(want, got)
	}
}

// open goes into the next object.
func (d *decoder) open(tag tlv.Tag) decoder {
	if !d.next(tag) {
		return decoder{tlv.NewReader(nil), d.at, d.fault}
	}
	return decoder{d.r.Children(), d.r.ValueOffset(), d.fault}
}

// end demands that no object follows.
func (d *decoder) end() {
	if *d.fault != nil {
		return
	}
	if d.r.Next() {
		d.fail("end", "tag "+d.r.Tag().String())
	} else if err := d.r.Err(); err != nil {
		*d.fault = err
	}
}

// value reads an object of some length.
func (d *decoder) value(tag tlv.Tag, least, most int) []byte {
	if !d.next(tag) {
		return nil
	}
	if v := d.r.Value(); len(v) >= least && len(v) <= most {
		return v
	}
	d.fail("a value of the length of its form", "another length")
	return nil
}

// fixed reads an object that has one value.
func (d *decoder) fixed(tag tlv.Tag, want []byte) {
	if d.next(tag) && !bytes.Equal(d.r.Value(), want) {
		d.fail("the one value that is defined", "another")
	}
}

func (d *decoder) reference(tag tlv.Tag) Reference {
	ref := Reference(d.value(tag, 9, 16))
	if !ref.Valid() {
		d.fail("country, mnemonic of 2 to 9, five digits", "another form")
		return ""
	}
	return ref
}

func (d *decoder) date(tag tlv.Tag) certificate.Date {
	text := []byte("20")
	for _, digit := range d.value(tag, 6, 6) {
		if digit > 9 {
			d.fail("digits", "another byte")
			return certificate.Date{}
		}
		text = append(text, '0'+digit)
	}
	day, err := certificate.ParseDate(string(text))
	if err != nil {
		d.fail("a day of the calendar", "none")
	}
	return day
}
