package verifier

import (
	"fmt"

	"inkan/core/cap"
	"inkan/core/jcvm"
)

// flow is the data flow analysis of one method: for each place that branches
// lead to, what every local variable and stack word is, whichever way execution
// came there. It ends because values only become less precise, and because work
// is limited. Spec: SPEC-VERIFIER-003, SPEC-VERIFIER-030.
type flow struct {
	v        *verifier
	m        *method
	list     []jcvm.Decoded
	index    []int32 // by offset behind the header: position in list plus 1; nil: it was not taken apart
	leader   []bool  // by position: a state is kept there
	handlers []handler
	contexts []context
	states   []state          // by position, in context 0
	inner    map[place]*state // in subroutines
	queue    []place
	reported map[int]bool

	now     place // where the analysis is
	d       *jcvm.Decoded
	locals  []value
	size    int // of locals that have an index
	stack   []value
	dirty   bool // locals changed since handlers last saw them
	bad     bool // the present instruction has a finding
	targets []int
	loaded  [2]value
	caught  [1]value
	missing *method // mode Kinds: a callee whose result is unknown
	restart bool    // mode Kinds: a parameter has just become known
}

// handler is an exception handler of the method, by positions in the list.
type handler struct {
	start, end int // offsets: covered instructions
	target     int // position
	catch      value
}

// place is a position in the list, in a subroutine context.
type place struct{ context, at int }

// context is a way to be in a subroutine. Context 0 is the method itself.
type context struct{ parent, entry, back int }

// state is what is known at a place.
type state struct {
	locals, stack []value
	known, queued bool
}

// position is where the instruction at an offset of the Method component stands
// in the list; false when no instruction of the method begins there.
func (f *flow) position(offset int) (at int, ok bool) {
	i := offset - f.m.header.Code
	if i < 0 || i >= len(f.index) || f.index[i] == 0 {
		return 0, false
	}
	return int(f.index[i]) - 1, true
}

// at is the state of a place, which may be unknown so far.
func (f *flow) at(p place) *state {
	if p.context == 0 {
		return &f.states[p.at]
	}
	s := f.inner[p]
	if s == nil {
		s = &state{}
		f.inner[p] = s
	}
	return s
}

// run analyses the method to the end. When a parameter's kind becomes known on
// the way it begins again: states kept so far do not have it.
func (f *flow) run() {
	for f.restart = true; f.restart; {
		f.restart = false
		f.once()
	}
}

func (f *flow) once() {
	f.contexts = []context{{parent: -1, entry: -1, back: -1}}
	f.states, f.inner, f.reported = f.v.room.states(len(f.list)), map[place]*state{}, nil
	f.queue, f.bad = f.v.room.queue[:0], false
	f.locals, f.stack = f.entry(), f.v.room.stack[:0]
	defer func() { f.v.room.queue, f.v.room.stack = f.queue, f.stack }()
	f.d = &f.list[0]
	f.join(0, 0)
	for len(f.queue) > 0 && f.missing == nil && !f.restart {
		p := f.queue[len(f.queue)-1]
		f.queue = f.queue[:len(f.queue)-1]
		s := f.at(p)
		s.queued = false
		f.locals = append(f.locals[:0], s.locals...)
		f.stack = append(f.stack[:0], s.stack...)
		f.now, f.dirty = p, true
		if !f.block() {
			return
		}
	}
}

// entry is the locals that a method begins with. Spec: SPEC-VERIFIER-031.
func (f *flow) entry() []value {
	locals := make([]value, 0, f.m.args+int(f.m.header.MaxLocals))
	if !f.m.isStatic {
		this := reference
		if f.m.class != nil {
			this = object | f.m.class.id
		}
		if f.m.isInit {
			this = rawThis
		}
		locals = append(locals, this)
	}
	if f.m.known {
		for _, p := range f.m.params {
			if p == unused {
				p = top
			}
			locals = append(locals, p)
		}
	} else {
		locals = append(locals, f.v.parameters(f.m)...)
	}
	locals = append(locals, make([]value, int(f.m.header.MaxLocals))...)
	f.size = len(locals)
	if f.m.isInit {
		locals = append(locals, rawThis) // beyond all indices: whether this is constructed
	}
	return locals
}

// block runs from the present place to where control leaves or another state
// is kept. It is false when work is used up.
func (f *flow) block() bool {
	for at := f.now.at; ; at++ {
		f.now.at, f.d, f.bad, f.targets = at, &f.list[at], false, f.targets[:0]
		if !f.spend(1) {
			return false
		}
		f.enterHandlers()
		falls := f.step()
		if f.bad || f.missing != nil || f.restart {
			return true
		}
		for _, t := range f.targets {
			f.branch(f.now.context, t)
		}
		if !falls {
			return true
		}
		next, inside := f.position(f.d.Next())
		switch {
		case !inside:
			f.fail("an instruction behind it", "the end of the method")
			return true
		case f.leader[next]:
			f.join(f.now.context, next)
			return true
		}
		at = next - 1
	}
}

// spend takes work from the verifier's limit. Spec: SPEC-VERIFIER-003.
func (f *flow) spend(words int) bool {
	f.v.work -= words
	if f.v.work >= 0 {
		return true
	}
	if f.v.work+words >= 0 || f.v.quiet {
		f.fail(fmt.Sprintf("bytecode that can be analysed in %d steps", MaxWork), "more")
	}
	f.queue = nil
	return false
}

// branch joins the present state with that of the instruction at an offset.
// Spec: SPEC-VERIFIER-032.
func (f *flow) branch(context, offset int) {
	at, ok := f.position(offset)
	if !ok {
		f.fail("a target that is an instruction of the method", fmt.Sprintf("%04X", offset))
		return
	}
	f.join(context, at)
}

// join merges the present state into the one kept at a place, and has the
// place analysed again when that changed.
func (f *flow) join(context, at int) {
	p := place{context, at}
	if !f.spend(1 + len(f.locals) + len(f.stack)) {
		return
	}
	s := f.at(p)
	if !s.known {
		s.known, s.locals, s.stack = true, f.v.room.keep(f.locals), f.v.room.keep(f.stack)
		f.enqueue(p, s)
		return
	}
	if len(s.stack) != len(f.stack) {
		f.fail(fmt.Sprintf("%d words of stack at %04X, as on another way there", len(s.stack), f.list[at].PC), fmt.Sprint(len(f.stack)))
		return
	}
	changed := f.mergeWords(s.locals, f.locals)
	for i, x := range s.stack {
		if y := f.stack[i]; y != x {
			if m := f.v.world.merge(x, y); m != x {
				s.stack[i], changed = m, true
			}
		}
	}
	if changed {
		f.enqueue(p, s)
	}
}

// mergeWords merges locals. Halves of different ints do not make an int.
func (f *flow) mergeWords(into, from []value) (changed bool) {
	for i, x := range into {
		if y := from[i]; y != x {
			if m := f.v.world.merge(x, y); m != x {
				into[i], changed = m, true
			}
		}
	}
	return changed
}

func (f *flow) enqueue(p place, s *state) {
	if !s.queued {
		s.queued = true
		f.queue = append(f.queue, p)
	}
}

// enterHandlers merges the locals into the states of the handlers that cover
// the present instruction. Spec: SPEC-VERIFIER-034.
func (f *flow) enterHandlers() {
	pc := f.d.PC
	for _, h := range f.handlers {
		if pc < h.start || pc >= h.end || !f.dirty && pc != h.start {
			continue
		}
		stack := f.stack
		f.caught[0] = h.catch
		f.stack = f.caught[:]
		f.join(f.now.context, h.target)
		f.stack = stack
	}
	f.dirty = false
}

// fail reports a finding at the present instruction, once for each.
func (f *flow) fail(want, got string) {
	f.bad = true
	if f.v.quiet {
		f.v.failed = true
		return
	}
	if f.reported[f.d.PC] {
		return
	}
	if f.reported == nil {
		f.reported = map[int]bool{}
	}
	f.reported[f.d.PC] = true
	f.v.report(Error{Component: cap.TagMethod, Offset: f.d.PC, Method: f.m.name, Opcode: f.d.Op.String(), Want: want, Got: got})
}
