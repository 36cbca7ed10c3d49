package verifier

import (
	"fmt"
	"strings"

	"inkan/core/cap"
	"inkan/core/jcvm"
)

// popArray takes a reference to an array of any kind.
func (f *flow) popArray() value {
	x := f.pop()
	if k := x.kind(); !f.bad && x != null && x != reference && (k < booleans || k > objects) {
		f.fail("an array", f.v.world.name(x))
	}
	return x
}

// arrayFor takes the array of an array instruction. Spec: SPEC-VERIFIER-042.
func (f *flow) arrayFor(op, first jcvm.Opcode) value {
	x := f.popArray()
	if f.bad || x == null || x == reference {
		return x
	}
	ok, want := false, ""
	switch op - first {
	case 0:
		ok, want = x.kind() == objects, "an array of references"
	case 1:
		ok, want = x == booleans || x == bytes_, "boolean[] or byte[]"
	case 2:
		ok, want = x == shorts, "short[]"
	default:
		ok, want = x == ints, "int[]"
	}
	if !ok {
		f.fail(want, f.v.world.name(x))
	}
	return x
}

func (f *flow) arrayLoad(op jcvm.Opcode) {
	f.popAs(short)
	x := f.arrayFor(op, jcvm.OpAaload)
	switch {
	case op == jcvm.OpIaload:
		f.push(intHigh, intLow)
	case op != jcvm.OpAaload:
		f.push(short)
	case x.kind() == objects:
		f.push(object | x&restMask)
	default:
		f.push(x) // null or a reference of unknown type
	}
}

func (f *flow) arrayStore(op jcvm.Opcode) {
	switch op {
	case jcvm.OpIastore:
		f.popInt()
	case jcvm.OpAastore:
		f.popReference()
	default:
		f.popAs(short)
	}
	f.popAs(short)
	f.arrayFor(op, jcvm.OpAastore)
}

func (f *flow) newArray() {
	t := f.d.Operands[0]
	if t < jcvm.TypeBoolean || t > jcvm.TypeInt {
		f.fail("array type 10 to 13", fmt.Sprint(t))
		return
	}
	f.popAs(short)
	f.push(booleans + value(t-jcvm.TypeBoolean)<<24)
}

// constant is the constant-pool entry that the instruction names; nil after a
// finding. Spec: SPEC-VERIFIER-043.
func (f *flow) constant(kinds ...cap.Kind) *constant {
	_, _, i := f.d.IndexAt()
	if int(i) >= len(f.v.self.pool) {
		f.fail(fmt.Sprintf("a constant below %d", len(f.v.self.pool)), fmt.Sprint(i))
		return nil
	}
	c := &f.v.self.pool[i]
	var names []string
	for _, k := range kinds {
		if c.kind == k {
			return c
		}
		names = append(names, k.String())
	}
	f.fail("constant "+strings.Join(names, " or "), fmt.Sprintf("constant %d, %s", i, c.kind))
	return nil
}

// fieldAccess applies getfield, putfield, getstatic and putstatic.
// Spec: SPEC-VERIFIER-044.
func (f *flow) fieldAccess(in *jcvm.Instruction) {
	kind := cap.InstanceFieldref
	if in.Role == jcvm.StaticField {
		kind = cap.StaticFieldref
	}
	c := f.constant(kind)
	if c == nil {
		return
	}
	name := in.Mnemonic
	letter := name[strings.IndexByte(name, '_')+1]
	if !c.accepts(letter) {
		f.fail("a field of letter "+string(c.field.letterName()), string(letter))
		return
	}
	words := c.words(letter)
	if put := strings.HasPrefix(name, "put"); put {
		for i := len(words) - 1; i >= 0; i-- {
			f.popAs(words[i])
		}
		f.fieldOwner(c, name, true)
		return
	}
	f.fieldOwner(c, name, false)
	f.push(words...)
}

// accepts tells whether a field may be accessed as a type letter says.
func (c *constant) accepts(letter byte) bool {
	if c.field.letter != 0 {
		return c.field.letter == letter
	}
	return letter != 'a' && c.zone.fits(field{letter: letter})
}

func (f field) letterName() byte {
	if f.letter == 0 {
		return 's'
	}
	return f.letter
}

// words are the field's value.
func (c *constant) words(letter byte) []value {
	switch letter {
	case 'a':
		return []value{c.field.value}
	case 'i':
		return []value{intHigh, intLow}
	}
	return []value{short}
}

// fieldOwner takes the object of an instance field: from the stack, or this. A
// constructor may write fields of its own class before it calls another.
func (f *flow) fieldOwner(c *constant, name string, put bool) {
	if c.kind == cap.StaticFieldref || f.bad {
		return
	}
	var x value
	if strings.HasSuffix(name, "_this") {
		x = f.load(0, 'a')[0]
	} else {
		x = f.pop()
	}
	if f.bad || put && x == rawThis && c.class == f.m.class {
		return
	}
	if !f.v.world.assignable(x, object|c.class.id) {
		f.fail(c.class.name, f.v.world.name(x))
	}
}

// classOperand applies new, anewarray, checkcast and instanceof.
// Spec: SPEC-VERIFIER-045.
func (f *flow) classOperand(in *jcvm.Instruction) {
	if in.Role == jcvm.TypeAndClass {
		f.typeTest()
		return
	}
	c := f.constant(cap.Classref)
	if c == nil {
		return
	}
	if f.d.Op == jcvm.OpAnewarray {
		f.popAs(short)
		f.push(objects | c.class.id)
		return
	}
	if c.class.isAbstract || c.class.isInterface {
		f.fail("a class that is not abstract", c.class.name)
		return
	}
	f.forget(raw | value(f.d.PC))
	f.push(raw | value(f.d.PC))
}

// forget makes an uninitialised object that an earlier round of a loop left
// unusable: the next one could not be told from it.
func (f *flow) forget(x value) {
	for i, l := range f.locals {
		if l == x {
			f.locals[i], f.dirty = top, true
		}
	}
	for i, s := range f.stack {
		if s == x {
			f.stack[i] = top
		}
	}
}

// typeTest applies checkcast and instanceof.
func (f *flow) typeTest() {
	t := f.d.Operands[0]
	var to value
	switch {
	case t >= jcvm.TypeBoolean && t <= jcvm.TypeInt:
		if f.d.Operands[1] != 0 {
			f.fail("index 0 for a primitive array", fmt.Sprint(f.d.Operands[1]))
		}
		to = booleans + value(t-jcvm.TypeBoolean)<<24
	case t == jcvm.TypeObject || t == jcvm.TypeReference:
		c := f.constant(cap.Classref)
		if c == nil {
			return
		}
		to = object | c.class.id
		if t == jcvm.TypeReference {
			to = objects | c.class.id
		}
	default:
		f.fail("type 0 or 10 to 14", fmt.Sprint(t))
	}
	f.popReference()
	if f.d.Op == jcvm.OpInstanceof {
		to = short
	}
	f.push(to)
}
