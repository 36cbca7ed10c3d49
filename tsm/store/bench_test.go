package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

var benchCallers = []int{1, 16, 64, 256}

// concurrently has callers do b.N things, and reports how many a second and how
// long 50 and 99 of 100 took at most.
func concurrently(b *testing.B, callers int, do func(n int) error) {
	var next atomic.Int64
	var group sync.WaitGroup
	took := make([]time.Duration, b.N)
	b.ResetTimer()
	for range callers {
		group.Go(func() {
			for n := int(next.Add(1)) - 1; n < b.N; n = int(next.Add(1)) - 1 {
				started := time.Now()
				if err := do(n); err != nil {
					b.Error(err)
					return
				}
				took[n] = time.Since(started)
			}
		})
	}
	group.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
	b.ReportMetric(float64(took[b.N/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[b.N*99/100].Microseconds()), "p99-µs")
}

// benchStep is the step of a workflow: the workflow's row and the service
// instance's change, and an entry with evidence goes into the audit trail.
func benchStep(tx *store.Tx, n int, evidence []byte) error {
	w := aWorkflow(1)
	w.ID = id('w', byte(n>>16), byte(n>>8), byte(n))
	w.Data = evidence[:200]
	if err := store.Workflows.Put(tx, w); err != nil {
		return err
	}
	err := tx.Audit(store.Event{Event: "script-sent", Actor: "sp.example", Responsible: "MNO-TSM", Subject: row.Subject{Service: id('s', byte(n)), Workflow: w.ID},
		Evidence: []store.Evidence{{Name: "request", Bytes: append(evidence[:248:248], fmt.Sprint(n)...)}}})
	if err != nil {
		return err
	}
	return store.Services.Put(tx, nthService(n%1000))
}

// BenchmarkSteps is benchStep on the disk.
func BenchmarkSteps(b *testing.B) {
	for _, callers := range benchCallers {
		b.Run(fmt.Sprintf("callers-%d", callers), func(b *testing.B) {
			c := new(clock)
			s, err := store.Open(ctx, store.Options{Path: b.TempDir() + "/store", Now: c.now})
			must(b, err)
			defer s.Close()
			tenant := tenantOf(b, s, "mno.example")
			evidence := noise(256)
			concurrently(b, callers, func(n int) error {
				return tenant.Step(ctx, func(tx *store.Tx) error { return benchStep(tx, n, evidence) })
			})
		})
	}
}

// BenchmarkBareBatches is the baseline: synced Pebble batches with as many keys and
// bytes as a step of BenchmarkSteps puts into its batch.
func BenchmarkBareBatches(b *testing.B) {
	keys, bytes := stepSize(b)
	for _, callers := range benchCallers {
		b.Run(fmt.Sprintf("callers-%d", callers), func(b *testing.B) {
			db, err := pebble.Open(b.TempDir(), &pebble.Options{Logger: quiet{}})
			must(b, err)
			defer db.Close()
			value := noise(bytes/keys - 24)
			concurrently(b, callers, func(n int) error {
				batch := db.NewBatch()
				defer batch.Close()
				for k := range keys {
					if err := batch.Set(fmt.Appendf(nil, "%06d/%016d ", k, uint64(n)*7919%1000003), value, nil); err != nil {
						return err
					}
				}
				return batch.Commit(pebble.Sync)
			})
			b.ReportMetric(float64(keys), "keys")
			b.ReportMetric(float64(bytes), "bytes")
		})
	}
}

// stepSize is how many keys benchStep writes, and how many bytes they and their
// values have, on average of a thousand.
func stepSize(b *testing.B) (keys, bytes int) {
	fs, c, evidence := newMem(), new(clock), noise(256)
	s := open(b, fs, c)
	tenant := tenantOf(b, s, "mno.example")
	const steps = 1000
	for n := range steps {
		must(b, tenant.Step(ctx, func(tx *store.Tx) error { return benchStep(tx, n, evidence) }))
	}
	must(b, s.Close())
	for _, p := range pairs(b, fs) {
		keys++
		bytes += len(p.key) + len(p.value)
	}
	head := 1 // which every step writes
	return keys/steps + head, bytes/steps + 140
}

type quiet struct{}

func (quiet) Infof(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}
func (quiet) Fatalf(f string, args ...any) {
	panic(fmt.Sprintf(f, args...))
}

func noise(n int) []byte {
	b := make([]byte, n)
	source := rand.NewChaCha8([32]byte{1})
	_, _ = source.Read(b)
	return b
}

// BenchmarkWithin is the look for a step in a stack of usual depth.
func BenchmarkWithin(b *testing.B) {
	b.ReportAllocs()
	_ = deeper(30, func() error {
		for b.Loop() {
			if store.Within() {
				b.Fatal("nested")
			}
		}
		return nil
	})
}
