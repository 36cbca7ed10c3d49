package capc

import (
	"fmt"

	"inkan/core/cap"
	"inkan/core/classfile"
)

// staticImage is the initial image of the static fields under construction.
type staticImage struct {
	values map[*field]staticValue
	out    cap.StaticField
}

// staticValue is what a class initialiser gives a field, or a value on the
// initialiser's stack.
type staticValue struct {
	number int32
	array  *staticArray
	isRef  bool
}

type staticArray struct {
	kind   byte // InitBoolean to InitInt
	values []int32
	stored bool // in a field
}

// arrayKinds are the element types of newarray by number (JVMS table 6.5).
var arrayKinds = map[int32]struct {
	init     byte
	jcvm     int32
	elements string
}{
	4: {cap.InitBoolean, 10, "boolean"}, 8: {cap.InitByte, 11, "byte"}, 9: {cap.InitShort, 12, "short"}, 10: {cap.InitInt, 13, "int"},
}

// initStatics takes the class initialisers as data and lays out the image.
// Spec: SPEC-CAPC-020, SPEC-CAPC-021, SPEC-CAPC-022.
func (c *converter) initStatics() {
	c.static.values = map[*field]staticValue{}
	for _, k := range c.own {
		if m := k.find("<clinit>()V"); m != nil && m.file.Code != nil {
			c.runInitialiser(k, m)
		}
	}
	if !c.failed() {
		c.layStatics()
	}
}

// runInitialiser follows the code of a class initialiser, which may only store
// constants. It stops at the first instruction that does something else.
func (c *converter) runInitialiser(k *class, m *method) {
	var stack []staticValue
	code := m.file.Code
	for i := range code.Instructions {
		in := &code.Instructions[i]
		at := where{k.name, "<clinit>", code.LineAt(in.PC)}
		if in.Op == classfile.OpReturn {
			return // nothing branches past it: that would be refused
		}
		var ok bool
		if stack, ok = c.initStep(k, in, stack, at); !ok {
			c.report(at, "static initialiser that is not a constant ("+in.Op.String()+")", "store constants and arrays of constants only; do the rest in install or a constructor")
			return
		}
	}
}

func (c *converter) initStep(k *class, in *classfile.Instruction, stack []staticValue, at where) ([]staticValue, bool) {
	if v, ok := constantOf(in); ok {
		return append(stack, staticValue{number: v}), true
	}
	top := len(stack) - 1
	switch in.Op {
	case classfile.OpNop:
		return stack, true
	case classfile.OpAconstNull:
		return append(stack, staticValue{isRef: true}), true
	case classfile.OpNewarray:
		kind, ok := arrayKinds[in.Value]
		if !ok || top < 0 || stack[top].isRef || stack[top].number < 0 || stack[top].number > 0x7FFF {
			return stack, false
		}
		if kind.init == cap.InitInt && !c.opt.Int {
			c.report(at, "int array", "use a short array")
		}
		stack[top] = staticValue{isRef: true, array: &staticArray{kind: kind.init, values: make([]int32, stack[top].number)}}
		return stack, true
	case classfile.OpDup:
		if top < 0 {
			return stack, false
		}
		return append(stack, stack[top]), true
	case classfile.OpBastore, classfile.OpSastore, classfile.OpIastore:
		if top < 2 || stack[top-2].array == nil || stack[top].isRef || stack[top-1].isRef {
			return stack, false
		}
		values := stack[top-2].array.values
		if n := stack[top-1].number; n >= 0 && int(n) < len(values) {
			values[n] = stack[top].number
			return stack[:top-2], true
		}
	case classfile.OpPutstatic:
		if top < 0 || in.Constant.Class != k.name {
			return stack, false
		}
		return stack[:top], c.initField(k, in.Constant, stack[top], at)
	}
	return stack, false
}

// initField stores a value into a static field of the class.
func (c *converter) initField(k *class, ref *classfile.Constant, v staticValue, at where) bool {
	for _, f := range k.fields {
		if f.name != ref.Name || f.desc != ref.Descriptor || !f.has(classfile.AccStatic) {
			continue
		}
		if _, twice := c.static.values[f]; twice || v.isRef != isRef(f.desc) {
			return false
		}
		if v.array != nil {
			if v.array.stored {
				c.report(where{k.name, f.name, at.line}, "array in a second static field: an image has it in one", "assign it in install or a constructor")
			}
			v.array.stored = true
			want := map[string]byte{"[Z": cap.InitBoolean, "[B": cap.InitByte, "[S": cap.InitShort, "[I": cap.InitInt}[f.desc]
			if want != v.array.kind {
				return false
			}
			if len(c.opt.Applets) == 0 {
				c.report(where{k.name, f.name, at.line}, "static array with initial values in a package without applets", "create it when it is first used")
			}
		}
		if narrow(f.desc, v.number) != v.number && !v.isRef {
			return false
		}
		c.static.values[f] = v
		return true
	}
	return false
}

// narrow is the value of a number in a variable of a type.
func narrow(desc string, v int32) int32 {
	switch desc {
	case "Z":
		return v & 1
	case "B":
		return int32(int8(v))
	case "S":
		return int32(int16(v))
	}
	return v
}

// constantOf is the number that an instruction pushes; false if it pushes
// something else.
func constantOf(in *classfile.Instruction) (int32, bool) {
	switch {
	case in.Op >= classfile.OpIconstM1 && in.Op <= classfile.OpIconst5:
		return int32(in.Op) - int32(classfile.OpIconst0), true
	case in.Op == classfile.OpBipush || in.Op == classfile.OpSipush:
		return in.Value, true
	case in.Op == classfile.OpLdc || in.Op == classfile.OpLdcW:
		return in.Constant.Int, in.Constant.Tag == classfile.Integer
	}
	return 0, false
}

// layStatics orders the image: arrays with values, other references, zeroes,
// other numbers; each by class and declaration.
func (c *converter) layStatics() {
	out := &c.static.out
	offset := 0
	place := func(f *field, size int) {
		f.offset = offset
		offset += size
	}
	c.eachStatic(func(f *field, v staticValue) {
		if v.array != nil {
			out.Arrays = append(out.Arrays, v.array.encode())
			place(f, 2)
		}
	})
	c.eachStatic(func(f *field, v staticValue) {
		if isRef(f.desc) && v.array == nil {
			place(f, 2)
		}
	})
	out.ReferenceCount = uint16(offset / 2)
	c.eachStatic(func(f *field, v staticValue) {
		if !isRef(f.desc) && v.number == 0 {
			place(f, size(f.desc))
		}
	})
	out.DefaultCount = uint16(offset) - 2*out.ReferenceCount
	c.eachStatic(func(f *field, v staticValue) {
		if !isRef(f.desc) && v.number != 0 {
			place(f, size(f.desc))
			out.NonDefault = appendNumber(out.NonDefault, v.number, size(f.desc))
		}
	})
	out.ImageSize = uint16(offset)
	if offset > 0xFFFF {
		c.report(where{}, fmt.Sprintf("%d bytes of static fields", offset), "an image can have 65535")
	}
}

func (c *converter) eachStatic(do func(*field, staticValue)) {
	for _, k := range c.own {
		for _, f := range k.fields {
			if f.has(classfile.AccStatic) && f.constant == nil {
				do(f, c.static.values[f])
			}
		}
	}
}

// size is the bytes of a primitive type in the image.
func size(desc string) int {
	switch desc {
	case "S":
		return 2
	case "I":
		return 4
	}
	return 1
}

func (a *staticArray) encode() cap.ArrayInit {
	n := map[byte]int{cap.InitBoolean: 1, cap.InitByte: 1, cap.InitShort: 2, cap.InitInt: 4}[a.kind]
	out := cap.ArrayInit{Type: a.kind, Values: []byte{}}
	for _, v := range a.values {
		out.Values = appendNumber(out.Values, v, n)
	}
	return out
}

// appendNumber appends the low bytes of a number, most significant first.
func appendNumber(dst []byte, v int32, bytes int) []byte {
	for i := bytes - 1; i >= 0; i-- {
		dst = append(dst, byte(v>>(8*i)))
	}
	return dst
}
