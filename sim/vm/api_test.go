package vm

import (
	"inkan/core/cap"
	"inkan/core/jcapi"
	"inkan/core/observe"
	"inkan/sim/clock"
	"inkan/sim/nvm"
)

// The tests' own API: the packages of jcapi, whose constructors do nothing,
// whose exceptions work, and of whose other methods only those that the corpus
// needs do something.

// testROM is an API with the state that its natives keep on the host.
type testROM struct {
	packages []*APIPackage
	byName   map[string]*APIClass
	apdu     testAPDU
}

type testAPDU struct {
	object, buffer Ref
	out            []byte
	selecting      bool
	applet         Ref
	lc             int16
	received, le   int16
}

func (r *testROM) class(name string) *APIClass { return r.byName[name] }

// natives by "class.name" or "class.name descriptor".
type testNatives map[string]func(*testROM, *Call)

var testMethods = testNatives{
	"java/lang/Object.equals": func(r *testROM, c *Call) { c.ReturnBool(c.This() == c.Ref(0)) },
	"javacard/framework/Applet.register": func(r *testROM, c *Call) {
		r.apdu.applet = c.This()
		c.Machine().AddRoot(c.This())
	},
	"javacard/framework/Applet.selectingApplet":     func(r *testROM, c *Call) { c.ReturnBool(r.apdu.selecting) },
	"javacard/framework/Applet.select":              func(r *testROM, c *Call) { c.ReturnBool(true) },
	"javacard/framework/Applet.deselect":            func(r *testROM, c *Call) {},
	"javacard/framework/APDU.getBuffer":             func(r *testROM, c *Call) { c.ReturnRef(r.apdu.buffer) },
	"javacard/framework/APDU.setIncomingAndReceive": func(r *testROM, c *Call) { c.ReturnShort(r.apdu.lc) },
	"javacard/framework/APDU.setOutgoing":           func(r *testROM, c *Call) { c.ReturnShort(256) },
	"javacard/framework/APDU.setOutgoingLength":     func(r *testROM, c *Call) {},
	"javacard/framework/APDU.setOutgoingAndSend":    (*testROM).send,
	"javacard/framework/APDU.sendBytes":             (*testROM).send,
	"javacard/framework/JCSystem.beginTransaction":  func(r *testROM, c *Call) { c.Machine().Begin() },
	"javacard/framework/JCSystem.commitTransaction": func(r *testROM, c *Call) { c.Machine().Commit() },
	"javacard/framework/JCSystem.abortTransaction":  func(r *testROM, c *Call) { c.Machine().Abort() },
	"javacard/framework/JCSystem.getTransactionDepth": func(r *testROM, c *Call) {
		c.ReturnByte(int8(c.Machine().TransactionDepth()))
	},
	"javacard/framework/JCSystem.makeTransientByteArray":    transient(ByteArray),
	"javacard/framework/JCSystem.makeTransientShortArray":   transient(ShortArray),
	"javacard/framework/JCSystem.makeTransientBooleanArray": transient(BooleanArray),
	"javacard/framework/JCSystem.makeTransientObjectArray": func(r *testROM, c *Call) {
		c.ReturnRef(c.Machine().NewReferenceArray(c.Context(), r.class("java/lang/Object"), c.Short(0), Event(c.Byte(1))))
	},
	"javacard/framework/JCSystem.requestObjectDeletion": func(r *testROM, c *Call) { c.Machine().RequestObjectDeletion() },
	"javacard/framework/Util.arrayCopy":                 func(r *testROM, c *Call) { copyArray(c, true) },
	"javacard/framework/Util.arrayCopyNonAtomic":        func(r *testROM, c *Call) { copyArray(c, false) },
	"javacard/framework/Util.arrayFillNonAtomic": func(r *testROM, c *Call) {
		c.Range(c.Ref(0), c.Short(1), c.Short(2))
		c.Machine().FillNonAtomic(c.Ref(0), int(c.Short(1)), int(c.Short(2)), byte(c.Byte(3)))
		c.ReturnShort(c.Short(1) + c.Short(2))
	},
	"javacard/framework/Util.arrayCompare": compareArrays,
	"javacard/framework/Util.makeShort": func(r *testROM, c *Call) {
		c.ReturnShort(int16(c.Byte(0))<<8 | int16(uint8(c.Byte(1))))
	},
	"javacard/framework/Util.getShort": func(r *testROM, c *Call) {
		c.Range(c.Ref(0), c.Short(1), 2)
		var b [2]byte
		c.Machine().ReadBytes(c.Ref(0), int(c.Short(1)), b[:])
		c.ReturnShort(int16(uint16(b[0])<<8 | uint16(b[1])))
	},
	"javacard/framework/Util.setShort": func(r *testROM, c *Call) {
		c.Range(c.Ref(0), c.Short(1), 2)
		c.Machine().WriteBytes(c.Ref(0), int(c.Short(1)), []byte{byte(uint16(c.Short(2)) >> 8), byte(c.Short(2))})
		c.ReturnShort(c.Short(1) + 2)
	},
}

func transient(t ArrayType) func(*testROM, *Call) {
	return func(r *testROM, c *Call) {
		c.ReturnRef(c.Machine().NewTransientArray(c.Context(), t, c.Short(0), Event(c.Byte(1))))
	}
}

func (r *testROM) send(c *Call) {
	c.Range(r.apdu.buffer, c.Short(0), c.Short(1))
	b := make([]byte, c.Short(1))
	c.Machine().ReadBytes(r.apdu.buffer, int(c.Short(0)), b)
	r.apdu.out = append(r.apdu.out, b...)
}

func copyArray(c *Call, atomic bool) {
	src, so, dst, do, n := c.Ref(0), c.Short(1), c.Ref(2), c.Short(3), c.Short(4)
	c.Range(src, so, n)
	c.Range(dst, do, n)
	b := make([]byte, n)
	c.Machine().ReadBytes(src, int(so), b)
	if atomic {
		c.Machine().WriteBytes(dst, int(do), b)
	} else {
		c.Machine().WriteBytesNonAtomic(dst, int(do), b)
	}
	c.ReturnShort(do + n)
}

func compareArrays(r *testROM, c *Call) {
	c.Range(c.Ref(0), c.Short(1), c.Short(4))
	c.Range(c.Ref(2), c.Short(3), c.Short(4))
	a, b := make([]byte, c.Short(4)), make([]byte, c.Short(4))
	c.Machine().ReadBytes(c.Ref(0), int(c.Short(1)), a)
	c.Machine().ReadBytes(c.Ref(2), int(c.Short(3)), b)
	for i := range a {
		if a[i] != b[i] {
			if int8(a[i]) < int8(b[i]) {
				c.ReturnByte(-1)
			} else {
				c.ReturnByte(1)
			}
			return
		}
	}
	c.ReturnByte(0)
}

// newTestROM builds the API.
func newTestROM() *testROM {
	r := &testROM{byName: map[string]*APIClass{}}
	for _, name := range []string{"java/lang", "javacard/framework", "javacard/security"} {
		p := jcapi.ByName(name)
		q := &APIPackage{Name: name, AID: p.AID, Version: cap.Version{Major: p.Major, Minor: p.Minor}}
		for _, c := range p.Classes {
			a := &APIClass{Token: c.Token, Name: c.FullName(), Access: c.Access, Virtual: map[byte]*Native{}, Static: map[byte]*Native{}}
			r.byName[a.Name] = a
			q.Classes = append(q.Classes, a)
		}
		r.packages = append(r.packages, q)
	}
	for _, a := range r.byName {
		r.fill(a, jcapi.ClassByName(a.Name))
	}
	return r
}

func (r *testROM) fill(a *APIClass, c *jcapi.Class) {
	if c.Access&jcapi.Interface == 0 {
		a.Super = r.byName[c.Super]
	}
	for _, i := range c.Interfaces {
		if k := r.byName[i]; k != nil {
			a.Interfaces = append(a.Interfaces, k)
		}
	}
	if a.Name == "javacard/framework/CardException" || a.Name == "javacard/framework/CardRuntimeException" {
		a.DataCells = 1
	}
	for i := range c.Methods {
		k := &c.Methods[i]
		n := &Native{Name: k.Name, Descriptor: k.Descriptor, Cycles: 100, Func: r.native(a, k)}
		if k.Static {
			a.Static[k.Token] = n
		} else {
			a.Virtual[k.Token] = n
		}
	}
}

func (r *testROM) native(a *APIClass, k *jcapi.Method) func(*Call) {
	for b := a; b != nil; b = b.Super {
		if fn := testMethods[b.Name+"."+k.Name]; fn != nil {
			return func(c *Call) { fn(r, c) }
		}
	}
	switch {
	case k.Name == "<init>" && k.Descriptor == "(S)V":
		return func(c *Call) { r.setReason(c.Machine(), c.This(), c.Short(0)) }
	case k.Name == "<init>":
		return func(*Call) {}
	case k.Name == "throwIt":
		return func(c *Call) { c.Throw(a, c.Short(0)) }
	case k.Name == "setReason":
		return func(c *Call) { r.setReason(c.Machine(), c.This(), c.Short(0)) }
	case k.Name == "getReason":
		return func(c *Call) {
			m := c.Machine()
			c.ReturnShort(int16(m.DataCell(c.This(), r.reasonClass(m.ClassOf(c.This())), 0)))
		}
	}
	return func(c *Call) { c.Throw(r.class("javacard/framework/SystemException"), 0x7777) } // not in the tests' API
}

func (r *testROM) reasonClass(c *Class) *APIClass {
	for ; c != nil; c = c.Super() {
		if c.API() != nil && c.API().DataCells == 1 {
			return c.API()
		}
	}
	return nil
}

func (r *testROM) setReason(m *Machine, ref Ref, v int16) {
	if k := r.reasonClass(m.ClassOf(ref)); k != nil {
		m.SetDataCell(ref, k, 0, uint16(v))
	}
}

// testGeometry is a memory that is small enough to walk often.
var testGeometry = nvm.Geometry{SizeBytes: 128 << 10, PageBytes: 64, EraseCycles: 1000, ProgramCycles: 100, WordBytes: 4, WordCycles: 10}

// testCard is a machine with what it is made of.
type testCard struct {
	*Machine
	rom   *testROM
	flash *nvm.Flash
	clk   *clock.Clock
}

func testConfig(rom *testROM, f *nvm.Flash, k *clock.Clock) Config {
	costs := &Costs{CodeByte: 1, DataAccess: 2, DataByte: 1, Firewall: 3, Switch: 20, SwitchPair: 2, Unwind: 5, Allocate: 50,
		LinkByte: 2, LinkEntry: 10, MarkObject: 10, SweepBlock: 5, BootBlock: 5}
	for i := range costs.Opcode {
		costs.Opcode[i] = 10
	}
	return Config{Flash: f, Clock: k, API: rom.packages, Costs: costs}
}

func newTestCard(t tester, change ...func(*Config)) *testCard {
	t.Helper()
	return newTestCardOn(t, testGeometry, nil, change...)
}

func newTestCardOn(t tester, g nvm.Geometry, o observe.Observer, change ...func(*Config)) *testCard {
	t.Helper()
	c := &testCard{rom: newTestROM(), clk: &clock.Clock{}}
	var err error
	if c.flash, err = nvm.NewFlash(g, c.clk, o); err != nil {
		t.Fatal(err)
	}
	cfg := testConfig(c.rom, c.flash, c.clk)
	cfg.Observer = o
	for _, f := range change {
		f(&cfg)
	}
	if c.Machine, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	return c
}

// forkCard is the card that a power cut now would leave, not booted yet.
func (c *testCard) fork(t tester) *testCard {
	t.Helper()
	d := &testCard{rom: newTestROM(), clk: &clock.Clock{}}
	d.flash = c.flash.ForkOn(d.clk, nil)
	cfg := c.cfg
	cfg.Flash, cfg.Clock, cfg.API, cfg.Observer = d.flash, d.clk, d.rom.packages, nil
	var err error
	if d.Machine, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	return d
}

// checkLedger asserts conservation.
func (c *testCard) checkLedger(t tester) {
	t.Helper()
	if c.clk.Ledger().Sum() != c.clk.Now() {
		t.Errorf("ledger %d, clock %d", c.clk.Ledger().Sum(), c.clk.Now())
	}
}

// tester is what the helpers need of *testing.T, *testing.B, *testing.F and
// *rapid.T.
type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}
