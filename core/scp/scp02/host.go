package scp02

import (
	"context"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/mac"
	"inkan/core/scp"
)

// Host is the off-card side of an open channel.
type Host struct {
	session *session // nil when the session has ended
}

var _ scp.Host = (*Host)(nil)

// Open opens a channel over a card: both commands of the handshake.
func Open(ctx context.Context, card apdu.Card, config HostConfig) (*Host, error) {
	h, err := NewHandshake(config)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	cmd, err := h.InitializeUpdate(nil)
	if err != nil {
		return nil, err
	}
	resp, err := card.Transmit(ctx, cmd, nil)
	if err != nil {
		return nil, err
	}
	if cmd, err = h.ExternalAuthenticate(nil, resp); err != nil {
		return nil, err
	}
	if resp, err = card.Transmit(ctx, cmd, nil); err != nil {
		return nil, err
	}
	return h.Open(resp)
}

// Level is the agreed security level, with RMAC while BeginRMACSession asked
// for it; 0 when the session has ended.
func (h *Host) Level() scp.Level {
	if h.session == nil {
		return 0
	}
	return h.session.level
}

// Wrap appends the protected form of a plain command APDU to dst. A command
// that cannot be protected (*wire.DecodeError, ErrExtended, ErrTooLong, a class
// that claims secure messaging) leaves the session as it was. A response that
// was never unwrapped is given up.
// Spec: SPEC-SCP02-040, SPEC-SCP02-041, SPEC-SCP02-048, SPEC-SCP02-049,
// SPEC-SCP02-050, SPEC-SCP02-051, SPEC-SCP02-052, SPEC-SCP02-086.
func (h *Host) Wrap(dst, cmd []byte) ([]byte, error) {
	if h.session == nil {
		return dst, scp.ErrEnded
	}
	c, err := apdu.DecodeCommand(cmd)
	if err != nil {
		return dst, err
	}
	if err := h.protectable(&c); err != nil {
		return dst, err
	}
	s := h.session
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
	if len(c.Data) > MaxCommandData(h.session.level) {
		return ErrTooLong
	}
	return nil
}

// appendProtected appends the command with its C-MAC, which is in s.tag, and
// its data encrypted when the level says so.
// Spec: SPEC-SCP02-049.
func (s *session) appendProtected(dst []byte, c *apdu.Command) []byte {
	class, _ := scp.ProtectClass(c.CLA)
	dst = append(dst, class, c.INS, c.P1, c.P2, 0)
	start := len(dst)
	dst = append(dst, c.Data...)
	if s.level&scp.CDecryption != 0 && len(c.Data) > 0 {
		dst = mac.AppendPad80(dst, start, blockSize)
		s.enc.Encrypt(dst[start:], dst[start:], nil)
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
	if h.session == nil {
		return dst, scp.ErrEnded
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
	s, succeeded := h.session, sw[0] == 0x90 && sw[1] == 0x00
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
			return nil, ErrResponse
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

// EncryptSensitive appends plain, whole blocks of 8 bytes, under the data
// encryption session key in ECB mode. Other lengths, 0 too, are ErrSensitive
// and leave the session as it was.
// Spec: SPEC-SCP02-070.
func (h *Host) EncryptSensitive(dst, plain []byte) ([]byte, error) {
	if h.session == nil {
		return dst, scp.ErrEnded
	}
	if len(plain) == 0 || len(plain)%blockSize != 0 {
		return dst, ErrSensitive
	}
	return h.session.encryptSensitive(dst, plain), nil
}

// Close ends the session and wipes its keys. It may be called again.
// Spec: SPEC-SCP02-092.
func (h *Host) Close() {
	if h.session != nil {
		h.session.wipe()
		h.session = nil
	}
}
