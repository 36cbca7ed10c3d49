package vm

import (
	"errors"
	"fmt"

	"inkan/core/observe"
	"inkan/sim/clock"
	"inkan/sim/nvm"
)

// Machine is the virtual machine of one card. Not for concurrent use.
//
// A power cut unwinds it with a panic (clock.PowerCut) that the card's edge
// catches; after that, and after a trap, only Reset may be called.
type Machine struct {
	cfg   Config
	flash *nvm.Flash
	clock *clock.Clock
	costs *Costs
	// stepper is told of bytecodes; nil: nobody wants to know.
	stepper observe.Observer

	pageBytes, journalStart, heapStart, heapEnd uint32

	api        []apiPackageOnCard
	apiClasses map[*APIClass]*Class
	known      known
	packages   []*Package // by index; nil where there is none

	objects        []object // by handle
	lowest         int      // no handle below it is free
	heap           heap
	accounts       []account // by number
	limited        bool      // an account has limits
	ownRecord      bool      // what is put may take Config.OwnBytes
	journal        journal
	records        map[string]uint32
	recordsChanged bool
	recordsNumber  uint64
	wipe           bool   // blocks that are given back are overwritten
	ramUsed        [2]int // CLEAR_ON_RESET, CLEAR_ON_DESELECT

	exceptions map[*Class]Ref // the card's own instances
	hostValues map[Ref]any
	roots      map[Ref]int
	requested  bool // a collection
	selected   Context

	stack    []cell
	top      int // first free word of the stack
	used     int // words of RAM that frames take beside the stack's cells
	frames   []frame
	depth    int // index of the running frame, -1: none
	calls    []*Call
	native   int         // natives under way
	nesting  int         // Invoke, InvokeStatic and Try under way
	thrown   Ref         // the exception under way
	returned [2]cell     // result of the method that returned to the platform
	words    int         // of the result
	opcode   [256]uint64 // cycles of an instruction: bytecode, and memory << 32
	acc      uint64      // cycles not yet charged, as in opcode
	checks   uint32      // access checks not yet charged
	accesses uint32      // NVM accesses not yet charged

	registers registers // of the running frame, for handlers
	step      observe.Step
	scratch   [64]byte
	headerBuf [headerBytes]byte
}

// New makes the machine of a card: it formats an erased memory, or boots from
// what is there, which undoes an interrupted transaction.
func New(cfg Config) (*Machine, error) {
	setDefault := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	setDefault(&cfg.StackWords, 2048)
	setDefault(&cfg.FrameWords, 6)
	setDefault(&cfg.ResetBytes, 4096)
	setDefault(&cfg.DeselectBytes, 4096)
	if cfg.JournalBytes == 0 {
		cfg.JournalBytes = 2048
	}
	if cfg.Costs == nil {
		cfg.Costs = &Costs{}
	}
	if cfg.Flash == nil || cfg.Clock == nil {
		return nil, errors.New("vm: Config lacks Flash or Clock")
	}
	page := cfg.Flash.Geometry().PageBytes
	up := func(n uint32) uint32 { return (n + page - 1) / page * page }
	m := &Machine{cfg: cfg, flash: cfg.Flash, clock: cfg.Clock, costs: cfg.Costs, pageBytes: page}
	if observe.WantsBytecodes(cfg.Observer) {
		m.stepper = cfg.Observer
	}
	m.journalStart = up(superBytes)
	m.heapStart = m.journalStart + up(max(cfg.JournalBytes, 2*page))
	m.heapEnd = cfg.Flash.Size()
	if uint64(m.heapStart)+1024 > uint64(m.heapEnd) {
		return nil, fmt.Errorf("vm: a memory of %d bytes has no room for a heap", m.heapEnd)
	}
	if err := m.setCosts(); err != nil {
		return nil, err
	}
	m.stack = make([]cell, cfg.StackWords)
	m.frames = make([]frame, 0, 16)
	if err := m.buildAPI(); err != nil {
		return nil, err
	}
	return m, m.Reset()
}

// Reset boots again after a reset or a power cut: everything in RAM is lost,
// also entry points, global arrays, roots and host values. Spec: SPEC-JCVM-012.
func (m *Machine) Reset() error {
	m.packages, m.objects, m.lowest = nil, append(m.objects[:0], object{owner: noOwner}), 1
	m.hostValues, m.roots, m.records, m.exceptions = nil, nil, nil, map[*Class]Ref{}
	clear(m.accounts)
	m.accounts, m.limited, m.ownRecord = m.accounts[:0], false, false
	m.ramUsed, m.requested, m.selected = [2]int{}, false, JCRE
	m.frames, m.depth, m.native, m.nesting = m.frames[:0], -1, 0, 0
	m.top, m.used, m.thrown = 0, 0, Null
	m.acc, m.checks, m.accesses = 0, 0, 0
	clear(m.stack)
	return m.boot()
}

// Clock is the card's clock. Natives charge their work to it.
func (m *Machine) Clock() *clock.Clock { return m.clock }

// Flash is the card's memory.
func (m *Machine) Flash() *nvm.Flash { return m.flash }

// Observer is who listens, or nil.
func (m *Machine) Observer() observe.Observer { return m.cfg.Observer }

// Select tells the machine which context's applet is selected: it alone may
// have CLEAR_ON_DESELECT arrays.
func (m *Machine) Select(ctx Context) { m.selected = ctx }

// Selected is the context of the last Select.
func (m *Machine) Selected() Context { return m.selected }

// ClearOnDeselect clears the CLEAR_ON_DESELECT arrays that a context owns.
// Spec: SPEC-JCVM-051.
func (m *Machine) ClearOnDeselect(ctx Context) {
	for i := range m.objects {
		if o := &m.objects[i]; o.flags&flagDeselect != 0 && o.context() == ctx {
			clear(o.ram)
		}
	}
}

// ActiveContext is the context that runs now; PreviousContext the one that was
// active before the last switch, as JCSystem.getPreviousContextAID means it:
// JCRE if the platform called.
func (m *Machine) ActiveContext() Context {
	if m.depth < 0 {
		return JCRE
	}
	return m.frames[m.depth].context
}

// PreviousContext is explained at ActiveContext.
func (m *Machine) PreviousContext() Context {
	if m.depth < 0 {
		return JCRE
	}
	return m.frames[m.depth].previous
}
