package registry

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
	"inkan/server/store"
)

// reader reads records, within an operation or a snapshot.
type reader struct {
	store.Reader
	// known is what an operation has read or written by key. A snapshot, which is
	// shared, has none.
	known map[string]known
}

// known is a value, nil when there is none, and, if the operation wrote it, with
// which entry, and the place among that entry's changes.
type known struct {
	value []byte
	entry uint64
	place int
}

// numberLen is the length of the journal number before a journaled record.
const numberLen = 8

// load reads a record of a journaled table.
func (r reader) load(key []byte, rec record.Record) (found bool, err error) {
	value, found, err := r.value(key)
	if err != nil || !found {
		return false, corrupt(err)
	}
	_, err = decode(key, value, rec)
	return true, err
}

// value reads the value of a record, once in an operation.
func (r reader) value(key []byte) (value []byte, found bool, err error) {
	if k, again := r.known[string(key)]; again {
		return k.value, k.value != nil, nil
	}
	value, found, err = r.Get(key, nil)
	if err == nil && r.known != nil {
		r.known[string(key)] = known{value: value}
	}
	return value, found, err
}

// decode reads a journaled record's value: the number of its entry and the record.
func decode(key, value []byte, rec record.Record) (number uint64, err error) {
	if len(value) < numberLen {
		return 0, fmt.Errorf("%w: %s: value of %d bytes, want at least %d", ErrCorrupt, at(key), len(value), numberLen)
	}
	if err := record.Decode(value[numberLen:], rec); err != nil {
		return 0, fmt.Errorf("%w: %s: %w", ErrCorrupt, at(key), err)
	}
	return binary.BigEndian.Uint64(value), nil
}

// need is load with a refusal when the record is not there.
func (r reader) need(key []byte, rec record.Record, otherwise Code) error {
	found, err := r.load(key, rec)
	if err == nil && !found {
		return refuse(otherwise)
	}
	return err
}

func (r reader) head() (h record.Head, err error) {
	value, found, err := r.Get(headKey, nil)
	if err != nil {
		return h, err
	}
	if !found {
		return h, fmt.Errorf("%w: no head", ErrCorrupt)
	}
	if err := record.Decode(value, &h); err != nil {
		return h, fmt.Errorf("%w: head: %w", ErrCorrupt, err)
	}
	return h, nil
}

// checkHead compares the journal's last entry with the head.
func (r reader) checkHead(h *record.Head) error {
	if h.Number == 0 {
		return nil
	}
	value, found, err := r.Get(entryKey(h.Number), nil)
	if err != nil {
		return corrupt(err)
	}
	if !found {
		return fmt.Errorf("%w: journal ends before entry %d, which the head names", ErrCorrupt, h.Number)
	}
	if sha256.Sum256(value) != h.Hash {
		return fmt.Errorf("%w: journal entry %d is not the one that the head names", ErrCorrupt, h.Number)
	}
	var e record.Entry
	if err := record.Decode(value, &e); err != nil {
		return fmt.Errorf("%w: journal entry %d: %w", ErrCorrupt, h.Number, err)
	}
	if e.At.After(h.Time) {
		return fmt.Errorf("%w: journal entry %d is later than the head's time", ErrCorrupt, h.Number)
	}
	return nil
}

func (r reader) person(id record.PersonID) (p record.Person, err error) {
	return p, r.need(record.Persons.Key(id[:]), &p, UnknownPerson)
}

func (r reader) card(id record.CardID) (c record.Card, err error) {
	return c, r.need(record.Cards.Key(id[:]), &c, UnknownCard)
}

func (r reader) phone(id record.PhoneID) (p record.Phone, err error) {
	return p, r.need(record.Phones.Key(id[:]), &p, UnknownPhone)
}

func (r reader) application(id record.ApplicationID) (a record.Application, err error) {
	return a, r.need(record.Applications.Key(id[:]), &a, UnknownApplication)
}

func (r reader) order(id record.OrderID) (o record.Order, err error) {
	return o, r.need(record.Orders.Key(id[:]), &o, UnknownOrder)
}

func (r reader) certificate(a certificate.Authority, serial uint64) (c record.Certificate, err error) {
	return c, r.need(record.Certificates.Serial(a, serial), &c, UnknownCertificate)
}

// certificatesBy reads the certificates that an index names, ascending by
// authority and serial.
func (r reader) certificatesBy(index record.Table, id []byte) (list []record.Certificate, err error) {
	err = r.ScanPrefix(index.Key(id), func(key, _ []byte) error {
		a, serial := record.CutSerial(key)
		var c record.Certificate
		found, err := r.load(record.Certificates.Serial(a, serial), &c)
		if err == nil && !found {
			err = fmt.Errorf("%w, which %s names", missing(record.Certificates.Serial(a, serial)), at(key))
		}
		list = append(list, c)
		return err
	})
	return list, err
}
