package cms

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"io"
	"math/big"
	"sync"
	"testing"
	"time"

	"inkan/core/wire"
	"inkan/spec/req"
)

var noon = time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)

var testType = asn1.ObjectIdentifier{2, 999, 392, 2, 99}

// identities are two signers, made once per test run: their bytes matter to no
// test.
var identities = sync.OnceValue(func() (all [2]identity) {
	for i := range all {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		template := &x509.Certificate{SerialNumber: big.NewInt(int64(0x1000 + i)), Subject: pkix.Name{CommonName: "signer"},
			NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(4, 0, 0), SubjectKeyId: []byte{1, 2, 3, byte(i)},
			KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment}
		der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
		if err != nil {
			panic(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			panic(err)
		}
		all[i] = identity{c, key}
	}
	return all
})

type identity struct {
	certificate *x509.Certificate
	key         *rsa.PrivateKey
}

func message() *Message {
	one := identities()[0]
	return &Message{ContentType: testType, Content: []byte("content"), Certificate: one.certificate, Signer: one.key, Time: noon}
}

func mustSign(t testing.TB, m *Message) []byte {
	t.Helper()
	der, err := Sign(m)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestSignAndVerify(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-010", "SPEC-APPLICATION-015")
	m := message()
	m.Others = []*x509.Certificate{identities()[1].certificate, m.Certificate}
	b := mustSign(t, m)
	if !bytes.Equal(b, mustSign(t, m)) {
		t.Error("signed twice, not the same")
	}
	s, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Verify()
	if err != nil || !c.Equal(m.Certificate) {
		t.Fatalf("%v, %v", c, err)
	}
	if !s.ContentType.Equal(testType) || string(s.Content) != "content" || !s.Signer.SigningTime.Equal(noon) ||
		len(s.Certificates) != 2 || len(s.Signer.Attributes) != 4 || s.Signer.Certificate == nil {
		t.Errorf("%+v", s)
	}
}

// TestTimes: UTCTime until 2049, then GeneralizedTime.
func TestTimes(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-010")
	for year, tag := range map[int]string{1950: "\x17\x0D500101", 2049: "\x17\x0D490101", 2050: "\x18\x0F20500101"} {
		m := message()
		m.Time = time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
		b := mustSign(t, m)
		s, err := Parse(b)
		if err != nil || !s.Signer.SigningTime.Equal(m.Time) || !bytes.Contains(b, []byte(tag)) {
			t.Errorf("%d: %v, %v", year, s.Signer.SigningTime, err)
		}
	}
	m := message()
	m.Time = noon.Add(time.Millisecond)
	if _, err := Sign(m); err == nil {
		t.Error("a fraction of a second was signed")
	}
}

// foreign signs with another key than its public one.
type foreign struct {
	crypto.Signer
	other crypto.Signer
}

func (f foreign) Sign(r io.Reader, d []byte, o crypto.SignerOpts) ([]byte, error) {
	return f.other.Sign(r, d, o)
}

func TestSignRefuses(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-010")
	two := identities()
	m := message()
	m.Signer = two[1].key
	if _, err := Sign(m); err == nil {
		t.Error("another key than the certificate's")
	}
	m.Signer = foreign{two[0].key, two[1].key}
	if _, err := Sign(m); err == nil {
		t.Error("a signature that does not verify was given out")
	}
}

func TestVerifyRefuses(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-014", "SPEC-APPLICATION-015")
	two := identities()
	cases := map[string]struct {
		change func(*SignedData)
		want   error
	}{
		"content":    {func(s *SignedData) { s.Content = []byte("Content") }, ErrDigest},
		"type":       {func(s *SignedData) { s.ContentType = OIDData }, ErrContentType},
		"signature":  {func(s *SignedData) { s.Signer.signature = flip(s.Signer.signature, 100) }, ErrSignature},
		"attributes": {func(s *SignedData) { s.Signer.signed = flip(s.Signer.signed, 20) }, ErrSignature},
		"hash":       {func(s *SignedData) { s.Signer.Certificate.Hash = make([]byte, 32) }, ErrSigningCert},
		"issuerSerial": {func(s *SignedData) {
			s.Signer.Certificate.Issuer, s.Signer.Certificate.Serial = s.Signer.Issuer, []byte{1}
		}, ErrSigningCert},
		"none named": {func(s *SignedData) { s.Signer.Serial = []byte{9} }, ErrSignerCertificate},
		"two named":  {func(s *SignedData) { s.Certificates = append(s.Certificates, s.Certificates[0]) }, ErrSignerCertificate},
		"other signer": {func(s *SignedData) {
			s.Certificates = []*x509.Certificate{two[1].certificate}
			s.Signer.Issuer, s.Signer.Serial, s.Signer.Certificate = two[1].certificate.RawIssuer, two[1].certificate.SerialNumber.Bytes(), nil
		}, ErrSignature},
	}
	b := mustSign(t, message())
	for name, c := range cases {
		s, err := Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		c.change(s)
		if _, err := s.Verify(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func flip(b []byte, i int) []byte {
	c := bytes.Clone(b)
	c[i] ^= 1
	return c
}

// TestTruncated cuts at every byte and appends one.
func TestTruncated(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-002")
	b := mustSign(t, message())
	var fault *wire.DecodeError
	for n := range b {
		if _, err := Parse(b[:n]); !errors.As(err, &fault) || fault.Offset > n {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
	if _, err := Parse(append(bytes.Clone(b), 0)); !errors.As(err, &fault) || fault.Offset != len(b) {
		t.Fatalf("one more: %v", err)
	}
}

// TestEveryByte: nothing can be changed. A flipped bit is malformed, or does not
// verify.
func TestEveryByte(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-014", "SPEC-APPLICATION-011")
	b := mustSign(t, message())
	for i := range b {
		for bit := range 8 {
			c := bytes.Clone(b)
			c[i] ^= 1 << bit
			s, err := Parse(c)
			if err == nil {
				_, err = s.Verify()
			}
			// rsaEncryption differs from sha256WithRSAEncryption in more than one bit.
			if err == nil {
				t.Fatalf("byte %d, bit %d: accepted", i, bit)
			}
		}
	}
}

// TestSignerKey: a key that is too short, or of another kind, is none.
func TestSignerKey(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-011", "SPEC-APPLICATION-014")
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for name, public := range map[string]crypto.PublicKey{"1024 bits": short.Public(), "P-256": &ecdsa.PublicKey{}} {
		s, err := Parse(mustSign(t, message()))
		if err != nil {
			t.Fatal(err)
		}
		c := *s.Certificates[0]
		c.PublicKey = public
		s.Certificates[0] = &c
		if _, err := s.Verify(); !errors.Is(err, ErrSignerKey) {
			t.Errorf("%s: %v", name, err)
		}
		m := message()
		m.Certificate = &c
		if _, err := Sign(m); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
}

// TestDigestParameters: SHA-256 with NULL is read as well as without (RFC 5754 §2).
func TestDigestParameters(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-011")
	top := tree(t, mustSign(t, message()))[0]
	for _, path := range [][]int{{1, 0, 1, 0}, {1, 0, 4, 0, 2}} {
		a := top.at(path...)
		a.inner = append(a.inner, &node{tag: 5})
	}
	s, err := Parse(top.encode())
	if err == nil {
		_, err = s.Verify()
	}
	if err != nil {
		t.Error(err)
	}
}
