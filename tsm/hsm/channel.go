package hsm

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/scp"
	"inkan/core/scp/scp02"
	"inkan/core/scp/scp03"
)

// errOrder: Initialize, Authenticate and Open come once each, then commands.
var errOrder = errors.New("hsm: call out of turn in a channel")

// challenge is the host's challenge as the source of randomness that a handshake draws
// it from. It is drawn once, whole.
type challenge [8]byte

var _ entropy.Source = (*challenge)(nil)

// Fill implements entropy.Source.
func (c *challenge) Fill(dst []byte) {
	if copy(dst, c[:]) != len(dst) {
		panic("hsm: a challenge is 8 bytes")
	}
}

// handshake is scp02.Handshake or scp03.Handshake, but for Open.
type handshake interface {
	InitializeUpdate(dst []byte) ([]byte, error)
	ExternalAuthenticate(dst, resp []byte) ([]byte, error)
	Close()
}

// channel is one session: opening until host is there.
type channel struct {
	opening handshake
	open    func(resp []byte) (scp.Host, error)
	host    scp.Host
	keys    *set // from the card's answer to the end of the handshake
	sealer
}

// Channel implements Module.
func (s *Software) Channel(_ context.Context, c ChannelConfig) (Channel, error) {
	h := &channel{sealer: sealer{module: s}}
	var err error
	switch c.Keys.Use {
	case UseSCP02:
		err = h.scp02(s, &c)
	case UseSCP03:
		err = h.scp03(s, &c)
	default:
		return nil, ErrUse
	}
	if err == nil {
		err = c.Keys.Valid()
	}
	if err != nil {
		return nil, err
	}
	return h, nil
}

// find gives the keys of the card that answered. Spec: SPEC-HSM-015, SPEC-HSM-031.
func (h *channel) find(s *Software, k *KeyRef, version byte, kdd []byte) (*scp.KeySet, error) {
	if version != k.Version {
		return nil, fmt.Errorf("hsm: the card has key version %02X, not %02X", version, k.Version)
	}
	found, err := s.open(k, kdd)
	if err != nil {
		return nil, err
	}
	h.keys = found
	return &found.keys, nil
}

func (h *channel) scp02(s *Software, c *ChannelConfig) error {
	h.block = gp.DEKBlockDES
	first := challenge(c.Initiate)
	opening, err := scp02.NewHandshake(scp02.HostConfig{Options: scp02.Options(c.Options), KeyVersion: c.Keys.Version, Channel: c.Channel, Level: c.Level, AID: c.AID, Entropy: &first,
		Keys: func(r *scp02.InitializeUpdateResponse) (*scp.KeySet, error) {
			return h.find(s, &c.Keys, r.KeyVersion, r.KDD[:])
		}})
	if err != nil {
		return err
	}
	h.opening = opening
	h.open = func(resp []byte) (scp.Host, error) { return opening.Open(resp) }
	return nil
}

func (h *channel) scp03(s *Software, c *ChannelConfig) error {
	h.block = gp.DEKBlockAES
	first := challenge(c.Initiate)
	opening, err := scp03.NewHandshake(scp03.HostConfig{KeyVersion: c.Keys.Version, Channel: c.Channel, Level: c.Level, AID: c.AID, Entropy: &first,
		Keys: func(r *scp03.InitializeUpdateResponse) (*scp.KeySet, error) {
			return h.find(s, &c.Keys, r.KeyVersion, r.KDD[:])
		}})
	if err != nil {
		return err
	}
	h.opening = opening
	h.open = func(resp []byte) (scp.Host, error) { return opening.Open(resp) }
	return nil
}

// Initialize implements Channel.
func (h *channel) Initialize(dst []byte) ([]byte, error) {
	if h.opening == nil {
		return dst, errOrder
	}
	return h.opening.InitializeUpdate(dst)
}

// Authenticate implements Channel.
func (h *channel) Authenticate(dst, response []byte) ([]byte, error) {
	if h.opening == nil {
		return dst, errOrder
	}
	defer h.wipeKeys()
	return h.opening.ExternalAuthenticate(dst, response)
}

func (h *channel) wipeKeys() {
	if h.keys != nil {
		h.keys.wipe()
		h.keys = nil
	}
}

// Open implements Channel.
func (h *channel) Open(response []byte) error {
	if h.opening == nil {
		return errOrder
	}
	host, err := h.open(response)
	if err != nil {
		h.opening.Close()
		h.opening = nil
		return err
	}
	h.opening, h.host = nil, host
	return nil
}

// Wrap implements Channel.
func (h *channel) Wrap(dst, command []byte) ([]byte, error) {
	if h.host == nil {
		return dst, errOrder
	}
	return h.host.Wrap(dst, command)
}

// Unwrap implements Channel.
func (h *channel) Unwrap(dst, response []byte) ([]byte, error) {
	if h.host == nil {
		return dst, errOrder
	}
	return h.host.Unwrap(dst, response)
}

// PutKey implements KeySealer. Spec: SPEC-HSM-060.
func (h *channel) PutKey(ctx context.Context, set KeyRef, replaced byte) (gp.PutKey, error) {
	if h.host == nil {
		return gp.PutKey{}, errOrder
	}
	h.encrypt = h.host.EncryptSensitive
	return h.sealer.PutKey(ctx, set, replaced)
}

// Close implements Channel. It may be called again.
func (h *channel) Close() {
	h.wipeKeys()
	if h.opening != nil {
		h.opening.Close()
		h.opening = nil
	}
	if h.host != nil {
		h.host.Close()
		h.host = nil
	}
}
