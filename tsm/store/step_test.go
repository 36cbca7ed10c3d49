package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// deeper calls f from so many frames further down.
func deeper(n int, f func() error) error {
	if n > 0 {
		return deeper(n-1, f)
	}
	return f()
}

// TestNested: a step or view inside a step, which would wait for it, is refused,
// from however far down and of whatever store.
func TestNested(t *testing.T) {
	req.Covers(t, "SPEC-STORE-022")
	s, other := open(t, vfs.NewMem(), new(clock)), open(t, vfs.NewMem(), new(clock))
	defer s.Close()
	defer other.Close()
	tenant, another := tenantOf(t, s, "sp.example"), tenantOf(t, other, "sp.example")
	inner := map[string]func() error{
		"step":             func() error { return tenant.Step(ctx, func(*store.Tx) error { return nil }) },
		"step of another":  func() error { return another.Step(ctx, func(*store.Tx) error { return nil }) },
		"view":             func() error { return tenant.View(ctx, func(*store.Snapshot) error { return nil }) },
		"tenant":           func() error { _, err := s.Tenant(ctx, "x.example"); return err },
		"check":            func() error { _, err := s.Check(ctx); return err },
		"backup":           func() error { _, err := s.Backup(ctx, "backup"); return err },
		"scrub":            func() error { return s.Scrub(ctx) },
		"begin of journal": func() error { _, err := tenant.Journal().Begin(ctx, record(1, 0, false)); return err },
	}
	for name, f := range inner {
		for _, depth := range []int{0, 1, 62, 63, 64, 65, 300} {
			err := tenant.Step(ctx, func(*store.Tx) error { return deeper(depth, f) })
			if !errors.Is(err, store.ErrNested) {
				t.Errorf("%s, %d frames down: %v, want ErrNested", name, depth, err)
			}
		}
		if err := f(); err != nil {
			t.Errorf("%s outside of a step: %v", name, err)
		}
	}
	must(t, tenant.View(ctx, func(*store.Snapshot) error { return tenant.Step(ctx, func(*store.Tx) error { return nil }) }))
}

// TestOver: transactions and snapshots end with their functions.
func TestOver(t *testing.T) {
	req.Covers(t, "SPEC-STORE-025")
	s := open(t, vfs.NewMem(), new(clock))
	tenant := tenantOf(t, s, "sp.example")
	var tx *store.Tx
	var snapshot *store.Snapshot
	must(t, tenant.Step(ctx, func(x *store.Tx) error { tx = x; return nil }))
	must(t, tenant.View(ctx, func(x *store.Snapshot) error { snapshot = x; return nil }))
	_, _, get := store.Services.Get(snapshot, id('s', 1))
	scan := store.Services.Scan(tx, func(*row.Service) error { return nil })
	for i, err := range []error{get, scan, store.Services.Put(tx, aService(1)), tx.Audit(store.Event{}), snapshot.Trail(1, nil)} {
		if !errors.Is(err, store.ErrOver) {
			t.Errorf("use %d after the end: %v", i, err)
		}
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := tenant.Step(cancelled, func(*store.Tx) error { t.Error("ran"); return nil }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	must(t, s.Close())
	if err := tenant.Step(ctx, func(*store.Tx) error { return nil }); !errors.Is(err, store.ErrClosed) {
		t.Error(err)
	}
}

// slow is a disk whose syncs take a while, and are counted.
type slow struct {
	mu    sync.Mutex
	syncs int
}

func (s *slow) String() string { return "slow" }

// MaybeError implements errorfs.Injector.
func (s *slow) MaybeError(op errorfs.Op) error {
	if op.Kind == errorfs.OpFileSync || op.Kind == errorfs.OpFileSyncData || op.Kind == errorfs.OpFileSyncTo {
		s.mu.Lock()
		s.syncs++
		s.mu.Unlock()
		time.Sleep(2 * time.Millisecond)
	}
	return nil
}

// TestConcurrent has many callers count in one row: no count is lost, no reader
// sees half of a step, and steps share the waits for the disk.
func TestConcurrent(t *testing.T) {
	req.Covers(t, "SPEC-STORE-021", "SPEC-STORE-023", "SPEC-STORE-026")
	disk := new(slow)
	s := open(t, errorfs.Wrap(vfs.NewMem(), disk), new(clock))
	defer s.Close()
	tenant := tenantOf(t, s, "sp.example")
	must(t, tenant.Step(ctx, func(tx *store.Tx) error {
		for n := byte(1); n <= 2; n++ {
			must(t, store.Workflows.Insert(tx, aWorkflow(n)))
		}
		return nil
	}))
	disk.mu.Lock()
	disk.syncs = 0
	disk.mu.Unlock()
	const callers, rounds = 32, 20
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for range rounds {
				err := tenant.Step(ctx, func(tx *store.Tx) error {
					for n := byte(1); n <= 2; n++ {
						err := store.Workflows.Change(tx, id('w', n), func(w *row.Workflow) error { w.Attempts++; return nil })
						if err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
				err = tenant.View(ctx, func(s *store.Snapshot) error {
					a, _, err1 := store.Workflows.Get(s, id('w', 1))
					b, _, err2 := store.Workflows.Get(s, id('w', 2))
					if a.Attempts != b.Attempts {
						return fmt.Errorf("half of a step: %d and %d", a.Attempts, b.Attempts)
					}
					return errors.Join(err1, err2)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	must(t, tenant.View(ctx, func(s *store.Snapshot) error {
		w, _, err := store.Workflows.Get(s, id('w', 1))
		if w.Attempts != callers*rounds {
			t.Errorf("%d counts, want %d", w.Attempts, callers*rounds)
		}
		return err
	}))
	if disk.syncs >= callers*rounds/2 {
		t.Errorf("%d syncs for %d steps", disk.syncs, callers*rounds)
	}
	check(t, s)
}

// TestTenants: the same keys of two tenants are different rows, in the order of
// neither's making, and one tenant's cursor shows nothing of another.
func TestTenants(t *testing.T) {
	req.Covers(t, "SPEC-STORE-024")
	fs, c := vfs.NewMem(), new(clock)
	s := open(t, fs, c)
	names := []tsmp.PartyID{"b.example", "a.example", "aa.example"}
	for i, name := range names {
		must(t, tenantOf(t, s, name).Step(ctx, func(tx *store.Tx) error {
			for n := byte(1); n <= 3; n++ {
				x := aService(n)
				x.Content = []byte{byte(i)}
				must(t, store.Services.Insert(tx, x))
			}
			return tx.Audit(store.Event{Event: "made", Actor: "operator", Responsible: string(name), Subject: row.Subject{Service: id('s', 1)}})
		}))
	}
	must(t, s.Close())
	s = open(t, fs, c)
	defer s.Close()
	var cursor store.Cursor
	for i, name := range names {
		must(t, tenantOf(t, s, name).View(ctx, func(s *store.Snapshot) error {
			n := 0
			mine := func(x *row.Service) error {
				if n++; x.Content[0] != byte(i) {
					t.Errorf("tenant %s sees a row of another", name)
				}
				return nil
			}
			must(t, store.Services.Scan(s, mine))
			for phone := byte(1); phone <= 3; phone++ {
				must(t, store.ServicesByPhone.Scan(s, id('p', phone), mine))
			}
			if n != 6 {
				t.Errorf("tenant %s sees %d rows", name, n)
			}
			_, err := store.Services.Page(s, cursor, 9, mine)
			must(t, err)
			cursor, err = store.Services.Page(s, store.Cursor{}, 1, mine)
			must(t, err)
			return store.EntriesOf(s, id('s', 1), func(e *row.Entry) error {
				if e.Responsible != string(name) {
					t.Errorf("tenant %s sees an entry of another", name)
				}
				return nil
			})
		}))
	}
	for _, bad := range []tsmp.PartyID{"", "A", "a\x00", "../x"} {
		if _, err := s.Tenant(ctx, bad); err == nil {
			t.Errorf("tenant %q", bad)
		}
	}
	if got := fmt.Sprint(s.Tenants()); got != "[b.example a.example aa.example]" {
		t.Error(got)
	}
}

// TestCursors: a cursor is of one listing.
func TestCursors(t *testing.T) {
	req.Covers(t, "SPEC-STORE-015")
	s := open(t, vfs.NewMem(), new(clock))
	defer s.Close()
	tenant := tenantOf(t, s, "sp.example")
	must(t, tenant.Step(ctx, func(tx *store.Tx) error {
		for n := byte(1); n <= 9; n++ {
			must(t, store.Services.Put(tx, aService(n)))
		}
		return nil
	}))
	must(t, tenant.View(ctx, func(s *store.Snapshot) error {
		none := func(*row.Service) error { return nil }
		ofTable, err := store.Services.Page(s, store.Cursor{}, 2, none)
		must(t, err)
		ofOne, err := store.ServicesOfSE.Page(s, id('e', 1), store.Cursor{}, 2, none)
		must(t, err)
		_, err1 := store.ServicesOfSE.Page(s, id('e', 1), ofTable, 2, none)
		_, err2 := store.ServicesOfSE.Page(s, id('e', 2), ofOne, 2, none)
		_, err3 := store.Services.Page(s, ofOne, 2, none)
		_, err4 := store.ParseCursor("7")
		_, err5 := store.ParseCursor("7a")
		_, err6 := store.ParseCursor("00")
		for i, err := range []error{err1, err2, err3, err4, err5, err6} {
			if !errors.Is(err, store.ErrCursor) {
				t.Errorf("cursor %d: %v", i+1, err)
			}
		}
		if _, err := store.Services.Page(s, ofTable, 0, none); err == nil {
			t.Error("a page of no rows")
		}
		return nil
	}))
}

// TestAudit: an event has to say what, who and on whose responsibility; it is found
// by what it is about, with its evidence, and a step that fails leaves none.
func TestAudit(t *testing.T) {
	req.Covers(t, "SPEC-STORE-040", "SPEC-STORE-043", "SPEC-STORE-044")
	s := open(t, vfs.NewMem(), new(clock))
	defer s.Close()
	tenant := tenantOf(t, s, "sp.example")
	good := store.Event{Event: "erased", Actor: "holder", Responsible: "SP-TSM", Subject: row.Subject{Service: id('s'), SE: id('e')},
		Evidence: []store.Evidence{{Name: "receipt", Bytes: []byte("signed")}}}
	bad := []store.Event{good, good, good, good}
	bad[0].Event, bad[1].Actor, bad[2].Responsible, bad[3].Evidence = "", "", "", []store.Evidence{{Name: "receipt"}}
	must(t, tenant.Step(ctx, func(tx *store.Tx) error {
		for i, e := range bad {
			if tx.Audit(e) == nil {
				t.Errorf("event %d is accepted", i)
			}
		}
		return tx.Audit(good)
	}))
	if err := tenant.Step(ctx, func(tx *store.Tx) error { return errors.Join(tx.Audit(good), errWanted) }); !errors.Is(err, errWanted) {
		t.Error(err)
	}
	must(t, tenant.View(ctx, func(s *store.Snapshot) error {
		for _, about := range []row.SubjectID{id('s'), id('e')} {
			n := 0
			must(t, store.EntriesOf(s, about, func(e *row.Entry) error {
				n++
				b, found, err := store.EvidenceOf(s, e.Exhibits[0].Hash)
				if string(b) != "signed" || !found || e.Actor != "holder" || e.Responsible != "SP-TSM" {
					t.Errorf("%+v, evidence %q", e, b)
				}
				return err
			}))
			if n != 1 {
				t.Errorf("%d entries about %s, want 1", n, about)
			}
		}
		return nil
	}))
}
