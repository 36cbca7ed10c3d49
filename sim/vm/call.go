package vm

import (
	"fmt"
	"runtime"

	"inkan/sim/clock"
)

// cell is a word of the stack: 16 bits, and above them what they are, so that
// no number can pass for a reference or a return address.
type cell uint32

const (
	tagRef    = 1 << 16
	tagReturn = 2 << 16
)

func refCell(r Ref) cell          { return tagRef | cell(r) }
func shortCell(v int16) cell      { return cell(uint16(v)) }
func (c cell) isRef() bool        { return c>>16 == 1 }
func (c cell) ref() Ref           { return Ref(c) }
func intAt(s []cell, i int) int32 { return int32(uint32(s[i])<<16 | uint32(uint16(s[i+1]))) }

func putInt(s []cell, i int, v int32) {
	s[i+1] = cell(uint16(v))
	s[i] = cell(uint32(v) >> 16)
}

// refAt is the reference at an argument cell of a native.
func (c *Call) refAt(i int) Ref {
	if !c.cells[i].isRef() {
		panic(trap("a number as a reference"))
	}
	return c.cells[i].ref()
}

// frame is a method under way.
type frame struct {
	method            *Method
	pc                int32 // of the instruction under way
	next              int32 // where to go on when the called method returns
	base, ops, sp     int32 // stack indices of locals and operands; number of operands
	context, previous Context
	account           Account // that objects are made for
}

// enter makes the frame of a method whose arguments stand at a stack index.
// False: the frames would take more RAM than there is. Spec: SPEC-JCVM-062.
func (m *Machine) enter(method *Method, base int, context, previous Context, account Account) bool {
	ops := base + int(method.locals)
	top := ops + int(method.maxStack)
	if top+m.used+m.cfg.FrameWords > len(m.stack) {
		return false
	}
	clear(m.stack[base+int(method.args) : ops])
	m.frames = append(m.frames, frame{method: method, pc: method.entry, base: int32(base), ops: int32(ops), context: context, previous: previous, account: account})
	m.depth++
	m.top = top
	m.used += m.cfg.FrameWords
	return true
}

// leave drops the running frame.
func (m *Machine) leave() {
	m.top = int(m.frames[m.depth].base)
	m.frames = m.frames[:m.depth]
	m.depth--
	m.used -= m.cfg.FrameWords
	if m.depth >= 0 {
		if f := &m.frames[m.depth]; f.method.native == nil {
			m.top = int(f.ops) + int(f.method.maxStack)
		}
	}
}

// chargeSwitch is the cost of a context switch.
func (m *Machine) chargeSwitch() {
	m.flush()
	m.clock.Advance(clock.Firewall, uint64(m.costs.Switch))
}

// callNative runs a native whose arguments stand at a stack index. False: it
// threw Machine.thrown.
func (m *Machine) callNative(method *Method, base int) (result uint32, ok bool) {
	depth, used, nesting := m.depth, m.used, m.nesting
	m.top = base + int(method.args)
	if m.top > len(m.stack) {
		m.Throw(m.known.system, reasonNoResource)
	}
	if m.native == len(m.calls) {
		m.calls = append(m.calls, &Call{m: m})
	}
	c := m.calls[m.native]
	c.native, c.cells, c.context, c.result = method.native, m.stack[base:m.top], m.ActiveContext(), 0
	m.native++
	defer func() {
		m.native--
		switch v := recover().(type) {
		case nil:
		case throwing:
			m.unwindTo(depth, m.top, used, m.native)
			m.nesting = nesting
			result, ok = 0, false
		case clock.PowerCut, trap, nativeFault:
			panic(v)
		default:
			panic(nativeFault{v})
		}
	}()
	m.flush()
	m.clock.Advance(clock.Native, method.native.info.Cycles)
	method.native.info.Func(c)
	return c.result, true
}

// Word is a word of an argument: ShortWord of a short, byte or boolean,
// RefWord of a reference. An int takes two words, the high one first.
type Word uint32

// ShortWord makes an argument of a short.
func ShortWord(v int16) Word { return Word(shortCell(v)) }

// RefWord makes an argument of a reference.
func RefWord(v Ref) Word { return Word(refCell(v)) }

// Invoke calls a virtual method of an object by the token that it has in a
// class, in the context of the object's owner, and returns its result (a
// short is sign-extended) or what the method did not catch. args are words;
// the object is not among them; references are passed as RefWord(ref).
func (m *Machine) Invoke(ctx Context, ref Ref, class *APIClass, token byte, args ...Word) (int32, *Exception) {
	o := m.at(ref)
	var method *Method
	if c := m.ClassOf(ref); int(token) < len(c.virtual) && c.Is(m.apiClasses[class]) {
		method = c.virtual[token]
	}
	return m.invoke(method, o.context(), ctx, m.payerOf(o, ctx), RefWord(ref), args)
}

// InvokeInterface calls an interface method by its token in the interface.
func (m *Machine) InvokeInterface(ctx Context, ref Ref, class *APIClass, token byte, args ...Word) (int32, *Exception) {
	method := m.ClassOf(ref).interfaceMethod(m.apiClasses[class], int(token))
	return m.invoke(method, m.Owner(ref), ctx, m.payerOf(m.at(ref), ctx), RefWord(ref), args)
}

// payerOf is the account of a call from a context to an object.
func (m *Machine) payerOf(o *object, ctx Context) Account {
	if o.context() == ctx {
		return m.ActiveAccount()
	}
	return o.account
}

// InvokeStatic calls a static method (install) in a context. What it makes counts
// for no account.
func (m *Machine) InvokeStatic(ctx Context, method *Method, args ...Word) (int32, *Exception) {
	return m.InvokeStaticFor(0, ctx, method, args...)
}

// InvokeStaticFor is InvokeStatic for an account.
func (m *Machine) InvokeStaticFor(a Account, ctx Context, method *Method, args ...Word) (int32, *Exception) {
	if len(args) == 0 {
		return m.invoke(method, ctx, JCRE, a, RefWord(Null), nil, true)
	}
	return m.invoke(method, ctx, JCRE, a, args[0], args[1:], false)
}

// invoke runs a method in a context; first is its first argument word unless
// none is set.
func (m *Machine) invoke(method *Method, context, caller Context, account Account, first Word, rest []Word, none ...bool) (result int32, e *Exception) {
	depth, top, used, native := m.depth, m.top, m.used, m.native
	m.nesting++
	defer func() {
		m.nesting--
		v := recover()
		if v == nil {
			return
		}
		e = m.trapped(v)
		m.unwindTo(depth, top, used, native)
	}()
	if method == nil {
		panic(trap("no such method"))
	}
	base := m.top
	args := 1 + len(rest)
	if len(none) > 0 && none[0] {
		args = 0
	}
	if args != int(method.args) {
		panic(trap("wrong number of arguments"))
	}
	if base+args+m.used+m.cfg.FrameWords > len(m.stack) {
		m.thrown = m.own(m.known.system, reasonNoResource)
		return 0, m.uncaught()
	}
	if args > 0 {
		m.stack[base] = cell(first)
		for i, w := range rest {
			m.stack[base+1+i] = cell(w)
		}
	}
	if context != caller {
		m.chargeSwitch()
	}
	previous := caller
	if context == caller {
		previous = m.PreviousContext()
	}
	ok := m.start(method, base, frame{context: context, previous: previous, account: account}, depth+1)
	m.flush()
	if !ok {
		m.unwindTo(depth, top, used, native)
		return 0, m.uncaught()
	}
	m.top = top
	return m.taken(), nil
}

// start runs a method of either kind to its end, with the contexts and the account
// of a frame.
func (m *Machine) start(method *Method, base int, f frame, floor int) bool {
	if method.native != nil {
		f.method, f.base = method, int32(base)
		m.frames = append(m.frames, f)
		m.depth++
		m.used += m.cfg.FrameWords
		result, ok := m.callNative(method, base)
		m.leave()
		m.returned, m.words = [2]cell{}, 1
		if method.native.result == 'I' {
			putInt(m.returned[:], 0, int32(result))
			m.words = 2
		} else {
			m.returned[0] = cell(uint16(result))
		}
		return ok
	}
	if !m.enter(method, base, f.context, f.previous, f.account) {
		m.thrown = m.own(m.known.system, reasonNoResource)
		return false
	}
	return m.execute(floor)
}

// taken is the result of the method that returned to the platform.
func (m *Machine) taken() int32 {
	switch m.words {
	case 0:
		return 0
	case 2:
		return intAt(m.returned[:], 0)
	}
	if m.returned[0].isRef() {
		return int32(m.returned[0].ref())
	}
	return int32(int16(m.returned[0]))
}

// execute runs the frames from floor on until that one returns (true) or an
// exception leaves it (false: Machine.thrown).
func (m *Machine) execute(floor int) bool {
	for {
		switch m.runGuarded(floor) {
		case runReturned:
			return true
		case runThrew:
			if !m.unwind(floor) {
				return false
			}
		}
	}
}

type outcome int

const (
	runReturned outcome = iota
	runThrew
)

// runGuarded is run with Go's own bounds checks as the machine's: code that was
// never verified can leave its locals, operands, constants or code only by an
// index out of range, which becomes a trap. Spec: SPEC-JCVM-063.
func (m *Machine) runGuarded(floor int) (o outcome) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case throwing:
			o = runThrew
		case runtime.Error:
			panic(trap("out of bounds at " + m.where() + ": " + v.Error()))
		default:
			panic(v)
		}
	}()
	return m.run(floor)
}

// where is where the running frame is, for reports.
func (m *Machine) where() string {
	if m.depth < 0 || m.frames[m.depth].method.pkg == nil {
		return "the platform"
	}
	f := &m.frames[m.depth]
	return fmt.Sprintf("%X:%04X", f.method.pkg.Info().AID, f.pc)
}
