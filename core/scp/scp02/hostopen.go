package scp02

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/mac"
	"inkan/core/scp"
)

// Open opens a channel over a card, with both commands of the handshake:
// InitializeUpdate, ExternalAuthenticate and Open of a new Host.
func Open(ctx context.Context, card apdu.Card, cfg HostConfig, version byte, level scp.Level) (*Host, error) {
	h, err := NewHost(cfg)
	if err != nil {
		return nil, err
	}
	resp, err := card.Transmit(ctx, h.InitializeUpdate(nil, version), nil)
	if err != nil {
		h.Close()
		return nil, err
	}
	cmd, err := h.ExternalAuthenticate(nil, resp, level)
	if err != nil {
		return nil, err
	}
	if resp, err = card.Transmit(ctx, cmd, nil); err != nil {
		h.Close()
		return nil, err
	}
	if err := h.Open(resp); err != nil {
		return nil, err
	}
	return h, nil
}

// InitializeUpdate starts opening a channel and appends the command to dst:
// 80 50 KVN 00 08 challenge 00. Version 00 lets the card choose the key set.
// A session that was open or being opened is ended.
// Spec: SPEC-SCP02-012.
func (h *Host) InitializeUpdate(dst []byte, version byte) []byte {
	h.Close()
	h.cfg.Entropy.Fill(h.challenge[:])
	h.state = hostInitialized
	dst = append(dst, 0x80, insInitializeUpdate, version, 0, HostChallengeSize)
	dst = append(dst, h.challenge[:]...)
	return append(dst, 0)
}

// ExternalAuthenticate takes the response APDU of INITIALIZE UPDATE, verifies
// the card cryptogram (and the pseudo-random challenge, where HostConfig says
// so) and appends EXTERNAL AUTHENTICATE for the level to dst. An error ends the
// session, and no byte has been computed for the card then.
// Spec: SPEC-SCP02-011, SPEC-SCP02-013, SPEC-SCP02-014, SPEC-SCP02-030.
func (h *Host) ExternalAuthenticate(dst, resp []byte, level scp.Level) ([]byte, error) {
	if h.state != hostInitialized {
		return dst, ErrSequence
	}
	out, err := h.externalAuthenticate(dst, resp, level)
	if err != nil {
		h.Close()
		return dst, err
	}
	return out, nil
}

func (h *Host) externalAuthenticate(dst, resp []byte, level scp.Level) ([]byte, error) {
	if !h.cfg.Option.Permits(level) {
		return nil, fmt.Errorf("scp02: option i=%02X has no security level %02X", byte(h.cfg.Option), byte(level))
	}
	data, err := successData(resp)
	if err != nil {
		return nil, fmt.Errorf("scp02: INITIALIZE UPDATE: %w", err)
	}
	r, err := DecodeInitializeUpdate(data)
	if err != nil {
		return nil, err
	}
	if err := h.deriveAndVerify(&r); err != nil {
		return nil, err
	}
	h.wanted, h.state = level, hostAuthentic
	var cryptogram [CryptogramSize]byte
	h.s.hostCryptogram(&cryptogram, &h.challenge)
	h.s.commandMAC(0x84, insExternalAuthenticate, byte(level), 0, cryptogram[:])
	h.s.advanceChain()
	h.s.responseChain = h.s.chain
	dst = append(dst, 0x84, insExternalAuthenticate, byte(level), 0, CryptogramSize+MACSize)
	dst = append(dst, cryptogram[:]...)
	return append(dst, h.s.tag[:]...), nil
}

// deriveAndVerify makes the session keys and verifies the card.
func (h *Host) deriveAndVerify(r *InitializeUpdateResponse) error {
	ks, err := h.cfg.Keys(r)
	if err != nil {
		return err
	}
	if ks == nil {
		return errors.New("scp02: no key set for this card")
	}
	if h.s, err = newSession(h.cfg.Engine, h.cfg.Option, ks, r.SequenceCounter); err != nil {
		return err
	}
	h.s.setChallenge(r.SequenceCounter, &r.CardChallenge)
	var want [CryptogramSize]byte
	h.s.cardCryptogram(&want, &h.challenge)
	if !equal(want[:], r.CardCryptogram[:]) {
		return ErrCardCryptogram
	}
	if h.cfg.Option&PseudoRandom != 0 && len(h.cfg.AID) > 0 {
		var challenge [CardChallengeSize]byte
		h.s.pseudoRandomChallenge(&challenge, h.cfg.AID)
		if !equal(challenge[:], r.CardChallenge[:]) {
			return ErrCardChallenge
		}
	}
	return nil
}

// Open takes the response APDU of EXTERNAL AUTHENTICATE; after 9000 the
// channel is open. An error ends the session.
// Spec: SPEC-SCP02-015.
func (h *Host) Open(resp []byte) error {
	if h.state != hostAuthentic {
		return ErrSequence
	}
	data, err := successData(resp)
	if err == nil && len(data) > 0 {
		err = fmt.Errorf("%d bytes of response data, want none", len(data))
	}
	if err != nil {
		h.Close()
		return fmt.Errorf("scp02: EXTERNAL AUTHENTICATE: %w", err)
	}
	h.s.level, h.state = h.wanted, hostOpen
	return nil
}

// successData is the data of a response APDU whose status word is 9000.
func successData(resp []byte) ([]byte, error) {
	data, sw, err := splitResponse(resp)
	if err != nil {
		return nil, err
	}
	if sw := iso7816.SW(uint16(sw[0])<<8 | uint16(sw[1])); sw != iso7816.OK {
		return nil, sw
	}
	return data, nil
}

// equal compares in constant time.
// Spec: SPEC-SCP02-091.
func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

// appendPadding pads the part of dst from start with 80 00… to whole blocks.
// Spec: SPEC-SCP02-049.
func appendPadding(dst []byte, start int) []byte {
	return mac.AppendPad80(dst, start, blockSize)
}
