package delivery_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"inkan/core/entropy"
	"inkan/core/sms"
	"inkan/core/tsmp"
	"inkan/tsm/delivery"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

var ctx = context.Background()

var begin = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

const tenantName tsmp.PartyID = "mno.example"

type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func must(t fataler, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// event is something that happens at a time.
type event struct {
	at    time.Time
	order int
	do    func()
}

// world is an engine with its store, an owner, a network and SIMs.
type world struct {
	t      fataler
	now    time.Time
	disk   *vfs.MemFS
	store  *store.Store
	tenant *store.Tenant
	engine *delivery.Engine
	config delivery.Config
	events []event
	count  int
	random *rand.Rand
	air    network
	sims   map[string]*sim
	owner  owner

	disks          sync.Mutex // of what follows: Pebble writes by itself, too
	writes, killAt int        // of the file system; 0: never
	crashed        *vfs.MemFS
	deaths         int
}

func newWorld(t fataler) *world { return newWorldOn(t, vfs.NewCrashableMem()) }

func newWorldOn(t fataler, disk *vfs.MemFS) *world {
	w := &world{t: t, now: begin, disk: disk, sims: map[string]*sim{}, random: rand.New(rand.NewPCG(1, 2))}
	w.air = network{w: w, shortest: 3 * time.Second}
	w.owner = owner{w: w, plan: map[row.WorkflowID][]delivery.Job{}}
	from, err := sms.NewAddress(sms.TypeInternational, "819099990000")
	must(t, err)
	w.config = delivery.Config{Party: tenantName, Bearer: &w.air, From: from, Check: w.owner.check, Ended: w.owner.ended,
		Now: func() time.Time { return w.now }, Entropy: entropy.Seeded(1, "delivery")}
	w.boot(w.disk)
	return w
}

// boot opens the store and makes an engine, as a process does at its start.
func (w *world) boot(disk *vfs.MemFS) {
	w.t.Helper()
	w.disk = disk
	fs := errorfs.Wrap(w.disk, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
			w.write()
		}
		return nil
	}))
	var err error
	w.store, err = store.Open(ctx, store.Options{Path: "store", FS: fs, Now: w.config.Now})
	must(w.t, err)
	w.tenant, err = w.store.Tenant(ctx, tenantName)
	must(w.t, err)
	w.config.Tenant = w.tenant
	w.engine, err = delivery.New(w.config)
	must(w.t, err)
}

// write is before each write of the file system: the process ends before one of them.
func (w *world) write() {
	w.disks.Lock()
	defer w.disks.Unlock()
	if w.writes++; w.writes == w.killAt && w.crashed == nil {
		cfg := vfs.CrashCloneCfg{}
		if w.killAt%2 == 0 {
			cfg = vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: rand.New(rand.NewPCG(uint64(w.killAt), 3))}
		}
		w.crashed = w.disk.CrashClone(cfg)
	}
}

// left is the disk that a process has left which has ended; nil: it has not.
func (w *world) left() *vfs.MemFS {
	w.disks.Lock()
	defer w.disks.Unlock()
	return w.crashed
}

// written counts the writes of the file system.
func (w *world) written() int {
	w.disks.Lock()
	defer w.disks.Unlock()
	return w.writes
}

// arm has the process end before a write, counted from now; 0: never.
func (w *world) arm(killAt int) {
	w.disks.Lock()
	defer w.disks.Unlock()
	w.writes, w.killAt = 0, killAt
}

var errKilled = errors.New("killed")

// alive runs something of the process. Where it ends in between, false, and a new one
// is there that knows what the disk has.
func (w *world) alive(do func() error) bool {
	w.t.Helper()
	err := func() (err error) {
		defer func() {
			if r := recover(); r != nil {
				if r != errKilled {
					panic(r)
				}
			}
		}()
		return do()
	}()
	if left := w.left(); left != nil {
		w.reboot(left)
		return false
	}
	must(w.t, err)
	return true
}

// restart closes the store and opens it again.
func (w *world) restart() {
	w.t.Helper()
	must(w.t, w.store.Close())
	w.boot(w.disk)
}

// reboot goes on with the disk as a crash left it.
func (w *world) reboot(disk *vfs.MemFS) {
	w.t.Helper()
	w.deaths++
	w.disks.Lock()
	w.crashed = nil
	w.disks.Unlock()
	must(w.t, w.store.Close())
	w.boot(disk)
	w.check()
}

func (w *world) check() {
	w.t.Helper()
	_, err := w.store.Check(ctx)
	must(w.t, err)
}

// after has something happen later.
func (w *world) after(d time.Duration, do func()) {
	w.count++
	w.events = append(w.events, event{w.now.Add(d), w.count, do})
	slices.SortFunc(w.events, func(a, b event) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.order, b.order)) })
}

// work has the engine do what is due.
func (w *world) work() {
	w.t.Helper()
	for range 1000 {
		more := true
		if w.alive(func() (err error) { more, err = w.engine.Work(ctx, w.now); return err }) && !more {
			return
		}
	}
	w.t.Fatal("Work has no end")
}

// step has the next thing happen; false: nothing will, before a time.
func (w *world) step(until time.Time) bool {
	w.t.Helper()
	w.work()
	next := until
	must(w.t, w.tenant.View(ctx, func(s *store.Snapshot) error {
		due, err := store.NextDue(s)
		if !due.IsZero() && due.Before(next) {
			next = due
		}
		return err
	}))
	if len(w.events) > 0 && !w.events[0].at.After(next) {
		e := w.events[0]
		w.events = w.events[1:]
		w.now = e.at
		e.do()
		return true
	}
	if !next.After(w.now) && next.Before(until) {
		w.t.Fatalf("due at %v, and Work does nothing at %v", next, w.now)
	}
	w.now = next
	return next.Before(until)
}

// run runs until nothing is left to happen, or for a time.
func (w *world) run(d time.Duration) {
	w.t.Helper()
	for until := w.now.Add(d); w.step(until); {
	}
}

// start begins the jobs of an owner's plan.
func (w *world) start(id row.WorkflowID, jobs ...delivery.Job) (access *tsmp.RelayAccess) {
	w.t.Helper()
	for i := range jobs {
		jobs[i].ID = id
	}
	w.owner.plan[id] = jobs
	for !w.alive(func() error {
		return w.tenant.Step(ctx, func(tx *store.Tx) (err error) {
			access, err = w.owner.begin(tx, id)
			return err
		})
	}) {
		if w.owner.has(id) { // the step was done, the answer got lost
			break
		}
	}
	return access
}

func (w *world) addSIM(n byte) *sim {
	w.t.Helper()
	s := newSIM(w, n)
	must(w.t, w.tenant.Step(ctx, func(tx *store.Tx) error {
		return store.SIMs.Put(tx, &row.SIM{SE: s.se, ICCID: s.iccid, Profile: "test", State: row.SIMActive, Subscriber: row.SubscriberID{n}})
	}))
	w.sims[s.iccid] = s
	return s
}

// owner has jobs one after the other, and writes down in its row how they ended.
type owner struct {
	w    *world
	plan map[row.WorkflowID][]delivery.Job
	last map[row.WorkflowID]delivery.Result
	fail error
	told int
}

func (o *owner) begin(tx *store.Tx, id row.WorkflowID) (*tsmp.RelayAccess, error) {
	now := tx.Now()
	err := store.Workflows.Put(tx, &row.Workflow{ID: id, Kind: "owner", State: row.WorkflowWaiting, Begun: now, Changed: now,
		Next: begin.Add(9000 * time.Hour), Deadline: begin.Add(9000 * time.Hour)})
	if err != nil {
		return nil, err
	}
	return o.w.engine.Start(tx, o.plan[id][0])
}

func (o *owner) has(id row.WorkflowID) (found bool) {
	must(o.w.t, o.w.tenant.View(ctx, func(s *store.Snapshot) (err error) {
		_, found, err = store.Workflows.Get(s, id)
		return err
	}))
	return found
}

// ended moves the owner's row and starts its next job.
func (o *owner) ended(_ context.Context, tx *store.Tx, id row.WorkflowID, r delivery.Result) error {
	o.told++
	if o.fail != nil {
		return o.fail
	}
	if o.last == nil {
		o.last = map[row.WorkflowID]delivery.Result{}
	}
	o.last[id] = r
	return store.Workflows.Change(tx, id, func(w *row.Workflow) error {
		w.Data = fmt.Appendf(w.Data, "%v by %v, %d proofs, %d responses;", r.Outcome, r.Bearer, len(r.Proofs), len(r.Responses))
		if w.Step++; int(w.Step) < len(o.plan[id]) {
			_, err := o.w.engine.Start(tx, o.plan[id][w.Step])
			return err
		}
		return nil
	})
}

// of is what the row of an owner says.
func (o *owner) of(id row.WorkflowID) (said string) {
	must(o.w.t, o.w.tenant.View(ctx, func(s *store.Snapshot) error {
		w, _, err := store.Workflows.Get(s, id)
		said = string(w.Data)
		return err
	}))
	return said
}

// check knows the keys of all SIMs.
func (o *owner) check(_ context.Context, q delivery.Question) (delivery.Verdict, error) {
	for _, s := range o.w.sims {
		if s.se == q.SE {
			return s.verdict(q), nil
		}
	}
	return delivery.Foreign, nil
}

func want(t testing.TB, got, want string) {
	t.Helper()
	if got != want {
		t.Fatalf("\n%s\nwant\n%s", strings.ReplaceAll(got, ";", ";\n"), strings.ReplaceAll(want, ";", ";\n"))
	}
}
