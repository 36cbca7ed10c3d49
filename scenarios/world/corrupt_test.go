package world

import (
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/spec/req"
)

// filesOf are the files of a disk that have something in them, with their sizes.
func filesOf(t *testing.T, d vfs.FS, folder string) map[string]int64 {
	t.Helper()
	all := map[string]int64{}
	names, err := d.List(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		path := d.PathJoin(folder, name)
		info, err := d.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.IsDir() {
			for p, n := range filesOf(t, d, path) {
				all[p] = n
			}
		} else if info.Size() > 0 {
			all[path] = info.Size()
		}
	}
	return all
}

// flip changes one bit of a file.
func flip(t *testing.T, d vfs.FS, path string, at int64, bit byte) {
	t.Helper()
	f, err := d.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(f)
	f.Close()
	if err != nil {
		t.Fatal(err)
	}
	content[at] ^= bit
	g, err := d.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := g.Sync(); err != nil {
		t.Fatal(err)
	}
	g.Close()
}

// A server whose store has another bit somewhere does not start, or is found by its own
// check, or has all that it had. One thing more may be: another bit in the log looks like
// a write that was cut, and the steps behind it are gone, as spec/FLEET.md says.
func TestCorruptedStores(t *testing.T) {
	req.Covers(t, "SPEC-WORKFLOW-010")
	w, _ := deployed(t)
	for _, p := range w.order {
		if err := w.Kill(t.Context(), p.party); err != nil {
			t.Fatal(err)
		}
		newcomer(t, w, uint32(10+p.life+len(w.sims)))
	}
	before, err := w.ends(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range w.order {
		r := rand.New(rand.NewPCG(1, uint64(p.life)))
		sound, err := p.disk.crash()
		if err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		files := filesOf(t, sound, "")
		for _, path := range slices.Sorted(maps.Keys(files)) {
			for range 4 {
				at := r.Int64N(files[path])
				what := corrupted(t, w, p, path, at, byte(1<<r.IntN(8)), before[p.party])
				count[what]++
			}
		}
		t.Logf("%s: %v", p.party, count)
		if count["refused at start"] == 0 {
			t.Errorf("%s: no start was refused", p.party)
		}
	}
}

// corrupted is what comes of a server with one other bit.
func corrupted(t *testing.T, w *World, p *process, path string, at int64, bit byte, entries uint64) string {
	t.Helper()
	d, err := p.disk.crash()
	if err != nil {
		t.Fatal(err)
	}
	flip(t, d, path, at, bit)
	ca := w.CA
	defer func() { w.CA = ca }()
	s, err := p.open(t.Context(), d, p.life)
	if err != nil {
		return "refused at start"
	}
	defer s.Close()
	if c, ok := s.(checks); !ok || c.check(t.Context()) != nil {
		return "found by its check"
	}
	n := uint64(0)
	err = s.(keepsTrail).trail(t.Context(), 1, func(e Entry) error {
		if e.Refused == "" {
			n++
		}
		return nil
	})
	if err == nil && n < entries && strings.HasSuffix(path, ".log") {
		return "log cut short" // as after a crash, to a moment of before
	}
	if err != nil || n != entries {
		t.Errorf("%s: bit %02X of byte %d of %s: it starts with %d entries in place of %d: %v", p.party, bit, at, path, n, entries, err)
		return "lost"
	}
	return "nothing lost"
}
