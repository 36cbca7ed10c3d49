package ca

import (
	"context"
	"slices"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	profile "inkan/core/jpki/certificate"
	"inkan/core/tsmp"
)

// cardStates say what a card's state is in a message.
var cardStates = map[record.CardState]tsmp.CardState{
	record.CardInForce: tsmp.CardInForce, record.CardHeld: tsmp.CardHeld, record.CardLost: tsmp.CardLost,
	record.CardReplaced: tsmp.CardReplaced, record.CardEnded: tsmp.CardEnded,
}

var standings = map[record.Standing]tsmp.Standing{
	record.Resident: tsmp.StandingResident, record.Deceased: tsmp.StandingDeceased, record.Emigrated: tsmp.StandingEmigrated,
}

// maxCardCertificates is how many of a card's certificates a message has, the
// newest ones.
const maxCardCertificates = 16

// GetPerson implements tsmp.Municipal. Spec: SPEC-CA-083.
func (a *Authority) GetPerson(ctx context.Context, call *tsmp.Call, q *tsmp.GetPersonRequest) (*tsmp.GetPersonAnswer, error) {
	s, err := a.config.Registry.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	p, err := a.personOf(s, call, record.PersonID(q.Person), tsmp.CodeUnknownPerson)
	if err != nil {
		return nil, err
	}
	answer := &tsmp.GetPersonAnswer{Birth: p.Birth, Standing: standings[p.Standing], StandingSince: p.Since,
		Attributes: tsmp.Attributes{Name: p.Name, NameSubstitutes: p.NameSubstitutes, Address: p.Address, AddressSubstitutes: p.AddressSubstitutes,
			Sex: profile.Sex('0' + byte(p.Sex)), Municipality: p.Municipality, Ward: p.Ward}}
	held, err := holdings(s, &p)
	if err != nil {
		return nil, err
	}
	for _, id := range newest(held.cards, tsmp.MaxCards) {
		card, err := cardIn(s, id)
		if err != nil {
			return nil, err
		}
		answer.Cards = append(answer.Cards, *card)
	}
	answer.Phones, err = held.instances(s)
	return answer, err
}

// FindServiceInstances implements tsmp.Municipal. Spec: SPEC-CA-083.
func (a *Authority) FindServiceInstances(ctx context.Context, call *tsmp.Call, q *tsmp.FindServiceInstancesRequest) (*tsmp.FindServiceInstancesAnswer, error) {
	s, err := a.config.Registry.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	id, otherwise := record.PersonID(q.Person), tsmp.CodeUnknownPerson
	if q.Card != (tsmp.CardID{}) {
		card, err := s.Card(record.CardID(q.Card))
		if err != nil {
			return nil, refusedDesk(err)
		}
		id, otherwise = card.Person, tsmp.CodeUnknownCard
	}
	p, err := a.personOf(s, call, id, otherwise)
	if err != nil {
		return nil, err
	}
	held, err := holdings(s, &p)
	if err != nil {
		return nil, err
	}
	phones, err := held.instances(s)
	return &tsmp.FindServiceInstancesAnswer{Phones: phones}, err
}

// held are a person's cards and service instances, the oldest first.
type held struct {
	cards  []record.CardID
	phones []record.PhoneID
}

// holdings follow from certificates, the card in force and the open application.
func holdings(s *registry.Snapshot, p *record.Person) (h held, err error) {
	list, err := s.OfPerson(p.ID)
	if err != nil {
		return h, err
	}
	slices.SortStableFunc(list, func(a, b record.Certificate) int { return a.NotBefore.Compare(b.NotBefore) })
	for i := range list {
		h.add(list[i].Card, list[i].Phone)
	}
	h.add(p.Card, record.PhoneID{})
	if p.Application != (record.ApplicationID{}) {
		app, err := s.Application(p.Application)
		if err != nil {
			return h, err
		}
		h.add(record.CardID{}, app.Phone)
	}
	return h, nil
}

func (h *held) add(card record.CardID, phone record.PhoneID) {
	if card != (record.CardID{}) && !slices.Contains(h.cards, card) {
		h.cards = append(h.cards, card)
	}
	if phone != (record.PhoneID{}) && !slices.Contains(h.phones, phone) {
		h.phones = append(h.phones, phone)
	}
}

// instances are the newest service instances with their states.
func (h *held) instances(s *registry.Snapshot) (list []tsmp.Instance, err error) {
	for _, id := range newest(h.phones, tsmp.MaxInstances) {
		state, err := stateIn(s, tsmp.PhoneID(id))
		if err != nil {
			return nil, err
		}
		list = append(list, tsmp.Instance{Phone: tsmp.PhoneID(id), Certificates: state.Certificates})
	}
	return list, nil
}

// newest are the last of a list, the last first.
func newest[T any](list []T, most int) []T {
	list = slices.Clone(list[max(0, len(list)-most):])
	slices.Reverse(list)
	return list
}

// cardIn is a card with its certificates.
func cardIn(s *registry.Snapshot, id record.CardID) (*tsmp.CardAnswer, error) {
	card, err := s.Card(id)
	if err != nil {
		return nil, refusedDesk(err)
	}
	list, err := s.OfCard(id)
	if err != nil {
		return nil, err
	}
	answer := &tsmp.CardAnswer{Card: tsmp.CardID(id), State: cardStates[card.State], Since: card.Since, NotAfter: card.NotAfter}
	slices.SortStableFunc(list, func(a, b record.Certificate) int { return a.NotBefore.Compare(b.NotBefore) })
	for _, c := range newest(list, maxCardCertificates) {
		row := stateRow(&c)
		answer.Certificates = append(answer.Certificates, tsmp.CardCertificate{Kind: c.Kind, State: row.State, Since: row.Since, Reason: row.Reason, NotAfter: row.NotAfter})
	}
	return answer, nil
}
