package cms

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"strconv"
	"time"

	"inkan/core/cms/der"
)

// Limits of what is read.
const (
	MaxLen          = 64 << 10 // bytes of the whole
	MaxCertificates = 8
	maxAttributes   = 16
)

// SignedData is a message that was read and not verified. Slices are borrowed.
type SignedData struct {
	ContentType  asn1.ObjectIdentifier
	Content      []byte
	Certificates []*x509.Certificate // in the message's order
	Signer       SignerInfo
}

// SignerInfo is the one signer's part.
type SignerInfo struct {
	// Issuer and Serial name the certificate, or else KeyID does.
	Issuer []byte // DER of the name
	Serial []byte // content of the INTEGER
	KeyID  []byte // subject key identifier

	Attributes    []asn1.ObjectIdentifier // of all signed attributes, in the message's order
	SigningTime   time.Time               // zero: there is no such attribute
	ContentType   asn1.ObjectIdentifier
	MessageDigest []byte
	Certificate   *CertificateID // from signingCertificateV2; nil: there is no such attribute

	signed    []byte // the attributes as they were signed
	signature []byte
}

const format = "CMS"

// Parse reads a ContentInfo with SignedData, in DER: one signer, its content and
// at least one certificate inside, no revocation lists, no unsigned attributes.
// Errors are *wire.DecodeError. Spec: SPEC-APPLICATION-011, SPEC-APPLICATION-012.
func Parse(b []byte) (*SignedData, error) {
	c := der.New(format, b)
	if len(b) > MaxLen {
		c.Fail(MaxLen, "", "at most "+strconv.Itoa(MaxLen)+" bytes", "more")
	}
	info := c.Enter(der.Sequence, "contentInfo")
	wantOID(info, OIDSignedData, "contentType")
	box := info.Enter(der.Context(0, true), "content")
	data := box.Enter(der.Sequence, "signedData")
	for _, walk := range []*der.Cursor{c, info, box} {
		walk.End()
	}
	s := new(SignedData)
	s.read(data)
	if err := data.End(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *SignedData) read(c *der.Cursor) {
	at := c.Offset()
	version := c.Small(der.IntegerTag, "version")
	digests := c.Enter(der.Set, "digestAlgorithms")
	readSHA256(digests, "digestAlgorithm")
	digests.End()
	s.readContent(c.Enter(der.Sequence, "encapContentInfo"))
	s.readCertificates(c.Enter(der.Context(0, true), "certificates"))
	if c.Peek() == der.Context(1, true) {
		c.Fail(c.Offset(), "crls", "none", "some")
	}
	infos := c.Enter(der.Set, "signerInfos")
	s.Signer.read(infos.Enter(der.Sequence, "signerInfo"))
	if infos.More() {
		infos.Fail(infos.Offset(), "", "one signer", "more")
	}
	want := int(versionOf(s.ContentType))
	if s.Signer.KeyID != nil {
		want = 3
	}
	if c.Err() == nil && version != want {
		c.Fail(at, "version", strconv.Itoa(want), strconv.Itoa(version))
	}
}

func (s *SignedData) readContent(c *der.Cursor) {
	s.ContentType = c.OID("eContentType")
	box := c.Enter(der.Context(0, true), "eContent")
	s.Content = box.Octets(der.OctetString, 0, MaxLen, "")
	box.End()
	c.End()
}

func (s *SignedData) readCertificates(c *der.Cursor) {
	var before der.Element
	for i := 0; i == 0 || c.More(); i++ {
		path := strconv.Itoa(i)
		e := c.Read(der.Sequence, path)
		if i == MaxCertificates {
			c.Fail(e.Offset, "", "at most "+strconv.Itoa(MaxCertificates)+" certificates", "more")
		}
		c.Ascending(before, e, path)
		if c.Err() != nil {
			return
		}
		certificate, err := x509.ParseCertificate(e.Full)
		if err != nil {
			c.Fail(e.Offset, path, "a certificate", "what crypto/x509 does not take for one")
			return
		}
		s.Certificates = append(s.Certificates, certificate)
		before = e
	}
}

func (s *SignerInfo) read(c *der.Cursor) {
	at := c.Offset()
	version := c.Small(der.IntegerTag, "version")
	want := 1
	if c.Peek() == der.Context(0, false) {
		want, s.KeyID = 3, c.Octets(der.Context(0, false), 1, 64, "sid/subjectKeyIdentifier")
	} else {
		sid := c.Enter(der.Sequence, "sid")
		s.Issuer = sid.Read(der.Sequence, "issuer").Full
		s.Serial = sid.Octets(der.IntegerTag, 1, 20, "serialNumber")
		sid.End()
	}
	if c.Err() == nil && version != want {
		c.Fail(at, "version", strconv.Itoa(want), strconv.Itoa(version))
	}
	readSHA256(c, "digestAlgorithm")
	s.readAttributes(c)
	readRSA(c)
	s.signature = c.Octets(der.OctetString, minModulusBytes, 1024, "signature")
	if c.Peek() == der.Context(1, true) {
		c.Fail(c.Offset(), "unsignedAttrs", "none", "some")
	}
	c.End()
}

// readSHA256 reads the algorithm identifier, with absent or NULL parameters.
func readSHA256(c *der.Cursor, path string) {
	a := c.Enter(der.Sequence, path)
	wantOID(a, oidSHA256, "")
	if a.More() {
		readNull(a)
	}
	a.End()
}

// readRSA reads rsaEncryption or sha256WithRSAEncryption, with NULL.
func readRSA(c *der.Cursor) {
	a := c.Enter(der.Sequence, "signatureAlgorithm")
	at := a.Offset()
	id := a.OID("")
	if a.Err() == nil && !id.Equal(oidRSAEncryption) && !id.Equal(oidSHA256WithRSA) {
		a.Fail(at, "", "rsaEncryption or sha256WithRSAEncryption", id.String())
	}
	readNull(a)
	a.End()
}

func readNull(c *der.Cursor) { c.Octets(der.Null, 0, 0, "parameters") }

func wantOID(c *der.Cursor, want asn1.ObjectIdentifier, path string) {
	at := c.Offset()
	if id := c.OID(path); c.Err() == nil && !id.Equal(want) {
		c.Fail(at, path, want.String(), id.String())
	}
}

// names reports whether a certificate is the one that the signer is named by.
func (s *SignerInfo) names(c *x509.Certificate) bool {
	if s.KeyID != nil {
		return bytes.Equal(c.SubjectKeyId, s.KeyID)
	}
	return bytes.Equal(c.RawIssuer, s.Issuer) && sameInteger(c, s.Serial)
}
