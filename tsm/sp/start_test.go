package sp_test

import (
	"encoding/base64"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"inkan/core/jpki"
	"inkan/core/jpki/application"
	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/sp"
)

// TestStartAgain: the same call, made again with nothing of the first answer left, is
// the same application.
func TestStartAgain(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-001")
	w := newWorld(t)
	h := w.holds(0, 1, mnoName)
	call := &tsmp.Call{ID: tsmp.CallID{1}, Function: tsmp.StartApplication, Sender: h.app.Party, Role: tsmp.RoleUIApp, Sent: w.now}
	q := &tsmp.StartApplicationRequest{Purpose: tsmp.PurposeIssue, SE: h.se, Usage: tsmp.UsageHolder, DeviceProfile: "D", Version: "1", Language: tsmp.English}
	first, err := w.manager.StartApplication(ctx, call, q)
	must(t, err)
	code := h.carrier.codes[h.se]
	w.now = w.now.Add(time.Minute)
	again, err := w.manager.StartApplication(ctx, call, q)
	must(t, err)
	if again.Nonce != first.Nonce || !again.Until.Equal(first.Until) || h.carrier.codes[h.se] != code || h.carrier.called(tsmp.DeliverOneTimeCode) != 1 {
		t.Errorf("%+v, then %+v; %v", first, again, h.carrier.calls)
	}
	n := 0
	must(t, w.manager.Applications(ctx, func(*sp.Progress) error { n++; return nil }))
	other := *call
	other.ID[0]++
	third, err := w.manager.StartApplication(ctx, &other, q)
	must(t, err)
	if n != 1 || third.Nonce == first.Nonce {
		t.Errorf("%d applications; another call: %v", n, third.Nonce)
	}
}

// TestReady: of each purpose, and of a call that comes again, the answer is what
// GetProgress says.
func TestReady(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-055")
	w, h := enrolled(t)
	agrees := func(what string, a *tsmp.StartApplicationAnswer) {
		t.Helper()
		h.nonce = a.Nonce
		p := h.progress()
		if a.Ready != (p.Stage == tsmp.StageSign && p.Order == nil && p.Presence == nil) {
			t.Errorf("%s: ready %v, and GetProgress says %+v", what, a.Ready, p)
		}
	}
	for _, purpose := range []tsmp.Purpose{tsmp.PurposeIssue, tsmp.PurposeTransfer, tsmp.PurposeRevocation, tsmp.PurposeSuspensionLift, tsmp.PurposePINReset} {
		about := h.phone
		if purpose == tsmp.PurposeIssue {
			about = tsmp.PhoneID{}
		}
		must(t, h.begin(purpose, about))
		agrees(purpose.String(), h.start)
		if h.start.Ready != (purpose != tsmp.PurposePINReset) {
			t.Errorf("%v: ready %v", purpose, h.start.Ready)
		}
	}
	w.settle()
	call := &tsmp.Call{ID: tsmp.CallID{1}, Function: tsmp.StartApplication, Sender: h.app.Party, Role: tsmp.RoleUIApp, Sent: w.now}
	for _, q := range []*tsmp.StartApplicationRequest{{Purpose: tsmp.PurposePINReset, SE: h.se, Phone: h.phone}, {Purpose: tsmp.PurposeRevocation, Phone: h.phone}} {
		call.ID[0]++
		q.DeviceProfile, q.Version, q.Language = "DCP-1", "1", tsmp.Japanese
		first, err := w.manager.StartApplication(ctx, call, q)
		must(t, err)
		agrees("first", first)
		w.settle()
		again, err := w.manager.StartApplication(ctx, call, q)
		must(t, err)
		agrees("again", again)
		if _, err := h.call(tsmp.CancelApplication, &tsmp.CancelApplicationRequest{Nonce: first.Nonce}); err != nil {
			t.Fatal(err)
		}
		again, err = w.manager.StartApplication(ctx, call, q)
		must(t, err)
		agrees("cancelled", again)
	}
}

// TestCodeKept looks for the code in every file and message.
func TestCodeKept(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-002", "SPEC-TSM-PROTOCOL-105")
	w := newWorld(t)
	h := w.holds(0, 1, mnoName)
	h.enrol()
	code := h.carrier.codes[h.se]
	seen := map[string]int{}
	for _, m := range w.sent {
		parts := strings.Split(string(m), ".")
		payload, err := base64.RawURLEncoding.DecodeString(parts[1])
		must(t, err)
		if strings.Contains(string(payload), code) {
			_, rest, _ := strings.Cut(string(payload), `"function":"`)
			name, _, _ := strings.Cut(rest, `"`)
			seen[name]++
		}
	}
	if len(seen) != 2 || seen["DeliverOneTimeCode"] != 1 || seen["VerifyApplication"] != 1 {
		t.Errorf("messages with the code: %v", seen)
	}
	encoded := base64.RawURLEncoding.EncodeToString([]byte(`"code":"` + code + `"`))[:16]
	files, err := w.disk.List("store")
	must(t, err)
	bytes := 0
	for _, name := range files {
		f, err := w.disk.Open("store/" + name)
		must(t, err)
		b, err := io.ReadAll(f)
		must(t, err)
		bytes += len(b)
		if strings.Contains(string(b), code) || strings.Contains(string(b), encoded) {
			t.Errorf("%s has the code", name)
		}
	}
	if bytes < 10000 {
		t.Errorf("%d bytes looked at", bytes)
	}
}

// TestRate: five applications for a SIM in an hour.
func TestRate(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-003")
	w := newWorld(t)
	h := w.holds(0, 1, mnoName)
	for range 5 {
		must(t, h.begin(tsmp.PurposeIssue, tsmp.PhoneID{}))
		w.now = w.now.Add(time.Second)
	}
	if err := h.begin(tsmp.PurposeIssue, tsmp.PhoneID{}); refusalOf(err) != tsmp.CodeRateLimited {
		t.Errorf("the sixth: %v", err)
	}
	if n := h.carrier.called(tsmp.DeliverOneTimeCode); n != 5 {
		t.Errorf("%d codes", n)
	}
	must(t, w.holds(0, 2, mnoName).begin(tsmp.PurposeIssue, tsmp.PhoneID{}))
	w.pass(time.Hour)
	must(t, h.begin(tsmp.PurposeIssue, tsmp.PhoneID{}))
}

// TestRateOfOthers: an app is stopped, and keeps neither other apps nor other purposes
// from beginning.
func TestRateOfOthers(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-003")
	w, h := enrolled(t)
	w.now = w.now.Add(2 * time.Hour)
	stranger := w.holds(1, 7, mnoName)
	for range 5 {
		must(t, stranger.begin(tsmp.PurposeRevocation, h.phone))
		w.now = w.now.Add(time.Second)
	}
	if err := stranger.begin(tsmp.PurposeRevocation, h.phone); refusalOf(err) != tsmp.CodeRateLimited {
		t.Errorf("the sixth: %v", err)
	}
	must(t, h.begin(tsmp.PurposeRevocation, h.phone))
	must(t, stranger.begin(tsmp.PurposeSuspensionLift, h.phone))
	must(t, h.begin(tsmp.PurposeIssue, tsmp.PhoneID{}))
}

// TestWhoResets: a PIN reset is for the instance's own app, SIM and phase.
func TestWhoResets(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-004")
	w, h := enrolled(t)
	elsewhere := *h
	elsewhere.se = tsmp.SEID{0x98, 0x77}
	if err := elsewhere.begin(tsmp.PurposePINReset, h.phone); refusalOf(err) != tsmp.CodeUnknownPhone {
		t.Errorf("another SIM: %v", err)
	}
	h.calls++ // elsewhere has used that number
	if _, err := h.call(tsmp.ReportEvent, &tsmp.ReportEventRequest{Phone: h.phone, Event: tsmp.PhoneLost}); err != nil {
		t.Fatal(err)
	}
	w.settle()
	if err := h.begin(tsmp.PurposePINReset, h.phone); refusalOf(err) != tsmp.CodeWrongState {
		t.Errorf("held: %v", err)
	}
}

// TestRoute: by prefix, by asking, and past a carrier that does not answer.
func TestRoute(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-005")
	w := newWorld(t)
	mno, mvno := w.carriers[mnoName], w.carriers[mvnName]
	h := w.holds(0, 1, mnoName)
	must(t, h.begin(tsmp.PurposeIssue, tsmp.PhoneID{}))
	if mno.called(tsmp.CheckGlobalEligibility) != 1 || mvno.called(tsmp.CheckGlobalEligibility) != 0 {
		t.Errorf("by prefix: %v %v", mno.calls, mvno.calls)
	}
	shared := w.holds(0, 2, mnoName) // the MVNO's, with the host's prefix
	delete(mno.sims, shared.se)
	shared.carrier = mvno
	mvno.sims[shared.se] = &sim{subscriber: tsmp.Subscriber{3}, status: tsmp.SubscriptionActive}
	must(t, shared.begin(tsmp.PurposeIssue, tsmp.PhoneID{}))
	if mno.called(tsmp.CheckGlobalEligibility) != 2 || mvno.codes[shared.se] == "" {
		t.Errorf("by asking: %v %v", mno.calls, mvno.calls)
	}
	nobody := w.holds(0, 3, mnoName)
	delete(mno.sims, nobody.se)
	must(t, nobody.begin(tsmp.PurposeIssue, tsmp.PhoneID{}))
	if nobody.start.Eligible || !slices.Equal(nobody.start.Reasons, []tsmp.NonEligibilityReason{tsmp.UnknownSIM}) {
		t.Errorf("nobody's: %+v", nobody.start)
	}
	w.down[mnoName] = true
	if err := nobody.begin(tsmp.PurposeIssue, tsmp.PhoneID{}); refusalOf(err) != tsmp.CodeCarrier {
		t.Errorf("a carrier that may know it does not answer: %v", err)
	}
	claimed := w.holds(0, 4, mnoName)
	mvno.sims[claimed.se] = &sim{subscriber: tsmp.Subscriber{6}, status: tsmp.SubscriptionActive}
	if err := claimed.begin(tsmp.PurposeIssue, tsmp.PhoneID{}); refusalOf(err) != tsmp.CodeCarrier || mvno.codes[claimed.se] != "" {
		t.Errorf("another carrier names the SIM its own meanwhile: %v", err)
	}
}

// TestReasons: all of them are told; what is there of this SP-TSM's own is none.
func TestReasons(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-006")
	w := newWorld(t)
	h := w.holds(0, 1, mnoName)
	h.sim().reasons = []tsmp.NonEligibilityReason{tsmp.NoOMAPI, tsmp.FullSIM, tsmp.UserNotPermitted}
	must(t, h.begin(tsmp.PurposeIssue, tsmp.PhoneID{}))
	if h.start.Eligible || !slices.Equal(h.start.Reasons, h.sim().reasons) || h.start.Nonce != (tsmp.Nonce{}) {
		t.Errorf("%+v", h.start)
	}
	h.sim().reasons = nil
	h.enrol()
	h.sim().reasons = []tsmp.NonEligibilityReason{tsmp.FullSIM}
	must(t, h.begin(tsmp.PurposeIssue, tsmp.PhoneID{})) // service-present is there, too
	if !h.start.Eligible || h.start.Origin != jpki.OriginOnCard {
		t.Errorf("renewal: %+v", h.start)
	}
}

// TestOtherThanBegun: what is signed is compared with what was begun.
func TestOtherThanBegun(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-007")
	cases := map[string]struct {
		change func(*holder, *application.Application)
		want   tsmp.Code
	}{
		"purpose": {func(_ *holder, a *application.Application) {
			a.Purpose, a.Instance = tsmp.PurposeTransfer, [16]byte{1}
			a.Commit(application.Code{'0'})
		}, tsmp.CodeApplicationPurpose},
		"nonce":  {func(_ *holder, a *application.Application) { a.Nonce[0]++ }, tsmp.CodeApplicationPurpose},
		"origin": {func(_ *holder, a *application.Application) { a.Origin = jpki.OriginDelivered }, tsmp.CodeApplicationPurpose},
		"SIM":    {func(_ *holder, a *application.Application) { a.SIM[5]++ }, tsmp.CodeSIMMismatch},
		"subscription": {func(h *holder, _ *application.Application) {
			h.sim().subscriber = tsmp.Subscriber{0xEE}
		}, tsmp.CodeSubscriberChanged},
		"suspended": {func(h *holder, _ *application.Application) {
			h.sim().status = tsmp.SubscriptionSuspended
		}, tsmp.CodeSubscriberChanged},
		"gone":    {func(h *holder, _ *application.Application) { delete(h.carrier.sims, h.se) }, tsmp.CodeSubscriberChanged},
		"carrier": {func(h *holder, _ *application.Application) { h.w.down[mnoName] = true }, tsmp.CodeCarrier},
	}
	for name, c := range cases {
		w := newWorld(t)
		h := w.holds(0, 1, mnoName)
		must(t, h.begin(tsmp.PurposeIssue, tsmp.PhoneID{}))
		a := h.fields(tsmp.PurposeIssue, tsmp.PhoneID{})
		c.change(h, a)
		if err := h.submit(a); refusalOf(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		if w.ca.called(tsmp.VerifyApplication) != 0 {
			t.Errorf("%s: the authority was asked", name)
		}
	}
	w := newWorld(t)
	h := w.holds(0, 1, mnoName)
	must(t, h.begin(tsmp.PurposeIssue, tsmp.PhoneID{}))
	for _, forged := range [][]byte{[]byte("x"), {0x30, 0x80}} {
		if _, err := h.call(tsmp.SubmitApplication, &tsmp.SubmitApplicationRequest{Nonce: h.nonce, Application: forged}); refusalOf(err) != tsmp.CodeApplicationMalformed {
			t.Errorf("%X: %v", forged, err)
		}
		must(t, h.begin(tsmp.PurposeIssue, tsmp.PhoneID{}))
	}
	must(t, h.submit(h.fields(tsmp.PurposeIssue, tsmp.PhoneID{})))
	flipped := slices.Clone(h.signed)
	flipped[len(flipped)-1]++
	h2 := w.holds(0, 2, mnoName)
	must(t, h2.begin(tsmp.PurposeIssue, tsmp.PhoneID{}))
	if _, err := h2.call(tsmp.SubmitApplication, &tsmp.SubmitApplicationRequest{Nonce: h2.nonce, Application: flipped}); refusalOf(err) != tsmp.CodeApplicationSignature {
		t.Errorf("forged: %v", err)
	}
}

// TestRaces of applications for one SIM and for one person.
func TestRaces(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-009", "SPEC-SP-TSM-011")
	w := newWorld(t)
	first := w.holds(0, 1, mnoName)
	must(t, first.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
	w.step()
	second := w.holds(1, 2, mnoName)
	second.se = first.se
	if err := second.apply(tsmp.PurposeIssue, tsmp.PhoneID{}); refusalOf(err) != tsmp.CodeApplicationOpen {
		t.Errorf("another person's for the same SIM: %v", err)
	}
	w.pass(time.Minute)
	if first.progress().Stage != tsmp.StageDone {
		t.Errorf("%+v", first.progress())
	}
	revoked := 0
	for id, p := range w.ca.phones {
		if id != first.phone {
			revoked++
			if p.open || p.state == certificate.Active || len(p.grounds) != 1 {
				t.Errorf("the second at the authority: %+v", p)
			}
		}
	}
	if revoked != 1 {
		t.Errorf("%d others", revoked)
	}
	if err := second.apply(tsmp.PurposeIssue, tsmp.PhoneID{}); refusalOf(err) != tsmp.CodeApplicationOpen {
		t.Errorf("a SIM with another person's instance: %v", err)
	}
	w.pass(time.Minute)
	if w.instance(first.phone).Phase != tsmp.PhaseOperational {
		t.Error("the first lost its instance")
	}
	w.check()

	for n := range 14 { // the same person on another SIM, and on the same with another app
		for _, same := range []bool{false, true} {
			w := newWorld(t)
			a := w.holds(0, 1, mnoName)
			must(t, a.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
			for range n {
				w.step()
			}
			b := w.holds(0, 2, mvnName)
			if same {
				b = w.holds(0, 2, mnoName)
				b.se = a.se
			}
			must(t, b.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
			w.pass(time.Hour)
			if p := b.progress(); p.Stage != tsmp.StageDone {
				t.Fatalf("%d %v: %+v", n, same, p)
			}
			if w.ca.phones[b.phone].state != certificate.Active || b.sim().phase != "active" {
				t.Fatalf("%d %v: the later one is not active", n, same)
			}
			if !same && (a.sim().phase != "" || a.sim().domain != "") && w.ca.phones[a.phone].state != certificate.Revoked {
				t.Fatalf("%d: the earlier one left %+v", n, a.sim())
			}
			w.check()
		}
	}
}
