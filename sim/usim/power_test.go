package usim

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"inkan/core/iso7816"
	"inkan/core/uicc"
	"inkan/sim/clock"
	"inkan/sim/nvm"
	"inkan/spec/req"
)

// dump is all that the card's memory says, without any access rule.
func dump(c *card) string {
	var b bytes.Buffer
	u := c.u
	for i := range u.files {
		f := &u.files[i]
		if f.body == 0 {
			continue
		}
		content := make([]byte, bodyContent+f.size)
		u.machine.ReadBytes(f.body, 0, content)
		fmt.Fprintf(&b, "%d %X\n", i, content)
	}
	pins := make([]byte, len(u.keys)*pinBytes)
	u.machine.ReadBytes(u.pins, 0, pins)
	fmt.Fprintf(&b, "%X", pins)
	return b.String()
}

// tries is the tries left in a dump's memory of a key.
func triesOf(c *card, key uicc.KeyReference, puk bool) int {
	p := c.u.pin(c.u.key(key))
	if puk {
		return int(p[pinPUKTries])
	}
	return int(p[pinTries])
}

// cutCase is a command that writes.
type cutCase struct {
	name string
	cmd  uicc.Command
	file uicc.FileID
}

func cutCases() []cutCase {
	sms := bytes.Repeat([]byte{0xA5}, smsBytes)
	return []cutCase{
		{"UPDATE BINARY", uicc.UpdateBinary{Data: bytes.Repeat([]byte{0x33}, 33)}, uicc.EFKeys},
		{"UPDATE RECORD", uicc.UpdateRecord{Number: 2, Data: sms}, uicc.EFSMS},
		{"UPDATE RECORD over a page", uicc.UpdateRecord{Number: 3, Data: sms}, uicc.EFSMS},
		{"UPDATE RECORD cyclic", uicc.UpdateRecord{Mode: uicc.PreviousRecord, Data: []byte{1, 2, 3}}, uicc.EFACM},
		{"INCREASE", uicc.Increase{Value: []byte{1, 2, 3}}, uicc.EFACM},
		{"DEACTIVATE FILE", uicc.ActivateFile{Off: true}, uicc.EFLOCI},
		{"CHANGE PIN", uicc.ChangePIN{Key: uicc.PIN1, Old: testPIN1, New: mustPIN("999999")}, uicc.EFLOCI},
		{"DISABLE PIN", uicc.DisablePIN{Key: uicc.PIN1, Value: testPIN1}, uicc.EFLOCI},
		{"UNBLOCK PIN", unblock(uicc.PIN2, testPUK2, mustPIN("44444")), uicc.EFLOCI},
		{"VERIFY PIN", verify(uicc.PIN1, testPIN1), uicc.EFLOCI},
		{"VERIFY PIN wrong", verify(uicc.PIN1, wrongPIN), uicc.EFLOCI},
	}
}

// prepared is a card on a fork of a memory, ready for a command.
func prepared(t *testing.T, flash *nvm.Flash, file uicc.FileID) *card {
	t.Helper()
	c := newCard(t, options{flash: flash})
	c.usim(uicc.PIN1, uicc.PIN2, uicc.ADM1)
	c.selected(file)
	return c
}

func encoded(t *testing.T, cmd uicc.Command) []byte {
	t.Helper()
	a, err := cmd.APDU(nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := a.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// settled is a dump in which the counters of tries, which a command lowers before
// it does anything, are left out.
func settled(c *card) string {
	for _, k := range c.u.keys {
		at := c.u.key(uicc.KeyReference(k)) * pinBytes
		for _, counter := range []int{pinTries, pinPUKTries} {
			c.u.machine.WriteBytesNonAtomic(c.u.pins, at+counter, []byte{0xEE})
		}
	}
	return dump(c)
}

// TestCutWrites cuts the power before every page update of commands that write:
// what is left is the state before or after, but for the counter of tries, which
// is never higher than before.
func TestCutWrites(t *testing.T) {
	req.Covers(t, "SPEC-USIM-004", "SPEC-USIM-103", "SPEC-USIM-067", "SPEC-USIM-077")
	base := newCard(t, options{}).Machine().Flash()
	for _, k := range cutCases() {
		t.Run(k.name, func(t *testing.T) {
			c := prepared(t, base, k.file)
			beforeTries, beforePUK := triesOf(c, uicc.PIN1, false), triesOf(c, uicc.PIN2, true)
			flash := c.Machine().Flash()
			before := settled(newCard(t, options{flash: flash}))
			var forks []*nvm.Flash
			flash.BeforeUpdate(func(uint32) { forks = append(forks, flash.ForkOn(new(clock.Clock), nil)) })
			c.raw(encoded(t, k.cmd))
			flash.BeforeUpdate(nil)
			after := settled(newCard(t, options{flash: flash}))
			if len(forks) == 0 {
				t.Fatal("nothing is written")
			}
			for i, f := range forks {
				again := newCard(t, options{flash: f})
				if n := triesOf(again, uicc.PIN1, false); n > beforeTries || n < beforeTries-1 {
					t.Errorf("cut %d: %d tries of PIN1, before %d", i, n, beforeTries)
				}
				if n := triesOf(again, uicc.PIN2, true); n > beforePUK || n < beforePUK-1 {
					t.Errorf("cut %d: %d tries of PUK2, before %d", i, n, beforePUK)
				}
				if got := settled(again); got != before && got != after {
					t.Errorf("cut %d of %d: neither before nor after", i, len(forks))
				}
			}
			t.Logf("%d cuts", len(forks))
		})
	}
}

// TestCounterFirst: whatever is cut after the first page update of a presentation,
// the counter has been written.
func TestCounterFirst(t *testing.T) {
	req.Covers(t, "SPEC-USIM-103")
	for _, value := range []uicc.PIN{testPIN1, wrongPIN} {
		c := newCard(t, options{})
		flash := c.Machine().Flash()
		updates := 0
		var first *nvm.Flash
		flash.BeforeUpdate(func(uint32) {
			if updates++; updates == 2 {
				first = flash.ForkOn(new(clock.Clock), nil)
			}
		})
		c.raw(encoded(t, verify(uicc.PIN1, value)))
		flash.BeforeUpdate(nil)
		if first == nil {
			first = flash
		}
		if n := triesOf(newCard(t, options{flash: first}), uicc.PIN1, false); n != 2 {
			t.Errorf("%d tries after the first update", n)
		}
	}
}

// TestCutCycles cuts the power at any cycle of a command.
func TestCutCycles(t *testing.T) {
	req.Covers(t, "SPEC-USIM-004")
	base := newCard(t, options{}).Machine().Flash()
	random := rand.New(rand.NewPCG(3, 4))
	for _, k := range cutCases() {
		whole := prepared(t, base, k.file)
		flash := whole.Machine().Flash().ForkOn(new(clock.Clock), nil)
		before := settled(newCard(t, options{flash: flash}))
		command := encoded(t, k.cmd)
		start := whole.k.Now()
		whole.raw(command)
		length := whole.k.Now() - start
		after := settled(newCard(t, options{flash: whole.Machine().Flash()}))
		for range 20 {
			c := prepared(t, base, k.file)
			c.k.CutAt(c.k.Now() + 1 + random.Uint64N(length-1))
			if _, err := c.Transmit(context.Background(), command, nil); err == nil {
				t.Fatalf("%s is not cut", k.name)
			}
			if got := settled(newCard(t, options{flash: c.Machine().Flash()})); got != before && got != after {
				t.Fatalf("%s: neither before nor after", k.name)
			}
		}
	}
}

// TestCutFormat cuts the power at any cycle of the first boot: the next one makes
// the card, and no memory is lost.
func TestCutFormat(t *testing.T) {
	req.Covers(t, "SPEC-USIM-004")
	whole := newCard(t, options{})
	want, length := dump(whole), whole.k.Now()
	whole.reset()
	whole.Machine().Collect()
	free := whole.Machine().FreeBytes()
	files, pins, err := testProfile().Build()
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(5, 6))
	for range 25 {
		c := unbooted(t, Config{Files: files, PINs: pins, Authentication: &testAuth}, erased(t))
		c.k.CutAt(1 + random.Uint64N(length-1))
		if _, err := c.Reset(context.Background(), false); err == nil {
			t.Fatal("the boot is not cut")
		}
		again := newCard(t, options{flash: c.flash})
		if dump(again) != want {
			t.Fatal("another card")
		}
		again.reset()
		again.Machine().Collect()
		if got := again.Machine().FreeBytes(); got < free-64 {
			t.Errorf("%d bytes free, want %d", got, free)
		}
	}
}

// TestCollected: a collection takes nothing of the UICC.
func TestCollected(t *testing.T) {
	req.Covers(t, "SPEC-USIM-004")
	c := newCard(t, options{})
	want := dump(c)
	for range 3 {
		c.reset()
		c.Machine().Collect()
		if dump(c) != want {
			t.Fatal("a collection took files")
		}
	}
	c.usim(uicc.PIN1)
	c.do(uicc.ReadBinary{SFI: 7}, iso7816.OK)
}

// TestFull: a memory that cannot hold the files is an error of the boot.
func TestFull(t *testing.T) {
	p := testProfile()
	p.SMSStored, p.Contacts = 150, 250
	files, pins, err := p.Build()
	if err != nil {
		t.Fatal(err)
	}
	for len(files) < 200 {
		more := transparent(uicc.FileID(0x6A00+len(files)), 0, ruleOpen, make([]byte, MaxFileBytes))
		more.Rule.File = uicc.EFARR
		files = append(files, more)
	}
	if _, err := tryCardOf(t, Config{Files: files, PINs: pins}, erased(t)); err == nil {
		t.Error("no error")
	}
}
