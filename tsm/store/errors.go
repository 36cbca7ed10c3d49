package store

import (
	"errors"
	"fmt"

	"inkan/server/store"
)

// What a store answers to a wrong use.
var (
	// ErrClosed is the error of every use after Close.
	ErrClosed = store.ErrClosed
	// ErrNested: a step or a view was begun inside a step.
	ErrNested = errors.New("store: a step or view inside a step")
	// ErrOver: a transaction or snapshot was used after its function had returned.
	ErrOver = errors.New("store: transaction or snapshot used after its end")
	// ErrNotFound: a row that was to be changed is not there.
	ErrNotFound = errors.New("store: no such row")
)

// ErrCorrupt is wrapped by every error that says that the store is not what steps
// left there.
var ErrCorrupt = errors.New("store: corrupt")

// ConflictError is a row that cannot be because of another one.
type ConflictError struct {
	Table string
	Index string // the unique index; empty: the row's own key
}

// Error is "store: services: another row has the same phone".
func (e *ConflictError) Error() string {
	if e.Index == "" {
		return "store: " + e.Table + ": a row of that key is there"
	}
	return "store: " + e.Table + ": another row has the same " + e.Index
}

// RowError is a row that breaks a rule of its table. Nothing was written.
type RowError struct {
	Table string
	Err   error
}

// Error is "store: workflows: workflow without ID".
func (e *RowError) Error() string { return "store: " + e.Table + ": " + e.Err.Error() }

// Unwrap is the rule's own error.
func (e *RowError) Unwrap() error { return e.Err }

// corrupt marks an error as ErrCorrupt when the files' own checks say so.
func corrupt(err error) error {
	if err == nil || err == ErrStop {
		return err
	}
	if store.Corrupt(err) && !errors.Is(err, ErrCorrupt) {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return err
}

func corruptf(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrCorrupt}, args...)...)
}

// ErrStop, of what a walk calls, ends DueWorkflows, DueMessages and LanesOf without an
// error.
var ErrStop = errors.New("stop")

// unlessStopped is the error of a scan that ErrStop may have ended.
func unlessStopped(err error) error {
	if errors.Is(err, ErrStop) {
		return nil
	}
	return err
}
