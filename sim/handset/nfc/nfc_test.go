package nfc

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/gp"
	"inkan/sim/handset/device"
	"inkan/sim/handset/fault"
	"inkan/spec/req"
)

var (
	jpki  = gp.MustAID("F000000001AA01")
	train = gp.MustAID("F000000002BB01") // always on, whatever the screen
	shop  = gp.MustAID("F000000003CC01") // always on, screen unlocked
	host  = gp.MustAID("F000000004DD01") // not on the SIM
)

type target struct {
	seen   [][]byte
	typeB  bool
	left   int
	answer []byte
	cut    bool
}

func (d *target) Near(_ context.Context, typeB bool, cmd, dst []byte) ([]byte, error) {
	if d.cut {
		return dst, errors.New("cut")
	}
	d.seen, d.typeB = append(d.seen, append([]byte(nil), cmd...)), typeB
	return append(dst, d.answer...), nil
}

func (d *target) Leave(context.Context) error { d.left++; return nil }

func controller(t testing.TB) (*Controller, *target) {
	t.Helper()
	d := &target{answer: []byte{0x90, 0}}
	c := &Controller{Types: device.NFCA | device.NFCB | device.NFCF, Target: d}
	if err := c.SetRoutes(Route{AID: jpki, OnSIM: true, Screen: ScreenUnlocked}, Route{AID: train, OnSIM: true, Always: true},
		Route{AID: host, Always: true}); err != nil {
		t.Fatal(err)
	}
	c.Switch(true)
	c.SetScreen(ScreenUnlocked)
	return c, d
}

func want(t testing.TB, err error, code fault.Code) {
	t.Helper()
	f := (*fault.Error)(nil)
	if errors.As(err, &f) && f.Code == code || code == "" && err == nil {
		return
	}
	t.Errorf("error %v, want %q", err, code)
}

func enter(t testing.TB, c *Controller) *Field {
	t.Helper()
	f, err := c.Enter(device.NFCB)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func send(t testing.TB, f *Field, cmd string) string {
	t.Helper()
	raw, err := hex.DecodeString(cmd)
	if err != nil {
		t.Fatal(err)
	}
	out, err := f.Transmit(t.Context(), raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%X", out)
}

const selectJPKI, selectTrain = "00A4040007F000000001AA01", "00A4040007F000000002BB01"

func TestHoldersAct(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-070", "SPEC-HANDSET-074", "SPEC-HANDSET-075", "SPEC-HANDSET-077")
	c, d := controller(t)
	var heard []Transaction
	c.Listener = func(x Transaction) { heard = append(heard, x) }
	f := enter(t, c) // for train
	if got := send(t, f, selectJPKI); got != "6A82" {
		t.Errorf("not activated: %s", got)
	}
	if got := send(t, f, "0020008004"+"31323334"); got != "6985" || len(d.seen) != 0 {
		t.Errorf("before SELECT: %s, the card saw %x", got, d.seen)
	}
	want(t, f.Leave(t.Context()), "")
	if d.left != 0 || len(heard) != 0 {
		t.Error("a reader that selected nothing was a transaction")
	}
	want(t, c.Activate(jpki), "")
	f = enter(t, c)
	if got := send(t, f, "00A4040005F000000001"); got != "6A82" {
		t.Errorf("partial AID: %s", got)
	}
	d.answer = []byte{0x69, 0x99}
	if got := send(t, f, selectJPKI); got != "6999" || send(t, f, "00B0000000") != "6985" {
		t.Errorf("refused by the card: %s", got)
	}
	d.answer = []byte{0x90, 0}
	for _, cmd := range []string{selectJPKI, "00B0000000", "80CADF3200"} {
		if got := send(t, f, cmd); got != "9000" || !d.typeB {
			t.Errorf("%s: %s", cmd, got)
		}
	}
	want(t, f.Leave(t.Context()), "")
	want(t, f.Leave(t.Context()), "")
	if d.left != 1 || !c.Activated().IsZero() || len(heard) != 1 || heard[0].Selected[0] != jpki || heard[0].Commands != 4 {
		t.Errorf("left %d times, heard %+v", d.left, heard)
	}
	_, err := f.Transmit(t.Context(), []byte{0, 0xB0, 0, 0, 0}, nil)
	want(t, err, fault.FieldLost)
	if got := send(t, enter(t, c), selectJPKI); got != "6A82" {
		t.Errorf("a second transaction: %s", got)
	}
}

func TestActIsTakenBack(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-070", "SPEC-HANDSET-072")
	c, d := controller(t)
	if err := c.SetRoutes(Route{AID: jpki, OnSIM: true, Screen: ScreenUnlocked}); err != nil {
		t.Fatal(err)
	}
	_, err := c.Enter(device.NFCA)
	want(t, err, fault.NFCOff)
	for name, undo := range map[string]func(){"deactivated": c.Deactivate, "reset": c.Interrupt, "screen": func() { c.SetScreen(ScreenLocked) }, "switch": func() { c.Switch(false); c.Switch(true) }} {
		c.SetScreen(ScreenUnlocked)
		want(t, c.Activate(jpki), "")
		undo()
		c.SetScreen(ScreenUnlocked)
		if _, err := c.Enter(device.NFCA); err == nil {
			t.Errorf("%s: the act is still there", name)
		}
	}
	want(t, c.Activate(jpki), "")
	f := enter(t, c)
	send(t, f, selectJPKI)
	c.SetScreen(ScreenLocked)
	_, err = f.Transmit(t.Context(), []byte{0, 0xB0, 0, 0, 0}, nil)
	want(t, err, fault.FieldLost)
	want(t, f.Leave(t.Context()), "")
	if d.left != 1 {
		t.Error("what was selected is still there")
	}
	want(t, c.Activate(host), fault.NoApplication)
	want(t, c.Activate(jpki), fault.ScreenRule)
	c.Switch(false)
	want(t, c.Activate(jpki), fault.NFCOff)
}

func TestNoCard(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-071", "SPEC-HANDSET-073")
	c, _ := controller(t)
	for _, kind := range []device.NFCType{device.NFCF, device.NFCA | device.NFCB, 0} {
		_, err := c.Enter(kind)
		want(t, err, fault.NoTechnology)
	}
	f := enter(t, c)
	_, err := c.Enter(device.NFCA)
	want(t, err, fault.FieldBusy)
	want(t, c.Activate(jpki), fault.FieldBusy)
	want(t, f.Leave(t.Context()), "")
	want(t, enter(t, c).Leave(t.Context()), "")
	c.Switch(false)
	_, err = c.Enter(device.NFCA)
	want(t, err, fault.NFCOff)
	c.Types = device.NFCA
	c.Switch(true)
	_, err = c.Enter(device.NFCB)
	want(t, err, fault.NoTechnology)
	_, err = new(Controller).Enter(device.NFCA)
	want(t, err, fault.NoNFC)
	want(t, new(Controller).Activate(jpki), fault.NoNFC)
}

func TestScreen(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-071", "SPEC-HANDSET-072")
	c, _ := controller(t)
	if err := c.SetRoutes(Route{AID: shop, OnSIM: true, Always: true, Screen: ScreenUnlocked}, Route{AID: train, OnSIM: true, Always: true, Screen: ScreenLocked}); err != nil {
		t.Fatal(err)
	}
	for s, open := range map[Screen][2]string{ScreenUnlocked: {"9000", "9000"}, ScreenLocked: {"9000", "6A82"}} {
		c.SetScreen(s)
		f := enter(t, c)
		if a, b := send(t, f, selectTrain), send(t, f, "00A4040007F000000003CC01"); a != open[0] || b != open[1] {
			t.Errorf("screen %v: %s %s", s, a, b)
		}
		want(t, f.Leave(t.Context()), "")
	}
	c.SetScreen(ScreenOff)
	_, err := c.Enter(device.NFCA)
	want(t, err, fault.ScreenRule)
}

func TestChannels(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-076")
	c, d := controller(t)
	f := enter(t, c)
	send(t, f, selectTrain)
	for cmd, sw := range map[string]string{"0070000001": "6881", "01B0000000": "6881", "C0CA000000": "6881", "00": "6700", "FF00000000": "6E00", "0061000000": "6D00"} {
		if got := send(t, f, cmd); got != sw {
			t.Errorf("%s: %s, want %s", cmd, got, sw)
		}
	}
	if len(d.seen) != 1 {
		t.Errorf("the card saw %x", d.seen)
	}
	d.cut = true
	if _, err := f.Transmit(t.Context(), []byte{0, 0xB0, 0, 0, 0}, nil); err == nil {
		t.Error("a card without power")
	}
}

func TestRoutes(t *testing.T) {
	c := new(Controller)
	for _, bad := range [][]Route{{{}}, {{AID: jpki, Screen: 3}}, {{AID: jpki}, {AID: jpki}}} {
		if c.SetRoutes(bad...) == nil {
			t.Errorf("%v was taken", bad)
		}
	}
	if ScreenOff.String() != "off" || Screen(7).String() != "unknown screen" {
		t.Error("names")
	}
}

// Whatever readers and holder do, the application is reached only between an act and
// the end of the transaction that used it, with the screen unlocked.
func TestReachedOnlyAfterAnAct(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-070", "SPEC-HANDSET-072", "SPEC-HANDSET-073")
	rapid.Check(t, func(t *rapid.T) {
		d := &target{answer: []byte{0x90, 0}}
		c := &Controller{Types: device.NFCA, Target: d}
		if err := c.SetRoutes(Route{AID: jpki, OnSIM: true, Screen: ScreenUnlocked}, Route{AID: train, OnSIM: true, Always: true}); err != nil {
			t.Fatal(err)
		}
		on, acted, screen := false, false, ScreenOff
		var f *Field
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 0:
				on = rapid.Bool().Draw(t, "on")
				c.Switch(on)
				acted = acted && on
			case 1:
				screen = Screen(rapid.IntRange(0, 2).Draw(t, "screen"))
				c.SetScreen(screen)
				acted = acted && screen == ScreenUnlocked
			case 2:
				if c.Activate(jpki) == nil {
					if !on || screen != ScreenUnlocked {
						t.Fatal("activated")
					}
					acted = true
				}
			case 3:
				if got, err := c.Enter(device.NFCA); err == nil {
					f = got
				}
			case 4, 5:
				if f == nil {
					continue
				}
				out, err := f.Transmit(t.Context(), append([]byte{0, 0xA4, 4, 0, 7}, jpki.Append(nil)...), nil)
				if err == nil && out[0] == 0x90 && !(on && acted && screen == ScreenUnlocked) {
					t.Fatalf("reached: on %v, acted %v, screen %v", on, acted, screen)
				}
			case 6:
				if f == nil {
					continue
				}
				used := len(f.done.Selected) > 0
				if err := f.Leave(t.Context()); err != nil {
					t.Fatal(err)
				}
				acted, f = acted && !used, nil
			}
		}
	})
}

func FuzzField(f *testing.F) {
	f.Add([]byte{0, 0xB0, 0, 0, 0})
	f.Add([]byte{0, 0xA4, 4, 0, 7, 0xF0, 0, 0, 0, 1, 0xAA, 1})
	f.Fuzz(func(t *testing.T, cmd []byte) {
		c, d := controller(t)
		out, err := enter(t, c).Transmit(t.Context(), cmd, nil)
		if err != nil || len(out) < 2 {
			t.Fatalf("%x, %v", out, err)
		}
		for _, s := range d.seen {
			if len(s) < 12 || s[1] != 0xA4 || string(s[5:12]) != string(train.Append(nil)) {
				t.Errorf("the card saw %x", s)
			}
		}
	})
}
