package transport

// t1 is what the two ends of T=1 share: blocks, sequence numbers and chaining.
type t1 struct {
	port
	t        *timing
	crc      bool
	in       incoming
	buffer   []byte  // the block that was sent last
	nad      byte    // of what is sent
	ifs      int     // longest information field that the other end takes
	ns       byte    // N(S) of the next I-block to send, or of the one that is not acknowledged
	nr       byte    // N(S) expected next
	message  []byte  // to send
	off      int     // of message: where the I-block begins that was sent last
	size     int     // of its information
	waits    bool    // it has not been acknowledged
	received []byte  // information of the chain that arrives
	asked    byte    // PCB of an S request that was not answered; 0: none
	askedFor [1]byte // its information
	limit    int     // longest chain to receive
}

func newT1(t *timing, fromReader bool) t1 {
	m := t1{t: t, crc: t.p.CRC, ifs: defaultLineFS}
	m.in.raw = make([]byte, 0, 3+maxInformation+2)
	m.buffer = make([]byte, 0, 3+maxInformation+2)
	m.deadline = Never
	m.spacing = t.guard(1, fromReader)
	return m
}

// send sends a block and keeps it.
func (m *t1) send(pcb byte, information []byte) {
	m.buffer = AppendBlock(m.buffer[:0], Block{m.nad, pcb, information}, m.crc)
	m.in.reset()
	m.begin(m.buffer, m.t.etu(blockGuardETU))
}

// sendI sends the I-block at off, with N(S) ns.
func (m *t1) sendI() {
	m.size = min(m.ifs, len(m.message)-m.off)
	pcb := m.ns << 6
	if m.more() {
		pcb |= pcbMore
	}
	m.waits = true
	m.send(pcb, m.message[m.off:m.off+m.size])
}

// more tells whether data follows the I-block that was sent last.
func (m *t1) more() bool { return m.off+m.size < len(m.message) }

// acknowledge takes the I-block as received by the other end.
func (m *t1) acknowledge() {
	if m.waits {
		m.ns ^= 1
		m.off += m.size
		m.waits = false
	}
}

// sendR asks for the I-block with the number expected next.
func (m *t1) sendR(reason byte) { m.send(pcbR|m.nr<<4|reason, nil) }

// ask sends an S request, and keeps it until it is answered. The kinds with
// information have one byte.
func (m *t1) ask(kind, value byte) {
	m.asked, m.askedFor[0] = pcbS|kind, value
	m.askAgain()
}

func (m *t1) askAgain() {
	if k := m.asked & 0x1F; k == kindIFS || k == kindWTX {
		m.send(m.asked, m.askedFor[:])
		return
	}
	m.send(m.asked, nil)
}

// answers tells whether a block is the response to the request that was asked, and
// takes it as such.
func (m *t1) answers(b *Block) bool {
	if m.asked == 0 || b.PCB != m.asked|pcbResponse || len(b.Information) == 1 && b.Information[0] != m.askedFor[0] {
		return false
	}
	m.asked = 0
	return true
}

// forget drops what is being sent and received.
func (m *t1) forget() {
	m.message, m.off, m.size, m.waits = nil, 0, 0, false
	m.received, m.asked = m.received[:0], 0
}

// resynchronise starts anew with both sequence numbers 0 and default sizes.
func (m *t1) resynchronise() {
	m.forget()
	m.ns, m.nr, m.ifs = 0, 0, defaultLineFS
}

// accept takes the information of the I-block that is expected. It fails when the
// chain gets longer than its limit.
func (m *t1) accept(b *Block) bool {
	m.acknowledge()
	m.nr ^= 1
	if len(b.Information) > m.limit-len(m.received) {
		return false
	}
	m.received = append(m.received, b.Information...)
	return true
}
