package registry

import (
	"context"
	"fmt"
	"slices"

	"inkan/ca/registry/record"
)

// lost says which record is missing when the records' sum is wrong: one that another
// record needs, or, when it is one alone, one that an entry is about: the difference
// of the sums begins with the digest that its entry has. Spec: SPEC-CA-LIFECYCLE-103.
func (s *Snapshot) lost(ctx context.Context, sum record.Sum) error {
	for _, table := range []record.Table{record.Certificates, record.Orders, record.Applications, record.Cards, record.Phones} {
		err := s.ScanPrefix(table.Key(), func(key, value []byte) error {
			rec := emptyOf(table)
			if _, err := decode(key, value, rec); err != nil {
				return err
			}
			return s.areThere(needs(rec))
		})
		if err != nil {
			return err
		}
	}
	err := s.ScanPrefix(record.Signed.Key(), func(_, value []byte) error { return s.isThere(record.Applications.Key(value)) })
	if err != nil {
		return err
	}
	rest := s.head.Sum
	rest.Remove(record.Hash(sum))
	digest := record.Hash(rest).Digest()
	err = s.Journal(ctx, 1, func(e *record.Entry) error {
		if !slices.Contains(e.Changes, digest) {
			return nil
		}
		if err := s.areThere(subjects(e)); err != nil {
			return err
		}
		return fmt.Errorf("%w: a record that journal entry %d (%s) wrote is missing, none of its subjects", ErrCorrupt, e.Number, e.Act)
	})
	if err == nil {
		err = fmt.Errorf("%w: the records are not all those, or those last written, that the journal's sum is of", ErrCorrupt)
	}
	return err
}

func (s *Snapshot) areThere(keys [][]byte) error {
	for _, key := range keys {
		if err := s.isThere(key); err != nil {
			return err
		}
	}
	return nil
}

// isThere checks that a record is there which another one needs.
func (s *Snapshot) isThere(key []byte) error {
	found, err := s.Has(key)
	if err == nil && !found {
		err = missing(key)
	}
	return err
}

func missing(key []byte) error { return fmt.Errorf("%w: %s is missing", ErrCorrupt, at(key)) }

// needs are the keys of the records that a record names.
func needs(rec record.Record) [][]byte {
	var of record.Subject
	switch r := rec.(type) {
	case *record.Certificate:
		of = record.Subject{Person: r.Person, Card: r.Card, Phone: r.Phone, Order: r.Order}
	case *record.Order:
		of = record.Subject{Application: r.Application, Phone: r.Phone}
	case *record.Application:
		of = record.Subject{Person: r.Person, Phone: r.Phone, Order: r.Order}
	case *record.Card:
		of = record.Subject{Person: r.Person, Card: r.Replaces}
	case *record.Phone:
		of = record.Subject{Person: r.Person, Order: r.Reset}
	}
	return keysOf(&of)
}

// subjects are the keys of the records that an entry is about.
func subjects(e *record.Entry) [][]byte {
	keys := keysOf(&e.Subject)
	if e.Act == answerAct {
		keys = append(keys, callKey(record.Answers, e.Call))
	}
	return keys
}

func keysOf(of *record.Subject) (keys [][]byte) {
	ids := [][]byte{of.Person[:], of.Card[:], of.Phone[:], of.Application[:], of.Order[:]}
	for i, table := range []record.Table{record.Persons, record.Cards, record.Phones, record.Applications, record.Orders} {
		if [record.IDLen]byte(ids[i]) != [record.IDLen]byte{} {
			keys = append(keys, table.Key(ids[i]))
		}
	}
	return keys
}
