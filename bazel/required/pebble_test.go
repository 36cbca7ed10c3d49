package required

import (
	"errors"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// What was written with Sync is there after a crash, and half a batch never is.
func TestPebbleSurvivesCrash(t *testing.T) {
	disk := vfs.NewCrashableMem()
	store := openStore(t, disk)
	batch := store.NewBatch()
	for _, key := range []string{"step/1", "step/2"} {
		if err := batch.Set([]byte(key), []byte("done "+key), nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Commit(pebble.Sync); err != nil {
		t.Fatal(err)
	}
	if err := store.Set([]byte("step/3"), []byte("never synced"), pebble.NoSync); err != nil {
		t.Fatal(err)
	}

	// The clone is the disk as a power cut would leave it: only what was synced.
	crashed := disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 0})
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	reopened := openStore(t, crashed)
	defer func() {
		if err := reopened.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, key := range []string{"step/1", "step/2"} {
		if got, want := value(t, reopened, key), "done "+key; got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	if _, _, err := reopened.Get([]byte("step/3")); !errors.Is(err, pebble.ErrNotFound) {
		t.Errorf("unsynced step/3 after the crash: error %v, want ErrNotFound", err)
	}
}

func openStore(t *testing.T, disk vfs.FS) *pebble.DB {
	t.Helper()
	store, err := pebble.Open("store", &pebble.Options{FS: disk})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func value(t *testing.T, store *pebble.DB, key string) string {
	t.Helper()
	got, closer, err := store.Get([]byte(key))
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	text := string(got)
	if err := closer.Close(); err != nil {
		t.Fatal(err)
	}
	return text
}
