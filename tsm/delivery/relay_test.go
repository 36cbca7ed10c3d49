package delivery_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/delivery"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// bench is a world with one SIM and calls of apps on one ticket.
type bench struct {
	*world
	s      *sim
	ticket tsmp.Ticket
}

func newBench(t *testing.T, jobs ...func(*sim) delivery.Job) *bench {
	b := &bench{world: newWorld(t)}
	b.s = b.addSIM(1)
	var list []delivery.Job
	for _, j := range jobs {
		list = append(list, j(b.s))
	}
	access := b.start(first, list...)
	if access == nil || access.Party != tenantName || access.Ticket == (tsmp.Ticket{}) {
		t.Fatalf("access %+v", access)
	}
	b.ticket = access.Ticket
	return b
}

func relayed(texts ...string) func(*sim) delivery.Job {
	return func(s *sim) delivery.Job { return s.relayJob(texts...) }
}

// fetch is what an app hears.
func (b *bench) fetch(app tsmp.PartyID, done uint64) string {
	a, err := b.engine.FetchScript(ctx, &tsmp.Call{Sender: app}, &tsmp.FetchScriptRequest{Ticket: b.ticket, Done: done})
	switch {
	case err != nil:
		return b.code(err)
	case a.State == tsmp.RelayWait:
		return fmt.Sprintf("wait %d", a.Pause)
	case a.State == tsmp.RelayEnd:
		return "end"
	}
	if !bytes.Equal(a.AID, aid) {
		b.t.Fatalf("AID %X", a.AID)
	}
	out := fmt.Sprintf("script %d:", a.Script)
	for _, c := range a.Commands {
		out += " " + string(c[5:])
	}
	return out
}

func (b *bench) give(app tsmp.PartyID, script uint64, interrupted bool, responses ...string) string {
	body := &tsmp.ReturnResponsesRequest{Ticket: b.ticket, Script: script, Interrupted: interrupted}
	for _, r := range responses {
		body.Responses = append(body.Responses, []byte(r))
	}
	a, err := b.engine.ReturnResponses(ctx, &tsmp.Call{ID: tsmp.CallID{5}, Sender: app, Evidence: []byte("signed")}, body)
	if err != nil {
		return b.code(err)
	}
	if a.Script > 0 {
		return fmt.Sprintf("taken; script %d: %s", a.Script, bytes.Join(cut(a.Commands), []byte(" ")))
	}
	if a.End {
		return "taken; end"
	}
	return "taken"
}

// cut are the texts of commands.
func cut(commands [][]byte) (texts [][]byte) {
	for _, c := range commands {
		texts = append(texts, c[5:])
	}
	return texts
}

const good, bad = "\x90\x00", "\x69\x85"

// The rows of the channel's table of states, one after the other, with a restart of the
// process in front of every line.
func TestChannel(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-031", "SPEC-DELIVERY-032", "SPEC-DELIVERY-033", "SPEC-DELIVERY-036", "SPEC-DELIVERY-038", "SPEC-DELIVERY-039", "SPEC-TSM-PROTOCOL-104", "SPEC-TSM-PROTOCOL-107", "SPEC-TSM-PROTOCOL-109", "SPEC-DELIVERY-051")
	b := newBench(t, relayed("a", "b"), relayed("c"))
	must(t, b.tenant.Step(ctx, func(tx *store.Tx) error { // the same channel as Start's
		access, err := b.engine.Open(tx, first, b.s.se, b.now.Add(time.Hour))
		if err == nil && access.Ticket != b.ticket {
			t.Error("another ticket")
		}
		return err
	}))
	if a := b.access(first); a == nil || a.Ticket != b.ticket || !a.Until.Equal(begin.Add(20*time.Hour)) {
		t.Errorf("access %v", a)
	}
	for i, line := range []struct {
		do   func() string
		want string
	}{
		{func() string { return b.give("app", 1, false, good, good) }, "script-order"},
		{func() string { return b.fetch("app", 1) }, "script-order"},
		{func() string { return b.fetch("app", 0) }, "script 1: a b"},
		{func() string { return b.fetch("app", 0) }, "script 1: a b"},
		{func() string { return b.fetch("other", 0) }, "unknown-ticket"},
		{func() string { return b.give("other", 1, false, good, good) }, "unknown-ticket"},
		{func() string { return b.fetch("app", 1) }, "script-order"},
		{func() string { return b.give("app", 1, false, good) }, "malformed-request"},
		{func() string { return b.give("app", 1, false, good, good, good) }, "malformed-request"},
		{func() string { return b.give("app", 1, false) }, "malformed-request"},
		{func() string { return b.give("app", 2, false, good, good) }, "script-order"},
		{func() string { return b.owner.of(first) }, ""},
		{func() string { return b.give("app", 1, false, good, "xy"+good) }, "taken; script 2: c"},
		{func() string { return b.fetch("app", 0) }, "script-order"},
		{func() string { return b.fetch("app", 1) }, "script 2: c"},
		{func() string { return b.give("app", 1, false, bad) }, "taken; script 2: c"}, // not looked at
		{func() string { return b.give("app", 2, false, bad) }, "taken"},
		{func() string { return b.give("app", 2, false, good) }, "taken"}, // not looked at
		{func() string { return b.fetch("app", 2) }, "wait 2"},
		{func() string { return b.fetch("app", 1) }, "wait 2"},
		{func() string { return b.fetch("app", 3) }, "script-order"},
		{func() string {
			must(t, b.tenant.Step(ctx, func(tx *store.Tx) error { return b.engine.Close(tx, first) }))
			return b.fetch("app", 2)
		}, "end"},
		{func() string { return b.give("app", 2, false, bad) }, "taken; end"},
		{func() string { return b.fetch("other", 2) }, "unknown-ticket"},
		{func() string { b.now = b.now.Add(20 * time.Hour); return b.fetch("app", 2) }, "unknown-ticket"},
		{func() string { return b.give("app", 2, false, good) }, "unknown-ticket"},
	} {
		b.restart()
		if got := line.do(); got != line.want {
			t.Fatalf("line %d: %s, want %s", i, got, line.want)
		}
	}
	want(t, b.owner.of(first), "done by relay, 0 proofs, 2 responses;refused-by-card by relay, 0 proofs, 1 responses;")
	if a := b.owner.last[first].Account; a.Scripts != 1 || a.Commands != 1 || a.Responses != 1 || a.Down != 6 || a.Up != 2 || a.Refused != 1 {
		t.Errorf("%+v", a)
	}
	b.run(time.Second)
	b.wantClean()
	b.wantEvidence()
}

// wantEvidence: the audit trail has the ends of both jobs with the app's requests.
func (b *bench) wantEvidence() {
	b.t.Helper()
	must(b.t, b.tenant.View(ctx, func(r *store.Snapshot) error {
		n := 0
		err := store.EntriesOf(r, row.SubjectID(first), func(e *row.Entry) error {
			if n++; e.Actor != "app" || len(e.Exhibits) != 1 || e.Exhibits[0].Hash != row.HashOf([]byte("signed")) {
				b.t.Fatalf("%+v", e)
			}
			return nil
		})
		if n != 2 {
			b.t.Fatalf("%d entries", n)
		}
		return err
	}))
}

// An interruption ends the job with what is known.
func TestInterrupted(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-034")
	for name, c := range map[string]struct {
		responses []string
		outcome   tsmp.Outcome
		began     bool
	}{
		"at once":        {nil, tsmp.OutcomeUnreachable, true},
		"after one":      {[]string{good}, tsmp.OutcomeUnreachable, true},
		"after the last": {[]string{good, "\x61\x10"}, tsmp.OutcomeDone, false},
		"after a bad":    {[]string{good, bad}, tsmp.OutcomeRefused, false},
	} {
		b := newBench(t, relayed("a", "b"))
		b.fetch("app", 0)
		if got := b.give("app", 1, true, c.responses...); got != "taken" {
			t.Fatalf("%s: %s", name, got)
		}
		if r := b.owner.last[first]; r.Outcome != c.outcome || r.Began != c.began || !r.Interrupted || len(r.Responses) != len(c.responses) || r.Bearer != tsmp.BearerRelay {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// A script that nobody fetched, and one that nobody answered, end at their deadlines; an
// app that comes later gets the next one.
func TestRelayDeadline(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-010", "SPEC-DELIVERY-030", "SPEC-DELIVERY-031", "SPEC-DELIVERY-035")
	soon := func(text string, d time.Duration) func(*sim) delivery.Job {
		return func(s *sim) delivery.Job {
			j := s.relayJob(text)
			j.Deadline = s.w.now.Add(d)
			return j
		}
	}
	b := &bench{world: newWorld(t)}
	b.s = b.addSIM(1)
	must(t, b.tenant.Step(ctx, func(tx *store.Tx) error {
		if _, err := b.engine.Open(tx, first, b.s.se, b.now); err == nil {
			t.Error("a ticket whose time is over")
		}
		access, err := b.engine.Open(tx, first, b.s.se, b.now.Add(100*time.Hour))
		if err == nil {
			b.ticket = access.Ticket
			if !access.Until.Equal(begin.Add(delivery.MaxTicket)) {
				t.Errorf("until %v", access.Until)
			}
		}
		return err
	}))
	want(t, b.fetch("app", 0), "wait 2")
	b.restart() // a ticket is bound by the first question, script or not
	want(t, b.fetch("other", 0), "unknown-ticket")
	b.start(first, soon("a", time.Hour)(b.s), soon("b", 2*time.Hour)(b.s), soon("c", 100*time.Hour)(b.s))
	b.run(time.Hour + time.Second)
	want(t, b.owner.of(first), "unreachable by relay, 0 proofs, 0 responses;")
	if b.owner.last[first].Began {
		t.Error("a script that nobody fetched began")
	}
	want(t, b.fetch("app", 0), "script 1: b")
	b.run(2 * time.Hour)
	want(t, b.owner.of(first), "unreachable by relay, 0 proofs, 0 responses;unreachable by relay, 0 proofs, 0 responses;")
	if !b.owner.last[first].Began {
		t.Error("a script that an app has did not begin")
	}
	want(t, b.give("app", 1, false, good), "taken; script 2: c") // late: not looked at
	want(t, b.fetch("app", 1), "script 2: c")
	b.run(25 * time.Hour)
	want(t, b.fetch("app", 1), "unknown-ticket")
	if got := b.owner.last[first]; got.Outcome != tsmp.OutcomeUnreachable || !got.Began {
		t.Errorf("at the end of the ticket: %+v", got)
	}
	b.wantClean()
}

// Cancel and Close end a script that an app has.
func TestCancelRelay(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-003")
	b := newBench(t, relayed("a"))
	b.fetch("app", 0)
	must(t, b.tenant.Step(ctx, func(tx *store.Tx) error {
		if _, err := b.engine.Start(tx, b.owner.plan[first][0]); err != delivery.ErrRunning {
			t.Errorf("a second job: %v", err)
		}
		r, found, err := b.engine.Cancel(tx, first)
		if !found || !r.Began || r.Outcome != tsmp.OutcomeCancelled || r.Bearer != tsmp.BearerRelay {
			t.Errorf("%+v, %v", r, found)
		}
		return err
	}))
	want(t, b.give("app", 1, false, good), "taken")
	want(t, b.fetch("app", 1), "wait 2")
	must(t, b.tenant.Step(ctx, func(tx *store.Tx) error {
		_, err := b.engine.Start(tx, b.owner.plan[first][0])
		return err
	}))
	must(t, b.tenant.Step(ctx, func(tx *store.Tx) error { return b.engine.Close(tx, first) }))
	want(t, b.fetch("app", 1), "end")
	must(t, b.tenant.Step(ctx, func(tx *store.Tx) error {
		if _, err := b.engine.Start(tx, b.owner.plan[first][0]); err == nil {
			t.Error("a job in a closed channel")
		}
		return nil
	}))
	if b.owner.told > 0 {
		t.Error("the owner was told what it did itself")
	}
}
