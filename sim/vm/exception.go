package vm

import (
	"inkan/core/observe"
)

// Reasons of SystemException.
const (
	reasonIllegalValue     = 1
	reasonNoTransientSpace = 2
	reasonIllegalTransient = 3
	reasonNoResource       = 5
)

// trap is the panic of something that no verified program does. It ends all
// that the card does until Reset.
type trap string

// throwing is the panic with which a native throws; Machine.thrown is what.
type throwing struct{}

// nativeFault carries a Go panic out of a native: our own bug, not the card's.
type nativeFault struct{ value any }

// own is the card's own instance of an exception class: in RAM, owned by the
// JCRE, a temporary entry point, with a reason where the class has one.
// Spec: SPEC-JCVM-060.
func (m *Machine) own(api *APIClass, reason int16) Ref {
	c := m.apiClasses[api]
	if c == nil {
		panic("vm: exception class in no package of ROM")
	}
	r, ok := m.exceptions[c]
	if !ok {
		r = m.NewTemporary(JCRE, api)
		m.MarkEntryPoint(r, true)
		m.exceptions[c] = r
	}
	if c.reason >= 0 {
		o := &m.objects[r]
		o.ram[2*c.reason], o.ram[2*c.reason+1] = byte(uint16(reason)>>8), byte(reason)
	}
	return r
}

// Throw throws the card's own instance of an exception class, with a reason
// where the class has one. It does not return.
func (m *Machine) Throw(class *APIClass, reason int16) { m.ThrowRef(m.own(class, reason)) }

// ThrowRef throws an exception object. It does not return.
func (m *Machine) ThrowRef(ref Ref) {
	if m.at(ref).kind != kindInstance {
		panic(trap("an array is thrown"))
	}
	m.thrown = ref
	panic(throwing{})
}

// Raise throws an exception that Invoke returned, a trap included. It does not
// return.
func (m *Machine) Raise(e *Exception) {
	if e.Trap != "" {
		panic(trap(e.Trap))
	}
	m.ThrowRef(e.Ref)
}

// uncaught describes the exception under way.
func (m *Machine) uncaught() *Exception {
	e := &Exception{Ref: m.thrown, Class: m.ClassOf(m.thrown)}
	if c := e.Class.reason; c >= 0 {
		e.Reason = int16(m.cellAt(&m.objects[m.thrown], c))
	}
	m.thrown = Null
	return e
}

// Try runs platform code that may throw, outside any native, and returns what
// it threw.
func (m *Machine) Try(fn func()) (e *Exception) {
	depth, top, used, native := m.depth, m.top, m.used, m.native
	m.nesting++
	defer func() {
		m.nesting--
		v := recover()
		if v == nil {
			return
		}
		if _, ok := v.(throwing); ok {
			m.unwindTo(depth, top, used, native)
			e = m.uncaught()
			return
		}
		e = m.trapped(v)
		m.unwindTo(depth, top, used, native)
	}()
	fn()
	return nil
}

// trapped reports a trap that reached the platform, with the cycles up to it
// charged. Any other panic, and one inside another Invoke or Try, goes on.
func (m *Machine) trapped(v any) *Exception {
	t, ok := v.(trap)
	if !ok || m.nesting > 0 {
		panic(v)
	}
	cause := string(t)
	m.flush()
	if o := m.cfg.Observer; o != nil {
		o.Trap(&observe.Trap{Cycle: m.clock.Now(), Where: "vm", Cause: cause})
	}
	return &Exception{Trap: cause}
}

func (m *Machine) unwindTo(depth, top, used, native int) {
	m.depth, m.top, m.used, m.native = depth, top, used, native
	m.frames = m.frames[:depth+1]
}

// unwind finds the handler of the exception under way, from the running frame
// down to the frame with index floor. The found frame is set to go on there.
// False: there is none; the frames down to floor are gone. Spec: SPEC-JCVM-061.
func (m *Machine) unwind(floor int) bool {
	class := m.objects[m.thrown].class
	for m.depth >= floor {
		f := &m.frames[m.depth]
		p := f.method.pkg
		for i := range p.file.Method.Handlers {
			h := &p.file.Method.Handlers[i]
			m.acc += uint64(m.costs.Unwind)
			if pc := int(f.pc); pc < int(h.Start) || pc >= int(h.Start)+int(h.Length) {
				continue
			}
			if c := p.catch[i]; c != nil && !class.Is(c) {
				continue
			}
			if f.method.maxStack < 1 {
				panic(trap("operand stack"))
			}
			f.pc, f.sp = int32(h.Handler), 1
			m.stack[f.ops] = refCell(m.thrown)
			m.thrown = Null
			m.top = int(f.ops) + int(f.method.maxStack)
			m.flushSome() // a handler may throw to itself for ever
			return true
		}
		m.leave()
	}
	return false
}
