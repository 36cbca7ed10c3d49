package vm

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"inkan/core/cap"
	"inkan/core/jcapi"
	"inkan/sim/clock"
	"inkan/spec/req"
)

// A package that needs what is not there is refused with the whole list, by
// name, and nothing is left of it.
func TestLinkErrorIsComplete(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-021", "SPEC-JCVM-022")
	c := newTestCard(t)
	util := c.rom.class("javacard/framework/Util")
	delete(util.Static, 1) // arrayCopy
	delete(util.Static, 2) // arrayCopyNonAtomic
	delete(c.rom.class("javacard/framework/APDU").Virtual, 8)
	if err := c.rebuild(); err != nil {
		t.Fatal(err)
	}
	before, free := dump(c.Machine), c.FreeBytes()
	_, err := c.Load(corpusFile(t, "trans-305").Components())
	var link *LinkError
	if !errors.As(err, &link) {
		t.Fatal(err)
	}
	for _, want := range []string{"javacard/framework/Util.arrayCopy([BS[BSS)S", "javacard/framework/Util.arrayCopyNonAtomic([BS[BSS)S", "javacard/framework/APDU.setOutgoingAndSend(SS)V"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %s", err, want)
		}
	}
	if len(link.Unresolved) != 3 {
		t.Errorf("%d unresolved, want 3: %v", len(link.Unresolved), err)
	}
	if _, err := c.Load(corpusFile(t, "libuser-305").Components()); err == nil || !strings.Contains(err.Error(), "package F0696E6B616E430B 1.0 is not on the card") {
		t.Error(err)
	}
	for _, v := range []cap.Version{{Major: 1, Minor: 200}, {Major: 2}} {
		f := packageOf(program{})
		f.Imports[1].Version = v
		if _, err := c.Load(f.Components()); err == nil || !strings.Contains(err.Error(), "is on the card as 1.9") {
			t.Error(err)
		}
	}
	if dump(c.Machine) != before || c.FreeBytes() != free {
		t.Error("a refused load left something")
	}
}

// rebuild makes the machine again on an erased memory, after a change of ROM.
func (c *testCard) rebuild() (err error) {
	c.Machine, err = New(c.cfg)
	return err
}

func corpusFile(t tester, name string) *cap.File {
	t.Helper()
	f, err := cap.Open(readCorpus(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A memory that is not this card's is refused and left alone.
func TestOtherCard(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-017")
	c := newTestCard(t)
	var image, after bytes.Buffer
	cfg := c.cfg
	cfg.API = c.rom.packages[:2]
	c.flash.Snapshot(&image)
	if _, err := New(cfg); err != ErrOtherCard {
		t.Error(err)
	}
	c.flash.Write(0, []byte("other"))
	if _, err := New(c.cfg); err != ErrOtherCard {
		t.Error(err)
	}
	c.flash.Write(0, []byte(superMagic[:5]))
	c.flash.Snapshot(&after)
	if err := c.Reset(); err != nil {
		t.Error(err)
	}
}

// Power cut at any cycle of a run: the ledger stays true, and the card boots.
func TestPowerCutAtAnyCycle(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-070", "SPEC-JCVM-071", "SPEC-JCVM-013")
	c := newTestCard(t)
	c.prepare()
	p := loadCorpus(t, c, "trans-305")
	applet := c.installApplet(t, p, p.Applets()[0].AID)
	command := []byte{0x80, 0x12, 5, 1, 2}
	d := c.fork(t)
	d.prepare()
	d.rom.apdu.applet = applet
	start := d.clk.Now()
	if got := d.send(applet, command, false); got != "0010 9000" {
		t.Fatal(got)
	}
	total := d.clk.Now() - start
	for at := uint64(1); at < total; at += 97 {
		d := c.fork(t)
		d.prepare()
		d.clk.CutAt(d.clk.Now() + at)
		now := d.clk.Now()
		if cut := clock.Guard(func() { d.send(applet, command, false) }); cut == nil || cut.Cycle != now+at {
			t.Fatalf("cut %v, want at %d", cut, now+at)
		}
		d.checkLedger(t)
		if at%7 == 0 { // and again while it boots
			d.clk.CutAt(d.clk.Now() + 1 + at%1500)
			if clock.Guard(func() { d.Reset() }) == nil {
				d.clk.CutAt(0)
			}
		}
		if err := d.Reset(); err != nil {
			t.Fatal(err)
		}
		d.prepare()
		if got := d.send(applet, []byte{0x80, 0x12, 5, 1, 2}, false); got != "0010 9000" {
			t.Fatalf("after a cut at %d: %s", at, got)
		}
	}
}

// A call of an API interface's method that no class in ROM implements is found
// when the package is linked, although its token stands in the code alone.
func TestMissingInterfaceMethod(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-021")
	for _, missing := range []bool{false, true} {
		c := newTestCard(t)
		if missing {
			for _, k := range c.rom.packages[1].Classes {
				for token, n := range k.Virtual {
					if n.Name == "isValidated" && !k.isInterface() {
						delete(k.Virtual, token)
					}
				}
			}
		}
		if err := c.rebuild(); err != nil {
			t.Fatal(err)
		}
		token := jcapi.ClassByName("javacard/framework/PIN").MethodNamed("isValidated", "()Z").Token
		f := packageOf(program{code: []byte{0x18, 0x8E, 1, 0, byte(constShareable), token, 0x78}, stack: 2, args: 1})
		f.Constants[constShareable] = cap.Constant{Kind: cap.Classref, Info: [3]byte{0x81, 1, 0}}
		f.RefLocation.Word = []uint16{uint16(f.Method.CodeStart()) + 4 + 3}
		f.FillDirectory()
		_, err := c.Load(f.Components())
		var link *LinkError
		if missing != errors.As(err, &link) || missing && link.Unresolved[0].Name != "javacard/framework/PIN.isValidated()Z" {
			t.Errorf("missing %v: %v", missing, err)
		}
	}
}

func (a *APIClass) isInterface() bool { return a.Access&jcapi.Interface != 0 }
