package uiapp

import (
	"os"
	"strings"
	"testing"
	"time"

	"inkan/core/jpki"
	"inkan/sim/handset/fault"
	"inkan/spec/req"
)

func TestStateOfTheSIM(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-100")
	set := func(f func(*double)) func(*bench) { return func(b *bench) { f(b.sim) } }
	for name, c := range map[string]struct {
		do   func(*bench)
		want State
	}{
		"no application": {func(b *bench) { b.missing = fault.NoApplication }, Absent},
		"no rule":        {func(b *bench) { b.missing = fault.AccessDenied }, Absent},
		"empty":          {set(func(d *double) { d.status.Phase = jpki.Empty }), Absent},
		"ordered":        {set(func(d *double) { d.status.Phase = jpki.Ordered }), Pending},
		"no PIN":         {set(func(d *double) { d.status.Flags = jpki.AuthCodePending }), NeedsPIN},
		"ready":          {func(*bench) {}, Ready},
		"locked":         {set(func(d *double) { d.tries = 0 }), Locked},
		"on hold":        {set(func(d *double) { d.status.Phase = jpki.Suspended }), OnHold},
		"expired":        {set(func(d *double) { d.end = "20261128025959Z" }), Expired},
	} {
		b := newBench(t)
		c.do(b)
		h, err := b.app.Look(t.Context(), now)
		if err != nil || h.State != c.want || b.open != 0 {
			t.Errorf("%s: %v, %v, %d channels open, want %v", name, h.State, err, b.open, c.want)
		}
		if h.Denied != (name == "no rule") {
			t.Errorf("%s: denied %v", name, h.Denied)
		}
	}
	b := newBench(t)
	b.missing = fault.SIMSilent
	if _, err := b.app.Look(t.Context(), now); code(err) != fault.SIMSilent {
		t.Errorf("a silent SIM: %v", err)
	}
}

// The table of the specification is the one of the code, and each refusal has its code.
func TestActions(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-101")
	text, err := os.ReadFile("../../../spec/HANDSET.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "<!-- table: actions -->\n\n")
	table, _, ok := strings.Cut(table, "\n<!-- end")
	lines := strings.Split(strings.TrimSpace(table), "\n")
	if !ok || len(lines) != len(Actions())+2 {
		t.Fatalf("the specification's table has %d lines", len(lines))
	}
	for i, a := range Actions() {
		row := "| " + a.String() + " |"
		for _, s := range States() {
			h := Holding{State: s}
			err := h.Allows(a)
			if err == nil {
				row += " yes |"
				continue
			}
			row += " |"
			codes := map[State]fault.Code{Absent: fault.NotIssued, Locked: fault.PINBlocked, OnHold: fault.Suspended, Expired: fault.CertificateExpired}
			c, special := codes[s]
			if !special {
				c = fault.NotNow
			}
			want(t, err, c)
			if s == Absent {
				h.Denied = true
				want(t, h.Allows(a), fault.AccessDenied)
			}
		}
		if row != lines[i+2] {
			t.Errorf("the table says\n%s, the code\n%s", lines[i+2], row)
		}
	}
}

func TestNoPINAskedInVain(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-101")
	b := newBench(t)
	b.sim.tries = 0
	asked := false
	err := b.app.Login(t.Context(), now, origin, request(t, nil), func(Message) ([]byte, bool) { asked = true; return nil, true }, nil)
	want(t, err, fault.PINBlocked)
	if asked {
		t.Error("a PIN was asked for")
	}
	want(t, b.app.StartTouch(t.Context(), now, []byte("1234")), fault.PINBlocked)
	want(t, b.app.ChangePIN(t.Context(), now, []byte("1234"), []byte("5678")), fault.PINBlocked)
	if strings.Contains(string(b.sim.commands), string(rune(jpki.InsChangeReferenceData))) {
		t.Error("a PIN was changed")
	}
}

func TestExpiry(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-107")
	end := time.Date(2031, 11, 28, 14, 59, 59, 0, time.UTC)
	for _, c := range []struct {
		at   time.Time
		key  Key
		soon bool
	}{
		{end.Add(-90*24*time.Hour - time.Second), KeyValid, false},
		{end.Add(-90*24*time.Hour + time.Second), KeyExpiresSoon, true},
		{end, KeyExpiresSoon, true}, {end.Add(time.Second), KeyExpired, true},
	} {
		b := newBench(t)
		soon, err := b.app.Expiry(t.Context(), c.at)
		if err != nil || soon != c.soon || len(b.shown) != 1 || b.shown[0].Key != c.key || !strings.Contains(b.shown[0].Text, "2031-11-28") {
			t.Errorf("%v: soon %v, %v, %+v, want %v", c.at, soon, err, b.shown, c.key)
		}
	}
	b := newBench(t)
	b.empty()
	_, err := b.app.Expiry(t.Context(), now)
	want(t, err, fault.NotIssued)
}
