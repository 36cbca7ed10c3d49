package store_test

import (
	"errors"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/server/store"
	"inkan/spec/req"
)

// TestSharedSnapshots: snapshots of one state are closed one by one, and each shows its
// state until then, whatever is written meanwhile.
func TestSharedSnapshots(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-073")
	s := open(t, vfs.NewMem())
	key := []byte("k")
	put := func(value string) {
		t.Helper()
		if err := s.Update(ctx, func(tx *store.Tx) error { return tx.Put(key, []byte(value)) }); err != nil {
			t.Fatal(err)
		}
	}
	look := func(of *store.Snapshot, want string) {
		t.Helper()
		if value, found, err := of.Get(key, nil); err != nil || !found || string(value) != want {
			t.Errorf("%q %v %v, want %q", value, found, err, want)
		}
	}
	noted := 0
	take := func() *store.Snapshot {
		t.Helper()
		of, err := s.SnapshotAt(ctx, func() { noted++ })
		if err != nil {
			t.Fatal(err)
		}
		return of
	}
	put("one")
	first, second := take(), take()
	put("two")
	third := take()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	look(second, "one")
	look(third, "two")
	if err := first.Close(); !errors.Is(err, store.ErrClosed) {
		t.Errorf("closed twice: %v", err)
	}
	put("three")
	look(second, "one")
	look(third, "two")
	for _, of := range []*store.Snapshot{second, third} {
		if err := of.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if noted != 3 {
		t.Errorf("noted %d times", noted)
	}
	if err := s.Close(); err != nil { // with none left open but its own
		t.Fatal(err)
	}
}
