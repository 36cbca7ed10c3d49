package channel

import (
	"context"

	"inkan/core/mac"
	"inkan/core/scp"
	"inkan/core/scp/scp02"
)

// SCP02 runs i=55 and level 03: commands are encrypted and authenticated,
// responses are not.
func SCP02(ctx context.Context, seed uint64) (*Exchange, error) {
	const options = scp02.ThreeKeys | scp02.Explicit | scp02.ICVEncryption | scp02.PseudoRandom
	const level = scp.CMAC | scp.CDecryption
	e := &Exchange{Title: "SCP02, i=55, two-key triple DES, level 03", Spec: "spec/SCP02.md"}
	keys, counter := testKeys(0x20), new(memoryCounter)
	card, err := scp02.NewCard(scp02.CardConfig{
		Options: options, AID: isdAID, Entropy: source(seed, "card"),
		Keys: func(byte) (*scp.KeySet, scp.Counter) { return keys, counter },
	})
	if err != nil {
		return nil, err
	}
	pipe := &domain{channel: card}
	h, err := scp02.NewHandshake(scp02.HostConfig{
		Options: options, Keys: scp02.FixedKeys(testKeys(0x20)), KeyVersion: 0x20, Level: level, AID: isdAID,
		Entropy: source(seed, "host"),
	})
	if err != nil {
		return nil, err
	}
	answer, err := e.open(ctx, pipe, h, opening02(keys))
	if err != nil {
		return nil, err
	}
	host, err := h.Open(answer)
	if err != nil {
		return nil, err
	}
	return e, e.useAndAttack(ctx, pipe, host, 8, false)
}

// deriveSCP02 encrypts 01, constant, sequence counter, 12 × 00 in CBC mode.
func deriveSCP02(key []byte, constant byte, sequence []byte) ([]byte, error) {
	block, err := mac.NewTDES(key)
	if err != nil {
		return nil, err
	}
	out := append([]byte{1, constant}, sequence...)
	out = append(out, make([]byte, 12)...)
	block.Encrypt(out[:8], out[:8])
	for i := range 8 {
		out[8+i] ^= out[i]
	}
	block.Encrypt(out[8:], out[8:])
	return out, nil
}
