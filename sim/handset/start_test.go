package handset

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"inkan/core/gp"
	"inkan/core/uicc"
	"inkan/sim/handset/air"
	"inkan/sim/handset/device"
	"inkan/sim/handset/fault"
	"inkan/sim/handset/nfc"
	"inkan/sim/handset/omapi"
	"inkan/spec/req"
)

func TestStart(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-001")
	d := newDouble("00111")
	h := started(t, d)
	want := []string{"reset", "00A4000C022FE2", "00B000000A", "00A4040407A0000000871002", "00A4000C026F07", "00B0000009", "00A4000C026FAD", "00B0000004", "801000000403000002"}
	for i := range d.log {
		if i >= len(want) || !strings.HasPrefix(d.log[i], want[i]) {
			t.Fatalf("commands %v", d.log)
		}
	}
	if len(d.log) != len(want) {
		t.Errorf("commands %v", d.log)
	}
	if id := h.Identity(); id != (Identity{"8981110000000000017", "001110000000001", "00111"}) {
		t.Errorf("%+v", id)
	}
	if h.Reachable() != nil || !slices.Equal(h.SIM().ATR(), atrT1) {
		t.Error("not on")
	}
}

func TestSIMLock(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-003", "SPEC-HANDSET-004")
	d := newDouble("00112")
	h, err := New(config(d, "Sakura S1")) // locked to 00111
	if err != nil {
		t.Fatal(err)
	}
	want(t, h.Start(t.Context()), fault.SIMRefused)
	want(t, h.Reachable(), fault.SIMRefused)
	if _, err := h.Connection(); err == nil {
		t.Error("mobile data with a SIM that was refused")
	}
	if strings.HasPrefix(d.log[len(d.log)-1], "8010") {
		t.Error("the card heard of the terminal")
	}
	if err := NewNetwork("n", nil).Attach(h); err == nil {
		t.Error("attached")
	}
	h.Unlock()
	want(t, h.Start(t.Context()), "")
	want(t, h.Reachable(), "")
	mine := newDouble("00111")
	locked, err := New(config(mine, "Sakura S1"))
	if err != nil {
		t.Fatal(err)
	}
	want(t, locked.Start(t.Context()), "")
	want(t, locked.Insert(d, nil), "")
	want(t, locked.Reachable(), fault.SwitchedOff)
	want(t, locked.Start(t.Context()), fault.SIMRefused)
}

func TestPIN1(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-002")
	d := newDouble("00111")
	d.pin = "4711"
	c := config(d, "Sakura S1 Free")
	h, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	want(t, h.Start(t.Context()), fault.PINNeeded)
	wrong, err := uicc.NewPIN("1111")
	if err != nil {
		t.Fatal(err)
	}
	c.PIN1 = &wrong
	if h, err = New(c); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		err := h.Start(t.Context())
		want(t, err, fault.PINNeeded)
		if strings.Contains(fmt.Sprint(err, c), "1111") {
			t.Error("the PIN is shown")
		}
	}
	if d.tries != 2 {
		t.Errorf("%d tries left", d.tries)
	}
	right, err := uicc.NewPIN("4711")
	if err != nil {
		t.Fatal(err)
	}
	c.PIN1 = &right
	if h, err = New(c); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		want(t, h.Start(t.Context()), "")
	}
}

func TestUnreadableSIM(t *testing.T) {
	for name, d := range map[string]*double{"dead": {dead: true}, "no ICCID": {iccid: "", imsi: "001110000000001"}} {
		h, err := New(config(d, "Sakura S1 Free"))
		if err != nil {
			t.Fatal(err)
		}
		err = h.Start(t.Context())
		if name == "dead" {
			want(t, err, fault.SIMSilent)
		} else {
			want(t, err, fault.SIMUnread)
		}
		if h.Reachable() == nil {
			t.Errorf("%s: reachable", name)
		}
	}
	if _, err := New(Config{}); err == nil {
		t.Error("a handset of nothing")
	}
	bad := config(newDouble("00111"), "Sakura S1")
	bad.Bearers = map[air.Kind]air.Parameters{air.SMS: {}}
	if _, err := New(bad); err == nil {
		t.Error("bearers that are none")
	}
}

func TestConnection(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-016")
	h := started(t, newDouble("00111"))
	kind := func() string {
		l, err := h.Connection()
		if err != nil {
			return err.Error()[:6]
		}
		return l.Kind.String()
	}
	for i, c := range []struct {
		do   func()
		want string
	}{
		{func() {}, "LTE"}, {func() { h.SetWiFi(true) }, "Wi-Fi"}, {func() { h.SetCoverage(false) }, "Wi-Fi"}, {func() { h.SetWiFi(false) }, "HS-203"},
		{func() { h.SetCoverage(true) }, "LTE"}, {func() { h.SetData(false) }, "HS-203"}, {func() { h.SetData(true); h.Stop() }, "HS-201"},
	} {
		c.do()
		if got := kind(); got != c.want {
			t.Errorf("%d: %s, want %s", i, got, c.want)
		}
	}
}

func TestApplicationsOfTheHandset(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-040", "SPEC-HANDSET-044", "SPEC-HANDSET-057", "SPEC-HANDSET-077")
	d := newDouble("00111")
	h := started(t, d)
	s, err := h.Service(omapi.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	session, err := s.Open(s.Readers()[0])
	if err != nil {
		t.Fatal(err)
	}
	want(t, h.Stop(), "")
	want(t, h.Start(t.Context()), "")
	if !session.Closed() {
		t.Error("a session survived a reset")
	}
	closed, err := New(config(d, "Ringo 9"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = closed.Service(omapi.Caller{})
	want(t, err, fault.NoOMAPI)
	_, err = closed.Relay(nil, nil)
	want(t, err, fault.DeviceUnsupported)

	aid := gp.MustAID("F000000001AA01")
	front := h.NFC()
	front.Switch(true)
	front.SetScreen(nfc.ScreenUnlocked)
	if err := front.SetRoutes(nfc.Route{AID: aid, OnSIM: true}); err != nil {
		t.Fatal(err)
	}
	want(t, front.Activate(aid), "")
	for kind, face := range map[device.NFCType]byte{device.NFCA: 0x81, device.NFCB: 0x91} {
		want(t, front.Activate(aid), "")
		f, err := front.Enter(kind)
		if err != nil {
			t.Fatal(err)
		}
		d.near, d.interfaces = nil, nil
		cmd := append([]byte{0, 0xA4, 4, 0, 7}, aid.Append(nil)...)
		if out, err := f.Transmit(t.Context(), cmd, nil); err != nil || len(out) != 2 || len(d.near) != 1 || !slices.Equal(d.interfaces, []byte{face, 1}) {
			t.Errorf("type %v: %x, %v, interfaces %x", kind, out, err, d.interfaces)
		}
		d.log = nil
		want(t, f.Leave(t.Context()), "")
		if len(d.log) != 1 || d.log[0] != "00A4040C07A0000000871002" {
			t.Errorf("after the reader: %v", d.log)
		}
	}
	want(t, front.Activate(aid), "")
	f, err := front.Enter(device.NFCA)
	if err != nil {
		t.Fatal(err)
	}
	d.powered = false
	_, err = f.Transmit(t.Context(), append([]byte{0, 0xA4, 4, 0, 7}, aid.Append(nil)...), nil)
	want(t, err, fault.SIMSilent)
	want(t, h.Recover(t.Context()), "")
	_, err = f.Transmit(t.Context(), []byte{0, 0xB0, 0, 0, 0}, nil)
	want(t, err, fault.FieldLost)
	if h.Resets != 1 || !front.Activated().IsZero() {
		t.Errorf("%d resets", h.Resets)
	}
}

// 91xx is the modem's: an application sees 9000, and the command is fetched.
func TestProactiveBehindAnApplication(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-007")
	d := newDouble("00111")
	h := started(t, d)
	command, _ := toSend(t)
	d.queue = [][]byte{command}
	out, err := h.SIM().Transmit(t.Context(), []byte{0, 0xA4, 0, 0x0C, 2, 0x2F, 0xE2}, []byte{7})
	if err != nil || !slices.Equal(out, []byte{7, 0x90, 0}) {
		t.Errorf("%x, %v", out, err)
	}
	d.queue = nil // the announcement alone is enough, once
	d.queue = [][]byte{command}
	want(t, h.Poll(t.Context()), "")
	if !slices.Equal(h.Performed(), []uicc.CommandType{uicc.SendShortMessage}) {
		t.Errorf("performed %v", h.Performed())
	}
}
