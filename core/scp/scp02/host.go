package scp02

import (
	"errors"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/iso7816"
	"inkan/core/scp"
)

// Failures of the off-card side.
var (
	// ErrCardCryptogram: the card does not know the keys.
	ErrCardCryptogram = errors.New("scp02: the card cryptogram differs")
	// ErrCardChallenge: the card challenge is not the pseudo-random one.
	ErrCardChallenge = errors.New("scp02: the card challenge is not the pseudo-random one of this security domain")
	// ErrRMAC: the R-MAC of a response is wrong.
	ErrRMAC = errors.New("scp02: the R-MAC differs")
	// ErrSequence: a call that the state of the session does not allow.
	ErrSequence = errors.New("scp02: call out of sequence")
	// ErrExtended: SCP02 protects short commands only.
	ErrExtended = errors.New("scp02: an extended-length command cannot be protected")
)

// HostConfig is what a host needs to open channels.
type HostConfig struct {
	Option Option
	// Keys finds the static keys of a card by what it answered; the card may
	// name a key version that was not asked for. The key set is only read.
	Keys func(*InitializeUpdateResponse) (*scp.KeySet, error)
	// Entropy gives the host challenges.
	Entropy entropy.Source
	// AID of the security domain; when not empty and the option has
	// PseudoRandom, the card challenge is checked.
	AID []byte
	// Engine makes the block ciphers; nil is crypto/des.
	Engine Engine
}

// StaticKeys is a HostConfig.Keys that always gives the same key set.
func StaticKeys(ks *scp.KeySet) func(*InitializeUpdateResponse) (*scp.KeySet, error) {
	return func(*InitializeUpdateResponse) (*scp.KeySet, error) { return ks, nil }
}

type hostState byte

const (
	hostIdle        hostState = iota
	hostInitialized           // INITIALIZE UPDATE sent
	hostAuthentic             // EXTERNAL AUTHENTICATE sent
	hostOpen
	hostEnded
)

// Host is the off-card side of one channel; it implements scp.Host. Call
// InitializeUpdate, ExternalAuthenticate and Open in this order, then Wrap and
// Unwrap around every command. Not for concurrent use.
type Host struct {
	cfg       HostConfig
	state     hostState
	challenge [HostChallengeSize]byte
	wanted    scp.Level
	s         *session
}

var _ scp.Host = (*Host)(nil)

// NewHost checks the configuration. An option that cannot be used is an error.
// Spec: SPEC-SCP02-001.
func NewHost(cfg HostConfig) (*Host, error) {
	if err := cfg.Option.Check(); err != nil {
		return nil, err
	}
	if cfg.Keys == nil || cfg.Entropy == nil {
		return nil, errors.New("scp02: a host needs Keys and Entropy")
	}
	cfg.Engine = engineOr(cfg.Engine)
	return &Host{cfg: cfg}, nil
}

// Level is the agreed security level; 0 unless the channel is open.
func (h *Host) Level() scp.Level {
	if h.state != hostOpen {
		return 0
	}
	return h.s.level
}

// IsOpen reports whether the channel is open, which level 00 does not show.
func (h *Host) IsOpen() bool { return h.state == hostOpen }

// Wrap appends the protected form of a plain short command to dst. A command
// that cannot be protected (extended, too long, class byte protected already)
// is an error that leaves the session as it was.
// Spec: SPEC-SCP02-040, SPEC-SCP02-041, SPEC-SCP02-048, SPEC-SCP02-049,
// SPEC-SCP02-050, SPEC-SCP02-051, SPEC-SCP02-052, SPEC-SCP02-086.
func (h *Host) Wrap(dst, cmd []byte) ([]byte, error) {
	if err := h.usable(); err != nil {
		return dst, err
	}
	c, err := apdu.DecodeCommand(cmd)
	if err != nil {
		return dst, err
	}
	if err := h.protectable(&c); err != nil {
		return dst, err
	}
	s := h.s
	if s.level&scp.CMAC == 0 {
		s.openResponse(&c)
		return append(dst, cmd...), nil
	}
	s.commandMAC(c.CLA, c.INS, c.P1, c.P2, c.Data)
	s.advanceChain()
	s.openResponse(&c)
	return s.appendProtected(dst, &c), nil
}

// protectable tells why a command cannot be protected at the present level.
func (h *Host) protectable(c *apdu.Command) error {
	if c.Extended {
		return ErrExtended
	}
	if _, ok := scp.ProtectClass(c.CLA); !ok {
		return fmt.Errorf("scp02: class byte %02X is protected already or has no protected form", c.CLA)
	}
	if n := maxCommandData(h.s.level); len(c.Data) > n {
		return fmt.Errorf("scp02: command data of %d bytes, at most %d at level %02X", len(c.Data), n, byte(h.s.level))
	}
	return nil
}

// appendProtected appends the command with its C-MAC, which is in s.tag, and
// its data encrypted when the level says so.
func (s *session) appendProtected(dst []byte, c *apdu.Command) []byte {
	class, _ := scp.ProtectClass(c.CLA)
	dst = append(dst, class, c.INS, c.P1, c.P2, 0)
	start := len(dst)
	dst = append(dst, c.Data...)
	if s.level&scp.CDecryption != 0 && len(c.Data) > 0 {
		dst = appendPadding(dst, start)
		encryptCBC(s.enc, dst[start:])
	}
	dst = append(dst, s.tag[:]...)
	dst[start-1] = byte(len(dst) - start)
	if c.Ne > 0 {
		dst = append(dst, byte(c.Ne))
	}
	return dst
}

// Unwrap verifies the R-MAC of a response, when there is one, and appends the
// plain response to dst. Without R-MAC the response is as it came. A response
// too short for an R-MAC is an error that wraps its status word, which nobody
// has authenticated. Any error ends the session.
// Spec: SPEC-SCP02-063, SPEC-SCP02-064.
func (h *Host) Unwrap(dst, resp []byte) ([]byte, error) {
	if err := h.usable(); err != nil {
		return dst, err
	}
	out, err := h.unwrap(dst, resp)
	if err != nil {
		h.Close()
		return dst, err
	}
	return out, nil
}

func (h *Host) unwrap(dst, resp []byte) ([]byte, error) {
	data, sw, err := splitResponse(resp)
	if err != nil {
		return nil, err
	}
	s, succeeded := h.s, sw[0] == 0x90 && sw[1] == 0x00
	if !succeeded {
		s.pending = rmacUnchanged // BEGIN or END R-MAC SESSION was refused
	}
	if s.hasRMAC() && !s.responseOpen {
		return nil, ErrSequence
	}
	if s.responseCarriesMAC() {
		n := len(data) - MACSize
		if n < 0 {
			return nil, fmt.Errorf("scp02: a response without R-MAC: %w", iso7816.SW(uint16(sw[0])<<8|uint16(sw[1])))
		}
		s.responseMAC(data[:n], sw)
		if !equal(s.tag[:], data[n:]) {
			return nil, ErrRMAC
		}
		data = data[:n]
	} else if s.hasRMAC() {
		s.responseMAC(data, sw)
	}
	if s.hasRMAC() {
		s.responseChain = s.tag
	}
	s.settle()
	return append(append(dst, data...), sw...), nil
}

// EncryptSensitive appends plain, whole 8-byte blocks, under the data
// encryption session key in ECB mode.
// Spec: SPEC-SCP02-070.
func (h *Host) EncryptSensitive(dst, plain []byte) ([]byte, error) {
	if err := h.usable(); err != nil {
		return dst, err
	}
	if len(plain)%blockSize != 0 {
		return dst, fmt.Errorf("scp02: sensitive data of %d bytes is not whole blocks of %d", len(plain), blockSize)
	}
	return h.s.encryptSensitive(dst, plain), nil
}

// Close ends the session and wipes its keys.
// Spec: SPEC-SCP02-092.
func (h *Host) Close() {
	if h.s != nil {
		h.s.wipe()
		h.s = nil
	}
	clear(h.challenge[:])
	h.state = hostEnded
}

func (h *Host) usable() error {
	switch h.state {
	case hostOpen:
		return nil
	case hostEnded:
		return scp.ErrEnded
	}
	return ErrSequence
}
