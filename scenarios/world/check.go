package world

import (
	"context"
	"errors"
	"fmt"
)

// checks is a server that can look at all that it keeps.
type checks interface {
	// check compares everything that is kept with everything.
	check(ctx context.Context) error
}

// Check has every server look at all that it keeps: indexes, sums, and the chains of
// the audit trails.
func (w *World) Check(ctx context.Context) error {
	var all []error
	for _, p := range w.order {
		if c, ok := p.server.(checks); ok {
			if err := c.check(ctx); err != nil {
				all = append(all, fmt.Errorf("%s: %w", p.party, err))
			}
		}
	}
	return errors.Join(all...)
}

func (s *caServer) check(ctx context.Context) error {
	snapshot, err := s.Registry().Snapshot(ctx)
	if err != nil {
		return err
	}
	_, err = snapshot.Check(ctx)
	return errors.Join(err, snapshot.Close())
}

func (s *mnoServer) check(ctx context.Context) error {
	_, err := s.store.Check(ctx)
	return err
}

func (s *spServer) check(ctx context.Context) error {
	_, err := s.store.Check(ctx)
	return err
}
