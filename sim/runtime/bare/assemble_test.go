package bare

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"inkan/core/cap"
	"inkan/core/jcapi"
	"inkan/core/jcvm"
	"inkan/core/jcvm/asm"
)

// source is an applet in assembly text. In the text {C} is the constant of a
// class, {C.m()V} that of a method, {#n} that of the n-th static field, a
// reference; {C!m()V} is a method's token. C is the class's name without its
// package.
type source struct {
	fields  int
	install string // static, and does not register; it has the parameters of install
	process string // its class byte and SELECT are dealt with

	// processData of Personalization and of Application; empty: the interface
	// is not implemented. With shares a class of its own implements them, whose
	// instance getShareableInterfaceObject gives for null and 0.
	personalization, application string
	shares                       bool
	aid                          []byte // of the package; nil: sourceAID
}

// sourceAID is the package's; its applet is 01 behind it.
var sourceAID = []byte{0xF0, 'i', 'n', 'k', 'a', 'n', 'X'}

var sourceImports = []string{"java/lang", "javacard/framework", "javacard/security", "javacardx/crypto", "org/globalplatform"}

// constants is a constant pool in the making.
type constants struct {
	t    testing.TB
	pool []cap.Constant
	of   map[string]int
}

func (k *constants) index(name string) int {
	if i, ok := k.of[name]; ok {
		return i
	}
	k.of[name] = len(k.pool)
	k.pool = append(k.pool, k.entry(name))
	return k.of[name]
}

func (k *constants) entry(name string) cap.Constant {
	var n byte
	if _, err := fmt.Sscanf(name, "#%d", &n); err == nil {
		return cap.Constant{Kind: cap.StaticFieldref, Info: [3]byte{0, 0, 2 * n}}
	}
	class, member, isMember := strings.Cut(name, ".")
	imported, c := k.class(class)
	if !isMember {
		return cap.Constant{Kind: cap.Classref, Info: [3]byte{0x80 | imported, c.Token, 0}}
	}
	m := k.method(c, member)
	kind := cap.VirtualMethodref
	if m.Static {
		kind = cap.StaticMethodref
	}
	return cap.Constant{Kind: kind, Info: [3]byte{0x80 | imported, c.Token, m.Token}}
}

func (k *constants) class(name string) (byte, *jcapi.Class) {
	for i, p := range sourceImports {
		if c := jcapi.ClassByName(p + "/" + name); c != nil {
			return byte(i), c
		}
	}
	k.t.Fatalf("no class %s", name)
	return 0, nil
}

func (k *constants) method(c *jcapi.Class, member string) *jcapi.Method {
	open := strings.IndexByte(member, '(')
	m := c.MethodNamed(member[:open], member[open:])
	if m == nil {
		k.t.Fatalf("no method %s of %s", member, c.Name)
	}
	return m
}

// code assembles text.
func (k *constants) code(text string) []byte {
	k.t.Helper()
	for {
		before, rest, ok := strings.Cut(text, "{")
		if !ok {
			break
		}
		name, after, _ := strings.Cut(rest, "}")
		var value int
		if class, member, token := strings.Cut(name, "!"); token {
			_, c := k.class(class)
			value = int(k.method(c, member).Token)
		} else {
			value = k.index(name)
		}
		text = fmt.Sprintf("%s%d%s", before, value, after)
	}
	code, err := asm.Assemble(text)
	if err != nil {
		k.t.Fatalf("%v in\n%s", err, text)
	}
	return code
}

// prologue of process: parameters are this and the APDU; local 2 is the buffer,
// 3 the length of the command's data.
const prologue = `
    aload_0
    invokevirtual {Applet.selectingApplet()Z}
    ifeq go
    return
go: aload_1
    invokevirtual {APDU.getBuffer()[B}
    astore_2
    aload_1
    invokevirtual {APDU.setIncomingAndReceive()S}
    sstore_3
`

// assemble makes a CAP file of an applet.
func (s source) assemble(t testing.TB) []byte {
	t.Helper()
	k := &constants{t: t, of: map[string]int{}}
	k.pool = []cap.Constant{{Kind: cap.Classref}, {Kind: cap.StaticMethodref}, {Kind: cap.Classref}, {Kind: cap.StaticMethodref}}
	f := &cap.File{Header: cap.Header{Format: cap.Version{Major: 2, Minor: 1}, Flags: cap.FlagApplet,
		Package: cap.PackageInfo{Version: cap.Version{Major: 1}, AID: s.packageAID()}}}
	for _, name := range sourceImports {
		p := jcapi.ByName(name)
		minor := map[string]byte{"java/lang": 0}[name]
		if name != "java/lang" {
			minor = 4
		}
		f.Imports = append(f.Imports, cap.PackageInfo{AID: p.AID, Version: cap.Version{Major: p.Major, Minor: minor}})
	}
	info := []byte{0}
	method := func(h cap.MethodHeader, text string) uint16 {
		at := len(info)
		h.Flags |= cap.MethodExtended
		code := k.code(text)
		info = cap.AppendHeader(info, h)
		locate(t, &f.RefLocation, code, len(info))
		info = append(info, code...)
		return uint16(at)
	}
	init := method(cap.MethodHeader{MaxStack: 2, Args: 1}, "aload_0\ninvokespecial {Applet.<init>()V}\nreturn")
	k.pool[1].Info = [3]byte{0, byte(init >> 8), byte(init)}
	install := method(cap.MethodHeader{MaxStack: 8, Args: 3, MaxLocals: 4}, s.install+
		"\nnew 0\ndup\ninvokespecial 1\ninvokevirtual {Applet.register()V}\nreturn")
	process := method(cap.MethodHeader{MaxStack: 12, Args: 2, MaxLocals: 6}, prologue+s.process)
	s.classes(f, k, method, process)
	f.Method.Info = info
	f.Applets = []cap.Applet{{AID: append(bytes.Clone(s.packageAID()), 1), InstallMethod: install}}
	f.StaticField = cap.StaticField{ImageSize: uint16(2 * s.fields), ReferenceCount: uint16(s.fields), DefaultCount: 0}
	f.Constants = k.pool
	f.FillDirectory()
	file, err := cap.Open(f.LoadFile(nil, true))
	if err != nil {
		t.Fatal(err)
	}
	return file.LoadFile(nil, true)
}

func (s source) packageAID() []byte {
	if s.aid != nil {
		return s.aid
	}
	return sourceAID
}

// helper is the code of getShareableInterfaceObject: an instance of the class
// that constants 2 and 3 are of.
const helper = `
    aload_1
    ifnonnull no
    sload_2
    ifne no
    new 2
    dup
    invokespecial 3
    areturn
no: aconst_null
    areturn`

// classes makes the applet's class, and the one that it shares an instance of.
func (s source) classes(f *cap.File, k *constants, method func(cap.MethodHeader, string) uint16, process uint16) {
	c := cap.ClassInfo{Super: cap.ExternalClass(1, 3), PublicBase: 7, Public: []uint16{process}}
	object := cap.ClassInfo{Super: cap.ExternalClass(0, 0), PublicBase: 1}
	target := &c
	if s.shares {
		share := method(cap.MethodHeader{MaxStack: 2, Args: 3}, helper)
		c.PublicBase, c.Public = 5, []uint16{share, 0xFFFF, process}
		init := method(cap.MethodHeader{MaxStack: 1, Args: 1}, "aload_0\ninvokespecial {Object.<init>()V}\nreturn")
		k.pool[3].Info = [3]byte{0, byte(init >> 8), byte(init)}
		target = &object
	}
	for _, m := range []struct {
		iface, code string
		args        byte
	}{{"Application", s.application, 4}, {"Personalization", s.personalization, 6}} {
		if m.code == "" {
			continue
		}
		imported, iface := k.class(m.iface)
		at := method(cap.MethodHeader{MaxStack: 12, Args: m.args, MaxLocals: 4}, m.code)
		target.Interfaces = append(target.Interfaces, cap.ImplementedInterface{Interface: cap.ExternalClass(imported, iface.Token),
			Index: []byte{target.PublicBase + byte(len(target.Public))}})
		target.Public = append(target.Public, at)
	}
	if len(target.Interfaces) > 0 {
		imported, shareable := k.class("Shareable")
		target.Interfaces = append(target.Interfaces, cap.ImplementedInterface{Interface: cap.ExternalClass(imported, shareable.Token)})
	}
	f.Class.Classes = []cap.ClassInfo{c}
	if s.shares {
		offset := 10 + 2*len(c.Public)
		k.pool[2].Info = [3]byte{byte(offset >> 8), byte(offset), 0}
		f.Class.Classes = append(f.Class.Classes, object)
		return
	}
	k.pool[3] = k.pool[1] // unused, and valid
}

// locate notes where constant-pool indices are in code that begins at an offset.
func locate(t testing.TB, l *cap.RefLocation, code []byte, start int) {
	t.Helper()
	for pc := 0; pc < len(code); {
		d, err := jcvm.Decode(code, pc)
		if err != nil {
			t.Fatal(err)
		}
		switch offset, size, _ := d.IndexAt(); size {
		case 1:
			l.Byte = append(l.Byte, uint16(start+offset))
		case 2:
			l.Word = append(l.Word, uint16(start+offset))
		}
		pc = d.Next()
	}
}

// onto loads the package onto a card and installs the applet.
func (s source) onto(t testing.TB, card *Card) {
	t.Helper()
	if _, err := card.Load(s.assemble(t)); err != nil {
		t.Fatal(err)
	}
	aid := append(bytes.Clone(s.packageAID()), 1)
	if _, err := card.Install(s.packageAID(), aid, aid, nil); err != nil {
		t.Fatal(err)
	}
}

// run makes a card with the applet selected.
func (s source) run(t testing.TB) *Card {
	t.Helper()
	card, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	s.onto(t, card)
	return card
}
