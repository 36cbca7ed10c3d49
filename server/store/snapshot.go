package store

import (
	"context"
	"errors"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// Snapshot is an unchanging state of the store. Close releases it.
type Snapshot struct {
	Reader
	store *Store
	state *state // nil: closed
}

// state is a snapshot that all share who look between the same two updates.
type state struct {
	snapshot *pebble.Snapshot
	users    int // the store itself, until the next update, is one
}

// states are the snapshots that are open.
type states struct {
	mutex  sync.Mutex // taken behind Store.writing, if both are
	latest *state     // nil: nobody has looked since the last update
}

// Snapshot is the state after some whole number of updates, all of them durable.
// Spec: SPEC-CA-LIFECYCLE-073.
func (s *Store) Snapshot(ctx context.Context) (*Snapshot, error) {
	return s.SnapshotAt(ctx, func() {})
}

// SnapshotAt is Snapshot; note is called at the state that it shows, between two
// updates.
func (s *Store) SnapshotAt(ctx context.Context, note func()) (*Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return nil, ErrClosed
	}
	s.writing.Lock()
	x, number := s.states.take(s.db), s.applied
	note()
	s.writing.Unlock()
	snapshot := &Snapshot{Reader: Reader{x.snapshot}, store: s, state: x}
	if err := s.await(number); err != nil {
		return nil, errors.Join(err, snapshot.Close())
	}
	return snapshot, nil
}

// Close releases the snapshot.
func (s *Snapshot) Close() error {
	if s.state == nil {
		return ErrClosed
	}
	x := s.state
	s.state = nil
	return s.store.states.release(x)
}

// take gives the latest state another user.
func (s *states) take(db *pebble.DB) *state {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.latest == nil {
		s.latest = &state{snapshot: db.NewSnapshot(), users: 1}
	}
	s.latest.users++
	return s.latest
}

// release takes a user from a state.
func (s *states) release(x *state) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if x.users--; x.users > 0 {
		return nil
	}
	return x.snapshot.Close()
}

// forget ends the store's own use of the latest state, which will be none any more.
func (s *states) forget() error {
	s.mutex.Lock()
	x := s.latest
	s.latest = nil
	s.mutex.Unlock()
	if x == nil {
		return nil
	}
	return s.release(x)
}
