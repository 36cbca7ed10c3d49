package hsm

import (
	"context"
	"crypto"
	"fmt"

	"inkan/core/gp"
)

// signer finds a signing key.
func (s *Software) signer(label string) (crypto.Signer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.signers[label]
	if key == nil {
		return nil, fmt.Errorf("%w: %q", ErrUnknownKey, label)
	}
	return key, nil
}

// Public implements Module.
func (s *Software) Public(_ context.Context, label string) (crypto.PublicKey, error) {
	key, err := s.signer(label)
	if err != nil {
		return nil, err
	}
	return key.Public(), nil
}

// locked is the module's source of randomness behind its lock.
type locked struct{ module *Software }

// Fill implements entropy.Source.
func (l locked) Fill(dst []byte) { l.module.fill(dst) }

// Sign implements Module.
func (s *Software) Sign(_ context.Context, label string, message []byte) ([]byte, error) {
	key, err := s.signer(label)
	if err != nil {
		return nil, err
	}
	signer, err := gp.NewContentSigner(key, locked{s})
	if err != nil {
		return nil, err
	}
	return signer.AppendSignature(nil, message)
}

// VerifyMAC implements Module.
func (s *Software) VerifyMAC(_ context.Context, k KeyRef, message, mac []byte) (bool, error) {
	if k.Use != UseReceipt {
		return false, ErrUse
	}
	c, err := s.open(&k, nil)
	if err != nil {
		return false, err
	}
	defer c.wipe()
	m, err := gp.NewContentMAC(c.typ, c.keys.Enc)
	if err != nil {
		return false, err
	}
	defer m.Wipe()
	return m.Verify(message, mac), nil
}

// VerifyReceipt tells whether a card's confirmation is of an operation, under the card's
// receipt key; one that cannot be is of none. Whether its counter has risen is the
// caller's to look at. Spec: SPEC-HSM-041.
func VerifyReceipt(ctx context.Context, m Module, k KeyRef, c *gp.Confirmation, operation gp.ReceiptContext) (bool, error) {
	message, err := gp.ReceiptInput(nil, c, operation)
	if err != nil {
		return false, nil
	}
	return m.VerifyMAC(ctx, k, message, c.Receipt)
}
