package scp02

import (
	"fmt"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/scp"
)

// rmacMode is a change of R-MAC that takes effect with the response to the
// command that asked for it.
type rmacMode byte

const (
	rmacUnchanged   rmacMode = iota
	rmacBeginSilent          // BEGIN R-MAC SESSION, P1 00: compute, show at the end
	rmacBeginEach            // BEGIN R-MAC SESSION, P1 10: every response carries one
	rmacEnd                  // END R-MAC SESSION: this response carries the last one
)

// Instructions of an R-MAC session.
const (
	insBeginRMACSession = 0x7A
	insEndRMACSession   = 0x78
)

// MaxRMACData is the largest data of BEGIN R-MAC SESSION, in bytes.
const MaxRMACData = 24

const (
	beginRMACP2 = 0x01
	endRMACP2   = 0x03
)

// settle makes a change of R-MAC effective after its response.
func (s *session) settle() {
	switch s.pending {
	case rmacBeginSilent:
		s.silentRMAC, s.begunRMAC = true, true
	case rmacBeginEach:
		s.level, s.begunRMAC = s.level|scp.RMAC, true
	case rmacEnd:
		s.level, s.silentRMAC, s.begunRMAC = s.level&^scp.RMAC, false, false
	}
	s.pending = rmacUnchanged
}

// responseCarriesMAC reports whether the response now due carries an R-MAC.
func (s *session) responseCarriesMAC() bool {
	return s.level&scp.RMAC != 0 || s.pending == rmacEnd
}

// BeginRMACSession executes a plain BEGIN R-MAC SESSION (as Unwrap gave it) and
// appends the plain response APDU, which the caller passes to Wrap as that of
// any command. The R-MAC begins with the next command. A refusal leaves the
// session open.
// Spec: SPEC-SCP02-066, SPEC-SCP02-067, SPEC-SCP02-068.
func (c *Card) BeginRMACSession(dst, cmd []byte) []byte {
	k, err := apdu.DecodeCommand(cmd)
	sw := iso7816.OK
	switch {
	case err != nil:
		sw = iso7816.WrongLength
	case c.config.Options&ResponseMAC == 0:
		sw = iso7816.INSNotSupported
	case c.state != cardOpen || c.session.hasRMAC():
		sw = iso7816.ConditionsNotSatisfied
	case k.INS != insBeginRMACSession || k.P2 != beginRMACP2 || k.P1&^byte(scp.RMAC) != 0:
		sw = iso7816.IncorrectP1P2
	case len(k.Data) == 0 || int(k.Data[0]) != len(k.Data)-1 || len(k.Data) > 1+MaxRMACData:
		sw = iso7816.WrongData
	case k.P1 == 0:
		c.session.pending = rmacBeginSilent
	default:
		c.session.pending = rmacBeginEach
	}
	return apdu.Response{SW: sw}.Append(dst)
}

// EndRMACSession executes a plain END R-MAC SESSION and appends the plain
// response APDU; Wrap then adds the last R-MAC. A refusal leaves the session
// open.
// Spec: SPEC-SCP02-067, SPEC-SCP02-069.
func (c *Card) EndRMACSession(dst, cmd []byte) []byte {
	k, err := apdu.DecodeCommand(cmd)
	sw := iso7816.OK
	switch {
	case err != nil || len(k.Data) != 0:
		sw = iso7816.WrongLength
	case c.config.Options&ResponseMAC == 0:
		sw = iso7816.INSNotSupported
	case c.state != cardOpen || !c.session.begunRMAC:
		sw = iso7816.ConditionsNotSatisfied
	case k.INS != insEndRMACSession || k.P2 != endRMACP2 || k.P1 != 0:
		sw = iso7816.IncorrectP1P2
	default:
		c.session.pending = rmacEnd
	}
	return apdu.Response{SW: sw}.Append(dst)
}

// BeginRMACSession appends the protected BEGIN R-MAC SESSION to dst. With each,
// every later response carries an R-MAC; else only that of END R-MAC SESSION
// does, over all of them. data is 0 to 24 bytes. Pass the response to Unwrap.
// Spec: SPEC-SCP02-066.
func (h *Host) BeginRMACSession(dst []byte, each bool, data []byte) ([]byte, error) {
	if h.session == nil {
		return dst, scp.ErrEnded
	}
	if h.session.options&ResponseMAC == 0 || h.session.hasRMAC() {
		return dst, ErrSequence
	}
	if len(data) > MaxRMACData {
		return dst, fmt.Errorf("scp02: R-MAC session data of %d bytes, at most %d", len(data), MaxRMACData)
	}
	mode, p1 := rmacBeginSilent, byte(0)
	if each {
		mode, p1 = rmacBeginEach, byte(scp.RMAC)
	}
	cmd := append([]byte{0x80, insBeginRMACSession, p1, beginRMACP2, byte(1 + len(data)), byte(len(data))}, data...)
	return h.wrapPending(dst, cmd, mode)
}

// EndRMACSession appends the protected END R-MAC SESSION to dst. Pass the
// response to Unwrap, which verifies the last R-MAC.
// Spec: SPEC-SCP02-069.
func (h *Host) EndRMACSession(dst []byte) ([]byte, error) {
	if h.session == nil {
		return dst, scp.ErrEnded
	}
	if !h.session.begunRMAC {
		return dst, ErrSequence
	}
	return h.wrapPending(dst, []byte{0x80, insEndRMACSession, 0, endRMACP2, 0}, rmacEnd)
}

func (h *Host) wrapPending(dst, cmd []byte, mode rmacMode) ([]byte, error) {
	out, err := h.Wrap(dst, cmd)
	if err == nil {
		h.session.pending = mode
	}
	return out, err
}
