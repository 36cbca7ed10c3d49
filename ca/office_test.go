package ca

import (
	"crypto/x509"
	"testing"

	"inkan/ca/keys/testkeys"
	profile "inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// offices are two municipalities that know their own, and a third party that is none.
func (w *world) offices() (kiyose, other, stranger func(byte) *tsmp.Call) {
	w.t.Helper()
	at := func(party tsmp.PartyID) func(byte) *tsmp.Call {
		return func(number byte) *tsmp.Call {
			c := w.city(number)
			c.Sender = party
			return c
		}
	}
	w.config.Offices = map[tsmp.PartyID]string{"kiyose.inkan.example": profile.Municipalities()[0].Code, "other.inkan.example": profile.Municipalities()[1].Code}
	var err error
	w.ca, err = New(w.config)
	w.ok(err)
	return at("kiyose.inkan.example"), at("other.inkan.example"), at("none.inkan.example")
}

// Whatever a municipality asks about another's resident, there is no such person,
// card or phone. The resident's own is served.
func TestOfficesKnowTheirOwn(t *testing.T) {
	req.Covers(t, "SPEC-CA-084", "SPEC-CA-LIFECYCLE-094", "SPEC-CA-LIFECYCLE-095")
	w := newWorld(t)
	_, app, _ := w.activated(1, 3)
	kiyose, other, stranger := w.offices()
	for i, step := range w.municipalSteps(app.Phone) {
		for n, foreign := range []func(byte) *tsmp.Call{other, stranger} {
			t.Run(step.name, func(*testing.T) { w.refused(step.do(foreign(byte(2*i+n+1))), step.code) })
		}
		if err := step.do(kiyose(byte(i + 1))); err != nil {
			t.Errorf("%s by the resident's own municipality: %v", step.name, err)
		}
	}
}

// municipalStep is one call of a municipality, and how it is answered about somebody
// else's resident.
type municipalStep struct {
	name string
	code tsmp.Code
	do   func(*tsmp.Call) error
}

// municipalSteps are all calls of a municipality about the person with the phone: those
// that look or turn first, and then those that end something.
func (w *world) municipalSteps(phone tsmp.PhoneID) []municipalStep {
	return append(w.stepsOnCard(phone), w.stepsOnPerson(phone)...)
}

func (w *world) stepsOnCard(phone tsmp.PhoneID) []municipalStep {
	w.t.Helper()
	ctx, person, card := w.t.Context(), tsmp.PersonID(w.person), tsmp.CardID(w.card)
	csr, err := x509.CreateCertificateRequest(nil, &x509.CertificateRequest{SignatureAlgorithm: x509.SHA256WithRSA}, testkeys.Holder(5))
	w.ok(err)
	desk := tsmp.Cause{Ground: tsmp.GroundAuthority, Case: "1"}
	return []municipalStep{
		{"GetPerson", tsmp.CodeUnknownPerson, func(c *tsmp.Call) error {
			_, err := w.ca.GetPerson(ctx, c, &tsmp.GetPersonRequest{Person: person, Case: "1"})
			return err
		}},
		{"FindServiceInstances", tsmp.CodeUnknownPerson, func(c *tsmp.Call) error {
			_, err := w.ca.FindServiceInstances(ctx, c, &tsmp.FindServiceInstancesRequest{Person: person, Case: "1"})
			return err
		}},
		{"FindServiceInstances by card", tsmp.CodeUnknownCard, func(c *tsmp.Call) error {
			_, err := w.ca.FindServiceInstances(ctx, c, &tsmp.FindServiceInstancesRequest{Card: card, Case: "1"})
			return err
		}},
		{"GetCertificateStatus", tsmp.CodeUnknownPhone, func(c *tsmp.Call) error {
			_, err := w.ca.GetCertificateStatus(ctx, c, &tsmp.GetCertificateStatusRequest{Phone: phone})
			return err
		}},
		{"IssueCardCertificate", tsmp.CodeUnknownCard, func(c *tsmp.Call) error {
			_, err := w.ca.IssueCardCertificate(ctx, c, &tsmp.IssueCardCertificateRequest{Card: card, Kind: profile.CardSignature, Request: csr, Case: "1"})
			return err
		}},
		{"HoldCard", tsmp.CodeUnknownCard, func(c *tsmp.Call) error {
			_, err := w.ca.HoldCard(ctx, c, &tsmp.HoldCardRequest{Card: card, Cause: desk})
			return err
		}},
		{"LiftCard", tsmp.CodeUnknownCard, func(c *tsmp.Call) error {
			_, err := w.ca.LiftCard(ctx, c, &tsmp.LiftCardRequest{Card: card, Cause: desk})
			return err
		}},
	}
}

func (w *world) stepsOnPerson(phone tsmp.PhoneID) []municipalStep {
	w.t.Helper()
	ctx, person, card := w.t.Context(), tsmp.PersonID(w.person), tsmp.CardID(w.card)
	desk := tsmp.Cause{Ground: tsmp.GroundAuthority, Case: "1"}
	attributes := hanako
	attributes.Municipality = profile.Municipalities()[0]
	return []municipalStep{
		{"Suspend", tsmp.CodeUnknownPhone, func(c *tsmp.Call) error {
			_, err := w.ca.Suspend(ctx, c, &tsmp.SuspendRequest{Phone: phone, Cause: desk})
			return err
		}},
		{"Resume", tsmp.CodeUnknownPhone, func(c *tsmp.Call) error {
			_, err := w.ca.Resume(ctx, c, &tsmp.ResumeRequest{Phone: phone, Cause: desk})
			return err
		}},
		{"Revoke", tsmp.CodeUnknownPhone, func(c *tsmp.Call) error {
			_, err := w.ca.Revoke(ctx, c, &tsmp.RevokeRequest{Phone: phone, Cause: desk})
			return err
		}},
		{"ChangePerson", tsmp.CodeUnknownPerson, func(c *tsmp.Call) error {
			_, err := w.ca.ChangePerson(ctx, c, &tsmp.ChangePersonRequest{Person: person, Attributes: attributes, Case: "1"})
			return err
		}},
		{"ReportCardLoss", tsmp.CodeUnknownCard, func(c *tsmp.Call) error {
			_, err := w.ca.ReportCardLoss(ctx, c, &tsmp.ReportCardLossRequest{Card: card, Case: "1"})
			return err
		}},
		{"IssueCard", tsmp.CodeUnknownPerson, func(c *tsmp.Call) error {
			_, err := w.ca.IssueCard(ctx, c, &tsmp.IssueCardRequest{Person: person, NotAfter: w.now.AddDate(9, 0, 0), Case: "1"})
			return err
		}},
		{"ReportDeparture", tsmp.CodeUnknownPerson, func(c *tsmp.Call) error {
			_, err := w.ca.ReportDeparture(ctx, c, &tsmp.ReportDepartureRequest{Person: person, Departure: tsmp.DepartureEmigration, Case: "1"})
			return err
		}},
		{"RegisterPerson", tsmp.CodeNotAuthorised, func(c *tsmp.Call) error {
			_, err := w.ca.RegisterPerson(ctx, c, &tsmp.RegisterPersonRequest{Birth: profile.Date{Year: 1990, Month: 1, Day: 1}, Attributes: attributes, Case: "1"})
			return err
		}},
	}
}

// A person moves when the municipality that is left says so, and then only the new
// one has to do with the person. The call that handed over is answered again.
func TestHandOver(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-096", "SPEC-CA-LIFECYCLE-092")
	w := newWorld(t)
	kiyose, other, _ := w.offices()
	change := func(c *tsmp.Call, address string, to int) error {
		at := hanako
		at.Address, at.Municipality = address, profile.Municipalities()[to]
		_, err := w.ca.ChangePerson(t.Context(), c, &tsmp.ChangePersonRequest{Person: tsmp.PersonID(w.person), Attributes: at, Case: "1"})
		return err
	}
	w.refused(change(other(1), "一丁目", 1), tsmp.CodeUnknownPerson) // taken, not given
	w.ok(change(kiyose(1), "一丁目", 1))
	w.refused(change(kiyose(2), "二丁目", 0), tsmp.CodeUnknownPerson)
	w.ok(change(other(2), "一丁目二番", 1))
	w.ok(change(kiyose(1), "一丁目", 1)) // the same call: it was carried out
	s, err := w.reg.Snapshot(t.Context())
	w.ok(err)
	defer s.Close()
	p, err := s.Person(w.person)
	w.ok(err)
	if p.Address != "一丁目二番" || p.Municipality != profile.Municipalities()[1] {
		t.Errorf("%+v", p.Attributes)
	}
}
