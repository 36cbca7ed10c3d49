package relyingparty

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"testing"
	"time"

	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	"inkan/core/entropy"
	"inkan/core/jpki/certificate"
	"inkan/core/jpki/login"
)

// at is the time of all tests.
var at = time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)

// Names, as crypto/x509 encodes them: an independent writer of certificates.
var (
	authorityName = pkix.Name{Country: []string{"JP"}, Organization: []string{"INKAN-TEST"}, OrganizationalUnit: []string{"INKAN-TEST for user authentication"}, CommonName: ""}
	holderName    = pkix.Name{Country: []string{"JP"}, CommonName: "A0B1C2D3E4F5G613221003A"}
)

// dn encodes a name of one attribute each in order: type's last byte and value.
func dn(pairs ...any) []byte {
	var name pkix.RDNSequence
	for i := 0; i < len(pairs); i += 2 {
		name = append(name, pkix.RelativeDistinguishedNameSET{{Type: asn1.ObjectIdentifier{2, 5, 4, pairs[i].(int)}, Value: pairs[i+1]}})
	}
	der, err := asn1.Marshal(name)
	if err != nil {
		panic(err)
	}
	return der
}

var (
	kiyose = dn(6, "JP", 10, "INKAN-TEST", 11, "INKAN-TEST for user authentication", 11, "CRL Distribution Points", 11, "Tokyo-to", 3, "Kiyose-shi CRLDP")
	mitaka = dn(6, "JP", 10, "INKAN-TEST", 11, "INKAN-TEST for user authentication", 11, "CRL Distribution Points", 11, "Tokyo-to", 3, "Mitaka-shi CRLDP")
	caList = dn(6, "JP", 10, "INKAN-TEST", 11, "INKAN-TEST for user authentication", 11, "INKAN TEST ONLY")
)

// tlv encodes a value under a tag; short lengths only where that is enough.
func tlv(tag byte, parts ...[]byte) []byte {
	content := bytes.Join(parts, nil)
	switch n := len(content); {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, content...)
	case n < 0x100:
		return append([]byte{tag, 0x81, byte(n)}, content...)
	default:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, content...)
	}
}

// pointExtension is cRLDistributionPoints with one directory name.
func pointExtension(name []byte) pkix.Extension {
	return pkix.Extension{Id: oidCRLDistributionPoints, Value: tlv(0x30, tlv(0x30, tlv(0xA0, tlv(0xA0, tlv(0xA4, name)))))}
}

// world is an authority of two generations under one name, and what it publishes.
type world struct {
	generation [3]*x509.Certificate // from 1
	anchors    *Anchors
	published  map[string]func(body []byte) ([]byte, error)
	asked      []string
	random     entropy.Source
}

func newWorld(t testing.TB) *world {
	w := &world{published: map[string]func([]byte) ([]byte, error){}, random: entropy.Seeded(1, t.Name())}
	var ders [][]byte
	for g := 1; g <= 2; g++ {
		w.generation[g] = parse(t, w.authority(t, g, nil))
		ders = append(ders, w.generation[g].Raw)
	}
	var err error
	if w.anchors, err = NewAnchors(ders...); err != nil {
		t.Fatal(err)
	}
	return w
}

func parse(t testing.TB, der []byte) *x509.Certificate {
	t.Helper()
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func caKey(g int) crypto.Signer        { return testkeys.Signer(keys.AuthenticationCA, g) }
func responderKey(g int) crypto.Signer { return testkeys.Signer(keys.AuthenticationOCSP, g) }

// authority is a self-signed certificate.
func (w *world) authority(t testing.TB, g int, change func(*x509.Certificate)) []byte {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(0x01000000 + g)), RawSubject: caList, NotBefore: at.AddDate(-4+2*g, -2, 0), NotAfter: at.AddDate(4+2*g, 0, 0),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, IsCA: true, BasicConstraintsValid: true, SubjectKeyId: keyID(caKey(g)),
		SignatureAlgorithm: x509.SHA256WithRSA, ExtraExtensions: []pkix.Extension{pointExtension(caList)},
	}
	if g == 2 {
		template.NotBefore = at.AddDate(-1, 0, 0)
	}
	if change != nil {
		change(template)
	}
	return create(t, template, template, caKey(g).Public(), caKey(g))
}

func create(t testing.TB, template, parent *x509.Certificate, public any, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(nil, template, parent, public, key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func keyID(key crypto.Signer) []byte {
	id := hash(x509.MarshalPKCS1PublicKey(key.Public().(*rsa.PublicKey)))
	return id
}

// policyOID makes a policy of the shared vocabulary the standard library's.
func policyOID(k certificate.Kind) x509.OID {
	var parts []uint64
	for _, n := range k.Policy() {
		parts = append(parts, uint64(n))
	}
	oid, err := x509.OIDFromInts(parts)
	if err != nil {
		panic(err)
	}
	return oid
}

const holderSerial = 0x0705D990

// leafTemplate is a phone's authentication certificate.
func leafTemplate() *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(holderSerial), Subject: holderName, NotBefore: at.AddDate(0, -1, 0), NotAfter: at.AddDate(3, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		Policies: []x509.OID{policyOID(certificate.PhoneAuthentication)}, OCSPServer: []string{"http://ocsp.inkan.example/auth"},
		SubjectKeyId: keyID(testkeys.Holder(1)), SignatureAlgorithm: x509.SHA256WithRSA, ExtraExtensions: []pkix.Extension{pointExtension(kiyose)},
	}
}

// leaf issues the phone's certificate by a generation, after a change.
func (w *world) leaf(t testing.TB, g int, change func(*x509.Certificate)) []byte {
	t.Helper()
	template := leafTemplate()
	if change != nil {
		change(template)
	}
	return create(t, template, w.generation[g], testkeys.Holder(1).Public(), caKey(g))
}

// Fetch implements Fetcher.
func (w *world) Fetch(_ context.Context, url, contentType string, body []byte, limit int64) ([]byte, error) {
	w.asked = append(w.asked, url)
	publish, ok := w.published[url]
	if !ok || (contentType != "") != (body != nil) {
		return nil, errors.New("nothing there")
	}
	got, err := publish(body)
	if int64(len(got)) > limit {
		return nil, errors.New("too much")
	}
	return got, err
}

func listURL(issuer *x509.Certificate) string {
	return "http://crl.inkan.example/crl/" + hex.EncodeToString(issuer.SubjectKeyId) + "/auth/Tokyo-to/Kiyose-shi.crl"
}

const ocspURL = "http://ocsp.inkan.example/auth"

// party is a relying party with a policy.
func (w *world) party(t testing.TB, policy Policy) *Party {
	t.Helper()
	p, err := New(w.config(policy))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (w *world) config(policy Policy) Config {
	now := func() time.Time { return at }
	return Config{
		Origin: "https://bank.example", Anchors: w.anchors, Kinds: []certificate.Kind{certificate.PhoneAuthentication, certificate.CardAuthentication},
		Policy: policy, Fetch: w, Statements: NewMemory(8, now), Now: now, Entropy: w.random, Life: 5 * time.Minute,
	}
}

// answer signs a statement as a phone does.
func answer(t testing.TB, s *login.Statement, der []byte) []byte {
	t.Helper()
	digest, err := s.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return respond(t, s.Nonce, digest, der)
}

func respond(t testing.TB, nonce [login.NonceLen]byte, digest [sha256.Size]byte, der []byte) []byte {
	t.Helper()
	signature, err := rsa.SignPKCS1v15(nil, testkeys.Holder(1), crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	r := &login.Response{Nonce: nonce, Certificate: der}
	copy(r.Signature[:], signature)
	return r.Append(nil)
}

// want fails the test unless an error has a code; "" is no error.
func want(t testing.TB, what string, err error, code Code) {
	t.Helper()
	switch {
	case code == "" && err != nil:
		t.Errorf("%s: %v", what, err)
	case code != "" && !errors.Is(err, &Error{Code: code}):
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

// outermost is the code of an error itself, not of its causes.
func outermost(err error) Code {
	if e, ok := err.(*Error); ok {
		return e.Code
	}
	return Code(fmt.Sprintf("%T", err))
}
