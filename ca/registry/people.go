package registry

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

func checkAttributes(at *record.Attributes) error {
	for _, s := range []string{at.Name, at.Address, at.NameSubstitutes, at.AddressSubstitutes} {
		if len(s) > record.MaxText {
			return fmt.Errorf("registry: attribute of %d bytes, want at most %d", len(s), record.MaxText)
		}
	}
	switch {
	case at.Name == "":
		return fmt.Errorf("registry: no name")
	case at.Address == "":
		return fmt.Errorf("registry: no address")
	case at.Sex > 9:
		return fmt.Errorf("registry: sex %d, want 0 to 9", at.Sex)
	}
	return at.Municipality.Check()
}

// RegisterPerson takes a resident into the registry, of the municipality that asks.
// Spec: SPEC-CA-LIFECYCLE-095.
func (r *Registry) RegisterPerson(ctx context.Context, birth certificate.Date, at record.Attributes, cause Cause) (id record.PersonID, err error) {
	if !birth.Valid() {
		return id, fmt.Errorf("registry: birthday %s, want a day of the calendar", birth)
	}
	if err := checkAttributes(&at); err != nil {
		return id, err
	}
	err = r.do(ctx, "register person", &cause, func(a *act) error {
		if again, err := a.madeBy(&cause, id[:]); err != nil || again {
			return err
		}
		if err := a.newID(record.Persons, id[:]); err != nil {
			return err
		}
		a.entry.Subject.Person = id
		p := record.Person{ID: id, Birth: birth, Attributes: at, AttributesVersion: 1, Standing: record.Resident, Since: a.now}
		if err := a.own(&p, OtherMunicipality); err != nil {
			return err
		}
		return errors.Join(a.made(&cause, id[:]), a.put(record.Persons.Key(id[:]), &p))
	})
	return id, err
}

// madeBy reads what the same call has made before into id: again is true then.
// Spec: SPEC-CA-LIFECYCLE-089.
func (a *act) madeBy(cause *Cause, id []byte) (again bool, err error) {
	if cause.Call == "" {
		return false, nil
	}
	value, _, err := a.Get(madeKey(a.entry.Act, cause.Call), nil)
	a.unchanged = copy(id, value) == len(id)
	return a.unchanged, err
}

// made notes what a call has made.
func (a *act) made(cause *Cause, id []byte) error {
	if cause.Call == "" {
		return nil
	}
	return a.tx.Put(madeKey(a.entry.Act, cause.Call), id)
}

// madeKey is by act and call, so that a call whose kind has changed finds nothing.
func madeKey(act, call string) []byte {
	h := sha256.Sum256([]byte(act + "\x00" + call))
	return record.Calls.Key(h[:])
}

// ChangeAttributes records a change of name, address or another attribute. It
// ends the card's signature certificate and nothing else; nobody can apply for a
// phone's certificate until the card has a new one. The same attributes again
// change nothing, and so does the same call. Another municipality among them is the
// one that the person is handed over to. Spec: SPEC-CA-LIFECYCLE-042, SPEC-CA-LIFECYCLE-092,
// SPEC-CA-LIFECYCLE-096.
func (r *Registry) ChangeAttributes(ctx context.Context, id record.PersonID, at record.Attributes, cause Cause) error {
	if err := checkAttributes(&at); err != nil {
		return err
	}
	return r.do(ctx, "change attributes", &cause, func(a *act) error {
		a.entry.Subject.Person = id
		if again, err := a.turnedBy(&cause, id[:]); err != nil || again {
			return err
		}
		p, err := a.resident(id)
		if err != nil {
			return err
		}
		if a.unchanged = p.Attributes == at; a.unchanged {
			return nil
		}
		p.Attributes = at
		p.AttributesVersion++
		if err := a.put(record.Persons.Key(id[:]), &p); err != nil {
			return err
		}
		list, err := a.certificatesBy(record.OfPerson, id[:])
		if err != nil {
			return err
		}
		for i := range list {
			if list[i].Kind == certificate.CardSignature {
				if err := a.end(&list[i], certificate.AffiliationChanged); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// resident reads a person who is a resident, and whom whoever asks has to do with.
func (a *act) resident(id record.PersonID) (record.Person, error) {
	p, err := a.person(id)
	if err == nil {
		err = a.own(&p, UnknownPerson)
	}
	if err == nil && p.Standing != record.Resident {
		err = refuse(NotResident)
	}
	return p, err
}

// Die ends everything of a person who has died. Spec: SPEC-CA-LIFECYCLE-043.
func (r *Registry) Die(ctx context.Context, id record.PersonID, cause Cause) error {
	return r.leave(ctx, "die", id, record.Deceased, cause)
}

// Emigrate ends everything of a person who has left the country.
// Spec: SPEC-CA-LIFECYCLE-043.
func (r *Registry) Emigrate(ctx context.Context, id record.PersonID, cause Cause) error {
	return r.leave(ctx, "emigrate", id, record.Emigrated, cause)
}

func (r *Registry) leave(ctx context.Context, name string, id record.PersonID, standing record.Standing, cause Cause) error {
	return r.do(ctx, name, &cause, func(a *act) error {
		a.entry.Subject.Person = id
		p, err := a.person(id)
		if err == nil {
			err = a.own(&p, UnknownPerson)
		}
		if err != nil {
			return err
		}
		if p.Standing == standing {
			a.unchanged = true
			return nil
		}
		if p.Standing == record.Deceased {
			return refuse(NotResident)
		}
		if err := a.endCard(&p, record.CardEnded, certificate.CessationOfOperation); err != nil {
			return err
		}
		p.Standing, p.Since = standing, a.now
		return a.put(record.Persons.Key(id[:]), &p)
	})
}
