package report

import (
	"context"
	"fmt"
	"time"

	"inkan/core/apdu"
	"inkan/core/observe"
	"inkan/scenarios/report/apdutext"
)

// Card is an observer of a card that records its commands and traps. hz is its clock's
// frequency; host says who sent a command, and how it came where the card's interface
// does not say it: empty otherwise.
func (r *Recorder) Card(card PartyID, hz uint64, host func(*observe.APDUEvent) (PartyID, Bearer)) observe.Observer {
	if r == nil {
		return nil
	}
	return &cardObserver{recorder: r, card: card, hz: hz, host: host}
}

type cardObserver struct {
	observe.Nop
	recorder *Recorder
	card     PartyID
	hz       uint64
	host     func(*observe.APDUEvent) (PartyID, Bearer)
}

var bearers = map[observe.Interface]Bearer{observe.Contact: OverContact, observe.Contactless: OverContactless, observe.OverTheAir: OverAir}

// APDU implements observe.Observer.
func (o *cardObserver) APDU(e *observe.APDUEvent) {
	n := e.Cycle - e.Start
	from, over := o.host(e)
	if over == "" {
		over = bearers[e.Interface]
	}
	o.recorder.APDU(APDU{From: from, To: o.card, Over: over, Channel: int(e.Channel),
		Took: cycles(n, o.hz), Cycles: n}, e.Command, e.Response)
}

// Trap implements observe.Observer.
func (o *cardObserver) Trap(e *observe.Trap) {
	r := o.recorder
	if !r.lock() {
		return
	}
	defer r.mu.Unlock()
	t := Trap{Seq: r.next(), Step: r.step(), At: r.now(), Party: o.card, Where: printable(e.Where), Cause: r.cleaned(e.Cause)}
	if e.SW != 0 {
		t.SW = fmt.Sprintf("%04X", e.SW)
	}
	r.run.Traps = append(r.run.Traps, t)
}

// APDU records a command and its response: a has who, how and how long, and gets the
// rest. Data that may be secret is left out. Spec: SPEC-REPORT-009.
func (r *Recorder) APDU(a APDU, command, response []byte) {
	if !r.lock() {
		return
	}
	defer r.mu.Unlock()
	d := apdutext.Describe(command, response)
	a.Seq, a.Step, a.At = r.next(), r.step(), r.now()
	a.Name, a.Says, a.Command, a.Response, a.SW, a.Meaning = d.Name, d.Says, d.Command, d.Response, d.SW, d.Meaning
	r.run.APDUs = append(r.run.APDUs, a)
}

// Transmit records what goes through a card's edge where the card has no observer: a My
// Number Card in a reader, a foreign card.
func (r *Recorder) Transmit(host, card PartyID, over Bearer, c apdu.Card) apdu.Card {
	if r == nil {
		return c
	}
	return &recordedCard{c, r, APDU{From: host, To: card, Over: over}}
}

type recordedCard struct {
	apdu.Card
	recorder *Recorder
	as       APDU
}

// Transmit implements apdu.Card.
func (c *recordedCard) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	before := c.recorder.time()
	out, err := c.Card.Transmit(ctx, cmd, dst)
	a := c.as
	a.Took = c.recorder.time() - before
	c.recorder.APDU(a, cmd, out[min(len(dst), len(out)):])
	return out, err
}

// time is now for who does not hold the lock.
func (r *Recorder) time() time.Duration {
	if !r.lock() {
		return 0
	}
	defer r.mu.Unlock()
	return r.now()
}
