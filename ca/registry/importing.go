package registry

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
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

func (i *Import) check(now time.Time) error {
	if !i.Birth.Valid() {
		return fmt.Errorf("registry: import: birthday %s", i.Birth)
	}
	if err := checkAttributes(&i.Attributes); err != nil {
		return err
	}
	var bound time.Time
	occupied := map[certificate.Kind]bool{}
	for _, c := range i.Certificates {
		live := c.State == certificate.Active || c.State == certificate.Suspended
		held := c.State == certificate.Suspended || c.State == certificate.Revoked
		switch {
		case !c.Kind.Holder() || c.Kind == certificate.PhoneSignature:
			return fmt.Errorf("registry: import: a %s certificate", c.Kind)
		case !live && c.State != certificate.Revoked:
			return fmt.Errorf("registry: import: a %s certificate", c.State)
		case !c.Reason.Valid() || !held && c.Reason != 0 || (c.State == certificate.Suspended) != (c.Reason == certificate.CertificateHold):
			return fmt.Errorf("registry: import: a %s certificate with reason %s", c.State, c.Reason)
		case live && occupied[c.Kind]:
			return fmt.Errorf("registry: import: two live %s certificates", c.Kind)
		case c.NotAfter.After(i.CardNotAfter) || c.Since.After(now):
			return errors.New("registry: import: a certificate that outlasts its card, or of the future")
		case c.Kind == certificate.PhoneAuthentication && (bound.IsZero() || c.NotAfter.After(bound)):
			return errors.New("registry: import: a phone certificate that outlasts the card's, or before them")
		}
		if c.Kind != certificate.PhoneAuthentication {
			bound = certificate.Earliest(bound, c.NotAfter)
		}
		occupied[c.Kind] = occupied[c.Kind] || live
	}
	return nil
}

// Import takes over persons from an earlier system in one commit, each with a
// journal entry of their own; only the hashes of their keys are known, no
// certificate's bytes. Spec: SPEC-CA-LIFECYCLE-019.
func (r *Registry) Import(ctx context.Context, persons []Import, cause Cause) (ids []record.PersonID, err error) {
	if err := cause.check(); err != nil {
		return nil, err
	}
	err = r.commit(ctx, func(a *act) error {
		for i := range persons {
			if err := persons[i].check(a.now); err != nil {
				return err
			}
			a.open("import", &cause)
			id, err := a.takeOver(&persons[i])
			if err != nil {
				return fmt.Errorf("person %d: %w", i, err)
			}
			ids = append(ids, id)
			if err := a.close(&cause); err != nil {
				return err
			}
		}
		return nil
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
	of := record.Card{ID: card, Person: id, NotAfter: i.CardNotAfter.UTC().Truncate(time.Second), State: record.CardInForce, Since: a.now}
	for n := range i.Certificates {
		c, err := a.takeOverCertificate(i, n, id, card)
		if err != nil {
			return id, err
		}
		switch {
		case c.Kind == certificate.PhoneAuthentication:
			c.Signature, c.Parent = of.Signature, of.Authentication
			err = a.takeOverPhone(c)
		case c.Kind == certificate.CardSignature && (of.Signature == 0 || c.State != certificate.Revoked):
			of.Signature = c.Serial
		case c.Kind == certificate.CardAuthentication && (of.Authentication == 0 || c.State != certificate.Revoked):
			of.Authentication = c.Serial
		}
		if err = errors.Join(err, a.index(c), a.putNew(record.Certificates.Serial(c.Authority, c.Serial), c)); err != nil {
			return id, err
		}
	}
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
	phone := record.Phone{ID: c.Phone, Person: c.Person, Since: a.now, Erasure: record.ErasureNotDue}
	return a.putNew(record.Phones.Key(c.Phone[:]), &phone)
}

// hashOf is the hash of some bytes.
func hashOf(b []byte) record.Hash { return sha256.Sum256(b) }
