package vm

import (
	"testing"

	"inkan/core/cap"
	"inkan/sim/clock"
	"inkan/spec/req"
)

// runMutated loads a package that nobody verified and, if it links, runs its
// install method and its applet until power is cut.
func runMutated(t *testing.T, raw []byte) {
	components, err := cap.SplitRaw(raw)
	if err != nil {
		return
	}
	c := newTestCard(t)
	c.prepare()
	lib := loadCorpus(t, c, "lib-305")
	free := c.FreeBytes()
	p, err := c.Load(components)
	if err != nil {
		if c.FreeBytes() != free || len(c.Packages()) != 1 {
			t.Fatalf("a refused load left something: %v", err)
		}
		c.checkHeap(t)
		return
	}
	before := string(c.stored(lib))
	c.clk.CutAt(c.clk.Now() + 3_000_000)
	clock.Guard(func() {
		for _, a := range p.Applets() {
			c.rom.apdu.applet = Null
			c.Select(p.Context())
			if _, e := c.InvokeStatic(p.Context(), p.Install(a.AID), RefWord(c.rom.apdu.buffer), ShortWord(0), ShortWord(0)); e != nil && e.Trap != "" {
				return
			}
			if c.rom.apdu.applet != Null && c.Exists(c.rom.apdu.applet) {
				for ins := range 16 {
					c.send(c.rom.apdu.applet, []byte{0x80, byte(0x10 + 2*ins), 1, 0, 2}, false)
				}
			}
		}
	})
	c.checkLedger(t)
	if err := c.Reset(); err != nil {
		t.Fatal(err)
	}
	c.checkHeap(t)
	if got := c.PackageByAID(lib.Info().AID); got == nil || string(c.stored(got)) != before {
		t.Fatal("another package was changed")
	}
}

// stored is a package as it stands in the memory.
func (c *testCard) stored(p *Package) []byte {
	b := make([]byte, c.headerAt(p.block).size-headerBytes)
	c.flash.Read(p.block+headerBytes, b)
	return b
}

func FuzzMutatedPackage(f *testing.F) {
	req.Covers(f, "SPEC-JCVM-063", "SPEC-JCVM-021")
	for _, name := range []string{"libuser-305", "objects-305", "intops-222", "except-305", "arrays-222"} {
		f.Add(corpusFile(f, name).LoadFile(nil, false))
	}
	f.Add(packageOf(program{code: []byte{0x7A}}).LoadFile(nil, false))
	f.Fuzz(runMutated)
}

// One to three bytes of a real package are changed at a time.
func TestMutatedPackages(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-063", "SPEC-JCVM-021")
	seed := uint64(7)
	next := func(n int) int {
		seed = seed*6364136223846793005 + 1442695040888963407
		return int(seed>>33) % n
	}
	for _, name := range []string{"libuser-305", "objects-305", "intops-222", "except-305", "arrays-222"} {
		file := corpusFile(t, name)
		for range 150 {
			raw := file.LoadFile(nil, false)
			for range 1 + next(3) {
				raw[next(len(raw))] = byte(next(256))
			}
			runMutated(t, raw)
		}
	}
}
