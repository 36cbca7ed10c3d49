package transport

// Execute has the card execute a command APDU and append its response to dst. An
// error means that the card is mute or has lost its power.
type Execute func(cmd, dst []byte) ([]byte, error)

// cardT1 is the card's end of T=1 (ISO/IEC 7816-3:2006 §11).
type cardT1 struct {
	t1
	execute  Execute
	factor   byte // of a waiting time extension
	response []byte

	state  busyState
	extend uint64 // when to ask for more time, while the card is at work
	drop   bool   // the reader resynchronised while the card was at work
	mute   bool
}

// busyState is how far a command is.
type busyState uint8

const (
	idle  busyState = iota
	ready           // it has been received
	atWork
	done // its response waits for the end of a request for time
)

func newCardT1(t *timing, factor byte, limit int, execute Execute) *cardT1 {
	m := &cardT1{t1: newT1(t, false), execute: execute, factor: max(factor, 1)}
	m.limit = limit
	return m
}

// Due implements End.
func (m *cardT1) Due() uint64 {
	switch {
	case m.mute:
		return Never
	case m.sending():
		return m.next
	case m.in.begun():
		return m.deadline
	case m.state == ready:
		return m.last
	case m.state == atWork && m.asked == 0 && !m.drop:
		return m.extend
	}
	return Never
}

// Act implements End.
func (m *cardT1) Act(now uint64) (byte, bool) {
	switch {
	case m.sending():
		return m.emit(now), true
	case m.in.begun():
		m.process()
	case m.state == ready:
		m.run()
	default:
		m.ask(kindWTX, m.factor)
	}
	return 0, false
}

// Receive implements End.
func (m *cardT1) Receive(c Character) {
	m.last = c.Start
	if !m.sending() {
		m.deadline = c.Start + m.in.take(c, m.crc, m.t)
	}
}

// extension is when to ask for time, so that the request begins in time: at 15/16
// of BWT, or of its multiple, after the reader's last character.
// Spec: SPEC-TRANSPORT-060.
func (m *cardT1) extension(factor byte) uint64 {
	return m.last + m.t.blockWaiting()*uint64(factor)/16*15
}

// run executes the command that has been received. Meanwhile the line is served by
// the alarm of the card's clock. Spec: SPEC-TRANSPORT-050.
func (m *cardT1) run() {
	m.state, m.extend = atWork, m.extension(1)
	response, err := m.execute(m.received, m.response[:0])
	clear(m.received) // may hold a PIN
	m.received = m.received[:0]
	if err != nil {
		m.state, m.mute = idle, true
		return
	}
	m.response = response
	if m.drop {
		m.drop, m.state = false, idle
		m.answerResynch()
		return
	}
	m.message, m.off, m.size = response, 0, 0
	m.state = done
	if m.asked == 0 && !m.sending() && !m.in.begun() {
		m.respond()
	}
}

// respond sends the first block of the response.
func (m *cardT1) respond() {
	m.state = idle
	m.sendI()
}

// process deals with the block that has ended.
func (m *cardT1) process() {
	b, ok := m.in.block(m.crc)
	ok = ok && b.wellFormed() && b.NAD&0x88 == 0
	reason := byte(rOther)
	if !ok && (m.in.bad || !m.in.full) {
		reason = rCheck
	}
	m.in.reset()
	if ok {
		m.nad = b.NAD<<4 | b.NAD>>4
	}
	switch {
	case m.state != idle:
		m.whileBusy(&b, ok)
	case !ok:
		m.refuse(reason)
	case b.IsS():
		m.takeS(&b)
	case m.asked != 0:
		m.askAgain()
	case b.IsR():
		m.takeR(b.number())
	default:
		m.takeI(&b)
	}
}

// refuse answers what can't be read, or is not expected: with the request that is
// not answered yet, else by asking for the block again. Spec: SPEC-TRANSPORT-052.
func (m *cardT1) refuse(reason byte) {
	if m.asked != 0 {
		m.askAgain()
		return
	}
	m.sendR(reason)
}

// takeI takes an I-block; only the one with the expected number is new.
// Spec: SPEC-TRANSPORT-050, SPEC-TRANSPORT-051, SPEC-TRANSPORT-055.
func (m *cardT1) takeI(b *Block) {
	switch {
	case b.number() != m.nr || m.waits && m.more():
		m.sendR(rOther)
	case !m.accept(b):
		m.received = m.received[:0]
		m.ask(kindAbort, 0)
	case b.more():
		m.sendR(rOK)
	default:
		m.state = ready
	}
}

// takeR goes on with a chain, repeats an I-block, or asks for the one that the
// reader seems to have sent. Spec: SPEC-TRANSPORT-053.
func (m *cardT1) takeR(number byte) {
	switch {
	case m.waits && number == m.ns:
		m.sendI()
	case m.waits && m.more():
		m.acknowledge()
		m.sendI()
	default:
		m.repeatR()
	}
}

// repeatR sends the last R-block again, or asks for the I-block that is expected.
func (m *cardT1) repeatR() {
	reason := byte(rOther)
	if len(m.buffer) > 1 && m.buffer[1]&0xC0 == pcbR {
		reason = m.buffer[1] & 0x0F
	}
	m.sendR(reason)
}

// takeS answers a request, or takes the answer to one.
// Spec: SPEC-TRANSPORT-054, SPEC-TRANSPORT-055, SPEC-TRANSPORT-056.
func (m *cardT1) takeS(b *Block) {
	switch b.PCB {
	case pcbS | kindResynch:
		m.answerResynch()
	case pcbS | kindIFS:
		m.ifs = int(b.Information[0])
		m.send(b.PCB|pcbResponse, b.Information)
	case pcbS | kindAbort:
		m.acknowledge()
		m.forget()
		m.send(b.PCB|pcbResponse, nil)
	default:
		if m.answers(b) {
			m.sendR(rOK) // the chain is aborted; the reader has the word
			return
		}
		m.refuse(rOther)
	}
}

func (m *cardT1) answerResynch() {
	m.resynchronise()
	m.state = idle
	m.send(pcbS|kindResynch|pcbResponse, nil)
}

// whileBusy deals with a block that comes while a command is at work. Spec:
// SPEC-TRANSPORT-061, SPEC-TRANSPORT-062.
func (m *cardT1) whileBusy(b *Block, ok bool) {
	switch {
	case ok && b.PCB == pcbS|kindResynch:
		m.drop = true
		m.asked = 0
		if m.state == done {
			m.drop = false
			m.answerResynch()
		}
	case ok && m.answers(b):
		m.extend = m.extension(m.askedFor[0])
		if m.state == done {
			m.respond()
		}
	case m.drop:
	case m.asked != 0:
		m.askAgain()
	case m.state == done:
		m.respond()
	case m.state == atWork:
		m.ask(kindWTX, m.factor)
	}
}
