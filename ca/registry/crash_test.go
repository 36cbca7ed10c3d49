package registry_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"pgregory.net/rapid"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

// crashes takes a clone of a file system as a crash would leave it before every
// write, sync, creation, renaming and removal.
type crashes struct {
	disk   *vfs.MemFS
	mu     sync.Mutex
	on     bool
	random *rand.Rand
	clones []*vfs.MemFS
}

func newCrashes() (*crashes, vfs.FS) {
	c := &crashes{disk: vfs.NewCrashableMem(), random: rand.New(rand.NewPCG(1, 2))}
	return c, errorfs.Wrap(c.disk, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
			c.take()
		}
		return nil
	}))
}

// take clones twice: with what was synced only, and with some of the rest.
func (c *crashes) take() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.on {
		c.clones = append(c.clones, c.disk.CrashClone(vfs.CrashCloneCfg{}),
			c.disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: c.random}))
	}
}

func (c *crashes) during(f func()) []*vfs.MemFS {
	c.mu.Lock()
	c.on, c.clones = true, nil
	c.mu.Unlock()
	f()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.on = false
	return c.clones
}

func (w *world) anchor() registry.Anchor {
	w.t.Helper()
	s := w.snapshot()
	defer s.Close()
	return s.Anchor()
}

// onClone opens what a crash has left, checks it whole, and compares it with the
// states before and after the operation that was under way.
func (w *world) onClone(disk *vfs.MemFS, what string, allowed ...registry.Anchor) *world {
	w.t.Helper()
	after := &world{clock: w.clock, t: w.t, fs: disk, keys: w.keys}
	after.Registry = open(w.t, disk, w.clock)
	s := after.snapshot()
	defer s.Close()
	for _, a := range allowed {
		if s.Anchor() == a {
			if _, err := s.Check(ctx); err != nil {
				w.t.Fatalf("%s: %v", what, err)
			}
			return after
		}
	}
	w.t.Fatalf("%s: after the crash the journal ends with entry %d, which is neither the state before nor after", what, s.Anchor().Number)
	return nil
}

// TestCrash cuts one enrolment with re-enrolment, and the life after it, before
// every write: what is found is the state before or after the operation, and
// never less than what has returned.
func TestCrash(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-003", "SPEC-CA-LIFECYCLE-070", "SPEC-CA-LIFECYCLE-033")
	c, fs := newCrashes()
	w := newWorld(t, fs)
	defer func() { w.Close() }()
	var h holder
	var app record.Application
	var o record.Order
	var cert, old record.Certificate
	steps := []step{
		{"card", func() { h = w.holder() }},
		{"enrolled", func() { old = w.enrolled(h, sim1) }},
		{"apply", func() { app = w.apply(h, sim2) }},
		{"order", func() { o = w.order(app) }},
		{"reserve", func() { cert = w.reserve(o) }},
		{"complete", func() { w.complete(cert) }},
		{"activate", func() {
			_, err := w.Activate(ctx, cert.Serial, []byte("receipt"), cause)
			w.ok(err)
		}},
		{"scrub", func() { w.ok(w.Scrub(ctx)) }},
		{"change", func() { w.ok(w.ChangeAttributes(ctx, h.person, attributes("別名"), cause)) }},
		{"pending ends", func() {
			h.signature = w.cardCertificate(h.card, certificate.CardSignature)
			w.pending(h, sim1)
			w.clock.advance(registry.PendingTerm * 2)
			_, err := w.Sweep(ctx)
			w.ok(err)
		}},
		{"death", func() { w.ok(w.Die(ctx, h.person, cause)) }},
	}
	total := c.cut(w, steps)
	w.wantState(old, certificate.Revoked, certificate.Superseded)
	if total < 100 {
		t.Errorf("only %d crashes", total)
	}
	t.Logf("%d crashes", total)
}

// step is an operation, or some, that a crash cuts.
type step struct {
	name string
	do   func()
}

// cut takes the steps one after the other and opens what a crash before any write
// of each would have left: the state before or after one of its operations, and
// when it has returned, the last.
func (c *crashes) cut(w *world, steps []step) (total int) {
	w.t.Helper()
	for _, step := range steps {
		states := []registry.Anchor{w.anchor()}
		first := states[0].Number
		clones := c.during(step.do)
		s := w.snapshot()
		w.ok(s.Journal(ctx, first+1, func(e *record.Entry) error {
			states = append(states, registry.Anchor{Number: e.Number - 1, Hash: e.Previous})
			return nil
		}))
		states = append(states, s.Anchor())
		w.ok(s.Close())
		total += len(clones)
		for _, clone := range clones {
			w.ok(w.onClone(clone, step.name, states...).Close())
		}
		// what has returned stays
		w.ok(w.onClone(c.disk.CrashClone(vfs.CrashCloneCfg{}), step.name+" returned", states[len(states)-1]).Close())
	}
	return total
}

// TestCrashManaged cuts what a service manager, the holder and the help desk ask
// for, call by call, in the same way. Calls that were made are made again after
// each crash: what is found answers them, and nothing is done twice.
func TestCrashManaged(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-003", "SPEC-CA-LIFECYCLE-070", "SPEC-CA-LIFECYCLE-086", "SPEC-CA-LIFECYCLE-087", "SPEC-CA-LIFECYCLE-089", "SPEC-CA-LIFECYCLE-092")
	c, fs := newCrashes()
	w := newWorld(t, fs)
	defer func() { w.Close() }()
	m := managed{world: w}
	total := c.cut(w, m.steps())
	if got := m.notices("sp"); len(got) != 3 || got[2].Number != 4 {
		t.Errorf("notices %+v", got)
	}
	if total < 100 {
		t.Errorf("only %d crashes", total)
	}
	t.Logf("%d crashes", total)
	before := w.anchor()
	for _, again := range m.again {
		again(&world{Registry: w.Registry, clock: w.clock, t: t})
	}
	for i, clone := range []*vfs.MemFS{c.disk.CrashClone(vfs.CrashCloneCfg{}), c.disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: c.random})} {
		after := w.onClone(clone, "all calls again", before)
		for _, again := range m.again {
			again(after)
		}
		if after.anchor() != before {
			t.Errorf("clone %d: a call was carried out once more", i)
		}
		w.ok(after.Close())
	}
}

// TestResume cuts an issue before every write and asks for everything again: the
// serial number, the certificate and the end are the same.
func TestResume(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-011", "SPEC-CA-LIFECYCLE-034")
	c, fs := newCrashes()
	w := newWorld(t, fs)
	defer func() { w.Close() }()
	h := w.holder()
	old := w.enrolled(h, sim1)
	q := w.request(h.signature.Serial, sim2)
	key := w.newKey()
	issue := func(w *world) record.Certificate {
		app, err := w.RegisterApplication(ctx, q, cause)
		w.ok(err)
		call := registry.Cause{Actor: registry.SPTSM, Call: "order"}
		o, err := w.PlaceOrder(ctx, registry.OrderRequest{Application: app.ID, SIM: sim2, Instance: aid}, call)
		w.ok(err)
		s := w.snapshot()
		defer s.Close()
		serial := o.Serial
		if serial == 0 || o.Progress == record.Open {
			r, err := w.ReservePhone(ctx, registry.PhoneRequest{Order: o.ID, Generation: 1, Key: key}, cause)
			w.ok(err)
			w.complete(r.Certificate)
			serial = r.Serial
		}
		done, err := w.Activate(ctx, serial, []byte("receipt"), cause)
		w.ok(err)
		return done
	}
	var want record.Certificate
	clones := c.during(func() { want = issue(w) })
	for i, clone := range clones {
		after := &world{clock: w.clock, t: t, fs: clone, keys: w.keys}
		after.Registry = open(t, clone, w.clock)
		got := issue(after)
		if got.Serial != want.Serial || got.DER != want.DER || got.State != certificate.Active {
			t.Fatalf("crash %d: %+v, without crash %+v", i, got, want)
		}
		after.wantState(old, certificate.Revoked, certificate.Superseded)
		after.check()
		w.ok(after.Close())
	}
	t.Logf("%d crashes", len(clones))
}

// TestLivesWithCrashes is TestLives on a disk that forgets, now and then, all
// that was not synced: the oracle, which forgets nothing, stays equal.
func TestLivesWithCrashes(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-003", "SPEC-CA-LIFECYCLE-070", "SPEC-CA-LIFECYCLE-073", "SPEC-CA-LIFECYCLE-001")
	rapid.Check(t, func(t *rapid.T) {
		disk := vfs.NewCrashableMem()
		m := newMachine(t, disk)
		defer func() { m.Close() }()
		actions := m.actions()
		crash := func(t *rapid.T) {
			m.t = t
			cfg := vfs.CrashCloneCfg{}
			if rapid.Bool().Draw(t, "some unsynced") {
				cfg = vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))}
			}
			clone := disk.CrashClone(cfg)
			m.ok(m.Close())
			disk, m.fs = clone, clone
			m.Registry = open(t, clone, m.clock)
		}
		actions["restart"], actions["crash"] = crash, crash
		m.begin(t)
		t.Repeat(actions)
		m.t = t
		m.check()
	})
}
