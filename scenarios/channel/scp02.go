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
	host, err := e.openSCP02(ctx, pipe, h, keys)
	if err != nil {
		return nil, err
	}
	return e, e.useAndAttack(ctx, pipe, host, 8, false)
}

// openSCP02 shows the handshake and what both sides derive in it.
func (e *Exchange) openSCP02(ctx context.Context, pipe *domain, h *scp02.Handshake, keys *scp.KeySet) (*scp02.Host, error) {
	initialize, err := h.InitializeUpdate(nil)
	if err != nil {
		return nil, err
	}
	e.add(ToCard, "INITIALIZE UPDATE", cut(initialize, part{5, "header: P1 is the key version; Lc"}, part{8, "host challenge"}, part{-1, "Le"})...)
	answer, _ := pipe.Transmit(ctx, initialize, nil)
	e.add(FromCard, "INITIALIZE UPDATE response", cut(answer, part{10, "key diversification data"}, part{2, "key version, protocol 02"},
		part{2, "sequence counter"}, part{6, "card challenge, a MAC over the AID"}, part{8, "card cryptogram: the card has the keys"}, part{-1, "status word"})...)
	authenticate, err := h.ExternalAuthenticate(nil, answer)
	if err != nil {
		return nil, err
	}
	derived := []Field{{Bytes: append(Hex(nil), answer[12:14]...), Meaning: "context: sequence counter"}}
	for _, k := range []struct {
		constant byte
		key      []byte
		meaning  string
	}{{0x82, keys.Enc, "S-ENC (constant 0182)"}, {0x01, keys.MAC, "S-MAC (constant 0101)"}, {0x81, keys.DEK, "S-DEK (constant 0181)"}} {
		session, err := deriveSCP02(k.key, k.constant, answer[12:14])
		if err != nil {
			return nil, err
		}
		derived = append(derived, Field{Bytes: session, Meaning: k.meaning})
	}
	e.add(Derived, "session keys, from the test keys 40 41 … 4F", derived...)
	e.add(ToCard, "EXTERNAL AUTHENTICATE", cut(authenticate, part{5, "header: P1 is the level; Lc"}, part{8, "host cryptogram: the host has the keys"}, part{8, "C-MAC"})...)
	answer, _ = pipe.Transmit(ctx, authenticate, nil)
	e.add(FromCard, "the channel is open", cut(answer, part{2, "status word"})...)
	return h.Open(answer)
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
