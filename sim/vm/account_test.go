package vm

import (
	"bytes"
	"testing"

	"inkan/sim/nvm"
	"inkan/spec/req"

	"pgregory.net/rapid"
)

// as runs fn as a native that code of a context calls for an account.
func (c *testCard) as(a Account, ctx Context, fn func(*Call)) *Exception {
	method := &Method{native: &nativeMethod{info: &Native{Func: fn}, result: 'V'}}
	_, e := c.InvokeStaticFor(a, ctx, method)
	return e
}

// makeArray makes a byte array for an account; Null: refused with the reason.
func (c *testCard) makeArray(a Account, ctx Context, n int, e Event) (r Ref, reason int16) {
	selected := c.Selected()
	c.Select(ctx)
	defer c.Select(selected)
	x := c.as(a, ctx, func(call *Call) {
		if e == Persistent {
			r = call.Machine().NewArray(ctx, ByteArray, int16(n))
		} else {
			r = call.Machine().NewTransientArray(ctx, ByteArray, int16(n), e)
		}
	})
	if x != nil {
		return Null, x.Reason
	}
	return r, 0
}

// usage is what a walk over heap and objects says, by itself.
func (c *testCard) usage(a Account) (u Usage) {
	c.eachBlock(func(at uint32, h header) error {
		if h.handle != 0 && h.account == a {
			u.NonVolatile += h.size
		}
		return nil
	})
	for i := range c.objects {
		switch o := &c.objects[i]; {
		case o.kind == kindNone || o.account != a:
		case o.flags&flagDeselect != 0:
			u.Deselect += uint32(len(o.ram))
		case o.flags&flagReset != 0:
			u.Reset += uint32(len(o.ram))
		}
	}
	return u
}

func (c *testCard) audit(t tester) {
	t.Helper()
	if err := c.Audit(); err != nil {
		t.Fatal(err)
	}
	for a := Account(0); a < 6; a++ {
		if got, want := c.Usage(a), c.usage(a); got != want {
			t.Fatalf("account %d: %+v, want %+v", a, got, want)
		}
	}
}

func TestQuota(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-080", "SPEC-JCVM-081", "SPEC-JCVM-083", "SPEC-JCVM-084")
	c := newTestCard(t)
	p := loadProgram(t, c, program{code: []byte{0x7A}, name: 1})
	ctx := p.Context()
	c.SetLimits(1, Limits{NonVolatile: Limit{Quota: 300}, Volatile: Limit{Quota: 100}})
	refused := func(n int, e Event, want int16) {
		t.Helper()
		before, free := dump(c.Machine), c.FreeBytes()
		if r, reason := c.makeArray(1, ctx, n, e); r != Null || reason != want {
			t.Fatalf("%d bytes of event %d: %d, reason %d, want reason %d", n, e, r, reason, want)
		}
		if dump(c.Machine) != before || c.FreeBytes() != free {
			t.Fatal("a refused allocation has an effect")
		}
		c.audit(t)
	}
	made := func(a Account, n int, e Event) Ref {
		t.Helper()
		r, reason := c.makeArray(a, ctx, n, e)
		if r == Null {
			t.Fatalf("%d bytes of event %d: reason %d", n, e, reason)
		}
		if c.AccountOf(r) != a {
			t.Fatalf("account %d, want %d", c.AccountOf(r), a)
		}
		c.audit(t)
		return r
	}
	refused(289, Persistent, reasonNoResource)
	kept := made(1, 88, Persistent) // 100 with its header
	gone := made(1, 188, Persistent)
	c.AddRoot(kept)
	refused(0, Persistent, reasonNoResource)
	refused(1, ClearOnReset, reasonNoResource) // the array's header
	made(0, 1000, Persistent)
	made(2, 1000, Persistent)
	if c.Collect(); c.Exists(gone) || c.Usage(1).NonVolatile != 100 {
		t.Fatalf("after a collection: %+v", c.Usage(1))
	}
	c.as(1, ctx, func(*Call) {
		if n := c.AvailableBytes(Persistent); n != 188 {
			t.Errorf("%d bytes available, want 188", n)
		}
		if n := c.AvailableBytes(ClearOnDeselect); n != 100 {
			t.Errorf("%d bytes of RAM available, want 100", n)
		}
	})
	made(1, 60, ClearOnReset)
	made(1, 40, ClearOnDeselect)
	refused(1, ClearOnReset, reasonNoTransientSpace)
	refused(1, ClearOnDeselect, reasonNoTransientSpace)
	made(2, 1, ClearOnReset)
	if c.Collect(); c.Usage(1) != (Usage{NonVolatile: 100}) {
		t.Fatalf("after a collection: %+v", c.Usage(1))
	}
	made(1, 100, ClearOnDeselect)
}

func TestReservedMemory(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-082", "SPEC-JCVM-084")
	c := newTestCard(t)
	p := loadProgram(t, c, program{code: []byte{0x7A}, name: 1})
	ctx := p.Context()
	c.SetLimits(1, Limits{NonVolatile: Limit{Reserved: 2000}, Volatile: Limit{Reserved: 500}})
	if n := c.UnreservedBytes(Persistent); n != c.FreeBytes()-2000 {
		t.Errorf("%d bytes unreserved of %d", n, c.FreeBytes())
	}
	if n := c.UnreservedBytes(ClearOnReset); n != c.FreeTransientBytes(ClearOnReset)-500 {
		t.Errorf("%d bytes of RAM unreserved", n)
	}
	if err := c.PutRecord(9, []byte("kept"), make([]byte, 50)); err != nil {
		t.Fatal(err)
	}
	fill := func(a Account, e Event) {
		for _, n := range []int{1000, 100, 10, 1, 0} {
			for range 1000 {
				if e != Persistent && n == 0 {
					break
				}
				if r, _ := c.makeArray(a, ctx, n, e); r == Null {
					break
				}
			}
		}
		c.audit(t)
	}
	fill(2, ClearOnReset)
	fill(2, ClearOnDeselect)
	fill(2, Persistent)
	for i := range 100 { // the platform's records, too
		if c.PutRecord(9, []byte{byte(i)}, make([]byte, 50)) != nil {
			break
		}
	}
	for range 200 { // a record can be replaced while only reserved memory is free
		if err := c.PutRecord(9, []byte("kept"), make([]byte, 50)); err != nil {
			t.Fatal(err)
		}
	}
	if free := c.FreeBytes(); free < 2000 || free > 2100 {
		t.Fatalf("%d bytes free, 2000 are kept", free)
	}
	for _, e := range []Event{ClearOnReset, ClearOnDeselect} {
		if free := c.FreeTransientBytes(e); free != 500 {
			t.Fatalf("%d bytes of RAM free, 500 are kept", free)
		}
		if r, reason := c.makeArray(1, ctx, 500, e); r == Null {
			t.Fatalf("the owner gets no RAM: reason %d", reason)
		}
	}
	for c.Usage(1).NonVolatile+100 <= 2000 {
		if r, reason := c.makeArray(1, ctx, 88, Persistent); r == Null {
			t.Fatalf("the owner gets no memory: reason %d, %+v, %d free", reason, c.Usage(1), c.FreeBytes())
		}
	}
	c.audit(t)
	c.Collect()
	if c.Usage(1) != (Usage{}) || c.UnreservedBytes(Persistent) != c.FreeBytes()-2000 {
		t.Errorf("after a collection: %+v", c.Usage(1))
	}
}

// A call across contexts is for the account of the object that is called, and
// back; one within a context for the caller's.
func TestAccountOfACall(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-085")
	call := []byte{0x18, 0x06, 0x8E, 2, 0, constInterface, 0} // aload_0 sconst_3 invokeinterface
	for _, k := range []struct {
		name    string
		foreign bool // the object called is of another context
		code    []byte
		want    Account
	}{
		{"made by a server", true, append(call[:7:7], 0x77), 7},
		{"made after a server's return", true, append(call[:7:7], 0x3B, 0x06, 0x90, 0x0B, 0x77), 3},
		{"made by an object of the same context", false, append(call[:7:7], 0x77), 3},
	} {
		t.Run(k.name, func(t *testing.T) {
			c := newTestCard(t)
			f := packageOf(program{code: k.code, args: 1, stack: 3, shareable: true})
			f.Method.Info = bytes.Replace(f.Method.Info, []byte{0x1D, 0x04, 0x41, 0x78}, []byte{0x1D, 0x90, 0x0B, 0x77}, 1) // the interface's method makes an array
			p, err := c.Load(f.Components())
			if err != nil {
				t.Fatal(err)
			}
			owner := p
			if k.foreign {
				owner = loadProgram(t, c, program{code: []byte{0x7A}, name: 1})
			}
			var server Ref
			c.as(7, owner.Context(), func(*Call) { server = c.make(p, owner) })
			got, e := c.InvokeStaticFor(3, p.Context(), mainOf(p), RefWord(server))
			if e != nil {
				t.Fatal(e)
			}
			if a := c.AccountOf(Ref(uint16(got))); a != k.want {
				t.Errorf("account %d, want %d", a, k.want)
			}
			c.audit(t)
		})
	}
}

// What the card makes for itself while code runs is nobody's.
func TestAccountOfTheCard(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-085")
	c := newTestCard(t)
	p := loadProgram(t, c, program{code: []byte{0x7A}, name: 1})
	var object Ref
	c.as(3, p.Context(), func(*Call) {
		object = c.NewArray(JCRE, ByteArray, 1)
		if a := c.ActiveAccount(); a != 3 {
			t.Errorf("account %d, want 3", a)
		}
	})
	if a := c.AccountOf(object); a != 0 || c.ActiveAccount() != 0 {
		t.Errorf("the card's object: account %d; the platform: %d", a, c.ActiveAccount())
	}
}

// Whatever happens, the accounts are what a walk over the heap says: after power
// cuts too. What is refused has a reason, and what is made none.
func TestAccountsProperty(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-080", "SPEC-JCVM-081", "SPEC-JCVM-082", "SPEC-JCVM-083")
	rapid.Check(t, func(t *rapid.T) {
		c := newTestCardOn(t, nvm.Geometry{SizeBytes: 8 << 10, PageBytes: 64, WordBytes: 4}, nil, func(k *Config) {
			k.JournalBytes, k.ResetBytes, k.DeselectBytes = 512, 300, 200
		})
		ctx := loadProgram(t, c, program{code: []byte{0x7A}, name: 1}).Context()
		limits := map[Account]Limits{}
		for a := Account(1); a <= 3; a++ {
			pick := func(name string, of ...uint32) uint32 { return rapid.SampledFrom(of).Draw(t, name) }
			l := Limits{Limit{pick("quota", 0, 200, 700), pick("reserved", 0, 100, 500)}, Limit{pick("RAM quota", 0, 50), pick("reserved RAM", 0, 20, 40)}}
			if c.UnreservedBytes(Persistent) < int(l.NonVolatile.Reserved) {
				l.NonVolatile.Reserved = 0
			}
			limits[a] = l
			c.SetLimits(a, l)
		}
		for range 25 {
			op := rapid.IntRange(0, 9).Draw(t, "op")
			cards := c.cuts(t, func() { c.accountStep(t, op, ctx, limits) })
			c.audit(t)
			for _, d := range cards {
				d.audit(t)
			}
		}
	})
}

func (c *testCard) accountStep(t *rapid.T, op int, ctx Context, limits map[Account]Limits) {
	a := Account(rapid.IntRange(0, 4).Draw(t, "account"))
	n := rapid.IntRange(0, 300).Draw(t, "length")
	switch op {
	case 0, 1, 2, 3:
		before, free, open := c.oracle(limits, a, Persistent), c.LargestFreeBytes(), c.TransactionDepth()
		need := int64(headerBytes+n+3) &^ 3
		switch r, reason := c.makeArray(a, ctx, n, Persistent); {
		case r != Null && need > before:
			t.Fatalf("account %d got %d bytes where %d were its", a, need, before)
		case r == Null && reason != reasonNoResource:
			t.Fatalf("reason %d", reason)
		case r == Null && need+minBlock <= before && n <= free && open == 0:
			t.Fatalf("account %d got nothing for %d bytes where %d were its", a, need, before)
		case r != Null && rapid.Bool().Draw(t, "keep"):
			c.AddRoot(r)
		}
	case 4, 5:
		e := Event(1 + op%2)
		before := c.oracle(limits, a, e)
		if r, reason := c.makeArray(a, ctx, n/4, e); r != Null && int64(n/4) > before || r == Null && reason != reasonNoTransientSpace && reason != reasonNoResource {
			t.Fatalf("account %d: %d bytes of RAM where %d were its: reason %d", a, n/4, before, reason)
		} else if r == Null && reason == reasonNoTransientSpace && int64(n/4) <= before {
			t.Fatalf("account %d got no %d bytes of RAM where %d were its", a, n/4, before)
		}
	case 6:
		if c.TransactionDepth() == 0 {
			c.Begin()
		}
	case 7:
		if c.TransactionDepth() > 0 {
			rapid.SampledFrom([]func(){c.Commit, c.Abort}).Draw(t, "end")()
		}
	case 8:
		c.PutRecordFor(a, 1, []byte{byte(n % 3)}, make([]byte, n))
	case 9:
		if c.TransactionDepth() == 0 {
			c.Collect()
		} else {
			c.Try(func() { c.DeleteRecord(1, []byte{byte(n % 3)}) })
		}
	}
}

// oracle is how many bytes an account may still take, by a walk.
func (c *testCard) oracle(limits map[Account]Limits, a Account, e Event) int64 {
	used := func(a Account) int64 {
		u := c.usage(a)
		return map[Event]int64{Persistent: int64(u.NonVolatile), ClearOnReset: int64(u.Reset), ClearOnDeselect: int64(u.Deselect)}[e]
	}
	free, all := int64(c.FreeBytes()), used(a)
	limit := func(a Account) Limit { return limits[a].NonVolatile }
	if e != Persistent {
		u := c.usage(a)
		free, all = int64(c.FreeTransientBytes(e)), int64(u.Reset)+int64(u.Deselect)
		limit = func(a Account) Limit { return limits[a].Volatile }
	}
	may := free
	for b := range limits {
		if b != a {
			may -= max(0, int64(limit(b).Reserved)-used(b))
		}
	}
	may = max(may, int64(limit(a).Reserved)-used(a))
	if q := int64(limit(a).Quota); q > 0 {
		may = min(may, q-all)
	}
	return min(may, free)
}

// An image of a running card has its accounts; limits are the platform's to say.
func TestAccountsAfterBoot(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-083")
	c := newTestCard(t)
	ctx := loadProgram(t, c, program{code: []byte{0x7A}, name: 1}).Context()
	c.SetLimits(255, Limits{NonVolatile: Limit{Quota: 100}})
	if r, _ := c.makeArray(255, ctx, 88, Persistent); r == Null {
		t.Fatal("no array")
	}
	if r, _ := c.makeArray(4, ctx, 40, ClearOnReset); r == Null {
		t.Fatal("no array")
	}
	if err := c.PutRecordFor(5, 1, []byte{1}, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	want := []Usage{c.Usage(255), c.Usage(4), c.Usage(5)}
	if err := c.Reset(); err != nil {
		t.Fatal(err)
	}
	c.audit(t)
	for i, a := range []Account{255, 4, 5} {
		if got := c.Usage(a); got != want[i] || got == (Usage{}) {
			t.Errorf("account %d: %+v after a boot, want %+v", a, got, want[i])
		}
	}
	if a := c.FreeAccount(); a != 1 {
		t.Errorf("free account %d, want 1", a)
	}
	if r, _ := c.makeArray(255, ctx, 88, Persistent); r == Null {
		t.Error("limits are those of before the reset")
	}
	if err := c.PutRecord(1, []byte{1}, make([]byte, 30)); err != nil || c.Usage(5).NonVolatile <= want[2].NonVolatile {
		t.Errorf("a replaced record: %v, %+v", err, c.Usage(5))
	}
}

// What is the card's own stays when everything else is taken, and only then.
func TestOwnRecords(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-086")
	c := newTestCard(t, func(k *Config) { k.OwnBytes = 300 })
	ctx := loadProgram(t, c, program{code: []byte{0x7A}, name: 1}).Context()
	if n := c.UnreservedBytes(Persistent); n != c.FreeBytes()-300 {
		t.Errorf("%d bytes said to be free of %d", n, c.FreeBytes())
	}
	for n := 4096; n > 0; n /= 2 {
		for r := Ref(1); r != Null; {
			r, _ = c.makeArray(Account(n%3), ctx, n, Persistent)
		}
	}
	for i := byte(0); c.PutRecord(2, []byte{i}, nil) == nil; i++ {
	}
	if free := c.FreeBytes(); free < 300 || free > 320 {
		t.Fatalf("%d bytes free, 300 are the card's own", free)
	}
	if _, err := c.Load(packageOf(program{code: []byte{0x7A}, name: 2}).Components()); err != ErrNoMemory {
		t.Errorf("a load: %v", err)
	}
	n := 0
	for ; c.PutOwnRecord(1, []byte{byte(n)}, []byte{1, 2, 3, 4}) == nil; n++ {
	}
	if n < 300/24 || c.FreeBytes() >= 20 {
		t.Errorf("%d records of the card's own, %d bytes free", n, c.FreeBytes())
	}
	c.audit(t)
}

// Making an object takes no memory of the host, limits or not.
func TestNoAllocationPerObject(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-072")
	for _, limits := range []Limits{{}, {NonVolatile: Limit{Quota: 4000, Reserved: 100}, Volatile: Limit{Quota: 10, Reserved: 10}}} {
		c := newTestCard(t)
		ctx := loadProgram(t, c, program{code: []byte{0x7A}, name: 1}).Context()
		c.SetLimits(2, limits)
		c.SetLimits(3, limits)
		for range 150 {
			c.makeArray(2, ctx, 3, Persistent)
		}
		c.Collect()
		if e := c.as(2, ctx, func(call *Call) {
			if n := testing.AllocsPerRun(100, func() { c.NewArray(ctx, ByteArray, 3) }); n > 0 {
				t.Errorf("%v allocations for each object", n)
			}
		}); e != nil {
			t.Error(e)
		}
	}
}

// Records of the card's own leave what is kept for an account where its owner can
// take it.
func TestOwnRecordsBesideReserved(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-082", "SPEC-JCVM-087")
	c := newTestCard(t, func(k *Config) { k.OwnBytes = 600 })
	ctx := loadProgram(t, c, program{code: []byte{0x7A}, name: 1}).Context()
	c.SetLimits(1, Limits{NonVolatile: Limit{Reserved: 2000}})
	put := func() {
		for i := range byte(10) {
			if err := c.PutOwnRecord(1, []byte{i}, []byte{1, 2, 3, 4}); err != nil {
				t.Fatal(err)
			}
		}
		c.audit(t)
	}
	for n := 4096; n > 0; n /= 2 {
		for r := Ref(1); r != Null; {
			r, _ = c.makeArray(2, ctx, n, Persistent)
		}
	}
	put()
	put() // replaced
	if r, reason := c.makeArray(1, ctx, 2000-headerBytes, Persistent); r == Null {
		t.Fatalf("the owner gets no memory: reason %d", reason)
	}
	put()
	if err := c.Reset(); err != nil {
		t.Fatal(err)
	}
	put()
}
