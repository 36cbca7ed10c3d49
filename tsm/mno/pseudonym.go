package mno

import (
	"slices"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// pseudonym is the name that an SP-TSM has of a contract; it is drawn when the
// SP-TSM first asks, and never again once it has ended.
// Spec: SPEC-TSM-PROTOCOL-081, SPEC-MNO-TSM-012.
func (m *Manager) pseudonym(tx *store.Tx, provider tsmp.PartyID, id row.SubscriberID) (tsmp.Subscriber, error) {
	p, found, err := store.PseudonymsByContract.First(tx, store.Contract{Provider: provider, Subscriber: id})
	if err != nil || found {
		return p.Pseudonym, err
	}
	if err := partner(tx, provider); err != nil {
		return p.Pseudonym, err
	}
	p = row.Pseudonym{Provider: provider, Subscriber: id}
	m.draw.Fill(p.Pseudonym[:])
	return p.Pseudonym, store.Pseudonyms.Insert(tx, &p)
}

// contractBehind is the contract of an SP-TSM's pseudonym, ended or not.
func contractBehind(r store.Reader, provider tsmp.PartyID, pseudonym tsmp.Subscriber) (p row.Pseudonym, err error) {
	p, found, err := store.Pseudonyms.Get(r, pseudonym)
	if err == nil && (!found || p.Provider != provider) {
		err = tsmp.Refuse(tsmp.CodeUnknownSubscriber, "")
	}
	return p, err
}

// partners are all SP-TSMs that have ever had a name of a contract, with an offer now or
// not: what ends, ends for all of them.
type partners struct{ Names []tsmp.PartyID }

// Format implements codec.Row.
func (*partners) Format() string { return "partners" }

// Version implements codec.Row.
func (*partners) Version() byte { return 1 }

// Fields implements codec.Row.
func (p *partners) Fields(f *codec.Fields) {
	codec.List(f, "names", &p.Names, func(f *codec.Fields, n *tsmp.PartyID) { codec.Text(f, "name", n) })
}

// partner notes an SP-TSM that gets its first name.
func partner(tx *store.Tx, provider tsmp.PartyID) error {
	list, err := providers(tx)
	if err != nil || slices.Contains(list, provider) {
		return err
	}
	return keep(tx, partnersID, kindPartners, &partners{append(list, provider)})
}

// providers are all SP-TSMs that have ever had a name of a contract.
func providers(r store.Reader) ([]tsmp.PartyID, error) {
	var p partners
	_, err := kept(r, partnersID, &p)
	return p.Names, err
}

// endPseudonyms ends the names that all SP-TSMs have of a contract, and gives them.
func (m *Manager) endPseudonyms(tx *store.Tx, id row.SubscriberID) (ended []row.Pseudonym, err error) {
	list, err := providers(tx)
	if err != nil {
		return nil, err
	}
	for _, provider := range list {
		p, found, err := store.PseudonymsByContract.First(tx, store.Contract{Provider: provider, Subscriber: id})
		if err != nil {
			return nil, err
		}
		if !found {
			continue
		}
		p.Ended = true
		if err := store.Pseudonyms.Put(tx, &p); err != nil {
			return nil, err
		}
		ended = append(ended, p)
	}
	return ended, nil
}
