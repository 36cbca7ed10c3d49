package registry

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"

	"inkan/ca/registry/record"
	"inkan/server/store"
)

// act is one operation under way: a transaction, the time it happens at, and the
// journal entry that it becomes.
type act struct {
	reader
	tx     *store.Tx
	r      *Registry
	now    time.Time
	head   record.Head
	loaded record.Head
	entry  record.Entry
	office string // that asks; empty: for all persons
	// unchanged says that the request was carried out before: nothing is decided.
	unchanged bool
}

// do runs an operation and makes it durable. A refusal is journaled and returned.
// fn writes only through the act. Spec: SPEC-CA-LIFECYCLE-003, SPEC-CA-LIFECYCLE-050.
func (r *Registry) do(ctx context.Context, name string, cause *Cause, fn func(*act) error) error {
	return r.doAll(ctx, name, []Cause{*cause}, func(a *act, _ int) error { return fn(a) })
}

// doAll is do of several decisions in one operation, with a cause and an entry for
// each: they are carried out one after the other, or none of them when one is
// refused, which is journaled alone. Spec: SPEC-CA-LIFECYCLE-003, SPEC-CA-LIFECYCLE-097.
func (r *Registry) doAll(ctx context.Context, name string, causes []Cause, fn func(a *act, i int) error) error {
	for i := range causes {
		if err := causes[i].check(); err != nil {
			return err
		}
	}
	var at int // the decision under way
	err := r.commit(ctx, func(a *act) error {
		for at = range causes {
			a.open(name, &causes[at])
			if err := fn(a, at); err != nil {
				return err
			}
			if a.unchanged {
				continue
			}
			if err := a.close(&causes[at]); err != nil {
				return err
			}
		}
		return nil
	})
	var refusal *Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	refusal.Act = name
	subject := refusal.subject
	err = r.commit(ctx, func(a *act) error {
		a.open(name, &causes[at])
		a.entry.Refused, a.entry.Subject = string(refusal.Code), subject
		return a.close(&causes[at])
	})
	return errors.Join(refusal, err)
}

// commit runs fn after everything that time has brought about, in one durable
// batch, and moves the registry's time on.
func (r *Registry) commit(ctx context.Context, fn func(*act) error) error {
	var now time.Time
	err := r.store.Update(ctx, func(tx *store.Tx) error {
		a := &act{reader: reader{tx.Reader, make(map[string]known, 16)}, tx: tx, r: r, head: r.head, loaded: r.head}
		a.now = later(r.clock(), a.head.Time)
		a.head.Time, now = a.now, a.now
		if err := a.endDue(); err != nil {
			return err
		}
		if err := fn(a); err != nil {
			return a.withSubject(err)
		}
		if a.head == a.loaded {
			return nil
		}
		tx.Applied(func() { r.head = a.head })
		return tx.Put(headKey, record.Append(make([]byte, 0, headLen), &a.head))
	})
	if err == nil {
		r.saw(now)
	}
	return err
}

// saw notes a durable time.
func (r *Registry) saw(t time.Time) {
	for {
		seen := r.seen.Load()
		if t.Unix() <= seen || r.seen.CompareAndSwap(seen, t.Unix()) {
			return
		}
	}
}

// withSubject tells a refusal what it was about.
func (a *act) withSubject(err error) error {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		refusal.subject = a.entry.Subject
	}
	return err
}

// open begins the journal entry of a decision.
func (a *act) open(name string, cause *Cause) {
	a.entry = record.Entry{Number: a.head.Number + 1, At: a.now, Act: name, Actor: string(cause.Actor), Call: cause.Call, Previous: a.head.Hash}
	a.office, a.unchanged = cause.Office, false
}

// close writes the entry as the journal's new end. Spec: SPEC-CA-LIFECYCLE-052.
func (a *act) close(cause *Cause) error {
	if err := a.keep(cause.Evidence); err != nil {
		return err
	}
	a.entry.Sum = a.head.Sum
	b := record.Append(make([]byte, 0, entryLen), &a.entry)
	a.head.Number, a.head.Hash = a.entry.Number, sha256.Sum256(b)
	return a.tx.Put(entryKey(a.entry.Number), b)
}

// Lengths in bytes that most of what is written does not pass.
const (
	headLen   = 128
	entryLen  = 640
	recordLen = 384
)

func entryKey(number uint64) []byte {
	return record.Journal.Key(binary.BigEndian.AppendUint64(nil, number))
}

// put writes a record of a journaled table under the entry under way.
// Spec: SPEC-CA-LIFECYCLE-053.
func (a *act) put(key []byte, rec record.Record) error {
	old, found, err := a.value(key)
	if err != nil {
		return err
	}
	if found {
		a.head.Sum.Remove(record.HashOf(key, old))
	}
	return a.putNew(key, rec)
}

// putNew is put of a key that is not there yet, or whose record the sum has not.
func (a *act) putNew(key []byte, rec record.Record) error {
	value := record.Append(binary.BigEndian.AppendUint64(make([]byte, 0, recordLen), a.entry.Number), rec)
	hash := record.HashOf(key, value)
	a.head.Sum.Add(hash)
	k := a.known[string(key)]
	if k.entry == a.entry.Number {
		a.entry.Changes[k.place] = hash.Digest()
	} else {
		k.entry, k.place = a.entry.Number, len(a.entry.Changes)
		a.entry.Changes = append(a.entry.Changes, hash.Digest())
	}
	k.value = value
	a.known[string(key)] = k
	return a.tx.Put(key, value)
}

// mark writes a key of an index.
func (a *act) mark(key []byte) error { return a.tx.Put(key, nil) }

// newID fills an identifier that no record of the table has. A source that is
// started again from the same seed repeats itself; the registry does not.
func (a *act) newID(table record.Table, id []byte) error {
	for {
		a.r.config.Entropy.Fill(id)
		if taken, err := a.Has(table.Key(id)); err != nil || !taken {
			return err
		}
	}
}
