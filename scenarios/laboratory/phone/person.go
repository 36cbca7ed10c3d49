package phone

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"time"

	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/core/jpki/basic"
	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/scenarios/idcards"
	"inkan/scenarios/laboratory"
	"inkan/scenarios/laboratory/folder"
	"inkan/server/binding"
	"inkan/sim/idcard"
)

// Person is a resident with a My Number Card.
type Person struct {
	idcards.Holder
	ID   tsmp.PersonID
	Card *idcard.Card
	PINs idcards.PINs
}

// office is a municipality's counter, 市区町村の窓口.
type office struct {
	tsmp.RemoteMunicipal
	p *Phone
}

// maxResidents is how many numbers there are for cards of residents.
const maxResidents = 99_999_999

// roles are those of the keys on a card.
var roles = []jpki.Role{jpki.Auth, jpki.Sign}

// office goes to the municipality, whose keys lie in the laboratory's folder.
func (p *Phone) office() (o office, err error) {
	identity, err := p.config.Folder.Identity(laboratory.City)
	if err != nil {
		return o, err
	}
	client, err := p.config.Folder.Client(laboratory.City, p.find)
	if err != nil {
		return o, err
	}
	caller := &tsmp.Caller{Identity: identity, Peer: laboratory.CA, Keys: p.keys, Exchange: binding.Exchange(client, folder.URL(string(laboratory.CA), folder.PartiesPort))}
	return office{tsmp.RemoteMunicipal{Caller: caller}, p}, nil
}

// call makes a call of the municipality: until it is answered it is the same one.
func (o *office) call(ctx context.Context, do func(about *tsmp.Call) error) error {
	about := &tsmp.Call{ID: tsmp.NewCallID(entropy.System()), Sent: time.Now().UTC().Truncate(time.Second)}
	return o.p.again(ctx, func() error { return reached(do(about)) })
}

// Resident has the municipality register somebody new, and hand over a My Number Card
// for which the holder sets PINs. Spec: SPEC-SERVE-020.
func (p *Phone) Resident(ctx context.Context) (*Person, error) {
	o, err := p.office()
	if err != nil {
		return nil, err
	}
	h, err := idcards.HolderNamed("taro")
	if err != nil {
		return nil, err
	}
	n := uint32(randomSeed() % maxResidents)
	h.Name, h.Number, h.Card.Serial, h.Eleven = fmt.Sprintf("resident %d", n), n, fmt.Sprintf("91%013d", n), fmt.Sprintf("%011d", n)
	h.Attributes.Name = "見本\u3000" + string(rune('あ'+n%80))
	r := &Person{Holder: h, PINs: idcards.DemoPINs}
	if err := o.register(ctx, r); err != nil {
		return nil, fmt.Errorf("the municipality: %w", err)
	}
	p.config.Say("municipality", "registers "+r.Attributes.Name+", born "+time.Date(r.Attributes.Birth.Year, r.Attributes.Birth.Month, r.Attributes.Birth.Day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	if err := o.handOver(ctx, r); err != nil {
		return nil, fmt.Errorf("the municipality: %w", err)
	}
	p.config.Say("municipality", "hands over a My Number Card with both certificates, and the holder sets its PINs")
	return r, nil
}

func (o *office) register(ctx context.Context, r *Person) error {
	m, ok := certificate.MunicipalityOf(r.Holder.Card.Municipality)
	if !ok {
		return fmt.Errorf("none has the code %s", r.Holder.Card.Municipality)
	}
	sex := certificate.Male
	if r.Attributes.Sex == basic.Female {
		sex = certificate.Female
	}
	a := tsmp.Attributes{Name: r.Attributes.Name, Address: r.Attributes.Address, Sex: sex, Municipality: m}
	return o.call(ctx, func(about *tsmp.Call) error {
		answer, err := o.RegisterPerson(ctx, about, &tsmp.RegisterPersonRequest{Birth: certificate.Date(r.Attributes.Birth), Attributes: a, Case: "move-in " + r.Name})
		if err == nil {
			r.ID = answer.Person
		}
		return err
	})
}

// handOver has a card issued and made.
func (o *office) handOver(ctx context.Context, r *Person) error {
	e := r.Holder.Card.Expiry
	end := time.Date(e.Year, e.Month, e.Day, 23, 59, 59, 0, certificate.JST).UTC()
	var id tsmp.CardID
	err := o.call(ctx, func(about *tsmp.Call) error {
		answer, err := o.IssueCard(ctx, about, &tsmp.IssueCardRequest{Person: r.ID, NotAfter: end, Case: "card of " + r.Name})
		if err == nil {
			id = answer.Card
		}
		return err
	})
	if err != nil {
		return err
	}
	order, err := r.Order()
	if err != nil {
		return err
	}
	order.Number, order.Seed, order.Keys = r.Number, randomSeed(), map[jpki.Role]*rsa.PrivateKey{}
	for _, role := range roles {
		if order.Keys[role], err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			return err
		}
	}
	certified, err := o.certify(ctx, id, order.Keys)
	if err != nil {
		return err
	}
	order.Certify = idcards.Given(certified)
	maker, err := idcards.NewMaker(ctx, entropy.System())
	if err != nil {
		return err
	}
	r.Card, err = maker.Make(ctx, order)
	return err
}

// certify asks the authority for both certificates of a card, by requests that the
// card's keys have signed.
func (o *office) certify(ctx context.Context, card tsmp.CardID, keys map[jpki.Role]*rsa.PrivateKey) (map[jpki.Role]idcards.Certified, error) {
	q, err := idcards.Request(card, "card", keys)
	if err != nil {
		return nil, err
	}
	var answer *tsmp.IssueCardCertificatesAnswer
	err = o.call(ctx, func(about *tsmp.Call) (err error) {
		answer, err = o.IssueCardCertificates(ctx, about, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	return idcards.Answered(answer), nil
}
