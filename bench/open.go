package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync/atomic"

	"inkan/ca"
	"inkan/ca/keys/testkeys"
	"inkan/ca/registry"
	"inkan/ca/registry/populate"
	"inkan/ca/status"
	"inkan/core/jpki/certificate"
)

var openPromise = Promise{
	Name:       "open a registry of many persons on the disk, look one up, close it",
	Baseline:   "the same with one person",
	Limit:      10,
	MaxNanos:   1e9,
	AllocLimit: 20_000,
	Measure:    measureOpen,
}

// persons is the flag of how many; fewPersons is how many without it. kept is the
// flag of a folder where their registry stays: one that is there is not built again,
// so that what is measured has the memory of a process that has only opened it.
var (
	persons int
	kept    string
)

const fewPersons = 20_000

// stored is a registry on the disk, closed.
type stored struct {
	folder string
	clock  *atomic.Int64
	count  int
}

// store makes a registry with so many persons, every one's certificates revoked,
// in a folder.
func store(folder string, count int) (s *stored, err error) {
	s = &stored{folder: folder, clock: new(atomic.Int64), count: count}
	s.clock.Store(authorityStart.Unix())
	r, err := registry.Open(folder, registryConfig(s.clock))
	if err != nil {
		return nil, err
	}
	for _, of := range certificate.Authorities() {
		if _, err := ca.NewGeneration(context.Background(), r, of, 1, testkeys.Signer(authorityKeys[of], 1), authorityStart, operator); err != nil {
			return nil, errors.Join(err, r.Close())
		}
	}
	plan := populate.Plan{Persons: count, Municipalities: municipalities, RevokedOf: 1, Now: authorityStart}
	return s, errors.Join(populate.Fill(context.Background(), r, plan), r.Close())
}

// keptOr is the registry that is kept, made there if there is none; without a folder
// to keep it in, one in another folder.
func keptOr(folder string, count int) (*stored, error) {
	if kept == "" || persons == 0 {
		return store(folder, count)
	}
	if entries, err := os.ReadDir(kept); err == nil && len(entries) > 0 {
		s := &stored{folder: kept, clock: new(atomic.Int64), count: count}
		s.clock.Store(authorityStart.Unix())
		return s, nil
	}
	return store(kept, count)
}

// open opens it, looks up a certificate and closes it.
func (s *stored) open() error {
	r, err := registry.Open(s.folder, registryConfig(s.clock))
	if err != nil {
		return err
	}
	view, err := r.View(context.Background())
	if err != nil {
		return errors.Join(err, r.Close())
	}
	_, known, err := view.Status(certificate.AuthenticationAuthority, certificate.FirstSerial+uint64(s.count/2)+1)
	if err == nil && !known {
		err = errors.New("the certificate is not known")
	}
	return errors.Join(err, view.Close(), r.Close())
}

// publish publishes its lists.
func (s *stored) publish() (p publication, err error) {
	r, err := registry.Open(s.folder, registryConfig(s.clock))
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	i, err := ca.Generation(context.Background(), r, certificate.AuthenticationAuthority, 1, testkeys.Signer(authorityKeys[certificate.AuthenticationAuthority], 1))
	if err != nil {
		return p, err
	}
	return publish(r, &status.Issuer{Authority: i.Authority, Generation: 1, Certificate: i.Certificate, Signer: i.Signer})
}

func measureOpen(rounds int) (r Result, err error) {
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	count := fewPersons
	switch {
	case rounds == 1:
		count = 100
	case persons > 0:
		count = persons
	}
	built := wallTime()
	many, err := keptOr(filepath.Join(folder, "many"), count)
	if err != nil {
		return r, err
	}
	built = wallTime() - built
	one, err := store(filepath.Join(folder, "one"), 1)
	if err != nil {
		return r, err
	}
	first := wallTime()
	busy, _, err := counted(processorTime, many.open)
	first = wallTime() - first
	if err != nil {
		return r, err
	}
	r = Result{OperationNanos: math.Inf(1), BaselineNanos: math.Inf(1)}
	for range max(1, rounds/10) {
		nanos, allocs, err := counted(wallTime, many.open)
		if err != nil {
			return r, err
		}
		r.OperationNanos, r.Allocs = min(r.OperationNanos, nanos), allocs
		if nanos, allocs, err = counted(wallTime, one.open); err != nil {
			return r, err
		}
		r.BaselineNanos, r.BaselineAllocs = min(r.BaselineNanos, nanos), allocs
	}
	r.Note = fmt.Sprintf("A registry of %d persons was built in %.0f s and opened for the first time in %d ms, %.0f ms of them processors' time.", count, built.Seconds(), first.Milliseconds(), busy/1e6)
	if persons > 0 && rounds > 1 {
		p, err := many.publish()
		if err != nil {
			return r, err
		}
		r.Note += " From it: " + p.String()
		r.Over = p.peak > publishLimit
	}
	return r, nil
}
