package double

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"inkan/ca/status"
	"inkan/core/jpki/certificate"
)

// Row is one certificate of the registry.
type Row struct {
	certificate.CertificateStatus
	Partition string
}

type key struct {
	ca     certificate.Authority
	serial uint64
}

// rows is an immutable table: ascending by serial number for each authority.
type rows map[certificate.Authority][]Row

// Registry is the registry. It may be used concurrently.
type Registry struct {
	clock *status.Clock

	mu        sync.RWMutex
	rows      rows
	responses map[key][]byte

	// Stop, if set, is asked before PutResponse and View do anything; its error is
	// theirs. A test makes faults and races with it.
	Stop func(operation string) error
}

// New makes an empty registry with a clock, which may go back: the registry's
// does not.
func New(now func() time.Time) *Registry {
	return &Registry{clock: status.NewClock(now), rows: rows{}, responses: map[key][]byte{}}
}

// Now is the registry's time, which never goes back.
func (r *Registry) Now() time.Time { return r.clock.Now() }

// Put adds certificates, or replaces them as they are; a cached response of theirs
// goes. State, generation, and times are taken as given.
func (r *Registry) Put(ca certificate.Authority, add ...Row) {
	r.mu.Lock()
	defer r.mu.Unlock()
	table := slices.Clone(r.rows[ca])
	for _, row := range add {
		at, found := find(table, row.Serial)
		if found {
			table[at] = row
		} else {
			table = slices.Insert(table, at, row)
		}
		delete(r.responses, key{ca, row.Serial})
	}
	r.replace(ca, table)
}

func (r *Registry) replace(ca certificate.Authority, table []Row) {
	next := rows{}
	for a, t := range r.rows {
		next[a] = t
	}
	next[ca] = table
	r.rows = next
}

// Change gives a certificate another state now, and removes its cached response.
// It panics for a serial number that is not there.
func (r *Registry) Change(ca certificate.Authority, serial uint64, state certificate.State, reason certificate.Reason) {
	r.mu.Lock()
	defer r.mu.Unlock()
	table := slices.Clone(r.rows[ca])
	at, found := find(table, serial)
	if !found {
		panic(fmt.Sprintf("double: no certificate %d of %s", serial, ca))
	}
	row := &table[at]
	row.State, row.Reason, row.Since = state, reason, r.clock.Now()
	row.Version++
	delete(r.responses, key{ca, serial})
	r.replace(ca, table)
}

// Rows are the certificates of an authority as they are now.
func (r *Registry) Rows(ca certificate.Authority) []Row {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.rows[ca]
}

// Cached is how many responses are kept.
func (r *Registry) Cached() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.responses)
}

func find(table []Row, serial uint64) (int, bool) {
	return slices.BinarySearchFunc(table, serial, func(row Row, serial uint64) int {
		switch {
		case row.Serial < serial:
			return -1
		case row.Serial > serial:
			return 1
		}
		return 0
	})
}

func (r *Registry) ask(operation string) error {
	if r.Stop == nil {
		return nil
	}
	return r.Stop(operation)
}

// View implements status.Registry.
func (r *Registry) View(ctx context.Context) (status.View, error) {
	if err := r.ask("View"); err != nil {
		return nil, err
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return &view{at: r.clock.Now(), rows: r.rows}, ctx.Err()
}

// PutResponse implements status.Registry.
func (r *Registry) PutResponse(ctx context.Context, ca certificate.Authority, serial, version uint64, der []byte) (bool, error) {
	if err := r.ask("PutResponse"); err != nil {
		return false, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	at, found := find(r.rows[ca], serial)
	if !found || r.rows[ca][at].Version != version {
		return false, ctx.Err()
	}
	r.responses[key{ca, serial}] = slices.Clone(der)
	return true, nil
}

// Response implements status.Registry.
func (r *Registry) Response(ca certificate.Authority, serial uint64, dst []byte) ([]byte, bool, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	der, found := r.responses[key{ca, serial}]
	return append(dst, der...), found, nil
}
