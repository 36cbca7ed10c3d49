package registry_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/ca/registry"
	"inkan/ca/registry/populate"
	"inkan/ca/registry/record"
	"inkan/core/entropy"
	"inkan/core/jpki/certificate"
)

// BenchmarkIssue is a phone's whole issue on the disk (application, order,
// reservation, completion, activation: five commits) by so many concurrent
// callers, each time for another person. The certificates are signed beforehand only in so far
// as they can be: signing with Ed25519 is in the figure.
func BenchmarkIssue(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers-%d", callers), func(b *testing.B) {
			w := newWorldIn(b, b.TempDir())
			signatures := manyHolders(b, w, b.N)
			var next atomic.Int64
			var group sync.WaitGroup
			b.ResetTimer()
			for i := range callers {
				group.Go(func() {
					mine := &world{Registry: w.Registry, clock: w.clock, t: b}
					for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
						mine.keys = uint64(n)<<8 | 1<<62
						if err := issueOnce(mine, signatures[n-1], record.SIM{byte(i + 1)}); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			group.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "issues/s")
			b.ReportMetric(5*float64(b.N)/b.Elapsed().Seconds(), "commits/s")
		})
	}
}

// manyHolders imports persons and gives the serials of their signature certificates.
func manyHolders(b *testing.B, w *world, n int) []uint64 {
	b.Helper()
	w.ok(populate.Fill(ctx, w.Registry, populate.Plan{Persons: n, Municipalities: 50, Now: w.clock.now()}))
	serials := make([]uint64, n)
	for i := range serials {
		serials[i] = certificate.FirstSerial + 1 + uint64(i)
	}
	return serials
}

func issueOnce(w *world, signature uint64, sim record.SIM) error {
	q := w.request(signature, sim)
	app, err := w.RegisterApplication(ctx, q, cause)
	if err != nil {
		return err
	}
	o, err := w.PlaceOrder(ctx, registry.OrderRequest{Application: app.ID, SIM: sim, Instance: aid}, cause)
	if err != nil {
		return err
	}
	row, err := w.ReservePhone(ctx, registry.PhoneRequest{Order: o.ID, Generation: 1, Key: keyHash(w.keys)}, cause)
	if err != nil {
		return err
	}
	c := row.Certificate
	der := derWithKey(&c, w.keys)
	if c, err = w.Complete(ctx, registry.Completion{Authority: c.Authority, Serial: c.Serial, DER: der, Envelope: der}, cause); err != nil {
		return err
	}
	_, err = w.Activate(ctx, c.Serial, []byte("receipt"), cause)
	return err
}

func newWorldIn(b *testing.B, folder string) *world {
	w := &world{clock: new(clock), t: b}
	w.clock.seconds.Store(begin.Unix())
	r, err := registry.Open(folder, registry.Config{Now: w.clock.now, Entropy: entropy.System()})
	w.ok(err)
	w.Registry = r
	b.Cleanup(func() { r.Close() })
	w.authorities(1)
	return w
}

// BenchmarkBareBatches is the baseline: synced Pebble batches with as many keys
// and bytes as a commit of an issue has on average.
func BenchmarkBareBatches(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers-%d", callers), func(b *testing.B) {
			db, err := pebble.Open(b.TempDir(), &pebble.Options{FS: vfs.Default, Logger: quiet{}})
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			value := make([]byte, 250)
			rand.Read(value)
			var next atomic.Int64
			var group sync.WaitGroup
			b.ResetTimer()
			for range callers {
				group.Go(func() {
					for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
						batch := db.NewBatch()
						for k := range 8 {
							batch.Set(fmt.Appendf(nil, "%d/%016d", k, n*7919%1000003), value, nil)
						}
						if err := batch.Commit(pebble.Sync); err != nil {
							b.Error(err)
						}
						batch.Close()
					}
				})
			}
			group.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
		})
	}
}

// BenchmarkOpen opens a registry of so many persons on the disk. A million takes
// about two minutes to build: INKAN_PERSONS=1000000.
func BenchmarkOpen(b *testing.B) {
	persons := 20_000
	if s := os.Getenv("INKAN_PERSONS"); s != "" {
		if _, err := fmt.Sscan(s, &persons); err != nil {
			b.Fatal(err)
		}
	}
	folder := b.TempDir()
	config := registry.Config{Now: func() time.Time { return begin }, Entropy: entropy.System()}
	r, err := registry.Open(folder, config)
	if err != nil {
		b.Fatal(err)
	}
	started := time.Now()
	if err := populate.Fill(ctx, r, populate.Plan{Persons: persons, Municipalities: 1900, RevokedOf: 2, Phones: 4, Now: begin}); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d persons built in %s", persons, time.Since(started))
	if err := r.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		r, err := registry.Open(folder, config)
		if err != nil {
			b.Fatal(err)
		}
		s, err := r.Snapshot(ctx)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := s.Status(certificate.AuthenticationAuthority, certificate.FirstSerial+uint64(persons)/2); err != nil {
			b.Fatal(err)
		}
		s.Close()
		r.Close()
	}
	b.ReportMetric(float64(persons), "persons")
}

// BenchmarkRevoked walks over every revoked certificate of the authentication
// authority, partition by partition.
func BenchmarkRevoked(b *testing.B) {
	w := newWorldIn(b, b.TempDir())
	w.ok(populate.Fill(ctx, w.Registry, populate.Plan{Persons: 50_000, Municipalities: 1900, RevokedOf: 1, Now: w.clock.now()}))
	s := w.snapshot()
	defer s.Close()
	n := 0
	for b.Loop() {
		n = 0
		w.ok(s.Partitions(certificate.AuthenticationAuthority, func(p string) error {
			return s.Revoked(certificate.AuthenticationAuthority, p, func(uint64, time.Time, certificate.Reason) error { n++; return nil })
		}))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/entry")
}

// BenchmarkResponse reads a cached OCSP response.
func BenchmarkResponse(b *testing.B) {
	w := newWorldIn(b, b.TempDir())
	h := w.holder()
	if stored, err := w.PutResponse(ctx, h.authentication.Authority, h.authentication.Serial, h.authentication.Version, make([]byte, 1700)); !stored || err != nil {
		b.Fatal(stored, err)
	}
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		var found bool
		var err error
		dst, found, err = w.Response(h.authentication.Authority, h.authentication.Serial, dst[:0])
		if !found || err != nil {
			b.Fatal(found, err)
		}
	}
}
