package vm

import (
	"inkan/core/cap"
)

// Constants of the package that programs of the vectors are put in.
const (
	constClass = iota
	constShort
	constByte
	constInt
	constRef
	constStaticRef
	constStaticShort
	constStaticByte
	constStaticInt
	constAdd
	constInit
	constIncrement
	constInterface
	constNullPointer
	constArithmetic
	constObject
	constArray
	constVoid
	constThrower
	constAbstract
	constMain
	constShareable
)

// program is a method in hand-assembled form. Handlers count from the code.
type program struct {
	code          []byte
	stack, locals byte
	args          byte
	handlers      []cap.Handler
	shareable     bool // the interface extends Shareable
	name          byte // last byte of the AID
}

// packageOf is the package inkan.test: an interface I, a class X that
// implements it, and static methods, of which the program is the first.
func packageOf(p program) *cap.File {
	f := &cap.File{}
	f.Header = cap.Header{Format: cap.Version{Major: 2, Minor: 1}, Flags: cap.FlagInt,
		Package: cap.PackageInfo{Version: cap.Version{Major: 1}, AID: []byte{0xF0, 'i', 'n', 'k', 'a', 'n', p.name}}}
	f.Imports = []cap.PackageInfo{{Version: cap.Version{Major: 1}, AID: langAID}, {Version: cap.Version{Major: 1}, AID: frameworkAID}}
	offset := uint16(1 + 8*len(p.handlers))
	var handlers []cap.Handler
	for _, h := range p.handlers {
		code := offset + 4
		h.Start += code
		h.Handler += code
		handlers = append(handlers, h)
	}
	info := cap.AppendHandlers(nil, handlers)
	at := map[int]uint16{}
	method := func(constant int, h cap.MethodHeader, code ...byte) {
		at[constant] = uint16(len(info))
		info = append(cap.AppendHeader(info, h), code...)
	}
	method(constMain, cap.MethodHeader{Flags: cap.MethodExtended, MaxStack: p.stack, Args: p.args, MaxLocals: p.locals}, p.code...)
	method(constIncrement, cap.MethodHeader{MaxStack: 2, Args: 2}, 0x1D, 0x04, 0x41, 0x78)
	method(constAdd, cap.MethodHeader{MaxStack: 2, Args: 2}, 0x1C, 0x1D, 0x41, 0x78)
	method(constArray, cap.MethodHeader{MaxStack: 1}, 0x06, 0x90, 0x0B, 0x77)
	method(constVoid, cap.MethodHeader{}, 0x7A)
	method(constThrower, cap.MethodHeader{MaxStack: 2}, 0x04, 0x03, 0x47, 0x78)
	method(constAbstract, cap.MethodHeader{Flags: cap.MethodAbstract})
	f.Method = cap.MethodComponent{Handlers: handlers, Info: info}
	object := cap.ExternalClass(0, 0)
	f.Class.Interfaces = []cap.InterfaceInfo{{Flags: cap.AccInterface}}
	if p.shareable {
		f.Class.Interfaces[0].Flags |= cap.AccShareable
	}
	f.Class.Classes = []cap.ClassInfo{{Offset: 1, Super: object, DeclaredSize: 6, FirstReference: 4, ReferenceCount: 2,
		PublicBase: 1, Public: []uint16{at[constIncrement]}, Interfaces: []cap.ImplementedInterface{{Interface: 0, Index: []byte{1, 1}}}}}
	f.StaticField = cap.StaticField{ImageSize: 9, ReferenceCount: 1, DefaultCount: 7}
	entry := func(kind cap.Kind, a, b, c byte) cap.Constant {
		return cap.Constant{Kind: kind, Info: [3]byte{a, b, c}}
	}
	internal := func(constant int) cap.Constant {
		return entry(cap.StaticMethodref, 0, byte(at[constant]>>8), byte(at[constant]))
	}
	f.Constants = []cap.Constant{
		entry(cap.Classref, 0, 1, 0), entry(cap.InstanceFieldref, 0, 1, 0), entry(cap.InstanceFieldref, 0, 1, 1),
		entry(cap.InstanceFieldref, 0, 1, 2), entry(cap.InstanceFieldref, 0, 1, 4),
		entry(cap.StaticFieldref, 0, 0, 0), entry(cap.StaticFieldref, 0, 0, 2), entry(cap.StaticFieldref, 0, 0, 4), entry(cap.StaticFieldref, 0, 0, 5),
		internal(constAdd), entry(cap.StaticMethodref, 0x80, 0, 0), entry(cap.VirtualMethodref, 0, 1, 1),
		entry(cap.Classref, 0, 0, 0), entry(cap.Classref, 0x80, 7, 0), entry(cap.Classref, 0x80, 9, 0), entry(cap.Classref, 0x80, 0, 0),
		internal(constArray), internal(constVoid), internal(constThrower), internal(constAbstract), internal(constMain), entry(cap.Classref, 0x81, 2, 0),
	}
	f.FillDirectory()
	return f
}

// mainOf is the program's method.
func mainOf(p *Package) *Method { return p.Method(uint16(p.file.Method.CodeStart())) }

func loadProgram(t tester, c *testCard, p program) *Package {
	t.Helper()
	pkg, err := c.Load(packageOf(p).Components())
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}
