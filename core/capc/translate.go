package capc

import (
	"fmt"
	"strings"

	"inkan/core/cap"
	"inkan/core/classfile"
	"inkan/core/jcvm"
)

// op is an instruction of the card before its operands are bytes.
type op struct {
	code     jcvm.Opcode
	a, b     int32
	constant *constant
	target   int              // of a branch or a switch's default: Java instruction
	cases    []classfile.Case // of a switch: targets are Java instructions
	from     int              // Java instruction that it was made from
	at       int              // offset in the code
}

// translation is a method's code on the way to bytes.
type translation struct {
	flow      *flow
	ops       []op
	first     []int // op by Java instruction; one more for the end
	slots     []int // local variable on the card by one of Java
	maxStack  int
	maxLocals int
	handlers  []handler
	end       int // offset behind the last op
	code      []byte
	byteRefs  []int // offsets in code of constant-pool indices
	wordRefs  []int
}

// handler is an exception handler in Java instructions; end may be their count.
type handler struct {
	start, end, handler int
	catch               *constant // nil: anything
}

// translate makes the code of all methods, in the order of the Method
// component. Spec: SPEC-CAPC-014, SPEC-CAPC-051.
func (c *converter) translate() {
	for _, k := range c.own {
		if k.has(classfile.AccInterface) {
			continue
		}
		for _, m := range k.methods {
			if m.name == "<clinit>" {
				continue
			}
			c.methods = append(c.methods, m)
			m.out = &translation{}
			if !m.has(classfile.AccAbstract) {
				c.translateMethod(m)
			}
		}
	}
}

func (c *converter) translateMethod(m *method) {
	f := c.newFlow(m)
	if f == nil {
		return
	}
	before := len(c.errors)
	f.decideTypes()
	if len(c.errors) > before {
		return
	}
	t := m.out
	t.flow = f
	t.mapSlots()
	t.addHandlers()
	t.first, t.ops = make([]int, len(f.list)+1), make([]op, 0, len(f.list)+len(f.list)/4)
	for i := range f.list {
		t.first[i] = len(t.ops)
		if f.steps[i].reached {
			t.measure(i)
			t.instruction(i)
		}
	}
	t.first[len(f.list)] = len(t.ops)
	c.stats.IntegerOperations += t.integerOperations()
}

// mapSlots numbers local variables: an int takes two words.
func (t *translation) mapSlots() {
	f := t.flow
	wide := make([]bool, f.code.MaxLocals)
	slot := 0
	params, _, _ := classfile.Signature(f.m.desc)
	if !f.m.has(classfile.AccStatic) {
		slot = 1
	}
	for i, p := range params {
		wide[slot+i] = p == "I"
	}
	for i := range f.steps {
		if v := f.steps[i].local; v != nil && of(v).isInt && !of(v).ref {
			wide[f.list[i].Local] = true
		}
	}
	t.slots = make([]int, len(wide))
	next := 0
	for i, w := range wide {
		t.slots[i] = next
		next++
		if w {
			next++
		}
	}
	t.maxLocals = next - f.m.argWords()
	if next > 255 || t.maxLocals < 0 {
		f.c.report(f.at(0), fmt.Sprintf("%d words of local variables", next), "a method can have 255, arguments included: split it")
	}
}

// measure keeps the greatest stack depth in words, before and behind an
// instruction.
func (t *translation) measure(i int) {
	st := &t.flow.steps[i]
	depth := 0
	for _, v := range st.before {
		depth += v.words()
	}
	t.maxStack = max(t.maxStack, depth)
	for _, v := range st.args {
		depth -= v.words()
	}
	for _, v := range st.copies {
		depth += v.words()
	}
	if st.out != nil {
		depth += st.out.words()
	}
	t.maxStack = max(t.maxStack, depth)
}

func (t *translation) addHandlers() {
	f := t.flow
	for _, h := range f.code.Handlers {
		start, handlerAt := f.index[h.Start], f.index[h.Handler]
		end, ok := f.index[h.End]
		if !ok {
			end = len(f.list)
		}
		if !f.steps[handlerAt].reached {
			continue
		}
		x := handler{start: start, end: end, handler: handlerAt}
		if h.Catch != "" {
			if x.catch = f.c.classConstant(h.Catch, f.at(handlerAt)); x.catch == nil {
				continue
			}
		}
		t.handlers = append(t.handlers, x)
	}
}

func (t *translation) emit(i int, code jcvm.Opcode, operands ...int32) *op {
	o := op{code: code, from: i}
	if len(operands) > 0 {
		o.a = operands[0]
	}
	if len(operands) > 1 {
		o.b = operands[1]
	}
	t.ops = append(t.ops, o)
	return &t.ops[len(t.ops)-1]
}

// push emits the shortest instruction that pushes a number.
func (t *translation) push(i int, n int32, isInt bool) {
	switch {
	case isInt && n >= -1 && n <= 5:
		t.emit(i, jcvm.OpIconst0+jcvm.Opcode(n))
	case isInt && n == int32(int8(n)):
		t.emit(i, jcvm.OpBipush, n)
	case isInt && n == int32(int16(n)):
		t.emit(i, jcvm.OpSipush, n)
	case isInt:
		t.emit(i, jcvm.OpIipush, n)
	case n >= -1 && n <= 5:
		t.emit(i, jcvm.OpSconst0+jcvm.Opcode(n))
	case n == int32(int8(n)):
		t.emit(i, jcvm.OpBspush, n)
	default:
		t.emit(i, jcvm.OpSspush, int32(int16(n)))
	}
}

// local emits a load or store: base is the short form for variable 0, long the
// form with an operand.
func (t *translation) local(i int, base, long jcvm.Opcode, slot int) {
	if n := t.slots[slot]; n < 4 {
		t.emit(i, base+jcvm.Opcode(n))
	} else {
		t.emit(i, long, int32(n))
	}
}

// narrowed emits i2s when the value on top of the stack has 32 bits, since it is
// also used as an int, and goes where a short is expected.
func (t *translation) narrowed(i int, desc string) {
	args := t.flow.steps[i].args
	if len(args) == 0 || desc == "I" || isRef(desc) {
		return
	}
	if v := of(args[len(args)-1]); !v.ref && v.isInt {
		t.emit(i, jcvm.OpI2s)
	}
}

// widen emits s2i when a value that the card has as a short is needed as an int.
func (t *translation) widen(i int, natural bool) {
	if out := t.flow.steps[i].out; of(out).isInt && !natural {
		t.emit(i, jcvm.OpS2i)
	}
}

// integerOperations counts the instructions that compute with ints.
func (t *translation) integerOperations() (n int) {
	for _, o := range t.ops {
		in, ok := jcvm.Lookup(o.code)
		if ok && (strings.Contains(in.Pop, "i") || strings.Contains(in.Push, "i")) {
			n++
		}
	}
	return n
}

// kindOf names the constant kind of a call.
func (c *converter) kindOf(in *classfile.Instruction, m *method, caller *class) cap.Kind {
	switch {
	case !m.virtual():
		return cap.StaticMethodref
	case in.Op == classfile.OpInvokespecial && m.class != caller:
		return cap.SuperMethodref
	case in.Op == classfile.OpInvokespecial:
		return cap.StaticMethodref
	}
	return cap.VirtualMethodref
}
