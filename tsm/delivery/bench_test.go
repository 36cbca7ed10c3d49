package delivery_test

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/tsm/delivery"
)

// BenchmarkPacket is one packet of eight messages from Start to the owner being told,
// on a file system in memory: steps, proofs and the model of the network included.
func BenchmarkPacket(b *testing.B) {
	w := newWorldOn(b, vfs.NewMem()) // a crashable one copies its files at each sync
	s := w.addSIM(1)
	jobs := make([]delivery.Job, b.N+1)
	for i := range jobs {
		jobs[i] = s.job(900, "a")
	}
	before := w.written()
	b.ReportAllocs()
	b.ResetTimer()
	w.start(first, jobs...)
	for w.owner.told < b.N {
		w.work()
		e := w.events[0]
		w.events, w.now = w.events[1:], e.at
		e.do()
	}
	b.ReportMetric(float64(w.written()-before)/float64(b.N), "writes/op")
}
