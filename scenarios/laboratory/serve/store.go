package serve

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"inkan/tsm/store"
)

// openStore opens a manager's store, and refuses one that is not what steps have left
// there. Spec: SPEC-SERVE-004.
func openStore(ctx context.Context, path string) (*store.Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, store.Options{Path: path, Now: time.Now})
	if err != nil {
		return nil, err
	}
	if _, err := s.Check(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("the store is refused: %w", err), s.Close())
	}
	return s, nil
}
