package enrolment

import (
	"context"
	"crypto/rsa"
	"fmt"
	"time"

	"inkan/core/jpki"
	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/scenarios/idcards"
	"inkan/scenarios/personalise"
)

// register takes the holder into the register.
func (w *World) register(ctx context.Context) error {
	return w.step("municipality", "registers a resident with the authority (RegisterPerson)", func(s *Step) error {
		a := w.holder.Attributes
		answer, err := w.city.RegisterPerson(ctx, w.about(), &tsmp.RegisterPersonRequest{Birth: certificate.Date(a.Birth), Attributes: w.attributes(), Case: "move-in 1"})
		if err != nil {
			return err
		}
		w.person = answer.Person
		s.note("%s, born %v, %s", a.Name, a.Birth, a.Address)
		s.note("the authority calls him %s", short(w.person))
		return nil
	})
}

// attributes are what certificates say of the holder.
func (w *World) attributes() tsmp.Attributes {
	a := w.holder.Attributes
	return tsmp.Attributes{Name: a.Name, Address: a.Address, Sex: certificate.Male, Municipality: w.municipality()}
}

// roles are those of the keys on a card.
var roles = []jpki.Role{jpki.Auth, jpki.Sign}

// giveCard has a card issued, with both certificates, and the holder set the PINs.
func (w *World) giveCard(ctx context.Context) error {
	return w.step("municipality", "has a My Number Card issued (IssueCard, IssueCardCertificates) and hands it over", func(s *Step) error {
		e := w.holder.Card.Expiry
		end := time.Date(e.Year, e.Month, e.Day, 23, 59, 59, 0, certificate.JST).UTC()
		card, err := w.city.IssueCard(ctx, w.about(), &tsmp.IssueCardRequest{Person: w.person, NotAfter: end, Case: fmt.Sprintf("card %d", w.cards+1)})
		if err != nil {
			return err
		}
		w.cardID = card.Card
		w.cards++
		o, err := w.holder.Order()
		if err != nil {
			return err
		}
		o.Number, o.Seed, o.Keys = uint32(w.cards), w.config.Seed, map[jpki.Role]*rsa.PrivateKey{}
		for _, role := range roles {
			if o.Keys[role], err = personalise.SeededKey(w.config.Seed, fmt.Sprintf("enrolment/card %d %v", w.cards, role)); err != nil {
				return err
			}
		}
		if o.Certify, err = w.certify(ctx, s, o.Keys); err != nil {
			return err
		}
		if card.Replaced != (tsmp.CardID{}) {
			s.note("card %s takes the place of %s, whose certificates end", short(card.Card), short(card.Replaced))
		}
		if w.card, err = w.maker.Make(ctx, o); err != nil {
			return err
		}
		s.note("the holder has set both PINs")
		return nil
	})
}

// certify asks the authority for both certificates of the card, by requests that the
// card's keys have signed.
func (w *World) certify(ctx context.Context, s *Step, keys map[jpki.Role]*rsa.PrivateKey) (idcards.Certifier, error) {
	q, err := idcards.Request(w.cardID, fmt.Sprintf("card %d", w.cards), keys)
	if err != nil {
		return nil, err
	}
	answer, err := w.city.IssueCardCertificates(ctx, w.about(), q)
	if err != nil {
		return nil, err
	}
	all, requests := idcards.Answered(answer), map[jpki.Role][]byte{jpki.Auth: q.AuthenticationRequest, jpki.Sign: q.SignatureRequest}
	for _, role := range roles {
		own, err := certificate.Parse(all[role].Certificate)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("cards/%d-%v", w.cards, role)
		w.report.pem(name+".pem", "CERTIFICATE", all[role].Certificate)
		w.report.Files[name+".csr"] = requests[role]
		s.note("%v certificate, serial %#x, to %s", own.Kind, own.Serial, own.NotAfter.Format(time.DateTime+"Z"))
	}
	return idcards.Given(all), nil
}

// move changes the holder's address, which ends the card's signature certificate.
func (w *World) move(ctx context.Context) error {
	return w.step("municipality", "records that the holder has moved house (ChangePerson)", func(s *Step) error {
		w.holder.Attributes.Address = "東京都千代田区見本町四丁目５番６号"
		if _, err := w.city.ChangePerson(ctx, w.about(), &tsmp.ChangePersonRequest{Person: w.person, Attributes: w.attributes(), Case: "move 2"}); err != nil {
			return err
		}
		return w.showCard(ctx, s)
	})
}

// showCard notes the states of the person's newest card's certificates.
func (w *World) showCard(ctx context.Context, s *Step) error {
	answer, err := w.city.GetPerson(ctx, w.about(), &tsmp.GetPersonRequest{Person: w.person, Case: "look"})
	if err != nil {
		return err
	}
	card := answer.Cards[0]
	s.note("card %s is %v", short(card.Card), card.State)
	for _, c := range card.Certificates {
		s.note("  %v: %s", c.Kind, stateText(c.State, c.Reason))
	}
	return nil
}

// loseCard reports the card lost for good.
func (w *World) loseCard(ctx context.Context) error {
	return w.step("municipality", "records that the card is lost for good (ReportCardLoss)", func(s *Step) error {
		if _, err := w.city.ReportCardLoss(ctx, w.about(), &tsmp.ReportCardLossRequest{Card: w.cardID, Case: "loss 3"}); err != nil {
			return err
		}
		return w.showCard(ctx, s)
	})
}

func stateText(state certificate.State, reason certificate.Reason) string {
	if reason == certificate.Unspecified {
		return state.String()
	}
	return fmt.Sprintf("%v (%v)", state, reason)
}
