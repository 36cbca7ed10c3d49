package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

var issuePromise = Promise{
	Name:     "processors' time to issue a phone's certificate: on-card key, 32 callers, registry on the disk",
	Baseline: "processors' time of a signature with the authority's key, by as many callers",
	Limit:    2,
	// What the card said, the certificate, its lints, sealing, two commits, two snapshots.
	AllocLimit: 1000,
	Measure:    measureIssue,
}

// Concurrent callers, each with as many phones.
const (
	issueCallers = 32
	issuePhones  = 2
)

// measureIssue issues certificates of phones whose orders are open, and signs as
// often, in turns.
func measureIssue(rounds int) (r Result, err error) {
	defer oneProcessor()()
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	a, err := newAuthority(folder)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, a.registry.Close()) }()
	phones, err := a.newPhones(issueCallers * issuePhones)
	if err != nil {
		return r, err
	}
	sign, digest := a.bareSignature(), sha256.Sum256(nil)
	r = Result{OperationNanos: math.Inf(1), BaselineNanos: math.Inf(1), Allocs: math.Inf(1), BaselineAllocs: math.Inf(1)}
	wall, bareWall := math.Inf(1), math.Inf(1)
	for range max(1, rounds/5) {
		if err := each(phones, (*phone).prepare); err != nil {
			return r, err
		}
		if err := operation(&r, &wall, phones, (*phone).issueOnce); err != nil {
			return r, err
		}
		if err := each(phones, (*phone).end); err != nil {
			return r, err
		}
		var bare Result
		bare.OperationNanos, bare.Allocs = r.BaselineNanos, r.BaselineAllocs
		if err := operation(&bare, &bareWall, phones, func(*phone) error { return sign(digest[:]) }); err != nil {
			return r, err
		}
		r.BaselineNanos, r.BaselineAllocs = bare.OperationNanos, bare.Allocs
	}
	r.Note = fmt.Sprintf("Issued by %d callers on one processor, on the wall: %.0f certificates a second, %.0f bare signatures by as many.", issueCallers, 1e9/wall, 1e9/bareWall)
	return r, nil
}

func (a *authority) newPhones(n int) ([]*phone, error) {
	phones := make([]*phone, n)
	for i := range phones {
		var err error
		if phones[i], err = a.newPhone(byte(i)); err != nil {
			return nil, err
		}
	}
	return phones, nil
}

// operation does one round for all of a list and keeps the least of everything.
func operation[T any](r *Result, wall *float64, list []T, do func(T) error) error {
	n := float64(len(list))
	var took time.Duration
	nanos, allocs, err := counted(processorTime, func() error {
		defer func(start time.Duration) { took = wallTime() - start }(wallTime())
		return each(list, do)
	})
	*wall = min(*wall, float64(took)/n)
	r.OperationNanos, r.Allocs = min(r.OperationNanos, nanos/n), min(r.Allocs, math.Floor(allocs/n))
	return err
}

// each calls a function for all of a list, by as many callers as there are.
func each[T any](list []T, do func(T) error) error {
	var next atomic.Int64
	var group sync.WaitGroup
	faults := make([]error, issueCallers)
	for i := range faults {
		group.Go(func() {
			for n := next.Add(1); n <= int64(len(list)) && faults[i] == nil; n = next.Add(1) {
				faults[i] = do(list[n-1])
			}
		})
	}
	group.Wait()
	return errors.Join(faults...)
}

// issueOnce issues and looks at what came of it.
func (p *phone) issueOnce() error {
	answer, err := p.issue()
	if err == nil && (len(answer.Envelopes) != 1 || len(answer.HolderCode) == 0) {
		err = fmt.Errorf("issue: %d envelopes, code of %d bytes", len(answer.Envelopes), len(answer.HolderCode))
	}
	return err
}
