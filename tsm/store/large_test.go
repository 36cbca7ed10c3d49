package store_test

import (
	"encoding/binary"
	"flag"
	"runtime"
	"testing"
	"time"

	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

var instances = flag.Int("instances", 20_000, "service instances of TestLarge")

func nthService(n int) *row.Service {
	x := aService(1)
	binary.BigEndian.PutUint64(x.Reference[8:], uint64(n)*0x9E3779B97F4A7C15)
	binary.BigEndian.PutUint64(x.SE[8:], uint64(n))
	x.Phone = tsmp.PhoneID(x.Reference)
	x.Phone[0] = 'p'
	x.Subscriber = tsmp.Subscriber(x.SE)
	x.Content = make([]byte, 64)
	return x
}

// TestLarge lists many service instances, in memory that does not depend on their
// number: a million with -instances 1000000.
func TestLarge(t *testing.T) {
	req.Covers(t, "SPEC-STORE-014", "SPEC-STORE-015")
	c := new(clock)
	options := store.Options{Path: t.TempDir() + "/store", Now: c.now}
	s, err := store.Open(ctx, options)
	must(t, err)
	tenant := tenantOf(t, s, "sp.example")
	started := time.Now()
	for n := 0; n < *instances; {
		must(t, tenant.Step(ctx, func(tx *store.Tx) error {
			for range min(5000, *instances-n) {
				must(t, store.Services.Insert(tx, nthService(n)))
				n++
			}
			return nil
		}))
	}
	built := time.Since(started)
	must(t, s.Close())
	started = time.Now()
	s, err = store.Open(ctx, options)
	must(t, err)
	defer s.Close()
	opened := time.Since(started)
	tenant = tenantOf(t, s, "sp.example")
	quarters := make([]uint64, 0, 5)
	count := 0
	sample := func() {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		quarters = append(quarters, m.HeapAlloc)
	}
	started = time.Now()
	must(t, tenant.View(ctx, func(s *store.Snapshot) error {
		return store.Services.Scan(s, func(*row.Service) error {
			if count%max(1, *instances/4) == 0 {
				sample()
			}
			count++
			return nil
		})
	}))
	listed := time.Since(started)
	if count != *instances {
		t.Errorf("%d service instances, want %d", count, *instances)
	}
	pages, paged := 0, 0
	var cursor store.Cursor
	for more := true; more; more = cursor != (store.Cursor{}) {
		must(t, tenant.View(ctx, func(s *store.Snapshot) error {
			var err error
			cursor, err = store.ServicesInState.Page(s, tsmp.ServiceDeclared, cursor, 1000, func(*row.Service) error { paged++; return nil })
			return err
		}))
		pages++
	}
	if paged != *instances {
		t.Errorf("%d service instances by pages, want %d", paged, *instances)
	}
	for _, heap := range quarters[1:] {
		if heap > quarters[0]+8<<20 {
			t.Errorf("the heap grows with the listing: %d bytes", quarters)
		}
	}
	m, err := s.Metrics()
	must(t, err)
	t.Logf("%d instances: built in %s, opened in %s, listed in %s, heap at each quarter %d KiB; %d MiB on disk", count, built.Round(time.Millisecond),
		opened.Round(time.Microsecond), listed.Round(time.Millisecond), kib(quarters), m.DiskBytes>>20)
}

func kib(bytes []uint64) (out []uint64) {
	for _, b := range bytes {
		out = append(out, b>>10)
	}
	return out
}
