package world

import (
	"context"
	"io"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/observe"
	scene "inkan/scenarios/handset"
	"inkan/scenarios/laboratory"
	"inkan/sim/clock"
	"inkan/sim/profile"
	"inkan/sim/runtime"
)

// Body is a SIM's card, wherever it is: in this process or behind its boundary.
type Body interface {
	apdu.Terminal
	// Interface tells the card by which of its interfaces the next commands come.
	Interface(protocol byte) error
	// Ledger is what the card's clock has spent.
	Ledger() clock.Ledger
	// Cut has the card lose its power when its clock has gone on by so many cycles.
	Cut(afterCycles uint64)
	// Snapshot writes the card's memory.
	Snapshot(w io.Writer) error
}

// NewCard makes the n-th SIM card of a world with a seed, with a carrier's access rules,
// as it is sold. verified is what it shares with others; nil: nothing.
func NewCard(ctx context.Context, p *profile.Profile, n uint32, seed uint64, o observe.Observer, verified *runtime.Verified) (*profile.Card, error) {
	w := &World{Config: Config{Seed: seed}}
	name := simName(n)
	c, err := profile.New(p, profile.Parts{Number: n, Entropy: w.source(name), Observer: o, Verified: verified})
	if err != nil {
		return nil, err
	}
	return c, scene.InstallRules(ctx, c, laboratory.Rules(), w.rulesOf(name))
}

func (w *World) rulesOf(name string) entropy.Source { return w.source("rules of " + name) }

// Here is the body of a card in this process.
type Here struct{ *profile.Card }

// Ledger implements Body.
func (h Here) Ledger() clock.Ledger { return h.Clock.Ledger() }

// Cut implements Body.
func (h Here) Cut(afterCycles uint64) { h.Clock.CutAt(h.Clock.Now() + max(afterCycles, 1)) }

// Snapshot implements Body.
func (h Here) Snapshot(w io.Writer) error { return h.Flash.Snapshot(w) }

// watched is a body elsewhere, whose commands the world's plan hears of here.
type watched struct {
	Body
	tap observe.Observer
}

// Transmit implements apdu.Card.
func (b watched) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	before := len(dst)
	out, err := b.Body.Transmit(ctx, cmd, dst)
	if err == nil {
		b.tap.APDU(&observe.APDUEvent{Command: cmd, Response: out[before:]})
	}
	return out, err
}
