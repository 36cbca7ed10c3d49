package crl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"inkan/ca/status"
	"inkan/core/jpki/certificate"
)

// The service's rhythm: lists are made once a day, and hold for a day longer, so
// that a day without new lists stops nobody.
const (
	Period   = 24 * time.Hour
	Validity = 48 * time.Hour
)

// Publisher makes lists from a registry and puts them into a store.
type Publisher struct {
	Registry status.Registry
	Issuers  []*status.Issuer // every generation that is to sign lists
	Store    Store

	Validity time.Duration // from this update to next update; 0: Validity
	Workers  int           // lists made at the same time; 0: one for each processor
	Buffer   int           // bytes of a worker's buffer; 0: DefaultBuffer

	// Progress, if set, is told after each list, by one caller at a time.
	Progress func(Progress)
}

// Progress is how far a publication is.
type Progress struct {
	Done, Total int // lists
	Entries     int
	Bytes       int64
}

// task is one list to be made.
type task struct {
	issuer    *status.Issuer
	partition string
}

// Publish makes all lists anew: for every authority and each of its generations
// that is valid, one for each partition. A list that cannot be made does not
// keep the others from being made; the error joins the first few. The list in
// place stays until the new one is complete.
// Spec: SPEC-STATUS-021, SPEC-STATUS-023.
func (p *Publisher) Publish(ctx context.Context) (Progress, error) {
	tasks, err := p.tasks(ctx)
	if err != nil {
		return Progress{}, err
	}
	return p.run(ctx, tasks)
}

// PublishPartition makes the lists of one partition anew, as after a revocation
// that is not to wait for the day's end.
func (p *Publisher) PublishPartition(ctx context.Context, ca certificate.Authority, partition string) (Progress, error) {
	view, err := p.Registry.View(ctx)
	if err != nil {
		return Progress{}, err
	}
	tasks := p.each(nil, ca, partition, view.At())
	if err := view.Close(); err != nil {
		return Progress{}, err
	}
	if len(tasks) == 0 {
		return Progress{}, fmt.Errorf("crl: no generation of %s is valid", ca)
	}
	return p.run(ctx, tasks)
}

// tasks lists what is to be made: the CA list is, even if no partition says so.
func (p *Publisher) tasks(ctx context.Context) (tasks []task, err error) {
	view, err := p.Registry.View(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, view.Close()) }()
	for _, ca := range certificate.Authorities() {
		before := len(tasks)
		if tasks = p.each(tasks, ca, certificate.CAList, view.At()); len(tasks) == before {
			continue // not an authority of this publisher
		}
		err := view.Partitions(ca, func(partition string) error {
			if partition != certificate.CAList {
				tasks = p.each(tasks, ca, partition, view.At())
			}
			return ctx.Err()
		})
		if err != nil {
			return nil, err
		}
	}
	if len(tasks) == 0 {
		return nil, errors.New("crl: no generation of any authority is valid")
	}
	return tasks, nil
}

func (p *Publisher) each(tasks []task, ca certificate.Authority, partition string, at time.Time) []task {
	for _, issuer := range p.Issuers {
		if issuer.Authority == ca && issuer.Signer != nil && issuer.ValidAt(at) {
			tasks = append(tasks, task{issuer, partition})
		}
	}
	return tasks
}

// maxFaults is how many errors of single lists a publication's error joins.
const maxFaults = 8

// run makes the lists with several workers, each with a snapshot of its own.
func (p *Publisher) run(ctx context.Context, tasks []task) (Progress, error) {
	for _, issuer := range p.Issuers {
		if err := issuer.Check(); err != nil {
			return Progress{}, err
		}
	}
	workers := p.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	queue := make(chan task)
	var (
		wait   sync.WaitGroup
		mu     sync.Mutex
		done   = Progress{Total: len(tasks)}
		faults []error
		failed int
	)
	report := func(s Summary, err error) {
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			if failed++; failed <= maxFaults {
				faults = append(faults, err)
			}
			return
		}
		done.Done, done.Entries, done.Bytes = done.Done+1, done.Entries+s.Entries, done.Bytes+s.Bytes
		if p.Progress != nil {
			p.Progress(done)
		}
	}
	for range min(workers, len(tasks)) {
		wait.Go(func() { p.work(ctx, queue, report) })
	}
	for _, t := range tasks {
		queue <- t
	}
	close(queue)
	wait.Wait()
	if failed > len(faults) {
		faults = append(faults, fmt.Errorf("crl: %d more lists failed", failed-len(faults)))
	}
	return done, errors.Join(faults...)
}

// work takes lists from the queue until it is closed.
func (p *Publisher) work(ctx context.Context, queue <-chan task, report func(Summary, error)) {
	size := p.Buffer
	if size <= 0 {
		size = DefaultBuffer
	}
	writer := NewWriter(size)
	view, err := p.Registry.View(ctx)
	if err == nil {
		defer view.Close()
	}
	for t := range queue {
		fault := err
		if fault == nil {
			fault = ctx.Err()
		}
		var s Summary
		if fault == nil {
			s, fault = p.publish(writer, view, t)
		}
		if fault != nil {
			fault = fmt.Errorf("list of %s for %q: %w", t.issuer, t.partition, fault)
		}
		report(s, fault)
	}
}

// publish makes one list. Spec: SPEC-STATUS-024.
func (p *Publisher) publish(w *Writer, view status.View, t task) (s Summary, err error) {
	path := Path(t.issuer.KeyID(), certificate.CRLPath(t.issuer.Authority, t.partition))
	last, found, err := info(p.Store, path)
	if err != nil && !found {
		return Summary{}, err
	}
	list := &List{Issuer: t.issuer, Partition: t.partition, ThisUpdate: view.At()}
	if last.ThisUpdate.After(list.ThisUpdate) {
		list.ThisUpdate = last.ThisUpdate
	}
	list.Number = max(uint64(list.ThisUpdate.Unix()), last.Number+1)
	validity := p.Validity
	if validity <= 0 {
		validity = Validity
	}
	list.NextUpdate = list.ThisUpdate.Add(validity)
	err = p.Store.Replace(path, func(out io.Writer) error {
		s, err = w.Write(out, list, func(each func(uint64, time.Time, certificate.Reason) error) error {
			return view.Revoked(t.issuer.Authority, t.partition, each)
		})
		return err
	})
	return s, err
}
