package bare

import (
	"runtime"
	"testing"
)

// TestIdleMemory holds cards to their host memory: at most 1 MiB each, with an
// applet on it.
func TestIdleMemory(t *testing.T) {
	const cards = 20
	var before, after runtime.MemStats
	with(t, Config{}, "io") // what all share
	runtime.GC()
	runtime.ReadMemStats(&before)
	kept := make([]*Card, cards)
	for i := range kept {
		kept[i] = with(t, Config{}, "io")
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	each := (after.HeapAlloc - before.HeapAlloc) / cards
	t.Logf("%d bytes each", each)
	if each > 1<<20 {
		t.Errorf("%d bytes each", each)
	}
	runtime.KeepAlive(kept)
}
