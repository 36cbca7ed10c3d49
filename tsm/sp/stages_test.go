package sp_test

import (
	"fmt"
	"testing"
	"time"

	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// step does one thing: false when nothing more happens without time passing.
func (w *world) step() bool {
	w.t.Helper()
	more := false
	w.alive(func() (err error) {
		more, err = w.manager.Work(ctx, w.now)
		return err
	})
	for _, c := range w.carriers {
		before := len(c.actions)
		c.run(false)
		more = more || len(c.actions) != before
	}
	return w.notices() || more
}

// settled is how many steps an issue takes.
func stepsOf(t *testing.T, model tsmp.Model) int {
	w := newWorld(t)
	h := w.holds(0, 1, mnoName)
	h.carrier.models = []tsmp.Model{model}
	must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
	n := 0
	for ; w.step(); n++ {
	}
	if h.progress().Stage != tsmp.StageDone {
		t.Fatal("not done")
	}
	return n
}

// whole is that an issue is complete, or that nothing of it is left.
func whole(t *testing.T, w *world, h *holder, what string) {
	t.Helper()
	s, p := h.sim(), w.ca.phones[h.phone]
	if p == nil {
		return
	}
	i, found, err := w.manager.Instance(ctx, h.phone)
	must(t, err)
	complete := s.phase == "active" && s.domain == "enrolled" && p.state == certificate.Active && found && i.State == tsmp.ServiceDeployed && i.Domain == tsmp.DomainEnrolled
	nothing := s.phase == "" && s.domain == "" && !s.software && !p.open && p.state != certificate.Active && p.state != certificate.Pending &&
		(!found || i.State == tsmp.ServiceTerminated || i.State == tsmp.ServiceOrphaned) && (!found || i.Domain == tsmp.DomainAbsent)
	if complete == nothing {
		t.Fatalf("%s: card %+v, authority %+v, instance %+v", what, s, p, i)
	}
	if found && i.Busy != "" {
		t.Fatalf("%s: still busy with %s", what, i.Busy)
	}
	w.check()
}

// TestCancel gives an application up at each stage.
func TestCancel(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-030", "SPEC-SP-TSM-032")
	for _, model := range []tsmp.Model{tsmp.ModelSimple, tsmp.ModelDelegated} {
		most := stepsOf(t, model)
		late := 0
		for n := range most + 1 {
			w := newWorld(t)
			h := w.holds(0, 1, mnoName)
			h.carrier.models = []tsmp.Model{model}
			must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
			for range n {
				w.step()
			}
			_, err := h.call(tsmp.CancelApplication, &tsmp.CancelApplicationRequest{Nonce: h.nonce})
			w.pass(2 * time.Hour)
			what := fmt.Sprintf("%v, cancelled after %d of %d steps (%v)", model, n, most, err)
			switch refusalOf(err) {
			case "":
				if h.sim().phase != "" || h.sim().domain != "" {
					t.Fatalf("%s: %+v", what, h.sim())
				}
				if p := h.progress(); p.Stage != tsmp.StageRefused {
					t.Fatalf("%s: %+v", what, p)
				}
			case tsmp.CodeWrongState:
				late++
				if h.sim().phase != "active" {
					t.Fatalf("%s: %+v", what, h.sim())
				}
			default:
				t.Fatal(what)
			}
			whole(t, w, h, what)
		}
		if late == 0 || late == most+1 {
			t.Errorf("%d of %d too late", late, most+1)
		}
	}
}

// TestSubscriptionEnds at each stage: the order dies, and the authority is told.
func TestSubscriptionEnds(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-031")
	most := stepsOf(t, tsmp.ModelSimple)
	events := map[string]func(*holder, tsmp.Notice) tsmp.Body{
		"ended": func(h *holder, n tsmp.Notice) tsmp.Body {
			return &tsmp.HandleMobileSubscriptionStatusChangeNotificationRequest{Notice: n, Subscriber: h.sim().subscriber, Status: tsmp.SubscriptionEnded}
		},
		"renewed": func(h *holder, n tsmp.Notice) tsmp.Body {
			return &tsmp.HandleSERenewalNotificationRequest{Notice: n, Subscriber: h.sim().subscriber, SE: h.se, NewSE: tsmp.SEID{1}}
		},
		"recycled": func(h *holder, n tsmp.Notice) tsmp.Body {
			return &tsmp.HandleSEMobileSubscriptionChangedNotificationRequest{Notice: n, SE: h.se, Subscriber: h.sim().subscriber, NewSubscriber: tsmp.Subscriber{9}}
		},
		"retired": func(h *holder, n tsmp.Notice) tsmp.Body {
			return &tsmp.HandleSEStatusChangeNotificationRequest{Notice: n, SE: h.se, Status: tsmp.SERetired}
		},
		"pseudonym": func(h *holder, n tsmp.Notice) tsmp.Body {
			return &tsmp.HandleMobileSubscriptionIdentifierChangedNotificationRequest{Notice: n, Subscriber: h.sim().subscriber, NewSubscriber: tsmp.Subscriber{9}}
		},
	}
	for name, event := range events {
		for n := 0; n <= most; n += 1 + len(name)%3 {
			w := newWorld(t)
			h := w.holds(0, 1, mnoName)
			must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
			for range n {
				w.step()
			}
			if len(h.carrier.services) == 0 { // the carrier tells of what was declared only
				continue
			}
			h.carrier.notify(func(n tsmp.Notice) tsmp.Body { return event(h, n) })
			for _, d := range h.carrier.services {
				d.state = tsmp.ServiceOrphaned
			}
			w.pass(24 * time.Hour)
			what := fmt.Sprintf("%s after %d steps", name, n)
			p := w.ca.phones[h.phone]
			if p.open || p.state == certificate.Active || p.state == certificate.Pending || len(p.grounds) == 0 {
				t.Fatalf("%s: authority %+v", what, p)
			}
			if i, found, _ := w.manager.Instance(ctx, h.phone); found && i.State != tsmp.ServiceOrphaned && i.State != tsmp.ServiceTerminated {
				t.Fatalf("%s: %+v", what, i)
			}
			if a := h.progress(); a.Stage != tsmp.StageDone && (a.Stage != tsmp.StageRefused || a.Refusal != tsmp.CodeSubscriberChanged) {
				t.Fatalf("%s: %+v", what, a)
			}
			w.check()
		}
	}
}

// TestRefusals by each party at each call: the app has the code, and nothing is left.
func TestRefusals(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-010")
	cases := []struct {
		f    tsmp.Function
		ca   bool
		code tsmp.Code
	}{
		{tsmp.DeclareServiceInstanceReference, false, tsmp.CodeServicePresent},
		{tsmp.GetSECapabilityProfileId, false, tsmp.CodeUnknownSE},
		{tsmp.GetCAInformation, false, tsmp.CodeNoAuthority},
		{tsmp.DeployService, false, tsmp.CodeLoadFile},
		{tsmp.DeployService, false, tsmp.CodeSubscriberChanged},
		{tsmp.DeployService, false, tsmp.CodeTemplate},
		{tsmp.DeployService, false, tsmp.CodeNoAuthority},
		{tsmp.EnrollSSDOwnerCertificate, false, tsmp.CodeTemplate},
		{tsmp.BeginConversation, false, tsmp.CodeNoBearer},
		{tsmp.SendScript, false, tsmp.CodeSubscriberChanged},
		{tsmp.PlaceOrder, true, tsmp.CodePersonChanged},
		{tsmp.Issue, true, tsmp.CodeAttestation},
		{tsmp.Activate, true, tsmp.CodePendingExpired},
	}
	for _, c := range cases {
		w := newWorld(t)
		h := w.holds(0, 1, mnoName)
		if c.ca {
			w.ca.refuse[c.f] = tsmp.Refuse(c.code, "")
		} else {
			h.carrier.refuse[c.f] = tsmp.Refuse(c.code, "")
			h.carrier.terse, h.carrier.separate = []tsmp.Function{c.f}, c.f == tsmp.EnrollSSDOwnerCertificate
		}
		must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
		w.pass(2 * time.Hour)
		what := fmt.Sprintf("%s refused with %s", c.f, c.code)
		if p := h.progress(); p.Stage != tsmp.StageRefused || p.Refusal != c.code {
			t.Errorf("%s: %+v", what, p)
		}
		if h.sim().domain != "" {
			t.Errorf("%s: %+v", what, h.sim())
		}
		whole(t, w, h, what)
	}
}

// TestVerifyRefusals: what the authority says of the application is answered as it is.
func TestVerifyRefusals(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-008")
	d, _ := tsmp.Lookup(tsmp.VerifyApplication)
	for _, code := range d.Errors {
		w := newWorld(t)
		h := w.holds(0, 1, mnoName)
		w.ca.refuse[tsmp.VerifyApplication] = tsmp.Refuse(code, "")
		if err := h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}); refusalOf(err) != code {
			t.Errorf("%s: %v", code, err)
		}
		if entry, _ := tsmp.LookupCode(code); entry.Retry == tsmp.RetryNever {
			if p := h.progress(); p.Stage != tsmp.StageRefused || p.Refusal != code {
				t.Errorf("%s: %+v", code, p)
			}
			continue
		}
		if err := h.submit(h.fields(tsmp.PurposeIssue, tsmp.PhoneID{})); err != nil {
			t.Errorf("%s, and once more: %v", code, err)
		}
	}
}

// TestBearers: relay first, short messages when it fails, and the other way round.
func TestBearers(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-013")
	w := newWorld(t)
	h := w.holds(0, 1, mnoName)
	must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
	seen := false
	for n := 0; n < 20 && w.step(); n++ {
		seen = seen || h.progress().Relay != nil
	}
	w.pass(time.Minute)
	if !seen || h.progress().Relay != nil {
		t.Error("no relay offered, or one when all is done")
	}
	for _, broken := range []tsmp.Bearer{tsmp.BearerRelay, tsmp.BearerSMS} {
		w := newWorld(t)
		h := w.holds(0, 1, mnoName)
		h.carrier.broken[broken] = true
		must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
		for range 6 {
			w.pass(10 * time.Minute)
			h.carrier.run(true) // the carrier gives up what it cannot deliver
		}
		w.pass(time.Hour)
		if p := h.progress(); p.Stage != tsmp.StageDone {
			t.Errorf("%v broken: %+v", broken, p)
		}
	}
}

// TestUnreachable: a SIM that nothing reaches ends the application with the reason, and
// is cleaned when it is back.
func TestUnreachable(t *testing.T) {
	for n := range stepsOf(t, tsmp.ModelSimple) - 4 {
		w := newWorld(t)
		h := w.holds(0, 1, mnoName)
		must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
		for range n {
			w.step()
		}
		h.sim().off = true
		for range 60 {
			w.pass(30 * time.Minute)
			h.carrier.run(true)
		}
		if p := h.progress(); p.Stage != tsmp.StageRefused || p.Refusal != tsmp.CodeNoBearer {
			t.Fatalf("after %d steps: %+v", n, p)
		}
		h.sim().off = false
		w.pass(3 * 24 * time.Hour)
		whole(t, w, h, fmt.Sprintf("unreachable after %d steps", n))
	}
}

// TestCard: what the card refuses the app is told.
func TestCard(t *testing.T) {
	for _, word := range []string{"DEPLOY", "KEYS", "ORDER", "DELIVER"} {
		w := newWorld(t)
		h := w.holds(0, 1, mnoName)
		h.sim().refuses = word
		must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
		w.pass(time.Hour)
		if p := h.progress(); p.Stage != tsmp.StageRefused || p.Refusal != tsmp.CodeMemory {
			t.Errorf("%s: %+v", word, p)
		}
		whole(t, w, h, word)
	}
}

// TestCrash ends the process at each write: it goes on, and ends alike.
func TestCrash(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-050", "SPEC-TSM-PROTOCOL-047")
	stories := map[string]func(*world, *holder){
		"issue": func(*world, *holder) {},
		"cancel": func(w *world, h *holder) {
			h.call(tsmp.CancelApplication, &tsmp.CancelApplicationRequest{Nonce: h.nonce})
		},
		"dispose": func(w *world, h *holder) {
			w.pass(time.Minute)
			h.call(tsmp.ReportEvent, &tsmp.ReportEventRequest{Phone: h.phone, Event: tsmp.PhoneDisposed})
		},
		"renew": func(w *world, h *holder) { w.pass(time.Minute); h.enrol() },
	}
	for name, story := range stories {
		tell := func(killAt int) *world {
			w := newWorld(t)
			w.power.set(killAt)
			h := w.holds(0, 1, mnoName)
			must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
			for range 5 {
				w.step()
			}
			story(w, h)
			w.pass(time.Hour)
			what := fmt.Sprintf("%s, killed at write %d", name, killAt)
			want := map[string]bool{"issue": true, "renew": true}[name]
			if s := h.sim(); (s.phase == "active") != want {
				t.Fatalf("%s: card %+v, %+v", what, s, h.progress())
			}
			whole(t, w, h, what)
			return w
		}
		whole := tell(0)
		every := 4
		if name == "issue" {
			every = 1
		}
		deaths := 0
		for at := 1; at <= whole.power.writes(); at += every {
			deaths += tell(at).deaths
		}
		t.Logf("%s: %d writes, %d deaths", name, whole.power.writes(), deaths)
		if deaths == 0 {
			t.Errorf("%s: nothing was killed", name)
		}
	}
}
