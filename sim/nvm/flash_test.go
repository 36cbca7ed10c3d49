package nvm

import (
	"bytes"
	"testing"

	"inkan/core/observe"
	"inkan/sim/clock"
	"inkan/spec/req"

	"pgregory.net/rapid"
)

var small = Geometry{SizeBytes: 64 * 130, PageBytes: 64, EraseCycles: 1000, ProgramCycles: 100, WordBytes: 4, WordCycles: 10}

func newFlash(t testing.TB, k *clock.Clock) *Flash {
	t.Helper()
	f, err := NewFlash(small, k, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func content(m Memory) []byte {
	b := make([]byte, m.Size())
	m.Read(0, b)
	return b
}

func TestCost(t *testing.T) {
	req.Covers(t, "SPEC-NVM-003", "SPEC-NVM-005")
	for _, c := range []struct {
		off          uint32
		n            int
		pages, words uint64
	}{
		{0, 1, 1, 1}, {3, 2, 1, 2}, {0, 64, 1, 16}, {60, 8, 2, 2}, {63, 2, 2, 2}, {0, 0, 0, 0}, {1, 128, 3, 33},
	} {
		var k clock.Clock
		f := newFlash(t, &k)
		f.Write(c.off, make([]byte, c.n))
		l := k.Ledger()
		if l[clock.NVMErase] != 1000*c.pages || l[clock.NVMProgram] != 100*c.pages+10*c.words || l.Sum() != l[clock.NVMErase]+l[clock.NVMProgram] {
			t.Errorf("%d bytes at %d: %v", c.n, c.off, l)
		}
		if f.Writes() != c.pages {
			t.Errorf("%d bytes at %d: %d page updates, want %d", c.n, c.off, f.Writes(), c.pages)
		}
	}
}

// The time of a write is the same whatever the old and the new content.
func TestCostDoesNotDependOnContent(t *testing.T) {
	req.Covers(t, "SPEC-NVM-004")
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 200).Draw(t, "n")
		off := rapid.Uint32Range(0, 1000).Draw(t, "off")
		data := rapid.SliceOfN(rapid.Byte(), n, n)
		var k clock.Clock
		f, _ := NewFlash(small, &k, nil)
		cost := func(src []byte) uint64 {
			before := k.Now()
			f.Write(off, src)
			return k.Now() - before
		}
		first, again := data.Draw(t, "first"), data.Draw(t, "again")
		a, b, c := cost(first), cost(again), cost(again)
		if a != b || b != c {
			t.Fatalf("%d, %d, %d cycles", a, b, c)
		}
	})
}

// A power cut at any cycle of a write leaves every page old or new, and the
// new ones are the first ones.
func TestCutAtEveryCycle(t *testing.T) {
	req.Covers(t, "SPEC-NVM-002")
	src := bytes.Repeat([]byte{0xA5}, 150)
	var whole clock.Clock
	newFlash(t, &whole).Write(40, src)
	for cycle := uint64(1); cycle <= whole.Now(); cycle += 7 {
		var k clock.Clock
		f := newFlash(t, &k)
		k.CutAt(cycle)
		if clock.Guard(func() { f.Write(40, src) }) == nil {
			t.Fatalf("no cut at %d", cycle)
		}
		got := content(f)
		done := f.Writes()
		for i, b := range got[40:190] {
			page := uint64((40 + i) / 64)
			want := byte(erased)
			if page < done {
				want = 0xA5
			}
			if b != want {
				t.Fatalf("cut at %d after %d pages: byte %d is %02X", cycle, done, 40+i, b)
			}
		}
		if k.Ledger().Sum() != cycle {
			t.Fatalf("ledger %v at cut %d", k.Ledger(), cycle)
		}
	}
}

// Flash, forked and written at random, behaves as plain byte slices do.
func TestForkAgainstSlices(t *testing.T) {
	req.Covers(t, "SPEC-NVM-001", "SPEC-NVM-006")
	rapid.Check(t, func(t *rapid.T) {
		f, _ := NewFlash(small, new(clock.Clock), nil)
		mems := []Memory{f}
		want := [][]byte{bytes.Repeat([]byte{erased}, int(small.SizeBytes))}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			i := rapid.IntRange(0, len(mems)-1).Draw(t, "memory")
			if len(mems) < 4 && rapid.IntRange(0, 4).Draw(t, "fork") == 0 {
				mems = append(mems, mems[i].Fork())
				want = append(want, bytes.Clone(want[i]))
				continue
			}
			src := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "src")
			off := rapid.Uint32Range(0, small.SizeBytes-uint32(len(src))).Draw(t, "off")
			mems[i].Write(off, src)
			copy(want[i][off:], src)
		}
		for i, m := range mems {
			if !bytes.Equal(content(m), want[i]) {
				t.Fatalf("memory %d differs", i)
			}
		}
	})
}

func TestScalarReads(t *testing.T) {
	f := newFlash(t, new(clock.Clock))
	f.Write(chunkBytes-1, []byte{0x12, 0x34})
	if f.Byte(chunkBytes-1) != 0x12 || f.Uint16(chunkBytes-1) != 0x1234 || f.Uint16(chunkBytes) != 0x34FF {
		t.Error(f.Byte(chunkBytes-1), f.Uint16(chunkBytes-1), f.Uint16(chunkBytes))
	}
}

func TestBeforeUpdateSeesWhatACutWouldLeave(t *testing.T) {
	f := newFlash(t, new(clock.Clock))
	var forks []Memory
	f.BeforeUpdate(func(uint32) { forks = append(forks, f.Fork()) })
	f.Write(60, make([]byte, 8))
	if len(forks) != 2 || content(forks[0])[60] != erased || content(forks[1])[60] != 0 || content(forks[1])[64] != erased {
		t.Errorf("%d forks", len(forks))
	}
}

func TestAccessBeyondPanicsAndChangesNothing(t *testing.T) {
	req.Covers(t, "SPEC-NVM-007")
	f := newFlash(t, new(clock.Clock))
	defer func() {
		if recover() == nil || f.Writes() != 0 {
			t.Error("a write beyond the memory went through")
		}
	}()
	f.Write(small.SizeBytes-4, make([]byte, 5))
}

func TestGeometryCheck(t *testing.T) {
	for name, change := range map[string]func(*Geometry){
		"page": func(g *Geometry) { g.PageBytes = 100 }, "tiny page": func(g *Geometry) { g.PageBytes = 8 },
		"word": func(g *Geometry) { g.WordBytes = 128 }, "no word": func(g *Geometry) { g.WordBytes = 0 },
		"size": func(g *Geometry) { g.SizeBytes = 65 }, "no size": func(g *Geometry) { g.SizeBytes = 0 },
		"huge": func(g *Geometry) { g.SizeBytes = 2 * MaxSizeBytes },
	} {
		g := small
		change(&g)
		if _, err := NewFlash(g, new(clock.Clock), nil); err == nil {
			t.Errorf("%s: accepted %+v", name, g)
		}
	}
}

type nvmEvents struct {
	observe.Nop
	got []observe.NVMWrite
}

func (e *nvmEvents) NVM(w *observe.NVMWrite) { e.got = append(e.got, *w) }

func TestObserver(t *testing.T) {
	var e nvmEvents
	f, _ := NewFlash(small, new(clock.Clock), &e)
	f.Write(60, make([]byte, 8))
	want := []observe.NVMWrite{{Cycle: 1110, Offset: 60, Size: 4, Erased: true, Cost: 1110}, {Cycle: 2220, Offset: 64, Size: 4, Erased: true, Cost: 1110}}
	if len(e.got) != 2 || e.got[0] != want[0] || e.got[1] != want[1] {
		t.Errorf("%+v", e.got)
	}
}

type lastWrite struct {
	observe.Nop
	event observe.NVMWrite
}

func (l *lastWrite) NVM(e *observe.NVMWrite) { l.event = *e }

// An observer hears why a page was updated and what it cost, and listening
// allocates nothing.
func TestObserverHearsCauseAndCost(t *testing.T) {
	var k clock.Clock
	var last lastWrite
	g := Geometry{SizeBytes: 4096, PageBytes: 64, EraseCycles: 1000, ProgramCycles: 100, WordBytes: 4, WordCycles: 10}
	f, err := NewFlash(g, &k, &last)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteFor("journal", 8, []byte{1, 2, 3, 4, 5})
	if e := last.event; e.Cause != "journal" || e.Cost != 1120 || e.Cycle != 1120 || e.Offset != 8 || e.Size != 5 {
		t.Errorf("%+v", e)
	}
	b := []byte{9}
	if n := testing.AllocsPerRun(100, func() { f.Write(8, b) }); n != 0 {
		t.Error(n)
	}
}
