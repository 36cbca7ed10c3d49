package ca

import (
	"context"
	"errors"
	"sync"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/tsmp"
)

// Journal keeps the authority's calls in its registry (tsmp.Journal). An answer
// with a sealed envelope is not kept: the registry erases envelopes, and the same
// call makes the same answer from the envelope as long as it is there. A refusal
// has none, and is kept. Spec: SPEC-CA-014, SPEC-CA-015, SPEC-CA-017.
type Journal struct {
	registry *registry.Registry

	mutex   sync.Mutex
	running map[tsmp.CallKey]tsmp.Function
}

// NewJournal makes the journal of an authority's calls.
func (a *Authority) NewJournal() *Journal {
	return &Journal{registry: a.config.Registry, running: map[tsmp.CallKey]tsmp.Function{}}
}

// sealed are the functions whose answers have sealed envelopes.
var sealed = map[tsmp.Function]bool{tsmp.Issue: true, tsmp.SealPINReset: true}

// Begin implements tsmp.Journal.
func (j *Journal) Begin(ctx context.Context, r tsmp.Record) ([]byte, error) {
	if !j.enter(r) {
		return nil, tsmp.ErrInProgress
	}
	answer, err := j.registry.BeginCall(ctx, callName(r.Key), record.Hash(r.Digest), r.Late)
	var refusal *registry.Refusal
	switch {
	case errors.As(err, &refusal) && refusal.Code == registry.DifferentRequest:
		err = tsmp.ErrConflict
	case errors.As(err, &refusal) && refusal.Code == registry.TooLate:
		err = tsmp.ErrLate
	}
	if err != nil || answer != nil {
		j.leave(r.Key)
	}
	return answer, err
}

func (j *Journal) enter(r tsmp.Record) bool {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if _, busy := j.running[r.Key]; busy {
		return false
	}
	j.running[r.Key] = r.Function
	return true
}

func (j *Journal) leave(k tsmp.CallKey) tsmp.Function {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	f := j.running[k]
	delete(j.running, k)
	return f
}

// End implements tsmp.Journal.
func (j *Journal) End(ctx context.Context, k tsmp.CallKey, answer []byte) error {
	f := j.leave(k)
	if answer == nil {
		return nil
	}
	if sealed[f] {
		status, err := tsmp.StatusOf(answer)
		if err != nil || status == tsmp.Success {
			return err
		}
	}
	return j.registry.EndCall(ctx, callName(k), answer)
}
