package store

import (
	"encoding/binary"
	"fmt"

	"inkan/core/tsmp"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// Event is what a step says of itself in the audit trail.
type Event struct {
	Event       string // "service-deployed"
	Refused     string // why it was refused; empty when it happened
	Actor       string // who did it or asked for it
	Responsible string // on whose responsibility, 責任分界
	Subject     row.Subject
	Evidence    []Evidence
}

// Evidence is something that an event rests on: a signed request, a receipt. No
// key, code or PIN.
type Evidence struct {
	Name  string
	Bytes []byte
}

// Limits of evidence.
const (
	MaxExhibits = 16
	MaxEvidence = 1 << 20 // bytes
)

// pending is an event on its way into the trail.
type pending struct {
	number   uint64
	value    []byte // of the entry, but for what SealEntry puts into it
	subject  row.Subject
	exhibits []row.Exhibit
	evidence []Evidence
}

// Audit puts an event into the audit trail with the step, behind the step's
// earlier events. The evidence is borrowed until the step ends.
// Spec: SPEC-STORE-040, SPEC-STORE-043.
func (t *Tx) Audit(e Event) error {
	if _, _, err := t.view(); err != nil {
		return err
	}
	if len(e.Evidence) > MaxExhibits {
		return fmt.Errorf("store: audit: %d pieces of evidence, want at most %d", len(e.Evidence), MaxExhibits)
	}
	w := t.work
	first := len(w.exhibits)
	for _, x := range e.Evidence {
		if len(x.Bytes) == 0 || len(x.Bytes) > MaxEvidence {
			return fmt.Errorf("store: audit: evidence %s of %d bytes, want 1 to %d", x.Name, len(x.Bytes), MaxEvidence)
		}
		w.exhibits = append(w.exhibits, row.Exhibit{Name: x.Name, Hash: row.HashOf(x.Bytes)})
	}
	p := pending{number: t.head.Number + uint64(len(w.events)) + 1, subject: e.Subject, exhibits: w.exhibits[first:], evidence: e.Evidence}
	w.entry = row.Entry{Number: p.number, At: t.now, Event: e.Event, Refused: e.Refused, Actor: e.Actor, Responsible: e.Responsible,
		Subject: e.Subject, Exhibits: p.exhibits}
	if err := w.entry.Valid(); err != nil {
		return &RowError{"audit", err}
	}
	value, err := codec.Append(w.open(), &w.entry)
	if err != nil {
		return &RowError{"audit", err}
	}
	p.value = w.close(value)
	w.events = append(w.events, p)
	return nil
}

// close writes the step's events: each entry has the hash of the one before, and
// the sum of the rows as the step leaves them. Spec: SPEC-STORE-041.
func (t *Tx) close() error {
	for i := range t.work.events {
		e := &t.work.events[i]
		row.SealEntry(e.value, t.head.Rows, t.head.Hash)
		if err := t.enter(e); err != nil {
			return t.fail(err)
		}
		t.head.Number, t.head.Hash, t.head.At = e.number, row.HashOf(e.value), t.now
	}
	return nil
}

// enter writes an entry of the trail, what it is found by, and its evidence.
func (t *Tx) enter(e *pending) error {
	w := t.work
	defer w.reset(w.arena)
	for i := range e.exhibits {
		if err := t.tx.Put(append(w.key(t.prefix, codeEvidence), e.exhibits[i].Hash[:]...), e.evidence[i].Bytes); err != nil {
			return err
		}
	}
	w.ids = e.subject.AppendIDs(w.ids[:0])
	for _, id := range w.ids {
		if err := t.tx.Put(appendUint64(appendID(w.key(t.prefix, codeEntriesOf), id), e.number), nil); err != nil {
			return err
		}
	}
	return t.tx.Put(appendUint64(w.key(t.prefix, codeEntries), e.number), e.value)
}

func entryOf(id row.SubjectID, number uint64) []byte { return appendUint64(appendID(nil, id), number) }

// Anchor is an entry of a tenant's audit trail as somebody outside has noted it.
type Anchor struct {
	Tenant tsmp.PartyID
	Number uint64
	Hash   row.Hash
}

// Anchor is the end of the audit trail. Noted where the store's keeper cannot
// change it, it makes a trail that was rewritten or cut detectable.
func (t *Tenant) Anchor(s *Snapshot) Anchor { return Anchor{t.name, s.head.Number, s.head.Hash} }

// Trail walks over the audit trail from an entry on, and verifies the chain as it
// goes. Spec: SPEC-STORE-041.
func (s *Snapshot) Trail(from uint64, do func(*row.Entry) error) error {
	c := chain{next: max(from, 1)}
	if c.next > 1 {
		before, found, err := get(s, codeEntries, appendUint64(nil, c.next-1))
		if err != nil {
			return err
		}
		if !found {
			return unlessAfter(c.next-1, s.head.Number)
		}
		c.previous = row.HashOf(before)
	}
	err := each(s, codeEntries, appendUint64(nil, c.next), nil, func(rest, value []byte) error {
		if err := c.entry(rest, value); err != nil {
			return err
		}
		return do(&c.e)
	})
	if err != nil {
		return err
	}
	return c.end(&s.head)
}

func unlessAfter(number, last uint64) error {
	if number > last {
		return nil
	}
	return corruptf("audit entry %d is missing", number)
}

// Entry reads one entry of the audit trail.
func Entry(r Reader, number uint64) (e row.Entry, found bool, err error) {
	value, found, err := get(r, codeEntries, appendUint64(nil, number))
	if err != nil || !found {
		return e, false, err
	}
	if err := codec.Decode(value, &e); err != nil {
		return e, false, fail(r, fmt.Errorf("%w: audit entry %d: %w", ErrCorrupt, number, err))
	}
	return e, true, nil
}

// EntriesOf walks over the entries about something: a service instance, an
// application, a SIM, a workflow or a call. Spec: SPEC-STORE-044.
func EntriesOf(r Reader, id row.SubjectID, do func(*row.Entry) error) error {
	return each(r, codeEntriesOf, id[:], append(id[:len(id):len(id)], 0xFF), func(rest, _ []byte) error {
		number := binary.BigEndian.Uint64(rest[len(id):])
		e, found, err := Entry(r, number)
		if err == nil && !found {
			err = corruptf("audit entry %d is missing, which %s has", number, id)
		}
		if err != nil {
			return err
		}
		return do(&e)
	})
}

// EvidenceOf reads the bytes of an exhibit.
func EvidenceOf(r Reader, hash row.Hash) (b []byte, found bool, err error) {
	b, found, err = get(r, codeEvidence, hash[:])
	if err == nil && found && row.HashOf(b) != hash {
		return nil, false, fail(r, corruptf("evidence %s has other bytes", hash))
	}
	return b, found, err
}
