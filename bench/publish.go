package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"inkan/ca/status"
	"inkan/ca/status/crl"
	"inkan/core/jpki/certificate"
)

var listPromise = Promise{
	Name:       "write a revocation list of 100,000 entries",
	Baseline:   "its signature, its bytes hashed and copied",
	Limit:      10,
	MaxNanos:   50e6,
	AllocLimit: 80, // of the list, not of its entries
	Setup:      setupList,
}

func setupList() (operation, baseline func(), err error) {
	a, err := newAuthority("")
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, a.registry.Close()) }()
	issuer, err := a.publisher()
	if err != nil {
		return nil, nil, err
	}
	list := &crl.List{Issuer: issuer, Partition: certificate.Municipalities()[0].Partition(), Number: 1, ThisUpdate: authorityStart, NextUpdate: authorityStart.Add(crl.Validity)}
	w, entries := crl.NewWriter(crl.DefaultBuffer), revoked(100_000)
	write := func(out io.Writer) {
		if s, err := w.Write(out, list, entries); err != nil || s.Entries != 100_000 {
			panic(fmt.Sprint(s, err))
		}
	}
	var made bytes.Buffer
	write(&made)
	sign, out := a.bareSignature(), make([]byte, made.Len())
	return func() { write(io.Discard) }, func() {
		digest := sha256.Sum256(out[:copy(out, made.Bytes())])
		if err := sign(digest[:]); err != nil {
			panic(err)
		}
	}, nil
}

var publishPromise = Promise{
	Name:       "processors' time to publish the lists of 1,900 municipalities, a million entries, as files",
	Baseline:   "processors' time of as many signatures and of hashing as many bytes",
	Limit:      2,
	MaxNanos:   6e9, // 3 s on two processors
	AllocLimit: 250_000,
	Measure:    measurePublish,
}

// Lists and entries of each; the least number is for tests.
const (
	municipalities = 1900
	entriesOfEach  = 527
	fewPlaces      = 19
)

// publishLimit is the most memory that the process may have while it publishes.
const publishLimit = 150 << 20

func measurePublish(rounds int) (r Result, err error) {
	a, err := newAuthority("")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, a.registry.Close()) }()
	issuer, err := a.publisher()
	if err != nil {
		return r, err
	}
	source := country{municipalities: municipalities, each: entriesOfEach}
	if rounds == 1 {
		source.municipalities = fewPlaces
	}
	r = Result{OperationNanos: math.Inf(1), BaselineNanos: math.Inf(1)}
	best := publication{wall: math.Inf(1)}
	for range max(1, rounds/30) {
		p, err := publish(source, issuer)
		if err != nil {
			return r, err
		}
		if p.Done != source.municipalities+1 || p.Entries != source.municipalities*source.each {
			return r, fmt.Errorf("published %d lists with %d entries", p.Done, p.Entries)
		}
		r.OperationNanos, r.Allocs = min(r.OperationNanos, p.nanos), p.allocs
		nanos, allocs, err := counted(processorTime, func() error { return a.signAndHash(p.Progress) })
		if err != nil {
			return r, err
		}
		r.BaselineNanos, r.BaselineAllocs = min(r.BaselineNanos, nanos), allocs
		best.take(p)
	}
	r.Note, r.Over = best.String(), best.peak > publishLimit
	return r, nil
}

// publication is what came of publishing once.
type publication struct {
	crl.Progress
	nanos, allocs float64 // of processors
	wall          float64 // in nanoseconds
	peak          int64   // bytes; 0: not known
}

// take keeps the faster time and the higher peak.
func (p *publication) take(q publication) {
	wall, most := min(p.wall, q.wall), max(p.peak, q.peak)
	*p = q
	p.wall, p.peak = wall, most
}

// String says what is not in the table.
func (p *publication) String() string {
	return fmt.Sprintf("%d lists with %d entries, %d bytes, published in %.2f s on the wall; the process had %.1f MiB at most, promised: %d at most.",
		p.Done, p.Entries, p.Bytes, p.wall/1e9, float64(p.peak)/(1<<20), publishLimit>>20)
}

// publish makes all lists of a registry in a folder that is gone afterwards.
func publish(from status.Registry, issuer *status.Issuer) (p publication, err error) {
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	store, err := crl.OpenDirectory(folder)
	if err != nil {
		return p, err
	}
	defer store.Close()
	publisher := crl.Publisher{Registry: from, Issuers: []*status.Issuer{issuer}, Store: store}
	p.peak, err = peak(func() (err error) {
		start := wallTime()
		p.nanos, p.allocs, err = counted(processorTime, func() (err error) {
			p.Progress, err = publisher.Publish(context.Background())
			return err
		})
		p.wall = float64(wallTime() - start)
		return err
	})
	return p, err
}

// signAndHash signs as often and hashes as many bytes as a publication, by as
// many workers.
func (a *authority) signAndHash(p crl.Progress) error {
	sign, each := a.bareSignature(), make([]byte, p.Bytes/int64(p.Done))
	workers := runtime.GOMAXPROCS(0)
	faults := make([]error, workers)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := w; i < p.Done; i += workers {
				digest := sha256.Sum256(each)
				faults[w] = errors.Join(faults[w], sign(digest[:]))
			}
		})
	}
	group.Wait()
	return errors.Join(faults...)
}

// peak is the most memory that the process has while a function runs, in bytes;
// 0 where the system does not tell.
func peak(f func() error) (int64, error) {
	debug.FreeOSMemory()
	reset := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
	if err := f(); err != nil {
		return 0, err
	}
	text, err := os.ReadFile("/proc/self/status")
	_, rest, found := strings.Cut(string(text), "VmHWM:")
	var kib int64
	if reset != nil || err != nil || !found {
		return 0, nil
	}
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		return 0, err
	}
	return kib << 10, nil
}
