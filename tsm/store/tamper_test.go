package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	raw "inkan/server/store"
	"inkan/spec/req"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// furnish puts something into every table and index of a tenant.
func furnish(t fataler, tenant *store.Tenant) {
	t.Helper()
	journal := tenant.Journal()
	if _, err := journal.Begin(ctx, record(1, 0, false)); err != nil {
		t.Fatal(err)
	}
	must(t, journal.End(ctx, record(1, 0, false).Key, []byte("answer")))
	contract := row.Subscriber{ID: id('t'), MSISDN: "819012345678", IMSI: "440101234567890", SE: id('e', 1), State: row.SubscriberActive, Since: begin}
	key := row.Key{Use: "scp80", Version: 1, Wrapped: row.Wrapped{Label: "hsm/ota", Blob: []byte("opaque")}}
	must(t, tenant.Step(ctx, func(tx *store.Tx) error {
		for n := byte(1); n <= 3; n++ {
			x := aService(n)
			x.Keys = []row.Key{key}
			must(t, store.Services.Put(tx, x))
			must(t, store.Workflows.Put(tx, aWorkflow(n)))
			must(t, store.SetProgram(tx, id('w', n), uint32(n), []byte{n}))
			m := aMessage("mno.example", n)
			m.Workflow = id('w', n)
			must(t, store.Enqueue(tx, m))
		}
		must(t, store.Applications.Put(tx, &row.Application{ID: id('a'), Verified: id('v'), Pseudonym: id('n'), Purpose: "issue", SE: id('e', 1),
			Carrier: "mno.example", Progress: row.Verified, At: begin, Deadline: begin.AddDate(0, 0, 1)}))
		must(t, store.Subscribers.Put(tx, &contract))
		must(t, store.SIMs.Put(tx, &row.SIM{SE: id('e', 1), ICCID: "8981100000000000001", Profile: "a", Subscriber: contract.ID, State: row.SIMActive, Keys: []row.Key{key}}))
		must(t, store.Pseudonyms.Put(tx, &row.Pseudonym{Pseudonym: id('y'), Provider: "sp.example", Subscriber: contract.ID}))
		must(t, store.Devices.Put(tx, &row.Device{IMEI: "350000000000001", Model: "phone", SE: id('e', 1), Seen: begin}))
		return nil
	}))
	for i := range 3 {
		must(t, tenant.Step(ctx, func(tx *store.Tx) error {
			return tx.Audit(store.Event{Event: fmt.Sprint("event-", i), Actor: "holder", Responsible: "MNO-TSM",
				Subject: row.Subject{Service: id('s', 1), SE: id('e', 1)}, Evidence: []store.Evidence{{Name: "request", Bytes: []byte{1, byte(i)}}}})
		}))
	}
}

func furnished(t fataler) (*vfs.MemFS, []store.Anchor) {
	fs := vfs.NewMem()
	s := open(t, fs, new(clock))
	var anchors []store.Anchor
	for _, name := range tenantNames {
		tenant := tenantOf(t, s, name)
		furnish(t, tenant)
		must(t, tenant.View(ctx, func(s *store.Snapshot) error { anchors = append(anchors, tenant.Anchor(s)); return nil }))
	}
	check(t, s, anchors...)
	must(t, s.Close())
	return fs, anchors
}

// pair is a key and value as the files have it.
type pair struct{ key, value []byte }

func pairs(t fataler, fs vfs.FS) (list []pair) {
	s, err := raw.Open("store", fs)
	must(t, err)
	defer s.Close()
	snapshot, err := s.Snapshot(ctx)
	must(t, err)
	defer snapshot.Close()
	must(t, snapshot.Scan(nil, nil, func(key, value []byte) error {
		list = append(list, pair{bytes.Clone(key), bytes.Clone(value)})
		return nil
	}))
	return list
}

func rewrite(t fataler, fs vfs.FS, fn func(*raw.Tx) error) {
	s, err := raw.Open("store", fs)
	must(t, err)
	must(t, s.Update(ctx, fn))
	must(t, s.Close())
}

// inspect opens a store and checks it.
func inspect(fs vfs.FS, anchors ...store.Anchor) error {
	s, err := store.Open(ctx, store.Options{Path: "store", FS: fs, Now: new(clock).now})
	if err != nil {
		return err
	}
	_, err = s.Check(ctx, anchors...)
	return errors.Join(err, s.Close())
}

// TestEveryKeyMatters takes each key away, changes each byte of each value, adds a
// key beside each and swaps the values of neighbours, through the store below:
// Check, or the opening, says what is wrong.
func TestEveryKeyMatters(t *testing.T) {
	req.Covers(t, "SPEC-STORE-041", "SPEC-STORE-042", "SPEC-STORE-060", "SPEC-STORE-061", "SPEC-STORE-062")
	fs, _ := furnished(t)
	list := pairs(t, fs)
	seen := map[byte]bool{}
	changes, swaps := 0, 0
	try := func(what string, change, back func(*raw.Tx) error) {
		rewrite(t, fs, change)
		if err := inspect(fs); !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("%s: %v, want ErrCorrupt", what, err)
		}
		rewrite(t, fs, back)
		changes++
	}
	for i, p := range list {
		seen[p.key[4]] = true
		if bytes.Equal(p.key, []byte{0, 0, 0, 0, 's'}) { // the schema's: see TestMigration
			continue
		}
		put := func(tx *raw.Tx) error { return tx.Put(p.key, p.value) }
		try(fmt.Sprintf("without key %X", p.key), func(tx *raw.Tx) error { return tx.Delete(p.key) }, put)
		for at := 0; at < len(p.value); at += 1 + len(p.value)/6 {
			other := bytes.Clone(p.value)
			other[at] ^= 0x81
			try(fmt.Sprintf("key %X, byte %d", p.key, at), func(tx *raw.Tx) error { return tx.Put(p.key, other) }, put)
		}
		beside := append(bytes.Clone(p.key), 1)
		try(fmt.Sprintf("beside key %X", p.key), func(tx *raw.Tx) error { return tx.Put(beside, p.value) }, func(tx *raw.Tx) error { return tx.Delete(beside) })
		if i+1 == len(list) || bytes.Equal(list[i+1].value, p.value) {
			continue
		}
		q := list[i+1]
		swaps++
		try(fmt.Sprintf("key %X with the next one's value", p.key), func(tx *raw.Tx) error { return errors.Join(tx.Put(p.key, q.value), tx.Put(q.key, p.value)) },
			func(tx *raw.Tx) error { return errors.Join(tx.Put(p.key, p.value), tx.Put(q.key, q.value)) })
	}
	for code := range seen {
		try(fmt.Sprintf("a key of table %c and another tenant", code), func(tx *raw.Tx) error { return tx.Put([]byte{0, 0, 1, 0, code, 1}, nil) },
			func(tx *raw.Tx) error { return tx.Delete([]byte{0, 0, 1, 0, code, 1}) })
	}
	if len(seen) != 35 {
		t.Errorf("%d tables and indexes have something, want all 35: %q", len(seen), fmt.Sprint(seen))
	}
	must(t, inspect(fs))
	t.Logf("%d changes, %d swaps", changes, swaps)
}

// TestOldRows: what was there once is not what is there now, though it is whole.
func TestOldRows(t *testing.T) {
	req.Covers(t, "SPEC-STORE-042", "SPEC-STORE-063")
	fs, anchors := furnished(t)
	before := pairs(t, fs)
	s := open(t, fs, new(clock))
	tenant := tenantOf(t, s, tenantNames[0])
	must(t, tenant.Step(ctx, func(tx *store.Tx) error {
		return store.Workflows.Change(tx, id('w', 1), func(w *row.Workflow) error { w.Attempts++; return nil })
	}))
	must(t, tenant.Step(ctx, func(tx *store.Tx) error {
		return tx.Audit(store.Event{Event: "later", Actor: "holder", Responsible: "MNO-TSM"})
	}))
	var late store.Anchor
	must(t, tenant.View(ctx, func(s *store.Snapshot) error { late = tenant.Anchor(s); return nil }))
	check(t, s, append(anchors, late)...)
	must(t, s.Close())
	after := pairs(t, fs)
	restore := func(list []pair, only byte) {
		rewrite(t, fs, func(tx *raw.Tx) error {
			if only == 0 {
				for _, p := range after {
					must(t, tx.Delete(p.key))
				}
			}
			for _, p := range list {
				if only == 0 || p.key[4] == only {
					must(t, tx.Put(p.key, p.value))
				}
			}
			return nil
		})
	}
	restore(before, 'w')
	if err := inspect(fs); !errors.Is(err, store.ErrCorrupt) {
		t.Error("an earlier row is accepted:", err)
	}
	restore(after, 0)
	must(t, inspect(fs, late))
	restore(before, 0)
	must(t, inspect(fs)) // a whole earlier state: only who has noted a later one can tell
	if err := inspect(fs, late); !errors.Is(err, store.ErrCorrupt) {
		t.Error("an earlier state is accepted against the anchor:", err)
	}
	if err := inspect(fs, store.Anchor{Tenant: "gone.example", Number: 1}); !errors.Is(err, store.ErrCorrupt) {
		t.Error("an anchor of a tenant that is missing:", err)
	}
	other := anchors[0]
	other.Hash[0] ^= 1
	if err := inspect(fs, other); !errors.Is(err, store.ErrCorrupt) {
		t.Error("a rewritten trail is accepted against the anchor:", err)
	}
}

// TestDamagedFiles changes bytes of all files. A store that was closed is refused,
// or reads as it was. Of one that a crash left, which has a log, the end may be
// missing then, as after a write that was cut off: the anchors tell.
func TestDamagedFiles(t *testing.T) {
	req.Covers(t, "SPEC-STORE-061", "SPEC-STORE-063")
	for _, closed := range []bool{true, false} {
		fs, anchors := furnished(t)
		if closed {
			anchors = nil
		} else {
			fs = crashed(t, fs)
		}
		want := pairs(t, copyOf(t, fs))
		refused, harmless := 0, 0
		for _, name := range list(t, fs) {
			content := read(t, fs, "store/"+name)
			for at := 0; at < len(content); at += 1 + len(content)/60 {
				clone := copyOf(t, fs)
				damaged := bytes.Clone(content)
				damaged[at] ^= 0x40
				write(t, clone, "store/"+name, damaged)
				if err := inspectNoPanic(t, clone, anchors); err != nil {
					refused++
					continue
				}
				harmless++
				if !reflect.DeepEqual(pairs(t, clone), want) {
					t.Errorf("closed %v: %s, byte %d: accepted with other content", closed, name, at)
				}
			}
		}
		if refused < 20 {
			t.Errorf("closed %v: only %d refused, %d harmless", closed, refused, harmless)
		}
		t.Logf("closed %v: %d refused, %d harmless", closed, refused, harmless)
	}
}

// crashed is a store as a crash left it: with all its rows once more in the log.
func crashed(t fataler, fs vfs.FS) *vfs.MemFS {
	all := pairs(t, fs)
	disk := vfs.NewCrashableMem()
	s, err := raw.Open("store", disk)
	must(t, err)
	for _, p := range all {
		must(t, s.Update(ctx, func(tx *raw.Tx) error { return tx.Put(p.key, p.value) }))
	}
	clone := disk.CrashClone(vfs.CrashCloneCfg{})
	must(t, s.Close())
	return clone
}

func list(t fataler, fs vfs.FS) []string {
	names, err := fs.List("store")
	must(t, err)
	return names
}

func inspectNoPanic(t *testing.T, fs vfs.FS, anchors []store.Anchor) (err error) {
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("panic: %v", r)
		}
	}()
	return inspect(fs, anchors...)
}

func read(t fataler, fs vfs.FS, name string) []byte {
	f, err := fs.Open(name)
	must(t, err)
	defer f.Close()
	info, err := f.Stat()
	must(t, err)
	b := make([]byte, info.Size())
	if len(b) > 0 {
		_, err = f.ReadAt(b, 0)
		must(t, err)
	}
	return b
}

func write(t fataler, fs vfs.FS, name string, b []byte) {
	f, err := fs.Create(name, vfs.WriteCategoryUnspecified)
	must(t, err)
	_, err = f.Write(b)
	must(t, err)
	must(t, f.Close())
}

func copyOf(t fataler, fs vfs.FS) *vfs.MemFS {
	clone := vfs.NewMem()
	must(t, clone.MkdirAll("store", 0o755))
	for _, name := range list(t, fs) {
		must(t, vfs.CopyAcrossFS(fs, "store/"+name, clone, "store/"+name))
	}
	return clone
}
