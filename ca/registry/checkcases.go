package registry

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"inkan/ca/registry/record"
)

// noCall is what an order that no call has placed has for the call's hash.
var noCall = record.Hash(sha256.Sum256(nil))

// checkCase compares an application, an order, a phone or a service manager's
// notices with what follows from it.
func (s *Snapshot) checkCase(table record.Table, key, value []byte) error {
	rec := emptyOf(table)
	if _, err := decode(key, value, rec); err != nil {
		return err
	}
	switch r := rec.(type) {
	case *record.Application:
		return s.leadsTo(record.Signed.Key(r.Evidence[:]), r.ID[:], true)
	case *record.Order:
		return s.checkOrder(r)
	case *record.Phone:
		return s.leadsTo(record.Erasures.Key(r.ID[:]), nil, r.Erasure == record.ErasureDue)
	case *record.Mailbox:
		return s.checkMailbox(string(key[1:]), r)
	case *record.Notice:
		sender, _, _ := bytes.Cut(key[1:], []byte{0})
		return s.isThere(record.Mailboxes.Key(sender))
	case *record.Answer:
		return s.leadsTo(record.Begun.Key(key[1:]), nil, false)
	}
	return nil
}

// leadsTo checks that an index entry is there, with its value, or is not there.
func (s *Snapshot) leadsTo(key, value []byte, there bool) error {
	got, found, err := s.Get(key, nil)
	if err != nil {
		return err
	}
	if found != there || !bytes.Equal(got, value) {
		return fmt.Errorf("%w: %s does not follow from the record", ErrCorrupt, at(key))
	}
	return nil
}

func (s *Snapshot) checkOrder(o *record.Order) error {
	var counter record.Counter
	key := record.Counters.Key(o.SIM[:], []byte(o.Instance))
	if _, err := s.load(key, &counter); err != nil || counter.Last < o.Counter {
		return fmt.Errorf("%w: order %s: its counter is ahead of the SIM's, %s (%v)", ErrCorrupt, o.ID, at(key), err)
	}
	if err := s.leadsTo(record.OrdersOf.Key(o.Phone[:], o.ID[:]), nil, true); err != nil || o.Call == noCall {
		return err
	}
	return s.leadsTo(record.Calls.Key(o.Call[:]), o.ID[:], true)
}

// checkMailbox checks that a service manager's notices are those that were
// counted. Spec: SPEC-CA-LIFECYCLE-086.
func (s *Snapshot) checkMailbox(sender string, box *record.Mailbox) error {
	if box.Acknowledged > box.Last {
		return fmt.Errorf("%w: %s: %d acknowledged of %d", ErrCorrupt, at(record.MailboxKey(sender)), box.Acknowledged, box.Last)
	}
	var n uint64
	prefix := record.Notices.Key([]byte(sender), []byte{0})
	err := s.ScanPrefix(prefix, func(key, _ []byte) error {
		n++
		if want := record.NoticeKey(sender, n); !bytes.Equal(key, want) {
			return fmt.Errorf("%w: %s is missing, or %s was added", ErrCorrupt, at(want), at(key))
		}
		return nil
	})
	if err == nil && n != box.Last {
		err = fmt.Errorf("%w: notices of %q: there are %d of %d up to %s", ErrCorrupt, sender, n, box.Last, at(record.NoticeKey(sender, box.Last)))
	}
	return err
}

// madeFor are the acts whose calls are noted with what they have made or turned.
var madeFor = map[string]func(*record.Subject) []byte{
	"register person":   func(s *record.Subject) []byte { return s.Person[:] },
	"change attributes": func(s *record.Subject) []byte { return s.Person[:] },
	"issue card":        func(s *record.Subject) []byte { return s.Card[:] },
	"hold card":         func(s *record.Subject) []byte { return s.Card[:] },
	"lift card":         func(s *record.Subject) []byte { return s.Card[:] },
	"revoke phone":      func(s *record.Subject) []byte { return s.Phone[:] },
	"suspend phone":     func(s *record.Subject) []byte { return s.Phone[:] },
	"resume phone":      func(s *record.Subject) []byte { return s.Phone[:] },
}

// checkCall checks that a call which was carried out is noted.
// Spec: SPEC-CA-LIFECYCLE-089.
func (s *Snapshot) checkCall(e *record.Entry) error {
	subject := madeFor[e.Act]
	if subject == nil || e.Call == "" || e.Refused != "" {
		return nil
	}
	return s.leadsTo(madeKey(e.Act, e.Call), subject(&e.Subject), true)
}

// apart are tables that checkRecords and checkTables have been through, or that are
// none of checkIndexes' concern.
var apart = slices.Concat(record.Journaled(), ofCertificates, []record.Table{record.Journal})

// checkIndexes looks for entries of the other indexes, and of tables that there are
// not, which follow from nothing. The records of indexes that lead to one were
// compared before.
// Spec: SPEC-CA-LIFECYCLE-057.
func (s *Snapshot) checkIndexes(ctx context.Context, partitions map[string]bool) error {
	follows := map[record.Table]func(key, value []byte) (bool, error){
		record.OrdersOf:    s.orderFollows,
		record.Signed:      s.signedFollows,
		record.Calls:       s.callFollows,
		record.Erasures:    s.erasureFollows,
		record.Generations: s.generationFollows,
		record.Evidence:    s.evidenceFollows,
		record.Partitions:  func(key, _ []byte) (bool, error) { return partitions[string(key)], nil },
		record.Begun: func(key, value []byte) (bool, error) {
			return len(key) == 1+len(record.Hash{}) && len(value) == len(record.Hash{}), nil
		},
		record.Meta: func(key, _ []byte) (bool, error) {
			return slices.ContainsFunc([][]byte{schemaKey, headKey, markerKey}, func(k []byte) bool { return bytes.Equal(k, key) }), nil
		},
	}
	for b := range 256 {
		table := record.Table(b)
		if slices.Contains(apart, table) {
			continue
		}
		follow := follows[table]
		err := s.ScanPrefix(table.Key(), func(key, value []byte) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if follow != nil {
				if ok, err := follow(key, value); err != nil || ok {
					return err
				}
			}
			return fmt.Errorf("%w: %s follows from nothing", ErrCorrupt, at(key))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Snapshot) orderFollows(key, value []byte) (bool, error) {
	if len(key) != 1+2*record.IDLen {
		return false, nil
	}
	var o record.Order
	found, err := s.load(record.Orders.Key(key[1+record.IDLen:]), &o)
	return found && bytes.Equal(o.Phone[:], key[1:1+record.IDLen]), err
}

func (s *Snapshot) signedFollows(key, value []byte) (bool, error) {
	if len(value) != record.IDLen {
		return false, nil
	}
	var app record.Application
	found, err := s.load(record.Applications.Key(value), &app)
	return found && bytes.Equal(app.Evidence[:], key[1:]), err
}

// callFollows: a call has placed an order that names it, or has made or turned a
// person, card or phone that is there.
func (s *Snapshot) callFollows(key, value []byte) (bool, error) {
	if len(value) != record.IDLen {
		return false, nil
	}
	var o record.Order
	if found, err := s.load(record.Orders.Key(value), &o); err != nil || found && bytes.Equal(o.Call[:], key[1:]) {
		return o.Call != noCall, err
	}
	for _, table := range []record.Table{record.Persons, record.Cards, record.Phones} {
		if found, err := s.Has(table.Key(value)); err != nil || found {
			return found, err
		}
	}
	return false, nil
}

func (s *Snapshot) erasureFollows(key, _ []byte) (bool, error) {
	return s.Has(record.Phones.Key(key[1:]))
}

func (s *Snapshot) generationFollows(key, value []byte) (bool, error) {
	if len(value) != record.SerialLen {
		return false, nil
	}
	var c record.Certificate
	_, err := s.load(record.Certificates.Serial(record.CutSerial(value)), &c)
	return c.Stage == record.Issued && c.Kind.CA() && bytes.Equal(generationKey(&c), key), err
}

// evidenceFollows: the entry with which evidence came names it.
func (s *Snapshot) evidenceFollows(key, value []byte) (bool, error) {
	if len(value) < numberLen {
		return false, nil
	}
	e, _, err := s.Entry(binary.BigEndian.Uint64(value))
	return slices.ContainsFunc(e.Exhibits, func(x record.Exhibit) bool { return bytes.Equal(x.Hash[:], key[1:]) }), err
}
