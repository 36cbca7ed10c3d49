package ca

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"testing"

	"inkan/ca/certificate"
	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	"inkan/ca/registry"
	profile "inkan/core/jpki/certificate"
	"inkan/spec/req"
)

func TestCertificateRequests(t *testing.T) {
	req.Covers(t, "SPEC-CA-080")
	w := newWorld(t)
	template := func(a x509.SignatureAlgorithm) *x509.CertificateRequest {
		return &x509.CertificateRequest{SignatureAlgorithm: a}
	}
	good, err := x509.CreateCertificateRequest(nil, template(x509.SHA256WithRSA), testkeys.Holder(6))
	w.ok(err)
	bad := map[string][]byte{"no request": []byte("x"), "cut": good[:len(good)-1], "signature": append([]byte(nil), good...)}
	bad["signature"][len(good)-1] ^= 1
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	w.ok(err)
	long, err := rsa.GenerateKey(rand.Reader, 3072)
	w.ok(err)
	bad["elliptic"], err = x509.CreateCertificateRequest(rand.Reader, template(x509.ECDSAWithSHA256), ec)
	w.ok(err)
	bad["3072 bits"], err = x509.CreateCertificateRequest(nil, template(x509.SHA256WithRSA), long)
	w.ok(err)
	bad["SHA-512"], err = x509.CreateCertificateRequest(nil, template(x509.SHA512WithRSA), testkeys.Holder(6))
	w.ok(err)
	for name, csr := range bad {
		_, err := w.ca.CertifyCard(t.Context(), w.card, profile.CardSignature, csr, registry.Cause{Actor: registry.Municipality})
		if !errors.Is(err, ErrCSR) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.ca.CertifyCard(t.Context(), w.card, profile.PhoneAuthentication, good, registry.Cause{Actor: registry.Municipality}); err == nil {
		t.Error("a phone's certificate for a card")
	}
}

func FuzzCertificateRequest(f *testing.F) {
	good, err := x509.CreateCertificateRequest(nil, &x509.CertificateRequest{SignatureAlgorithm: x509.SHA256WithRSA}, testkeys.Holder(6))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:40])
	f.Add([]byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, csr []byte) {
		key, hash, err := keyOfRequest(csr)
		if err != nil && !errors.Is(err, ErrCSR) {
			t.Fatal(err)
		}
		if err != nil {
			return
		}
		if key.N.BitLen() != 2048 {
			t.Fatalf("key of %d bits", key.N.BitLen())
		}
		if spki, err := x509.MarshalPKIXPublicKey(key); err != nil || sum(spki) != hash {
			t.Fatalf("the request's SubjectPublicKeyInfo is not the certificate's: %v", err)
		}
	})
}

func TestHolderComesFromTheRegistry(t *testing.T) {
	req.Covers(t, "SPEC-CA-081", "SPEC-CA-011")
	w := newWorld(t)
	csr, err := x509.CreateCertificateRequest(nil, &x509.CertificateRequest{SignatureAlgorithm: x509.SHA256WithRSA,
		Subject: pkix.Name{CommonName: "somebody else"}, DNSNames: []string{"bank.example"}}, testkeys.Holder(6))
	w.ok(err)
	der, err := w.ca.CertifyCard(t.Context(), w.card, profile.CardSignature, csr, registry.Cause{Actor: registry.Municipality})
	w.ok(err)
	c, err := profile.Parse(der)
	w.ok(err)
	if c.Person == nil || c.Person.Name != "印鑑　太郎" || bytes.Contains(der, []byte("somebody")) || bytes.Contains(der, []byte("bank.example")) {
		t.Errorf("%+v", c.Person)
	}
	row := registryRow(w, 0x01000001)
	if one, two := w.ca.identifier(row), w.ca.identifier(row); one != two || len(one) != profile.IdentifierLen {
		t.Errorf("identifiers %q, %q", one, two)
	}
}

// TestBothCertificates: a card is given both certificates with one reservation and one
// completion, and again, or neither.
func TestBothCertificates(t *testing.T) {
	req.Covers(t, "SPEC-CA-085", "SPEC-CA-080")
	w := newWorld(t)
	municipal := registry.Cause{Actor: registry.Municipality}
	number := func() uint64 {
		s, err := w.reg.Snapshot(t.Context())
		w.ok(err)
		defer s.Close()
		return s.Anchor().Number
	}
	card, err := w.reg.IssueCard(t.Context(), w.person, w.now.AddDate(10, 0, 0), municipal)
	w.ok(err)
	before := number()
	keys := []CardKey{{profile.CardSignature, w.csr(6)}, {profile.CardAuthentication, w.csr(7)}}
	made, err := w.ca.CertifyCards(t.Context(), card, municipal, keys...)
	w.ok(err)
	if after := number(); after != before+4 {
		t.Errorf("%d entries, want 4", after-before)
	}
	for i, c := range made {
		p, err := profile.Parse(c.DER)
		w.ok(err)
		if p.Kind != keys[i].Kind || !p.PublicKey.Equal(&testkeys.Holder(6+i).PublicKey) || c.Issuer.Authority != p.Kind.Authority() {
			t.Errorf("certificate %d: %+v", i, p)
		}
	}
	again, err := w.ca.CertifyCards(t.Context(), card, municipal, keys...)
	w.ok(err)
	if !bytes.Equal(again[0].DER, made[0].DER) || !bytes.Equal(again[1].DER, made[1].DER) || again[0].Issuer != made[0].Issuer {
		t.Error("the same keys have other certificates now")
	}
	signature, authentication := keys[0], keys[1]
	for name, keys := range map[string][]CardKey{
		"a new key and one that has its certificate": {signature, {profile.CardAuthentication, w.csr(8)}},
		"a key of the other kind":                    {{profile.CardSignature, authentication.Request}, {profile.CardAuthentication, w.csr(8)}},
		"the same key twice":                         {{profile.CardSignature, w.csr(8)}, {profile.CardAuthentication, w.csr(8)}},
		"no request":                                 {{profile.CardSignature, w.csr(8)}, {profile.CardAuthentication, []byte{0x30}}},
		"a phone's":                                  {{profile.CardSignature, w.csr(8)}, {profile.PhoneAuthentication, w.csr(9)}},
	} {
		if list, err := w.ca.CertifyCards(t.Context(), card, municipal, keys...); err == nil {
			t.Errorf("%s: %d certificates", name, len(list))
		}
	}
	list := w.counts()
	if list["active certificates"] != 4 || list["revoked certificates"] != 2 {
		t.Errorf("%v", list)
	}
}

func TestOwnCertificatesAgain(t *testing.T) {
	req.Covers(t, "SPEC-CA-002", "SPEC-CA-003")
	w := newWorld(t)
	cause := registry.Cause{Actor: registry.Operator}
	first := w.ca.Issuers(profile.SignatureAuthority).All()[0]
	again, err := NewGeneration(t.Context(), w.reg, profile.SignatureAuthority, 1, testkeys.Signer(keys.SignatureCA, 1), w.now.AddDate(1, 0, 0), cause)
	w.ok(err)
	if !again.Certificate.Equal(first.Certificate) {
		t.Error("another certificate for the same generation")
	}
	if _, err := NewGeneration(t.Context(), w.reg, profile.SignatureAuthority, 1, testkeys.Signer(keys.SignatureCA, 2), w.now, cause); err == nil {
		t.Error("another key for the same generation")
	}
	responder := func(i *certificate.Issuer) *x509.Certificate {
		c, err := NewResponder(t.Context(), w.reg, i, 1, testkeys.Signer(keys.SignatureOCSP, 1), w.now, cause)
		w.ok(err)
		return c
	}
	if one, two := responder(first), responder(first); !one.Equal(two) {
		t.Error("another certificate for the same responder")
	}
	w.now = w.now.AddDate(4, 6, 0)
	second, err := NewGeneration(t.Context(), w.reg, profile.SignatureAuthority, 2, testkeys.Signer(keys.SignatureCA, 2), w.now, cause)
	w.ok(err)
	if bytes.Equal(second.Certificate.SubjectKeyId, first.Certificate.SubjectKeyId) || !bytes.Equal(second.Certificate.RawSubject, first.Certificate.RawSubject) {
		t.Error("the second generation has not the first one's name and its own key")
	}
}
