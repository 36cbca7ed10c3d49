package vm

import (
	"testing"

	"inkan/spec/req"
)

// Programs that do one thing to their argument, by what they do.
var firewallPrograms = map[string][]byte{
	"baload":      {0x18, 0x03, 0x25, 0x78},
	"bastore":     {0x18, 0x03, 0x04, 0x38, 0x03, 0x78},
	"arraylength": {0x18, 0x92, 0x78},
	"byte[] cast": {0x18, 0x94, 11, 0, 0, 0x3B, 0x03, 0x78},
	"getfield":    {0x18, 0x85, constShort, 0x78},
	"getthis":     {0xAF, constShort, 0x78},
	"putfield":    {0x18, 0x04, 0x89, constShort, 0x03, 0x78},
	"putfield_i":  {0x18, 0x0B, 0x8A, constInt, 0x03, 0x78},
	"virtual":     {0x18, 0x04, 0x8B, 0, constIncrement, 0x78},
	"interface":   {0x18, 0x04, 0x8E, 2, 0, constInterface, 1, 0x78},
	"cast class":  {0x18, 0x94, 0, 0, constClass, 0x3B, 0x03, 0x78},
	"instanceof":  {0x18, 0x95, 0, 0, constClass, 0x78},
	"cast iface":  {0x18, 0x94, 0, 0, constInterface, 0x3B, 0x03, 0x78},
	"athrow":      {0x18, 0x93},
	"putstatic":   {0x18, 0x7F, 0, constStaticRef, 0x03, 0x78},
	"aastore":     {0x04, 0x91, 0, constObject, 0x03, 0x18, 0x37, 0x03, 0x78},
	"putfield_a":  {0x8F, 0, constClass, 0x18, 0x87, constRef, 0x03, 0x78},
}

// Every access to every sort of object, by an applet and by the JCRE.
func TestFirewallMatrix(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-030", "SPEC-JCVM-031", "SPEC-JCVM-032", "SPEC-JCVM-033", "SPEC-JCVM-034", "SPEC-JCVM-036", "SPEC-JCVM-037", "SPEC-JCVM-060")
	arrays := []string{"baload", "bastore", "arraylength", "byte[] cast"}
	fields := []string{"getfield", "getthis", "putfield", "putfield_i"}
	calls := []string{"virtual", "interface"}
	types := []string{"cast class", "instanceof", "cast iface", "athrow"}
	stores := []string{"putstatic", "aastore", "putfield_a"}
	instance := [][]string{fields, calls, types}
	for _, k := range []struct {
		object string
		make   func(c *testCard, p, q *Package) Ref
		all    [][]string // what is tried
		allow  []string   // what an applet may; the JCRE may all but storing what is in RAM
	}{
		{"own instance", func(c *testCard, p, q *Package) Ref { return c.make(p, p) }, append(instance, stores), concat(fields, calls, types, stores)},
		{"foreign instance", func(c *testCard, p, q *Package) Ref { return c.make(p, q) }, append(instance, stores), stores},
		{"foreign shareable", func(c *testCard, p, q *Package) Ref { return c.make(p, q) }, append(instance, stores), concat(stores, []string{"interface", "cast iface"})},
		{"JCRE instance", func(c *testCard, p, q *Package) Ref { return c.make(p, nil) }, append(instance, stores), stores},
		{"permanent entry point", func(c *testCard, p, q *Package) Ref { r := c.make(p, nil); c.MarkEntryPoint(r, false); return r }, append(instance, stores), concat(calls, types, stores)},
		{"temporary entry point", func(c *testCard, p, q *Package) Ref { r := c.make(p, nil); c.MarkEntryPoint(r, true); return r }, append(instance, stores), concat(calls, types)},
		{"own array", func(c *testCard, p, q *Package) Ref { return c.NewArray(p.Context(), ByteArray, 3) }, [][]string{arrays, stores}, concat(arrays, stores)},
		{"foreign array", func(c *testCard, p, q *Package) Ref { return c.NewArray(q.Context(), ByteArray, 3) }, [][]string{arrays, stores}, stores},
		{"foreign transient array", func(c *testCard, p, q *Package) Ref {
			return c.NewTransientArray(q.Context(), ByteArray, 3, ClearOnReset)
		}, [][]string{arrays, stores}, stores},
		{"global array", func(c *testCard, p, q *Package) Ref {
			r := c.NewTemporaryArray(JCRE, ByteArray, 3)
			c.MarkGlobalArray(r)
			return r
		}, [][]string{arrays, stores}, arrays},
		{"own array of a selected applet", func(c *testCard, p, q *Package) Ref {
			c.Select(p.Context())
			return c.NewTransientArray(p.Context(), ByteArray, 3, ClearOnDeselect)
		}, [][]string{arrays, stores}, concat(arrays, stores)},
		{"own array of an applet no longer selected", func(c *testCard, p, q *Package) Ref {
			c.Select(p.Context())
			defer c.Select(q.Context())
			return c.NewTransientArray(p.Context(), ByteArray, 3, ClearOnDeselect)
		}, [][]string{arrays, stores}, stores},
	} {
		for _, name := range concat(k.all...) {
			for _, jcre := range []bool{false, true} {
				t.Run(k.object+"/"+name, func(t *testing.T) {
					c := newTestCard(t)
					p := loadProgram(t, c, program{code: firewallPrograms[name], stack: 6, args: 1, shareable: k.object == "foreign shareable"})
					q := loadProgram(t, c, program{code: []byte{0x7A}, name: 1})
					r := k.make(c, p, q)
					context, want := p.Context(), contains(k.allow, name)
					if jcre {
						context = JCRE
						want = !contains(stores, name) || k.object != "global array"
					}
					_, e := c.InvokeStatic(context, mainOf(p), RefWord(r))
					denied := e != nil && e.Trap == "" && e.Class.Name() == "java/lang/SecurityException"
					thrown := e != nil && name == "athrow" && e.Ref == r
					if want && e != nil && !thrown || !want && !denied {
						t.Errorf("JCRE %v: %v, want allowed: %v", jcre, e, want)
					}
					if e != nil && e.Trap == "" && e.Ref != r && c.objects[e.Ref].flags&(flagEntry|flagTemporary) != flagEntry|flagTemporary {
						t.Error("the card's exception is no temporary entry point")
					}
				})
			}
		}
	}
}

// make creates an X of package p that belongs to a package's context, or to the
// JCRE.
func (c *testCard) make(p, owner *Package) Ref {
	ctx := JCRE
	if owner != nil {
		ctx = owner.Context()
	}
	return c.create(instanceHeader(ctx, p.classes[1]))
}

func concat(lists ...[]string) (all []string) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

// A call through a shareable interface runs in the owner's context, and back.
func TestContextSwitch(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-035")
	var steps stepRecorder
	c := newTestCardOn(t, testGeometry, &steps)
	p := loadProgram(t, c, program{code: firewallPrograms["interface"], stack: 6, args: 1, shareable: true})
	q := loadProgram(t, c, program{code: []byte{0x7A}, name: 1})
	got, e := c.InvokeStatic(p.Context(), mainOf(p), RefWord(c.make(p, q)))
	if e != nil || got != 2 {
		t.Fatal(got, e)
	}
	want := []byte{1, 1, 1, 2, 2, 2, 2, 1}
	if string(steps.contexts) != string(want) {
		t.Errorf("contexts %v, want %v", steps.contexts, want)
	}
	if c.ActiveContext() != JCRE || c.PreviousContext() != JCRE {
		t.Error("the platform's context is not back")
	}
	c.checkLedger(t)
}
