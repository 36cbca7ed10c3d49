package hsm

import (
	"context"
	"crypto/ecdh"
	"fmt"

	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/scp/confidential"
	"inkan/tsm/store/row"
)

// scalarBytes is the length of a private key on P-256.
const scalarBytes = 32

// BeginAgreement implements Module.
func (s *Software) BeginAgreement(context.Context) (point []byte, ephemeral row.Wrapped, err error) {
	scalar := make([]byte, scalarBytes)
	defer clear(scalar)
	var private *ecdh.PrivateKey
	// All but one scalar in 2^32 is below the order.
	for tries := 0; private == nil; tries++ {
		s.fill(scalar)
		if private, err = ecdh.P256().NewPrivateKey(scalar); err != nil && tries == 8 {
			return nil, row.Wrapped{}, fmt.Errorf("hsm: the source of randomness gives no private key: %w", err)
		}
	}
	return private.PublicKey().Bytes(), s.wrapper.wrap(kindEphemeral, scalar), nil
}

// FinishAgreement implements Module.
func (s *Software) FinishAgreement(_ context.Context, ephemeral row.Wrapped, card, control []byte, answer *gp.ConfidentialResponse) (KeyRef, error) {
	scalar, err := s.wrapper.unwrap(kindEphemeral, &ephemeral)
	if err != nil {
		return KeyRef{}, err
	}
	defer clear(scalar)
	private, err := ecdh.P256().NewPrivateKey(scalar)
	if err != nil {
		return KeyRef{}, ErrWrapped
	}
	public, err := ecdh.P256().NewPublicKey(card)
	if err != nil {
		return KeyRef{}, fmt.Errorf("hsm: the card's point: %w", err)
	}
	template, err := gp.DecodeConfidentialControl(control)
	if err != nil {
		return KeyRef{}, err
	}
	plan, err := confidential.PlanOf(&template)
	if err != nil {
		return KeyRef{}, err
	}
	agreed, err := confidential.Agree(private, public, control, answer)
	if err != nil {
		return KeyRef{}, err
	}
	defer agreed.Wipe()
	c := set{use: useOf(plan.Version), typ: plan.Type, keys: *agreed.KeySet(plan.Version)}
	if err := c.check(); err != nil {
		return KeyRef{}, err
	}
	return s.stored(&c), nil
}

// useOf is what agreed keys of a version are for.
func useOf(version byte) Use {
	switch keys.UseOf(version) {
	case keys.UseSCP80:
		return UseSCP80
	case keys.UseSCP02:
		return UseSCP02
	}
	return UseSCP03
}
