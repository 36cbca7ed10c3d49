package registry

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"inkan/ca/registry/record"
	"inkan/server/store"
)

// Anchor is an entry of the journal as somebody outside has noted it.
type Anchor struct {
	Number uint64
	Hash   record.Hash
}

// Anchor is the journal's end. Noted where the registry's keeper cannot change
// it, it makes a rewritten journal detectable.
func (s *Snapshot) Anchor() Anchor { return Anchor{s.head.Number, s.head.Hash} }

// Entry reads one entry of the journal.
func (s *Snapshot) Entry(number uint64) (e record.Entry, found bool, err error) {
	value, found, err := s.Get(entryKey(number), nil)
	if err != nil || !found {
		return e, false, corrupt(err)
	}
	if err := record.Decode(value, &e); err != nil {
		return e, false, fmt.Errorf("%w: journal entry %d: %w", ErrCorrupt, number, err)
	}
	return e, true, nil
}

// Journal walks over the journal from an entry on and verifies the chain as it
// goes: numbers without gap, each entry with the hash of the one before, times
// that do not go back, the head's hash and sum at the end. Anchors are compared
// on the way. e is reused. Spec: SPEC-CA-LIFECYCLE-052, SPEC-CA-LIFECYCLE-055.
func (s *Snapshot) Journal(ctx context.Context, from uint64, each func(e *record.Entry) error, anchors ...Anchor) error {
	v := chain{next: max(from, 1), snapshot: s, anchors: map[uint64]record.Hash{}}
	for _, a := range anchors {
		v.anchors[a.Number] = a.Hash
	}
	if v.next > 1 {
		before, found, err := s.Get(entryKey(v.next-1), nil)
		if err != nil || !found {
			return fmt.Errorf("%w: journal entry %d is missing: %v", ErrCorrupt, v.next-1, err)
		}
		v.previous = hashOf(before)
	}
	lower := record.Journal.Key()
	if v.next > 1 {
		lower = entryKey(v.next)
	}
	err := s.Scan(lower, store.After(record.Journal.Key()), func(key, value []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := v.entry(key, value); err != nil {
			return err
		}
		return each(&v.e)
	})
	if err != nil {
		return corrupt(err)
	}
	return v.end()
}

// chain is the verification of a journal under way.
type chain struct {
	snapshot *Snapshot
	anchors  map[uint64]record.Hash
	next     uint64
	previous record.Hash
	e        record.Entry
}

func (v *chain) entry(key, value []byte) error {
	before := v.e.At
	switch {
	case len(key) != len(entryKey(0)) || bytes.Compare(key, entryKey(v.next)) < 0:
		return fmt.Errorf("%w: %s names no journal entry", ErrCorrupt, at(key))
	case binary.BigEndian.Uint64(key[1:]) != v.next:
		return fmt.Errorf("%w: journal entry %d is missing", ErrCorrupt, v.next)
	}
	if err := record.Decode(value, &v.e); err != nil {
		return fmt.Errorf("%w: journal entry %d: %w", ErrCorrupt, v.next, err)
	}
	switch {
	case v.e.Number != v.next:
		return fmt.Errorf("%w: journal entry %d calls itself %d", ErrCorrupt, v.next, v.e.Number)
	case v.e.Previous != v.previous:
		return fmt.Errorf("%w: journal entry %d does not follow on entry %d: chain broken", ErrCorrupt, v.next, v.next-1)
	case v.e.At.Before(before):
		return fmt.Errorf("%w: journal entry %d is earlier than the one before", ErrCorrupt, v.next)
	}
	v.previous = hashOf(value)
	if noted, ok := v.anchors[v.next]; ok && noted != v.previous {
		return fmt.Errorf("%w: journal entry %d is not the one that was noted outside", ErrCorrupt, v.next)
	}
	v.next++
	return nil
}

func (v *chain) end() error {
	h := &v.snapshot.head
	switch {
	case v.next-1 != h.Number:
		return fmt.Errorf("%w: journal ends with entry %d, the head says %d", ErrCorrupt, v.next-1, h.Number)
	case h.Number > 0 && (v.previous != h.Hash || v.e.Number == h.Number && v.e.Sum != h.Sum):
		return fmt.Errorf("%w: journal entry %d is not the one that the head names", ErrCorrupt, h.Number)
	}
	for number := range v.anchors {
		if number > h.Number {
			return fmt.Errorf("%w: journal ends with entry %d, before entry %d that was noted outside", ErrCorrupt, h.Number, number)
		}
	}
	return nil
}
