package overtheair

import (
	"context"
	"encoding/binary"
	"fmt"

	"inkan/core/entropy"
)

// Conditions are how bad a network is, each in percent of the messages. Reports
// and messages from the card are lost as often as those to it.
type Conditions struct {
	Loss      int `json:"loss"`      // never arrive
	Duplicate int `json:"duplicate"` // arrive twice
	Late      int `json:"late"`      // arrive after the next one
}

// Check fails for what are no percentages. All of them lost is a network too: one
// that nothing gets through.
func (c Conditions) Check() error {
	for name, n := range map[string]int{"loss": c.Loss, "duplicate": c.Duplicate, "late": c.Late} {
		if n < 0 || n > 100 {
			return fmt.Errorf("overtheair: %s %d: want 0 to 100 percent", name, n)
		}
	}
	return nil
}

// Traffic counts what went over the air.
type Traffic struct {
	Messages int `json:"messages"` // SMS-DELIVER sent to the handset, again or not
	Again    int `json:"again"`    // of them sent before
	Bytes    int `json:"bytes"`    // of these TPDUs
	Lost     int `json:"lost"`     // of them on the way
	Up       int `json:"up"`       // SMS-SUBMIT of the card
	UpBytes  int `json:"upBytes"`
	Waits    int `json:"waits"` // how often the server gave up waiting and sent again
}

// Since is what was added to an earlier count.
func (t Traffic) Since(e Traffic) Traffic {
	return Traffic{t.Messages - e.Messages, t.Again - e.Again, t.Bytes - e.Bytes, t.Lost - e.Lost, t.Up - e.Up, t.UpBytes - e.UpBytes, t.Waits - e.Waits}
}

// Arrival is what comes to the server: the report of a message, or an SMS-SUBMIT
// of the card.
type Arrival struct {
	Message int    // that the report is of; -1: it is an SMS-SUBMIT
	TPDU    []byte // SMS-DELIVER-REPORT or SMS-SUBMIT
	Error   bool   // the report came in an RP-ERROR
}

// Network is a short message service centre and the air, as a model with a seed:
// the same seed loses the same messages. Not for concurrent use.
type Network struct {
	Handset    *Handset
	Conditions Conditions
	Traffic    Traffic

	source entropy.Source
	held   []message
}

type message struct {
	id   int
	tpdu []byte
}

// NewNetwork makes a network to a handset.
func NewNetwork(h *Handset, c Conditions, seed uint64) (*Network, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	return &Network{Handset: h, Conditions: c, source: entropy.Seeded(seed, "network")}, nil
}

// happens draws whether something of a probability happens.
func (n *Network) happens(percent int) bool {
	var b [4]byte
	n.source.Fill(b[:])
	return binary.BigEndian.Uint32(b[:])%100 < uint32(percent)
}

// Send sends a message, whose number the report will have, and returns what has
// come back meanwhile: of it or of earlier ones.
func (n *Network) Send(ctx context.Context, id int, tpdu []byte) ([]Arrival, error) {
	n.Traffic.Messages++
	n.Traffic.Bytes += len(tpdu)
	before := n.held
	n.held = nil
	m := message{id, tpdu}
	lost, late, twice := n.happens(n.Conditions.Loss), n.happens(n.Conditions.Late), n.happens(n.Conditions.Duplicate)
	var now []message
	switch {
	case lost:
		n.Traffic.Lost++
	case late:
		n.held = []message{m}
	default:
		now = append(now, m)
	}
	now = append(now, before...)
	if twice && !lost {
		now = append(now, m)
	}
	return n.hand(ctx, now)
}

// Wait lets time pass: what was late arrives.
func (n *Network) Wait(ctx context.Context) ([]Arrival, error) {
	n.Traffic.Waits++
	now := n.held
	n.held = nil
	return n.hand(ctx, now)
}

// hand hands messages to the handset.
func (n *Network) hand(ctx context.Context, messages []message) (arrivals []Arrival, err error) {
	for _, m := range messages {
		d, err := n.Handset.Deliver(ctx, m.tpdu)
		if err != nil {
			return arrivals, err
		}
		if d.Report != nil && !n.happens(n.Conditions.Loss) {
			arrivals = append(arrivals, Arrival{Message: m.id, TPDU: d.Report, Error: d.Error})
		}
		for _, s := range d.Submits {
			n.Traffic.Up++
			n.Traffic.UpBytes += len(s)
			if !n.happens(n.Conditions.Loss) {
				arrivals = append(arrivals, Arrival{Message: -1, TPDU: s})
			}
		}
	}
	return arrivals, nil
}
