package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// ErrClosed is the error of every use after Close.
var ErrClosed = errors.New("store: closed")

// Store is ordered keys and values. Safe for concurrent use.
type Store struct {
	db *pebble.DB

	writing sync.Mutex // one update at a time; also guards the counts
	applied uint64     // updates applied, whether durable or not
	keys    uint64     // that they wrote or deleted
	bytes   uint64     // of their batches

	states states

	waiting sync.Mutex
	arrived *sync.Cond
	durable uint64 // all updates up to this one are on the disk
	failed  error

	closing sync.RWMutex
	closed  bool
}

// Open opens the store in a folder of a file system, or makes it there.
// Corruption that Pebble finds is an error that wraps pebble.ErrCorruption.
func Open(folder string, fs vfs.FS) (*Store, error) { return OpenGathering(folder, fs, 0) }

// OpenGathering is Open of a store in which at least so long passes between two
// waits for the disk: concurrent updates of that time share one, which costs less,
// and a single caller waits longer.
func OpenGathering(folder string, fs vfs.FS, gather time.Duration) (*Store, error) {
	o := options(fs, stopLogger{})
	if gather > 0 {
		o.WALMinSyncInterval = func() time.Duration { return gather }
	}
	db, err := pebble.Open(folder, o)
	if err != nil {
		return nil, fmt.Errorf("store: %s: %w", folder, err)
	}
	s := &Store{db: db}
	s.arrived = sync.NewCond(&s.waiting)
	return s, nil
}

// Close waits for nobody: callers have returned by then. It leaves an empty log,
// as Pebble takes damage in the last 32 KiB of a log for a write that a crash cut
// off, but finds it in tables.
func (s *Store) Close() error {
	s.closing.Lock()
	defer s.closing.Unlock()
	if s.closed {
		return ErrClosed
	}
	s.closed = true
	return errors.Join(s.states.forget(), s.db.Flush(), s.db.Close())
}

// Update runs fn on a transaction and makes it durable. When fn fails nothing of
// it remains and Update returns its error. In both cases whatever fn has read is
// durable when Update returns: an answer never rests on what a crash can undo.
// ctx is looked at before the start only. Spec: SPEC-CA-LIFECYCLE-070.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return ErrClosed
	}
	batch, number, err := s.apply(fn)
	if batch != nil {
		synced := batch.SyncWait()
		s.arrive(number, synced)
		if synced == nil {
			synced = batch.Close()
		}
		return errors.Join(err, synced)
	}
	return errors.Join(err, s.await(number))
}

// apply runs fn and puts its batch into the log, unsynced. Without a batch the
// caller has to wait for the update of the number.
func (s *Store) apply(fn func(*Tx) error) (*pebble.Batch, uint64, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	tx := newTx(s.db)
	if err := fn(tx); err != nil {
		return nil, s.applied, errors.Join(err, tx.writes.batch.Close())
	}
	batch := tx.writes.batch
	if batch.Empty() {
		return nil, s.applied, batch.Close()
	}
	keys, size := uint64(batch.Count()), uint64(batch.Len())
	if err := s.db.ApplyNoSyncWait(batch, pebble.Sync); err != nil {
		return nil, s.applied, errors.Join(err, batch.Close())
	}
	s.applied++
	failed := s.states.forget()
	s.keys, s.bytes = s.keys+keys, s.bytes+size
	if tx.applied != nil {
		tx.applied()
	}
	return batch, s.applied, failed
}

// arrive notes that an update, and so every one before it in the log, is durable.
func (s *Store) arrive(number uint64, err error) {
	s.waiting.Lock()
	defer s.waiting.Unlock()
	if err != nil {
		s.failed = fmt.Errorf("store: not written: %w", err)
	} else {
		s.durable = max(s.durable, number)
	}
	s.arrived.Broadcast()
}

// await waits until an update is durable.
func (s *Store) await(number uint64) error {
	s.waiting.Lock()
	defer s.waiting.Unlock()
	for s.durable < number && s.failed == nil {
		s.arrived.Wait()
	}
	if s.durable < number {
		return s.failed
	}
	return nil
}

// Get appends the value of a key to dst, as it is at the moment, durable or not.
func (s *Store) Get(key, dst []byte) (value []byte, found bool, err error) {
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return dst, false, ErrClosed
	}
	return Reader{s.db}.Get(key, dst)
}

// Corrupt reports whether an error says that files are not what was written.
func Corrupt(err error) bool { return pebble.IsCorruptionError(err) }
