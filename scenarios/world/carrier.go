package world

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"inkan/core/tsmp"
	"inkan/scenarios/report"
	phone "inkan/sim/handset"
	"inkan/sim/handset/fault"
	"inkan/sim/profile"
	"inkan/tsm/delivery"
)

// Carrier is a network operator, or one without a network, with its service manager.
type Carrier struct {
	Profile *profile.Profile
	Party   tsmp.PartyID
	Network *phone.Network // that of the host, where it has none of its own

	w       *World
	process *process
	numbers map[phone.ICCID]phone.Number // in the carrier's own books
}

// openCarrier opens a carrier; that of a host comes first.
func (w *World) openCarrier(ctx context.Context, name string, identity tsmp.Identity) error {
	c := &Carrier{Profile: profile.Named(name), Party: identity.Party, w: w, numbers: map[phone.ICCID]phone.Number{}}
	if host := w.Carriers[c.Profile.Host]; host != nil {
		c.Network = host.Network
	} else {
		c.Network = phone.NewNetwork(c.Profile.Carrier, w.inbound)
	}
	w.Carriers[name] = c
	return c.openManager(ctx, identity)
}

// manager is the service manager that runs.
func (c *Carrier) manager() *mnoServer {
	c.process.touch()
	return c.process.server.(*mnoServer)
}

// bearer is the way of a service manager's short messages.
type bearer struct {
	c    *Carrier
	life int
}

// Send sends a short message to a SIM, and gives the network's number of it.
func (b bearer) Send(ctx context.Context, to string, tpdu []byte) (uint64, error) {
	c, w := b.c, b.c.w
	if b.c.process.dead || b.c.process.life != b.life {
		return 0, errDead
	}
	number, ok := c.numbers[phone.ICCID(to)]
	if !ok {
		return 0, delivery.ErrNoSubscriber
	}
	fate := w.short(&SMS{Carrier: c.Profile.Name, ICCID: phone.ICCID(to), Down: true, TPDU: tpdu}, c, report.Deliver)
	switch fate {
	case LoseRequest:
		w.lostMessages++
		return 1<<63 + w.lostMessages, nil // it never goes on its way
	case Double:
		if _, err := c.Network.Send(ctx, number, tpdu); err != nil {
			return 0, err
		}
	case Late:
		w.lostMessages++
		w.later = append(w.later, late{at: w.Clock.Elapsed() + lateness, radio: true, arrive: func(ctx context.Context) error {
			_, err := c.Network.Send(ctx, number, tpdu)
			return err
		}})
		return 1<<63 + w.lostMessages, nil
	case Forge:
		tpdu = append([]byte(nil), tpdu...)
		tpdu[len(tpdu)-1] ^= 1
	}
	id, err := c.Network.Send(ctx, number, tpdu)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", delivery.ErrNoSubscriber, err)
	}
	return id, nil
}

// fates are the record's words.
var fates = map[Fault]report.Fate{LoseRequest: report.Lost, Double: report.Doubled}

// short asks the plan about a short message, and records it.
func (w *World) short(m *SMS, c *Carrier, kind report.SMSType) Fault {
	fate := None
	if w.Plan.SMS != nil {
		fate = w.Plan.SMS(m)
	}
	manager, sim := w.lane(c.Party), report.PartyID("")
	if s := w.sim(m.ICCID); s != nil {
		sim = s.lane
	}
	switch {
	case m.TPDU == nil:
	case m.Down:
		w.Record.ShortMessage(manager, sim, kind, m.TPDU, 0, fates[fate])
	default:
		w.Record.ShortMessage(sim, manager, kind, m.TPDU, 0, fates[fate])
	}
	return fate
}

// inbound takes what comes from handsets to the manager of the SIM's carrier.
func (w *World) inbound(ctx context.Context, in phone.Inbound) error {
	s := w.sim(in.From)
	if s == nil {
		return nil // a number that nobody has any more
	}
	kind := report.Report
	if in.Message == 0 {
		kind = report.Submit
	}
	fate := w.short(&SMS{Carrier: s.Carrier.Profile.Name, ICCID: in.From, TPDU: in.TPDU}, s.Carrier, kind)
	if fate == LoseRequest {
		return nil
	}
	if fate == Forge && len(in.TPDU) > 0 {
		in.TPDU = append([]byte(nil), in.TPDU...)
		in.TPDU[len(in.TPDU)-1] ^= 1
	}
	c := s.Carrier
	if fate == Late {
		w.later = append(w.later, late{at: w.Clock.Elapsed() + lateness, radio: true, arrive: func(ctx context.Context) error { return c.arrives(ctx, in) }})
		return nil
	}
	if err := c.arrives(ctx, in); err != nil || fate != Double || c.process.dead {
		return err
	}
	return c.manager().deliver(ctx, in)
}

// arrives gives the carrier's manager what comes in.
func (c *Carrier) arrives(ctx context.Context, in phone.Inbound) error {
	if err := c.process.revive(ctx); err != nil {
		return err
	}
	if err := c.manager().deliver(ctx, in); err != nil && !c.process.dead {
		return err
	}
	return nil
}

// late is what happens later by itself: a short message that arrives out of the order in
// which it was sent, or an app that its operating system calls.
type late struct {
	at     time.Duration
	radio  bool // it is on a network
	arrive func(ctx context.Context) error
}

// arrive has happen what is late and whose time has come.
func (w *World) arrive(ctx context.Context) error {
	for i := 0; i < len(w.later); i++ {
		m := w.later[i]
		if m.at > w.Clock.Elapsed() {
			continue
		}
		w.later = slices.Delete(w.later, i, i+1)
		i--
		if err := m.arrive(ctx); err != nil && !errors.As(err, new(*fault.Error)) {
			return err
		}
	}
	return nil
}
