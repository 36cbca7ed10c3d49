package vm

import (
	"fmt"
	"sort"
	"strings"
	"testing"

	"inkan/sim/nvm"
	"inkan/spec/req"

	"pgregory.net/rapid"
)

// dump is all that survives a reset, as text: objects with their data, records,
// packages with their static fields.
func dump(m *Machine) string {
	var b strings.Builder
	for i := range m.objects {
		o := &m.objects[i]
		if o.kind == kindNone || o.flags&flagRAM != 0 {
			continue
		}
		fmt.Fprintf(&b, "%d: kind %d owner %d length %d flags %x", i, o.kind, o.context(), o.length, o.flags&^(flagEntry|flagGlobal|flagTemporary))
		if o.class != nil {
			fmt.Fprintf(&b, " %s", o.class.name)
		}
		if o.ram == nil {
			data := make([]byte, o.dataBytes())
			m.flash.Read(o.at, data)
			fmt.Fprintf(&b, " %x", data)
		}
		b.WriteByte('\n')
	}
	var keys []string
	for k := range m.records {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		fmt.Fprintf(&b, "record %x\n", m.rawRecord(m.records[k]))
	}
	for _, p := range m.packages {
		if p != nil {
			image := make([]byte, p.file.StaticField.ImageSize)
			m.flash.Read(p.statics, image)
			fmt.Fprintf(&b, "package %s %x\n", p.Info(), image)
		}
	}
	return b.String()
}

// cuts runs fn and gives the cards that a power cut at each page update within
// it would leave, booted.
func (c *testCard) cuts(t tester, fn func()) []*testCard {
	t.Helper()
	var images []*nvm.Flash
	c.flash.BeforeUpdate(func(uint32) { images = append(images, c.flash.ForkOn(c.clk, nil)) })
	fn()
	c.flash.BeforeUpdate(nil)
	var cards []*testCard
	for _, f := range images {
		d := *c
		d.flash = f
		cards = append(cards, d.fork(t))
	}
	return cards
}

// checkHeap asserts that blocks fill the heap, that the free list is theirs,
// and that a fresh boot sees what the running machine sees.
func (c *testCard) checkHeap(t tester) {
	t.Helper()
	var free []span
	if err := c.eachBlock(func(at uint32, h header) error {
		if h.handle == 0 {
			free = append(free, span{at, h.size})
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if !c.journal.open && fmt.Sprint(free) != fmt.Sprint(c.heap.free) {
		t.Fatalf("free blocks %v, the machine believes %v", free, c.heap.free)
	}
	if d := c.fork(t); !c.journal.open && dump(d.Machine) != dump(c.Machine) {
		t.Fatalf("after a boot:\n%s\nbefore:\n%s", dump(d.Machine), dump(c.Machine))
	}
}

// Whatever is done, a power cut at any page update leaves the state before or
// after the operation; in a transaction, the state at its beginning.
func TestPowerCutAnywhere(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-010", "SPEC-JCVM-011", "SPEC-JCVM-012", "SPEC-JCVM-013", "SPEC-JCVM-014",
		"SPEC-JCVM-040", "SPEC-JCVM-041", "SPEC-JCVM-042", "SPEC-JCVM-045", "SPEC-JCVM-046")
	rapid.Check(t, func(t *rapid.T) {
		c := newTestCardOn(t, nvm.Geometry{SizeBytes: 16 << 10, PageBytes: 64, WordBytes: 4}, nil, func(k *Config) { k.JournalBytes = 1024 })
		var arrays []Ref
		begin := ""
		for range 12 {
			before := dump(c.Machine)
			if c.TransactionDepth() > 0 {
				before = begin
			}
			op := rapid.IntRange(0, 8).Draw(t, "op")
			cards := c.cuts(t, func() { c.randomStep(t, op, &arrays) })
			after := dump(c.Machine)
			if c.TransactionDepth() > 0 {
				if begin == "" {
					begin = before
				}
				after = before
			} else {
				begin = ""
			}
			for i, d := range cards {
				if got := dump(d.Machine); got != before && got != after {
					t.Fatalf("op %d cut at update %d of %d:\n%s\nbefore:\n%s\nafter:\n%s", op, i, len(cards), got, before, after)
				}
				d.checkHeap(t)
				d.checkLedger(t)
			}
			c.checkHeap(t)
		}
	})
}

func (c *testCard) randomStep(t *rapid.T, op int, arrays *[]Ref) {
	pick := func() Ref {
		if len(*arrays) == 0 {
			return Null
		}
		return (*arrays)[rapid.IntRange(0, len(*arrays)-1).Draw(t, "array")]
	}
	e := c.Try(func() {
		switch op {
		case 0:
			*arrays = append(*arrays, c.NewArray(JCRE, ByteArray, int16(rapid.IntRange(0, 300).Draw(t, "length"))))
		case 1:
			c.NewTransientArray(JCRE, ShortArray, 5, ClearOnReset)
		case 2, 3:
			if r := pick(); r != Null {
				n := int(c.ArrayLength(r))
				at := rapid.IntRange(0, n).Draw(t, "at")
				b := make([]byte, rapid.IntRange(0, n-at).Draw(t, "n"))
				first := rapid.Byte().Draw(t, "first")
				for i := range b {
					b[i] = byte(i) + first
				}
				c.WriteBytes(r, at, b)
			}
		case 4:
			c.Begin()
		case 5:
			c.Commit()
		case 6:
			c.Abort()
		case 7:
			id := []byte{byte(rapid.IntRange(0, 2).Draw(t, "id"))}
			if err := c.PutRecord(1, id, rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "record")); err != nil && err != ErrNoMemory {
				t.Fatal(err)
			}
		case 8:
			c.DeleteRecord(1, []byte{byte(rapid.IntRange(0, 2).Draw(t, "id"))})
		}
	})
	if e != nil && e.Trap != "" {
		t.Fatal(e)
	}
	live := (*arrays)[:0]
	for _, r := range *arrays {
		if c.Exists(r) {
			live = append(live, r)
		}
	}
	*arrays = live
}

// A package is there completely or not at all, whenever power fails during its
// load or its removal.
func TestPowerCutInLoadAndUnload(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-020", "SPEC-JCVM-022", "SPEC-JCVM-023")
	c := newTestCard(t)
	loadCorpus(t, c, "lib-305")
	before := dump(c.Machine)
	var p *Package
	cards := c.cuts(t, func() { p = loadCorpus(t, c, "arrays-305") })
	after := dump(c.Machine)
	for i, d := range cards {
		if got := dump(d.Machine); got != before && got != after {
			t.Fatalf("load, cut %d of %d:\n%s\nbefore:\n%s\nafter:\n%s", i, len(cards), got, before, after)
		}
		d.checkHeap(t)
		d.prepare()
		if d.PackageByAID(p.Info().AID) == nil {
			q := loadCorpus(t, d, "arrays-305")
			if i%10 == 0 {
				d.installApplet(t, q, q.Applets()[0].AID)
			}
		}
	}
	for i, d := range c.cuts(t, func() {
		if err := c.Unload(p); err != nil {
			t.Fatal(err)
		}
	}) {
		if got := dump(d.Machine); got != before && got != after {
			t.Fatalf("unload, cut %d:\n%s\nbefore:\n%s\nafter:\n%s", i, got, after, before)
		}
		d.checkHeap(t)
	}
	if got := dump(c.Machine); got != before {
		t.Errorf("after unload:\n%s\nbefore load:\n%s", got, before)
	}
	c.checkHeap(t)
	c.checkLedger(t)
}
