package casd

import (
	"bytes"
	"crypto/ecdh"
	"crypto/sha256"
	"fmt"
	"strconv"
	"time"

	"inkan/core/gp"
	"inkan/core/tlv"
	"inkan/core/wire"
)

const format = "CASD certificate"

// Decode reads the value of 7F21, which has one encoding. Nothing is borrowed. Errors
// are *wire.DecodeError. Spec: SPEC-INSTANCE-010.
func Decode(b []byte) (*Certificate, error) {
	d := decoder{r: tlv.NewReader(b)}
	var c Certificate
	c.Serial = bytes.Clone(d.object(tagSerial, 1, MaxSerialLen))
	c.Maker = bytes.Clone(d.object(tagMaker, 1, MaxMakerLen))
	copy(c.Card[:], d.object(tagCard, CardLen, CardLen))
	if u := d.object(tagUsage, len(usage), len(usage)); !bytes.Equal(u, usage) {
		d.fault("0080, key agreement", fmt.Sprintf("%X", u))
	}
	c.Effective, c.Expires = d.day(tagEffective), d.day(tagExpires)
	if c.Expires.Before(c.Effective) {
		d.fault("a day from the effective one on", c.Expires.Format(time.DateOnly))
	}
	copy(c.Attestation[:], d.object(tagAttestation, sha256.Size, sha256.Size))
	c.Agreement = d.point(b)
	c.Signature = bytes.Clone(d.object(tagSignature, signatureLen, signatureLen))
	if d.err == nil && d.r.Next() {
		d.fault("end of input", "tag "+d.r.Tag().String())
	}
	if d.err == nil {
		d.err = d.r.Err()
	}
	if d.err != nil {
		return nil, d.err
	}
	if again, err := c.Append(nil); err != nil || !bytes.Equal(again, b) {
		return nil, &wire.DecodeError{Format: format, Want: "each object in its shortest form", Got: "another"}
	}
	return &c, nil
}

// decoder reads the objects in their order; the first fault sticks.
type decoder struct {
	r   tlv.Reader
	err error
}

func (d *decoder) fault(want, got string) {
	if d.err == nil {
		d.err = d.r.Fault(want, got)
	}
}

// object is the value of the next object, which has that tag.
func (d *decoder) object(tag tlv.Tag, least, most int) []byte {
	switch {
	case d.err != nil:
	case !d.r.Next():
		if d.err = d.r.Err(); d.err == nil {
			d.err = &wire.DecodeError{Format: format, Path: tag.String(), Want: "tag " + tag.String(), Got: "end of input"}
		}
	case d.r.Tag() != tag:
		d.fault("tag "+tag.String(), "tag "+d.r.Tag().String())
	case len(d.r.Value()) < least || len(d.r.Value()) > most:
		d.fault(strconv.Itoa(least)+" to "+strconv.Itoa(most)+" bytes", strconv.Itoa(len(d.r.Value())))
	default:
		return d.r.Value()
	}
	return nil
}

// point is the key in 7F49.
func (d *decoder) point(b []byte) []byte {
	value := d.object(tagPublicKey, 1, 255)
	if d.err != nil {
		return nil
	}
	key, err := gp.DecodeEphemeralPublicKey(tlv.Append(nil, tagPublicKey, value))
	if err != nil {
		d.fault("a public key template", err.Error())
		return nil
	}
	if _, err := ecdh.P256().NewPublicKey(key.Point); err != nil {
		d.fault("a point of P-256", strconv.Itoa(len(key.Point))+" bytes that are none")
		return nil
	}
	return bytes.Clone(key.Point)
}

// dayLen is YYYYMMDD, two digits in a byte.
const dayLen = 4

func appendDay(dst []byte, t time.Time) []byte {
	digits := t.UTC().Format("20060102")
	for i := 0; i < len(digits); i += 2 {
		dst = append(dst, digits[i]&0x0F<<4|digits[i+1]&0x0F)
	}
	return dst
}

func (d *decoder) day(tag tlv.Tag) time.Time {
	b := d.object(tag, dayLen, dayLen)
	if d.err != nil {
		return time.Time{}
	}
	t, err := time.Parse("20060102", fmt.Sprintf("%X", b))
	if err != nil {
		d.fault("a day YYYYMMDD", fmt.Sprintf("%X", b))
	}
	return t
}
