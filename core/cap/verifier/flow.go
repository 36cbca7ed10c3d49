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
	index    map[int]int // offset to position in list
	leader   []bool      // by position: a state is kept there
	handlers []handler
	contexts []context
	states   map[place]*state
	queue    []place
	queued   map[place]bool
	reported map[int]bool

	now     place // where the analysis is
	d       *jcvm.Decoded
	locals  []value
	size    int // of locals that have an index
	stack   []value
	dirty   bool // locals changed since handlers last saw them
	bad     bool // the present instruction has a finding
	targets []int
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
type state struct{ locals, stack []value }

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
	f.states, f.queued, f.reported = map[place]*state{}, map[place]bool{}, map[int]bool{}
	f.queue, f.bad = nil, false
	f.locals, f.stack = f.entry(), nil
	f.d = &f.list[0]
	f.join(0, 0)
	for len(f.queue) > 0 && f.missing == nil && !f.restart {
		p := f.queue[len(f.queue)-1]
		f.queue = f.queue[:len(f.queue)-1]
		f.queued[p] = false
		s := f.states[p]
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
		next, inside := f.index[f.d.Next()]
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
	at, ok := f.index[offset]
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
	s := f.states[p]
	if s == nil {
		f.states[p] = &state{append([]value(nil), f.locals...), append([]value(nil), f.stack...)}
		f.enqueue(p)
		return
	}
	if len(s.stack) != len(f.stack) {
		f.fail(fmt.Sprintf("%d words of stack at %04X, as on another way there", len(s.stack), f.list[at].PC), fmt.Sprint(len(f.stack)))
		return
	}
	changed := f.mergeWords(s.locals, f.locals)
	for i, x := range s.stack {
		if m := f.v.world.merge(x, f.stack[i]); m != x {
			s.stack[i], changed = m, true
		}
	}
	if changed {
		f.enqueue(p)
	}
}

// mergeWords merges locals. Halves of different ints do not make an int.
func (f *flow) mergeWords(into, from []value) (changed bool) {
	for i, x := range into {
		if m := f.v.world.merge(x, from[i]); m != x {
			into[i], changed = m, true
		}
	}
	return changed
}

func (f *flow) enqueue(p place) {
	if !f.queued[p] {
		f.queued[p] = true
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
		f.stack = []value{h.catch}
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
	f.reported[f.d.PC] = true
	f.v.report(Error{Component: cap.TagMethod, Offset: f.d.PC, Method: f.m.name, Opcode: f.d.Op.String(), Want: want, Got: got})
}
