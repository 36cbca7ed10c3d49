package store_test

import (
	"fmt"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/spec/req"
	"inkan/tsm/store"
)

// Each restoring of one backup, and that of a restored store's, begins a later epoch.
func TestEpoch(t *testing.T) {
	req.Covers(t, "SPEC-STORE-073")
	fs, c := vfs.NewMem(), new(clock)
	s := open(t, fs, c)
	epoch := func(s *store.Store) (e uint64) {
		t.Helper()
		must(t, tenantOf(t, s, "sp.example").View(ctx, func(r *store.Snapshot) (err error) {
			e, err = store.Epoch(r)
			return err
		}))
		return e
	}
	if e := epoch(s); e != 0 {
		t.Errorf("epoch %d of a store that was never restored", e)
	}
	_, err := s.Backup(ctx, "backup-0")
	must(t, err)
	must(t, s.Close())
	last := uint64(begin.Unix()) - 1
	for n, from := range []string{"backup-0", "backup-1", "backup-0"} {
		restored, _, err := store.Restore(ctx, store.Options{FS: fs, Path: fmt.Sprint("store-", n), Now: c.now}, from, "operator")
		must(t, err)
		e := epoch(restored)
		if n < 2 && e <= last || e < uint64(begin.Unix()) {
			t.Errorf("%s: epoch %d after %d", from, e, last)
		}
		last = e
		_, err = restored.Backup(ctx, fmt.Sprint("backup-", n+1))
		must(t, err)
		check(t, restored)
		must(t, restored.Close())
	}
}
