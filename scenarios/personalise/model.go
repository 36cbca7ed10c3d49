package personalise

import (
	"context"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/jpki/perso"
	"inkan/core/observe"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	"inkan/sim/profile"
	"inkan/sim/runtime/bare"
)

// Model is a new card of the model with a meter on it.
type Model struct {
	Card  *bare.Card
	Chip  *engine.Chip
	edge  apdu.Terminal // the card, or the reader that it is in
	line  string        // for the report; empty: there is none
	meter *ModelMeter
}

// ModelConfig says what card of the model to make.
type ModelConfig struct {
	Chip        string // empty: the reference
	SCP         byte   // 2 or 3; 0 is 3
	Seed        uint64 // its randomness follows from it
	NoAuthority bool   // nothing on the card attests

	// Slot is the reader that the card is in, with the answer to reset of a profile's
	// cards (sim/profile), by T=1, or T=0 where T0 is set; nil: there is no line.
	Slot *profile.Slot
	T0   bool
}

// NewModel makes a new bare card.
func NewModel(c ModelConfig) (*Model, error) {
	m := &Model{Chip: engine.Reference()}
	if c.Chip != "" {
		if m.Chip = engine.ChipNamed(c.Chip); m.Chip == nil {
			return nil, fmt.Errorf("no chip is called %s: want one of %s", c.Chip, chipNames())
		}
	}
	k := new(clock.Clock)
	m.meter = NewMeter(m.Chip, k)
	flash, err := nvm.NewFlash(m.Chip.NVM, k, m.meter)
	if err != nil {
		return nil, err
	}
	m.Card, err = bare.New(bare.Config{Chip: m.Chip, Clock: k, Flash: flash, SCP: c.SCP,
		Entropy: entropy.Seeded(c.Seed, "card"), Authority: &bare.Authority{Off: c.NoAuthority}})
	if err != nil {
		return nil, err
	}
	m.edge = m.Card
	if c.Slot == nil {
		return m, nil
	}
	answer, err := profile.Test().ATR(c.T0)
	if err != nil {
		return nil, err
	}
	m.Card.SetATR(answer)
	behind, err := profile.BehindLine(m.Card, m.Chip, k, *c.Slot, m.meter)
	if err != nil {
		return nil, err
	}
	m.edge = behind
	if _, err := behind.Reset(context.Background(), false); err != nil {
		return nil, err
	}
	m.line = behind.String()
	return m, nil
}

func chipNames() string {
	names := ""
	for i, c := range engine.Chips() {
		if i > 0 {
			names += ", "
		}
		names += c.Name
	}
	return names
}

// Put makes the model the card of a configuration.
func (m *Model) Put(c *Config) {
	c.Card, c.CardName, c.Line, c.ClockHz, c.Meter = m.edge, m.Chip.Name, m.line, m.Chip.ClockHz, m.meter
	if key := m.Card.AuthorityKey(); key != nil {
		c.Authority = perso.ECDSAAuthority{Key: key}
	}
}

// ModelMeter is the Meter of a card of the model: it reads clock and ledger, and
// listens to what is programmed, as the observer of the card's memory.
type ModelMeter struct {
	observe.Nop
	chip   *engine.Chip
	clock  *clock.Clock
	before clock.Ledger
	nvm    NVMFigures
	pages  map[uint32]bool // of this step
	all    map[uint32]bool // of all steps
}

// NewMeter makes a meter of a chip and a clock.
func NewMeter(chip *engine.Chip, k *clock.Clock) *ModelMeter {
	return &ModelMeter{chip: chip, clock: k, pages: map[uint32]bool{}, all: map[uint32]bool{}}
}

// NVM implements observe.Observer.
func (m *ModelMeter) NVM(w *observe.NVMWrite) {
	m.nvm.Writes++
	m.nvm.Bytes += int(w.Size)
	m.nvm.Cycles += w.Cost
	if w.Erased {
		m.nvm.Erases++
	}
	page := m.chip.NVM.PageBytes
	for p := w.Offset / page; p <= (w.Offset+max(w.Size, 1)-1)/page; p++ {
		m.pages[p] = true
	}
}

// Begin implements Meter.
func (m *ModelMeter) Begin() {
	m.before, m.nvm = m.clock.Ledger(), NVMFigures{}
	clear(m.pages)
}

// End implements Meter.
func (m *ModelMeter) End(f *Figures) {
	spent := m.clock.Ledger().Since(m.before)
	f.Cycles, f.Milliseconds = spent.Sum(), m.chip.Milliseconds(spent.Sum())
	f.Causes = map[string]uint64{}
	for cause, n := range spent {
		if n > 0 {
			f.Causes[clock.Cause(cause).String()] = n
		}
	}
	f.NVM = m.nvm
	f.NVM.Pages = len(m.pages)
	for p := range m.pages {
		m.all[p] = true
	}
}

// Pages implements Meter.
func (m *ModelMeter) Pages() int { return len(m.all) }
