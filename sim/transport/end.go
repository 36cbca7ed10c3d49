package transport

// Character is a character as its receiver has it.
type Character struct {
	Start uint64 // cycle of the leading edge of its start bit
	Value byte
	Bad   bool // the parity was wrong, also after every repetition
}

// End is one end of a line: a state machine that is driven by simulated time. A
// line asks both ends when they act next, lets the sooner one act, and carries
// what it sends to the other.
type End interface {
	// Due is the cycle at which the end acts by itself, if nothing arrives before:
	// it sends a character, or a waiting time is over. Never: it waits.
	Due() uint64
	// Sends tells whether it will send then; an end that sends at the very end of
	// the other's waiting time is in time.
	Sends() bool
	// Act does what is due at now, which may be later than Due. send: value goes on
	// the line, its leading edge at now.
	Act(now uint64) (value byte, send bool)
	// Receive takes a character, when its last bit has passed. The end's own
	// characters do not come back.
	Receive(c Character)
}

// port is what every end has: the characters that it is sending, and when.
type port struct {
	out      []byte
	pos      int    // characters of out that are sent
	next     uint64 // earliest start of the next one
	spacing  uint64 // from one to the next
	last     uint64 // start of the last character, in either direction
	deadline uint64 // end of a waiting time
}

func (p *port) sending() bool { return p.pos < len(p.out) }

// Sends implements End.
func (p *port) Sends() bool { return p.sending() }

// Due implements End.
func (p *port) Due() uint64 {
	if p.sending() {
		return p.next
	}
	return p.deadline
}

// begin sends out, not before a time after the last character.
func (p *port) begin(out []byte, after uint64) {
	p.out, p.pos, p.next, p.deadline = out, 0, p.last+after, Never
}

// emit takes the next character of out.
func (p *port) emit(now uint64) byte {
	b := p.out[p.pos]
	p.pos++
	p.last, p.next = now, now+p.spacing
	return b
}
