package store_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"pgregory.net/rapid"

	"inkan/server/store"
	"inkan/spec/req"
)

var ctx = context.Background()

func open(t interface{ Fatal(...any) }, fs vfs.FS) *store.Store {
	s, err := store.Open("store", fs)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestUpdates compares transactions, failed ones too, with a map.
func TestUpdates(t *testing.T) {
	fs := vfs.NewMem()
	rapid.Check(t, func(t *rapid.T) {
		if err := fs.RemoveAll("store"); err != nil {
			t.Fatal(err)
		}
		s := open(t, fs)
		defer func() { s.Close() }()
		model := map[string]string{}
		key := rapid.SampledFrom([]string{"a", "ab", "b", "b\xff", "c"})
		t.Repeat(map[string]func(*rapid.T){
			"update": func(t *rapid.T) {
				fails := rapid.IntRange(0, 3).Draw(t, "fails") == 0
				next := map[string]string{}
				for k, v := range model {
					next[k] = v
				}
				failure := errors.New("failure")
				err := s.Update(ctx, func(tx *store.Tx) error {
					for range rapid.IntRange(0, 4).Draw(t, "writes") {
						k := key.Draw(t, "key")
						if rapid.Bool().Draw(t, "delete") {
							delete(next, k)
							tx.Delete([]byte(k))
						} else {
							next[k] = rapid.String().Draw(t, "value")
							tx.Put([]byte(k), []byte(next[k]))
						}
						compare(t, tx.Reader, next)
					}
					if fails {
						return failure
					}
					return nil
				})
				if fails != errors.Is(err, failure) || !fails && err != nil {
					t.Fatal(err)
				}
				if !fails {
					model = next
				}
			},
			"reopen": func(t *rapid.T) {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				s = open(t, fs)
			},
			"": func(t *rapid.T) {
				snapshot, err := s.Snapshot(ctx)
				if err != nil {
					t.Fatal(err)
				}
				defer snapshot.Close()
				compare(t, snapshot.Reader, model)
			},
		})
	})
}

func compare(t *rapid.T, r store.Reader, model map[string]string) {
	count := 0
	last := ""
	err := r.Scan(nil, nil, func(k, v []byte) error {
		if got, ok := model[string(k)]; !ok || got != string(v) || string(k) < last {
			return fmt.Errorf("key %q is %q, want %q", k, v, got)
		}
		last = string(k)
		count++
		return nil
	})
	if err != nil || count != len(model) {
		t.Fatalf("%d keys, want %d: %v", count, len(model), err)
	}
	count = 0
	if err := r.ScanPrefix([]byte("b"), func(k, _ []byte) error { count++; return nil }); err != nil {
		t.Fatal(err)
	}
	for k := range model {
		if k[0] == 'b' {
			count--
		}
		v, found, err := r.Get([]byte(k), []byte("x"))
		has, err2 := r.Has([]byte(k))
		if err != nil || err2 != nil || !found || !has || string(v) != "x"+model[k] {
			t.Fatalf("get %q: %q %v %v %v", k, v, found, err, err2)
		}
	}
	if count != 0 {
		t.Fatalf("prefix scan: %d keys too many", count)
	}
	if _, found, err := r.Get([]byte("none"), nil); found || err != nil {
		t.Fatal("a key that is not there is found")
	}
}

// gate is a disk whose syncs can be held.
type gate struct {
	mu      sync.Mutex
	holding bool
	syncs   int
	release chan struct{}
	held    chan struct{}
}

func newGate() *gate { return &gate{release: make(chan struct{}), held: make(chan struct{}, 1)} }

// MaybeError implements errorfs.Injector: a sync waits while the gate holds.
func (g *gate) MaybeError(op errorfs.Op) error {
	if op.Kind != errorfs.OpFileSync && op.Kind != errorfs.OpFileSyncData && op.Kind != errorfs.OpFileSyncTo {
		return nil
	}
	g.mu.Lock()
	g.syncs++
	wait := g.holding
	g.mu.Unlock()
	if wait {
		select {
		case g.held <- struct{}{}:
		default:
		}
		<-g.release
	}
	return nil
}

func (g *gate) String() string { return "gate" }

func (g *gate) hold(on bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.holding = on; on {
		g.syncs = 0
	} else {
		close(g.release)
	}
}

// TestGroupCommit holds the disk's syncs while callers gather: the snapshots and
// answers that are given out meanwhile have nothing that is not on the disk, and
// far fewer syncs than updates happen.
func TestGroupCommit(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-070", "SPEC-CA-LIFECYCLE-073")
	disk, g := vfs.NewCrashableMem(), newGate()
	s := open(t, errorfs.Wrap(disk, g))
	defer s.Close()
	g.hold(true)
	const callers = 64
	var done sync.WaitGroup
	returned, view := make(chan int, callers), make(chan int, 1)
	for i := range callers {
		done.Go(func() {
			if err := s.Update(ctx, func(tx *store.Tx) error { return tx.Put(binary.BigEndian.AppendUint64(nil, uint64(i)), nil) }); err != nil {
				t.Error(err)
			}
			returned <- i
		})
	}
	select {
	case <-g.held:
	case <-time.After(time.Minute):
		t.Fatal("no sync: the test is wrong")
	}
	done.Go(func() {
		snapshot, err := s.Snapshot(ctx)
		if err != nil {
			t.Error(err)
			return
		}
		defer snapshot.Close()
		view <- countKeys(t, snapshot.Reader)
	})
	time.Sleep(20 * time.Millisecond) // long enough for whoever does not wait
	select {
	case i := <-returned:
		t.Errorf("update %d has returned before the disk has", i)
	case n := <-view:
		t.Errorf("a snapshot shows %d updates before the disk has them", n)
	default:
	}
	if n := onDisk(t, disk); n != 0 {
		t.Fatalf("%d updates are on the disk though no sync has returned: the test is wrong", n)
	}
	g.hold(false)
	done.Wait()
	if n := onDisk(t, disk); n != callers {
		t.Errorf("%d updates are on the disk, %d have returned", n, callers)
	}
	if g.syncs >= callers/2 {
		t.Errorf("%d syncs for %d updates", g.syncs, callers)
	}
}

func countKeys(t *testing.T, r store.Reader) (n int) {
	if err := r.Scan(nil, nil, func([]byte, []byte) error { n++; return nil }); err != nil {
		t.Error(err)
	}
	return n
}

func onDisk(t *testing.T, disk *vfs.MemFS) int {
	s := open(t, disk.CrashClone(vfs.CrashCloneCfg{}))
	defer s.Close()
	snapshot, err := s.Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	return countKeys(t, snapshot.Reader)
}

func TestClosed(t *testing.T) {
	s := open(t, vfs.NewMem())
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	none := func(*store.Tx) error { t.Error("ran"); return nil }
	if err := s.Update(cancelled, none); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, _, get := s.Get(nil, nil)
	_, view := s.Snapshot(ctx)
	for _, err := range []error{s.Update(ctx, none), s.Close(), get, view, s.Scrub(ctx, nil, nil, nil)} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	}
}

func TestAfter(t *testing.T) {
	for prefix, want := range map[string]string{"a": "b", "a\xff": "b", "\xff": "", "": "", "ab": "ac"} {
		if got := store.After([]byte(prefix)); !bytes.Equal(got, []byte(want)) {
			t.Errorf("After(%q) = %q, want %q", prefix, got, want)
		}
	}
}
