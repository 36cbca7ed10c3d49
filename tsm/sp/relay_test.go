package sp_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"inkan/core/jpki/application"
	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/sp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// relayed is scripted, with commands by relay.
type relayed struct{ scripted }

func (r relayed) Next(ctx context.Context, state []byte, d *sp.Domain, bearer tsmp.Bearer, most uint64) ([]byte, sp.Move, error) {
	after, m, err := r.scripted.Next(ctx, state, d, bearer, most)
	if m.Script != nil && bearer == tsmp.BearerRelay {
		m.Script.Form = tsmp.FormCommands
	}
	return after, m, err
}

// Take looks at what a response says, without its status word.
func (r relayed) Take(ctx context.Context, state []byte, d *sp.Domain, o *sp.Outcome) ([]byte, error) {
	said := *o
	said.Responses = nil
	for _, b := range o.Responses {
		if text, ok := strings.CutSuffix(string(b), "\x90\x00"); ok {
			b = []byte(text)
		}
		said.Responses = append(said.Responses, b)
	}
	return r.scripted.Take(ctx, state, d, &said)
}

// serving is a world whose SP-TSM serves the relay.
func serving(t fataler) *world {
	w := newWorld(t)
	w.config.Relay, w.config.Cards = true, relayed{}
	must(t, w.restart())
	return w
}

// carry has the app carry out what waits for it at the SP-TSM, and reports how many
// scripts it did. done is the last one that it has returned.
func (h *holder) carry(done *uint64) (n int) {
	h.w.t.Helper()
	p := h.progress()
	if p.Relay == nil || p.Relay.Party != spName {
		return 0
	}
	b, err := h.call(tsmp.FetchScript, &tsmp.FetchScriptRequest{Ticket: p.Relay.Ticket, Done: *done})
	must(h.w.t, err)
	f := b.(*tsmp.FetchScriptAnswer)
	script, commands := f.Script, f.Commands
	for ; script > 0; n++ {
		said := append(h.sim().carryOut(string(commands[0])), 0x90, 0x00)
		b, err := h.call(tsmp.ReturnResponses, &tsmp.ReturnResponsesRequest{Ticket: p.Relay.Ticket, Script: script, Responses: [][]byte{said}})
		must(h.w.t, err)
		*done = script
		a := b.(*tsmp.ReturnResponsesAnswer)
		script, commands = a.Script, a.Commands
	}
	return n
}

// follow has an app follow an issue to its end.
func (w *world) follow(h *holder) (scripts int) {
	done := uint64(0)
	for range 40 {
		w.settle()
		scripts += h.carry(&done)
		if h.progress().Stage == tsmp.StageDone {
			break
		}
		w.pass(time.Second)
	}
	return scripts
}

// TestOwnRelay: an app that is there has scripts from the SP-TSM, and the carrier none;
// one that goes away leaves them to the carrier.
func TestOwnRelay(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-016", "SPEC-SP-TSM-013")
	w := serving(t)
	h := w.holds(0, 1, mnoName)
	must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
	if n := w.follow(h); n == 0 || h.progress().Stage != tsmp.StageDone {
		t.Errorf("%d scripts, %+v", n, h.progress())
	}
	if n := h.carrier.called(tsmp.BeginConversation) + h.carrier.called(tsmp.SendScript); n != 0 {
		t.Errorf("%d calls for the carrier to carry something", n)
	}
	if h.progress().Relay != nil {
		t.Error("a ticket when all is done")
	}
	whole(t, w, h, "served")

	w = serving(t)
	h = w.holds(0, 1, mnoName)
	must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
	w.pass(3 * time.Hour) // nobody fetches
	if p := h.progress(); p.Stage != tsmp.StageDone || h.carrier.called(tsmp.SendScript) == 0 {
		t.Errorf("without an app: %+v, %d scripts by the carrier", p, h.carrier.called(tsmp.SendScript))
	}
	whole(t, w, h, "left alone")
}

// TestNoOwnRelay: an app that its phone does not let reach the SIM is not waited for, in a
// PIN reset either, which asks nobody what the phone can do.
func TestNoOwnRelay(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-016")
	w := serving(t)
	h := w.holds(0, 1, mnoName)
	h.carrier.bearers = []tsmp.Bearer{tsmp.BearerSMS}
	h.enrol()
	must(t, h.begin(tsmp.PurposePINReset, h.phone))
	w.settle()
	p := h.progress()
	if p.Stage != tsmp.StageSign || p.Order == nil || p.Relay != nil {
		t.Fatalf("%+v", p)
	}
	a := h.fields(tsmp.PurposePINReset, h.phone)
	a.Order = application.OrderProof{Hash: p.Order.Hash, Challenge: p.Order.Challenge}
	must(t, h.submit(a))
	w.settle()
	if p := h.progress(); p.Stage != tsmp.StageDone {
		t.Errorf("%+v", p)
	}
	whole(t, w, h, "by short messages")
}

// TestOwnRelayRefused: what the card refuses ends an issue as it does by the carrier.
func TestOwnRelayRefused(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-016", "SPEC-SP-TSM-010")
	w := serving(t)
	h := w.holds(0, 1, mnoName)
	h.sim().refuses = "ORDER"
	must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
	w.follow(h)
	if p := h.progress(); p.Stage != tsmp.StageRefused || p.Refusal != tsmp.CodeMemory || p.Relay != nil {
		t.Errorf("%+v", p)
	}
	h.sim().refuses = ""
	w.pass(48 * time.Hour)
	whole(t, w, h, "refused")
}

// TestOwnRelayCrash ends the process at each write of an issue that it serves itself.
func TestOwnRelayCrash(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-016", "SPEC-SP-TSM-050")
	tell := func(killAt int) *world {
		w := serving(t)
		w.power.set(killAt)
		h := w.holds(0, 1, mnoName)
		must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
		w.follow(h)
		if p := h.progress(); p.Stage != tsmp.StageDone {
			t.Fatalf("killed at write %d: %+v, card %s", killAt, p, strings.Join(h.sim().log, " "))
		}
		whole(t, w, h, "killed")
		return w
	}
	all, deaths := tell(0), 0
	for at := 1; at <= all.power.writes(); at++ {
		deaths += tell(at).deaths
	}
	if t.Logf("%d writes, %d deaths", all.power.writes(), deaths); deaths == 0 {
		t.Error("nothing was killed")
	}
}

// TestAttended: an app that has fetched once is told the rest in the answers to its
// responses, what other parties are asked for in between included.
func TestAttended(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-017")
	w := serving(t)
	h := w.holds(0, 1, mnoName)
	must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
	if p := h.submitted; p == nil || p.Relay == nil || p.Relay.Party != mnoName || p.Relay.Ticket != h.progress().Relay.Ticket {
		t.Errorf("the answer to the application: %+v", p)
	}
	done := uint64(0)
	n := 0
	for range 40 { // until the domain is there
		w.settle()
		if n = h.carry(&done); n > 0 {
			break
		}
		w.pass(time.Second)
	}
	if p := h.progress(); n < 4 || p.Stage != tsmp.StageDone {
		t.Errorf("%d scripts with one FetchScript, %+v", n, p)
	}

	// A party that does not answer keeps nobody waiting.
	w = serving(t)
	w.config.Patience = time.Nanosecond
	must(t, w.restart())
	h = w.holds(0, 1, mnoName)
	must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
	if n := w.follow(h); n == 0 || h.progress().Stage != tsmp.StageDone {
		t.Errorf("%d scripts, %+v", n, h.progress())
	}
	whole(t, w, h, "without patience")
}

// leaving is relayed with programs that leave a session on the card.
type leaving struct{ relayed }

func (l leaving) Next(ctx context.Context, state []byte, d *sp.Domain, bearer tsmp.Bearer, most uint64) ([]byte, sp.Move, error) {
	after, m, err := l.relayed.Next(ctx, state, d, bearer, most)
	if m.Done {
		d.Session = []byte("what is left of a session")
	}
	return after, m, err
}

// TestNothingLeft: a workflow that has ended keeps nothing of a session.
func TestNothingLeft(t *testing.T) {
	w := serving(t)
	w.config.Cards = leaving{}
	must(t, w.restart())
	h := w.holds(0, 1, mnoName)
	must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
	if w.follow(h); h.progress().Stage != tsmp.StageDone {
		t.Fatalf("%+v", h.progress())
	}
	n := 0
	must(t, w.config.Tenant.View(ctx, func(s *store.Snapshot) error {
		return store.Workflows.Scan(s, func(r *row.Workflow) error {
			if n++; strings.Contains(string(r.Data), "session") && !r.State.Live() {
				t.Errorf("%s has a session", r.Kind)
			}
			return nil
		})
	}))
	if n == 0 {
		t.Error("no workflow")
	}
}
