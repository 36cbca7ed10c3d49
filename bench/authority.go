package main

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"math/big"
	"sync/atomic"
	"time"

	"inkan/ca"
	"inkan/ca/certificate"
	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/ca/status"
	"inkan/core/entropy"
	profile "inkan/core/jpki/certificate"
	"inkan/core/jpki/perso"
)

// authority is a certificate authority with the published test keys.
type authority struct {
	*ca.Authority
	registry *registry.Registry
	clock    *atomic.Int64 // seconds
	known    map[perso.Hash]perso.Authority
	keys     int // key pairs that were taken
	calls    atomic.Uint64
}

var authorityStart = time.Date(2026, time.November, 28, 3, 0, 0, 0, time.UTC)

// AttestationKey implements ca.Attestation.
func (a *authority) AttestationKey(_ [16]byte, id perso.Hash) perso.Authority { return a.known[id] }

func (a *authority) now() time.Time { return time.Unix(a.clock.Load(), 0).UTC() }

func registryConfig(clock *atomic.Int64) registry.Config {
	return registry.Config{Now: func() time.Time { return time.Unix(clock.Load(), 0).UTC() }, Entropy: entropy.System()}
}

// newAuthority makes one with its registry in a folder; without one, in memory.
func newAuthority(folder string) (*authority, error) {
	a := &authority{clock: new(atomic.Int64), known: map[perso.Hash]perso.Authority{}}
	a.clock.Store(authorityStart.Unix())
	var err error
	if folder == "" {
		a.registry, err = registry.OpenMemory(registryConfig(a.clock))
	} else {
		a.registry, err = registry.Open(folder, registryConfig(a.clock))
	}
	if err != nil {
		return nil, err
	}
	config := ca.Config{Registry: a.registry, Issuers: map[profile.Authority]*certificate.Generations{}, Delivered: testkeys.NewSource(1),
		Entropy: entropy.System(), Secret: make([]byte, ca.SecretLen), Attestation: a}
	key, err := testkeys.Store().ContentKey(1)
	if err != nil {
		return nil, err
	}
	config.Content = []perso.ContentKey{key}
	for _, of := range profile.Authorities() {
		i, err := ca.NewGeneration(context.Background(), a.registry, of, 1, testkeys.Signer(authorityKeys[of], 1), a.now(), operator)
		if err != nil {
			return nil, err
		}
		if config.Issuers[of], err = certificate.NewGenerations(i); err != nil {
			return nil, err
		}
	}
	a.Authority, err = ca.New(config)
	return a, err
}

var (
	operator      = registry.Cause{Actor: registry.Operator}
	municipal     = registry.Cause{Actor: registry.Municipality}
	authorityKeys = map[profile.Authority]keys.Role{profile.SignatureAuthority: keys.SignatureCA, profile.AuthenticationAuthority: keys.AuthenticationCA}
)

// issuer is the authority of authentication certificates.
func (a *authority) issuer() *certificate.Issuer {
	return a.Issuers(profile.AuthenticationAuthority).All()[0]
}

// publisher is issuer for whoever publishes status, with a responder.
func (a *authority) publisher() (*status.Issuer, error) {
	i, signer := a.issuer(), testkeys.Signer(keys.AuthenticationOCSP, 1)
	responder, err := ca.NewResponder(context.Background(), a.registry, i, 1, signer, a.now(), operator)
	if err != nil {
		return nil, err
	}
	return &status.Issuer{Authority: i.Authority, Generation: 1, Certificate: i.Certificate, Signer: i.Signer,
		Responder: &status.Responder{Certificate: responder, Signer: signer}}, nil
}

// nextKey is a key pair that nobody has had: of two primes of the published test
// keys, since making new ones takes long. Such keys are good for measuring only.
func (a *authority) nextKey() (*rsa.PrivateKey, error) {
	for n := 0; ; n++ {
		i, j := 0, n
		for ; j > i; i++ {
			j -= i + 1
		}
		if i+1 >= 2*testkeys.HolderCount {
			return nil, fmt.Errorf("all %d key pairs are taken", a.keys)
		}
		if n != a.keys {
			continue
		}
		a.keys++
		return keyOf(holderPrime(i+1), holderPrime(j))
	}
}

func holderPrime(n int) *big.Int { return testkeys.Holder(n/2 + 1).Primes[n%2] }

func keyOf(p, q *big.Int) (*rsa.PrivateKey, error) {
	one, e := big.NewInt(1), big.NewInt(65537)
	order := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537}, D: new(big.Int).ModInverse(e, order), Primes: []*big.Int{p, q}}
	key.Precompute()
	return key, key.Validate()
}

// holder is a person with a card: its certificates, and the key of the signature.
type holder struct {
	authentication, signature *x509.Certificate
	key                       *rsa.PrivateKey
}

// enrol registers a person with a card and both its certificates.
func (a *authority) enrol() (h holder, err error) {
	ctx := context.Background()
	person, err := a.registry.RegisterPerson(ctx, profile.Date{Year: 1985, Month: 4, Day: 1},
		record.Attributes{Name: "模型　太郎", Address: "模型町一丁目", Sex: 1, Municipality: profile.Municipalities()[0]}, municipal)
	if err != nil {
		return h, err
	}
	card, err := a.registry.IssueCard(ctx, person, a.now().AddDate(10, 0, 0), municipal)
	if err != nil {
		return h, err
	}
	for _, kind := range []profile.Kind{profile.CardAuthentication, profile.CardSignature} {
		if h.key, err = a.nextKey(); err != nil {
			return h, err
		}
		csr, err := x509.CreateCertificateRequest(nil, &x509.CertificateRequest{SignatureAlgorithm: x509.SHA256WithRSA}, h.key)
		if err != nil {
			return h, err
		}
		der, err := a.CertifyCard(ctx, card, kind, csr, municipal)
		if err != nil {
			return h, err
		}
		h.authentication = h.signature
		if h.signature, err = x509.ParseCertificate(der); err != nil {
			return h, err
		}
	}
	return h, nil
}

// bareSignature is what the authority's key does and nothing else, by crypto/rsa.
func (a *authority) bareSignature() func([]byte) error {
	key := a.issuer().Signer
	return func(digest []byte) error {
		_, err := key.Sign(nil, digest, crypto.SHA256)
		return err
	}
}
