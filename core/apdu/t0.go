package apdu

import (
	"context"
	"fmt"

	"inkan/core/iso7816"
)

// TPDU is one command of the transmission protocol T=0: the header, and the
// data when the header's direction is towards the card (ISO/IEC 7816-3:2006
// §12.2). P3 is the length of the data, or of the response data that the host
// will take (00 meaning 256 then).
type TPDU struct {
	CLA, INS, P1, P2, P3 byte
	Data                 []byte // P3 bytes to the card; empty when the card sends, and in case 1
}

// Format prints header and size, "00A4040007 (7 bytes)", whatever the verb: Data
// may be a PIN or a key. Spec: SPEC-APDU-081.
func (t TPDU) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "%02X%02X%02X%02X%02X (%d bytes)", t.CLA, t.INS, t.P1, t.P2, t.P3, len(t.Data))
}

// MarshalText is what Format prints, for JSON and logs. Spec: SPEC-APDU-081.
func (t TPDU) MarshalText() ([]byte, error) { return fmt.Append(nil, t), nil }

// Header is CLA INS P1 P2 P3.
func (t *TPDU) Header() [5]byte { return [5]byte{t.CLA, t.INS, t.P1, t.P2, t.P3} }

// Ne is P3 as the number of bytes that the host will take, 1 to 256.
func (t *TPDU) Ne() int { return ne(int(t.P3), MaxShortNe) }

// TPDUPipe is a card as T=0 shows it. Exchange appends the response data and
// the status word to dst. There are never more than t.Ne() bytes of data.
type TPDUPipe interface {
	Exchange(ctx context.Context, t TPDU, dst []byte) ([]byte, error)
}

// T0Terminal makes a Card of a T=0 line: it runs a T0Host over the pipe. Not
// for concurrent use.
type T0Terminal struct {
	Pipe    TPDUPipe
	Options T0Options
	host    T0Host
	scratch []byte
}

// Transmit sends one command APDU by as many TPDUs as it takes. An error is the
// pipe's, a *wire.DecodeError when cmd is no APDU, or T=0 broken by the card.
func (t *T0Terminal) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	c, err := DecodeCommand(cmd)
	if err != nil {
		return dst, err
	}
	if err := t.host.Begin(&c, cmd, t.Options); err != nil {
		return dst, err
	}
	out := dst
	for {
		tpdu, more := t.host.Next()
		if !more {
			return append(out, t.host.SW().SW1(), t.host.SW().SW2()), nil
		}
		t.scratch, err = t.Pipe.Exchange(ctx, tpdu, t.scratch[:0])
		if err != nil {
			return dst, err
		}
		r, err := DecodeResponse(t.scratch)
		if err != nil {
			return dst, err
		}
		data, err := t.host.Receive(r)
		if err != nil {
			return dst, err
		}
		out = append(out, data...)
	}
}

// T0Simulation makes a TPDUPipe of a Card that knows APDUs only: it runs a
// T0Card in front of it. Not for concurrent use.
type T0Simulation struct {
	Card   Card
	T0     *T0Card
	cmd    []byte
	answer []byte
}

// Exchange answers one TPDU, sending an APDU to the card when the TPDU
// completes one.
func (s *T0Simulation) Exchange(ctx context.Context, t TPDU, dst []byte) ([]byte, error) {
	cmd, dispatch, answer := s.T0.Receive(t)
	if dispatch {
		var err error
		if s.cmd, err = cmd.Append(s.cmd[:0]); err != nil {
			return dst, err
		}
		if s.answer, err = s.Card.Transmit(ctx, s.cmd, s.answer[:0]); err != nil {
			return dst, err
		}
		r, err := DecodeResponse(s.answer)
		if err != nil {
			return dst, err
		}
		answer = s.T0.Respond(r)
	}
	return answer.Append(dst), nil
}

// Direction says which way the data of a T=0 header goes.
type Direction uint8

// The two directions. A command without data (case 1) counts as ToCard with
// P3 00.
const (
	ToCard   Direction = iota // P3 bytes come from the host: cases 1, 3 and 4
	FromCard                  // at most P3 bytes go to the host: case 2
)

// DirectionFunc knows the instructions of a card; T=0 headers do not say which
// way the data goes.
type DirectionFunc func(cla Class, ins, p1, p2 byte) Direction

// DefaultDirection knows ISO/IEC 7816-4, GlobalPlatform and ETSI TS 102 221:
// the instructions that only read send data, all others take it. F2 is STATUS
// (P1 below 10) or GET STATUS (P1 10 and above). Under secure messaging every
// command but GET RESPONSE brings data, its MAC at least. An application with
// reading instructions of its own needs a DirectionFunc that knows them, or its
// case 2 commands look like case 1 ones. Spec: SPEC-APDU-033.
func DefaultDirection(cla Class, ins, p1, p2 byte) Direction {
	if ins == iso7816.INSGetResponse {
		return FromCard
	}
	if cla.SecureMessaging() != NoSecureMessaging {
		return ToCard
	}
	switch ins {
	case iso7816.INSGetChallenge, iso7816.INSReadBinary, iso7816.INSReadRecord, iso7816.INSGetData:
		return FromCard
	case iso7816.INSManageChannel: // open sends the number, when the card chose it
		if p1 == 0 && p2 == 0 {
			return FromCard
		}
	case 0x12: // FETCH
		if cla.Proprietary() {
			return FromCard
		}
	case 0xF2:
		if cla.Proprietary() && p1 < 0x10 {
			return FromCard
		}
	}
	return ToCard
}
