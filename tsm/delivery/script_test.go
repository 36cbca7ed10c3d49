package delivery_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"inkan/core/entropy"
	"inkan/core/scp/scp80"
	"inkan/core/tsmp"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/tsm/delivery"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// What cannot be delivered is refused with its item, and nothing is written.
func TestRefusedScripts(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-002")
	w := newWorld(t)
	s := w.addSIM(1)
	keys := keySet(w, 1, new(counter))
	quiet, err := scp80.NewHost(scp80.HostConfig{SPI: fullSPI &^ scp80.PoR, Cipher: keys, Integrity: keys})
	must(t, err)
	noProof, _, err := quiet.Seal(nil, tar, []byte("x"))
	must(t, err)
	packets := func(items ...[]byte) delivery.Script { return delivery.Script{Form: tsmp.FormPackets, Items: items} }
	commands := func(items ...[]byte) delivery.Script {
		return delivery.Script{Form: tsmp.FormCommands, AID: aid, Items: items}
	}
	good, command := s.packet("a", 0), []byte{0x84, 1, 2, 3}
	both := []tsmp.Bearer{tsmp.BearerRelay, tsmp.BearerSMS}
	for name, c := range map[string]struct {
		script  delivery.Script
		bearers []tsmp.Bearer
		item    int
	}{
		"no form":           {delivery.Script{Items: [][]byte{good}}, both, -1},
		"nothing":           {packets(), both, -1},
		"too many":          {packets(bytes.SplitAfter(bytes.Repeat([]byte("x"), tsmp.MaxCommands+1), []byte("x"))...), both, -1},
		"no packet":         {packets(good, []byte{0, 1}), both, 1},
		"too long a packet": {packets(good, s.packet("a", 1100)), both, 1},
		"no proof":          {packets(good, good, noProof), both, 2},
		"short command":     {commands(command, []byte{1, 2, 3}), both, 1},
		"long command":      {commands(command, make([]byte, 262)), both, 1},
		"too long together": {commands(bytes.SplitAfter(bytes.Repeat(append(make([]byte, 260), 'x'), 126), []byte("x"))...), both, 125},
		"no AID":            {delivery.Script{Form: tsmp.FormCommands, Items: [][]byte{command}}, both, -1},
		"packets by relay":  {packets(good), both[:1], -1},
		"commands by SMS":   {commands(command), both[1:], -1},
	} {
		must(t, w.tenant.Step(ctx, func(tx *store.Tx) error {
			_, err := w.engine.Start(tx, delivery.Job{ID: first, SE: s.se, Bearers: c.bearers, Script: c.script, Deadline: w.now.Add(time.Hour)})
			var e *delivery.ScriptError
			if !errors.As(err, &e) || e.Item != c.item || e.Error() == "" {
				t.Errorf("%s: %v, want item %d", name, err, c.item)
			}
			var malformed *wire.DecodeError
			if name == "no packet" && !errors.As(err, &malformed) {
				t.Errorf("%s: %v, want a DecodeError", name, err)
			}
			return nil
		}))
	}
	for name, j := range map[string]delivery.Job{
		"deadline":       {ID: first, SE: s.se, Bearers: both, Script: packets(good), Deadline: w.now},
		"relay deadline": {ID: first, SE: s.se, Bearers: both, Script: commands(command), Deadline: w.now},
		"no SIM":         {ID: first, Bearers: both, Script: packets(good), Deadline: w.now.Add(time.Hour)},
	} {
		must(t, w.tenant.Step(ctx, func(tx *store.Tx) error {
			if _, err := w.engine.Start(tx, j); err == nil {
				t.Errorf("%s: accepted", name)
			}
			return nil
		}))
	}
	w.wantClean()
}

func TestNew(t *testing.T) {
	w := newWorld(t)
	ended := func(context.Context, *store.Tx, row.WorkflowID, delivery.Result) error { return nil }
	full := delivery.Config{Tenant: w.tenant, Party: "p", Ended: ended, Now: w.config.Now, Entropy: entropy.Seeded(1, "x")}
	if _, err := delivery.New(full); err != nil {
		t.Error(err)
	}
	for i, change := range []func(*delivery.Config){
		func(c *delivery.Config) { c.Tenant = nil }, func(c *delivery.Config) { c.Party = "" }, func(c *delivery.Config) { c.Ended = nil },
		func(c *delivery.Config) { c.Now = nil }, func(c *delivery.Config) { c.Entropy = nil },
		func(c *delivery.Config) { c.Policy = delivery.Policy{Silence: time.Second} },
		func(c *delivery.Config) { c.Policy = delivery.DefaultPolicy; c.Policy.Pause = 2 * time.Hour },
	} {
		c := full
		change(&c)
		if _, err := delivery.New(c); err == nil {
			t.Errorf("change %d: accepted", i)
		}
	}
}

// Errors of owner and bearer leave everything as it was, to be done again.
func TestFailures(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-004")
	w := newWorld(t)
	s := w.addSIM(1)
	w.air.silent = 100
	w.start(first, s.job(0, "a"))
	w.air.refuse = errors.New("the line is down")
	w.work()
	w.air.refuse = nil
	w.run(5 * time.Minute)
	w.work()
	if len(w.air.sent) != 1 {
		t.Fatalf("%d messages after the line came back", len(w.air.sent))
	}
	report, _ := s.receive(w.air.sent[0])
	in := delivery.Inbound{From: s.iccid, Message: 1, TPDU: report}
	w.owner.fail = errors.New("the owner fails")
	if err := w.engine.Deliver(ctx, in); !errors.Is(err, w.owner.fail) {
		t.Fatal(err)
	}
	w.owner.fail = nil
	must(t, w.engine.Deliver(ctx, in))
	want(t, w.owner.of(first), "done by sms, 1 proofs, 0 responses;")
}

// Tries that are used up end a job.
func TestTries(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-010")
	w := newWorld(t)
	w.config.Policy = delivery.DefaultPolicy
	w.config.Policy.Tries = 2
	w.restart()
	s := w.addSIM(1)
	w.air.silent = 100
	w.start(first, s.job(0, "a"))
	w.run(24 * time.Hour)
	want(t, w.owner.of(first), "unreachable by sms, 0 proofs, 0 responses;")
	if w.air.count != 2 || !w.owner.last[first].Began {
		t.Errorf("%d messages, %+v", w.air.count, w.owner.last[first])
	}
}

// allocated is what one delivery allocates beside so many other jobs.
func allocated(t *testing.T, others int) float64 {
	w := newWorld(t)
	must(t, w.tenant.Step(ctx, func(tx *store.Tx) error {
		for i := range others {
			se := tsmp.SEID{0xEE, byte(i >> 8), byte(i)}
			must(t, store.SIMs.Put(tx, &row.SIM{SE: se, ICCID: fmt.Sprintf("898110000000001%04d", i), Profile: "test", State: row.SIMStock}))
		}
		return nil
	}))
	s, other := w.addSIM(1), w.addSIM(2)
	packet := other.packet("x", 0)
	w.air.silent = 100
	must(t, w.tenant.Step(ctx, func(tx *store.Tx) error {
		for i := range others {
			se := tsmp.SEID{0xEE, byte(i >> 8), byte(i)}
			_, err := w.engine.Start(tx, delivery.Job{ID: row.WorkflowID{0xEE, byte(i >> 8), byte(i)}, SE: se, Bearers: []tsmp.Bearer{tsmp.BearerSMS},
				Script: delivery.Script{Form: tsmp.FormPackets, Items: [][]byte{packet}}, Deadline: w.now.Add(time.Hour)})
			must(t, err)
		}
		return nil
	}))
	w.work()
	jobs := make([]delivery.Job, 12)
	for i := range jobs {
		jobs[i] = s.job(0, "a")
	}
	w.start(first, jobs...)
	step := func() {
		more, err := w.engine.Work(ctx, w.now)
		must(t, err)
		if more {
			t.Fatal("more")
		}
		report, _ := s.receive(w.air.sent[len(w.air.sent)-1])
		must(t, w.engine.Deliver(ctx, delivery.Inbound{From: s.iccid, Message: w.air.count, TPDU: report}))
	}
	least := testing.AllocsPerRun(1, step)
	for range 5 { // what the store does beside a step is not the step's
		least = min(least, testing.AllocsPerRun(1, step))
	}
	return least
}

// What a step costs does not grow with the jobs of other SIMs.
func TestCostOfAStep(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-006")
	few, many := allocated(t, 10), allocated(t, 3000)
	if many > 2*few+100 { // one for each other job would be 2,990 more
		t.Errorf("%v allocations beside 10 jobs, %v beside 3000", few, many)
	}
	t.Logf("%v allocations beside 10 jobs, %v beside 3000", few, many)
}

// A job that is due before the time that Work was last called with is found.
func TestEarlierThanWork(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-006", "SPEC-DELIVERY-012")
	w := newWorld(t)
	s := w.addSIM(1)
	for range 2 {
		_, err := w.engine.Work(ctx, w.now.Add(10*time.Hour))
		must(t, err)
	}
	w.start(first, s.job(0, "a"))
	if w.work(); len(w.air.sent) != 1 {
		t.Errorf("%d messages", len(w.air.sent))
	}
}
