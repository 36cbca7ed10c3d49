package scp03

import (
	"crypto/cipher"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/scp"
)

// HostConfig says how a host opens a channel.
type HostConfig struct {
	// Keys gives the static keys of the card that answered. The card's key
	// version, which need not be the one asked for, and KDD are in r. The set
	// is only read, and not kept.
	Keys func(r *InitializeUpdateResponse) (*scp.KeySet, error)

	KeyVersion byte      // P1 of INITIALIZE UPDATE; 00: the card's first key set
	Channel    byte      // logical channel, 0 to 19
	S16        bool      // open in S16 mode; the card's i must have it too
	Level      scp.Level // 00, 01, 03, 11, 13 or 33
	AID        []byte    // of the Security Domain; if set, a pseudo-random card challenge is checked
	Entropy    entropy.Source
	// Cipher makes the AES of every key; nil: the standard library's.
	Cipher func(key []byte) (cipher.Block, error)
}

// FixedKeys is a HostConfig.Keys for one card whose keys are known.
func FixedKeys(k *scp.KeySet) func(*InitializeUpdateResponse) (*scp.KeySet, error) {
	return func(*InitializeUpdateResponse) (*scp.KeySet, error) { return k, nil }
}

// Handshake is the host's side while a channel is being opened:
// InitializeUpdate, ExternalAuthenticate, Open, each once and in this order.
type Handshake struct {
	config    HostConfig
	step      int // calls done
	challenge [16]byte
	response  InitializeUpdateResponse
	session   *session
}

// NewHandshake checks the configuration.
// Spec: SPEC-SCP03-003.
func NewHandshake(config HostConfig) (*Handshake, error) {
	switch {
	case config.Keys == nil || config.Entropy == nil:
		return nil, errors.New("scp03: HostConfig needs Keys and Entropy")
	case !Options(ResponseMAC | ResponseEncryption).Allows(config.Level):
		return nil, fmt.Errorf("scp03: security level %02X is none of 00, 01, 03, 11, 13, 33", byte(config.Level))
	}
	if _, err := scp.InitializeClass(config.Channel); err != nil {
		return nil, err
	}
	return &Handshake{config: config}, nil
}

func (h *Handshake) size() int {
	if h.config.S16 {
		return 16
	}
	return 8
}

// next advances to the given step, if it is the next one.
func (h *Handshake) next(step int) error {
	if h.step != step-1 {
		h.Close()
		return ErrSequence
	}
	h.step = step
	return nil
}

// InitializeUpdate appends the INITIALIZE UPDATE command to dst: 80 50 KVN 00
// 08|10 challenge 00.
// Spec: SPEC-SCP03-010.
func (h *Handshake) InitializeUpdate(dst []byte) ([]byte, error) {
	if err := h.next(1); err != nil {
		return dst, err
	}
	challenge := h.challenge[:h.size()]
	h.config.Entropy.Fill(challenge)
	class, _ := scp.InitializeClass(h.config.Channel) // NewHandshake has checked
	dst = append(dst, class, scp.InsInitializeUpdate, h.config.KeyVersion, 0, byte(len(challenge)))
	dst = append(dst, challenge...)
	return append(dst, 0), nil
}

// ExternalAuthenticate reads the response APDU of INITIALIZE UPDATE, verifies
// the card and appends the EXTERNAL AUTHENTICATE command to dst. Nothing is
// made for a card that does not prove its keys; the handshake is over then.
// Errors: a status word (iso7816.SW), *wire.DecodeError, ErrCardCryptogram,
// ErrCardChallenge, or what HostConfig.Keys says.
// Spec: SPEC-SCP03-027, SPEC-SCP03-028, SPEC-SCP03-029, SPEC-SCP03-030.
func (h *Handshake) ExternalAuthenticate(dst, resp []byte) ([]byte, error) {
	if err := h.next(2); err != nil {
		return dst, err
	}
	out, err := h.authenticate(dst, resp)
	if err != nil {
		h.Close()
		return dst, err
	}
	return out, nil
}

func (h *Handshake) authenticate(dst, resp []byte) ([]byte, error) {
	keys, err := h.readResponse(resp)
	if err != nil {
		return dst, err
	}
	r, size := &h.response, h.size()
	derived, err := derive(h.config.Cipher, keys, h.challenge[:size], r.CardChallenge)
	if err != nil {
		return dst, err
	}
	defer derived.wipe()
	if subtle.ConstantTimeCompare(derived.cardCryptogram[:size], r.CardCryptogram) != 1 {
		return dst, ErrCardCryptogram
	}
	if err := h.checkChallenge(keys); err != nil {
		return dst, err
	}
	if h.session, err = newSession(h.config.Cipher, derived, keys.DEK, h.config.Level, size); err != nil {
		return dst, err
	}
	// EXTERNAL AUTHENTICATE carries a MAC whatever the level, and no
	// encryption (SPEC-SCP03-030); it does not count (SPEC-SCP03-046).
	plain, _ := scp.InitializeClass(h.config.Channel)
	class, _ := scp.ProtectClass(plain)
	cmd := apdu.Command{
		CLA: plain, INS: scp.InsExternalAuthenticate, P1: byte(h.config.Level),
		Data: derived.hostCryptogram[:size],
	}
	h.session.commandMAC(&cmd, cmd.Data)
	h.session.mcv = h.session.tag
	dst = append(dst, class, cmd.INS, cmd.P1, cmd.P2, byte(2*size))
	dst = append(dst, cmd.Data...)
	return append(dst, h.session.tag[:size]...), nil
}

// readResponse decodes the response and looks up the card's keys.
func (h *Handshake) readResponse(resp []byte) (*scp.KeySet, error) {
	data, err := scp.HandshakeData(resp)
	if err != nil {
		return nil, err
	}
	if h.response, err = DecodeInitializeUpdateResponse(data); err != nil {
		return nil, err
	}
	h.response.CardChallenge = slices.Clone(h.response.CardChallenge)
	h.response.CardCryptogram = slices.Clone(h.response.CardCryptogram)
	r := &h.response
	if r.Options.MACSize() != h.size() {
		return nil, fmt.Errorf("scp03: the card's i %02X is not of the %d-byte mode asked for", byte(r.Options), h.size())
	}
	if !r.Options.Allows(h.config.Level) {
		return nil, fmt.Errorf("scp03: the card's i %02X does not allow level %02X", byte(r.Options), byte(h.config.Level))
	}
	keys, err := h.config.Keys(r)
	if err == nil && keys == nil {
		err = fmt.Errorf("scp03: no keys for version %02X", r.KeyVersion)
	}
	return keys, err
}

func (h *Handshake) checkChallenge(keys *scp.KeySet) error {
	r, size := &h.response, h.size()
	if r.Options&PseudoRandom == 0 || len(h.config.AID) == 0 {
		return nil
	}
	var want [16]byte
	if err := cardChallenge(h.config.Cipher, want[:size], keys.Enc, r.SequenceCounter, h.config.AID); err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(want[:size], r.CardChallenge) != 1 {
		return ErrCardChallenge
	}
	return nil
}

// Response is the card's INITIALIZE UPDATE response, after
// ExternalAuthenticate: its KDD, key version, i and sequence counter.
func (h *Handshake) Response() InitializeUpdateResponse { return h.response }

// Open reads the response APDU of EXTERNAL AUTHENTICATE and gives the open
// channel. The error is a status word, scp.ErrAuthentication as a rule.
// Spec: SPEC-SCP03-033.
func (h *Handshake) Open(resp []byte) (*Host, error) {
	if err := h.next(3); err != nil {
		return nil, err
	}
	data, err := scp.HandshakeData(resp)
	if err == nil && len(data) > 0 {
		err = ErrResponse
	}
	if err != nil {
		h.Close()
		return nil, err
	}
	host := &Host{session: h.session}
	h.session = nil
	return host, nil
}

// Close gives up the handshake and wipes what it has derived.
func (h *Handshake) Close() {
	h.step = -1
	if h.session != nil {
		h.session.wipe()
		h.session = nil
	}
}
