package cms

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"strconv"

	"golang.org/x/crypto/cryptobyte"

	"inkan/core/cms/der"
)

// CertificateID is what signingCertificateV2 says of the signer's certificate.
type CertificateID struct {
	Hash   []byte // SHA-256 of the DER
	Issuer []byte // DER of the name; nil: not named
	Serial []byte // content of the INTEGER; nil with Issuer
}

// readAttributes reads the signed attributes, and keeps them as they were signed:
// with the tag of a SET (RFC 5652 §5.4). Spec: SPEC-APPLICATION-013.
func (s *SignerInfo) readAttributes(c *der.Cursor) {
	e := c.Read(der.Context(0, true), "signedAttrs")
	if c.Err() != nil {
		return
	}
	s.signed = slices.Clone(e.Full)
	s.signed[0] = der.Set
	all := c.Inside(e, "signedAttrs")
	var before der.Element
	for i := 0; all.More(); i++ {
		if i == maxAttributes {
			all.Fail(all.Offset(), "", "at most "+strconv.Itoa(maxAttributes), "more")
		}
		a := all.Read(der.Sequence, strconv.Itoa(i))
		all.Ascending(before, a, strconv.Itoa(i))
		s.readAttribute(all.Inside(a, strconv.Itoa(i)))
		before = a
	}
	for _, id := range []asn1.ObjectIdentifier{OIDContentType, OIDMessageDigest} {
		if all.Err() == nil && !s.Has(id) {
			all.Fail(e.At(), "", "an attribute "+id.String(), "none")
		}
	}
}

// Has reports whether there is a signed attribute of a type.
func (s *SignerInfo) Has(id asn1.ObjectIdentifier) bool {
	return slices.ContainsFunc(s.Attributes, id.Equal)
}

func (s *SignerInfo) readAttribute(c *der.Cursor) {
	at := c.Offset()
	id := c.OID("type")
	values := c.Enter(der.Set, "values")
	c.End()
	if c.Err() == nil && s.Has(id) {
		c.Fail(at, "type", "each attribute once", id.String()+" again")
	}
	s.Attributes = append(s.Attributes, id)
	switch {
	case c.Err() != nil:
		return
	case id.Equal(OIDContentType):
		s.ContentType = values.OID("contentType")
	case id.Equal(OIDMessageDigest):
		s.MessageDigest = values.Octets(der.OctetString, 32, 32, "messageDigest")
	case id.Equal(OIDSigningTime):
		s.readSigningTime(values)
	case id.Equal(OIDSigningCertificateV2):
		s.Certificate = readSigningCertificate(values)
	default:
		for first := true; first || values.More(); first = false {
			values.Any("value")
		}
	}
	values.End()
}

// readSigningTime reads a time, UTCTime until 2049 (RFC 5652 §11.3).
// Spec: SPEC-APPLICATION-003.
func (s *SignerInfo) readSigningTime(c *der.Cursor) {
	at, tag := c.Offset(), c.Peek()
	s.SigningTime = c.Time("signingTime")
	if c.Err() == nil && tag == der.GeneralizedTime && s.SigningTime.Year() < 2050 {
		c.Fail(at, "signingTime", "UTCTime until 2049", "GeneralizedTime")
	}
}

// readSigningCertificate reads SigningCertificateV2 with one certificate and no
// policies.
func readSigningCertificate(values *der.Cursor) *CertificateID {
	outer := values.Enter(der.Sequence, "signingCertificateV2")
	certs := outer.Enter(der.Sequence, "certs")
	c := certs.Enter(der.Sequence, "essCertIDv2")
	id := new(CertificateID)
	if c.Peek() == der.Sequence {
		// DEFAULT is not to be encoded in DER (ISO/IEC 8825-1 §11.5).
		c.Fail(c.Offset(), "hashAlgorithm", "none: SHA-256 is the default", "one")
	}
	id.Hash = c.Octets(der.OctetString, 32, 32, "certHash")
	if c.More() {
		both := c.Enter(der.Sequence, "issuerSerial")
		names := both.Enter(der.Sequence, "issuer")
		directory := names.Enter(der.Context(4, true), "directoryName")
		id.Issuer = directory.Read(der.Sequence, "").Full
		id.Serial = both.Octets(der.IntegerTag, 1, 20, "serialNumber")
		directory.End()
		names.End()
		both.End()
	}
	c.End()
	certs.End()
	outer.End()
	return id
}

// sameInteger compares a serial number with the content of an INTEGER.
func sameInteger(c *x509.Certificate, content []byte) bool {
	var b cryptobyte.Builder
	b.AddASN1BigInt(c.SerialNumber)
	full, err := b.Bytes()
	return err == nil && bytes.Equal(full[2:], content) // a serial number has a length of one byte
}
