package verifier

import (
	"strings"
	"testing"

	"inkan/core/cap"
	"inkan/core/jcvm/asm"
)

// testPackage is a package of one class C and the method under test. C has a
// short, an int and a byte[] field; static fields are a C, an int, a short and a
// byte.
type testPackage struct {
	code       string // of the method under test
	descriptor string // of it; default (S[B)V
	instance   bool
	init       bool // it is a constructor
	stack      byte // default 6
	locals     byte // default 4
	noInt      bool
	handlers   []cap.Handler // offsets count from the first instruction
	edit       func(*cap.File)
}

// Constants of the test package.
var testConstants = []cap.Constant{
	0:  {Kind: cap.Classref},                                    // C
	1:  {Kind: cap.StaticMethodref, Info: [3]byte{0x80, 0, 0}},  // Object.<init>
	2:  {Kind: cap.StaticMethodref},                             // C.<init>()
	3:  {Kind: cap.InstanceFieldref, Info: [3]byte{0, 0, 0}},    // C.short
	4:  {Kind: cap.InstanceFieldref, Info: [3]byte{0, 0, 1}},    // C.int
	5:  {Kind: cap.InstanceFieldref, Info: [3]byte{0, 0, 3}},    // C.byte[]
	6:  {Kind: cap.StaticFieldref, Info: [3]byte{0, 0, 0}},      // static C
	7:  {Kind: cap.StaticFieldref, Info: [3]byte{0, 0, 2}},      // static int
	8:  {Kind: cap.StaticFieldref, Info: [3]byte{0, 0, 6}},      // static short
	9:  {Kind: cap.StaticFieldref, Info: [3]byte{0, 0, 8}},      // static byte
	10: {Kind: cap.StaticMethodref},                             // C.help(S[B)S
	11: {Kind: cap.VirtualMethodref, Info: [3]byte{0, 0, 1}},    // C.virt(S)S
	12: {Kind: cap.SuperMethodref, Info: [3]byte{0, 0, 0}},      // super.equals
	13: {Kind: cap.Classref, Info: [3]byte{0x80, 7, 0}},         // NullPointerException
	14: {Kind: cap.Classref, Info: [3]byte{0x81, 3, 0}},         // Applet, abstract
	15: {Kind: cap.VirtualMethodref, Info: [3]byte{0x81, 3, 1}}, // Applet.register(), protected
	16: {Kind: cap.Classref, Info: [3]byte{0x81, 1, 0}},         // PIN, an interface
	17: {Kind: cap.Classref, Info: [3]byte{0x80, 0, 0}},         // Object
	18: {Kind: cap.StaticMethodref, Info: [3]byte{0x80, 7, 0}},  // NullPointerException.<init>
	19: {Kind: cap.StaticMethodref, Info: [3]byte{0x81, 3, 0}},  // Applet.<init>, protected
	20: {Kind: cap.StaticMethodref, Info: [3]byte{0x81, 8, 1}},  // JCSystem.beginTransaction
	21: {Kind: cap.StaticMethodref},                             // the method under test
}

// method is one method of the test package, before assembly.
type testMethod struct {
	text, descriptor    string
	access, token       byte
	stack, args, locals byte
}

// build assembles the package with its Descriptor.
func (p testPackage) build(t testing.TB) *cap.File {
	t.Helper()
	if p.descriptor == "" {
		p.descriptor = "(S[B)V"
	}
	if p.stack == 0 {
		p.stack = 6
	}
	if p.locals == 0 {
		p.locals = 4
	}
	under := testMethod{p.code, p.descriptor, cap.AccPrivate, 0xFF, p.stack, words(p.descriptor), p.locals}
	switch {
	case p.init:
		under.access, under.args = cap.AccInit, under.args+1
	case p.instance:
		under.args++
	default:
		under.access |= cap.AccStatic
	}
	methods := []testMethod{
		{"aload_0\ninvokespecial 1\nreturn", "()V", cap.AccInit, 0xFF, 1, 1, 0},
		{"sload_0\nsreturn", "(S[B)S", cap.AccStatic | cap.AccPrivate, 0xFF, 1, 2, 0},
		{"sload_1\nsreturn", "(S)S", 0, 1, 1, 2, 0},
		under,
	}
	f := &cap.File{
		Header: cap.Header{Format: cap.Version{Major: 2, Minor: 1}, Flags: cap.FlagInt, Package: cap.PackageInfo{Version: cap.Version{Major: 1}, AID: []byte("inkan")}},
		Imports: []cap.PackageInfo{
			{Version: cap.Version{Major: 1}, AID: []byte{0xA0, 0, 0, 0, 0x62, 0, 1}},
			{Version: cap.Version{Major: 1, Minor: 3}, AID: []byte{0xA0, 0, 0, 0, 0x62, 1, 1}},
		},
		Constants:   append([]cap.Constant(nil), testConstants...),
		StaticField: cap.StaticField{ImageSize: 9, ReferenceCount: 1, DefaultCount: 7},
		Descriptor:  &cap.Descriptor{},
	}
	if p.noInt {
		f.Header.Flags = 0
	}
	offsets := assemble(t, f, methods, p.handlers)
	f.Constants[2].Info = [3]byte{0, byte(offsets[0] >> 8), byte(offsets[0])}
	f.Constants[10].Info = [3]byte{0, byte(offsets[1] >> 8), byte(offsets[1])}
	f.Constants[21].Info = [3]byte{0, byte(offsets[3] >> 8), byte(offsets[3])}
	f.Class.Classes = []cap.ClassInfo{{
		Super: cap.ExternalClass(0, 0), DeclaredSize: 4, FirstReference: 3, ReferenceCount: 1,
		PublicBase: 1, Public: []uint16{uint16(offsets[2])},
	}}
	describe(t, f, methods, offsets)
	locate(t, f)
	if p.edit != nil {
		p.edit(f)
	}
	f.FillDirectory()
	g, err := cap.Parse(f.Components())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// assemble fills the Method component and returns the methods' offsets.
func assemble(t testing.TB, f *cap.File, methods []testMethod, handlers []cap.Handler) []int {
	t.Helper()
	var offsets []int
	info := make([]byte, 1+8*len(handlers))
	for _, m := range methods {
		offsets = append(offsets, len(info))
		flags := byte(0)
		info = cap.AppendHeader(info, cap.MethodHeader{Flags: flags, MaxStack: m.stack, Args: m.args, MaxLocals: m.locals})
		code, err := asm.Assemble(m.text)
		if err != nil {
			t.Fatal(err)
		}
		if m.text == methods[len(methods)-1].text && len(offsets) == len(methods) {
			for i := range handlers {
				handlers[i].Start += uint16(len(info))
				handlers[i].Handler += uint16(len(info))
			}
		}
		info = append(info, code...)
	}
	copy(info, cap.AppendHandlers(nil, handlers))
	f.Method = cap.MethodComponent{Handlers: handlers, Info: info}
	return offsets
}

// describe writes the Descriptor.
func describe(t testing.TB, f *cap.File, methods []testMethod, offsets []int) {
	t.Helper()
	d := f.Descriptor
	d.ConstantTypes = make([]uint16, len(f.Constants))
	under := methods[len(methods)-1].descriptor
	types := map[string]uint16{}
	typeOf := func(descriptor string) uint16 {
		if _, known := types[descriptor]; !known {
			types[descriptor] = uint16(2 + 2*len(d.ConstantTypes) + len(d.Types))
			d.Types = append(d.Types, pack(nibbles(descriptor))...)
		}
		return types[descriptor]
	}
	for i, s := range map[int]string{
		1: "()V", 2: "()V", 3: "S", 4: "I", 5: "[B", 6: "C", 7: "I", 8: "S", 9: "B", 10: "(S[B)S", 11: "(S)S", 12: "(O)Z", 15: "()V", 18: "()V", 19: "()V",
		20: "()V", 21: under,
	} {
		d.ConstantTypes[i] = typeOf(s)
	}
	for i, c := range f.Constants {
		if c.Kind == cap.Classref {
			d.ConstantTypes[i] = 0xFFFF
		}
	}
	c := cap.ClassDescriptor{Token: 0xFF, Fields: []cap.FieldDescriptor{
		{Ref: [3]byte{0, 0, 0}, Type: 0x8004}, {Token: 1, Ref: [3]byte{0, 0, 1}, Type: 0x8005}, {Token: 3, Ref: [3]byte{0, 0, 3}, Type: typeOf("[B")},
		{Token: 0xFF, AccessFlags: cap.AccStatic, Ref: [3]byte{0, 0, 0}, Type: typeOf("C")}, {Token: 0xFF, AccessFlags: cap.AccStatic, Ref: [3]byte{0, 0, 2}, Type: 0x8005},
		{Token: 0xFF, AccessFlags: cap.AccStatic, Ref: [3]byte{0, 0, 6}, Type: 0x8004}, {Token: 0xFF, AccessFlags: cap.AccStatic, Ref: [3]byte{0, 0, 8}, Type: 0x8003},
	}}
	for i, m := range methods {
		end := len(f.Method.Info)
		if i+1 < len(offsets) {
			end = offsets[i+1]
		}
		h, _ := f.Method.HeaderAt(offsets[i])
		md := cap.MethodDescriptor{Token: m.token, AccessFlags: m.access, Offset: uint16(offsets[i]), Type: typeOf(m.descriptor), BytecodeCount: uint16(end - h.Code)}
		if i == len(methods)-1 {
			md.HandlerCount = uint16(len(f.Method.Handlers))
		}
		c.Methods = append(c.Methods, md)
	}
	d.Classes = []cap.ClassDescriptor{c}
}

// locate writes the RefLocation component.
func locate(t testing.TB, f *cap.File) {
	t.Helper()
	for i, h := range f.Method.Handlers {
		if h.Catch != 0 {
			f.RefLocation.Word = append(f.RefLocation.Word, uint16(1+8*i+6))
		}
	}
	for _, s := range f.MethodSpans() {
		h, _ := f.Method.HeaderAt(s.Offset)
		list, _ := asm.Decode(f.Method.Info, h.Code, s.End)
		for i := range list {
			switch at, size, _ := list[i].IndexAt(); size {
			case 1:
				f.RefLocation.Byte = append(f.RefLocation.Byte, uint16(at))
			case 2:
				f.RefLocation.Word = append(f.RefLocation.Word, uint16(at))
			}
		}
	}
}

// nibbles is a type descriptor. Beside the usual letters C is the package's
// class and O java/lang/Object.
func nibbles(descriptor string) (n []byte) {
	s := strings.NewReplacer("(", "", ")", "", "[Z", "z", "[B", "b", "[S", "s", "[I", "i", "[C", "c").Replace(descriptor)
	for _, l := range s {
		n = append(n, map[rune][]byte{
			'V': {1}, 'Z': {2}, 'B': {3}, 'S': {4}, 'I': {5}, 'C': {6, 0, 0, 0, 0}, 'O': {6, 8, 0, 0, 0},
			'z': {10}, 'b': {11}, 's': {12}, 'i': {13}, 'c': {14, 0, 0, 0, 0},
		}[l]...)
	}
	return n
}

// words is how many words of arguments a descriptor has, without this.
func words(descriptor string) (n byte) {
	inside, _, _ := strings.Cut(descriptor, ")")
	for _, w := range nibbles(strings.ReplaceAll(strings.ReplaceAll(inside, "C", "Z"), "O", "Z")) {
		if n++; w == 5 {
			n++
		}
	}
	return n
}

func pack(n []byte) []byte {
	out := []byte{byte(len(n))}
	for i, x := range n {
		if i%2 == 0 {
			out = append(out, x<<4)
		} else {
			out[len(out)-1] |= x
		}
	}
	return out
}
