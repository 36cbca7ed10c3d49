package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"

	"inkan/core/jpki/perso"
)

// Store gives access to the authority's keys, wherever they are. It may be used
// concurrently.
type Store interface {
	// Names lists the keys that there are, in order.
	Names() []Name
	// Signer returns a key that signs. The error is ErrNoKey for a name that is
	// not listed and for a content key.
	Signer(Name) (crypto.Signer, error)
	// ContentKey returns the content key of a version, or ErrNoKey.
	ContentKey(version byte) (perso.ContentKey, error)
}

// ErrNoKey says that a store has no key of a name; it is wrapped with the name.
var ErrNoKey = errors.New("there is no such key")

// Set is a Store of keys in memory. The zero value is empty.
type Set struct {
	signers map[Name]crypto.Signer
	content map[Name]*perso.SoftwareKey
}

// Add puts a private key under a name: an *rsa.PrivateKey, or for content and
// request an *ecdsa.PrivateKey. It fails for a key of another kind than the role has, and
// for a name that is taken. Spec: SPEC-CA-KEYS-003.
func (s *Set) Add(name Name, private crypto.PrivateKey) error {
	if _, err := name.MarshalText(); err != nil {
		return err
	}
	if slices.Contains(s.Names(), name) {
		return fmt.Errorf("keys: there are two keys %s", name)
	}
	if err := s.unused(name, private); err != nil {
		return err
	}
	switch key := private.(type) {
	case *rsa.PrivateKey:
		if err := CheckPublicKey(name.Role.Algorithm(), &key.PublicKey); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		signer, err := NewSigner(key)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		s.signers = put(s.signers, name, signer)
		return nil
	case *ecdsa.PrivateKey:
		if err := CheckPublicKey(name.Role.Algorithm(), &key.PublicKey); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if name.Role != Content {
			s.signers = put(s.signers, name, crypto.Signer(requestSigner{key}))
			return nil
		}
		scalar, err := key.Bytes()
		if err != nil {
			return fmt.Errorf("%s: keys: not a private key of P-256", name)
		}
		defer clear(scalar)
		content, err := perso.NewSoftwareKey(byte(name.Generation), scalar)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		s.content = put(s.content, name, content)
		return nil
	}
	return fmt.Errorf("keys: %s: want %s, got a %T", name, name.Role.Algorithm(), private)
}

// unused fails when the key stands in the set already. Spec: SPEC-CA-KEYS-001.
func (s *Set) unused(name Name, private crypto.PrivateKey) error {
	pair, ok := private.(crypto.Signer) // *rsa.PrivateKey and *ecdsa.PrivateKey are
	if !ok {
		return nil // Add refuses it
	}
	fingerprint, err := FingerprintOf(pair.Public())
	if err != nil {
		return err
	}
	for _, other := range s.Names() {
		public, err := PublicKey(s, other)
		if err != nil {
			return err
		}
		if got, err := FingerprintOf(public); err != nil || got == fingerprint {
			return fmt.Errorf("keys: %s and %s are the same key: one key has one purpose", other, name)
		}
	}
	return nil
}

func put[V any](m map[Name]V, name Name, value V) map[Name]V {
	if m == nil {
		m = map[Name]V{}
	}
	m[name] = value
	return m
}

// Names implements Store.
func (s *Set) Names() []Name {
	var names []Name
	for name := range s.signers {
		names = append(names, name)
	}
	for name := range s.content {
		names = append(names, name)
	}
	slices.SortFunc(names, Name.Compare)
	return names
}

// Signer implements Store. Spec: SPEC-CA-KEYS-012.
func (s *Set) Signer(name Name) (crypto.Signer, error) {
	if key, ok := s.signers[name]; ok {
		return key, nil
	}
	return nil, fmt.Errorf("keys: %s: %w", name, ErrNoKey)
}

// ContentKey implements Store.
func (s *Set) ContentKey(version byte) (perso.ContentKey, error) {
	name := Name{Content, int(version)}
	if key, ok := s.content[name]; ok {
		return key, nil
	}
	return nil, fmt.Errorf("keys: %s: %w", name, ErrNoKey)
}

// PublicKey returns the public half of any key of a store: *rsa.PublicKey, or
// *ecdsa.PublicKey for a content or request key.
func PublicKey(s Store, name Name) (crypto.PublicKey, error) {
	if name.Role != Content {
		key, err := s.Signer(name)
		if err != nil {
			return nil, err
		}
		return key.Public(), nil
	}
	key, err := s.ContentKey(byte(name.Generation))
	if err != nil {
		return nil, err
	}
	point := key.Point()
	return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point[:])
}

// RequireReal fails when a key of the store is one of the published test keys,
// and names it. Whoever serves real certificates calls it first.
// Spec: SPEC-CA-KEYS-021.
func RequireReal(s Store) error {
	for _, name := range s.Names() {
		public, err := PublicKey(s, name)
		if err != nil {
			return err
		}
		fingerprint, err := FingerprintOf(public)
		if err != nil {
			return err
		}
		if test, ok := testFingerprints[fingerprint.String()]; ok {
			return fmt.Errorf("keys: %s is the published test key %q: anyone can sign with it, a real authority cannot", name, test)
		}
	}
	return nil
}

// IsTest reports whether a public key is that of a published test key.
func IsTest(public crypto.PublicKey) bool {
	fingerprint, err := FingerprintOf(public)
	_, test := testFingerprints[fingerprint.String()]
	return err == nil && test
}
