package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"inkan/core/tsmp"
	base "inkan/server/store"
	steps "inkan/tsm/store"
	rows "inkan/tsm/store/row"
)

var stepPromise = Promise{
	Name:     "a step of a service manager's store on the disk, 64 callers: workflow, service instance, audit entry with evidence",
	Baseline: "a synced Pebble batch of as many keys and bytes, 64 callers, with the store's settings",
	Limit:    2,
	// The transaction, and what its caller makes.
	AllocLimit: 16,
	Measure:    measureSteps,
}

const (
	stepCallers   = 64
	stepRound     = 2048 // steps
	stepInstances = 1000 // service instances that there are
)

// stepping is a store with a tenant, and a bare database beside it.
type stepping struct {
	store  *steps.Store
	tenant *steps.Tenant
	bare   *pebble.DB
	start  time.Time
	passed atomic.Int64

	// What a step writes, on average, and so a bare batch: keys, and bytes of the
	// batch.
	keys, bytes int
}

// measureSteps does steps and bare batches in turns.
func measureSteps(rounds int) (r Result, err error) {
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	m := &stepping{start: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)}
	m.store, err = steps.Open(context.Background(), steps.Options{Path: filepath.Join(folder, "store"), Now: m.now})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, m.store.Close()) }()
	if m.tenant, err = m.store.Tenant(context.Background(), "mno.example"); err != nil {
		return r, err
	}
	if m.bare, err = pebble.Open(filepath.Join(folder, "bare"), base.Bare(base.Disk())); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, m.bare.Close()) }()
	if err := m.size(); err != nil {
		return r, err
	}
	var operation, baseline together
	for n := range max(5, rounds/5) {
		if err := errors.Join(operation.run(n+1, m.step), baseline.run(n+1, m.batch)); err != nil {
			return r, err
		}
	}
	r = Result{OperationNanos: operation.median(), BaselineNanos: baseline.median(), Allocs: operation.allocs, BaselineAllocs: baseline.allocs}
	r.Note = fmt.Sprintf("Steps by %d callers, %d keys and %d bytes each: %.0f a second, 99 of 100 within %.1f ms; bare batches: %.0f, %.1f ms.", stepCallers,
		m.keys, m.bytes, 1e9/operation.median(), operation.late(), 1e9/baseline.median(), baseline.late())
	return r, nil
}

// size does rounds of steps until all service instances are there, and then finds
// how much a step writes.
func (m *stepping) size() error {
	var before, after base.Metrics
	err := new(together).run(-1, m.step)
	if err == nil {
		before, err = m.store.Metrics()
	}
	if err == nil {
		err = new(together).run(0, m.step)
	}
	if err == nil {
		after, err = m.store.Metrics()
	}
	m.keys, m.bytes = int(after.Keys-before.Keys)/stepRound, int(after.Bytes-before.Bytes)/stepRound
	return err
}

func (m *stepping) now() time.Time {
	return m.start.Add(time.Duration(m.passed.Add(int64(time.Millisecond))))
}

// step is the first of a workflow: its row comes, the service instance's changes,
// and an entry goes into the audit trail.
func (m *stepping) step(n int) error {
	n += stepRound
	return m.tenant.Step(context.Background(), func(tx *steps.Tx) error {
		evidence := evidenceOf(n)
		instance := n % stepInstances
		w := rows.Workflow{ID: rows.WorkflowID(named('w', n)), Kind: "download", Subject: rows.SubjectID(named('s', instance)), State: rows.WorkflowRunning,
			Begun: m.start, Changed: m.start, Next: m.start.Add(time.Minute), Deadline: m.start.Add(time.Hour), Data: evidence[:200]}
		service := rows.Service{Reference: named('s', instance), Name: "jpki", Peer: "sp.example", SE: named('e', instance), Subscriber: named('u', instance),
			Phone: named('p', instance), Model: tsmp.ModelDelegated, State: tsmp.ServiceDeclared, Domain: tsmp.DomainAbsent,
			Since: m.start.Add(time.Duration(n)), Content: evidence[:64]}
		if err := errors.Join(steps.Workflows.Put(tx, &w), steps.Services.Put(tx, &service)); err != nil {
			return err
		}
		return tx.Audit(steps.Event{Event: "script-sent", Actor: "sp.example", Responsible: "MNO-TSM", Subject: rows.Subject{Service: service.Reference, Workflow: w.ID},
			Evidence: []steps.Evidence{{Name: "request", Bytes: evidence}}})
	})
}

// batch is as much as a step writes, under keys as those of a step: one that is
// always the same, one of a few, one that is a hash, and for the rest numbers that
// rise.
func (m *stepping) batch(n int) error {
	b := m.bare.NewBatch()
	defer b.Close()
	evidence := evidenceOf(n)
	value := append(evidence, evidence...)
	left := m.bytes - batchHeader
	for k := range m.keys {
		key := make([]byte, 0, 64)
		key = append(key, 0, 0, 0, 1, byte('a'+k))
		switch k {
		case 0:
		case 1:
			key = append(key, evidence[:32]...)
		case 2:
			id := named('s', n%stepInstances)
			key = append(key, id[:]...)
		default:
			id := named('w', n)
			key = binary.BigEndian.AppendUint64(append(key, id[:]...), uint64(n))
		}
		size := left/(m.keys-k) - len(key) - entryHeader
		if err := b.Set(key, value[:size], nil); err != nil {
			return err
		}
		left -= len(key) + size + entryHeader
	}
	return b.Commit(pebble.Sync)
}

// What Pebble adds to a batch, and to each key in it: kind and two lengths.
const (
	batchHeader = 12
	entryHeader = 4
)

func named(kind byte, n int) (id [16]byte) {
	id[0] = kind
	binary.BigEndian.PutUint64(id[8:], uint64(n))
	return id
}

// evidenceOf is what does not compress.
func evidenceOf(n int) []byte {
	b := make([]byte, 0, 256)
	for x := uint64(n) | 1; len(b) < 256; x = x*6364136223846793005 + 1442695040888963407 {
		b = binary.BigEndian.AppendUint64(b, x^x>>31)
	}
	return b
}

// together is what several callers did at once.
type together struct {
	nanos  []float64 // of a step, by round
	allocs float64   // of the last round
	took   []time.Duration
}

// run has callers do a round; they number from n rounds on.
func (t *together) run(n int, do func(n int) error) error {
	took := make([]time.Duration, stepRound)
	nanos, allocs, err := counted(wallTime, func() error {
		var next atomic.Int64
		var group sync.WaitGroup
		failures := make([]error, stepCallers)
		for i := range stepCallers {
			group.Go(func() {
				for k := int(next.Add(1)) - 1; k < stepRound && failures[i] == nil; k = int(next.Add(1)) - 1 {
					began := wallTime()
					failures[i] = do(n*stepRound + k)
					took[k] = wallTime() - began
				}
			})
		}
		group.Wait()
		return errors.Join(failures...)
	})
	t.nanos, t.allocs = append(t.nanos, nanos/stepRound), allocs/stepRound
	t.took = append(t.took, took...)
	return err
}

// median is the median round: the disk's flushes and compactions count, which the
// fastest round is without.
func (t *together) median() float64 {
	slices.Sort(t.nanos)
	return t.nanos[len(t.nanos)/2]
}

// late is the time in milliseconds that 99 of 100 took at most, over all rounds.
func (t *together) late() float64 {
	slices.Sort(t.took)
	return float64(t.took[len(t.took)*99/100].Microseconds()) / 1000
}
