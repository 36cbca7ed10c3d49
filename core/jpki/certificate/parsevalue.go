package certificate

import (
	"bytes"
	"encoding/asn1"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"
)

// readValues reads the values of the extensions of c.Kind, all of which are
// there.
func (c *Certificate) readValues(values extensionValues) error {
	for _, e := range c.Kind.Extensions() {
		if err := c.readValue(e, values[e]); err != nil {
			return err
		}
	}
	return nil
}

func (c *Certificate) readValue(e Extension, v cursor) (err error) {
	switch e {
	case KeyUsage:
		return v.expect(e.String(), c.Kind.KeyUsage())
	case ExtKeyUsage:
		return v.expect(e.String(), c.Kind.extKeyUsage())
	case BasicConstraints:
		return v.expect(e.String(), []byte{0x30, 3, 1, 1, 0xFF})
	case OCSPNoCheck:
		return v.expect(e.String(), []byte{5, 0})
	case IssuerAltName:
		return v.expect(e.String(), generalNames(c.Authority.JapaneseName()))
	case SubjectAltName:
		if c.Kind.CA() {
			return v.expect(e.String(), generalNames(c.Authority.JapaneseName()))
		}
		c.Person, err = v.person()
		return err
	case CRLDistributionPoints:
		return c.readDistributionPoint(v)
	case AuthorityInfoAccess:
		return c.readAccess(v)
	case AuthorityKeyIdentifier:
		return c.readAuthorityKey(v)
	case SubjectKeyIdentifier:
		return c.checkKeyID(v)
	}
	return nil
}

// checkKeyID compares the identifier with the key. Spec: SPEC-CERT-PROFILE-042.
func (c *Certificate) checkKeyID(v cursor) error {
	id, err := v.element(SubjectKeyIdentifier.String(), tag.OCTET_STRING)
	if err != nil {
		return err
	}
	if !bytes.Equal(id.rest, c.SubjectKeyID[:]) {
		return id.fault(SubjectKeyIdentifier.String(), "SHA-1 of the public key", "other bytes")
	}
	return v.end(SubjectKeyIdentifier.String())
}

// expect demands that what is left is exactly want.
func (c *cursor) expect(path string, want []byte) error {
	if !bytes.Equal(c.rest, want) {
		return c.fault(path, "the value of the profile", "another")
	}
	return nil
}

// readDistributionPoint reads the one directory name of the one point.
func (c *Certificate) readDistributionPoint(v cursor) error {
	path := CRLDistributionPoints.String()
	start := v
	inner, err := v.descend(path, tag.SEQUENCE, tag.SEQUENCE, constructed(0), constructed(0), constructed(4))
	if err != nil {
		return err
	}
	name, err := inner.name(path)
	if err != nil {
		return err
	}
	if err := inner.end(path); err != nil {
		return err
	}
	a, partition, err := PartitionOf(name)
	if err != nil || a != c.Authority || (partition == CAList) != c.Kind.CA() {
		return start.fault(path, "a distribution point of the issuer", "another name")
	}
	c.Partition = partition
	return nil
}

func (c *Certificate) readAccess(v cursor) error {
	path := AuthorityInfoAccess.String()
	access, err := v.descend(path, tag.SEQUENCE, tag.SEQUENCE)
	if err != nil {
		return err
	}
	at := access
	method, err := access.oid(path)
	if err != nil {
		return err
	}
	if !method.Equal(OIDOCSP) {
		return at.fault(path, "OCSP", method.String())
	}
	uri, err := access.element(path, tag.Tag(6).ContextSpecific())
	if err != nil {
		return err
	}
	for _, b := range uri.rest {
		if b <= ' ' || b > '~' {
			return uri.fault(path, "a URI", "other characters")
		}
	}
	c.OCSP = string(uri.rest)
	return access.end(path)
}

func (c *Certificate) readAuthorityKey(v cursor) error {
	path := AuthorityKeyIdentifier.String()
	seq, err := v.descend(path, tag.SEQUENCE)
	if err != nil {
		return err
	}
	id, err := seq.element(path+"/keyIdentifier", tag.Tag(0).ContextSpecific())
	if err != nil {
		return err
	}
	if copy(c.AuthorityKeyID[:], id.rest) != len(c.AuthorityKeyID) || len(id.rest) != len(c.AuthorityKeyID) {
		return id.fault(path+"/keyIdentifier", "20 bytes", "another length")
	}
	issuer, err := seq.descendOne(path+"/authorityCertIssuer", constructed(1), constructed(4))
	if err != nil {
		return err
	}
	if err := issuer.expect(path+"/authorityCertIssuer", c.Issuer.AppendDER(nil)); err != nil {
		return err
	}
	if c.AuthoritySerial, err = seq.serial(path+"/authorityCertSerialNumber", tag.Tag(2).ContextSpecific()); err != nil {
		return err
	}
	return seq.end(path)
}

// constructed is the constructed context-specific tag n.
func constructed(n uint8) tag.Tag { return tag.Tag(n).ContextSpecific().Constructed() }

// descend opens one element within the other, each alone in its place.
func (c *cursor) descend(path string, tags ...tag.Tag) (cursor, error) {
	inner, err := c.descendOne(path, tags...)
	if err != nil {
		return inner, err
	}
	return inner, c.end(path)
}

// descendOne is descend where more may follow the outermost element.
func (c *cursor) descendOne(path string, tags ...tag.Tag) (cursor, error) {
	inner, err := c.element(path, tags[0])
	for _, t := range tags[1:] {
		if err != nil {
			return inner, err
		}
		outer := inner
		if inner, err = outer.element(path, t); err == nil {
			err = outer.end(path)
		}
	}
	return inner, err
}

// person reads subjectAltName of a signature certificate.
func (c *cursor) person() (*Person, error) {
	path := SubjectAltName.String()
	names, err := c.descend(path, tag.SEQUENCE)
	if err != nil {
		return nil, err
	}
	values := map[PersonAttribute]string{}
	for _, a := range PersonAttributes() {
		if values[a], err = names.otherName(path, a.OID()); err != nil {
			return nil, err
		}
	}
	if err := names.end(path); err != nil {
		return nil, err
	}
	p := &Person{Name: values[AttributeName], NameSubstitutes: values[AttributeNameSubstitutes],
		Address: values[AttributeAddress], AddressSubstitutes: values[AttributeAddressSubstitutes]}
	if len(values[AttributeSex]) == 1 {
		p.Sex = Sex(values[AttributeSex][0])
	}
	if p.Birth, err = ParseBirth(values[AttributeBirth]); err == nil {
		err = p.Check()
	}
	if err != nil {
		return nil, c.fault(path, "values of their forms", err.Error())
	}
	return p, nil
}

func (c *cursor) otherName(path string, want asn1.ObjectIdentifier) (string, error) {
	other, err := c.element(path, constructed(0))
	if err != nil {
		return "", err
	}
	at := other
	oid, err := other.oid(path)
	if err != nil {
		return "", err
	}
	if !oid.Equal(want) {
		return "", at.fault(path, want.String(), oid.String())
	}
	text, err := other.descend(path, constructed(0), tag.UTF8String)
	if err != nil {
		return "", err
	}
	if !utf8.Valid(text.rest) {
		return "", text.fault(path, "UTF-8", "other bytes")
	}
	return string(text.rest), nil
}

// generalNames is the DER of GeneralNames with one directoryName.
func generalNames(n Name) []byte {
	var b cryptobyte.Builder
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(constructed(4), n.Marshal)
	})
	return b.BytesOrPanic()
}
