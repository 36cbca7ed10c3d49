package certificate

import (
	"encoding/asn1"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"
)

const formatCertificate = "Certificate"

// Parse reads a certificate of the service. Slices of the result share der.
// Errors are *wire.DecodeError of format "Certificate".
// Spec: SPEC-CERT-PROFILE-040, SPEC-CERT-PROFILE-041.
func Parse(der []byte) (*Certificate, error) {
	in := cursor{format: formatCertificate, whole: der, rest: der}
	outer, err := in.element("certificate", tag.SEQUENCE)
	if err != nil {
		return nil, err
	}
	if err := in.end("certificate"); err != nil {
		return nil, err
	}
	c := &Certificate{Raw: der}
	tbs, element, err := outer.take("tbsCertificate", tag.SEQUENCE)
	if err != nil {
		return nil, err
	}
	c.TBS = element
	if err := outer.algorithm("signatureAlgorithm", OIDSHA256WithRSA); err != nil {
		return nil, err
	}
	if c.Signature, err = outer.bitString("signatureValue"); err != nil {
		return nil, err
	}
	if err := outer.end("certificate"); err != nil {
		return nil, err
	}
	if err := c.readTBS(tbs); err != nil {
		return nil, err
	}
	return c, nil
}

// readTBS reads the fields of a TBSCertificate in their order.
func (c *Certificate) readTBS(in cursor) (err error) {
	if err = in.version(); err != nil {
		return err
	}
	if c.Serial, err = in.serial("serialNumber", tag.INTEGER); err != nil {
		return err
	}
	if err = in.algorithm("signature", OIDSHA256WithRSA); err != nil {
		return err
	}
	if err = c.readIssuer(&in); err != nil {
		return err
	}
	if c.NotBefore, c.NotAfter, err = in.validity(); err != nil {
		return err
	}
	subject := in
	if c.Subject, err = in.name("subject"); err != nil {
		return err
	}
	if err = c.readKey(&in); err != nil {
		return err
	}
	extensions := in
	wrapped, err := in.element("extensions", tag.Tag(3).ContextSpecific().Constructed())
	if err != nil {
		return err
	}
	if err = in.end("tbsCertificate"); err != nil {
		return err
	}
	return c.readExtensions(wrapped, &extensions, &subject)
}

func (c *Certificate) readIssuer(in *cursor) (err error) {
	issuer := *in
	if c.Issuer, err = in.name("issuer"); err != nil {
		return err
	}
	var ok bool
	if c.Authority, ok = AuthorityOf(c.Issuer); !ok {
		return issuer.fault("issuer", "an authority of this service", "another name")
	}
	return nil
}

func (c *cursor) version() error {
	wrapped, err := c.element("version", tag.Tag(0).ContextSpecific().Constructed())
	if err != nil {
		return err
	}
	number, err := wrapped.element("version", tag.INTEGER)
	if err != nil {
		return err
	}
	if len(number.rest) != 1 || number.rest[0] != 2 {
		return number.fault("version", "3", "another")
	}
	return wrapped.end("version")
}

// serial reads an INTEGER, or what is tagged in its place, of 1 to 8 bytes.
func (c *cursor) serial(path string, t tag.Tag) (uint64, error) {
	v, err := c.element(path, t)
	if err != nil {
		return 0, err
	}
	b := v.rest
	if len(b) == 0 || b[0]&0x80 != 0 || len(b) > 1 && b[0] == 0 && b[1]&0x80 == 0 || len(b) > 8 {
		return 0, v.fault(path, "a positive integer in DER of at most 8 bytes", fmt.Sprintf("%d bytes", len(b)))
	}
	var n uint64
	for _, x := range b {
		n = n<<8 | uint64(x)
	}
	if n == 0 {
		return 0, v.fault(path, "a positive integer", "0")
	}
	return n, nil
}

// algorithm reads an AlgorithmIdentifier with parameters NULL.
func (c *cursor) algorithm(path string, want asn1.ObjectIdentifier) error {
	seq, err := c.element(path, tag.SEQUENCE)
	if err != nil {
		return err
	}
	at := seq
	oid, err := seq.oid(path)
	if err != nil {
		return err
	}
	if !oid.Equal(want) {
		return at.fault(path, want.String(), oid.String())
	}
	null, err := seq.element(path+"/parameters", tag.NULL)
	if err != nil {
		return err
	}
	if err := null.end(path + "/parameters"); err != nil {
		return err
	}
	return seq.end(path)
}

// bitString reads a BIT STRING of whole bytes.
func (c *cursor) bitString(path string) ([]byte, error) {
	start := *c
	_, element, err := c.take(path, tag.BIT_STRING)
	if err != nil {
		return nil, err
	}
	s := cryptobyte.String(element)
	var bits []byte
	if !s.ReadASN1BitStringAsBytes(&bits) {
		return nil, start.fault(path, "a bit string of whole bytes", "another")
	}
	return bits, nil
}
