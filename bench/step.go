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
	steps "inkan/tsm/store"
	rows "inkan/tsm/store/row"
)

var stepPromise = Promise{
	Name:     "a step of a service manager's store on the disk, 64 callers: workflow, service instance, audit entry with evidence",
	Baseline: "a synced Pebble batch of as many keys and bytes, 64 callers",
	Limit:    3,
	// Rows read and written, their encodings, the audit entry.
	AllocLimit: 400,
	Measure:    measureSteps,
}

const (
	stepCallers = 64
	stepRound   = 2048 // steps
	stepKeys    = 13   // that a step writes; with their values that many bytes
	stepBytes   = 1572
)

// stepping is a store with a tenant, and a bare database beside it.
type stepping struct {
	tenant *steps.Tenant
	bare   *pebble.DB
	start  time.Time
	passed atomic.Int64
}

// measureSteps does steps and bare batches in turns.
func measureSteps(rounds int) (r Result, err error) {
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	m := &stepping{start: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)}
	s, err := steps.Open(context.Background(), steps.Options{Path: filepath.Join(folder, "store"), Now: m.now})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if m.tenant, err = s.Tenant(context.Background(), "mno.example"); err != nil {
		return r, err
	}
	if m.bare, err = pebble.Open(filepath.Join(folder, "bare"), &pebble.Options{Logger: quiet{}}); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, m.bare.Close()) }()
	var operation, baseline together
	for n := range max(5, rounds/5) {
		if err := errors.Join(operation.run(n, m.step), baseline.run(n, m.batch)); err != nil {
			return r, err
		}
	}
	r = Result{OperationNanos: operation.median(), BaselineNanos: baseline.median(), Allocs: operation.allocs, BaselineAllocs: baseline.allocs}
	r.Note = fmt.Sprintf("Steps by %d callers: %.0f a second, 99 of 100 within %.1f ms; bare batches: %.0f, %.1f ms.", stepCallers,
		1e9/operation.median(), operation.late(), 1e9/baseline.median(), baseline.late())
	return r, nil
}

func (m *stepping) now() time.Time {
	return m.start.Add(time.Duration(m.passed.Add(int64(time.Millisecond))))
}

// step is one of a workflow: its row and the service instance's, and an entry.
func (m *stepping) step(n int) error {
	return m.tenant.Step(context.Background(), func(tx *steps.Tx) error {
		w := rows.Workflow{ID: rows.WorkflowID(named('w', n)), Kind: "download", Subject: rows.SubjectID(named('s', n%1000)), State: rows.WorkflowRunning,
			Begun: m.start, Changed: m.start, Next: m.start.Add(time.Minute), Deadline: m.start.Add(time.Hour), Data: evidenceOf(n)[:200]}
		service := rows.Service{Reference: named('s', n%1000), Name: "jpki", Peer: "sp.example", SE: named('e', n%1000), Subscriber: named('u', n%1000),
			Phone: named('p', n%1000), Model: tsmp.ModelDelegated, State: tsmp.ServiceDeclared, Domain: tsmp.DomainAbsent, Since: m.start, Content: make([]byte, 64)}
		if err := errors.Join(steps.Workflows.Put(tx, &w), steps.Services.Put(tx, &service)); err != nil {
			return err
		}
		return tx.Audit(steps.Event{Event: "script-sent", Actor: "sp.example", Responsible: "MNO-TSM", Subject: rows.Subject{Service: service.Reference, Workflow: w.ID},
			Evidence: []steps.Evidence{{Name: "request", Bytes: evidenceOf(n)}}})
	})
}

// batch is as much as a step writes.
func (m *stepping) batch(n int) error {
	b := m.bare.NewBatch()
	defer b.Close()
	value := make([]byte, stepBytes/stepKeys-24)
	copy(value, evidenceOf(n))
	for k := range stepKeys {
		if err := b.Set(fmt.Appendf(nil, "%06d/%016d ", k, uint64(n)*7919%1_000_003), value, nil); err != nil {
			return err
		}
	}
	return b.Commit(pebble.Sync)
}

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

// run has callers do a round.
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

type quiet struct{}

func (quiet) Infof(string, ...any)      {}
func (quiet) Errorf(string, ...any)     {}
func (quiet) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }
