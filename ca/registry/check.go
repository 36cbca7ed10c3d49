package registry

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// Report counts what Check has looked at.
type Report struct {
	Entries, Records, Certificates, Persons uint64
}

// Check reads the whole registry and compares everything with everything: the
// journal's chain, every record with the entry that wrote it and all of them with
// the journal's sum, indexes with records in both directions, evidence and
// certificates with their hashes, and the rules that hold at all times. Memory
// depends on the number of municipalities alone. The error, which wraps ErrCorrupt,
// names the first thing that is wrong by table and key. Spec: SPEC-CA-LIFECYCLE-055,
// SPEC-CA-LIFECYCLE-056, SPEC-CA-LIFECYCLE-057.
func (s *Snapshot) Check(ctx context.Context, anchors ...Anchor) (rep Report, err error) {
	if err := s.checkHead(&s.head); err != nil {
		return rep, err
	}
	err = s.Journal(ctx, 1, func(e *record.Entry) error {
		rep.Entries++
		return errors.Join(s.exhibits(e), s.checkCall(e))
	}, anchors...)
	if err != nil {
		return rep, err
	}
	p := pass{Report: rep, partitions: map[string]bool{}}
	for _, au := range certificate.Authorities() {
		p.next[au] = certificate.FirstSerial
	}
	if err := s.checkRecords(ctx, &p); err != nil {
		return p.Report, corrupt(err)
	}
	if err := s.checkTables(ctx); err != nil {
		return p.Report, corrupt(err)
	}
	return p.Report, corrupt(s.checkIndexes(ctx, p.partitions))
}

// pass is what a pass over the records has seen.
type pass struct {
	Report
	partitions map[string]bool // that certificates are assigned to
	next       [certificate.AuthenticationAuthority + 1]uint64
}

// at names a key.
func at(key []byte) string { return fmt.Sprintf("key %X in table %c", key[1:], key[0]) }

// atLeast checks that the key of an index entry is long enough to be one.
func atLeast(size int, key []byte) error {
	if len(key) < size {
		return fmt.Errorf("%w: %s: too short", ErrCorrupt, at(key))
	}
	return nil
}

// exhibits checks that an entry's evidence is there and is what its hash says.
func (s *Snapshot) exhibits(e *record.Entry) error {
	for _, x := range e.Exhibits {
		key := record.Evidence.Key(x.Hash[:])
		value, _, err := s.Get(key, nil)
		if err != nil {
			return err
		}
		if len(value) < numberLen || hashOf(value[numberLen:]) != x.Hash || binary.BigEndian.Uint64(value) > e.Number {
			return fmt.Errorf("%w: %s: evidence %s of journal entry %d is missing or another", ErrCorrupt, at(key), x.Name, e.Number)
		}
	}
	return nil
}

// checkRecords passes once over all journaled tables.
func (s *Snapshot) checkRecords(ctx context.Context, p *pass) error {
	var sum record.Sum
	for _, table := range record.Journaled() {
		err := s.ScanPrefix(table.Key(), func(key, value []byte) error {
			p.Records++
			if err := ctx.Err(); err != nil {
				return err
			}
			hash := record.HashOf(key, value)
			sum.Add(hash)
			if err := s.journaled(key, value, hash.Digest()); err != nil {
				return err
			}
			return s.checkRecord(table, key, value, p)
		})
		if err != nil {
			return err
		}
	}
	for _, au := range certificate.Authorities() {
		if p.next[au] != s.head.Next[au] {
			return missing(record.Certificates.Serial(au, p.next[au]))
		}
	}
	if sum != s.head.Sum {
		return s.lost(ctx, sum)
	}
	return nil
}

// journaled checks that the entry that a record names has written it.
func (s *Snapshot) journaled(key, value []byte, digest record.Digest) error {
	number, err := decode(key, value, emptyOf(record.Table(key[0])))
	if err != nil {
		return err
	}
	e, _, err := s.Entry(number)
	if err != nil || slices.Contains(e.Changes, digest) {
		return err
	}
	return fmt.Errorf("%w: %s: not what journal entry %d wrote", ErrCorrupt, at(key), number)
}

// emptyOf is a record of a table's type.
func emptyOf(t record.Table) record.Record {
	switch t {
	case record.Persons:
		return new(record.Person)
	case record.Cards:
		return new(record.Card)
	case record.Phones:
		return new(record.Phone)
	case record.Certificates:
		return new(record.Certificate)
	case record.Applications:
		return new(record.Application)
	case record.Orders:
		return new(record.Order)
	case record.Keys:
		return new(record.KeyUse)
	case record.Nonces:
		return new(record.NonceUse)
	case record.Counters:
		return new(record.Counter)
	case record.Mailboxes:
		return new(record.Mailbox)
	case record.Notices:
		return new(record.Notice)
	}
	return new(record.Answer)
}

func (s *Snapshot) checkRecord(table record.Table, key, value []byte, p *pass) error {
	switch table {
	case record.Persons:
		p.Persons++
		return s.checkPerson(record.PersonID(key[1:]))
	case record.Certificates:
		p.Certificates++
		var c record.Certificate
		if _, err := decode(key, value, &c); err != nil {
			return err
		}
		if c.Serial < certificate.FirstSerial || c.Serial >= s.head.Next[c.Authority] {
			return fmt.Errorf("%w: %s: serial number %d was never given", ErrCorrupt, at(key), c.Serial)
		}
		if want := record.Certificates.Serial(c.Authority, p.next[c.Authority]); !bytes.Equal(key, want) {
			return missing(want)
		}
		p.next[c.Authority]++
		if c.Stage == record.Issued {
			p.partitions[string(partitionKey(&c))] = true
		}
		return s.checkCertificate(&c)
	}
	return s.checkCase(table, key, value)
}

// checkPerson checks what holds of a person at all times.
// Spec: SPEC-CA-LIFECYCLE-030.
func (s *Snapshot) checkPerson(id record.PersonID) error {
	list, err := s.OfPerson(id)
	if err != nil {
		return err
	}
	live, pending := map[certificate.Kind]int{}, 0
	for i := range list {
		if list[i].Person != id {
			name := record.AppendSerial(nil, list[i].Authority, list[i].Serial)
			return fmt.Errorf("%w: %s: the certificate is another person's", ErrCorrupt, at(record.OfPerson.Key(id[:], name)))
		}
		if list[i].Live(s.At()) {
			live[list[i].Kind]++
		}
		if list[i].State == certificate.Pending {
			pending++
		}
	}
	for kind, n := range live {
		if n > 1 {
			return fmt.Errorf("%w: person %s has %d live %s certificates", ErrCorrupt, id, n, kind)
		}
	}
	if pending > 1 {
		return fmt.Errorf("%w: person %s has %d pending certificates", ErrCorrupt, id, pending)
	}
	return nil
}

// checkCertificate compares a certificate with everything that follows from it.
func (s *Snapshot) checkCertificate(c *record.Certificate) error {
	name := serialText(c.Authority, c.Serial)
	if _, _, known, err := s.KeyKnown(c.Key); err != nil || !known {
		return fmt.Errorf("%w: certificate %s: %s: its key is not known as used (%v)", ErrCorrupt, name, at(record.Keys.Key(c.Key[:])), err)
	}
	if c.Stage == record.Reserved {
		return nil
	}
	for _, want := range s.derived(c) {
		value, found, err := s.Get(want.key, nil)
		if err != nil {
			return err
		}
		if found != want.there || found && !want.holds(value) {
			return fmt.Errorf("%w: certificate %s: %s does not follow from the record", ErrCorrupt, name, at(want.key))
		}
	}
	return s.checkParents(c)
}

// derivation is what a key has to hold because of a certificate.
type derivation struct {
	key   []byte
	there bool
	value []byte
	hash  record.Hash // of the value, where the record has that alone
}

func (d *derivation) holds(value []byte) bool {
	if d.hash != (record.Hash{}) {
		return hashOf(value) == d.hash
	}
	return bytes.Equal(value, d.value)
}

func (s *Snapshot) derived(c *record.Certificate) []derivation {
	name := record.AppendSerial(nil, c.Authority, c.Serial)
	pending := c.State == certificate.Pending
	listing := record.Listing{Since: c.Since, Reason: c.Reason, NotAfter: c.NotAfter}
	list := []derivation{
		{key: partitionKey(c), there: true},
		{key: listedKey(c), there: c.State == certificate.Revoked || c.State == certificate.Suspended, value: record.Append(nil, &listing)},
		{key: record.Envelopes.Serial(c.Authority, c.Serial), there: pending, hash: c.Envelope},
		{key: record.DERs.Serial(c.Authority, c.Serial), there: c.DER != record.Hash{}, hash: c.DER},
	}
	if c.Kind == certificate.PhoneAuthentication && !c.Deadline.IsZero() {
		list = append(list, derivation{key: deadlineKey(c), there: pending})
	}
	if c.Kind.Holder() {
		list = append(list, derivation{key: record.OfPerson.Key(c.Person[:], name), there: true})
	}
	if c.Card != (record.CardID{}) {
		list = append(list, derivation{key: record.OfCard.Key(c.Card[:], name), there: true})
	}
	if c.Phone != (record.PhoneID{}) {
		list = append(list, derivation{key: record.OfPhone.Key(c.Phone[:], name), there: true})
	}
	if c.Kind.CA() {
		list = append(list, derivation{key: generationKey(c), there: true, value: name})
	}
	return list
}

// checkParents checks that a phone's certificate does not outlast those that it
// rests on. Spec: SPEC-CA-LIFECYCLE-022.
func (s *Snapshot) checkParents(c *record.Certificate) error {
	if c.Kind != certificate.PhoneAuthentication {
		return nil
	}
	for au, serial := range map[certificate.Authority]uint64{certificate.SignatureAuthority: c.Signature, certificate.AuthenticationAuthority: c.Parent} {
		parent, err := s.Certificate(au, serial)
		if err != nil {
			return fmt.Errorf("%w: certificate %s: no parent %s (%v)", ErrCorrupt, serialText(c.Authority, c.Serial), serialText(au, serial), err)
		}
		if c.NotAfter.After(parent.NotAfter) || parent.Person != c.Person {
			return fmt.Errorf("%w: certificate %s outlasts %s, or is another person's", ErrCorrupt, serialText(c.Authority, c.Serial), serialText(au, serial))
		}
	}
	return nil
}

// ofCertificates are the tables whose entries follow from a certificate each.
var ofCertificates = []record.Table{record.OfPerson, record.OfCard, record.OfPhone, record.Listed, record.Deadlines, record.Envelopes, record.DERs, record.Responses}

// checkTables walks over the derived tables and looks for what follows from no
// certificate. Spec: SPEC-CA-LIFECYCLE-057.
func (s *Snapshot) checkTables(ctx context.Context) error {
	for _, table := range ofCertificates {
		err := s.ScanPrefix(table.Key(), func(key, value []byte) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := atLeast(1+record.SerialLen, key); err != nil {
				return err
			}
			if table == record.Deadlines && (s.head.NextDue.IsZero() || record.CutTime(key[1:]).Before(s.head.NextDue)) {
				return fmt.Errorf("%w: %s: the deadline is before the next that the head names", ErrCorrupt, at(key))
			}
			au, serial := record.CutSerial(key)
			var c record.Certificate
			if _, err := s.load(record.Certificates.Serial(au, serial), &c); err != nil {
				return err
			}
			if c.Stage == record.Issued && s.follows(&c, key, value) {
				return nil
			}
			return fmt.Errorf("%w: %s follows from no certificate", ErrCorrupt, at(key))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// follows reports whether a key is one of an issued certificate's, whose records were
// compared before.
func (s *Snapshot) follows(c *record.Certificate, key, value []byte) bool {
	if response := record.Responses.Serial(c.Authority, c.Serial); bytes.Equal(key, response) {
		return len(value) >= responseDeadlineLen && binary.BigEndian.Uint64(value) == responseDeadline(c)
	}
	return slices.ContainsFunc(s.derived(c), func(d derivation) bool { return bytes.Equal(d.key, key) })
}
