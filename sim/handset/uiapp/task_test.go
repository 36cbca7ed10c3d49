package uiapp

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"inkan/core/jpki"
	"inkan/core/jpki/application"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/sim/handset/fault"
	"inkan/spec/req"
)

// begun is a bench with an application for an issue that can be reviewed, whose code
// came to the phone.
func begun(t testing.TB) *bench {
	t.Helper()
	b := newBench(t)
	b.empty()
	b.start(t, Apply)
	if err := b.app.Received(b.code.Show()); err != nil {
		t.Fatal(err)
	}
	return b
}

// start begins and prepares.
func (b *bench) start(t testing.TB, a Action) {
	t.Helper()
	if err := b.app.Begin(t.Context(), now, a, tsmp.UsageHolder); err != nil {
		t.Fatal(err)
	}
	if done, err := b.app.Prepare(t.Context(), now); err != nil || !done {
		t.Fatal(done, err)
	}
}

// review begins from a prepared application.
func (b *bench) review(t testing.TB) {
	t.Helper()
	if _, err := b.app.Review(); err != nil {
		t.Fatal(err)
	}
}

// submitted is one that was signed and sent.
func submitted(t testing.TB) *bench {
	t.Helper()
	b := begun(t)
	b.review(t)
	if err := b.sign(t, now); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) sign(t testing.TB, at time.Time) error {
	t.Helper()
	return b.app.Sign(t.Context(), at, strings.ToLower(b.code.Show()), b.card, []byte("ABC123"), false)
}

// ask asks for the progress.
func (b *bench) ask(t testing.TB) (bool, error) {
	t.Helper()
	done, _, err := b.app.Progress(t.Context())
	return done, err
}

func TestApply(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-087", "SPEC-HANDSET-110", "SPEC-HANDSET-111", "SPEC-HANDSET-116", "SPEC-HANDSET-119")
	b := submitted(t)
	want(t, b.app.Begin(t.Context(), now, Apply, tsmp.UsageHolder), fault.NotNow)
	signed, err := application.Open(b.submits[0])
	if err != nil {
		t.Fatal(err)
	}
	if signed.SIM != b.iccid || signed.Purpose != application.Issue || signed.CheckCode(b.code) != nil || !signed.Time.Equal(now) {
		t.Errorf("the application is %+v", signed.Application)
	}
	if b.app.Instance != (ID{9}) {
		t.Error("the instance was not kept")
	}
	b.progress = []tsmp.GetProgressAnswer{{Stage: tsmp.StageCheck}, {Stage: tsmp.StagePrepare}, {Stage: tsmp.StageLoad, Done: 3, Total: 31}, {Stage: tsmp.StagePersonalise, Done: 1, Total: 4, Relay: &tsmp.RelayAccess{Party: "sp"}},
		{Stage: tsmp.StageActivate}, {Stage: tsmp.StageDone, Reply: b.reply(t, perso.Hash{1}, "CODE12345678")}}
	for i := range b.progress {
		done, err := b.ask(t)
		if err != nil || done != (i == 5) {
			t.Fatalf("stage %d: done %v, %v", i, done, err)
		}
		if hungUp := b.hungUp; (hungUp == 0) != (i == 3) {
			t.Errorf("stage %d: hung up %d times", i, hungUp)
		}
		b.hungUp = 0
	}
	if b.relayed != 1 || b.open != 0 {
		t.Errorf("%d relays, %d channels open", b.relayed, b.open)
	}
	if !slices.ContainsFunc(b.shown, func(m Message) bool { return m.Key == KeyPreparing && !strings.Contains(m.Text, "(") }) {
		t.Error("a share of what nobody knows the size of")
	}
	if !slices.ContainsFunc(b.shown, func(m Message) bool { return m.Key == KeyLoading && strings.Contains(m.Text, "3/31") }) {
		t.Error("the progress was not shown")
	}
	b.sim.status, b.sim.code = jpki.Status{Phase: jpki.Active, Form: jpki.FormSIM, Flags: jpki.AuthCodePending}, "CODE12345678"
	want(t, b.app.SetPIN(t.Context(), []byte("12345")), fault.PINForm)
	b.iccid[3]++
	want(t, b.app.SetPIN(t.Context(), []byte("5678")), fault.SIMChanged)
	b.iccid[3]--
	key := b.app.task.key
	want(t, b.app.SetPIN(t.Context(), []byte("5678")), "")
	if b.sim.pin != "5678" || b.app.Step() != Idle || b.app.task.key != nil || slices.Max(key) != 0 || !slices.Equal(b.reports, []tsmp.PhoneEvent{tsmp.PhonePINSet}) {
		t.Errorf("PIN set %v, step %v, reports %v", b.sim.pin == "5678", b.app.Step(), b.reports)
	}
	h, err := b.app.Look(t.Context(), now)
	if err != nil || h.State != Ready {
		t.Errorf("%v, %v", h.State, err)
	}
	want(t, b.app.SetPIN(t.Context(), []byte("5678")), fault.NotNow)
}

func TestKeysDiffer(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-110")
	b := begun(t)
	first := b.app.task.app.ReplyKey
	want(t, b.app.Cancel(t.Context()), "")
	if b.cancels != 1 || b.app.Step() != Idle {
		t.Error("the service was not told")
	}
	b.start(t, Apply)
	if b.app.task.app.ReplyKey == first {
		t.Error("two applications have one reply key")
	}
}

// Each purpose has its fields, from the state of the SIM that it is for.
func TestPurposes(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-110", "SPEC-HANDSET-116")
	for action, change := range map[Action]func(*bench){
		ResetPIN: func(b *bench) {
			b.sim.tries = 0
			b.progress = []tsmp.GetProgressAnswer{{Stage: tsmp.StageSign, Order: &tsmp.OrderToSign{Hash: [32]byte{5}, Challenge: [16]byte{6}}}}
		},
		Dispose:      func(*bench) {},
		LiftHold:     func(b *bench) { b.sim.status.Phase = jpki.Suspended },
		TransferHere: (*bench).empty,
	} {
		b := newBench(t)
		b.app.Instance = ID{7}
		change(b)
		b.start(t, action)
		if r := b.asked[0]; r.Phone != (tsmp.PhoneID{7}) || (r.SE == tsmp.SEID(b.iccid)) != replied(r.Purpose) || (r.Usage != 0) != r.Purpose.Issues() {
			t.Errorf("%v: asked for %+v", action, r)
		}
		if _, err := tsmp.EncodeBody(&b.asked[0]); err != nil {
			t.Error(err)
		}
		b.review(t)
		if err := b.sign(t, now); err != nil {
			t.Fatalf("%v: %v", action, err)
		}
		signed, err := application.Open(b.submits[0])
		if err != nil || signed.Purpose != purposes[action] || signed.Instance != (ID{7}) {
			t.Errorf("%v: %v, %+v", action, err, signed)
		}
		b.progress = []tsmp.GetProgressAnswer{{Stage: tsmp.StageDone}}
		if action == Dispose || action == LiftHold {
			done, err := b.ask(t)
			if !done || err != nil || b.app.Step() != Idle {
				t.Errorf("%v: done %v, %v", action, done, err)
			}
			continue
		}
		_, err = b.ask(t)
		want(t, err, fault.ReplyRefused)
	}
}

// What goes into an application may come later, with scripts for the card before it.
func TestPrepared(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-110", "SPEC-HANDSET-112", "SPEC-HANDSET-117")
	b := newBench(t)
	b.app.Instance = ID{7}
	want(t, b.app.Begin(t.Context(), now, ResetPIN, 0), "")
	_, err := b.app.Review()
	want(t, err, fault.NotNow)
	if _, err := b.app.Save(); err == nil {
		t.Error("an application without its fields was saved")
	}
	b.progress = []tsmp.GetProgressAnswer{{Stage: tsmp.StagePersonalise, Relay: &tsmp.RelayAccess{Party: "sp"}}, {Stage: tsmp.StagePersonalise}, {Stage: tsmp.StageSign}}
	for range 2 {
		if done, err := b.app.Prepare(t.Context(), now); done || err != nil {
			t.Fatal(done, err)
		}
	}
	_, err = b.app.Prepare(t.Context(), now) // without the order
	want(t, err, fault.RequestMalformed)
	b.lost = 1
	_, err = b.app.Prepare(t.Context(), now)
	want(t, err, fault.ServerUnreached)
	b.progress = []tsmp.GetProgressAnswer{{Stage: tsmp.StageRefused, Refusal: tsmp.CodeRateLimited}}
	if done, err := b.app.Prepare(t.Context(), now); !done || Explain(err).ID != "TSM-rate-limited" || b.app.Step() != Idle || b.relayed != 1 {
		t.Errorf("done %v, %v, step %v, %d relays", done, err, b.app.Step(), b.relayed)
	}
	b.empty()
	b.begin = tsmp.StartApplicationAnswer{Reasons: []tsmp.NonEligibilityReason{tsmp.FullSIM}}
	err = b.app.Begin(t.Context(), now, Apply, tsmp.UsageHolder)
	if e := Explain(err); e.ID != "DEV-se-memory" || b.app.Step() != Idle {
		t.Errorf("%v, explained by %s", err, e.ID)
	}
}

// A service that has nothing to add when it answers is not asked before the application
// is signed; one that adds something all the same is asked.
func TestReady(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-130")
	b := newBench(t)
	b.empty()
	b.begin.Ready, b.progress = true, nil // it is not there to be asked
	b.start(t, Apply)
	if b.hungUp != 1 {
		t.Errorf("hung up %d times", b.hungUp)
	}
	want(t, b.app.Received(b.code.Show()), "")
	b.review(t)
	want(t, b.sign(t, now), "")
	signed, err := application.Open(b.submits[0])
	if err != nil || signed.CheckCode(b.code) != nil || !signed.Time.Equal(now) {
		t.Errorf("%+v, %v", signed, err)
	}
	reset := newBench(t)
	reset.app.Instance, reset.begin.Ready = ID{7}, true
	reset.progress = []tsmp.GetProgressAnswer{{Stage: tsmp.StageSign, Order: &tsmp.OrderToSign{Hash: [32]byte{5}, Challenge: [16]byte{6}}}}
	want(t, reset.app.Begin(t.Context(), now, ResetPIN, 0), "")
	_, err = reset.app.Prepare(t.Context(), now) // there is no order
	want(t, err, fault.RequestMalformed)
	if done, err := reset.app.Prepare(t.Context(), now); !done || err != nil || reset.app.task.app.Order.Challenge != [16]byte{6} {
		t.Errorf("asked: done %v, %v", done, err)
	}
}

// What the service says when it takes the application is not asked for again.
func TestSubmittedProgress(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-131")
	b := newBench(t)
	b.empty()
	b.start(t, Apply)
	b.review(t)
	want(t, b.app.Received(b.code.Show()), "")
	b.submitted = &tsmp.GetProgressAnswer{Stage: tsmp.StagePrepare, Pause: 5, Relay: &tsmp.RelayAccess{Party: "sp"}}
	b.progress = []tsmp.GetProgressAnswer{{Stage: tsmp.StageCheck, Pause: 7}}
	want(t, b.sign(t, now), "")
	if done, pause, err := b.app.Progress(t.Context()); done || pause != 5*time.Second || err != nil || b.relayed != 1 {
		t.Errorf("done %v, %v, %v, %d relays", done, pause, err, b.relayed)
	}
	if done, pause, err := b.app.Progress(t.Context()); done || pause != 7*time.Second || err != nil || b.relayed != 1 {
		t.Errorf("asked: done %v, %v, %v, %d relays", done, pause, err, b.relayed)
	}
}

// A code that the phone did not see is checked by whoever sent it.
func TestCodeElsewhere(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-113")
	b := newBench(t)
	b.empty()
	b.start(t, Apply)
	want(t, b.app.Received("short"), fault.CodeMismatch)
	b.review(t)
	want(t, b.app.Sign(t.Context(), now, "short", b.card, []byte("ABC123"), false), fault.CodeMismatch)
	want(t, b.sign(t, now), "")
	signed, err := application.Open(b.submits[0])
	if err != nil || signed.CheckCode(b.code) != nil {
		t.Errorf("%v", err)
	}
	want(t, b.app.Received(b.code.Show()), fault.NotNow)
	if saved, err := b.app.Save(); err != nil || b.app.Restore(saved) != nil {
		t.Error("it is not saved")
	}
}

func TestNotSigned(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-112", "SPEC-HANDSET-113", "SPEC-HANDSET-114")
	b := begun(t)
	want(t, b.sign(t, now), fault.NotNow) // nothing was shown
	if _, err := b.app.Review(); err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{"", "0000-0000-0000", "nonsense"} {
		want(t, b.app.Sign(t.Context(), now, typed, b.card, []byte("ABC123"), false), fault.CodeMismatch)
	}
	want(t, b.app.Sign(t.Context(), now, b.code.Show(), b.card, []byte("abc"), false), fault.PINForm)
	if len(b.card.commands) != 0 {
		t.Error("the card was asked")
	}
	wrong := func() error {
		return b.app.Sign(t.Context(), now, b.code.Show(), b.card, []byte("WRONG1"), false)
	}
	for range 4 {
		want(t, wrong(), fault.CardPINWrong)
	}
	want(t, wrong(), fault.CardPINLastTry)
	if b.card.tries != 1 {
		t.Errorf("%d tries left", b.card.tries)
	}
	want(t, b.app.Sign(t.Context(), now, b.code.Show(), b.card, []byte("WRONG1"), true), fault.CardPINBlocked)
	want(t, b.sign(t, now), fault.CardPINBlocked)
	b.card.cut = true
	want(t, b.sign(t, now), fault.CardUnread)
	if len(b.submits) != 0 {
		t.Error("something was sent")
	}
	b.card.cut, b.card.tries = false, 5
	want(t, b.sign(t, now.Add(11*time.Minute)), fault.RequestExpired)
	if b.app.Step() != Idle {
		t.Error("an application that is too old is still there")
	}
	other := begun(t)
	if _, err := other.app.Review(); err != nil {
		t.Fatal(err)
	}
	other.iccid[5] = 1
	want(t, other.sign(t, now), fault.SIMChanged)
	if len(other.card.commands) != 0 {
		t.Error("the card was asked for another SIM")
	}
}

func TestSubmitAgain(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-115", "SPEC-HANDSET-117")
	b := begun(t)
	if _, err := b.app.Review(); err != nil {
		t.Fatal(err)
	}
	b.lost = 2
	want(t, b.sign(t, now), fault.ServerUnreached)
	want(t, b.app.Submit(t.Context()), fault.ServerUnreached)
	b.refuse = tsmp.Refuse(tsmp.CodeOverloaded, "")
	if err := b.app.Submit(t.Context()); !errors.Is(err, tsmp.Refuse(tsmp.CodeOverloaded, "")) || b.app.Step() != Signed {
		t.Errorf("busy: %v, step %v", err, b.app.Step())
	}
	b.refuse = nil
	want(t, b.app.Submit(t.Context()), "")
	for _, m := range b.submits[1:] {
		if !slices.Equal(m, b.submits[0]) {
			t.Error("another message was sent")
		}
	}
	want(t, b.app.Cancel(t.Context()), fault.NotNow)
	b.progress = []tsmp.GetProgressAnswer{{Stage: tsmp.StageRefused, Refusal: tsmp.CodeSignerRevoked, Relay: &tsmp.RelayAccess{Party: "sp"}}}
	b.hungUp = 0
	done, err := b.ask(t)
	if e := Explain(err); !done || b.hungUp != 1 || e.ID != "TSM-signer-revoked" || e.Desk != Municipality || b.app.Step() != Idle {
		t.Errorf("done %v, %v, explained by %s, step %v", done, err, e.ID, b.app.Step())
	}
	refused := begun(t)
	if _, err := refused.app.Review(); err != nil {
		t.Fatal(err)
	}
	refused.refuse = tsmp.Refuse(tsmp.CodePersonNotEligible, "")
	if err := refused.sign(t, now); err == nil || refused.app.Step() != Idle {
		t.Errorf("refused for good: %v, step %v", err, refused.app.Step())
	}
}

func TestReplyOfAnother(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-118")
	b := submitted(t)
	good := b.reply(t, perso.Hash{1}, "CODE12345678")
	for i := range good {
		bad := slices.Clone(good)
		bad[i] ^= 1
		b.progress = []tsmp.GetProgressAnswer{{Stage: tsmp.StageDone, Reply: bad}}
		if _, err := b.ask(t); code(err) != fault.ReplyRefused {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
	if b.app.Step() != Submitted {
		t.Errorf("step %v", b.app.Step())
	}
	reset := newBench(t)
	reset.app.Instance = ID{7}
	reset.progress = []tsmp.GetProgressAnswer{{Stage: tsmp.StageSign, Order: &tsmp.OrderToSign{Hash: [32]byte{5}, Challenge: [16]byte{6}}}}
	reset.start(t, ResetPIN)
	if _, err := reset.app.Review(); err != nil {
		t.Fatal(err)
	}
	if err := reset.sign(t, now); err != nil {
		t.Fatal(err)
	}
	reset.progress = []tsmp.GetProgressAnswer{{Stage: tsmp.StageDone, Reply: reset.reply(t, perso.Hash{4}, "CODE12345678")}}
	_, err := reset.ask(t)
	want(t, err, fault.ReplyRefused)
	reset.progress = []tsmp.GetProgressAnswer{{Stage: tsmp.StageDone, Reply: reset.reply(t, perso.Hash{5}, "CODE12345678")}}
	_, err = reset.ask(t)
	want(t, err, "")
	reset.sim.code = "CODE87654321"
	want(t, reset.app.SetPIN(t.Context(), []byte("5678")), fault.ReplyRefused)
	if reset.sim.pin != "1234" {
		t.Error("the PIN has changed")
	}
}

// The message that is sealed for the PIN opens in a new process, at every step.
func TestSavedTask(t *testing.T) {
	req.Covers(t, "SPEC-HANDSET-124")
	b := begun(t)
	next := func(step Step) {
		t.Helper()
		saved, err := b.app.Save()
		if err != nil {
			t.Fatal(err)
		}
		app, err := New(b.app.cfg)
		if err != nil {
			t.Fatal(err)
		}
		for i := range saved {
			if err := app.Restore(saved[:i]); err == nil {
				t.Fatalf("%d of %d bytes were taken", i, len(saved))
			}
		}
		if app.Restore(append(slices.Clone(saved), 0)) == nil || app.Step() != Idle {
			t.Error("a byte too many was taken")
		}
		if err := app.Restore(saved); err != nil || app.Step() != step {
			t.Fatalf("step %v, %v, want %v", app.Step(), err, step)
		}
		again, err := app.Save()
		if err != nil || !slices.Equal(again, saved) {
			t.Error("saved again it is something else")
		}
		b.app = app
	}
	next(Begun)
	if _, err := b.app.Review(); err != nil {
		t.Fatal(err)
	}
	next(Shown)
	b.lost = 1
	want(t, b.sign(t, now), fault.ServerUnreached)
	next(Signed)
	want(t, b.app.Submit(t.Context()), "")
	next(Submitted)
	b.progress = []tsmp.GetProgressAnswer{{Stage: tsmp.StageDone, Reply: b.reply(t, perso.Hash{1}, "CODE12345678")}}
	if _, err := b.ask(t); err != nil {
		t.Fatal(err)
	}
	next(Replied)
	b.sim.code = "CODE12345678"
	want(t, b.app.SetPIN(t.Context(), []byte("5678")), "")
	next(Idle)
	if b.app.Instance != (ID{9}) || b.app.Owes() {
		t.Error("the instance is lost, or something is owed")
	}
}

func FuzzRestore(f *testing.F) {
	b := begun(f)
	saved, err := b.app.Save()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(saved)
	b = submitted(f)
	if saved, err = b.app.Save(); err != nil {
		f.Fatal(err)
	}
	f.Add(saved)
	f.Fuzz(func(t *testing.T, saved []byte) {
		app, err := New(b.app.cfg)
		if err != nil {
			t.Fatal(err)
		}
		if app.Restore(saved) != nil {
			if app.Step() != Idle {
				t.Error("refused, and taken")
			}
			return
		}
		if again, err := app.Save(); err != nil || !slices.Equal(again, saved) {
			t.Errorf("saved again it is something else: %v", err)
		}
	})
}

func FuzzRequest(f *testing.F) {
	f.Add(request(f, nil))
	f.Add([]byte(requestPrefix))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ParseRequest(b)
		if err != nil {
			return
		}
		if again, err := AppendRequest(nil, s); err != nil || string(again) != string(b) {
			t.Errorf("written again it is another request: %v", err)
		}
	})
}
