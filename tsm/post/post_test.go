package post_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/core/entropy"
	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/post"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

var ctx = context.Background()

const (
	spName  tsmp.PartyID = "sp.example"
	mnoName tsmp.PartyID = "mno.example"
)

// party is a key that follows from a name.
func party(name tsmp.PartyID, role tsmp.Role) (tsmp.Identity, tsmp.Key) {
	seed := make([]byte, ed25519.SeedSize)
	copy(seed, name)
	key := ed25519.NewKeyFromSeed(seed)
	id := "kid-" + string(name)
	return tsmp.Identity{Party: name, KeyID: id, Signer: key}, tsmp.Key{ID: id, Party: name, Role: role, Public: key.Public()}
}

// world is an MNO-TSM that tells an SP-TSM something.
type world struct {
	t       *testing.T
	fs      *vfs.MemFS
	now     time.Time
	store   *store.Store
	tenant  *store.Tenant
	post    *post.Post
	handler *tsmp.Handler
	keys    tsmp.Keys
	taken   []uint64 // sequence numbers that the SP-TSM took
	refuse  *tsmp.Error
	broken  error // of every exchange, which the SP-TSM breaks off
	lost    int   // answers that do not arrive
	dead    bool
	bytes   map[string]int
	ended   []*post.Ended
	fail    error        // of Ended
	failing tsmp.PartyID // whose messages' ends fail
	opened  int
	point   func()                // a moment at which the process may end
	poison  map[uint64]bool       // numbers on which the SP-TSM's connection breaks
	mute    map[tsmp.PartyID]bool // parties that answer nothing
}

type journal map[tsmp.CallKey][]byte

func (j journal) Begin(_ context.Context, r tsmp.Record) ([]byte, error) {
	switch answer, ok := j[r.Key]; {
	case ok:
		return answer, nil
	case r.Late:
		return nil, tsmp.ErrLate
	}
	return nil, nil
}

func (j journal) End(_ context.Context, key tsmp.CallKey, answer []byte) error {
	if answer != nil {
		j[key] = answer
	}
	return nil
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, fs: vfs.NewMem(), now: time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC), keys: tsmp.Keys{}, bytes: map[string]int{}}
	sp, spKey := party(spName, tsmp.RoleSPTSM)
	_, mnoKey := party(mnoName, tsmp.RoleMNOTSM)
	w.keys[spKey.ID], w.keys[mnoKey.ID] = spKey, mnoKey
	w.handler = &tsmp.Handler{Identity: sp, Keys: w.keys, Journal: journal{}, Now: func() time.Time { return w.now }, Service: tsmp.Service{
		tsmp.HandleSEStatusChangeNotification: func(_ context.Context, _ *tsmp.Call, b tsmp.Body) (tsmp.Body, error) {
			if w.refuse != nil {
				return nil, w.refuse
			}
			w.taken = append(w.taken, b.(*tsmp.HandleSEStatusChangeNotificationRequest).Notice.Sequence)
			return &tsmp.Acknowledgement{}, nil
		}}}
	w.open(w.fs)
	t.Cleanup(func() { w.store.Close() })
	return w
}

func (w *world) open(fs vfs.FS) {
	w.t.Helper()
	w.opened++
	var err error
	if w.store, err = store.Open(ctx, store.Options{Path: "store", FS: fs, Now: func() time.Time { return w.now }}); err != nil {
		w.t.Fatal(err)
	}
	if w.tenant, err = w.store.Tenant(ctx, mnoName); err != nil {
		w.t.Fatal(err)
	}
	mno, _ := party(mnoName, tsmp.RoleMNOTSM)
	w.post, err = post.New(post.Config{Tenant: w.tenant, Now: func() time.Time { return w.now }, Entropy: entropy.Seeded(uint64(w.opened), "post"),
		Peer: func(name tsmp.PartyID) (*tsmp.Caller, bool) {
			exchange := w.exchange
			if w.mute[name] {
				exchange = func(_ context.Context, request []byte) ([]byte, error) {
					w.bytes[string(request)]++
					return nil, errors.New("no connection")
				}
			}
			return &tsmp.Caller{Identity: mno, Peer: spName, Keys: w.keys, Exchange: exchange}, name == spName || name == "other.example"
		},
		Ended: func(_ context.Context, _ *store.Tx, e *post.Ended) error {
			if w.point != nil {
				w.point()
			}
			if w.failing != "" && post.Party(e.Message.Key.Destination) == w.failing {
				return errors.New("it cannot be taken in")
			}
			if w.fail == nil {
				w.ended = append(w.ended, e)
			}
			return w.fail
		}})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) exchange(ctx context.Context, request []byte) ([]byte, error) {
	w.bytes[string(request)]++
	if w.point != nil {
		w.point()
		defer w.point()
	}
	if w.broken != nil {
		return nil, w.broken
	}
	if w.dead || w.poison[number(request)] {
		return nil, errors.New("no connection")
	}
	answer, err := w.handler.Handle(ctx, request)
	if w.lost > 0 {
		w.lost--
		return nil, errors.New("connection lost")
	}
	return answer, err
}

// number is the sequence number in a request.
func number(request []byte) uint64 {
	_, body, err := tsmp.ReadSealed(request)
	if err != nil {
		panic(err)
	}
	return body.(*tsmp.HandleSEStatusChangeNotificationRequest).Notice.Sequence
}

// put puts a notification of a sequence number into the outbox.
func (w *world) put(n uint64, l post.Letter) {
	w.t.Helper()
	l.Function = tsmp.HandleSEStatusChangeNotification
	if l.To == "" {
		l.To = spName
	}
	l.Body = &tsmp.HandleSEStatusChangeNotificationRequest{Notice: tsmp.Notice{Sequence: n, At: w.now.Truncate(time.Second)}, SE: tsmp.SEID{1}, Status: tsmp.SEBlocked}
	err := w.tenant.Step(ctx, func(tx *store.Tx) error {
		if l.Workflow != (row.WorkflowID{}) {
			if err := store.Workflows.Put(tx, &row.Workflow{ID: l.Workflow, Kind: "x", State: row.WorkflowRunning, Begun: w.now, Changed: w.now,
				Next: w.now, Deadline: w.now.Add(100 * time.Hour)}); err != nil {
				return err
			}
		}
		_, err := w.post.Put(tx, l)
		if err == nil && len(w.bytes) > 0 && n == 99 {
			w.t.Error("sent within the step")
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// work works until nothing more is due now.
func (w *world) work() {
	w.t.Helper()
	for range 1000 {
		more, err := w.post.Work(ctx)
		if err != nil {
			w.t.Fatal(err)
		}
		if !more {
			return
		}
	}
	w.t.Fatal("no end")
}

func (w *world) want(taken ...uint64) {
	w.t.Helper()
	if len(taken) != len(w.taken) {
		w.t.Fatalf("taken: %v, want %v", w.taken, taken)
	}
	for i := range taken {
		if taken[i] != w.taken[i] {
			w.t.Fatalf("taken: %v, want %v", w.taken, taken)
		}
	}
}

// A post without what it needs is not made.
func TestNewNeeds(t *testing.T) {
	w := newWorld(t)
	whole := post.Config{Tenant: w.tenant, Now: func() time.Time { return w.now }, Entropy: entropy.Seeded(1, "post"),
		Peer: func(tsmp.PartyID) (*tsmp.Caller, bool) { return nil, false }}
	if _, err := post.New(whole); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*post.Config){
		"tenant":  func(c *post.Config) { c.Tenant = nil },
		"peers":   func(c *post.Config) { c.Peer = nil },
		"clock":   func(c *post.Config) { c.Now = nil },
		"entropy": func(c *post.Config) { c.Entropy = nil },
	} {
		c := whole
		spoil(&c)
		if _, err := post.New(c); err == nil {
			t.Errorf("a post without %s", name)
		}
	}
}

// Times in requests are whole seconds, at whatever time a letter is put.
func TestWholeSeconds(t *testing.T) {
	req.Covers(t, "SPEC-POST-001")
	w := newWorld(t)
	second := w.now
	w.now = w.now.Add(700 * time.Millisecond)
	w.put(1, post.Letter{Deadline: w.now.Add(1500 * time.Millisecond)})
	w.work()
	w.want(1)
	for request := range w.bytes {
		call, _, err := tsmp.ReadSealed([]byte(request))
		if err != nil || !call.Sent.Equal(second) || call.Validity != 2*time.Second {
			t.Errorf("sent %v, valid for %v: %v", call.Sent, call.Validity, err)
		}
	}
}

func TestInOrder(t *testing.T) {
	req.Covers(t, "SPEC-POST-001", "SPEC-POST-002", "SPEC-POST-004", "SPEC-TSM-PROTOCOL-084")
	w := newWorld(t)
	w.dead = true
	for n := range uint64(3) {
		w.put(n+1, post.Letter{})
	}
	if len(w.bytes) != 0 {
		t.Fatal("sent before Work")
	}
	w.work()
	if len(w.bytes) != 1 {
		t.Fatalf("%d requests were sent while the first had no answer", len(w.bytes))
	}
	w.dead = false
	w.work()
	w.want()
	w.now = w.now.Add(post.FirstPause)
	w.work()
	w.want(1, 2, 3)
	if len(w.ended) != 3 || w.ended[0].Answer == nil || w.ended[0].Evidence == nil {
		t.Errorf("ended: %d", len(w.ended))
	}
}

// An answer that cannot be taken in keeps no other party's letters back, and is tried
// again like one that has not come.
func TestFailingEnd(t *testing.T) {
	req.Covers(t, "SPEC-POST-006")
	w := newWorld(t)
	w.failing = "other.example"
	w.put(1, post.Letter{To: w.failing})
	w.put(2, post.Letter{})
	w.put(3, post.Letter{})
	for range 3 {
		if _, err := w.post.Work(ctx); err == nil && len(w.ended) == 0 {
			t.Fatal("no error")
		}
	}
	w.want(1, 2, 3)
	if len(w.ended) != 2 {
		t.Fatalf("%d letters ended", len(w.ended))
	}
	if more, err := w.post.Work(ctx); more || err != nil {
		t.Errorf("at once again: %v, %v", more, err)
	}
	w.failing, w.now = "", w.now.Add(post.FirstPause)
	w.work()
	if w.want(1, 2, 3); len(w.ended) != 3 {
		t.Errorf("%d letters ended", len(w.ended))
	}
}

func TestSameBytesUntilAnswered(t *testing.T) {
	req.Covers(t, "SPEC-POST-003")
	w := newWorld(t)
	w.lost = 9
	w.put(1, post.Letter{})
	want := []time.Duration{5, 10, 20, 40, 80, 160, 320, 600, 600}
	for _, pause := range want {
		w.work()
		w.now = w.now.Add(pause*time.Second - time.Second)
		before := w.bytes
		w.work()
		if len(before) != len(w.bytes) || len(w.ended) != 0 {
			t.Fatal("sent too early, or ended")
		}
		w.now = w.now.Add(time.Second)
	}
	w.work()
	w.want(1)
	if len(w.bytes) != 1 || len(w.ended) != 1 {
		t.Errorf("%d different requests, %d ends", len(w.bytes), len(w.ended))
	}
	for _, n := range w.bytes {
		if n != len(want)+1 {
			t.Errorf("sent %d times, want %d", n, len(want)+1)
		}
	}
}

func TestRefused(t *testing.T) {
	req.Covers(t, "SPEC-POST-003", "SPEC-POST-004")
	w := newWorld(t)
	w.refuse = tsmp.Refuse(tsmp.CodeOverloaded, "")
	w.put(1, post.Letter{})
	w.work()
	if len(w.ended) != 0 {
		t.Fatal("an answer that asks for the same call ended it")
	}
	w.refuse = tsmp.Refuse(tsmp.CodeUnknownSE, "")
	w.now = w.now.Add(post.FirstPause)
	w.work()
	if len(w.ended) != 1 || w.ended[0].Failure == nil || w.ended[0].Failure.Code != tsmp.CodeUnknownSE || w.ended[0].Answer != nil {
		t.Fatalf("ended: %+v", w.ended)
	}
}

func TestExpired(t *testing.T) {
	req.Covers(t, "SPEC-POST-005")
	w := newWorld(t)
	w.dead = true
	workflow := row.WorkflowID{7}
	w.put(1, post.Letter{})
	w.put(2, post.Letter{})
	w.put(3, post.Letter{Workflow: workflow})
	w.work()
	w.dead, w.now = false, w.now.Add(25*time.Hour)
	w.work()
	w.want(1, 2)
	if len(w.ended) != 3 || w.ended[2].Failure == nil || w.ended[2].Failure.Code != tsmp.CodeExpired || w.ended[2].Message.Workflow != workflow {
		t.Fatalf("ended: %d", len(w.ended))
	}
}

func TestGivenUp(t *testing.T) {
	req.Covers(t, "SPEC-POST-004")
	w := newWorld(t)
	w.dead = true
	w.put(1, post.Letter{Deadline: w.now.Add(time.Minute)})
	w.work()
	w.now = w.now.Add(2 * time.Minute)
	w.work()
	if len(w.ended) != 1 || !w.ended[0].GivenUp || w.ended[0].Answer != nil || w.ended[0].Failure != nil {
		t.Fatalf("ended: %+v", w.ended)
	}
}

// TestCrash takes a crash clone after each operation: the notifications arrive once
// each, in order, whichever clone goes on.
func TestCrash(t *testing.T) {
	req.Covers(t, "SPEC-POST-001", "SPEC-POST-004")
	for cut := range 8 {
		w := &world{t: t, fs: vfs.NewCrashableMem(), now: time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)}
		fresh := newWorld(t)
		w.keys, w.handler, w.bytes = fresh.keys, fresh.handler, map[string]int{}
		w.handler.Now = func() time.Time { return w.now }
		w.handler.Service = tsmp.Service{tsmp.HandleSEStatusChangeNotification: func(_ context.Context, _ *tsmp.Call, b tsmp.Body) (tsmp.Body, error) {
			w.taken = append(w.taken, b.(*tsmp.HandleSEStatusChangeNotificationRequest).Notice.Sequence)
			return &tsmp.Acknowledgement{}, nil
		}}
		w.open(w.fs)
		for n := range uint64(4) {
			w.put(n+1, post.Letter{})
		}
		for range cut / 2 {
			if _, err := w.post.Work(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if cut%2 == 1 { // the answer arrives and the step that takes it in does not happen
			w.fail = errors.New("power")
			w.post.Work(ctx)
			w.fail, w.now = nil, w.now.Add(post.FirstPause)
		}
		clone := w.fs.CrashClone(vfs.CrashCloneCfg{})
		w.store.Close()
		w.open(clone)
		w.work()
		w.want(1, 2, 3, 4)
		if _, err := w.store.Check(ctx); err != nil {
			t.Fatal(err)
		}
		w.store.Close()
	}
}

func TestCancelled(t *testing.T) {
	w := newWorld(t)
	workflow := row.WorkflowID{7}
	w.put(1, post.Letter{Workflow: workflow})
	w.put(2, post.Letter{})
	if err := w.tenant.Step(ctx, func(tx *store.Tx) error { return post.CancelAll(tx, workflow) }); err != nil {
		t.Fatal(err)
	}
	w.work()
	w.want(2)
}
