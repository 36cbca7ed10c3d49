package runtime

import (
	"context"
	"encoding/hex"
	"strings"
	"testing"

	"inkan/core/apdu"
	"inkan/core/cap"
	"inkan/core/entropy"
	"inkan/core/iso7816"
	"inkan/core/jcapi"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	"inkan/sim/vm"
)

// plain is a platform with nothing but what a test puts into it.
type plain struct {
	channel    SecureChannel
	cvm        CVM
	state      byte
	lifeCycle  map[string]byte
	privileges [3]byte
	historical []byte
	deselected int
	service    GlobalService
}

func (p *plain) Attach(*Card)                                {}
func (p *plain) Booted()                                     {}
func (p *plain) Resident([]byte) Resident                    { return nil }
func (p *plain) Default() ([]byte, Resident)                 { return nil, nil }
func (p *plain) MaySelect(*Applet) bool                      { return true }
func (p *plain) Deselected(*Applet, int)                     { p.deselected++ }
func (p *plain) SecureChannel(*Applet) SecureChannel         { return p.channel }
func (p *plain) Privileges(*Applet) [3]byte                  { return p.privileges }
func (p *plain) LifeCycle(a *Applet) byte                    { return p.lifeCycle[string(a.AID)] }
func (p *plain) CardState() byte                             { return p.state }
func (p *plain) SetCardState(_ *Applet, state byte) bool     { p.state = state; return true }
func (p *plain) SetHistoricalBytes(_ *Applet, b []byte) bool { p.historical = b; return true }
func (p *plain) Service(*Applet, []byte, uint16) GlobalService {
	return p.service
}
func (p *plain) CVM(id byte) CVM {
	if id == 0x11 {
		return p.cvm
	}
	return nil
}
func (p *plain) SetLifeCycle(_, a *Applet, state byte) bool {
	p.lifeCycle[string(a.AID)] = state
	return true
}

// bench is a card with a package whose context the tests act in.
type bench struct {
	t *testing.T
	*Card
	platform *plain
	ctx      vm.Context
	methods  map[string]*vm.Method
	count    byte
}

func newBench(t *testing.T, change func(*Config)) *bench {
	t.Helper()
	b := &bench{t: t, platform: &plain{lifeCycle: map[string]byte{}}, methods: map[string]*vm.Method{}}
	k := new(clock.Clock)
	flash, err := nvm.NewFlash(engine.Reference().NVM, k, nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Chip: engine.Reference(), Flash: flash, Clock: k, Entropy: entropy.Seeded(1, "bench"), Platform: b.platform, Protocol: 1}
	cfg.Options.NoVerification = true // the packages below have no classes
	if change != nil {
		change(&cfg)
	}
	if b.Card, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	b.reset()
	b.ctx = b.method("javacard/framework/JCSystem.getVersion()S").Package().Context()
	return b
}

func (b *bench) reset() {
	b.t.Helper()
	if _, err := b.Reset(context.Background(), false); err != nil {
		b.t.Fatal(err)
	}
	clear(b.methods)
	for _, p := range b.machine.Packages() {
		if name := string(p.File().Header.Name); strings.Contains(name, "(") {
			b.methods[name] = p.Method(1)
		}
	}
}

// method is a static method of a new package that calls a static API method
// with its own parameters.
func (b *bench) method(name string) *vm.Method {
	b.t.Helper()
	if m := b.methods[name]; m != nil {
		return m
	}
	open := strings.IndexByte(name, '(')
	dot := strings.LastIndexByte(name[:open], '.')
	class := jcapi.ClassByName(name[:dot])
	method := class.MethodNamed(name[dot+1:open], name[open:])
	if method == nil || !method.Static {
		b.t.Fatalf("no static method %s", name)
	}
	var minor byte
	for _, p := range API() {
		if p.Name == class.Package.Name {
			minor = p.Version.Minor
		}
	}
	code, words := caller(name[open:])
	b.count++
	f := &cap.File{
		Header: cap.Header{Format: cap.Version{Major: 2, Minor: 2}, Name: []byte(name),
			Package: cap.PackageInfo{AID: []byte{0xF0, 1, 2, 3, 4, b.count}, Version: cap.Version{Major: 1}}},
		Imports:   []cap.PackageInfo{{AID: class.Package.AID, Version: cap.Version{Major: class.Package.Major, Minor: minor}}},
		Constants: []cap.Constant{{Kind: cap.StaticMethodref, Info: [3]byte{0x80, class.Token, method.Token}}},
		// No handlers, and a method header in the extended form.
		Method: cap.MethodComponent{Info: append([]byte{0, cap.MethodExtended << 4, words + 2, words, 0}, code...)},
	}
	f.FillDirectory()
	p, err := b.Card.Load(f.Components())
	if err != nil {
		b.t.Fatalf("%s: %v", name, err)
	}
	b.methods[name] = p.Method(1)
	return b.methods[name]
}

// caller is code that passes parameters on, and the words that they take.
func caller(descriptor string) (code []byte, words byte) {
	const aload, sload, iload, invokestatic = 0x15, 0x16, 0x17, 0x8D
	i := 1
	for ; descriptor[i] != ')'; i++ {
		op := byte(sload)
		switch descriptor[i] {
		case '[', 'L':
			op = aload
			for descriptor[i] == '[' {
				i++
			}
			if descriptor[i] == 'L' {
				i += strings.IndexByte(descriptor[i:], ';')
			}
		case 'I':
			op = iload
		}
		code = append(code, op, words)
		words++
		if op == iload {
			words++
		}
	}
	result := map[byte]byte{'V': 0x7A, 'S': 0x78, 'B': 0x78, 'Z': 0x78, 'I': 0x79, 'L': 0x77, '[': 0x77}[descriptor[i+1]]
	return append(code, invokestatic, 0, 0, result), words
}

// call runs a static API method in the bench's context. Arguments are ints
// (shorts, bytes, booleans) and vm.Ref.
func (b *bench) call(name string, args ...any) (int32, *vm.Exception) {
	b.t.Helper()
	m := b.method(name)
	return b.machine.InvokeStatic(b.ctx, m, wordsOf(args)...)
}

func wordsOf(args []any) (words []vm.Word) {
	for _, a := range args {
		switch a := a.(type) {
		case int:
			words = append(words, vm.ShortWord(int16(a)))
		case vm.Ref:
			words = append(words, vm.RefWord(a))
		case int32:
			words = append(words, vm.ShortWord(int16(a>>16)), vm.ShortWord(int16(a)))
		}
	}
	return words
}

// virtual calls a virtual API method of an object.
func (b *bench) virtual(ref vm.Ref, class *vm.APIClass, name, descriptor string, args ...any) (int32, *vm.Exception) {
	b.t.Helper()
	for c := class; c != nil; c = c.Super {
		for token, n := range c.Virtual {
			if n.Name == name && n.Descriptor == descriptor {
				if b.machine.ClassOf(ref).Is(b.machine.Class(class)) && class.Access&jcapi.Interface == 0 {
					return b.machine.Invoke(b.ctx, ref, c, token, wordsOf(args)...)
				}
				return b.machine.InvokeInterface(b.ctx, ref, c, token, wordsOf(args)...)
			}
		}
	}
	b.t.Fatalf("no method %s.%s%s", class.Name, name, descriptor)
	return 0, nil
}

// want checks a result, want an int, or an exception, want "ClassName 0003".
func (b *bench) want(what string, got int32, e *vm.Exception, want any) {
	b.t.Helper()
	switch want := want.(type) {
	case int:
		if e != nil || got != int32(want) {
			b.t.Errorf("%s: %d, %v; want %d", what, got, e, want)
		}
	case string:
		if e == nil || e.Error()[strings.LastIndexByte(e.Error(), '/')+1:] != want {
			b.t.Errorf("%s: %d, %v; want %s", what, got, e, want)
		}
	}
}

// expect is want of call.
func (b *bench) expect(name string, want any, args ...any) {
	b.t.Helper()
	got, e := b.call(name, args...)
	b.want(name, got, e, want)
}

// bytes makes a byte array in NVM.
func (b *bench) bytes(content ...byte) (ref vm.Ref) {
	b.t.Helper()
	if e := b.machine.Try(func() {
		ref = b.machine.NewArray(b.ctx, vm.ByteArray, int16(len(content)))
		b.machine.WriteBytes(ref, 0, content)
		b.machine.AddRoot(ref)
	}); e != nil {
		b.t.Fatal(e)
	}
	return ref
}

func (b *bench) read(ref vm.Ref) []byte {
	c := make([]byte, int(b.machine.ArrayLength(ref)))
	b.machine.ReadBytes(ref, 0, c)
	return c
}

func (b *bench) send(command string) ([]byte, iso7816.SW) {
	b.t.Helper()
	raw, err := hex.DecodeString(command)
	if err != nil {
		b.t.Fatal(err)
	}
	out, err := b.Transmit(context.Background(), raw, nil)
	if err != nil {
		b.t.Fatalf("%s: %v", command, err)
	}
	r, err := apdu.DecodeResponse(out)
	if err != nil {
		b.t.Fatal(err)
	}
	return r.Data, r.SW
}

// exchange checks data and status word, in hex.
func (b *bench) exchange(command, want string) {
	b.t.Helper()
	data, sw := b.send(command)
	got := strings.ToUpper(hex.EncodeToString(append(data, sw.SW1(), sw.SW2())))
	if got != strings.ReplaceAll(want, " ", "") {
		b.t.Errorf("%s: %s, want %s", command, got, want)
	}
}
