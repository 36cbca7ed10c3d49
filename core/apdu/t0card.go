package apdu

import (
	"fmt"

	"inkan/core/iso7816"
)

// T0Card is the card's side of T=0 as a pure state machine: TPDUs come in,
// APDUs go to the application, and its responses go out in the pieces that the
// host asks for. Memory is bounded by the buffers it is given. Every command
// reaches the application once, however often its TPDU is sent again after
// 6Cxx.
//
// The byte level asks Incoming how many bytes to take after a header, then
// calls Receive; when that dispatches, it calls Respond with the application's
// response.
type T0Card struct {
	// ExtendedNe dispatches case 2 commands with P3 00 as Ne 65536 instead of
	// 256, so that a host can read longer data with GET RESPONSE.
	ExtendedNe bool

	direction DirectionFunc
	buf       []byte // response data that waits; its cap is the limit
	pos       int    // what of it was sent
	final     iso7816.SW
	waiting   bool
	repeat    bool // buf also answers the same header again (after 6Cxx)
	header    [5]byte
	channel   int
	env       []byte // command APDU that arrives by ENVELOPE; its cap is the limit
	inEnv     bool
	present   TPDU // dispatched, without data
	dir       Direction
}

// NewT0Card makes the card's side. response bounds the response data that can
// wait, envelope the command APDU that ENVELOPE can carry; both are its own
// from then on. Without an envelope buffer ENVELOPE is the application's. A
// nil direction is DefaultDirection.
func NewT0Card(direction DirectionFunc, response, envelope []byte) *T0Card {
	if direction == nil {
		direction = DefaultDirection
	}
	return &T0Card{direction: direction, buf: response[:0:len(response)], env: envelope[:0:len(envelope)]}
}

// Incoming is the number of data bytes to take from the host after the header:
// none when the card sends, and none when Receive will refuse the instruction.
func (c *T0Card) Incoming(header [5]byte) int {
	if !iso7816.ValidINS(header[1]) || c.headerDirection(header) == FromCard {
		return 0
	}
	return int(header[4])
}

func (c *T0Card) headerDirection(h [5]byte) Direction {
	switch {
	case isGetResponse(h):
		return FromCard
	case c.isEnvelope(h):
		return ToCard
	}
	return c.direction(Class(h[0]), h[1], h[2], h[3])
}

// isGetResponse accepts every class: hosts send 00, the command's own, and A0.
func isGetResponse(h [5]byte) bool { return h[1] == iso7816.INSGetResponse }

// isEnvelope reports the transport's ENVELOPE; the toolkit's has class 80.
func (c *T0Card) isEnvelope(h [5]byte) bool {
	return h[1] == iso7816.INSEnvelope && !Class(h[0]).Proprietary() && h[2] == 0 && h[3] == 0 && cap(c.env) > 0
}

// Receive takes a TPDU with its data. Either it is to be answered with answer,
// or (dispatch) cmd goes to the application and its response to Respond.
// cmd.Data is borrowed until then. Spec: SPEC-APDU-040, SPEC-APDU-042,
// SPEC-APDU-043, SPEC-APDU-044, SPEC-APDU-045, SPEC-APDU-046, SPEC-APDU-047.
func (c *T0Card) Receive(t TPDU) (cmd Command, dispatch bool, answer Response) {
	h := t.Header()
	if isGetResponse(h) {
		return Command{}, false, c.getResponse(t)
	}
	if c.repeat && h[0] == c.header[0] && h[1] == c.header[1] && h[2] == c.header[2] && h[3] == c.header[3] && t.Ne() == len(c.buf) {
		return Command{}, false, c.deliver(len(c.buf))
	}
	c.drop()
	envelope := c.isEnvelope(h)
	if c.inEnv && !envelope {
		c.dropEnvelope() // another command ends the ENVELOPE sequence
	}
	if !iso7816.ValidINS(t.INS) {
		return Command{}, false, Response{SW: iso7816.INSNotSupported}
	}
	c.dir = c.headerDirection(h)
	if c.dir == ToCard && len(t.Data) != int(t.P3) || c.dir == FromCard && len(t.Data) > 0 {
		return Command{}, false, Response{SW: iso7816.WrongLength}
	}
	if envelope {
		return c.envelope(t)
	}
	c.present = TPDU{CLA: t.CLA, INS: t.INS, P1: t.P1, P2: t.P2, P3: t.P3}
	cmd = Command{CLA: t.CLA, INS: t.INS, P1: t.P1, P2: t.P2, Data: t.Data}
	if c.dir == FromCard {
		cmd.Ne = t.Ne()
		if t.P3 == 0 && c.ExtendedNe {
			cmd.Ne = MaxExtendedNe
			cmd.Extended = true
		}
	}
	return cmd, true, Response{}
}

// envelope collects segments of a command APDU; the empty one ends it.
func (c *T0Card) envelope(t TPDU) (cmd Command, dispatch bool, answer Response) {
	if t.P3 > 0 {
		if len(t.Data) > cap(c.env)-len(c.env) {
			c.dropEnvelope()
			return Command{}, false, Response{SW: iso7816.WrongLength}
		}
		c.env = append(c.env, t.Data...)
		c.inEnv = true
		return Command{}, false, Response{SW: iso7816.OK}
	}
	cmd, err := DecodeCommand(c.env)
	if err != nil || !c.inEnv {
		c.dropEnvelope()
		return Command{}, false, Response{SW: iso7816.WrongLength}
	}
	c.inEnv = false
	c.present = t
	return cmd, true, Response{}
}

// Respond takes the application's response to the dispatched command and gives
// the answer to the TPDU; data that does not go out now waits for GET RESPONSE.
// Response data longer than the buffer is 6F00. r is only borrowed, but
// answer.Data is valid until the next Receive or Reset.
// Spec: SPEC-APDU-041, SPEC-APDU-046.
func (c *T0Card) Respond(r Response) (answer Response) {
	defer c.dropEnvelope() // last: the response may lie in the command's data
	if len(r.Data) > cap(c.buf) {
		return Response{SW: iso7816.NoPreciseDiagnosis}
	}
	if len(r.Data) == 0 {
		return r
	}
	c.buf = append(c.buf[:0], r.Data...)
	c.pos, c.final, c.waiting = 0, r.SW, true
	c.header, c.channel = c.present.Header(), Class(c.present.CLA).Channel()
	n := len(c.buf)
	switch {
	case c.dir == ToCard:
		return Response{SW: iso7816.WithRemaining(n)}
	case n < c.present.Ne():
		c.repeat = true
		return Response{SW: iso7816.WithAvailable(n)}
	}
	return c.deliver(c.present.Ne())
}

// deliver sends the next n bytes, and 61xx while more wait.
func (c *T0Card) deliver(n int) Response {
	data := c.buf[c.pos : c.pos+n]
	c.pos += n
	c.repeat = false
	if left := len(c.buf) - c.pos; left > 0 {
		return Response{Data: data, SW: iso7816.WithRemaining(left)}
	}
	c.waiting = false
	return Response{Data: data, SW: c.final}
}

func (c *T0Card) getResponse(t TPDU) Response {
	class := Class(t.CLA)
	switch {
	case t.P1 != 0 || t.P2 != 0:
		return Response{SW: iso7816.IncorrectP1P2}
	case len(t.Data) > 0:
		return Response{SW: iso7816.WrongLength}
	case !c.waiting || !class.Valid() || class.Channel() != c.channel:
		c.drop()
		return Response{SW: iso7816.INSNotSupported}
	}
	c.repeat = false
	if left := len(c.buf) - c.pos; t.Ne() > left {
		return Response{SW: iso7816.WithAvailable(left)}
	}
	return c.deliver(t.Ne())
}

// drop forgets and wipes response data that waits.
func (c *T0Card) drop() {
	clear(c.buf)
	c.buf, c.pos, c.waiting, c.repeat = c.buf[:0], 0, false, false
}

func (c *T0Card) dropEnvelope() {
	clear(c.env)
	c.env, c.inEnv = c.env[:0], false
}

// Format prints how many bytes wait, never which, whatever the verb.
func (c T0Card) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "T0Card(%d bytes wait, %d of an ENVELOPE)", len(c.buf)-c.pos, len(c.env))
}

// Pending reports whether response data waits for GET RESPONSE.
func (c *T0Card) Pending() bool { return c.waiting }

// Reset forgets and wipes everything that waits, as a reset of the card does.
func (c *T0Card) Reset() {
	c.drop()
	c.dropEnvelope()
}
