package delivery_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"inkan/spec/req"
	"inkan/tsm/delivery"
	"inkan/tsm/store"
)

// story is two owners: one with a job on each bearer and one on short messages again,
// and one whose packets wait behind. killAt is the write at which the process ends; 0:
// it does not.
func story(t testing.TB, seed uint64, killAt int) *world {
	w := newWorld(t)
	w.config.Policy = delivery.DefaultPolicy
	w.config.Policy.Pause = 5 * time.Minute
	w.restart()
	w.random = rand.New(rand.NewPCG(seed, 1))
	if seed > 0 {
		w.air.loss, w.air.double, w.air.late, w.air.deaf, w.air.silent = 10, 10, 20, 50, 5
	}
	s, x := w.addSIM(1), w.addSIM(2)
	w.arm(killAt)
	a := &app{w: w, name: "app", forgets: 10}
	w.start(first, s.job(250, "a", "b"), s.relayJob("R1", "R2"), x.job(10, "c"), s.relayJob("R3"))
	w.start(second, x.job(150, "x", "y"))
	for !w.alive(func() error {
		return w.tenant.Step(ctx, func(tx *store.Tx) error {
			access, err := w.engine.Open(tx, first, s.se, w.now.Add(23*time.Hour))
			if err == nil {
				a.ticket = access.Ticket
			}
			return err
		})
	}) {
	}
	w.after(time.Second, a.poll)
	w.after(20*time.Hour, func() {
		for !w.alive(func() error {
			return w.tenant.Step(ctx, func(tx *store.Tx) error { return w.engine.Close(tx, first) })
		}) {
		}
	})
	w.run(22 * time.Hour)
	if !a.over {
		t.Error("the app never heard that nothing more comes")
	}
	if !slices.Equal(a.executed, []string{"R1", "R2", "R3"}) {
		t.Errorf("the app carried out %q", a.executed)
	}
	slices.Sort(x.executed) // the owners of x are independent
	if !slices.Equal(s.executed, []string{"a", "b"}) || !slices.Equal(x.executed, []string{"x", "y"}) && !slices.Equal(x.executed, []string{"c", "x", "y"}) {
		t.Errorf("the cards carried out %q, %q", s.executed, x.executed)
	}
	want(t, w.owner.of(first), "done by sms, 2 proofs, 0 responses;done by relay, 0 proofs, 2 responses;done by sms, 1 proofs, 0 responses;done by relay, 0 proofs, 1 responses;")
	want(t, w.owner.of(second), "done by sms, 2 proofs, 0 responses;")
	w.run(2 * time.Hour) // the ticket's time is over
	w.wantClean()
	return w
}

// The process ends before every write of its store, once each, over a good network and
// over bad ones; every job ends the same.
func TestCuts(t *testing.T) {
	req.Covers(t, "SPEC-DELIVERY-001", "SPEC-DELIVERY-004", "SPEC-DELIVERY-005", "SPEC-DELIVERY-013", "SPEC-DELIVERY-021", "SPEC-DELIVERY-031", "SPEC-TSM-PROTOCOL-107")
	for seed := range uint64(2) {
		writes := story(t, seed, 0).written()
		if writes < 40 {
			t.Fatalf("%d writes: too few for what happens", writes)
		}
		step := 1
		if testing.Short() {
			step = 7
		}
		deaths := 0
		for killAt := 1; killAt <= writes && !t.Failed(); killAt += step {
			deaths += story(t, seed, killAt).deaths
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
		t.Logf("seed %d: %d writes, %d deaths", seed, writes, deaths)
	}
}
