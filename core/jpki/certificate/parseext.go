package certificate

import (
	"bytes"
	"encoding/asn1"
	"fmt"

	tag "golang.org/x/crypto/cryptobyte/asn1"
)

// extensionValues are the contents of the extensions that a certificate has.
type extensionValues map[Extension]cursor

// readExtensions reads the extensions and with them what the certificate is.
// block and subject are where faults of the whole are reported.
func (c *Certificate) readExtensions(in cursor, block, subject *cursor) error {
	seq, err := in.element("extensions", tag.SEQUENCE)
	if err != nil {
		return err
	}
	if err := in.end("extensions"); err != nil {
		return err
	}
	values := extensionValues{}
	for !seq.empty() {
		if err := seq.extension(values); err != nil {
			return err
		}
	}
	if c.Kind, err = kindOf(values, c.Authority, block); err != nil {
		return err
	}
	if err := values.complete(c.Kind, block); err != nil {
		return err
	}
	if err := c.readValues(values); err != nil {
		return err
	}
	return c.readSubject(subject)
}

// extension reads one Extension into values.
func (c *cursor) extension(values extensionValues) error {
	const path = "extensions"
	seq, err := c.element(path, tag.SEQUENCE)
	if err != nil {
		return err
	}
	at := seq
	oid, err := seq.oid(path)
	if err != nil {
		return err
	}
	e := ExtensionOf(oid)
	if e == 0 {
		return at.fault(path, "an extension of this service", oid.String())
	}
	if _, twice := values[e]; twice {
		return at.fault(path+"/"+e.String(), "one such extension", "a second")
	}
	if seq.peek(tag.BOOLEAN) {
		critical, err := seq.element(path+"/"+e.String()+"/critical", tag.BOOLEAN)
		if err != nil {
			return err
		}
		if !bytes.Equal(critical.rest, []byte{0xFF}) {
			return critical.fault(path+"/"+e.String()+"/critical", "TRUE", "another value")
		}
	}
	value, err := seq.element(path+"/"+e.String(), tag.OCTET_STRING)
	if err != nil {
		return err
	}
	values[e] = value
	return seq.end(path + "/" + e.String())
}

// kindOf says what kind of certificate has these extensions.
// Spec: SPEC-CERT-PROFILE-041.
func kindOf(values extensionValues, a Authority, block *cursor) (Kind, error) {
	var kinds []Kind
	if v, ok := values[CertificatePolicies]; ok {
		oid, err := v.policy()
		if err != nil {
			return 0, err
		}
		k := KindOfPolicy(oid)
		if k == 0 {
			return 0, v.fault(CertificatePolicies.String(), "a policy of this service", oid.String())
		}
		kinds = append(kinds, k)
	}
	if _, ok := values[BasicConstraints]; ok {
		kinds = append(kinds, a.Kind())
	}
	if _, ok := values[OCSPNoCheck]; ok {
		kinds = append(kinds, OCSPResponder)
	}
	if len(kinds) != 1 {
		return 0, block.fault("extensions", "one of certificatePolicies, basicConstraints and id-pkix-ocsp-nocheck", fmt.Sprint(len(kinds)))
	}
	if k := kinds[0]; k.Authority() != 0 && k.Authority() != a {
		return 0, block.fault("extensions", "a kind that the issuer issues", k.String())
	}
	return kinds[0], nil
}

// complete demands the extensions of the kind and no others.
func (v extensionValues) complete(k Kind, block *cursor) error {
	for _, e := range k.Extensions() {
		if _, ok := v[e]; !ok {
			return block.fault("extensions", e.String(), "none")
		}
	}
	if len(v) == len(k.Extensions()) {
		return nil
	}
	want := map[Extension]bool{}
	for _, e := range k.Extensions() {
		want[e] = true
	}
	for e := KeyUsage; e <= SubjectKeyIdentifier; e++ {
		if value, ok := v[e]; ok && !want[e] {
			return value.fault("extensions", "no "+e.String()+" in a certificate for "+k.String(), "one")
		}
	}
	return nil
}

// policy reads CertificatePolicies of one policy with the qualifier CPS.
func (c cursor) policy() (asn1.ObjectIdentifier, error) {
	path := CertificatePolicies.String()
	list, err := c.element(path, tag.SEQUENCE)
	if err != nil {
		return nil, err
	}
	if err := c.end(path); err != nil {
		return nil, err
	}
	info, err := list.element(path, tag.SEQUENCE)
	if err != nil {
		return nil, err
	}
	if err := list.end(path); err != nil {
		return nil, err
	}
	oid, err := info.oid(path)
	if err != nil {
		return nil, err
	}
	if err := info.expect(path+"/qualifier", cpsQualifier()); err != nil {
		return nil, err
	}
	return oid, nil
}
