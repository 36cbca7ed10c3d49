package handset

import (
	"context"
	"fmt"
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

// Detach forgets a handset, as if it had never been in the network: messages for its
// SIM wait.
func (n *Network) Detach(h *Handset) {
	for id, other := range n.phones {
		if other == h {
			delete(n.phones, id)
		}
	}
	if h.network == n {
		h.network = nil
	}
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
