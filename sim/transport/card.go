package transport

import (
	"inkan/core/apdu"
	"inkan/core/atr"
)

// CardOptions are what a card does on the line beyond what its answer to reset
// says.
type CardOptions struct {
	Direction     apdu.DirectionFunc // T=0: which way data goes; nil: apdu.DefaultDirection
	ResponseBytes int                // T=0: response data that can wait for GET RESPONSE; 0: 32767
	EnvelopeBytes int                // T=0: command APDU that ENVELOPE can carry; 0: ENVELOPE is the application's
	ExtendedNe    bool               // T=0: case 2 commands with P3 00 have Ne 65536
	ByteByByte    bool               // T=0: ask for data byte by byte
	CommandBytes  int                // T=1: longest command APDU; 0: 65544
	WTX           byte               // T=1: multiple of BWT that the card asks for; 0: 1
	FixedRate     bool               // PPS: the card refuses every rate but the default one
}

func (o *CardOptions) fill() {
	if o.ResponseBytes == 0 {
		o.ResponseBytes = 32767
	}
	if o.CommandBytes == 0 {
		o.CommandBytes = 65544
	}
}

// CardEnd is the card's end of a line, from its answer to reset on.
type CardEnd struct {
	port
	t       timing
	options CardOptions
	execute Execute
	reply   [maxPPS]byte
	heard   []byte // of PPS
	state   cardState
	blocks  *cardT1
	bytes   *cardT0
	turn    byte // protocol that PPS chose, with the rate
	rate    byte
}

type cardState uint8

const (
	cardAnswers cardState = iota // it sends its ATR
	cardListens                  // for PPS, or a first command
	cardHears                    // PPS
	cardAgrees                   // it answers PPS
	cardMute
	cardT0Now
	cardT1Now
)

// NewCardEnd makes the card's end with an answer to reset, which begins at cycle
// start, and must be one that offers T=0 or T=1. Errors are those of atr.Decode
// and Params, and ErrATR.
func NewCardEnd(answer []byte, r Rate, o CardOptions, start uint64, execute Execute) (*CardEnd, error) {
	a, err := atr.Decode(answer)
	if err != nil {
		return nil, err
	}
	p, err := a.Params()
	if err != nil {
		return nil, err
	}
	if !a.Offers(0) && !a.Offers(1) {
		return nil, ErrATR
	}
	o.fill()
	c := &CardEnd{t: newTiming(r, p), options: o, execute: execute}
	c.spacing, c.last = c.t.etu(12), start
	c.begin(append([]byte(nil), answer...), 0)
	return c, nil
}

// current is the machine of the protocol in use, or nil.
func (c *CardEnd) current() End {
	switch c.state {
	case cardT0Now:
		return c.bytes
	case cardT1Now:
		return c.blocks
	}
	return nil
}

// Due implements End.
func (c *CardEnd) Due() uint64 {
	if m := c.current(); m != nil {
		return m.Due()
	}
	if c.state == cardMute {
		return Never
	}
	return c.port.Due()
}

// Sends implements End.
func (c *CardEnd) Sends() bool {
	if m := c.current(); m != nil {
		return m.Sends()
	}
	return c.port.Sends()
}

// Act implements End.
func (c *CardEnd) Act(now uint64) (byte, bool) {
	if m := c.current(); m != nil {
		return m.Act(now)
	}
	if !c.sending() { // the last character has passed
		c.speak(c.turn, c.rate)
		return 0, false
	}
	b := c.emit(now)
	if c.sending() {
		return b, true
	}
	switch p := &c.t.p; {
	case c.state == cardAgrees:
		c.deadline = now + c.t.etu(characterETU)
	case p.Specific:
		c.turn, c.rate = p.Protocol, p.FI<<4|p.DI
		if p.Implicit {
			c.rate = defaultRate
		}
		c.deadline = now + c.t.etu(characterETU)
	default:
		c.state = cardListens
	}
	return b, true
}

// Receive implements End. Spec: SPEC-TRANSPORT-012, SPEC-TRANSPORT-014.
func (c *CardEnd) Receive(ch Character) {
	if m := c.current(); m != nil {
		m.Receive(ch)
		return
	}
	c.last = ch.Start
	switch c.state {
	case cardListens:
		if ch.Value != pps || ch.Bad {
			c.speak(c.t.p.Protocols[0], defaultRate)
			if m := c.current(); m != nil {
				m.Receive(ch)
			}
			return
		}
		c.state = cardHears
		c.heard = append(c.heard[:0], ch.Value)
	case cardHears:
		c.heard = append(c.heard, ch.Value)
		if ch.Bad {
			c.state = cardMute
		} else if n := len(c.heard); n >= 2 && n == ppsLength(c.heard[1]) {
			c.agree()
		}
	}
}

// agree answers a PPS: as it came when protocol and rate are acceptable, without
// PPS1 when the rate is not, and not at all when it is wrong or asks for another
// protocol. Spec: SPEC-TRANSPORT-014, SPEC-TRANSPORT-015.
func (c *CardEnd) agree() {
	t := c.heard[1] & protoOf
	if LRC(c.heard) != 0 || !c.offers(t) {
		c.state = cardMute
		return
	}
	withRate := c.heard[1]&pps1 != 0 && c.accepts(c.heard[2])
	c.turn, c.rate = t, defaultRate
	if withRate {
		c.rate = c.heard[2]
	}
	c.state = cardAgrees
	c.begin(appendPPS(c.reply[:0], t, c.rate, withRate), c.t.etu(turnETU))
}

func (c *CardEnd) offers(t byte) bool {
	for _, p := range c.t.p.Protocols {
		if p == t {
			return true
		}
	}
	return false
}

// accepts takes rates from the default up to the indicated one.
func (c *CardEnd) accepts(rate byte) bool {
	fi, di, p := rate>>4, rate&0x0F, &c.t.p
	if rate == defaultRate {
		return true
	}
	return !c.options.FixedRate && (fi == p.FI || atr.F(fi) == atr.F(defaultRate>>4)) && atr.D(di) != 0 && atr.D(di) <= atr.D(p.DI)
}

// speak changes to a protocol and a rate. A protocol that is not modelled leaves
// the card mute.
func (c *CardEnd) speak(protocol, rate byte) {
	c.t.set(rate)
	c.deadline = Never
	switch protocol {
	case 0:
		c.bytes = newCardT0(&c.t, &c.options, c.execute)
		c.bytes.last = c.last
		c.state = cardT0Now
	case 1:
		c.blocks = newCardT1(&c.t, c.options.WTX, c.options.CommandBytes, c.execute)
		c.blocks.last = c.last
		c.state = cardT1Now
	default:
		c.state = cardMute
	}
}
