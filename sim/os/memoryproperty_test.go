package os

import (
	"testing"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/sim/applets/hoard"
	"inkan/sim/clock"
	"inkan/sim/nvm"
	"inkan/sim/vm"
	"inkan/spec/req"

	"pgregory.net/rapid"
)

// ledger is what an instance of the hoard has, counted from what the commands did.
type ledger struct {
	quota, ramQuota, reserved int
	base                      int // of the instance itself
	slots, garbage            []piece
}

// piece is an array.
type piece struct {
	ins  byte
	size int
}

// bytes are the piece's share of heap, CLEAR_ON_RESET and CLEAR_ON_DESELECT memory.
func (p piece) bytes() (heap, reset, deselect int) {
	switch p.ins {
	case hoard.Array, hoard.Committed:
		return 12 + p.size, 0, 0
	case hoard.ClearOnReset:
		return 12, p.size, 0
	case hoard.ClearOnDeselect:
		return 12, 0, p.size
	}
	return 0, 0, 0
}

func (l *ledger) usage() vm.Usage {
	heap, reset, deselect := l.base, 0, 0
	for _, p := range append(append([]piece(nil), l.slots...), l.garbage...) {
		h, r, d := p.bytes()
		heap, reset, deselect = heap+h, reset+r, deselect+d
	}
	return vm.Usage{NonVolatile: uint32(heap), Reset: uint32(reset), Deselect: uint32(deselect)}
}

// answer is what the hoard answers to a piece; RAM is looked at before the heap.
func (l *ledger) answer(p piece) iso7816.SW {
	u := l.usage()
	heap, reset, deselect := p.bytes()
	if p.ins == hoard.Aborted {
		heap = 12 + p.size
	}
	if l.ramQuota > 0 && reset+deselect > 0 && int(u.Reset+u.Deselect)+reset+deselect > l.ramQuota {
		return noRAM
	}
	if l.quota > 0 && int(u.NonVolatile)+heap > l.quota {
		return noResource
	}
	return iso7816.OK
}

// put is what a command that was answered 9000 changes.
func (l *ledger) put(slot int, p piece) {
	if p.ins == hoard.Aborted {
		return
	}
	l.garbage = append(l.garbage, l.slots[slot])
	l.slots[slot] = p
}

// memoryWorld is a card with instances, and what they should have.
type memoryWorld struct {
	*rapid.T
	h     hoarder
	flash *nvm.Flash
	has   map[byte]*ledger
	cuts  int
}

// cut runs something, and boots the card that a power cut before each page update
// within it leaves: each instance has what it had before, or after, or what a
// collection has left in between.
func (w *memoryWorld) cut(run func()) {
	before := w.usages(w.h.card)
	var forks []*nvm.Flash
	w.flash.BeforeUpdate(func(uint32) { forks = append(forks, w.flash.ForkOn(new(clock.Clock), nil)) })
	run()
	w.flash.BeforeUpdate(nil)
	after := w.usages(w.h.card)
	for i, f := range forks {
		if len(forks) > 4 && i%13 != w.cuts%13 {
			continue
		}
		w.cuts++
		torn := revive(w.h.TB, f)
		for n, u := range w.usages(torn) {
			b, hadBefore := before[n]
			a, hasAfter := after[n]
			if !hadBefore {
				b = a
			}
			if !hasAfter {
				a = b
			}
			least := min(a.NonVolatile, b.NonVolatile)
			if l := w.has[n]; l != nil { // a boot may have collected
				least = min(least, (&ledger{base: l.base, slots: l.slots}).usage().NonVolatile)
			}
			if u.NonVolatile < least || u.NonVolatile > max(a.NonVolatile, b.NonVolatile) {
				w.Fatalf("cut %d of %d: instance %d has %+v, before %+v, after %+v", i, len(forks), n, u, b, a)
			}
		}
		for n, l := range w.has { // the limits are there again
			if a := torn.Applet(hoardAID(n).Append(nil)); a != nil && int(a.Limits.NonVolatile.Quota) != l.quota {
				w.Fatalf("cut %d: instance %d has the quota %d, want %d", i, n, a.Limits.NonVolatile.Quota, l.quota)
			}
		}
	}
}

// usages is what the instances that are there have.
func (w *memoryWorld) usages(card *Card) map[byte]vm.Usage {
	if err := card.Machine().Audit(); err != nil {
		w.Fatal(err)
	}
	all := map[byte]vm.Usage{}
	for n := byte(1); n <= 3; n++ {
		if a := card.Applet(hoardAID(n).Append(nil)); a != nil {
			all[n] = card.Machine().Usage(a.Account)
		}
	}
	return all
}

// check compares the card with the ledgers, and what is kept with what is free.
func (w *memoryWorld) check() {
	got := w.usages(w.h.card)
	for n, l := range w.has {
		want, has := l.usage(), got[n]
		if slack := has.NonVolatile - want.NonVolatile; l.quota == 0 && slack <= uint32(12*(3+len(l.slots)+len(l.garbage))) {
			has.NonVolatile = want.NonVolatile // without a quota blocks may be larger than asked
		}
		if has != want {
			w.Fatalf("instance %d has %+v, want %+v", n, got[n], want)
		}
		if l.quota > 0 && int(got[n].NonVolatile) > l.quota || l.ramQuota > 0 && int(got[n].Reset+got[n].Deselect) > l.ramQuota {
			w.Fatalf("instance %d has %+v, its quotas are %d and %d", n, got[n], l.quota, l.ramQuota)
		}
	}
	if len(got) != len(w.has) {
		w.Fatalf("%d instances, want %d", len(got), len(w.has))
	}
	kept := 0
	for n, l := range w.has {
		kept += max(0, l.reserved-int(got[n].NonVolatile))
	}
	m := w.h.card.Machine()
	if want := m.FreeBytes() - kept - ownBytes; m.UnreservedBytes(vm.Persistent) != want {
		w.Fatalf("%d bytes free to anybody, want %d", m.UnreservedBytes(vm.Persistent), want)
	}
}

// collected is what a collection leaves.
func (w *memoryWorld) collected() {
	for _, l := range w.has {
		l.garbage = nil
	}
}

func (w *memoryWorld) install(n byte) {
	l := &ledger{slots: make([]piece, 16), quota: rapid.SampledFrom([]int{0, 400, 1500, 6000}).Draw(w.T, "quota"),
		ramQuota: rapid.SampledFrom([]int{0, 100, 700}).Draw(w.T, "RAM quota"), reserved: rapid.SampledFrom([]int{0, 400}).Draw(w.T, "reserved")}
	units := rapid.IntRange(0, 40).Draw(w.T, "units")
	var data []byte
	if units > 0 {
		data = []byte{byte(units)}
	}
	wide := rapid.Bool().Draw(w.T, "four bytes")
	i := installHoard(within(data, limit{0xC8, uint32(l.quota), wide}, limit{0xC7, uint32(l.ramQuota), wide}, limit{0xD8, uint32(l.reserved), wide}), hoardAID(n))
	host := open(w.h.TB, w.h.card, gp.AID{}, channelOf{})
	want := iso7816.OK
	if l.base = hoardBase; units > 0 {
		p := piece{hoard.Array, 16 * units}
		if want = l.answer(p); want != iso7816.OK {
			want = iso7816.NotEnoughMemory
		}
		l.put(0, p)
	}
	w.cut(func() { do(w.h.TB, host, i, want) })
	if want == iso7816.OK {
		w.has[n] = l
	} else {
		w.collected() // the installation that is undone collects
	}
}

// hoardBase is what an instance has by itself: the object with its field, and
// the slots.
const hoardBase = 16 + 12 + 2*16

func (w *memoryWorld) step() {
	n := byte(rapid.IntRange(1, 3).Draw(w.T, "instance"))
	l := w.has[n]
	if l == nil {
		w.install(n)
		return
	}
	slot := rapid.IntRange(0, 15).Draw(w.T, "slot")
	switch op := rapid.SampledFrom([]string{"make", "make", "make", "make", "drop", "delete", "reset"}).Draw(w.T, "op"); op {
	case "make":
		p := piece{rapid.SampledFrom([]byte{hoard.Array, hoard.ClearOnReset, hoard.ClearOnDeselect, hoard.Aborted, hoard.Committed}).Draw(w.T, "ins"), 0}
		units := rapid.IntRange(0, 40).Draw(w.T, "units")
		if p.ins == hoard.ClearOnReset || p.ins == hoard.ClearOnDeselect {
			units %= 8
		}
		p.size = 16 * units
		want := l.answer(p)
		w.cut(func() { w.h.say(n, want, p.ins, byte(slot), byte(units)) })
		if want == iso7816.OK {
			l.put(slot, p)
		}
	case "drop":
		w.cut(func() { w.h.say(n, iso7816.OK, hoard.Drop, byte(slot), 0) })
		l.slots[slot] = piece{}
		w.collected()
	case "delete":
		host := open(w.h.TB, w.h.card, gp.AID{}, channelOf{})
		w.cut(func() { do(w.h.TB, host, gp.Delete{AID: hoardAID(n)}, iso7816.OK) })
		delete(w.has, n)
		w.collected()
	case "reset":
		if _, err := w.h.card.Reset(ctx, false); err != nil {
			w.Fatal(err)
		}
	}
}

// Instances of one package take and give back memory at random, and the power is cut
// at page updates: what each has is what its commands made, at any time.
func TestMemoryProperty(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-130", "SPEC-UICC-OS-056", "SPEC-UICC-OS-133", "SPEC-RUNTIME-170", "SPEC-JCVM-083")
	cfg, master := onFlash(t)
	first := newCard(t, cfg)
	if err := first.Load(hoard.CAP); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		k := new(clock.Clock)
		flash := master.ForkOn(k, nil)
		w := &memoryWorld{T: r, flash: flash, has: map[byte]*ledger{}, h: hoarder{t, newCard(t, Config{Clock: k, Flash: flash})}}
		for range 10 {
			w.step()
			w.check()
		}
	})
}
