package vm

import (
	"runtime"
	"testing"

	"inkan/core/cap"
	"inkan/core/observe"
	"inkan/sim/clock"
	"inkan/sim/nvm"
	"inkan/spec/req"
)

type stepRecorder struct {
	observe.Nop
	contexts []byte
}

func (s *stepRecorder) Bytecode(e *observe.Step) { s.contexts = append(s.contexts, e.Context) }

// Recursion without end, and calls that need more RAM than there is.
func TestFramesRunOut(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-062")
	for _, locals := range []byte{0, 3, 200} {
		c := newTestCard(t)
		p := loadProgram(t, c, program{code: []byte{0x8D, 0, constMain, 0x78}, stack: 2, locals: locals})
		for range 3 {
			_, e := c.InvokeStatic(p.Context(), mainOf(p))
			if e == nil || e.Trap != "" || e.Error() != "javacard/framework/SystemException 0005" {
				t.Fatal(e)
			}
		}
		if c.depth != -1 || c.top != 0 || c.used != 0 {
			t.Errorf("depth %d, top %d, used %d", c.depth, c.top, c.used)
		}
		c.checkLedger(t)
	}
}

// Memory runs out at every size of heap: the allocation is refused, all else is
// as before, and nothing leaks once the objects are collected.
func TestOutOfMemoryAtEveryAllocation(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-011", "SPEC-JCVM-044", "SPEC-JCVM-050")
	c := newTestCardOn(t, nvm.Geometry{SizeBytes: 8 << 10, PageBytes: 64, WordBytes: 4}, nil, func(k *Config) { k.ResetBytes = 100 })
	free := c.FreeBytes()
	for n := 0; ; n++ {
		e := c.Try(func() { c.NewArray(JCRE, ByteArray, int16(n%97)) })
		if e == nil {
			c.checkHeap(t)
			continue
		}
		if e.Error() != "javacard/framework/SystemException 0005" {
			t.Fatal(e)
		}
		c.checkHeap(t)
		break
	}
	if n := c.Collect(); n == 0 || c.FreeBytes() != free {
		t.Errorf("%d objects collected, %d bytes free, %d at first", n, c.FreeBytes(), free)
	}
	c.Try(func() { c.NewArray(JCRE, ByteArray, int16(c.LargestFreeBytes())) })
	if c.FreeBytes() != 0 {
		t.Errorf("the largest array leaves %d bytes", c.FreeBytes())
	}
	c.Collect()
	if e := c.Try(func() { c.NewTransientArray(JCRE, ByteArray, 101, ClearOnReset) }); e == nil || e.Reason != reasonNoTransientSpace {
		t.Error(e)
	}
	if e := c.Try(func() { c.NewTransientArray(1, ByteArray, 1, ClearOnDeselect) }); e == nil || e.Reason != reasonIllegalTransient {
		t.Error(e)
	}
	var a Ref
	c.Try(func() { a = c.NewArray(JCRE, ByteArray, 3000); c.Begin() })
	before := dump(c.Machine)
	if e := c.Try(func() { c.WriteBytes(a, 0, make([]byte, c.MaxCommitCapacity()+1)) }); e == nil || e.Reason != reasonBufferFull || c.TransactionDepth() != 1 {
		t.Error(e)
	}
	if dump(c.Machine) != before {
		t.Error("a refused write has written")
	}
	if e := c.Try(func() { c.WriteBytes(a, 0, make([]byte, c.UnusedCommitCapacity())); c.Commit() }); e != nil {
		t.Error(e)
	}
}

// An aborted allocation leaves no object, no reference on the stack and none in
// a transient array.
func TestAbortRemovesObjects(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-043")
	c := newTestCard(t)
	list := c.NewReferenceArray(JCRE, c.rom.class("java/lang/Object"), 2, ClearOnReset)
	kept := c.NewArray(JCRE, ByteArray, 1)
	free := c.FreeBytes()
	c.Begin()
	r := c.NewArray(JCRE, ByteArray, 100)
	c.SetRefElement(list, 0, r)
	c.SetRefElement(list, 1, kept)
	c.stack[0], c.top = refCell(r), 1
	c.Abort()
	if c.Exists(r) || c.RefElement(list, 0) != Null || c.RefElement(list, 1) != kept || c.stack[0] != refCell(Null) || c.FreeBytes() != free {
		t.Errorf("exists %v, elements %d %d, stack %x, free %d of %d", c.Exists(r), c.RefElement(list, 0), c.RefElement(list, 1), c.stack[0], c.FreeBytes(), free)
	}
	c.top = 0
	c.checkHeap(t)
}

// Events clear what they should.
func TestTransientEvents(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-051", "SPEC-JCVM-046")
	c := newTestCard(t)
	c.Select(JCRE)
	a := c.NewTransientArray(JCRE, ByteArray, 2, ClearOnDeselect)
	b := c.NewTransientArray(JCRE, ShortArray, 2, ClearOnReset)
	read := func(r Ref) byte { var v [1]byte; c.ReadBytes(r, 0, v[:]); return v[0] }
	c.Begin()
	c.WriteBytes(a, 0, []byte{7})
	c.WriteBytes(b, 0, []byte{8})
	c.Abort()
	if read(a) != 7 || read(b) != 8 {
		t.Error("an abort restored transient data")
	}
	c.ClearOnDeselect(1)
	if read(a) != 7 {
		t.Error("another context's deselection cleared it")
	}
	c.ClearOnDeselect(JCRE)
	if read(a) != 0 || read(b) != 8 {
		t.Error("deselection", read(a), read(b))
	}
	if err := c.Reset(); err != nil {
		t.Fatal(err)
	}
	if read(b) != 0 || c.ArrayLength(b) != 2 || c.TransientEvent(a) != ClearOnDeselect || c.TransientEvent(b) != ClearOnReset {
		t.Error("after a reset")
	}
}

// What an idle card costs the host.
func TestIdleCardMemory(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-073")
	const n = 20
	rom := newTestROM()
	base := newTestCard(t)
	cards := make([]*Machine, n)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range cards {
		c := newTestCard(t)
		c.prepare()
		p := loadCorpus(t, c, "wide-305")
		c.installApplet(t, p, p.Applets()[0].AID)
		cards[i] = c.Machine
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if each := (after.HeapAlloc - before.HeapAlloc) / n; each > 1<<20 {
		t.Errorf("a card takes %d bytes", each)
	} else {
		t.Logf("a card takes %d bytes, its API of ROM included", each)
	}
	runtime.KeepAlive(cards)
	runtime.KeepAlive(rom)
	runtime.KeepAlive(base)
}

// No loop escapes a power cut: branches, handlers that throw to themselves,
// switches, subroutines.
func TestEveryLoopCanBeCut(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-070")
	for name, p := range map[string]program{
		"goto":         {code: []byte{0x70, 0}},
		"goto_w":       {code: []byte{0xA8, 0, 0}},
		"if":           {code: []byte{0x03, 0x60, 0xFF}},
		"stableswitch": {code: []byte{0x03, 0x73, 0xFF, 0xFF, 0, 5, 0, 5, 0, 0}},
		"lookup":       {code: []byte{0x03, 0x75, 0xFF, 0xFF, 0, 0}},
		"jsr":          {code: []byte{0x71, 0, 3, 0x3B, 0x70, 0xFC}},
		"ret":          {code: []byte{0x71, 0, 5, 0x70, 0xFD, 0x2B, 0x72, 0}},
		"handler":      {code: []byte{0x04, 0x03, 0x47, 0x3B, 0x04, 0x03, 0x47}, handlers: []cap.Handler{{Start: 0, Length: 7, Handler: 3}}},
		"call":         {code: []byte{0x8D, 0, constVoid, 0x70, 0xFD}},
		"caught call":  {code: []byte{0x8D, 0, constThrower, 0x3B, 0x8D, 0, constThrower, 0x78}, handlers: []cap.Handler{{Start: 0, Length: 8, Handler: 3}}},
	} {
		t.Run(name, func(t *testing.T) {
			p.stack, p.locals = 2, 2
			c := newTestCard(t)
			q := loadProgram(t, c, p)
			c.clk.CutAt(c.clk.Now() + 10_000_000)
			if clock.Guard(func() { c.InvokeStatic(q.Context(), mainOf(q)) }) == nil {
				t.Error("it ended")
			}
			c.checkLedger(t)
		})
	}
}

// A class or a method is no field, even of the object's own class.
func TestFieldOfAnotherKindOfConstant(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-063")
	for _, form := range [][]byte{ // getfield_a, _b, _s, in all three forms
		{0x18, 0x83, 0}, {0x18, 0x84, 0}, {0x18, 0x85, 0}, {0x18, 0xA9, 0, 0}, {0x18, 0xAA, 0, 0}, {0x18, 0xAB, 0, 0},
		{0xAD, 0}, {0xAE, 0}, {0xAF, 0},
	} {
		for _, constant := range []byte{constClass, constIncrement, constStaticShort, constAdd, constInit} {
			code := append([]byte{}, form...)
			code[len(code)-1] = constant
			code = append(code, 0x78)
			c := newTestCard(t)
			p := loadProgram(t, c, program{code: code, stack: 2, args: 1})
			if got, e := c.InvokeStatic(p.Context(), mainOf(p), RefWord(c.make(p, p))); e == nil || e.Trap == "" {
				t.Errorf("% X: %d, %v; want a trap", code, got, e)
			}
		}
	}
}
