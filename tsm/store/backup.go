package store

import (
	"context"
	"errors"
	"fmt"

	"inkan/server/store"
)

// Backup writes the whole store into a new folder of its file system, while steps
// go on, and gives the ends of the audit trails, which the backup has at least.
// Files may be hard links to the store's own: for safety from a broken disk they
// have to be copied elsewhere. Spec: SPEC-STORE-070.
func (s *Store) Backup(ctx context.Context, folder string) (anchors []Anchor, err error) {
	if nested() {
		return nil, ErrNested
	}
	for _, t := range s.sorted() {
		err := t.View(ctx, func(snapshot *Snapshot) error {
			anchors = append(anchors, t.Anchor(snapshot))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return anchors, corrupt(s.store.Checkpoint(ctx, s.options.FS, folder))
}

// EventRestored is the event that a restored store has in each audit trail.
const EventRestored = "store-restored"

// restoring is the end of a folder's name until what is in it was checked.
const restoring = ".restoring"

// Restore makes a store, which Options name and which must not be there yet, out
// of a backup: it checks it whole and against what was noted outside, and notes in
// each audit trail that from there on it is a restored one. The backup stays as it
// is. Of whatever happened after the backup the store knows nothing: the owner
// has to find out, and not to use a counter of the time between again: Epoch is another
// one. When the check fails there is no store under the path. Spec: SPEC-STORE-071,
// SPEC-STORE-072, SPEC-STORE-073.
func Restore(ctx context.Context, o Options, backup, actor string, anchors ...Anchor) (*Store, Report, error) {
	if o.FS == nil {
		o.FS = store.Disk()
	}
	part := o
	part.Path += restoring
	if err := o.FS.RemoveAll(part.Path); err != nil {
		return nil, nil, err
	}
	if err := store.Copy(ctx, o.FS, backup, part.Path); err != nil {
		return nil, nil, err
	}
	report, err := checkRestored(ctx, part, actor, anchors)
	if err == nil {
		err = store.Rename(o.FS, part.Path, o.Path)
	}
	if err != nil {
		return nil, report, fmt.Errorf("restored from %s: %w", backup, err)
	}
	s, err := Open(ctx, o)
	return s, report, err
}

func checkRestored(ctx context.Context, o Options, actor string, anchors []Anchor) (Report, error) {
	s, err := Open(ctx, o)
	if err != nil {
		return nil, err
	}
	report, err := s.Check(ctx, anchors...)
	for _, t := range s.sorted() {
		if err == nil {
			err = t.Step(ctx, func(tx *Tx) error {
				return errors.Join(raiseEpoch(tx), tx.Audit(Event{Event: EventRestored, Actor: actor, Responsible: string(t.name)}))
			})
		}
	}
	return report, errors.Join(err, s.Close())
}

// Scrub removes from the files what steps have deleted or replaced. It costs a
// rewrite of the store. Spec: SPEC-STORE-051.
func (s *Store) Scrub(ctx context.Context) error {
	if nested() {
		return ErrNested
	}
	return corrupt(s.store.Scrub(ctx, tenantPrefix(1), []byte{0xFF}, sysKey(codeMarker, "")))
}
