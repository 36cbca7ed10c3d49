package usim

import (
	"bytes"
	"context"
	"maps"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/iso7816"
	"inkan/core/uicc"
	"inkan/spec/req"
)

// oracle is what a card should have in it: a transparent file, a linear one and a
// cyclic one, and PIN1.
type oracle struct {
	c        *card
	loci     []byte   // EF LOCI: PIN1
	records  [][]byte // EF SMS, the first three
	meter    [][]byte // EF ACM, youngest first
	pin      uicc.PIN
	tries    int
	pukTries int
	enabled  bool
	verified bool
}

func newOracle(t testing.TB) *oracle {
	c := newCard(t, options{})
	o := &oracle{c: c, pin: testPIN1, tries: 3, pukTries: 10, enabled: true}
	c.usim(uicc.PIN1, uicc.PIN2)
	o.verified = true
	o.loci = c.do(uicc.ReadBinary{SFI: 0x0B}, iso7816.OK)
	for range 3 {
		o.records = append(o.records, append([]byte{0}, bytes.Repeat([]byte{0xFF}, smsBytes-1)...))
	}
	o.meter = [][]byte{{0, 0, 0}, {0, 0, 0}}
	return o
}

func (o *oracle) open() bool { return o.verified || !o.enabled }

// sw is want where PIN1 allows it, else 6982.
func (o *oracle) sw(want iso7816.SW) iso7816.SW {
	if !o.open() {
		return iso7816.SecurityStatusNotSatisfied
	}
	return want
}

// presented is the answer to a presentation of PIN1, and what it changes.
func (o *oracle) presented(p uicc.PIN) iso7816.SW {
	if o.tries == 0 {
		return iso7816.AuthenticationBlocked
	}
	if o.tries--; p != o.pin {
		o.verified = false
		return iso7816.WithTries(o.tries)
	}
	o.tries, o.verified = 3, true
	return iso7816.OK
}

var somePIN = rapid.SampledFrom([]uicc.PIN{testPIN1, mustPIN("2222"), mustPIN("333333"), wrongPIN})

func (o *oracle) actions() map[string]func(*rapid.T) {
	all := map[string]func(*rapid.T){"": o.check}
	for _, some := range []map[string]func(*rapid.T){o.fileActions(), o.pinActions(), o.powerActions()} {
		maps.Copy(all, some)
	}
	return all
}

func (o *oracle) fileActions() map[string]func(*rapid.T) {
	c := o.c
	return map[string]func(*rapid.T){
		"update binary": func(r *rapid.T) {
			at := rapid.IntRange(0, 10).Draw(r, "offset")
			data := rapid.SliceOfN(rapid.Byte(), 1, 11-at).Draw(r, "data")
			c.do(uicc.UpdateBinary{SFI: 0x0B, Offset: at, Data: data}, o.sw(iso7816.OK))
			if o.open() {
				copy(o.loci[at:], data)
			}
		},
		"update record": func(r *rapid.T) {
			n := rapid.IntRange(1, 3).Draw(r, "record")
			data := bytes.Repeat([]byte{rapid.Byte().Draw(r, "byte")}, smsBytes)
			c.selected(uicc.EFSMS)
			c.do(uicc.UpdateRecord{Number: byte(n), Data: data}, o.sw(iso7816.OK))
			if o.open() {
				o.records[n-1] = data
			}
		},
		"increase": func(r *rapid.T) {
			v := rapid.SliceOfN(rapid.Byte(), 1, 3).Draw(r, "value")
			sum, ok := add(o.meter[0], v)
			want := iso7816.OK
			if !ok {
				want = maximumReached
			}
			c.selected(uicc.EFACM)
			c.do(uicc.Increase{Value: v}, o.sw(want))
			if o.open() && ok {
				o.meter = [][]byte{sum, o.meter[0]}
			}
		},
	}
}

func (o *oracle) pinActions() map[string]func(*rapid.T) {
	c := o.c
	return map[string]func(*rapid.T){
		"verify": func(r *rapid.T) {
			p := somePIN.Draw(r, "PIN")
			if !o.enabled {
				c.do(verify(uicc.PIN1, p), iso7816.ReferenceDataNotUsable)
				return
			}
			c.do(verify(uicc.PIN1, p), o.presented(p))
		},
		"change": func(r *rapid.T) {
			p, fresh := somePIN.Draw(r, "old"), somePIN.Draw(r, "new")
			cmd := uicc.ChangePIN{Key: uicc.PIN1, Old: p, New: fresh}
			if !o.enabled {
				c.do(cmd, iso7816.ReferenceDataNotUsable)
				return
			}
			sw := o.presented(p)
			if c.do(cmd, sw); sw == iso7816.OK {
				o.pin = fresh
			}
		},
		"switch": func(r *rapid.T) {
			p, on := somePIN.Draw(r, "PIN"), rapid.Bool().Draw(r, "enable")
			var cmd uicc.Command = uicc.DisablePIN{Key: uicc.PIN1, Value: p}
			if on {
				cmd = uicc.EnablePIN{Key: uicc.PIN1, Value: p}
			}
			if on == o.enabled {
				c.do(cmd, iso7816.ReferenceDataNotUsable)
				return
			}
			sw := o.presented(p)
			if c.do(cmd, sw); sw == iso7816.OK {
				o.enabled = on
			}
		},
		"unblock": func(r *rapid.T) {
			fresh, right := somePIN.Draw(r, "new"), rapid.IntRange(0, 3).Draw(r, "right") > 0
			puk := testPUK1
			if !right {
				puk = wrongPIN
			}
			want := iso7816.OK
			switch {
			case o.pukTries == 0:
				want = iso7816.AuthenticationBlocked
			case !right:
				o.pukTries--
				want = iso7816.WithTries(o.pukTries)
			default:
				o.pin, o.tries, o.pukTries, o.enabled, o.verified = fresh, 3, 10, true, true
			}
			c.do(unblock(uicc.PIN1, puk, fresh), want)
		},
	}
}

func (o *oracle) powerActions() map[string]func(*rapid.T) {
	c := o.c
	return map[string]func(*rapid.T){
		"reset": func(*rapid.T) {
			c.reset()
			o.verified = false
			c.usim()
		},
		"fork": func(*rapid.T) { // the image alone is the card
			*o.c = *newCard(c.t, options{flash: c.flash})
			o.verified = false
			c.usim()
		},
		"cut": func(r *rapid.T) { // power fails somewhere in a read, which changes nothing
			c.k.CutAt(c.k.Now() + uint64(rapid.IntRange(1, 50).Draw(r, "cycles")))
			if _, err := c.Transmit(context.Background(), []byte{0, 0xB0, 0x8B, 0, 0}, nil); err == nil {
				r.Fatal("not cut")
			}
			c.reset()
			o.verified = false
			c.usim()
		},
	}
}

func add(a, b []byte) (sum []byte, ok bool) {
	var x, y uint32
	for _, v := range a {
		x = x<<8 | uint32(v)
	}
	for _, v := range b {
		y = y<<8 | uint32(v)
	}
	x += y
	return []byte{byte(x >> 16), byte(x >> 8), byte(x)}, x <= 0xFFFFFF
}

// check compares the card with the oracle.
func (o *oracle) check(r *rapid.T) {
	c := o.c
	want := func(cmd uicc.Command, data []byte) {
		got := c.do(cmd, o.sw(iso7816.OK))
		if o.open() && !bytes.Equal(got, data) {
			r.Fatalf("%v: %X, want %X", cmd, got, data)
		}
	}
	left := iso7816.WithTries(o.tries)
	if o.tries == 0 {
		left = iso7816.AuthenticationBlocked
	}
	c.do(uicc.VerifyPIN{Key: uicc.PIN1}, left)
	want(uicc.ReadBinary{SFI: 0x0B}, o.loci)
	c.selected(uicc.EFSMS)
	for i, record := range o.records {
		want(uicc.ReadRecord{Number: byte(i + 1), Length: smsBytes}, record)
	}
	c.selected(uicc.EFACM)
	for i, record := range o.meter {
		want(uicc.ReadRecord{Number: byte(i + 1), Length: 3}, record)
	}
}

// TestOracle runs commands, resets, forks and power cuts in any order beside an
// oracle.
func TestOracle(t *testing.T) {
	req.Covers(t, "SPEC-USIM-003", "SPEC-USIM-004", "SPEC-USIM-067", "SPEC-USIM-075", "SPEC-USIM-084", "SPEC-USIM-104", "SPEC-USIM-109", "SPEC-USIM-110", "SPEC-USIM-112")
	rapid.Check(t, func(r *rapid.T) {
		o := newOracle(t)
		r.Repeat(o.actions())
	})
}
