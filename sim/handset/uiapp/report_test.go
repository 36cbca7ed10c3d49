package uiapp

import (
	"context"
	"slices"
	"testing"

	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/sim/handset/fault"
	"inkan/spec/req"
)

// coded is a bench whose app has the code for the PIN.
func coded(t *testing.T) *bench {
	t.Helper()
	b := submitted(t)
	b.progress = []tsmp.GetProgressAnswer{{Stage: tsmp.StageDone, Reply: b.reply(t, perso.Hash{1}, "CODE12345678")}}
	if _, err := b.ask(t); err != nil {
		t.Fatal(err)
	}
	b.sim.status, b.sim.code = jpki.Status{Phase: jpki.Active, Form: jpki.FormSIM, Flags: jpki.AuthCodePending}, "CODE12345678"
	return b
}

// count is how often an event was reported.
func (b *bench) count(e tsmp.PhoneEvent) (n int) {
	for _, r := range b.reports {
		if r == e {
			n++
		}
	}
	return n
}

func TestReportedUntilAnswered(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-126")
	b := coded(t)
	b.lost = 2
	want(t, b.app.SetPIN(t.Context(), []byte("5678")), "")
	if !b.app.Owes() || b.shown[len(b.shown)-1].Key != KeyReportLater {
		t.Fatalf("owes %v, shown %+v", b.app.Owes(), b.shown)
	}
	want(t, b.app.Report(t.Context()), fault.ServerUnreached)
	saved, err := b.app.Save()
	if err != nil {
		t.Fatal(err)
	}
	app, err := New(b.app.cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Restore(saved); err != nil || !app.Owes() {
		t.Fatalf("a new process: owes %v, %v", app.Owes(), err)
	}
	b.app = app
	if err := b.app.ChangePIN(t.Context(), now, []byte("5678"), []byte("1234")); err != nil || b.app.Owes() {
		t.Errorf("the next action: owes %v, %v", b.app.Owes(), err)
	}
	want(t, b.app.Report(t.Context()), "")
	if n := b.count(tsmp.PhonePINSet); n != 3 {
		t.Errorf("reported %d times", n)
	}
	b.app.owed, b.refuseReport = ID{9}, tsmp.Refuse(tsmp.CodeOverloaded, "")
	if err := b.app.Report(t.Context()); err == nil || !b.app.Owes() {
		t.Errorf("a busy service: owes %v, %v", b.app.Owes(), err)
	}
	b.refuseReport = tsmp.Refuse(tsmp.CodeUnknownPhone, "")
	if err := b.app.Report(t.Context()); err != nil || b.app.Owes() {
		t.Errorf("refused for good: owes %v, %v", b.app.Owes(), err)
	}
}

// A report of before does not meet the reply of an application under way.
func TestNotReportedMeanwhile(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-126")
	b := begun(t)
	b.app.owed = ID{9}
	want(t, b.app.Report(t.Context()), fault.NotNow)
	want(t, b.app.Login(t.Context(), now, origin, request(t, nil), func(Message) ([]byte, bool) { return nil, false }, nil), fault.NotIssued)
	if len(b.reports) != 0 || !b.app.Owes() {
		t.Errorf("reports %v, owes %v", b.reports, b.app.Owes())
	}
}

// The SIM loses its power when it has set the PIN and not answered yet.
func TestPINSetAgain(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-127")
	for _, c := range []struct {
		typed string
		want  fault.Code
		pin   bool // PIN set in the first try
	}{{"5678", "", true}, {"0000", fault.PINWrong, true}, {"5678", fault.ReplyRefused, false}} {
		b := coded(t)
		b.sim.silent = jpki.InsResetRetryCounter
		want(t, b.app.SetPIN(t.Context(), []byte("5678")), fault.SIMSilent)
		if b.app.Step() != Replied || b.sim.pin != "5678" {
			t.Fatalf("step %v, PIN %q", b.app.Step(), b.sim.pin)
		}
		b.sim.silent = 0
		if !c.pin {
			b.sim.status.Flags = 0
		}
		want(t, b.app.SetPIN(t.Context(), []byte(c.typed)), c.want)
		if done := c.want == ""; done != (b.app.Step() == Idle) || done != slices.Contains(b.reports, tsmp.PhonePINSet) {
			t.Errorf("%+v: step %v, reports %v", c, b.app.Step(), b.reports)
		}
	}
	b := coded(t)
	b.sim.code = "CODE87654321" // of another application, and not used up
	want(t, b.app.SetPIN(t.Context(), []byte("1234")), fault.ReplyRefused)
}

func TestLoss(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-120")
	b := newBench(t)
	b.lost = 1
	want(t, b.app.Loss(t.Context(), ID{3}), fault.ServerUnreached)
	want(t, b.app.Loss(context.Background(), ID{3}), "")
	if !slices.Equal(b.reports, []tsmp.PhoneEvent{tsmp.PhoneLost, tsmp.PhoneLost}) || b.shown[len(b.shown)-1].Key != KeyLost {
		t.Errorf("reports %v, shown %v", b.reports, b.shown)
	}
}

// The SIM loses its power when it has changed the PIN and not answered yet, or before.
func TestPINChangedAgain(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-128")
	change := func(b *bench) error { return b.app.ChangePIN(t.Context(), now, []byte("1234"), []byte("5678")) }
	for _, c := range []struct {
		was   string // PIN in the SIM after the cut
		tries int
		want  fault.Code
		left  int
	}{{"5678", 3, "", 3}, {"1234", 3, "", 3}, {"0000", 3, fault.PINWrong, 1}, {"1234", 1, "", 3}, {"5678", 1, fault.PINBlocked, 0}} {
		b := newBench(t)
		b.sim.silent = jpki.InsChangeReferenceData
		want(t, change(b), fault.SIMSilent)
		b.sim.silent, b.sim.pin, b.sim.tries, b.shown = 0, c.was, c.tries, nil
		want(t, change(b), c.want)
		if b.sim.tries != c.left || c.want == "" && (b.sim.pin != "5678" || len(b.shown) != 1 || b.shown[0].Key != KeyPINChanged) {
			t.Errorf("%+v: PIN %s, %d tries, shown %+v", c, b.sim.pin, b.sim.tries, b.shown)
		}
	}
	b := newBench(t) // it has answered, and lost its power before the channel was closed
	b.sim.stuck = jpki.InsChangeReferenceData
	want(t, change(b), fault.SIMSilent)
	if b.sim.pin != "5678" {
		t.Fatalf("PIN %s", b.sim.pin)
	}
	b.sim.stuck = 0
	want(t, change(b), "")
	b = newBench(t) // nothing was unanswered: the new one is not tried
	b.sim.pin = "5678"
	want(t, change(b), fault.PINWrong)
	if b.sim.tries != 2 {
		t.Errorf("%d tries left", b.sim.tries)
	}
}
