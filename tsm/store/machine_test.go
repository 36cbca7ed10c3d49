package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"pgregory.net/rapid"

	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// crashes takes a clone of a file system as a crash would leave it before every
// write, sync, creation, renaming and removal.
type crashes struct {
	disk   *vfs.MemFS
	mu     sync.Mutex
	on     bool
	random *rand.Rand
	killed bool // the second clone has all that was not synced
	clones []*vfs.MemFS
}

func newCrashes(disk *vfs.MemFS) (*crashes, vfs.FS) {
	c := &crashes{disk: disk, random: rand.New(rand.NewPCG(1, 2))}
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
	unsynced := 50
	if c.killed {
		unsynced = 100
	}
	if c.on {
		c.clones = append(c.clones, c.disk.CrashClone(vfs.CrashCloneCfg{}),
			c.disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: unsynced, RNG: c.random}))
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

var tenantNames = []tsmp.PartyID{"carrier.example", "mvno.example"}

// machine is a store with two tenants beside their models.
type machine struct {
	t      *rapid.T
	clock  *clock
	crash  *crashes
	store  *store.Store
	models map[tsmp.PartyID]*model
	number int // of events
}

func newMachine(t *rapid.T) *machine {
	m := &machine{t: t, clock: new(clock), models: map[tsmp.PartyID]*model{}}
	m.on(vfs.NewCrashableMem())
	for _, name := range tenantNames {
		tenantOf(t, m.store, name)
		m.models[name] = newModel()
	}
	return m
}

func (m *machine) on(disk *vfs.MemFS) {
	var fs vfs.FS
	m.crash, fs = newCrashes(disk)
	m.store = open(m.t, fs, m.clock)
}

var errWanted = errors.New("wanted")

// expect compares an error with whether the oracle allows what was done.
func (m *machine) expect(what string, err error, allowed bool) {
	m.t.Helper()
	var conflict *store.ConflictError
	var rule *store.RowError
	refused := errors.As(err, &conflict) || errors.As(err, &rule) || errors.Is(err, store.ErrNotFound)
	if allowed != (err == nil) || err != nil && !refused {
		m.t.Fatalf("%s: %v, the model allows it: %v", what, err, allowed)
	}
}

// change does one random thing to store and model.
func (m *machine) change(tx *store.Tx, to *model) {
	t := m.t
	n := rapid.ByteRange(0, 5).Draw(t, "n")
	at := begin.Add(time.Duration(rapid.IntRange(1, 50).Draw(t, "minutes")) * time.Minute)
	destination := rapid.SampledFrom([]string{"a", "ab", "sms/1"}).Draw(t, "destination")
	switch rapid.IntRange(0, 11).Draw(t, "what") {
	case 0:
		s := *aService(n)
		s.SE, s.Phone = id('e', rapid.ByteRange(0, 3).Draw(t, "SE")), tsmp.PhoneID(id(rapid.ByteRange(0, 3).Draw(t, "phone")))
		s.State = tsmp.ServiceState(rapid.ByteRange(1, 8).Draw(t, "state"))
		m.expect("put service", store.Services.Put(tx, &s), to.putService(s))
	case 1:
		_, found := to.services[id('s', n)]
		delete(to.services, id('s', n))
		m.expect("delete service", store.Services.Delete(tx, id('s', n)), found)
	case 2:
		w := *aWorkflow(n)
		w.State, w.Next = row.WorkflowState(rapid.ByteRange(1, 3).Draw(t, "state")), at
		if w.State == row.WorkflowDone {
			w.Next, w.Deadline = time.Time{}, time.Time{}
		}
		m.expect("put workflow", store.Workflows.Put(tx, &w), to.putWorkflow(w))
	case 3:
		m.expect("delete workflow", store.Workflows.Delete(tx, id('w', n)), to.deleteWorkflow(id('w', n)))
	case 4:
		s := row.SIM{SE: id('e', n), ICCID: fmt.Sprintf("89811000000000000%02d", rapid.IntRange(0, 3).Draw(t, "ICCID")), Profile: "a",
			State: rapid.SampledFrom([]row.SIMState{row.SIMStock, row.SIMBlocked, row.SIMRetired}).Draw(t, "state"), Counter: rapid.Uint64Range(0, 3).Draw(t, "counter")}
		m.expect("put SIM", store.SIMs.Put(tx, &s), to.putSIM(s))
	case 5:
		x := *aMessage(destination, rapid.ByteRange(0, 9).Draw(t, "call"))
		x.Next = at
		if rapid.Bool().Draw(t, "of a workflow") {
			x.Workflow = id('w', n)
		}
		allowed := to.enqueue(x)
		m.expect("enqueue", store.Enqueue(tx, &x), allowed)
	case 6:
		key := row.MessageKey{Destination: destination, Number: rapid.Uint64Range(1, to.last[destination]+1).Draw(t, "number")}
		m.expect("remove message", store.RemoveMessage(tx, key), to.remove(key))
	case 7:
		if q := to.queues[destination]; len(q) > 0 {
			i := rapid.IntRange(0, len(q)-1).Draw(t, "place")
			q[i].Attempts++
			q[i].Next = at
			must(t, store.Attempt(tx, q[i].Key, at))
		}
	case 8:
		p := row.Program{Key: row.ProgramKey{Workflow: id('w', n), Part: rapid.Uint32Range(0, 2).Draw(t, "part")}, Bytes: []byte{rapid.Byte().Draw(t, "program")}}
		m.expect("set program", store.SetProgram(tx, p.Key.Workflow, p.Key.Part, p.Bytes), to.setProgram(p))
	case 9:
		m.expect("erase program", store.EraseProgram(tx, id('w', n)), true)
		to.eraseProgram(id('w', n))
	case 10:
		must(t, store.ForgetLane(tx, destination))
		if len(to.queues[destination]) == 0 {
			delete(to.last, destination)
		}
	case 11:
		m.number++
		event := fmt.Sprintf("event-%d", m.number)
		to.events = append(to.events, "event "+event)
		must(t, tx.Audit(store.Event{Event: event, Actor: "holder", Responsible: "MNO-TSM", Subject: row.Subject{Service: id('s', n), SE: id('e', n)},
			Evidence: []store.Evidence{{Name: "e", Bytes: []byte{n + 1}}}}))
	}
}

// step does some random things in one step, which may fail, and gives the model
// after it.
func (m *machine) step(name tsmp.PartyID) *model {
	fails := rapid.IntRange(0, 4).Draw(m.t, "fails") == 0
	next := m.models[name].clone()
	err := tenantOf(m.t, m.store, name).Step(ctx, func(tx *store.Tx) error {
		for range rapid.IntRange(1, 5).Draw(m.t, "changes") {
			m.change(tx, next)
		}
		got, err := linesOf(tx)
		must(m.t, err)
		want := next.clone()
		want.events = nil
		if d := differs(got, want.lines()); d != "" {
			m.t.Fatal("within the step:", d)
		}
		if fails {
			return errWanted
		}
		return nil
	})
	if fails && !errors.Is(err, errWanted) || !fails && err != nil {
		m.t.Fatal(err)
	}
	if fails {
		return m.models[name]
	}
	return next
}

func wantLines(t fataler, r store.Reader, want *model) {
	t.Helper()
	got, err := linesOf(r)
	must(t, err)
	if d := differs(got, want.lines()); d != "" {
		t.Fatal("view of before:", d)
	}
}

// compare compares a tenant with one of some models.
func compare(t fataler, tenant *store.Tenant, what string, allowed ...*model) {
	t.Helper()
	must(t, tenant.View(ctx, func(s *store.Snapshot) error {
		got, err := linesOf(s)
		if err != nil {
			return err
		}
		var all []string
		for _, m := range allowed {
			d := differs(got, m.lines())
			if d == "" {
				return nil
			}
			all = append(all, d)
		}
		return fmt.Errorf("%s: tenant %s: %q", what, tenant.Name(), slices.Compact(all))
	}))
}

func (m *machine) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"step": func(t *rapid.T) {
			m.t = t
			name := rapid.SampledFrom(tenantNames).Draw(t, "tenant")
			m.models[name] = m.step(name)
		},
		"step and a view of before": func(t *rapid.T) {
			m.t = t
			name := rapid.SampledFrom(tenantNames).Draw(t, "tenant")
			before := m.models[name]
			must(t, tenantOf(t, m.store, name).View(ctx, func(s *store.Snapshot) error {
				if rapid.Bool().Draw(t, "looked at before") {
					wantLines(t, s, before)
				}
				m.models[name] = m.step(name)
				if rapid.Bool().Draw(t, "looked at after") {
					compare(t, tenantOf(t, m.store, name), "after the step", m.models[name])
				}
				wantLines(t, s, before)
				return nil
			}))
		},
		"step with crashes": func(t *rapid.T) {
			m.t = t
			name := rapid.SampledFrom(tenantNames).Draw(t, "tenant")
			var after *model
			clones := m.crash.during(func() { after = m.step(name) })
			for i, clone := range clones {
				s := open(t, clone, m.clock)
				check(t, s)
				for _, other := range tenantNames {
					allowed := []*model{m.models[other]}
					if other == name {
						allowed = append(allowed, after)
					}
					compare(t, tenantOf(t, s, other), fmt.Sprintf("crash %d", i), allowed...)
				}
				must(t, s.Close())
			}
			m.models[name] = after
		},
		"reopen": func(t *rapid.T) {
			m.t = t
			must(t, m.store.Close())
			m.on(m.crash.disk)
		},
		"crash": func(t *rapid.T) {
			m.t = t
			cfg := vfs.CrashCloneCfg{}
			if rapid.Bool().Draw(t, "some unsynced") {
				cfg = vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))}
			}
			clone := m.crash.disk.CrashClone(cfg)
			must(t, m.store.Close())
			m.on(clone)
		},
		"scrub": func(t *rapid.T) { must(t, m.store.Scrub(ctx)) },
		"": func(t *rapid.T) {
			for name, model := range m.models {
				compare(t, tenantOf(t, m.store, name), "after the step", model)
			}
		},
	}
}

// TestModel compares random steps of two tenants, failed ones too, with maps: by
// key, by index, by pages, within the step and after it, across openings, and
// after crashes at every write of a step.
func TestModel(t *testing.T) {
	req.Covers(t, "SPEC-STORE-010", "SPEC-STORE-011", "SPEC-STORE-012", "SPEC-STORE-013", "SPEC-STORE-015", "SPEC-STORE-020", "SPEC-STORE-021",
		"SPEC-STORE-024", "SPEC-STORE-030", "SPEC-STORE-031", "SPEC-STORE-032", "SPEC-STORE-033", "SPEC-STORE-041", "SPEC-STORE-062")
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t)
		defer func() { m.store.Close() }()
		t.Repeat(m.actions())
		m.t = t
		check(t, m.store)
	})
}
