package registry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// IssueCard gives a resident a My Number Card that is valid to notAfter. A card
// that the person has is replaced: its certificates end, and the phone's with
// them. Spec: SPEC-CA-LIFECYCLE-040.
func (r *Registry) IssueCard(ctx context.Context, person record.PersonID, notAfter time.Time, cause Cause) (id record.CardID, err error) {
	notAfter = notAfter.UTC().Truncate(time.Second)
	err = r.do(ctx, "issue card", &cause, func(a *act) error {
		a.entry.Subject.Person = person
		if again, err := a.madeBy(&cause, id[:]); err != nil || again {
			return err
		}
		p, err := a.resident(person)
		if err != nil {
			return err
		}
		if !notAfter.After(a.now) {
			return refuse(NothingLeftOfTerm)
		}
		replaces := p.Card
		if err := a.endCard(&p, record.CardReplaced, certificate.Superseded); err != nil {
			return err
		}
		if err := a.newID(record.Cards, id[:]); err != nil {
			return err
		}
		a.entry.Subject.Card, p.Card = id, id
		c := record.Card{ID: id, Person: person, NotAfter: notAfter, State: record.CardInForce, Since: a.now, Replaces: replaces}
		return errors.Join(a.made(&cause, id[:]), a.put(record.Cards.Key(id[:]), &c), a.put(record.Persons.Key(person[:]), &p))
	})
	return id, err
}

// LoseCard ends a card that its holder has lost for good, with its certificates
// and the phone's. Spec: SPEC-CA-LIFECYCLE-040.
func (r *Registry) LoseCard(ctx context.Context, id record.CardID, cause Cause) error {
	return r.do(ctx, "lose card", &cause, func(a *act) error {
		a.entry.Subject.Card = id
		c, err := a.cardOf(id)
		if err != nil {
			return err
		}
		if a.unchanged = c.State == record.CardLost; a.unchanged {
			return nil
		}
		if c.State != record.CardInForce && c.State != record.CardHeld {
			return refuse(CardNotInForce)
		}
		p, err := a.person(c.Person)
		if err != nil {
			return err
		}
		a.entry.Subject.Person = p.ID
		if err := a.endCard(&p, record.CardLost, certificate.KeyCompromise); err != nil {
			return err
		}
		return a.put(record.Persons.Key(p.ID[:]), &p)
	})
}

// endCard ends the card that a person has, if any, and all that rests on it. The
// caller writes the person, who then has neither card nor open application.
func (a *act) endCard(p *record.Person, state record.CardState, reason certificate.Reason) error {
	if err := a.endPhones(p.ID, certificate.CessationOfOperation); err != nil {
		return err
	}
	p.Application = record.ApplicationID{}
	if p.Card == (record.CardID{}) {
		return nil
	}
	c, err := a.card(p.Card)
	if err != nil {
		return err
	}
	c.State, c.Since, p.Card = state, a.now, record.CardID{}
	if err := a.put(record.Cards.Key(c.ID[:]), &c); err != nil {
		return err
	}
	return a.eachOfCard(c.ID, func(cert *record.Certificate) error { return a.end(cert, reason) })
}

func (a *act) eachOfCard(id record.CardID, each func(*record.Certificate) error) error {
	list, err := a.certificatesBy(record.OfCard, id[:])
	if err != nil {
		return err
	}
	for i := range list {
		if err := each(&list[i]); err != nil {
			return err
		}
	}
	return nil
}

// HoldCard suspends a card's certificates. The phone's is not touched.
// Spec: SPEC-CA-LIFECYCLE-045.
func (r *Registry) HoldCard(ctx context.Context, id record.CardID, cause Cause) error {
	return r.turnCard(ctx, "hold card", id, record.CardInForce, record.CardHeld, cause)
}

// LiftCard lifts the hold of a card: what is suspended of its certificates is
// active again. Spec: SPEC-CA-LIFECYCLE-045.
func (r *Registry) LiftCard(ctx context.Context, id record.CardID, cause Cause) error {
	return r.turnCard(ctx, "lift card", id, record.CardHeld, record.CardInForce, cause)
}

// turnCard holds or lifts. The same call again changes nothing. Spec: SPEC-CA-LIFECYCLE-092.
func (r *Registry) turnCard(ctx context.Context, name string, id record.CardID, from, to record.CardState, cause Cause) error {
	before, after, reason := certificate.Active, certificate.Suspended, certificate.CertificateHold
	if to == record.CardInForce {
		before, after, reason = after, before, certificate.Unspecified
	}
	return r.do(ctx, name, &cause, func(a *act) error {
		a.entry.Subject.Card = id
		c, err := a.card(id)
		if err != nil {
			return err
		}
		a.entry.Subject.Person = c.Person
		if again, err := a.turnedBy(&cause, id[:]); err != nil || again {
			return err
		}
		if err := a.ownOf(c.Person, UnknownCard); err != nil {
			return err
		}
		if a.unchanged = c.State == to; a.unchanged {
			return nil
		}
		if c.State != from {
			return refuse(CardNotInForce)
		}
		c.State, c.Since = to, a.now
		if err := a.put(record.Cards.Key(id[:]), &c); err != nil {
			return err
		}
		return a.eachOfCard(id, func(cert *record.Certificate) error {
			if cert.State != before || a.now.After(cert.NotAfter) {
				return nil
			}
			return a.change(cert, after, reason)
		})
	})
}

// inForce reads a card that certificates may be issued for.
func (a *act) inForce(id record.CardID) (record.Card, error) {
	c, err := a.cardOf(id)
	switch {
	case err != nil:
		return c, err
	case c.State == record.CardHeld:
		return c, refuse(CardOnHold)
	case c.State != record.CardInForce || a.now.After(c.NotAfter):
		return c, refuse(CardNotInForce)
	}
	return c, nil
}

// serialText is how messages name a certificate: "auth/16777217".
func serialText(au certificate.Authority, serial uint64) string {
	return fmt.Sprintf("%s/%d", au, serial)
}
