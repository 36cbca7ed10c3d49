package transport

import (
	"inkan/core/apdu"
	"inkan/core/iso7816"
)

// procedureNull is the procedure byte that asks for more time.
const procedureNull = 0x60

// cardT0 is the card's end of T=0 (ISO/IEC 7816-3:2006 §10).
type cardT0 struct {
	port
	t          *timing
	tpdus      *apdu.T0Card
	execute    Execute
	byteByByte bool // acknowledge data with the complement of INS

	state    t0CardState
	header   [5]byte
	got      int // bytes of header
	data     []byte
	incoming int // data bytes to receive in all
	stop     int // data bytes after which a procedure byte is due
	mine     bool
	extend   uint64 // when to send NULL, while the card is at work
	command  []byte
	response []byte
	answer   []byte
}

type t0CardState uint8

const (
	t0Header t0CardState = iota
	t0Data
	t0Ready
	t0AtWork
	t0Mute
)

func newCardT0(t *timing, cfg *CardOptions, execute Execute) *cardT0 {
	m := &cardT0{t: t, execute: execute, byteByByte: cfg.ByteByByte,
		tpdus: apdu.NewT0Card(cfg.Direction, make([]byte, cfg.ResponseBytes), make([]byte, cfg.EnvelopeBytes)),
		data:  make([]byte, 0, apdu.MaxShortData), answer: make([]byte, 0, 1+apdu.MaxShortNe+2)}
	m.tpdus.ExtendedNe = cfg.ExtendedNe
	m.deadline, m.spacing = Never, t.guard(0, false)
	return m
}

// Due implements End.
func (m *cardT0) Due() uint64 {
	switch {
	case m.state == t0Mute:
		return Never
	case m.sending():
		return m.next
	case m.state == t0Ready:
		return m.last
	case m.state == t0AtWork:
		return m.extend
	}
	return Never
}

// Sends implements End.
func (m *cardT0) Sends() bool { return m.sending() || m.state == t0AtWork }

// Act implements End. Spec: SPEC-TRANSPORT-034.
func (m *cardT0) Act(now uint64) (byte, bool) {
	switch {
	case m.sending():
		m.mine = true
		return m.emit(now), true
	case m.state == t0AtWork:
		m.last, m.mine = now, true
		m.extend = m.extension()
		return procedureNull, true
	}
	m.run()
	return 0, false
}

// extension is when to send NULL: at 15/16 of WT after the last character.
func (m *cardT0) extension() uint64 { return m.last + m.t.waiting()/16*15 }

// send sends characters in answer to the last one. Spec: SPEC-TRANSPORT-031.
func (m *cardT0) send(out []byte) {
	after := m.t.etu(turnETU)
	if m.mine {
		after = m.spacing
	}
	m.begin(out, after)
}

// Receive implements End. A character that stays wrong makes the card mute until
// it is reset. Spec: SPEC-TRANSPORT-030, SPEC-TRANSPORT-024.
func (m *cardT0) Receive(c Character) {
	m.last, m.mine = c.Start, false
	switch {
	case c.Bad:
		m.state = t0Mute
	case m.sending():
	case m.state == t0Header:
		m.header[m.got] = c.Value
		if m.got++; m.got == len(m.header) {
			m.got, m.data = 0, m.data[:0]
			m.incoming = m.tpdus.Incoming(m.header)
			m.procedure()
		}
	case m.state == t0Data:
		m.data = append(m.data, c.Value)
		if len(m.data) == m.stop {
			m.procedure()
		}
	}
}

// procedure asks for data that is missing, all of it or the next byte, or has the
// command executed. Spec: SPEC-TRANSPORT-031, SPEC-TRANSPORT-032.
func (m *cardT0) procedure() {
	if len(m.data) == m.incoming {
		m.state = t0Ready
		return
	}
	m.state, m.stop = t0Data, m.incoming
	ack := m.header[1]
	if m.byteByByte {
		ack, m.stop = ^ack, len(m.data)+1
	}
	m.send(append(m.answer[:0], ack))
}

// run deals with a TPDU that has been received. Spec: SPEC-TRANSPORT-031,
// SPEC-TRANSPORT-033.
func (m *cardT0) run() {
	h := m.header
	cmd, dispatch, r := m.tpdus.Receive(apdu.TPDU{CLA: h[0], INS: h[1], P1: h[2], P2: h[3], P3: h[4], Data: m.data})
	if dispatch {
		m.state, m.extend = t0AtWork, m.extension()
		if !m.work(&cmd) {
			m.state = t0Mute
			return
		}
		raw, err := apdu.DecodeResponse(m.response)
		if err != nil {
			raw.SW = iso7816.NoPreciseDiagnosis
		}
		r = m.tpdus.Respond(raw)
	}
	clear(m.data)
	m.data = m.data[:0]
	m.state = t0Header
	m.answer = m.answer[:0]
	if len(r.Data) > 0 {
		m.answer = append(m.answer, h[1])
	}
	if !r.SW.Valid() || r.SW.SW1() == procedureNull {
		r.SW = iso7816.NoPreciseDiagnosis
	}
	m.answer = r.Append(m.answer)
	m.send(m.answer)
}

// work executes a command; false: the card is mute.
func (m *cardT0) work(cmd *apdu.Command) bool {
	var err error
	if m.command, err = cmd.Append(m.command[:0]); err != nil {
		return false
	}
	m.response, err = m.execute(m.command, m.response[:0])
	clear(m.command)
	return err == nil
}
