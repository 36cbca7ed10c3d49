package world

import (
	"context"
	"crypto/rsa"
	"fmt"
	"time"

	"inkan/core/jpki"
	"inkan/core/jpki/basic"
	"inkan/core/jpki/certificate"
	"inkan/core/observe"
	"inkan/core/tsmp"
	"inkan/scenarios/idcards"
	"inkan/scenarios/report"
	"inkan/sim/idcard"
)

// Person is a resident with a My Number Card.
type Person struct {
	idcards.Holder
	ID     tsmp.PersonID
	Card   *idcard.Card
	CardID tsmp.CardID
	PINs   idcards.PINs

	w     *World
	meter meter
}

// Register has the municipality register a person, one of idcards.Holders by name,
// and hand over a My Number Card.
func (w *World) Register(ctx context.Context, name string) (*Person, error) {
	h, err := idcards.HolderNamed(name)
	if err != nil {
		return nil, err
	}
	return w.register(ctx, h)
}

// Resident registers somebody who has no name in idcards: the n-th of many.
func (w *World) Resident(ctx context.Context, n uint32) (*Person, error) {
	h, err := idcards.HolderNamed("taro")
	if err != nil {
		return nil, err
	}
	h.Name, h.Number = fmt.Sprintf("resident %d", n), 1000+n
	h.Card.Serial = fmt.Sprintf("91%013d", n)
	h.Attributes.Name = fmt.Sprintf("見本\u3000%s", string(rune('あ'+n%80)))
	h.Eleven = fmt.Sprintf("%011d", 1000+n)
	return w.register(ctx, h)
}

func (w *World) register(ctx context.Context, h idcards.Holder) (*Person, error) {
	p := &Person{Holder: h, PINs: idcards.DemoPINs, w: w}
	a, err := p.attributes()
	if err != nil {
		return nil, err
	}
	answer, err := w.City.RegisterPerson(ctx, w.About(), &tsmp.RegisterPersonRequest{Birth: certificate.Date(h.Attributes.Birth), Attributes: a, Case: "move-in " + h.Name})
	if err != nil {
		return nil, err
	}
	p.ID = answer.Person
	w.note(City, "resident-registered", "resident", "municipality", nil)
	return p, p.NewCard(ctx)
}

// attributes are what certificates say of the person.
func (p *Person) attributes() (a tsmp.Attributes, err error) {
	m, ok := certificate.MunicipalityOf(p.Holder.Card.Municipality)
	if !ok {
		return a, fmt.Errorf("world: no municipality has the code %s", p.Holder.Card.Municipality)
	}
	sex := certificate.Male
	if p.Attributes.Sex == basic.Female {
		sex = certificate.Female
	}
	return tsmp.Attributes{Name: p.Attributes.Name, Address: p.Attributes.Address, Sex: sex, Municipality: m}, nil
}

// kinds are the kinds of certificates on a card, by role.
var kinds = map[jpki.Role]certificate.Kind{jpki.Auth: certificate.CardAuthentication, jpki.Sign: certificate.CardSignature}

// NewCard has a card issued, in the place of the one before, and the holder set the
// PINs.
func (p *Person) NewCard(ctx context.Context) error {
	w, e := p.w, p.Holder.Card.Expiry
	end := time.Date(e.Year, e.Month, e.Day, 23, 59, 59, 0, certificate.JST).UTC()
	w.cards++
	card, err := w.City.IssueCard(ctx, w.About(), &tsmp.IssueCardRequest{Person: p.ID, NotAfter: end, Case: fmt.Sprintf("card %d", w.cards)})
	if err != nil {
		return err
	}
	p.CardID = card.Card
	o, err := p.Order()
	if err != nil {
		return err
	}
	o.Number, o.Seed, o.Keys = uint32(w.cards), w.seed(fmt.Sprintf("card %d", w.cards)), map[jpki.Role]*rsa.PrivateKey{}
	for role := range kinds {
		if o.Roles&role == 0 {
			continue
		}
		if o.Keys[role], err = w.key(fmt.Sprintf("world/card %d %v", w.cards, role)); err != nil {
			return err
		}
	}
	if o.Certify, err = p.certifier(ctx, o.Keys); err != nil {
		return err
	}
	lane := w.join(report.IDCard, fmt.Sprintf("id-card-%d", w.cards), fmt.Sprintf("マイナンバーカード %d", w.cards), fmt.Sprintf("My Number Card %d", w.cards), p.Name)
	hz := w.maker.Chip().ClockHz
	w.quiet++
	defer func() { w.quiet-- }()
	p.Card, err = w.maker.MakeWith(ctx, o, idcard.Parts{Observer: w.tap(string(lane), lane, hz, func(*observe.APDUEvent) (report.PartyID, report.Bearer) { return Holder, "" })})
	if err != nil {
		return err
	}
	w.note(City, "card-handed-over", "resident", "municipality", nil)
	p.meter = meter{ledger: p.Card.Clock.Ledger, hz: hz, last: p.Card.Clock.Ledger()}
	return nil
}

// certifier asks the authority for the certificates of a card's keys: for both at once,
// or for the one that this person may have.
func (p *Person) certifier(ctx context.Context, keys map[jpki.Role]*rsa.PrivateKey) (idcards.Certifier, error) {
	if len(keys) == len(kinds) {
		q, err := idcards.Request(p.CardID, "card", keys)
		if err != nil {
			return nil, err
		}
		answer, err := p.w.City.IssueCardCertificates(ctx, p.w.About(), q)
		if err != nil {
			return nil, err
		}
		return idcards.Given(idcards.Answered(answer)), nil
	}
	return func(ctx context.Context, role jpki.Role, _ *rsa.PublicKey) (c idcards.Certified, err error) {
		request, err := idcards.RequestOf(keys[role])
		if err != nil {
			return c, err
		}
		answer, err := p.w.City.IssueCardCertificate(ctx, p.w.About(), &tsmp.IssueCardCertificateRequest{Card: p.CardID, Kind: kinds[role], Request: request, Case: "card"})
		if err != nil {
			return c, err
		}
		return idcards.Certified{Certificate: answer.Certificate, CA: answer.CACertificate}, nil
	}, nil
}

// Certificates are the states of the certificates of a phone's service instance, as
// the authority has them. Nobody is asked.
func (w *World) Certificates(ctx context.Context, phone tsmp.PhoneID) ([]tsmp.CertificateState, error) {
	asked := &tsmp.Call{Sender: Desk, Role: tsmp.RoleHelpDesk, Sent: w.Now()}
	answer, err := w.CA.GetCertificateStatus(ctx, asked, &tsmp.GetCertificateStatusRequest{Phone: phone})
	if err != nil {
		return nil, err
	}
	return answer.Certificates, nil
}
