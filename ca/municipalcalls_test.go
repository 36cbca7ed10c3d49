package ca

import (
	"context"
	"crypto/x509"
	"testing"
	"time"

	"inkan/ca/keys/testkeys"
	profile "inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// city is a call of a municipality, the same one for the same number.
func (w *world) city(number byte) *tsmp.Call {
	c := &tsmp.Call{Sender: "kiyose.inkan.example", Role: tsmp.RoleMunicipality, Sent: w.now, Evidence: []byte{number}}
	c.ID[0], c.ID[15] = 0xC1, number
	return c
}

var hanako = tsmp.Attributes{Name: "印鑑　花子", Address: "東京都清瀬市中里五丁目", Sex: profile.Female, Municipality: profile.Municipalities()[1]}

// From the register to a card with both certificates, each call twice, as after a
// crash of either side.
func TestMunicipality(t *testing.T) {
	req.Covers(t, "SPEC-CA-082", "SPEC-CA-LIFECYCLE-089", "SPEC-CA-083")
	w := newWorld(t)
	ctx := t.Context()
	person := twice(t, w.ca.RegisterPerson, w.city(1), &tsmp.RegisterPersonRequest{Birth: profile.Date{Year: 1992, Month: 2, Day: 29}, Attributes: hanako, Case: "1"}).Person
	card := twice(t, w.ca.IssueCard, w.city(2), &tsmp.IssueCardRequest{Person: person, NotAfter: w.now.AddDate(10, 0, 0), Case: "2"}).Card
	for number, kind := range map[byte]profile.Kind{3: profile.CardSignature, 4: profile.CardAuthentication} {
		csr, err := x509.CreateCertificateRequest(nil, &x509.CertificateRequest{SignatureAlgorithm: x509.SHA256WithRSA}, testkeys.Holder(int(number)))
		w.ok(err)
		answer, err := w.ca.IssueCardCertificate(ctx, w.city(number), &tsmp.IssueCardCertificateRequest{Card: card, Kind: kind, Request: csr, Case: "2"})
		w.ok(err)
		own, err := x509.ParseCertificate(answer.Certificate)
		w.ok(err)
		issuer, err := x509.ParseCertificate(answer.CACertificate)
		w.ok(err)
		w.ok(own.CheckSignatureFrom(issuer))
		again, err := w.ca.IssueCardCertificate(ctx, w.city(number), &tsmp.IssueCardCertificateRequest{Card: card, Kind: kind, Request: csr, Case: "2"})
		w.ok(err)
		if string(again.Certificate) != string(answer.Certificate) {
			t.Errorf("%s: another certificate to the same call", kind)
		}
	}
	next := twice(t, w.ca.IssueCard, w.city(5), &tsmp.IssueCardRequest{Person: person, NotAfter: w.now.AddDate(10, 0, 0), Case: "3"})
	if next.Replaced != card || next.Card == card {
		t.Errorf("%+v, want %s replaced", next, card)
	}
	got, err := w.ca.GetPerson(ctx, w.city(6), &tsmp.GetPersonRequest{Person: person, Case: "4"})
	w.ok(err)
	if got.Attributes != hanako || got.Standing != tsmp.StandingResident || len(got.Cards) != 2 || got.Cards[0].Card != next.Card || got.Cards[0].State != tsmp.CardInForce ||
		got.Cards[1].State != tsmp.CardReplaced || len(got.Cards[1].Certificates) != 2 || got.Cards[1].Certificates[0].State != profile.Revoked {
		t.Errorf("%+v %+v", got, got.Cards)
	}
	w.ok2(w.ca.ReportDeparture(ctx, w.city(7), &tsmp.ReportDepartureRequest{Person: person, Departure: tsmp.DepartureDeath, Case: "5"}))
	_, err = w.ca.IssueCard(ctx, w.city(8), &tsmp.IssueCardRequest{Person: person, NotAfter: w.now.AddDate(10, 0, 0), Case: "6"})
	w.refused(err, tsmp.CodeNotResident)
	_, err = w.ca.ChangePerson(ctx, w.city(9), &tsmp.ChangePersonRequest{Person: tsmp.PersonID{1}, Attributes: hanako, Case: "7"})
	w.refused(err, tsmp.CodeUnknownPerson)
}

// twice makes a call twice, an hour apart, and demands what it made once.
func twice[Q any, A comparable](t *testing.T, f func(context.Context, *tsmp.Call, Q) (*A, error), call *tsmp.Call, q Q) *A {
	t.Helper()
	first, err := f(t.Context(), call, q)
	if err != nil {
		t.Fatal(err)
	}
	again, err := f(t.Context(), call, q)
	if err != nil {
		t.Fatal(err)
	}
	if *first != *again {
		t.Errorf("%+v, then %+v", *first, *again)
	}
	return first
}

func (w *world) ok2(_ any, err error) {
	w.t.Helper()
	w.ok(err)
}

// The help desk finds what it may hold, and what is held stays with a municipality
// to free.
func TestHelpDesk(t *testing.T) {
	req.Covers(t, "SPEC-CA-083", "SPEC-CA-013")
	w := newWorld(t)
	ctx := t.Context()
	_, app, _ := w.activated(1, 3)
	open := w.apply(2, 1)
	desk := w.city(1)
	desk.Role = tsmp.RoleHelpDesk
	found, err := w.ca.FindServiceInstances(ctx, desk, &tsmp.FindServiceInstancesRequest{Card: tsmp.CardID(w.card), Case: "1"})
	w.ok(err)
	if len(found.Phones) != 2 || found.Phones[0].Phone != open.Phone || len(found.Phones[0].Certificates) != 0 || found.Phones[1].Phone != app.Phone {
		t.Fatalf("%+v", found.Phones)
	}
	cause := tsmp.Cause{Ground: tsmp.GroundHotline, Case: "2"}
	card, err := w.ca.HoldCard(ctx, desk, &tsmp.HoldCardRequest{Card: tsmp.CardID(w.card), Cause: cause})
	w.ok(err)
	if card.State != tsmp.CardHeld || card.Certificates[0].State != profile.Suspended || card.Certificates[0].Reason != profile.CertificateHold {
		t.Errorf("%+v", card)
	}
	w.now = w.now.Add(time.Hour)
	card, err = w.ca.LiftCard(ctx, w.city(2), &tsmp.LiftCardRequest{Card: tsmp.CardID(w.card), Cause: tsmp.Cause{Ground: tsmp.GroundAuthority, Case: "3"}})
	w.ok(err)
	if card.State != tsmp.CardInForce || card.Certificates[0].State != profile.Active || !card.Since.Equal(w.now) {
		t.Errorf("%+v", card)
	}
	card, err = w.ca.ReportCardLoss(ctx, w.city(3), &tsmp.ReportCardLossRequest{Card: tsmp.CardID(w.card), Case: "4"})
	w.ok(err)
	if card.State != tsmp.CardLost || w.state(app.Phone) != profile.Revoked {
		t.Errorf("%+v, phone %v", card, w.state(app.Phone))
	}
	desk.ID[0]++
	_, err = w.ca.HoldCard(ctx, desk, &tsmp.HoldCardRequest{Card: tsmp.CardID(w.card), Cause: cause})
	w.refused(err, tsmp.CodeCardNotInForce)
}
