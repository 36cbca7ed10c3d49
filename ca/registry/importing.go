package registry

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// Import is a person as an earlier system had one, with card and certificates.
type Import struct {
	Birth        certificate.Date
	Attributes   record.Attributes
	CardNotAfter time.Time
	Certificates []ImportedCertificate
}

// ImportedCertificate is a holder's certificate of an earlier system. It gets a
// serial number of this registry: its authority is one that issues nothing else.
type ImportedCertificate struct {
	Kind                certificate.Kind
	Generation          uint32
	NotBefore, NotAfter time.Time
	Key                 record.Hash
	State               certificate.State // not Pending
	Since               time.Time
	Reason              certificate.Reason
}

// check refuses what the registry's own rules never let come about.
// Spec: SPEC-CA-LIFECYCLE-100.
func (i *Import) check(now time.Time) error {
	if !i.Birth.Valid() {
		return fmt.Errorf("registry: import: birthday %s", i.Birth)
	}
	if err := checkAttributes(&i.Attributes); err != nil {
		return err
	}
	rests := map[certificate.Kind]ImportedCertificate{} // the live one, or the last
	for _, c := range i.Certificates {
		if err := c.check(); err != nil {
			return err
		}
		before := rests[c.Kind]
		switch {
		case c.live() && before.live():
			return fmt.Errorf("registry: import: two live %s certificates", c.Kind)
		case c.NotAfter.After(i.CardNotAfter) || c.Since.After(now):
			return errors.New("registry: import: a certificate that outlasts its card, or of the future")
		case c.Kind == certificate.PhoneAuthentication:
			if err := c.restsOn(rests[certificate.CardSignature], rests[certificate.CardAuthentication]); err != nil {
				return err
			}
		}
		if !before.live() {
			rests[c.Kind] = c
		}
	}
	return nil
}

// check looks at a certificate by itself.
func (c *ImportedCertificate) check() error {
	suspended, revoked := c.State == certificate.Suspended, c.State == certificate.Revoked
	switch {
	case !c.Kind.Holder() || c.Kind == certificate.PhoneSignature:
		return fmt.Errorf("registry: import: a %s certificate", c.Kind)
	case !c.live() && !revoked:
		return fmt.Errorf("registry: import: a %s certificate", c.State)
	case !c.Reason.Valid() || c.Reason != 0 && !suspended && !revoked || suspended != (c.Reason == certificate.CertificateHold):
		return fmt.Errorf("registry: import: a %s certificate with reason %s", c.State, c.Reason)
	case !c.NotBefore.Before(c.NotAfter):
		return errors.New("registry: import: a certificate that ends before it begins")
	}
	return nil
}

func (c *ImportedCertificate) live() bool { return inUse(c.State) }

func inUse(s certificate.State) bool { return s == certificate.Active || s == certificate.Suspended }

// restsOn checks a phone's certificate against the card's two before it.
func (c *ImportedCertificate) restsOn(signature, authentication ImportedCertificate) error {
	switch {
	case c.NotAfter.After(signature.NotAfter) || c.NotAfter.After(authentication.NotAfter):
		return errors.New("registry: import: a phone certificate that outlasts the card's, or before them")
	case c.live() && !authentication.live():
		return errors.New("registry: import: a live phone certificate on a revoked authentication certificate")
	}
	return nil
}

// Import takes over persons from an earlier system in one commit, each with a
// journal entry of their own; only the hashes of their keys are known, no
// certificate's bytes. Spec: SPEC-CA-LIFECYCLE-019.
func (r *Registry) Import(ctx context.Context, persons []Import, cause Cause) ([]record.PersonID, error) {
	ids := make([]record.PersonID, len(persons))
	err := r.doAll(ctx, "import", slices.Repeat([]Cause{cause}, len(persons)), func(a *act, n int) (err error) {
		if err = persons[n].check(a.now); err == nil {
			ids[n], err = a.takeOver(&persons[n])
		}
		if err != nil {
			err = fmt.Errorf("person %d: %w", n, err)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return ids, nil
}

func (a *act) takeOver(i *Import) (id record.PersonID, err error) {
	var card record.CardID
	if err := errors.Join(a.newID(record.Persons, id[:]), a.newID(record.Cards, card[:])); err != nil {
		return id, err
	}
	a.entry.Subject.Person, a.entry.Subject.Card = id, card
	err = a.putNew(record.Persons.Key(id[:]), &record.Person{ID: id, Birth: i.Birth, Attributes: i.Attributes, AttributesVersion: 1,
		Standing: record.Resident, Since: a.now, Card: card})
	if err != nil {
		return id, err
	}
	rests := map[certificate.Kind]*record.Certificate{certificate.CardSignature: {}, certificate.CardAuthentication: {}}
	for n := range i.Certificates {
		c, err := a.takeOverCertificate(i, n, id, card)
		if err != nil {
			return id, err
		}
		if c.Kind == certificate.PhoneAuthentication {
			c.Signature, c.Parent = rests[certificate.CardSignature].Serial, rests[certificate.CardAuthentication].Serial
			err = a.takeOverPhone(c)
		} else if !inUse(rests[c.Kind].State) {
			rests[c.Kind] = c
		}
		if err = errors.Join(err, a.index(c), a.putNew(record.Certificates.Serial(c.Authority, c.Serial), c)); err != nil {
			return id, err
		}
	}
	of := record.Card{ID: card, Person: id, NotAfter: i.CardNotAfter.UTC().Truncate(time.Second), State: record.CardInForce, Since: a.now,
		Signature: rests[certificate.CardSignature].Serial, Authentication: rests[certificate.CardAuthentication].Serial}
	return id, a.putNew(record.Cards.Key(card[:]), &of)
}

func (a *act) takeOverCertificate(i *Import, n int, id record.PersonID, card record.CardID) (*record.Certificate, error) {
	from := &i.Certificates[n]
	key := record.Keys.Key(from.Key[:])
	if known, err := a.Has(key); err != nil || known {
		return nil, errors.Join(err, fmt.Errorf("registry: import: key of certificate %d is known", n))
	}
	au := from.Kind.Authority()
	c := &record.Certificate{Authority: au, Serial: a.head.Next[au], Generation: from.Generation, Kind: from.Kind, Stage: record.Issued,
		Person: id, NotBefore: from.NotBefore.UTC().Truncate(time.Second), NotAfter: from.NotAfter.UTC().Truncate(time.Second), Key: from.Key,
		Partition: i.Attributes.Municipality.Partition(), AttributesVersion: 1, State: from.State, Since: from.Since.UTC().Truncate(time.Second),
		Reason: from.Reason, Version: 1}
	if c.Serial > certificate.MaxSerial {
		return nil, refuse(SerialsExhausted)
	}
	a.head.Next[au]++
	if c.Kind != certificate.PhoneAuthentication {
		c.Card = card
	}
	var err error
	if c.State != certificate.Active {
		err = a.tx.Put(listedKey(c), record.Append(nil, &record.Listing{Since: c.Since, Reason: c.Reason, NotAfter: c.NotAfter}))
	}
	return c, errors.Join(err, a.putNew(key, &record.KeyUse{Authority: au, Serial: c.Serial}))
}

// takeOverPhone makes the service instance of an imported phone certificate; its
// SIM is not known.
func (a *act) takeOverPhone(c *record.Certificate) error {
	if err := a.newID(record.Phones, c.Phone[:]); err != nil {
		return err
	}
	a.entry.Subject.Phone = c.Phone
	phone := record.Phone{ID: c.Phone, Person: c.Person, Since: a.now, Erasure: record.ErasureNotDue}
	return a.putNew(record.Phones.Key(c.Phone[:]), &phone)
}

// hashOf is the hash of some bytes.
func hashOf(b []byte) record.Hash { return sha256.Sum256(b) }
