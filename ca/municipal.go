package ca

import (
	"context"
	"errors"

	"inkan/ca/registry/record"
	profile "inkan/core/jpki/certificate"
	"inkan/core/tsmp"
)

var (
	_ tsmp.CA        = (*Authority)(nil)
	_ tsmp.Municipal = (*Authority)(nil)
)

// Service is all that the authority serves by message. What it refuses is in its journal.
// Spec: SPEC-CA-018.
func (a *Authority) Service() tsmp.Service {
	s := tsmp.Merge(tsmp.CAService(a), tsmp.MunicipalService(a))
	for name, f := range s {
		s[name] = func(ctx context.Context, call *tsmp.Call, b tsmp.Body) (tsmp.Body, error) {
			answer, err := f(ctx, call, b)
			var refusal *tsmp.Error
			if err == nil || errors.As(err, new(entered)) || !errors.As(err, &refusal) {
				return answer, err
			}
			if fault := a.NoteRefusal(ctx, call, refusal); fault != nil {
				return nil, fault
			}
			return nil, err
		}
	}
	return s
}

// RegisterPerson implements tsmp.Municipal. Spec: SPEC-CA-082.
func (a *Authority) RegisterPerson(ctx context.Context, call *tsmp.Call, q *tsmp.RegisterPersonRequest) (*tsmp.RegisterPersonAnswer, error) {
	id, err := a.config.Registry.RegisterPerson(ctx, q.Birth, attributesOf(&q.Attributes), a.cause(call))
	if err != nil {
		return nil, refusedDesk(err)
	}
	return &tsmp.RegisterPersonAnswer{Person: tsmp.PersonID(id), RecordedAt: a.config.Registry.Now()}, nil
}

// ChangePerson implements tsmp.Municipal.
func (a *Authority) ChangePerson(ctx context.Context, call *tsmp.Call, q *tsmp.ChangePersonRequest) (*tsmp.RecordedAnswer, error) {
	return a.recorded(a.config.Registry.ChangeAttributes(ctx, record.PersonID(q.Person), attributesOf(&q.Attributes), a.cause(call)))
}

// ReportDeparture implements tsmp.Municipal.
func (a *Authority) ReportDeparture(ctx context.Context, call *tsmp.Call, q *tsmp.ReportDepartureRequest) (*tsmp.RecordedAnswer, error) {
	leave := a.config.Registry.Die
	if q.Departure == tsmp.DepartureEmigration {
		leave = a.config.Registry.Emigrate
	}
	return a.recorded(leave(ctx, record.PersonID(q.Person), a.cause(call)))
}

func (a *Authority) recorded(err error) (*tsmp.RecordedAnswer, error) {
	if err != nil {
		return nil, refusedDesk(err)
	}
	return &tsmp.RecordedAnswer{RecordedAt: a.config.Registry.Now()}, nil
}

// IssueCard implements tsmp.Municipal. Spec: SPEC-CA-082.
func (a *Authority) IssueCard(ctx context.Context, call *tsmp.Call, q *tsmp.IssueCardRequest) (*tsmp.IssueCardAnswer, error) {
	id, err := a.config.Registry.IssueCard(ctx, record.PersonID(q.Person), q.NotAfter, a.cause(call))
	if err != nil {
		return nil, refusedDesk(err)
	}
	s, err := a.config.Registry.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	card, err := s.Card(id)
	if err != nil {
		return nil, err
	}
	answer := &tsmp.IssueCardAnswer{Card: tsmp.CardID(id), Replaced: tsmp.CardID(card.Replaces)}
	return answer, nil
}

// IssueCardCertificates implements tsmp.Municipal.
// Spec: SPEC-CA-080, SPEC-CA-081, SPEC-CA-085.
func (a *Authority) IssueCardCertificates(ctx context.Context, call *tsmp.Call, q *tsmp.IssueCardCertificatesRequest) (*tsmp.IssueCardCertificatesAnswer, error) {
	list, err := a.CertifyCards(ctx, record.CardID(q.Card), a.cause(call),
		CardKey{profile.CardSignature, q.SignatureRequest}, CardKey{profile.CardAuthentication, q.AuthenticationRequest})
	if err != nil {
		return nil, refusedDesk(err)
	}
	return &tsmp.IssueCardCertificatesAnswer{Signature: *cardCertificate(&list[0]), Authentication: *cardCertificate(&list[1])}, nil
}

// IssueCardCertificate implements tsmp.Municipal. Spec: SPEC-CA-080, SPEC-CA-081.
func (a *Authority) IssueCardCertificate(ctx context.Context, call *tsmp.Call, q *tsmp.IssueCardCertificateRequest) (*tsmp.IssueCardCertificateAnswer, error) {
	list, err := a.CertifyCards(ctx, record.CardID(q.Card), a.cause(call), CardKey{q.Kind, q.Request})
	if err != nil {
		return nil, refusedDesk(err)
	}
	return cardCertificate(&list[0]), nil
}

func cardCertificate(c *Certified) *tsmp.IssueCardCertificateAnswer {
	return &tsmp.IssueCardCertificateAnswer{Certificate: c.DER, CACertificate: c.Issuer.Certificate.Raw}
}

// ReportCardLoss implements tsmp.Municipal.
func (a *Authority) ReportCardLoss(ctx context.Context, call *tsmp.Call, q *tsmp.ReportCardLossRequest) (*tsmp.CardAnswer, error) {
	return a.cardAfter(ctx, q.Card, a.config.Registry.LoseCard(ctx, record.CardID(q.Card), a.cause(call)))
}

// HoldCard implements tsmp.Municipal.
func (a *Authority) HoldCard(ctx context.Context, call *tsmp.Call, q *tsmp.HoldCardRequest) (*tsmp.CardAnswer, error) {
	return a.cardAfter(ctx, q.Card, a.config.Registry.HoldCard(ctx, record.CardID(q.Card), a.cause(call)))
}

// LiftCard implements tsmp.Municipal.
func (a *Authority) LiftCard(ctx context.Context, call *tsmp.Call, q *tsmp.LiftCardRequest) (*tsmp.CardAnswer, error) {
	return a.cardAfter(ctx, q.Card, a.config.Registry.LiftCard(ctx, record.CardID(q.Card), a.cause(call)))
}

// cardAfter is the answer about a card after a change of it.
func (a *Authority) cardAfter(ctx context.Context, id tsmp.CardID, err error) (*tsmp.CardAnswer, error) {
	if err != nil {
		return nil, refusedDesk(err)
	}
	s, err := a.config.Registry.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return cardIn(s, record.CardID(id))
}

func attributesOf(at *tsmp.Attributes) record.Attributes {
	return record.Attributes{Name: at.Name, Address: at.Address, NameSubstitutes: at.NameSubstitutes, AddressSubstitutes: at.AddressSubstitutes,
		Sex: record.Sex(at.Sex - '0'), Municipality: at.Municipality, Ward: at.Ward}
}
