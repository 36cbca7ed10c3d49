package channel

import (
	"context"

	"inkan/core/mac"
	"inkan/core/scp"
	"inkan/core/scp/scp03"
)

// SCP03 runs AES-128, i=70 and level 33: commands and responses are encrypted
// and authenticated.
func SCP03(ctx context.Context, seed uint64) (*Exchange, error) {
	const options = scp03.PseudoRandom | scp03.ResponseMAC | scp03.ResponseEncryption
	const level = scp.CMAC | scp.CDecryption | scp.RMAC | scp.REncryption
	e := &Exchange{Title: "SCP03, i=70, AES-128, level 33", Spec: "spec/SCP03.md"}
	keys, counter := testKeys(0x30), new(memoryCounter)
	card, err := scp03.NewCard(scp03.CardConfig{
		Options: options, AID: isdAID, Entropy: source(seed, "card"),
		Keys: func(byte) (*scp.KeySet, scp.Counter) { return keys, counter },
	})
	if err != nil {
		return nil, err
	}
	pipe := &domain{channel: card}
	h, err := scp03.NewHandshake(scp03.HostConfig{
		Keys: scp03.FixedKeys(testKeys(0x30)), KeyVersion: 0x30, Level: level, AID: isdAID,
		Entropy: source(seed, "host"),
	})
	if err != nil {
		return nil, err
	}
	answer, err := e.open(ctx, pipe, h, opening03(keys))
	if err != nil {
		return nil, err
	}
	host, err := h.Open(answer)
	if err != nil {
		return nil, err
	}
	return e, e.useAndAttack(ctx, pipe, host, 8, true)
}

// deriveSCP03 is the counter-mode KDF of Amendment D: 11 × 00, constant, 00,
// length in bits, counter, context.
func deriveSCP03(key []byte, constant byte, context []byte) ([]byte, error) {
	before := append(make([]byte, 11), constant, 0, 0, byte(8*len(key)))
	out := make([]byte, len(key))
	return out, mac.DeriveCounter(out, key, before, context)
}
