package omapi

import (
	"context"
	"errors"
	"strings"
	"testing"

	"inkan/core/apdu"
	"inkan/core/ara"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/sim/handset/fault"
)

var (
	bank   = gp.MustAID("F000000001AA01")
	bank2  = gp.MustAID("F000000001AA02")
	silent = gp.MustAID("F000000002BB01") // its answer to SELECT names nobody
	mine   = CallerOf([]byte("certificate of the app"), "app.example")
	other  = CallerOf([]byte("another certificate"), "app.example")
)

// double is a card with applications, a set of rules and four channels.
type double struct {
	apps     []gp.AID
	rules    []ara.Rule
	tag      byte
	noARAM   bool
	araSW    iso7816.SW // of GET DATA, when not 0
	open     map[int]gp.AID
	powers   uint64
	seen     [][]byte // commands to applications
	pending  []byte   // for GET RESPONSE
	channels int
	cut      bool
}

func newDouble(rules ...ara.Rule) *double {
	return &double{apps: []gp.AID{bank, bank2, silent}, rules: rules, open: map[int]gp.AID{0: {}}, channels: 4}
}

func (d *double) ATR() []byte    { return []byte{0x3B, 0x00} }
func (d *double) Present() bool  { return true }
func (d *double) Powers() uint64 { return d.powers }

func (d *double) Transmit(_ context.Context, raw, dst []byte) ([]byte, error) {
	if d.cut {
		return dst, errors.New("cut")
	}
	c, err := apdu.DecodeCommand(raw)
	if err != nil {
		return dst, err
	}
	n := c.Class().Channel()
	if _, ok := d.open[n]; !ok {
		return apdu.Response{SW: iso7816.LogicalChannelNotSupported}.Append(dst), nil
	}
	data, sw := d.answer(n, &c)
	return apdu.Response{Data: data, SW: sw}.Append(dst), nil
}

func (d *double) answer(n int, c *apdu.Command) ([]byte, iso7816.SW) {
	switch {
	case c.INS == iso7816.INSManageChannel && c.P1 == 0 && !c.Class().Proprietary():
		for i := 1; i < d.channels; i++ {
			if _, ok := d.open[i]; !ok {
				d.open[i] = gp.AID{}
				return []byte{byte(i)}, iso7816.OK
			}
		}
		return nil, iso7816.FunctionNotSupported
	case c.INS == iso7816.INSManageChannel && !c.Class().Proprietary():
		delete(d.open, int(c.P2))
		return nil, iso7816.OK
	case c.INS == iso7816.INSSelect && c.P1 == 4 && !c.Class().Proprietary():
		return d.choose(n, c)
	case c.INS == iso7816.INSGetResponse:
		out := d.pending[:min(c.Ne, len(d.pending))]
		d.pending = d.pending[len(out):]
		return out, iso7816.OK
	case d.open[n] == ara.AIDMaster:
		return d.araMaster(c)
	}
	full, err := c.Append(nil)
	if err != nil {
		panic(err)
	}
	d.seen = append(d.seen, full)
	switch c.INS {
	case 0x10: // answers by 61xx
		d.pending = []byte("response")
		return nil, iso7816.WithRemaining(len(d.pending))
	case 0x12: // wants another Le
		if c.Ne != 3 {
			return nil, iso7816.WithAvailable(3)
		}
		return []byte("abc"), iso7816.OK
	}
	return c.Data, iso7816.OK
}

func (d *double) choose(n int, c *apdu.Command) ([]byte, iso7816.SW) {
	if len(c.Data) == 0 {
		d.open[n] = gp.AID{}
		return nil, iso7816.OK
	}
	if !d.noARAM && string(c.Data) == string(ara.AIDMaster.Append(nil)) {
		d.open[n] = ara.AIDMaster
		return nil, iso7816.OK
	}
	passed := c.P2&3 == 0
	for _, a := range d.apps {
		if !a.HasPrefix(c.Data) {
			continue
		}
		if !passed {
			passed = a == d.open[n]
			continue
		}
		d.open[n] = a
		if a == silent || c.P2&0x0C == 0x0C {
			return nil, iso7816.OK
		}
		f := gp.FCI{AID: a}
		return f.Append(nil), iso7816.OK
	}
	return nil, iso7816.FileNotFound
}

func (d *double) araMaster(c *apdu.Command) ([]byte, iso7816.SW) {
	if d.araSW != 0 {
		return nil, d.araSW
	}
	switch uint16(c.P1)<<8 | uint16(c.P2) {
	case 0xDF20:
		return []byte{0xDF, 0x20, 8, 0, 0, 0, 0, 0, 0, 0, d.tag}, iso7816.OK
	case 0xFF40:
		b, err := ara.AppendAll(nil, d.rules)
		if err != nil {
			panic(err)
		}
		return b, iso7816.OK
	}
	return nil, iso7816.INSNotSupported
}

// channels is how many logical channels are open on the card.
func (d *double) held() int { return len(d.open) - 1 }

// rule is one for an AID (its text in hex, "" for all others) and a hash.
func rule(aid string, hash []byte, rights ara.Rights) ara.Rule {
	r := ara.Rule{Target: ara.Target{AIDRef: ara.OtherApplications, AppHash: hash}, Rights: rights}
	if aid != "" {
		r.Target.AIDRef, r.Target.AID = ara.NamedApplication, gp.MustAID(aid)
	}
	return r
}

var always, never = ara.Rights{APDU: ara.Always}, ara.Rights{APDU: ara.Never}

func session(t testing.TB, d *double, caller Caller) *Session {
	t.Helper()
	s, err := NewService(caller, NewReader("SIM1", d, 0)).Open(NewReader("SIM1", d, 0))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func want(t testing.TB, err error, c fault.Code) {
	t.Helper()
	f := (*fault.Error)(nil)
	if errors.As(err, &f) && f.Code == c || c == "" && err == nil {
		return
	}
	t.Errorf("error %v, want %q", err, c)
}

func opened(t testing.TB, s *Session, aid gp.AID) *Channel {
	t.Helper()
	c, err := s.OpenLogicalChannel(t.Context(), aid, 0)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func send(t testing.TB, c *Channel, hex string) (string, error) {
	t.Helper()
	out, err := c.Transmit(t.Context(), unhex(hex), nil)
	return strings.ToUpper(tohex(out)), err
}
