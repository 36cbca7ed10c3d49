package transport

import (
	"math/bits"

	"inkan/core/observe"
	"inkan/sim/clock"
)

// Disturbance is what happens to one character on its way.
type Disturbance struct {
	Lost   bool // the receiver sees no start bit
	Flip   byte // data bits that arrive changed
	Parity bool // the parity bit arrives changed
}

// bad tells whether the receiver finds the parity wrong.
func (d Disturbance) bad() bool { return (bits.OnesCount8(d.Flip)&1 == 1) != d.Parity }

// Disturber says what happens to the character with an index, counted from the
// last reset on, repetitions included. It must be deterministic.
type Disturber func(index uint64, to observe.Direction, value byte) Disturbance

// line carries characters between the reader and the card, one at a time.
type line struct {
	clock    *clock.Clock
	observer observe.Observer
	disturb  Disturber
	reader   *timing // both ends' idea of the rate
	card     *timing
	signals  bool // a receiver signals a parity error, and the sender repeats: T=0
	inverse  bool
	index    uint64
	event    observe.LineByte
}

// carry takes a character from its start at the present cycle to its receiver,
// with the repetitions that T=0 asks for. An end at another rate does not
// understand it. Spec: SPEC-TRANSPORT-023,
// SPEC-TRANSPORT-024.
func (l *line) carry(value byte, to observe.Direction, receiver End) {
	t, deaf := l.reader, l.reader.f*l.card.d != l.card.f*l.reader.d
	if to == observe.FromCard {
		t = l.card
	}
	for try := 0; ; try++ {
		var d Disturbance
		if l.disturb != nil {
			d = l.disturb(l.index, to, value)
		}
		l.index++
		start, bad := l.clock.Now(), d.bad() && !d.Lost && !deaf
		if l.observer != nil {
			l.event = observe.LineByte{Cycle: start, Direction: to, Value: value ^ d.Flip, Error: bad, Inverse: l.inverse, ETU: uint32(t.etu(1))}
			l.observer.Line(&l.event)
		}
		l.clock.Advance(clock.Line, t.etu(characterETU))
		switch {
		case d.Lost || deaf:
			return
		case bad && l.signals && try < repetitions:
			l.clock.Advance(clock.Line, t.etu(repeatETU)-t.etu(characterETU))
			continue
		}
		receiver.Receive(Character{Start: start, Value: value ^ d.Flip, Bad: bad})
		return
	}
}

// step lets the end that is due first act, and says whether one did. Only what is
// due by limit is done; the clock waits for it.
func (l *line) step(reader, card End, limit uint64) bool {
	from, to, direction := reader, card, observe.ToCard
	r, c := reader.Due(), card.Due()
	if c < r || c == r && card.Sends() {
		from, to, direction = card, reader, observe.FromCard
	}
	due := min(r, c)
	if due == Never || due > limit {
		return false
	}
	if now := l.clock.Now(); due > now {
		l.clock.Advance(clock.Line, due-now)
	}
	if value, send := from.Act(l.clock.Now()); send {
		l.carry(value, direction, to)
	}
	return true
}
