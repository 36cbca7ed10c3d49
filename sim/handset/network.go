package handset

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"inkan/sim/handset/air"
	"inkan/sim/handset/fault"
)

// Number is a subscriber's number (MSISDN), as digits.
type Number string

// Inbound is what comes from a handset to the sender of short messages.
type Inbound struct {
	From   ICCID // of the SIM, which the network authenticated
	Number Number
	At     time.Duration
	// Message is which one of Send it is about; 0: an SMS-SUBMIT of the card.
	Message uint64
	TPDU    []byte // SMS-DELIVER-REPORT or SMS-SUBMIT; nil: the network has given up
	Error   bool   // the report came in an RP-ERROR
}

// Sink takes what comes in.
type Sink func(ctx context.Context, in Inbound) error

// Network is a carrier's service centre, its register of numbers, and the air to its
// handsets: time is simulated, and moves with Step and Run. Not for concurrent use.
type Network struct {
	Name  string
	Queue air.Queue[event]
	// Deliver takes what comes from handsets; nil: it is dropped.
	Deliver Sink
	// Validity is how long the service centre keeps a message; 0: a day.
	Validity time.Duration
	Messages Messages

	numbers map[Number]ICCID
	phones  map[ICCID]*Handset
	waiting map[ICCID][]*message
	count   uint64
}

// Messages counts what the service centre did.
type Messages struct{ Sent, Attempts, Stored, GivenUp, Reports, Submits int }

type message struct {
	id    uint64
	to    Number
	tpdu  []byte
	sent  time.Duration
	tries int
	done  bool
}

// event is something on its way: what happens when it arrives, and the message that
// makes it pointless when it is done; nil: none does.
type event struct {
	happen func(ctx context.Context) error
	unless *message
}

// NewNetwork makes a network without subscribers.
func NewNetwork(name string, deliver Sink) *Network {
	return &Network{Name: name, Deliver: deliver, Validity: 24 * time.Hour, numbers: map[Number]ICCID{},
		phones: map[ICCID]*Handset{}, waiting: map[ICCID][]*message{}}
}

// Assign gives a number to a SIM; a SIM that had it before has none then.
func (n *Network) Assign(number Number, to ICCID) { n.numbers[number] = to }

// Withdraw takes a number away.
func (n *Network) Withdraw(number Number) { delete(n.numbers, number) }

// Holder is the SIM that has a number now.
func (n *Network) Holder(number Number) (ICCID, bool) {
	id, ok := n.numbers[number]
	return id, ok
}

// Attach registers a started handset under its SIM. Errors are those of
// Handset.Reachable.
func (n *Network) Attach(h *Handset) error {
	if err := h.Reachable(); err != nil {
		return err
	}
	for id, other := range n.phones {
		if other == h && id != h.identity.ICCID {
			delete(n.phones, id)
		}
	}
	h.network = n
	n.phones[h.identity.ICCID] = h
	n.alert(h)
	return nil
}

// Send gives a message for a number to the service centre, and returns the number
// by which Inbound speaks of it. It fails with fault.UnknownNumber.
// Spec: SPEC-HANDSET-030.
func (n *Network) Send(_ context.Context, to Number, tpdu []byte) (id uint64, err error) {
	if _, ok := n.numbers[to]; !ok {
		return 0, fault.New(fault.UnknownNumber, "")
	}
	n.count++
	m := &message{id: n.count, to: to, tpdu: append([]byte(nil), tpdu...), sent: n.Queue.Now()}
	n.Messages.Sent++
	n.try(m, 0)
	return m.id, nil
}

// reach is the handset that a message goes to now; nil: it cannot be reached.
func (n *Network) reach(m *message) (*Handset, ICCID) {
	id := n.numbers[m.to]
	h := n.phones[id]
	if h == nil || h.identity.ICCID != id || h.Reachable() != nil {
		return nil, id
	}
	return h, id
}

// attempt sends a message over the air, or keeps it until the handset is there.
// Spec: SPEC-HANDSET-031, SPEC-HANDSET-032.
func (n *Network) attempt(ctx context.Context, m *message) error {
	if m.done {
		return nil
	}
	h, id := n.reach(m)
	switch {
	case id == "" || n.Queue.Now() >= m.sent+n.validity():
		return n.giveUp(ctx, m, id)
	case h == nil:
		n.Messages.Stored++
		n.waiting[id] = append(n.waiting[id], m)
		return nil
	}
	link := h.links[air.SMS]
	if m.tries++; m.tries > link.Parameters.Tries {
		return n.giveUp(ctx, m, id)
	}
	n.Messages.Attempts++
	for _, after := range link.Datagram(air.Down, len(m.tpdu)).Arrivals {
		n.Queue.Push(after, event{happen: func(ctx context.Context) error { return n.arrive(ctx, m) }})
	}
	n.try(m, link.Parameters.Again)
	return nil
}

// try has a message attempted after a time, unless it is done by then.
func (n *Network) try(m *message, after time.Duration) {
	n.Queue.Push(after, event{func(ctx context.Context) error { return n.attempt(ctx, m) }, m})
}

// expire ends the messages that have waited too long.
func (n *Network) expire(ctx context.Context) error {
	for _, id := range slices.Sorted(maps.Keys(n.waiting)) {
		var keep []*message
		for _, m := range n.waiting[id] {
			if m.sent+n.validity() > n.Queue.Now() {
				keep = append(keep, m)
				continue
			}
			if err := n.giveUp(ctx, m, id); err != nil {
				return err
			}
		}
		n.waiting[id] = keep
	}
	return nil
}

func (n *Network) validity() time.Duration {
	if n.Validity == 0 {
		return 24 * time.Hour
	}
	return n.Validity
}

func (n *Network) giveUp(ctx context.Context, m *message, id ICCID) error {
	m.done = true
	n.Messages.GivenUp++
	return n.deliver(ctx, Inbound{From: id, Number: m.to, Message: m.id})
}

// arrive is a message at the handset. One that is not there any more leaves the
// message to the next attempt.
func (n *Network) arrive(ctx context.Context, m *message) error {
	h, id := n.reach(m)
	if h == nil {
		return nil
	}
	d, err := h.Deliver(ctx, m.tpdu)
	if err != nil {
		return ctx.Err() // the card does not come back: nobody acknowledges
	}
	now := n.Queue.Now()
	h.free = max(now, h.free) + d.Took
	delay := h.free - now
	if d.Report != nil {
		for _, after := range h.links[air.SMS].Datagram(air.Up, len(d.Report)).Arrivals {
			n.Queue.Push(delay+after, event{func(ctx context.Context) error { return n.report(ctx, id, m, d) }, m})
		}
	}
	for _, s := range d.Submits {
		n.submit(h, s, delay)
	}
	return nil
}

// report is the handset's acknowledgement at the service centre. A card that was
// busy gets the message again. Spec: SPEC-HANDSET-033.
func (n *Network) report(ctx context.Context, from ICCID, m *message, d Delivery) error {
	if m.done {
		return nil
	}
	if d.Error && len(d.Report) > 1 && d.Report[1] == causeBusy {
		return nil
	}
	m.done = true
	n.Messages.Reports++
	return n.deliver(ctx, Inbound{From: from, Number: m.to, Message: m.id, TPDU: d.Report, Error: d.Error})
}

// submit sends a message of the card, delay from now. The handset sends again what
// the network does not acknowledge. Spec: SPEC-HANDSET-034.
func (n *Network) submit(h *Handset, tpdu []byte, delay time.Duration) {
	link, from := h.links[air.SMS], h.identity.ICCID
	for try := 0; try < link.Parameters.Tries; try++ {
		if fate := link.Datagram(air.Up, len(tpdu)); !fate.Lost() {
			for _, after := range fate.Arrivals {
				n.Queue.Push(delay+after, event{happen: func(ctx context.Context) error {
					n.Messages.Submits++
					return n.deliver(ctx, Inbound{From: from, Number: n.numberOf(from), TPDU: tpdu})
				}})
			}
			return
		}
		delay += link.Parameters.Again
	}
}

func (n *Network) numberOf(id ICCID) Number {
	found := Number("")
	for number, holder := range n.numbers {
		if holder == id && (found == "" || number < found) {
			found = number
		}
	}
	return found
}

func (n *Network) deliver(ctx context.Context, in Inbound) error {
	if n.Deliver == nil {
		return nil
	}
	in.At = n.Queue.Now()
	return n.Deliver(ctx, in)
}

// alert has messages that wait for a handset tried at once.
func (n *Network) alert(h *Handset) {
	id := h.identity.ICCID
	if n.phones[id] != h || h.Reachable() != nil {
		return
	}
	for _, m := range n.waiting[id] {
		n.try(m, 0)
	}
	delete(n.waiting, id)
}

func pointless(e event) bool { return e.unless != nil && e.unless.done }

// Step has the next thing on its way arrive; more is false when nothing was. Errors
// are the sink's.
func (n *Network) Step(ctx context.Context) (more bool, err error) {
	n.Queue.Skip(pointless)
	e, ok := n.Queue.Pop()
	if !ok {
		return false, nil
	}
	return true, e.happen(ctx)
}

// Run has things arrive until none is on its way, or the time has come; what waits for a
// handset that cannot be reached stays. A time of 0 is none. Errors are the sink's,
// and the context's.
func (n *Network) Run(ctx context.Context, until time.Duration) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n.Queue.Skip(pointless)
		at, ok := n.Queue.Next()
		if !ok || until > 0 && at > until {
			if until > n.Queue.Now() {
				n.Queue.Advance(until - n.Queue.Now())
			}
			return n.expire(ctx)
		}
		if _, err := n.Step(ctx); err != nil {
			return fmt.Errorf("handset: network %s: %w", n.Name, err)
		}
	}
}

// Bearer is the way of a service manager, which knows SIMs, to their handsets: numbers
// says which number a SIM has in the manager's own books. Where these are out of date
// the message comes to whoever has the number now. Spec: SPEC-HANDSET-035.
type Bearer struct {
	Network *Network
	Numbers func(ICCID) (Number, bool)
}

// Send sends a short message to a SIM. Errors are fault.UnknownNumber.
func (b Bearer) Send(ctx context.Context, to ICCID, tpdu []byte) error {
	number, ok := b.Numbers(to)
	if !ok {
		return fault.New(fault.UnknownNumber, "")
	}
	_, err := b.Network.Send(ctx, number, tpdu)
	return err
}
