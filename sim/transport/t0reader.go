package transport

import (
	"fmt"

	"inkan/core/apdu"
	"inkan/core/iso7816"
)

// readerT0 is the reader's end of T=0 (ISO/IEC 7816-3:2006 §10).
type readerT0 struct {
	port
	t       *timing
	options apdu.T0Options
	most    int // NULL bytes of one command
	host    apdu.T0Host
	cmd     apdu.Command
	tpdu    apdu.TPDU
	header  [5]byte
	state   t0ReaderState
	sent    int // data bytes
	take    int // data bytes to receive before the next procedure byte
	sw1     byte
	answer  []byte // to the TPDU

	busy     bool
	err      error
	nulls    int
	received []byte
}

type t0ReaderState uint8

const (
	t0Procedure t0ReaderState = iota
	t0Bytes
	t0SW2
)

func newReaderT0(t *timing, r *Reader) *readerT0 {
	m := &readerT0{t: t, options: r.T0, most: r.MaxWaits}
	m.deadline, m.spacing = Never, t.guard(0, true)
	m.answer = make([]byte, 0, apdu.MaxShortNe+2)
	return m
}

// start begins a command, borrowed until it has ended. One that T=0 can't carry
// is refused, with nothing sent.
func (m *readerT0) start(raw []byte) error {
	cmd, err := apdu.DecodeCommand(raw)
	if err != nil {
		return err
	}
	m.cmd = cmd
	if err := m.host.Begin(&m.cmd, raw, m.options); err != nil {
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	m.busy, m.err, m.nulls, m.received = true, nil, 0, m.received[:0]
	m.proceed()
	return nil
}

// proceed sends the header of the next TPDU, if there is one.
// Spec: SPEC-TRANSPORT-030.
func (m *readerT0) proceed() {
	tpdu, more := m.host.Next()
	if !more {
		sw := m.host.SW()
		m.received = append(m.received, sw.SW1(), sw.SW2())
		m.end(nil)
		return
	}
	m.tpdu, m.header = tpdu, tpdu.Header()
	m.sent, m.answer, m.state = 0, m.answer[:0], t0Procedure
	m.begin(m.header[:], m.t.etu(turnETU))
}

func (m *readerT0) end(err error) {
	m.busy, m.err, m.deadline = false, err, Never
	m.out, m.pos = nil, 0
}

// outcome is how the command ended, and what was received.
func (m *readerT0) outcome() (response []byte, ended bool, err error) {
	return m.received, !m.busy, m.err
}

// Act implements End. A card that lets WT pass is mute. Spec: SPEC-TRANSPORT-035.
func (m *readerT0) Act(now uint64) (byte, bool) {
	if !m.sending() {
		m.end(ErrMute)
		return 0, false
	}
	b := m.emit(now)
	if !m.sending() {
		m.deadline = m.last + m.t.waiting()
	}
	return b, true
}

// Receive implements End.
func (m *readerT0) Receive(c Character) {
	m.last = c.Start
	if !m.busy || m.sending() {
		return
	}
	m.deadline = c.Start + m.t.waiting()
	switch {
	case c.Bad:
		m.end(ErrParity)
	case m.state == t0Procedure:
		m.procedure(c.Value)
	case m.state == t0Bytes:
		m.answer = append(m.answer, c.Value)
		if m.take--; m.take == 0 {
			m.state = t0Procedure
		}
	default:
		m.status(c.Value)
	}
}

// room is the number of data bytes that the reader still takes for the TPDU.
func (m *readerT0) room() int {
	if len(m.tpdu.Data) > 0 || m.cmd.Ne == 0 {
		return 0
	}
	return m.tpdu.Ne() - len(m.answer)
}

// procedure deals with a procedure byte. Spec: SPEC-TRANSPORT-032,
// SPEC-TRANSPORT-034, SPEC-TRANSPORT-036.
func (m *readerT0) procedure(b byte) {
	left := len(m.tpdu.Data) - m.sent + m.room()
	switch {
	case b == procedureNull:
		if m.nulls++; m.nulls > m.most {
			m.end(ErrEndless)
		}
	case b&0xF0 == 0x60 || b&0xF0 == 0x90:
		m.sw1, m.state = b, t0SW2
	case left == 0 || b != m.tpdu.INS && b != ^m.tpdu.INS:
		m.end(ErrProtocol)
	default:
		if b != m.tpdu.INS {
			left = 1
		}
		m.transfer(left)
	}
}

// transfer sends or receives n bytes of data.
func (m *readerT0) transfer(n int) {
	if len(m.tpdu.Data) == 0 {
		m.state, m.take = t0Bytes, n
		return
	}
	m.begin(m.tpdu.Data[m.sent:m.sent+n], m.t.etu(turnETU))
	m.sent += n
}

// status ends a TPDU. Spec: SPEC-TRANSPORT-033.
func (m *readerT0) status(sw2 byte) {
	r := apdu.Response{Data: m.answer, SW: iso7816.SW(m.sw1)<<8 | iso7816.SW(sw2)}
	data, err := m.host.Receive(r)
	if err != nil {
		m.end(fmt.Errorf("%w: %w", ErrProtocol, err))
		return
	}
	m.received = append(m.received, data...)
	m.proceed()
}
