package registry

import "inkan/ca/registry/record"

// own refuses what a municipality asks about a person who is not registered with
// it. Spec: SPEC-CA-LIFECYCLE-094.
func (a *act) own(p *record.Person, otherwise Code) error {
	return refuseIf(a.office != "" && p.Municipality.Code != a.office, otherwise)
}

// ownOf is own of a person by the identifier.
func (a *act) ownOf(id record.PersonID, otherwise Code) error {
	if a.office == "" {
		return nil
	}
	p, err := a.person(id)
	if err != nil {
		return err
	}
	return a.own(&p, otherwise)
}

// cardOf reads a card that whoever asks has to do with.
func (a *act) cardOf(id record.CardID) (record.Card, error) {
	c, err := a.card(id)
	if err == nil {
		err = a.ownOf(c.Person, UnknownCard)
	}
	return c, err
}
