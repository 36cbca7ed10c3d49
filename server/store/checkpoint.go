package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// partial is the end of a folder's name while it is being filled.
const partial = ".part"

// Checkpoint writes the whole store into a new folder of its file system, while
// updates go on: a state after some whole number of updates, with all that had
// returned before. The folder is there whole or not at all. Files may be hard
// links to the store's own. Spec: SPEC-STORE-070.
func (s *Store) Checkpoint(ctx context.Context, fs FS, folder string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return ErrClosed
	}
	return intoFolder(fs, folder, func(part string) error {
		if err := s.db.Flush(); err != nil { // for the reason that Close has
			return err
		}
		return s.db.Checkpoint(part, pebble.WithFlushedWAL())
	})
}

// Copy copies a folder that Checkpoint wrote, which is not open, into a new one.
// The new folder is there whole or not at all.
func Copy(ctx context.Context, fs FS, from, to string) error {
	names, err := fs.List(from)
	if err != nil {
		return fmt.Errorf("store: %s: %w", from, err)
	}
	return intoFolder(fs, to, func(part string) error {
		if err := fs.MkdirAll(part, 0o755); err != nil {
			return err
		}
		for _, name := range names {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := vfs.CopyAcrossFS(fs, fs.PathJoin(from, name), fs, fs.PathJoin(part, name)); err != nil {
				return err
			}
		}
		return syncFolder(fs, part)
	})
}

// intoFolder has a folder filled under another name and gives it its own at the
// end. What an interrupted attempt left is removed.
func intoFolder(fs FS, folder string, fill func(part string) error) error {
	if err := absent(fs, folder); err != nil {
		return err
	}
	part := folder + partial
	err := fs.RemoveAll(part)
	if err == nil {
		err = fill(part)
	}
	if err != nil {
		return fmt.Errorf("store: %s: %w", folder, err)
	}
	return Rename(fs, part, folder)
}

// Rename gives a folder, which is not open, a new name that is not there yet.
func Rename(fs FS, from, to string) error {
	if err := absent(fs, to); err != nil {
		return err
	}
	if err := errors.Join(fs.Rename(from, to), syncFolder(fs, fs.PathDir(to))); err != nil {
		return fmt.Errorf("store: %s: %w", to, err)
	}
	return nil
}

func absent(fs FS, folder string) error {
	if _, err := fs.Stat(folder); err == nil {
		return fmt.Errorf("store: %s is there already", folder)
	}
	return nil
}

func syncFolder(fs FS, folder string) error {
	if folder == "" {
		folder = "."
	}
	d, err := fs.OpenDir(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
