package idcards_test

import (
	"runtime"
	"testing"

	"inkan/core/jpki/basic"
	"inkan/sim/idcard"
	"inkan/spec/req"
)

// Cards of a fleet are apart: each has its holder and its keys, and what one does
// is not seen on another. A thousand of them fit into 1 GiB of memory.
func TestFleet(t *testing.T) {
	req.Covers(t, "SPEC-IDCARD-014", "SPEC-IDCARD-015")
	const count = 50
	one := order(t, 0)
	made(t, one) // what is made once for all
	before := held()
	cards := make([]*idcard.Card, count)
	for i := range cards {
		o := one
		o.Number = uint32(100 + i)
		o.Card.Serial = []string{"900000000000100", "900000000000101"}[i%2]
		cards[i] = made(t, o)
	}
	each := (held() - before) / count
	for i, card := range cards {
		c, err := basic.ReadCard(t.Context(), card)
		if err != nil || c.Serial[14] != byte('0'+i%2) {
			t.Fatalf("card %d: %v, %v", i, c, err)
		}
		if sw(t, card, "00A4040C0AD392F000260100000001") != 0x9000 {
			t.Fatal("no JPKI application")
		}
		wrong := sw(t, card, "002000980439393939")
		if wrong != 0x63C2 {
			t.Fatalf("card %d: %v: another card's wrong PIN counts here", i, wrong)
		}
	}
	if limit := int64(1 << 20); each > limit {
		t.Errorf("a card of the fleet takes %d bytes of memory, want at most %d", each, limit)
	}
	t.Logf("%d bytes of memory for each card", each)
	runtime.KeepAlive(cards)
}

func held() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkBody makes a card that nobody has personalised.
func BenchmarkBody(b *testing.B) {
	m := maker(b)
	for b.Loop() {
		if _, err := m.Body(idcard.Parts{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMake makes a whole card with delivered keys.
func BenchmarkMake(b *testing.B) {
	o := order(b, 30)
	m := maker(b)
	for b.Loop() {
		if _, err := m.Make(b.Context(), o); err != nil {
			b.Fatal(err)
		}
	}
}
