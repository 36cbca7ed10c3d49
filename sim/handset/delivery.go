package handset

import (
	"context"
	"maps"
	"slices"
	"time"

	"inkan/sim/handset/air"
)

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
