package store_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/spec/req"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

func decodeHead(t fataler, b []byte) *row.Head {
	h := new(row.Head)
	must(t, codec.Decode(b, h))
	return h
}

func encodeHead(t fataler, h *row.Head) []byte {
	b, err := codec.Append(nil, h)
	must(t, err)
	return b
}

// TestBackup makes backups while steps go on, and restores them: each is a state
// of whole steps that has all that had returned before.
func TestBackup(t *testing.T) {
	req.Covers(t, "SPEC-STORE-070", "SPEC-STORE-071")
	fs, c := vfs.NewMem(), new(clock)
	s := open(t, fs, c)
	defer s.Close()
	tenant := tenantOf(t, s, "sp.example")
	furnish(t, tenant)
	stop := make(chan struct{})
	var group sync.WaitGroup
	var done uint32
	var mu sync.Mutex
	group.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			err := tenant.Step(ctx, func(tx *store.Tx) error {
				for n := byte(1); n <= 2; n++ {
					if err := store.Workflows.Change(tx, id('w', n), func(w *row.Workflow) error { w.Attempts++; return nil }); err != nil {
						return err
					}
				}
				return tx.Audit(store.Event{Event: "attempt", Actor: "operator", Responsible: "SP-TSM"})
			})
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			done++
			mu.Unlock()
		}
	})
	for _, name := range []string{"backup-1", "backup-2", "backup-3"} {
		mu.Lock()
		before := done
		mu.Unlock()
		anchors, err := s.Backup(ctx, name)
		must(t, err)
		restored, report, err := store.Restore(ctx, store.Options{FS: fs, Path: "from " + name, Now: c.now}, name, "operator", anchors...)
		must(t, err)
		check(t, restored, append(anchors, report["sp.example"].Anchor)...)
		must(t, tenantOf(t, restored, "sp.example").View(ctx, func(s *store.Snapshot) error {
			a, _, err1 := store.Workflows.Get(s, id('w', 1))
			b, _, err2 := store.Workflows.Get(s, id('w', 2))
			if a.Attempts != b.Attempts || a.Attempts < before {
				t.Errorf("%s: %d and %d attempts, at least %d had returned", name, a.Attempts, b.Attempts, before)
			}
			last, _, err3 := store.Entry(s, report["sp.example"].Anchor.Number+1)
			if last.Event != store.EventRestored || last.Actor != "operator" {
				t.Errorf("%s: the trail does not say that it was restored: %+v", name, last)
			}
			return errors.Join(err1, err2, err3)
		}))
		must(t, restored.Close())
	}
	close(stop)
	group.Wait()
	if _, err := s.Backup(ctx, "backup-1"); err == nil {
		t.Error("a backup over another")
	}
	if _, _, err := store.Restore(ctx, store.Options{FS: fs, Path: "from backup-1", Now: c.now}, "backup-1", "operator"); err == nil {
		t.Error("a store restored over another")
	}
	if _, _, err := store.Restore(ctx, store.Options{FS: fs, Path: "nowhere", Now: c.now}, "no backup", "operator"); err == nil {
		t.Error("a store out of nothing")
	}
}

// TestBadBackup: a damaged backup, or one that is not what the anchors say, makes
// no store.
func TestBadBackup(t *testing.T) {
	req.Covers(t, "SPEC-STORE-072")
	fs, c := vfs.NewMem(), new(clock)
	s := open(t, fs, c)
	tenant := tenantOf(t, s, "sp.example")
	furnish(t, tenant)
	_, err := s.Backup(ctx, "backup")
	must(t, err)
	furnishMore := func(tx *store.Tx) error {
		return tx.Audit(store.Event{Event: "later", Actor: "holder", Responsible: "SP-TSM"})
	}
	must(t, tenant.Step(ctx, furnishMore))
	late, err := s.Backup(ctx, "later")
	must(t, err)
	must(t, s.Close())
	restore := func(backup string, anchors ...store.Anchor) error {
		r, _, err := store.Restore(ctx, store.Options{FS: fs, Path: "restored", Now: c.now}, backup, "operator", anchors...)
		if err == nil {
			must(t, r.Close())
		} else if _, missing := fs.Stat("restored"); missing == nil {
			t.Error("what was refused is there as a store")
		}
		return err
	}
	if err := restore("backup", late...); !errors.Is(err, store.ErrCorrupt) {
		t.Error("an old backup is accepted against a later anchor:", err)
	}
	names, err := fs.List("backup")
	must(t, err)
	damaged := 0
	for _, name := range names {
		if strings.HasSuffix(name, ".sst") {
			b := read(t, fs, "backup/"+name)
			b[len(b)/3] ^= 0x10
			write(t, fs, "backup/"+name, b)
			damaged++
		}
	}
	if err := restore("backup"); damaged == 0 || !errors.Is(err, store.ErrCorrupt) {
		t.Error("a damaged backup is accepted:", err)
	}
	must(t, restore("later", late...))
}

// TestBackupCrashes cuts a backup before every write: there is no folder of its
// name, or it is whole.
func TestBackupCrashes(t *testing.T) {
	req.Covers(t, "SPEC-STORE-070")
	c, fs := newCrashes(vfs.NewCrashableMem())
	s := open(t, fs, new(clock))
	tenant := tenantOf(t, s, "sp.example")
	furnish(t, tenant)
	var anchors []store.Anchor
	clones := c.during(func() {
		var err error
		anchors, err = s.Backup(ctx, "backup")
		must(t, err)
	})
	must(t, s.Close())
	clones = append(clones, c.disk.CrashClone(vfs.CrashCloneCfg{}))
	whole := 0
	for i, clone := range clones {
		if _, err := clone.Stat("backup"); err != nil {
			continue
		}
		whole++
		r, _, err := store.Restore(ctx, store.Options{FS: clone, Path: "restored", Now: new(clock).now}, "backup", "operator", anchors...)
		if err != nil {
			t.Errorf("crash %d: %v", i, err)
			continue
		}
		must(t, r.Close())
	}
	if whole == 0 || len(clones) < 10 {
		t.Errorf("%d of %d crashes have the backup", whole, len(clones))
	}
}
