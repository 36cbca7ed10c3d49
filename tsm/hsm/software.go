package hsm

import (
	"context"
	"crypto"
	"fmt"
	"sync"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/scp"
)

// Software is a Module in the memory of the process: for simulations and laboratories,
// which have no other. What is given to it is copied; the caller wipes its own.
type Software struct {
	wrapper *wrapper

	mu      sync.Mutex
	entropy entropy.Source
	masters map[string]*Master
	signers map[string]crypto.Signer
}

var _ Module = (*Software)(nil)

// Config is what a Software begins with.
type Config struct {
	Label   string // that the keys it wraps carry
	KEK     []byte // key-encryption key, KEKBytes: as long as it is the same, wrapped keys open
	Entropy entropy.Source
}

// NewSoftware makes a module without keys.
func NewSoftware(c Config) (*Software, error) {
	if c.Entropy == nil {
		return nil, fmt.Errorf("hsm: no source of randomness")
	}
	w, err := newWrapper(c.Label, c.KEK)
	if err != nil {
		return nil, err
	}
	return &Software{wrapper: w, entropy: c.Entropy, masters: map[string]*Master{}, signers: map[string]crypto.Signer{}}, nil
}

// Master is a set of master keys, and how a card's keys follow from them.
type Master struct {
	Use    Use
	Type   keys.Type // of the cards' keys: DES or AES
	Method keys.Method
	Keys   scp.KeySet // with the version of the cards' keys
}

// Format prints no key, whatever the verb.
func (m Master) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "master %v for %s, %s", m.Keys, m.Use, m.Method.Name)
}

// AddMaster puts master keys in, under a label that is new.
func (s *Software) AddMaster(label string, m Master) error {
	sample := make([]byte, keys.KDDSize)
	derived, err := m.derive(sample)
	if err != nil {
		return fmt.Errorf("hsm: master %q: %w", label, err)
	}
	derived.wipe()
	s.mu.Lock()
	defer s.mu.Unlock()
	if label == "" || s.masters[label] != nil {
		return fmt.Errorf("hsm: master label %q: want a new one", label)
	}
	m.Keys = clone(&m.Keys)
	s.masters[label] = &m
	return nil
}

// derive makes a card's set.
func (m *Master) derive(kdd []byte) (*set, error) {
	c := &set{use: m.Use, typ: m.Type, keys: scp.KeySet{Version: m.Keys.Version}}
	masters := [][]byte{m.Keys.Enc, m.Keys.MAC, m.Keys.DEK}
	for i, p := range c.parts() {
		key, err := m.Method.Append(nil, masters[i], kdd, keys.ID(i+1))
		if err != nil {
			c.wipe()
			return nil, err
		}
		*p = key
	}
	if err := c.check(); err != nil {
		c.wipe()
		return nil, err
	}
	return c, nil
}

func clone(k *scp.KeySet) scp.KeySet {
	return scp.KeySet{Version: k.Version, Enc: append([]byte(nil), k.Enc...), MAC: append([]byte(nil), k.MAC...), DEK: append([]byte(nil), k.DEK...)}
}

// AddSigner puts a signing key in, under a label that is new.
func (s *Software) AddSigner(label string, key crypto.Signer) error {
	if _, err := gp.NewContentSigner(key, s.entropy); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if label == "" || s.signers[label] != nil {
		return fmt.Errorf("hsm: signing key label %q: want a new one", label)
	}
	s.signers[label] = key
	return nil
}

// Import wraps a key set that comes from outside; a receipt key is its Enc alone.
func (s *Software) Import(use Use, t keys.Type, k scp.KeySet) (KeyRef, error) {
	c := set{use: use, typ: t, keys: k}
	if err := c.check(); err != nil {
		return KeyRef{}, err
	}
	return s.stored(&c), nil
}

// stored is a set as only the module can use it.
func (s *Software) stored(c *set) KeyRef {
	plain := c.append(nil)
	defer clear(plain)
	return KeyRef{Use: c.use, Version: c.keys.Version, Wrapped: s.wrapper.wrap(kindSet, plain)}
}

// Kinds of what is wrapped.
const (
	kindSet       = "key set"
	kindEphemeral = "ephemeral key"
)

// open gives the keys that are named; the caller wipes them. said is what the card says
// is its diversification data, for a master without.
// Spec: SPEC-HSM-010, SPEC-HSM-015.
func (s *Software) open(k *KeyRef, said []byte) (*set, error) {
	if err := k.Valid(); err != nil {
		return nil, err
	}
	c, err := s.find(k, said)
	if err != nil {
		return nil, err
	}
	if c.use != k.Use || c.keys.Version != k.Version {
		c.wipe()
		return nil, ErrUse
	}
	return c, nil
}

func (s *Software) find(k *KeyRef, said []byte) (*set, error) {
	if k.Master == "" {
		plain, err := s.wrapper.unwrap(kindSet, &k.Wrapped)
		if err != nil {
			return nil, err
		}
		defer clear(plain)
		return parseSet(plain)
	}
	s.mu.Lock()
	m := s.masters[k.Master]
	s.mu.Unlock()
	if m == nil {
		return nil, fmt.Errorf("%w: %q", ErrUnknownKey, k.Master)
	}
	kdd := k.Diversification
	if len(kdd) == 0 {
		kdd = said
	}
	return m.derive(kdd)
}

// Generate implements Module.
func (s *Software) Generate(_ context.Context, spec Spec) (KeyRef, error) {
	if spec.SizeBytes < 0 || spec.SizeBytes > 32 {
		return KeyRef{}, fmt.Errorf("hsm: keys of %d bytes", spec.SizeBytes)
	}
	c := set{use: spec.Use, typ: spec.Type, keys: scp.KeySet{Version: spec.Version}}
	defer c.wipe()
	for _, p := range c.parts() {
		*p = make([]byte, spec.SizeBytes)
		s.fill(*p)
		if spec.Type.IsDES() {
			keys.SetOddParity(*p)
		}
	}
	if err := c.check(); err != nil {
		return KeyRef{}, err
	}
	return s.stored(&c), nil
}

func (s *Software) fill(dst []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entropy.Fill(dst)
}

// Random implements Module.
func (s *Software) Random(_ context.Context, dst []byte) error {
	s.fill(dst)
	return nil
}
