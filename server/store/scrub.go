package store

import (
	"context"

	"github.com/cockroachdb/pebble/v2"
)

// scrubRounds is how many logs Pebble may keep for reuse, and one for the log in
// use: after as many rotations every log from before is removed.
const scrubRounds = 4

// Scrub removes from the files what updates have deleted or replaced among the
// keys from lower to upper, the logs included. It costs a rewrite of that range.
// Snapshots that are open keep what they show. marker is a key outside the range
// that may be written. Spec: SPEC-CA-LIFECYCLE-071.
func (s *Store) Scrub(ctx context.Context, lower, upper, marker []byte) error {
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return ErrClosed
	}
	if err := s.states.forget(); err != nil {
		return err
	}
	for range scrubRounds {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.db.Set(marker, nil, pebble.Sync); err != nil {
			return err
		}
		if err := s.db.Flush(); err != nil {
			return err
		}
	}
	if err := s.db.Compact(ctx, lower, upper, false); err != nil {
		return err
	}
	// Pebble removes files in the background. Whatever its name says, this is the
	// one way to wait until those of before are gone.
	s.db.TestOnlyWaitForCleaning()
	return nil
}
