package personalise

import (
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"time"

	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/sim/clock"
	"inkan/sim/engine"
)

// TestCA issues certificates for tries. Its key follows from a seed: whoever
// has the seed can sign in its name, and its name says so.
type TestCA struct {
	Certificate *x509.Certificate
	key         *rsa.PrivateKey
	role        jpki.Role
	serial      int64
}

// names of the authorities, by role.
var authorityNames = map[jpki.Role]string{jpki.Auth: "TEST ONLY for user authentication", jpki.Sign: "TEST ONLY for digital signature"}

const organization = "inkan throw-away test CA"

// NewTestCA makes the authority of a role with a self-signed certificate that is
// valid for ten years.
func NewTestCA(seed uint64, role jpki.Role, now time.Time) (*TestCA, error) {
	key, err := TestKey(entropy.Seeded(seed, "test CA key/"+role.String()))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{Country: []string{"JP"}, Organization: []string{organization}, OrganizationalUnit: []string{authorityNames[role]}},
		NotBefore: now, NotAfter: now.AddDate(10, 0, 0), SignatureAlgorithm: x509.SHA256WithRSA,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, BasicConstraintsValid: true, IsCA: true, SubjectKeyId: keyID(&key.PublicKey),
	}
	// Without randomness: PKCS #1 v1.5 takes none.
	der, err := x509.CreateCertificate(nil, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("test CA: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	return &TestCA{Certificate: certificate, key: key, role: role, serial: 1}, err
}

// Issue makes a certificate of a key, valid for five years up to 23:59:59 in
// Japan, as the service's are.
func (a *TestCA) Issue(public *rsa.PublicKey, name string, now time.Time) (der []byte, notAfter time.Time, err error) {
	a.serial++
	day := now.AddDate(5, 0, 0).UTC()
	notAfter = time.Date(day.Year(), day.Month(), day.Day(), 14, 59, 59, 0, time.UTC)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(a.serial), Subject: pkix.Name{Country: []string{"JP"}, CommonName: name},
		NotBefore: now, NotAfter: notAfter, SignatureAlgorithm: x509.SHA256WithRSA, KeyUsage: x509.KeyUsageDigitalSignature,
		SubjectKeyId: keyID(public), AuthorityKeyId: a.Certificate.SubjectKeyId,
	}
	if a.role == jpki.Auth {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	} else {
		template.KeyUsage |= x509.KeyUsageContentCommitment
	}
	der, err = x509.CreateCertificate(nil, template, a.Certificate, public, a.key)
	return der, notAfter, err
}

// keyID is the key identifier of RFC 5280 §4.2.1.2 method 1.
func keyID(public *rsa.PublicKey) []byte {
	sum := sha1.Sum(x509.MarshalPKCS1PublicKey(public))
	return sum[:]
}

// TestKey makes an RSA key of 2048 bits that follows from its source, for tries: the
// standard library's generator takes no randomness from outside.
func TestKey(source entropy.Source) (*rsa.PrivateKey, error) {
	g := engine.New(engine.Reference(), new(clock.Clock), source)
	k, err := g.GenerateRSA(2048, []byte{1, 0, 1})
	if err != nil {
		return nil, err
	}
	number := func(b []byte) *big.Int { return new(big.Int).SetBytes(b) }
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: number(k.N), E: 65537}, D: number(k.D), Primes: []*big.Int{number(k.P), number(k.Q)}}
	key.Precompute()
	return key, key.Validate()
}
