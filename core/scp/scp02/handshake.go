package scp02

import (
	"crypto/subtle"
	"errors"
	"fmt"

	"inkan/core/entropy"
	"inkan/core/scp"
)

// HostConfig says how a host opens a channel.
type HostConfig struct {
	// Options is i, which the card does not say in SCP02.
	Options Options
	// Keys gives the static keys of the card that answered. The card's key
	// version, which need not be the one asked for, and KDD are in r. The set
	// is only read, and not kept.
	Keys func(r *InitializeUpdateResponse) (*scp.KeySet, error)

	KeyVersion byte      // P1 of INITIALIZE UPDATE; 00: the card's first key set
	Channel    byte      // logical channel, 0 to 19
	Level      scp.Level // 00, 01 or 03; with ResponseMAC also 10, 11 or 13
	AID        []byte    // of the Security Domain; if set, a pseudo-random card challenge is checked
	Entropy    entropy.Source
	// Engine makes the DES of every key; nil: the standard library's.
	Engine Engine
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
	challenge [HostChallengeSize]byte
	response  InitializeUpdateResponse
	session   *session
}

// NewHandshake checks the configuration.
// Spec: SPEC-SCP02-001, SPEC-SCP02-030.
func NewHandshake(config HostConfig) (*Handshake, error) {
	if err := config.Options.Check(); err != nil {
		return nil, err
	}
	if config.Keys == nil || config.Entropy == nil {
		return nil, errors.New("scp02: HostConfig needs Keys and Entropy")
	}
	if !config.Options.Allows(config.Level) {
		return nil, fmt.Errorf("scp02: i %02X does not allow level %02X", byte(config.Options), byte(config.Level))
	}
	if _, err := scp.InitializeClass(config.Channel); err != nil {
		return nil, err
	}
	config.Engine = engineOr(config.Engine)
	return &Handshake{config: config}, nil
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
// 08 challenge 00.
// Spec: SPEC-SCP02-012.
func (h *Handshake) InitializeUpdate(dst []byte) ([]byte, error) {
	if err := h.next(1); err != nil {
		return dst, err
	}
	h.config.Entropy.Fill(h.challenge[:])
	class, _ := scp.InitializeClass(h.config.Channel) // NewHandshake has checked
	dst = append(dst, class, scp.InsInitializeUpdate, h.config.KeyVersion, 0, HostChallengeSize)
	dst = append(dst, h.challenge[:]...)
	return append(dst, 0), nil
}

// ExternalAuthenticate reads the response APDU of INITIALIZE UPDATE, verifies
// the card and appends the EXTERNAL AUTHENTICATE command to dst. Nothing is
// made for a card that does not prove its keys; the handshake is over then.
// Errors: a status word (iso7816.SW), *wire.DecodeError, ErrCardCryptogram,
// ErrCardChallenge, or what HostConfig.Keys says.
// Spec: SPEC-SCP02-011, SPEC-SCP02-013, SPEC-SCP02-014.
func (h *Handshake) ExternalAuthenticate(dst, resp []byte) ([]byte, error) {
	if err := h.next(2); err != nil {
		return dst, err
	}
	if err := h.authenticate(resp); err != nil {
		h.Close()
		return dst, err
	}
	s, level := h.session, byte(h.config.Level)
	var cryptogram [CryptogramSize]byte
	s.hostCryptogram(&cryptogram, &h.challenge)
	class, _ := scp.InitializeClass(h.config.Channel)
	class, _ = scp.ProtectClass(class)
	s.commandMAC(class, scp.InsExternalAuthenticate, level, 0, cryptogram[:])
	s.advanceChain()
	s.responseChain = s.chain
	dst = append(dst, class, scp.InsExternalAuthenticate, level, 0, CryptogramSize+MACSize)
	dst = append(dst, cryptogram[:]...)
	return append(dst, s.tag[:]...), nil
}

// authenticate reads the response, makes the session keys and verifies the card.
func (h *Handshake) authenticate(resp []byte) error {
	keys, err := h.readResponse(resp)
	if err != nil {
		return err
	}
	r := &h.response
	if h.session, err = newSession(h.config.Engine, h.config.Options, keys, r.SequenceCounter); err != nil {
		return err
	}
	h.session.setChallenge(r.SequenceCounter, &r.CardChallenge)
	var want [CryptogramSize]byte
	h.session.cardCryptogram(&want, &h.challenge)
	if !equal(want[:], r.CardCryptogram[:]) {
		return ErrCardCryptogram
	}
	if h.config.Options&PseudoRandom == 0 || len(h.config.AID) == 0 {
		return nil
	}
	var challenge [CardChallengeSize]byte
	h.session.pseudoRandomChallenge(&challenge, h.config.AID)
	if !equal(challenge[:], r.CardChallenge[:]) {
		return ErrCardChallenge
	}
	return nil
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
	r := &h.response
	keys, err := h.config.Keys(r)
	if err == nil && keys == nil {
		err = fmt.Errorf("scp02: no keys for version %02X", r.KeyVersion)
	}
	return keys, err
}

// Response is the card's INITIALIZE UPDATE response, after
// ExternalAuthenticate: its KDD, key version and sequence counter.
func (h *Handshake) Response() InitializeUpdateResponse { return h.response }

// Open reads the response APDU of EXTERNAL AUTHENTICATE and gives the open
// channel. The error is a status word, scp.ErrAuthentication as a rule.
// Spec: SPEC-SCP02-015.
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
	h.session.level = h.config.Level
	host := &Host{session: h.session}
	h.session = nil
	return host, nil
}

// Close gives up the handshake and wipes what it has derived.
func (h *Handshake) Close() {
	h.step = -1
	clear(h.challenge[:])
	if h.session != nil {
		h.session.wipe()
		h.session = nil
	}
}

// equal compares in constant time.
// Spec: SPEC-SCP02-091.
func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
