package delivery_test

import (
	"errors"
	"testing"
	"time"

	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/delivery"
)

// A job that yields ends when the network has given up what is missing of its packet, and
// not while anything of it may still come to the card.
func TestYield(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-017")
	given, taken := delivery.Inbound{}, delivery.Inbound{TPDU: []byte{0, 0}}
	for name, x := range map[string]struct {
		yield   bool
		again   bool // it was sent twice
		restart bool
		say     []delivery.Inbound // of the messages that left, in their order
		ends    bool
	}{
		"all given up":             {yield: true, say: []delivery.Inbound{given, given, given}, ends: true},
		"the last given up":        {yield: true, say: []delivery.Inbound{taken, taken, given}, ends: true},
		"no word about one":        {yield: true, say: []delivery.Inbound{given, given}},
		"all taken":                {yield: true, say: []delivery.Inbound{taken, taken, taken}},
		"sent twice, no word":      {yield: true, again: true, say: []delivery.Inbound{given, given, given}},
		"sent twice, no word more": {yield: true, again: true, say: []delivery.Inbound{given, given, given, given, given}},
		"sent twice":               {yield: true, again: true, say: []delivery.Inbound{given, given, given, given, given, given}, ends: true},
		"another process":          {yield: true, restart: true, say: []delivery.Inbound{given, given, given}},
		"does not yield":           {say: []delivery.Inbound{given, given, given}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := w.addSIM(1)
			w.air.silent = 100
			j := s.job(300, "a")
			j.Yield = x.yield
			w.start(first, j)
			w.work()
			if w.air.count != 3 {
				t.Fatalf("%d messages", w.air.count)
			}
			if x.again {
				w.run(5 * time.Minute)
				w.work()
			}
			if x.restart {
				w.restart()
			}
			for i, in := range x.say {
				in.From, in.Message = s.iccid, uint64(i+1)
				for range 2 { // the word comes twice
					must(t, w.engine.Deliver(ctx, in))
				}
			}
			said := ""
			if x.ends {
				said = "unreachable by sms, 0 proofs, 0 responses;"
			}
			want(t, w.owner.of(first), said)
			if r := w.owner.last[first]; x.ends && (!r.Began || !r.Silent) {
				t.Errorf("%+v", r)
			}
		})
	}
}

// A bearer that fails may have taken a message all the same; one that gives no number says
// nothing of it later.
func TestYieldUnknown(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-017")
	for _, err := range []error{errors.New("connection lost"), delivery.ErrNoSubscriber} {
		w := newWorld(t)
		s := w.addSIM(1)
		w.air.refuse = err
		j := s.job(0, "a")
		j.Yield, j.Deadline = true, w.now.Add(time.Hour)
		w.start(first, j)
		w.run(2 * time.Hour)
		r := w.owner.last[first]
		if r.Outcome != tsmp.OutcomeUnreachable || r.Silent != errors.Is(err, delivery.ErrNoSubscriber) {
			t.Errorf("%v: %+v", err, r)
		}
	}
}

// An app that has fetched a script has the hold from then on, and no longer than the
// ticket.
func TestHold(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-037")
	held := func(hold time.Duration) func(*sim) delivery.Job {
		return func(s *sim) delivery.Job {
			j := s.relayJob("a")
			j.Deadline, j.Hold = begin.Add(time.Hour), hold
			return j
		}
	}
	for _, x := range []struct {
		hold, fetch, lasts time.Duration // from the beginning
	}{{10 * time.Minute, 59 * time.Minute, time.Hour}, {10 * time.Minute, 5 * time.Minute, 15 * time.Minute}, {0, 5 * time.Minute, time.Hour}, {10 * time.Minute, 0, time.Hour}} {
		b := newBench(t, held(x.hold))
		if x.fetch > 0 {
			b.run(x.fetch)
			for range 2 { // the second time changes nothing
				if got := b.fetch("app", 0); got != "script 1: a" {
					t.Fatal(got)
				}
				b.run(time.Second)
			}
		}
		b.run(begin.Add(x.lasts).Add(-time.Second).Sub(b.now))
		want(t, b.owner.of(first), "")
		b.run(2 * time.Second)
		want(t, b.owner.of(first), "unreachable by relay, 0 proofs, 0 responses;")
	}
	b := newBench(t, held(0), held(10*time.Minute))
	want(t, b.fetch("app", 0), "script 1: a")
	b.run(5 * time.Minute)
	for range 2 { // the next one comes with the thanks: from then on
		want(t, b.give("app", 1, false, good), "taken; script 2: a")
		b.run(time.Second)
	}
	b.run(10*time.Minute - 4*time.Second)
	want(t, b.owner.of(first), "done by relay, 0 proofs, 1 responses;")
	b.run(4 * time.Second)
	want(t, b.owner.of(first), "done by relay, 0 proofs, 1 responses;unreachable by relay, 0 proofs, 0 responses;")
}
