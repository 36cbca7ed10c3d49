package transport

import (
	"bytes"
	"fmt"

	"inkan/core/atr"
)

// ReaderEnd is the reader's end of a line, from the answer to reset on. Connect it
// by waiting until Connected; then Start a command and wait until Outcome has
// ended.
type ReaderEnd struct {
	port
	t        timing
	options  Reader
	rate     Rate
	heard    []byte
	request  [maxPPS]byte
	asked    []byte // PPS that was sent
	reply    []byte // what came back of it
	state    readerState
	err      error
	started  uint64
	protocol byte
	fd       byte // rate to use after PPS
	blocks   *readerT1
	bytes    *readerT0
}

type readerState uint8

const (
	readerATR readerState = iota
	readerPPS
	readerT0Now
	readerT1Now
	readerFailed
)

// NewReaderEnd makes the reader's end; the card was reset at cycle start.
func NewReaderEnd(r Rate, o Reader, start uint64) *ReaderEnd {
	o.fill()
	m := &ReaderEnd{t: newTiming(r, atr.Default()), options: o, rate: r, started: start}
	m.last, m.spacing = start, m.t.etu(12)
	m.deadline = start + m.t.clocks(answerClocks)
	if !o.StrictAnswer {
		m.deadline = start + m.t.etu(initialETU)*uint64(maxLate)
	}
	return m
}

// maxLate is how many initial waiting times a reader that is not strict waits for
// an answer to begin: 9 s at 4 MHz.
const maxLate = 10

// Connected tells whether protocol and rate are settled; an error is final.
// Spec: SPEC-TRANSPORT-010.
func (m *ReaderEnd) Connected() (bool, error) {
	return m.state == readerT0Now || m.state == readerT1Now, m.err
}

// ATR is the answer to reset as it was received.
func (m *ReaderEnd) ATR() []byte { return m.heard }

// Protocol is T, once it is connected.
func (m *ReaderEnd) Protocol() byte { return m.protocol }

// Start begins a command APDU, which is borrowed until it has ended. Errors are
// ErrUnsupported and those of apdu.DecodeCommand, with nothing sent; under T=1 any
// bytes can be sent. Spec: SPEC-TRANSPORT-050, SPEC-TRANSPORT-030.
func (m *ReaderEnd) Start(cmd []byte) error {
	switch m.state {
	case readerT0Now:
		return m.bytes.start(cmd)
	case readerT1Now:
		return m.blocks.start(cmd)
	}
	return ErrOff
}

// Outcome tells whether the command has ended, with the response APDU, borrowed,
// or an error of the line.
func (m *ReaderEnd) Outcome() (response []byte, ended bool, err error) {
	switch m.state {
	case readerT0Now:
		return m.bytes.outcome()
	case readerT1Now:
		return m.blocks.outcome()
	}
	return nil, true, ErrOff
}

func (m *ReaderEnd) current() End {
	switch m.state {
	case readerT0Now:
		return m.bytes
	case readerT1Now:
		return m.blocks
	}
	return nil
}

// Due implements End.
func (m *ReaderEnd) Due() uint64 {
	if e := m.current(); e != nil {
		return e.Due()
	}
	return m.port.Due()
}

// Sends implements End.
func (m *ReaderEnd) Sends() bool {
	if e := m.current(); e != nil {
		return e.Sends()
	}
	return m.port.Sends()
}

// Act implements End.
func (m *ReaderEnd) Act(now uint64) (byte, bool) {
	if e := m.current(); e != nil {
		return e.Act(now)
	}
	switch {
	case m.sending():
		b := m.emit(now)
		if !m.sending() {
			m.deadline = m.last + m.t.etu(initialETU)
		}
		return b, true
	case m.state == readerPPS:
		m.fail(ErrPPS)
	default:
		m.fail(ErrATR)
	}
	return 0, false
}

func (m *ReaderEnd) fail(err error) {
	m.state, m.err, m.deadline = readerFailed, err, Never
	m.out, m.pos = nil, 0
}

// Receive implements End. Spec: SPEC-TRANSPORT-010, SPEC-TRANSPORT-011.
func (m *ReaderEnd) Receive(c Character) {
	if e := m.current(); e != nil {
		e.Receive(c)
		return
	}
	m.last = c.Start
	if m.sending() || m.state == readerFailed {
		return
	}
	m.deadline = c.Start + m.t.etu(initialETU)
	switch {
	case c.Bad && m.state == readerPPS:
		m.fail(ErrPPS)
	case c.Bad:
		m.fail(fmt.Errorf("%w: %w", ErrATR, ErrParity))
	case m.state == readerATR:
		m.heard = append(m.heard, c.Value)
		if n, known := atr.Length(m.heard); known && len(m.heard) >= n || len(m.heard) >= atr.MaxBytes {
			m.answered()
		}
	default:
		m.reply = append(m.reply, c.Value)
		if n := len(m.reply); n >= 2 && n == ppsLength(m.reply[1]) {
			m.agreed()
		}
	}
}

// answered deals with a whole answer to reset.
func (m *ReaderEnd) answered() {
	a, err := atr.Decode(m.heard)
	if err != nil {
		m.fail(fmt.Errorf("%w: %w", ErrATR, err))
		return
	}
	p, err := a.Params()
	if err != nil {
		m.fail(fmt.Errorf("%w: %w", ErrATR, err))
		return
	}
	m.t = newTiming(m.rate, p)
	protocol, rate, negotiate, ok := m.options.choose(&m.t)
	m.protocol, m.fd = protocol, rate
	switch {
	case !ok:
		m.fail(fmt.Errorf("%w: no protocol that can be used", ErrATR))
	case negotiate:
		m.state = readerPPS
		m.asked = appendPPS(m.request[:0], protocol, rate, rate != defaultRate)
		m.spacing = m.t.guard(0, true)
		m.begin(m.asked, m.t.etu(turnETU))
	default:
		m.speak(rate)
	}
}

// agreed deals with the card's answer to PPS: the same bytes, or the same without
// PPS1, which leaves the rate at its default. Spec: SPEC-TRANSPORT-013.
func (m *ReaderEnd) agreed() {
	switch {
	case bytes.Equal(m.reply, m.asked):
		m.speak(m.fd)
	case LRC(m.reply) == 0 && m.reply[0] == pps && m.reply[1] == m.protocol:
		m.speak(defaultRate)
	default:
		m.fail(ErrPPS)
	}
}

// speak changes to the protocol at a rate. The character that ends with the old rate
// has its whole time at that.
func (m *ReaderEnd) speak(rate byte) {
	if rate != defaultRate {
		m.last += m.t.etu(12)
	}
	m.t.set(rate)
	if m.protocol == 1 {
		m.blocks = newReaderT1(&m.t, &m.options)
		m.blocks.last = m.last
		m.state = readerT1Now
		return
	}
	m.bytes = newReaderT0(&m.t, &m.options)
	m.bytes.last = m.last
	m.state = readerT0Now
}
