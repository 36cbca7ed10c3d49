package jpki_test

import (
	"math/rand/v2"
	"testing"

	vocabulary "inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/sim/clock"
	"inkan/spec/req"
)

// cycles is what a command costs.
func (r *rig) cycles(cmd string) uint64 {
	r.Helper()
	start := r.clock.Now()
	r.send(unhex(r, cmd))
	return r.clock.Now() - start
}

// TestTimeOfVerify: a wrong PIN costs the same wherever it differs.
func TestTimeOfVerify(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-058")
	a := issued(t, options{parameters: cardForm})
	for _, role := range roleList {
		right := pins[role]
		want := uint64(0)
		for i := range right {
			for _, c := range []byte{'0', '1', 'F', 'Z', 0, 0xFF, right[i] ^ 1} {
				if c == right[i] {
					continue
				}
				a.want(verify(role, right), "9000")
				a.selectApplication()
				n := a.cycles(verify(role, right[:i]+string([]byte{c})+right[i+1:]))
				if want == 0 {
					want = n
				}
				if n != want {
					t.Errorf("%v: wrong in byte %d: %d cycles, want %d", role, i, n, want)
				}
			}
		}
		a.want(verify(role, right), "9000")
		a.selectApplication()
		if n := a.cycles(verify(role, string(make([]byte, len(right))))); n != want {
			t.Errorf("%v: wrong everywhere: %d cycles, want %d", role, n, want)
		}
	}
	// A code as well.
	b := newRig(t, options{}).authority()
	card := b.own(0x33)
	b.place(card, b.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, 1, 1))
	b.fill(card)
	b.activate(card)
	counts := map[uint64]int{}
	for i := range 12 {
		c := *b
		c.rig = b.again()
		c.selectApplication()
		wrong := []byte(codes[1])
		wrong[i] ^= 0x15
		counts[c.cycles(resetRetry(1, string(wrong), pins[1]))]++
	}
	if len(counts) != 1 {
		t.Errorf("cycles of wrong codes: %v", counts)
	}
}

// TestTimeOfSignature: a signature of a mode costs the same with every key.
func TestTimeOfSignature(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-073")
	random := rand.New(rand.NewPCG(9, 9))
	want := map[byte]uint64{}
	for n := range 5 {
		a := newRig(t, options{}).authority()
		card := a.own(0x33)
		a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginDelivered, 1, 1))
		items := a.items(1)
		if n > 0 {
			parts, err := perso.KeyItems(1, rsaKey(random))
			if err != nil {
				t.Fatal(err)
			}
			items = append(items[:3:3], parts...)
		}
		a.do(card, groups().Envelope(a.seal(items...)))
		a.activate(card)
		a.setPINs()
		a.want(verify(1, pins[1]), "9000")
		a.get(sign(0, 1, []byte{1})) // the first use of a key sets the card's cipher to it
		for mode := byte(0); mode <= 5; mode++ {
			for _, fill := range []byte{0, 0xFF, byte(random.Uint32())} {
				data := make([]byte, 32)
				for i := range data {
					data[i] = fill
				}
				got := a.cycles(sign(mode, 1, data))
				if want[mode] == 0 {
					want[mode] = got
				}
				if got != want[mode] {
					t.Errorf("key %d, mode %02X: %d cycles, want %d", n, mode, got, want[mode])
				}
			}
		}
	}
}

// TestCosts logs what the application takes: not a limit, a measurement.
func TestCosts(t *testing.T) {
	r := blank(t, options{})
	ms := func(n uint64) float64 { return r.card.Engines().Chip.Milliseconds(n) }
	updates := 0
	measure := func(name string, run func()) {
		r.flash.BeforeUpdate(func(uint32) { updates++ })
		updates = 0
		start, before := r.clock.Now(), r.clock.Ledger()
		run()
		spent := r.clock.Ledger().Since(before)
		n := r.clock.Now() - start
		r.flash.BeforeUpdate(nil)
		if n == 0 || r.clock.Ledger().Sum() != r.clock.Now() {
			t.Errorf("%s: %d cycles", name, n)
		}
		t.Logf("%-28s %12d cycles %9.1f ms, NVM %8.1f ms, %4d page updates", name, n, ms(n),
			ms(spent[clock.NVMErase]+spent[clock.NVMProgram]), updates)
	}
	m := r.card.Machine()
	ram, free := m.FreeTransientBytes(1), m.FreeBytes()
	measure("install", func() {
		if err := r.install(); err != nil {
			t.Fatal(err)
		}
	})
	used := ram - m.FreeTransientBytes(1)
	t.Logf("RAM %d bytes, NVM of an instance %d bytes", used, free-m.FreeBytes())
	if used > 600 {
		t.Errorf("%d bytes of RAM", used)
	}
	a := r.authority()
	card := a.domain(0x33)
	measure("ORDER", func() {
		a.place(card, a.newOrder(vocabulary.PurposeIssue, vocabulary.OriginOnCard, 1, 1))
	})
	measure("GENERATE and its answer", func() { a.generate(card, 1) })
	measure("CA CERT, 1200 bytes", func() { a.do(card, groups().CACertificate(1, certificate(1, true, 1200))) })
	e := a.seal(a.items(1)...)
	measure("ENVELOPE, 1500 bytes", func() { a.do(card, groups().Envelope(e)) })
	measure("ACTIVATE", func() { a.do(card, groups().Activate(a.order.ID)) })
	a.selectApplication()
	measure("RESET RETRY COUNTER", func() { a.want(resetRetry(1, codes[1], pins[1]), "9000") })
	measure("VERIFY, right", func() { a.want(verify(1, pins[1]), "9000") })
	for mode := byte(0); mode <= 5; mode++ {
		measure("signature, mode 0"+string('0'+rune(mode)), func() { a.get(sign(mode, 1, make([]byte, 32))) })
	}
	measure("READ BINARY, 256 bytes", func() { a.get("00B08A0000") })
	measure("VERIFY, wrong", func() { a.want(verify(1, "0000"), "63C2") })
	card = a.own(0x33)
	measure("SUSPEND", func() { a.do(card, groups().Suspend(a.order.ID)) })
	measure("ERASE", func() { a.do(card, groups().Erase(a.order.ID)) })
}
