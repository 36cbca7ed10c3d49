package transport

// tries is how often in a row the reader asks for a block, and then for
// resynchronisation, before it gives up. Spec: SPEC-TRANSPORT-058.
const tries = 3

// readerT1 is the reader's end of T=1 (ISO/IEC 7816-3:2006 §11).
type readerT1 struct {
	t1
	busy       bool  // a command is under way
	err        error // why it ended, if not well
	ifsd       byte
	negotiated bool // IFSD
	attempts   int
	factor     uint64 // of the next block waiting time
	extensions int
	most       int // extensions of one command
	aborted    bool
}

func newReaderT1(t *timing, r *Reader) *readerT1 {
	m := &readerT1{t1: newT1(t, true), ifsd: r.IFSD, factor: 1, most: r.MaxWaits}
	m.nad, m.limit = r.NAD, r.MaxResponse
	m.ifs = int(t.p.IFSC)
	m.negotiated = m.ifsd == defaultLineFS
	return m
}

// start begins a command, borrowed until it has ended.
func (m *readerT1) start(cmd []byte) error {
	m.forget()
	m.message = cmd
	m.busy, m.err, m.aborted = true, nil, false
	m.attempts, m.extensions, m.factor = 0, 0, 1
	m.proceed()
	return nil
}

// proceed negotiates IFSD if that has not been done, and sends the command.
// Spec: SPEC-TRANSPORT-054.
func (m *readerT1) proceed() {
	if !m.negotiated {
		m.ask(kindIFS, m.ifsd)
		return
	}
	m.sendI()
}

func (m *readerT1) end(err error) {
	m.busy, m.err, m.message, m.waits = false, err, nil, false
	m.deadline = Never
}

// outcome is how the command ended, and what was received.
func (m *readerT1) outcome() (response []byte, ended bool, err error) {
	return m.received, !m.busy, m.err
}

// Due implements End.
func (m *readerT1) Due() uint64 {
	if m.sending() {
		return m.next
	}
	return m.deadline
}

// Act implements End.
func (m *readerT1) Act(now uint64) (byte, bool) {
	if m.sending() {
		b := m.emit(now)
		if !m.sending() {
			m.deadline = m.last + m.t.blockWaiting()*m.factor
			m.factor = 1
		}
		return b, true
	}
	m.deadline = Never
	if m.in.begun() {
		m.process()
	} else {
		m.invalid(rOther) // BWT is over
	}
	return 0, false
}

// Receive implements End.
func (m *readerT1) Receive(c Character) {
	m.last = c.Start
	if !m.sending() && m.busy {
		m.deadline = c.Start + m.in.take(c, m.crc, m.t)
	}
}

func (m *readerT1) process() {
	b, ok := m.in.block(m.crc)
	ok = ok && b.wellFormed() && b.NAD == m.nad<<4|m.nad>>4
	reason := byte(rOther)
	if !ok && (m.in.bad || !m.in.full) {
		reason = rCheck
	}
	m.in.reset()
	switch {
	case !ok:
		m.invalid(reason)
	case b.IsS():
		m.takeS(&b)
	case m.asked != 0:
		m.invalid(rOther)
	case b.IsR():
		m.takeR(b.number())
	default:
		m.takeI(&b)
	}
}

// retry counts a repetition. After too many in a row the reader resynchronises,
// and after too many of that the card is mute. Spec: SPEC-TRANSPORT-058.
func (m *readerT1) retry() bool {
	m.attempts++
	if m.attempts <= tries {
		return true
	}
	if m.asked == pcbS|kindResynch {
		m.end(ErrMute)
		return false
	}
	m.attempts = 1
	m.ask(kindResynch, 0)
	return false
}

// invalid deals with a block that can't be read or is not expected, or did not
// come: the request is repeated, or the block asked for. Spec: SPEC-TRANSPORT-052.
func (m *readerT1) invalid(reason byte) {
	switch {
	case !m.retry():
	case m.asked != 0:
		m.askAgain()
	default:
		m.sendR(reason)
	}
}

// takeI takes a block of the response. Spec: SPEC-TRANSPORT-050,
// SPEC-TRANSPORT-051.
func (m *readerT1) takeI(b *Block) {
	if b.number() != m.nr || m.waits && m.more() || m.aborted {
		m.invalid(rOther)
		return
	}
	m.attempts = 0
	switch {
	case !m.accept(b):
		m.ask(kindAbort, 0)
	case b.more():
		m.sendR(rOK)
	default:
		m.end(nil)
	}
}

// takeR repeats the I-block, goes on with the chain, or asks for the card's block
// again. Spec: SPEC-TRANSPORT-053.
func (m *readerT1) takeR(number byte) {
	switch {
	case m.aborted:
		m.ns = number
		m.end(ErrAborted)
	case m.waits && number != m.ns && m.more():
		m.attempts = 0
		m.acknowledge()
		m.sendI()
	case !m.retry():
	case m.waits && number == m.ns:
		m.sendI()
	default:
		m.sendR(rOther)
	}
}

// takeS answers a request of the card, or takes the answer to one.
// Spec: SPEC-TRANSPORT-054, SPEC-TRANSPORT-055, SPEC-TRANSPORT-056,
// SPEC-TRANSPORT-060.
func (m *readerT1) takeS(b *Block) {
	kind, response := b.PCB&0x1F, b.PCB&pcbResponse != 0
	switch {
	case response && m.answers(b):
		m.attempts = 0
		m.answered(kind)
	case response || m.asked != 0 || kind == kindResynch:
		m.invalid(rOther)
	case kind == kindWTX:
		if m.extensions++; m.extensions > m.most {
			m.end(ErrEndless)
			return
		}
		m.factor = uint64(b.Information[0])
		m.send(b.PCB|pcbResponse, b.Information)
	case m.retry(): // so that a card can't ask for ever
		if kind == kindIFS {
			m.ifs = int(b.Information[0])
		} else {
			m.aborted = true
		}
		m.send(b.PCB|pcbResponse, b.Information)
	}
}

func (m *readerT1) answered(kind byte) {
	switch kind {
	case kindIFS:
		m.negotiated = true
		m.sendI()
	case kindAbort:
		m.end(ErrAborted)
	case kindResynch:
		m.resynchronise()
		m.ifs = int(m.t.p.IFSC)
		m.negotiated = m.ifsd == defaultLineFS
		m.end(ErrResynchronised)
	}
}
