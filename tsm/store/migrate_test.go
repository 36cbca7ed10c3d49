package store_test

import (
	"bufio"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	raw "inkan/server/store"
	"inkan/spec/req"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

var update = flag.Bool("update-schema1", false, "write testdata/schema1.txt anew")

// fixture is a store of schema 1, key and value in hex on each line.
const fixture = "testdata/schema1.txt"

// loadFixture makes a store with the fixture's keys.
func loadFixture(t fataler, fs vfs.FS) {
	t.Helper()
	f, err := os.Open(fixture)
	must(t, err)
	defer f.Close()
	rewrite(t, fs, func(tx *raw.Tx) error {
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "#") {
				continue
			}
			key, value, _ := strings.Cut(lines.Text(), " ")
			k, err1 := hex.DecodeString(key)
			v, err2 := hex.DecodeString(value)
			if err := errors.Join(err1, err2, tx.Put(k, v)); err != nil {
				return err
			}
		}
		return lines.Err()
	})
}

// TestMigration opens the fixture: rows are as they were, with what later schemas
// added, and everything follows from everything.
func TestMigration(t *testing.T) {
	req.Covers(t, "SPEC-STORE-080", "SPEC-STORE-081")
	if *update {
		writeFixture(t)
	}
	fs := vfs.NewMem()
	loadFixture(t, fs)
	s := open(t, fs, new(clock))
	wantMigrated(t, s)
	must(t, s.Close())
	s = open(t, fs, new(clock))
	wantMigrated(t, s)
	must(t, s.Close())
	schemaKey := []byte{0, 0, 0, 0, 's'}
	addProgram(t, fs)
	for _, c := range []struct {
		value []byte
		want  string
	}{
		{[]byte{0, 0, 0, 1}, "corrupt"},  // rows are of a later one
		{[]byte{0, 0, 0, 3}, "program "}, // which no store of schema 3 has
		{[]byte{0, 0, 0, 5}, "store: schema 5 is newer than 4, the latest that this program knows"},
		{[]byte{0, 0, 0, 0}, "corrupt"},
		{[]byte{3}, "store: corrupt: schema of 1 bytes, want a number of 4"},
	} {
		rewrite(t, fs, func(tx *raw.Tx) error { return tx.Put(schemaKey, c.value) })
		if err := inspect(fs); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("schema %X: %v, want %q", c.value, err, c.want)
		}
	}
	rewrite(t, fs, func(tx *raw.Tx) error { return tx.Delete(schemaKey) })
	if err := inspect(fs); !errors.Is(err, store.ErrCorrupt) {
		t.Error("without schema:", err)
	}
}

// addProgram adds what earlier schemas do not have.
func addProgram(t fataler, fs vfs.FS) {
	s := open(t, fs, new(clock))
	must(t, tenantOf(t, s, tenantNames[0]).Step(ctx, func(tx *store.Tx) error { return store.SetProgram(tx, id('w', 1), 1, []byte("commands")) }))
	must(t, s.Close())
}

// wantMigrated checks what the fixture has to be now.
func wantMigrated(t fataler, s *store.Store) {
	t.Helper()
	report := check(t, s)
	for _, name := range tenantNames {
		if n := report[name].Rows["workflows"]; n != 3 {
			t.Fatal(name, n, "workflows")
		}
		must(t, tenantOf(t, s, name).View(ctx, func(s *store.Snapshot) error {
			w, found, err := store.Workflows.Get(s, id('w', 2))
			want := *aWorkflow(2)
			want.Subject = row.SubjectID{}
			if err != nil || !found || fmt.Sprint(w) != fmt.Sprint(want) {
				t.Fatal(fmt.Sprintf("%+v, want %+v", w, want), err)
			}
			n := 0
			must(t, store.ServicesOfSE.Scan(s, id('e', 2), func(x *row.Service) error { n++; return nil }))
			if n != 1 {
				t.Fatal(n, "service instances on the SIM")
			}
			return nil
		}))
	}
}

// TestMigrationCrashes cuts a migration before every write, by a crash and by the
// end of the process: opening once more ends it. (Pebble does not open when a crash
// keeps the unsynced name of a marker and not the unsynced name of its manifest.)
func TestMigrationCrashes(t *testing.T) {
	req.Covers(t, "SPEC-STORE-082")
	defer store.SetBatchRows(2)()
	disk := vfs.NewCrashableMem()
	loadFixture(t, disk)
	c, fs := newCrashes(disk)
	c.killed = true
	clones := c.during(func() { must(t, open(t, fs, new(clock)).Close()) })
	for _, clone := range clones {
		s := open(t, clone, new(clock))
		wantMigrated(t, s)
		must(t, s.Close())
	}
	if len(clones) < 20 {
		t.Errorf("only %d crashes", len(clones))
	}
	t.Logf("%d crashes", len(clones))
}

// writeFixture writes the store of furnish as schema 1 had it: workflows without
// subject, no index of service instances by SIM, no programs.
func writeFixture(t *testing.T) {
	fs, _ := furnished(t)
	var heads = map[string]*row.Head{}
	var out strings.Builder
	out.WriteString("# A store of schema 1: key and value of each row.\n")
	list := pairs(t, fs)
	for _, p := range list {
		if p.key[4] == 'h' && len(p.key) == 5 {
			heads[string(p.key[:4])] = decodeHead(t, p.value)
		}
	}
	var kept []pair
	for _, p := range list {
		tenant, code := string(p.key[:4]), p.key[4]
		switch {
		case tenant == "\x00\x00\x00\x00" && code == 's':
			p.value = []byte{0, 0, 0, 1}
		case tenant == "\x00\x00\x00\x00":
		case code == 'D' || code == 'P': // service instances by SIM, workflows by subject
			continue
		case code == 'r': // programs
			heads[tenant].Rows.Remove(p.key, p.value)
			continue
		case code == 'w':
			old := append([]byte{1}, p.value[1:17]...)
			kind := 2 + int(p.value[17])<<8 + int(p.value[18])
			old = append(old, p.value[17:17+kind]...)
			old = append(old, p.value[17+kind+16:]...)
			heads[tenant].Rows.Remove(p.key, p.value)
			heads[tenant].Rows.Add(p.key, old)
			p.value = old
		}
		kept = append(kept, p)
	}
	for _, p := range kept {
		if head := heads[string(p.key[:4])]; head != nil && p.key[4] == 'h' {
			p.value = encodeHead(t, head)
		}
		fmt.Fprintf(&out, "%X %X\n", p.key, p.value)
	}
	must(t, os.MkdirAll("testdata", 0o755))
	must(t, os.WriteFile(fixture, []byte(out.String()), 0o644))
}
