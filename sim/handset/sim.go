package handset

import (
	"context"
	"time"

	"inkan/core/apdu"
	"inkan/core/atr"
	"inkan/core/iso7816"
	"inkan/sim/handset/fault"
)

// nearProtocol is what the card is told of commands from the contactless front end:
// T=1 by ISO/IEC 14443 type A, or type B.
const (
	nearA byte = 0x81
	nearB byte = 0x91
)

// twoFaced is a card that the contactless front end is wired to: it is told by which
// interface the next commands come.
type twoFaced interface{ Interface(protocol byte) error }

// SIM is the card in the handset, which modem, applications and the contactless front
// end share: one command at a time. It is the apdu.Card of the contacts as an
// application has it. Not for concurrent use.
type SIM struct {
	card     apdu.Terminal
	elapsed  func() time.Duration
	atr      []byte
	contacts byte // protocol of the contacts
	powers   uint64
	on       bool
	waiting  iso7816.SW // 91xx that nobody has fetched; 0: none
}

// reset powers the card, and learns its protocol.
func (s *SIM) reset(ctx context.Context) error {
	s.on, s.waiting = false, 0
	s.powers++
	answer, err := s.card.Reset(ctx, false)
	if err != nil {
		return fault.Wrap(fault.SIMSilent, "reset", err)
	}
	parsed, err := atr.Decode(answer)
	if err != nil {
		return fault.Wrap(fault.SIMUnread, "answer to reset", err)
	}
	s.atr, s.contacts, s.on = append([]byte(nil), answer...), parsed.First()&1, true
	return nil
}

// powerOff takes the card's power.
func (s *SIM) powerOff() error {
	s.on, s.waiting = false, 0
	s.powers++
	return s.card.PowerOff()
}

// ATR is the card's last answer to reset.
func (s *SIM) ATR() []byte { return append([]byte(nil), s.atr...) }

// Powers counts the card's resets and losses of power: what was open before is gone
// when it has changed.
func (s *SIM) Powers() uint64 { return s.powers }

// Present tells whether there is a card with power.
func (s *SIM) Present() bool { return s.on }

// raw sends a command by the contacts. A transport that fails is a card without
// power.
func (s *SIM) raw(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	if !s.on {
		return dst, fault.New(fault.SIMSilent, "no power")
	}
	out, err := s.card.Transmit(ctx, cmd, dst)
	if err != nil {
		if ctx.Err() == nil {
			s.on = false
			s.powers++
		}
		return dst, fault.Wrap(fault.SIMSilent, "no answer", err)
	}
	return out, nil
}

// Transmit implements apdu.Card for applications of the handset: 91xx, which is for
// the modem, is 9000 to them. Spec: SPEC-HANDSET-007.
func (s *SIM) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	out, err := s.raw(ctx, cmd, dst)
	return s.fold(out, len(dst)), err
}

// fold keeps what 91xx announces for the modem.
func (s *SIM) fold(out []byte, before int) []byte {
	if n := len(out) - 2; n >= before && out[n] == 0x91 {
		s.waiting = iso7816.SW(out[n])<<8 | iso7816.SW(out[n+1])
		out[n], out[n+1] = 0x90, 0x00
	}
	return out
}

// near sends a command by the contactless interface, type B if typeB, else type A.
// Spec: SPEC-HANDSET-044.
func (s *SIM) near(ctx context.Context, typeB bool, cmd, dst []byte) ([]byte, error) {
	card, ok := s.card.(twoFaced)
	if !ok {
		return dst, fault.New(fault.NoNFC, "the card has no contactless interface")
	}
	protocol := nearA
	if typeB {
		protocol = nearB
	}
	if err := card.Interface(protocol); err != nil {
		return dst, fault.Wrap(fault.NoNFC, "contactless interface", err)
	}
	out, err := s.raw(ctx, cmd, dst)
	if back := card.Interface(s.contacts); err == nil && back != nil {
		return dst, fault.Wrap(fault.SIMSilent, "contacts", back)
	}
	return s.fold(out, len(dst)), err
}

// spent is the card's own time so far.
func (s *SIM) spent() time.Duration {
	if s.elapsed == nil {
		return 0
	}
	return s.elapsed()
}
