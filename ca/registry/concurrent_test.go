package registry_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

// TestConcurrent lets many callers enrol, revoke and look at the same time, some
// of them for the same person, on a disk whose crashes keep what has returned.
func TestConcurrent(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-003", "SPEC-CA-LIFECYCLE-010", "SPEC-CA-LIFECYCLE-030", "SPEC-CA-LIFECYCLE-070")
	disk := vfs.NewCrashableMem()
	w := newWorld(t, disk)
	defer func() { w.Close() }()
	const callers, rounds = 16, 4
	holders := make([]holder, callers)
	for i := range holders {
		if i%2 == 1 {
			holders[i] = holders[i-1] // two callers for each person
			continue
		}
		holders[i] = w.holder()
	}
	var keys atomic.Uint64
	keys.Store(w.keys)
	var activated sync.Map
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			mine := &world{Registry: w.Registry, clock: w.clock, t: t}
			for range rounds {
				mine.keys = keys.Add(2) - 1
				c, err := tryEnrol(mine, holders[i], record.SIM{byte(i + 1)})
				var refusal *registry.Refusal
				if err != nil && !errors.As(err, &refusal) {
					t.Error(err)
					return
				}
				if err == nil {
					activated.Store(c.Serial, true)
				}
			}
		})
	}
	stop := make(chan struct{})
	var viewers sync.WaitGroup
	for range 3 {
		viewers.Go(func() { look(t, w, holders, stop) })
	}
	group.Wait()
	close(stop)
	viewers.Wait()
	w.check()
	crashed := &world{clock: w.clock, t: t, fs: disk.CrashClone(vfs.CrashCloneCfg{})}
	crashed.Registry = open(t, crashed.fs, w.clock)
	defer crashed.Close()
	crashed.check()
	s := crashed.snapshot()
	defer s.Close()
	n := 0
	activated.Range(func(serial, _ any) bool {
		n++
		c, err := s.Certificate(certificate.AuthenticationAuthority, serial.(uint64))
		if err != nil || c.State == certificate.Pending || c.Stage != record.Issued {
			t.Errorf("certificate %d was activated, after the crash it is %s (%v)", serial, c.State, err)
		}
		return true
	})
	if n < callers/2 {
		t.Errorf("only %d activations", n)
	}
}

// tryEnrol goes the whole way; somebody else may come in between.
func tryEnrol(w *world, h holder, sim record.SIM) (c record.Certificate, err error) {
	q := w.request(h.signature.Serial, sim)
	app, err := w.RegisterApplication(ctx, q, cause)
	if err != nil {
		return c, err
	}
	o, err := w.PlaceOrder(ctx, registry.OrderRequest{Application: app.ID, SIM: sim, Instance: aid}, cause)
	if err != nil {
		return c, err
	}
	row, err := w.ReservePhone(ctx, registry.PhoneRequest{Order: o.ID, Generation: 1, Key: keyHash(w.keys)}, cause)
	if err != nil {
		return c, err
	}
	if c, err = w.Complete(ctx, completionOf(&row.Certificate), cause); err != nil {
		return c, err
	}
	if _, err := w.PutResponse(ctx, c.Authority, c.Serial, c.Version, []byte("response")); err != nil {
		return c, err
	}
	return w.Activate(ctx, c.Serial, []byte("receipt"), cause)
}

// look takes views until it is told to stop: in none has a person two live phone
// certificates, and time does not go back.
func look(t *testing.T, w *world, holders []holder, stop chan struct{}) {
	var last time.Time
	for {
		select {
		case <-stop:
			return
		default:
		}
		s, err := w.Snapshot(ctx)
		if err != nil {
			t.Error(err)
			return
		}
		if s.At().Before(last) {
			t.Errorf("view of %s after one of %s", s.At(), last)
		}
		last = s.At()
		for _, h := range holders {
			list, err := s.OfPerson(h.person)
			if err != nil {
				t.Error(err)
			}
			live := 0
			for i := range list {
				if list[i].Kind == certificate.PhoneAuthentication && list[i].Live(s.At()) {
					live++
				}
				if _, _, err := w.Response(list[i].Authority, list[i].Serial, nil); err != nil {
					t.Error(err)
				}
			}
			if live > 1 {
				t.Errorf("%d live phone certificates", live)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		w.clock.advance(time.Second)
	}
}
