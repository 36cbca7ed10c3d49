package vm

import (
	"testing"

	"inkan/sim/nvm"
	"inkan/spec/req"

	"pgregory.net/rapid"
)

// Collect keeps exactly what the roots reach, whatever the graph; a power cut
// in it keeps at least that, unchanged.
func TestCollect(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-015", "SPEC-JCVM-016")
	rapid.Check(t, func(t *rapid.T) {
		c := newTestCardOn(t, nvm.Geometry{SizeBytes: 16 << 10, PageBytes: 64, WordBytes: 4}, nil)
		p := loadProgram(t, c, program{code: []byte{0x7A}})
		n := rapid.IntRange(1, 20).Draw(t, "objects")
		var nodes []Ref
		for i := range n {
			if i%3 == 2 {
				nodes = append(nodes, c.make(p, p))
			} else {
				nodes = append(nodes, c.NewReferenceArray(JCRE, c.rom.class("java/lang/Object"), 3, Event(i%2)))
			}
		}
		edges := map[Ref][]Ref{}
		for range rapid.IntRange(0, 2*n).Draw(t, "edges") {
			from, to := rapid.SampledFrom(nodes).Draw(t, "from"), rapid.SampledFrom(nodes).Draw(t, "to")
			slot := rapid.IntRange(0, 1).Draw(t, "slot")
			o := &c.objects[from]
			if o.kind == kindInstance {
				c.setCellAt(o, 4+slot, uint16(to))
			} else {
				c.SetRefElement(from, slot, to)
			}
		}
		for _, r := range nodes {
			c.eachReference(&c.objects[r], func(to Ref) {
				if to != Null {
					edges[r] = append(edges[r], to)
				}
			})
		}
		root, static := rapid.SampledFrom(nodes).Draw(t, "root"), rapid.SampledFrom(nodes).Draw(t, "static")
		c.AddRoot(root)
		c.store(p.statics, []byte{byte(static >> 8), byte(static)})
		reach := reached(edges, root, static)
		content := map[Ref][]byte{}
		for r := range reach {
			content[r] = c.content(r)
		}
		var got int
		for _, d := range c.cuts(t, func() { got = c.Collect() }) {
			for r := range reach {
				if !d.Exists(r) || d.objects[r].ram == nil && string(d.content(r)) != string(content[r]) {
					t.Fatalf("a cut collection lost or changed object %d", r)
				}
			}
			d.checkHeap(t)
		}
		if got != n-len(reach) {
			t.Fatalf("%d collected, want %d", got, n-len(reach))
		}
		for _, r := range nodes {
			if c.Exists(r) != reach[r] {
				t.Fatalf("object %d: exists %v, reachable %v", r, c.Exists(r), reach[r])
			}
		}
		c.checkHeap(t)
	})
}

// reached is what a graph's roots reach, themselves included.
func reached(edges map[Ref][]Ref, roots ...Ref) map[Ref]bool {
	reach := map[Ref]bool{}
	for len(roots) > 0 {
		r := roots[len(roots)-1]
		roots = roots[:len(roots)-1]
		if !reach[r] {
			reach[r] = true
			roots = append(roots, edges[r]...)
		}
	}
	return reach
}

func (c *testCard) content(r Ref) []byte {
	b := make([]byte, c.objects[r].dataBytes())
	c.ReadBytes(r, 0, b)
	return b
}

// Removal is refused while something needs the package.
func TestUnloadInUse(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-023", "SPEC-JCVM-024")
	c := newTestCard(t)
	c.prepare()
	lib := loadCorpus(t, c, "lib-305")
	user := loadCorpus(t, c, "libuser-305")
	before := dump(c.Machine)
	if err := c.Unload(lib); err == nil {
		t.Error("an imported library was removed")
	}
	if _, err := c.Load(packageOf(program{}).Components()); err != nil {
		t.Error(err)
	}
	if _, err := c.Load(packageOf(program{}).Components()); err != ErrLoaded {
		t.Error(err)
	}
	if err := c.Unload(c.PackageByAID(packageOf(program{}).Header.Package.AID)); err != nil {
		t.Error(err)
	}
	if got := dump(c.Machine); got != before {
		t.Errorf("%s\nwant\n%s", got, before)
	}
	applet := c.installApplet(t, user, user.Applets()[0].AID)
	var inUse *InUseError
	if err := c.Unload(user); err == nil {
		t.Error("a package with an applet was removed")
	} else if inUse, _ = err.(*InUseError); inUse == nil || len(inUse.By) != 1 {
		t.Error(err)
	}
	c.RemoveRoot(applet)
	if err := c.Unload(user); err != nil {
		t.Error(err)
	}
	if err := c.Unload(lib); err != nil {
		t.Error(err)
	}
	c.checkHeap(t)
	if len(c.Packages()) != 0 {
		t.Error("packages remain")
	}
}
