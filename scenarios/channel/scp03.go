package channel

import (
	"context"

	"inkan/core/gp"
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
	host, err := e.openSCP03(ctx, pipe, h, keys)
	if err != nil {
		return nil, err
	}
	return e, e.useAndAttack(ctx, pipe, host, 8, true)
}

// openSCP03 shows the handshake and what both sides derive in it.
func (e *Exchange) openSCP03(ctx context.Context, pipe *domain, h *scp03.Handshake, keys *scp.KeySet) (*scp03.Host, error) {
	initialize, err := h.InitializeUpdate(nil)
	if err != nil {
		return nil, err
	}
	e.add(ToCard, "INITIALIZE UPDATE", cut(initialize, part{5, "header: P1 is the key version; Lc"}, part{8, "host challenge"}, part{-1, "Le"})...)
	answer, _ := pipe.Transmit(ctx, initialize, nil)
	e.add(FromCard, "INITIALIZE UPDATE response", cut(answer, part{10, "key diversification data"}, part{3, "key version, protocol 03, i"},
		part{8, "card challenge, from counter and AID"}, part{8, "card cryptogram: the card has the keys"}, part{3, "sequence counter"}, part{-1, "status word"})...)
	authenticate, err := h.ExternalAuthenticate(nil, answer)
	if err != nil {
		return nil, err
	}
	challenges := append(append([]byte(nil), initialize[5:13]...), answer[13:21]...)
	derived := []Field{{Bytes: challenges, Meaning: "context: host challenge, card challenge"}}
	for _, k := range []struct {
		constant byte
		key      []byte
		meaning  string
	}{{4, keys.Enc, "S-ENC (constant 04)"}, {6, keys.MAC, "S-MAC (constant 06)"}, {7, keys.MAC, "S-RMAC (constant 07)"}} {
		session, err := deriveSCP03(k.key, k.constant, challenges)
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

// deriveSCP03 is the counter-mode KDF of Amendment D: 11 × 00, constant, 00,
// length in bits, counter, context.
func deriveSCP03(key []byte, constant byte, context []byte) ([]byte, error) {
	before := append(make([]byte, 11), constant, 0, 0, byte(8*len(key)))
	out := make([]byte, len(key))
	return out, mac.DeriveCounter(out, key, before, context)
}

// useAndAttack sends a command each way through an open channel, then replays
// the last one as an attacker on the wire would.
func (e *Exchange) useAndAttack(ctx context.Context, pipe *domain, host scp.Host, macBytes int, encryptedResponse bool) error {
	record := []byte{0x00, 0x70, 0x05, 'i', 'n', 'k', 'a', 'n'}
	store := append([]byte{gp.ClassGlobalPlatform, gp.InsStoreData, 0x88, 0x00, byte(len(record))}, record...)
	if _, err := e.send(ctx, pipe, host, "STORE DATA", store, macBytes, false); err != nil {
		return err
	}
	get := []byte{gp.ClassGlobalPlatform, gp.InsGetData, 0x00, 0x70, 0x00}
	last, err := e.send(ctx, pipe, host, "GET DATA", get, macBytes, encryptedResponse)
	if err != nil {
		return err
	}
	e.add(Attack, "GET DATA again, recorded from the line", Field{Bytes: last, Meaning: "the very same bytes"})
	answer, _ := pipe.Transmit(ctx, last, nil)
	e.add(FromCard, "refused: the MAC chain has moved on; the session is over", cut(answer, part{2, "status word: security status not satisfied"})...)
	return nil
}

// send shows one protected command and its response; it returns the command as
// it was on the line.
func (e *Exchange) send(ctx context.Context, pipe *domain, host scp.Host, name string, plain []byte, macBytes int, encrypted bool) ([]byte, error) {
	wire, err := host.Wrap(nil, plain)
	if err != nil {
		return nil, err
	}
	fields := append(cut(plain, part{-1, "plain, inside the host"}), protected(wire, macBytes, "data, encrypted")...)
	e.add(ToCard, name, fields...)
	answer, _ := pipe.Transmit(ctx, wire, nil)
	open, err := host.Unwrap(nil, answer)
	if err != nil {
		return nil, err
	}
	data := len(answer) - 2
	var parts []part
	if host.Level()&scp.RMAC != 0 && data >= macBytes {
		if n := data - macBytes; n > 0 {
			parts = append(parts, part{n, map[bool]string{true: "data, encrypted", false: "data"}[encrypted]})
		}
		parts = append(parts, part{macBytes, "R-MAC"})
	} else if data > 0 {
		parts = append(parts, part{data, "data"})
	}
	fields = cut(answer, append(parts, part{2, "status word"})...)
	e.add(FromCard, name+" response", append(fields, cut(open, part{-1, "plain, inside the host"})...)...)
	return wire, nil
}
