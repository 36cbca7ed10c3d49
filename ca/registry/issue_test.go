package registry_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

func TestOverview(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-002", "SPEC-CA-LIFECYCLE-010", "SPEC-CA-LIFECYCLE-031", "SPEC-CA-LIFECYCLE-033", "SPEC-CA-LIFECYCLE-051")
	w := memory(t)
	h := w.holder()
	c := w.pending(h, sim1)
	w.wantState(c, certificate.Pending, 0)
	_, err := w.Activate(ctx, c.Serial, []byte("receipt"), cause)
	w.ok(err)
	s := w.snapshot()
	defer s.Close()
	var acts []string
	var last record.Entry
	w.ok(s.Journal(ctx, 1, func(e *record.Entry) error {
		acts, last = append(acts, e.Act), *e
		return nil
	}))
	want := []string{"reserve service certificate", "complete certificate", "reserve service certificate", "complete certificate",
		"register person", "issue card", "reserve card certificate", "complete certificate", "reserve card certificate", "complete certificate",
		"register application", "place order", "reserve phone certificate", "complete certificate", "activate"}
	if d := cmp.Diff(want, acts); d != "" {
		t.Error(d)
	}
	if c.Serial != certificate.FirstSerial+2 || h.signature.Serial != certificate.FirstSerial+1 {
		t.Errorf("serial numbers %d and %d", h.signature.Serial, c.Serial)
	}
	evidence, found, err := s.Evidence(last.Exhibits[0].Hash)
	if err != nil || !found || string(evidence) != "receipt" || last.Exhibits[0].Hash != sha256.Sum256(evidence) {
		t.Errorf("evidence %q %v %v", evidence, found, err)
	}
	w.check()
}

func TestReservationIsFoundAgain(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-010", "SPEC-CA-LIFECYCLE-011", "SPEC-CA-LIFECYCLE-017")
	w := memory(t)
	h := w.holder()
	o := w.order(w.apply(h, sim1))
	q := registry.PhoneRequest{Order: o.ID, Generation: 1, Key: w.newKey()}
	first, err := w.ReservePhone(ctx, q, cause)
	w.ok(err)
	w.clock.advance(time.Hour)
	again, err := w.ReservePhone(ctx, q, cause)
	w.ok(err)
	if first != again {
		t.Errorf("reservation %+v, then %+v", first, again)
	}
	other := w.reserve(o)
	if other.Serial != first.Serial+1 {
		t.Errorf("serial %d after %d", other.Serial, first.Serial)
	}
	_, err = w.Complete(ctx, completionOf(&first.Certificate), cause)
	w.refused(err, registry.ReservationEnded)
	for want, change := range map[string]func(*record.Certificate){
		"serial number": func(c *record.Certificate) { c.Serial++ },
		"valid":         func(c *record.Certificate) { c.NotAfter = c.NotAfter.Add(time.Second) },
		"valid ":        func(c *record.Certificate) { c.NotBefore = c.NotBefore.Add(-time.Second) },
		"another key":   func(c *record.Certificate) { c.Key = w.newKey() },
	} {
		bad := other
		change(&bad)
		q := completionOf(&bad)
		q.Serial = other.Serial
		if _, err := w.Complete(ctx, q, cause); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("completion that differs: %v, want %q", err, want)
		}
	}
	done := w.complete(other)
	if again := w.complete(other); again != done {
		t.Errorf("completion %+v, then %+v", done, again)
	}
	q2 := completionOf(&other)
	q2.DER = derOf(&first.Certificate)
	_, err = w.Complete(ctx, q2, cause)
	w.refused(err, registry.DifferentRequest)
	w.check()
}

func TestReservationEnds(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-011", "SPEC-CA-LIFECYCLE-014")
	w := memory(t)
	h := w.holder()
	q := registry.CardRequest{Card: h.card, Kind: certificate.CardSignature, Generation: 1, Key: w.newKey()}
	c, err := w.ReserveCard(ctx, q, cause)
	w.ok(err)
	w.clock.advance(registry.PendingTerm + time.Second)
	_, err = w.Complete(ctx, completionOf(&c.Certificate), cause)
	w.refused(err, registry.ReservationEnded)
	_, err = w.ReserveCard(ctx, q, cause)
	w.refused(err, registry.KeyKnown)
	s := w.snapshot()
	defer s.Close()
	if _, known, err := s.Status(c.Authority, c.Serial); known || err != nil {
		t.Errorf("a void serial number is known: %v %v", known, err)
	}
}

func TestKnownKeys(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-014")
	w := memory(t)
	h, other := w.holder(), w.holder()
	c := w.enrolled(h, sim1)
	reserve := func(h holder, key record.Hash, attested bool) error {
		_, err := w.ReservePhone(ctx, registry.PhoneRequest{Order: w.order(w.apply(h, sim2)).ID, Generation: 1, Key: key, Attested: attested}, cause)
		return err
	}
	w.refused(reserve(h, c.Key, true), registry.KeyKnown) // live
	_, err := w.Revoke(ctx, c.Authority, c.Serial, certificate.CessationOfOperation, cause)
	w.ok(err)
	w.refused(reserve(h, c.Key, false), registry.KeyKnown)
	w.refused(reserve(other, c.Key, true), registry.KeyKnown)
	w.refused(reserve(h, h.authentication.Key, true), registry.KeyKnown)
	w.ok(reserve(h, c.Key, true))
	ended := h.authentication
	h.authentication = w.cardCertificate(h.card, certificate.CardAuthentication)
	w.refused(reserve(h, ended.Key, true), registry.KeyKnown) // of another kind
	w.check()
}

func TestValidity(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-012", "SPEC-CA-LIFECYCLE-016", "SPEC-CA-LIFECYCLE-022")
	w := memory(t)
	h := w.holder()
	if want := time.Date(2030, 9, 15, 14, 59, 59, 0, time.UTC); !h.signature.NotAfter.Equal(want) || !h.authentication.NotAfter.Equal(want) {
		t.Errorf("card certificates end %s and %s, want %s", h.signature.NotAfter, h.authentication.NotAfter, want)
	}
	w.clock.advance(365 * 24 * time.Hour)
	c := w.pending(h, sim1)
	if !c.NotAfter.Equal(h.signature.NotAfter) || c.Signature != h.signature.Serial || c.Parent != h.authentication.Serial {
		t.Errorf("phone certificate %+v does not end with the card's", c)
	}
	short := holder{person: h.person}
	var err error
	end := w.clock.now().Add(90 * 24 * time.Hour)
	short.card, err = w.IssueCard(ctx, h.person, end, cause)
	w.ok(err)
	if c := w.cardCertificate(short.card, certificate.CardAuthentication); !c.NotAfter.Equal(end) {
		t.Errorf("certificate ends %s, card %s", c.NotAfter, end)
	}
	_, err = w.ReserveCard(ctx, registry.CardRequest{Card: short.card, Kind: certificate.CardSignature, Generation: 2, Key: w.newKey()}, cause)
	w.refused(err, registry.UnknownGeneration)
	w.clock.advance(8 * 365 * 24 * time.Hour) // the authority has a year left
	w.newCard(&h)
	if want := certificate.CAValidUntil(begin); !h.signature.NotAfter.Equal(want) {
		t.Errorf("certificate ends %s, the authority's %s", h.signature.NotAfter, want)
	}
	w.check()
}

// TestValidityOfUnequalParents: the certificate of the card that ends first bounds
// the phone's, whichever it is.
func TestValidityOfUnequalParents(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-012", "SPEC-CA-LIFECYCLE-022")
	for _, renewed := range []certificate.Kind{certificate.CardSignature, certificate.CardAuthentication} {
		t.Run(renewed.String(), func(t *testing.T) {
			w := memory(t)
			h := w.holder()
			w.clock.advance(200 * 24 * time.Hour) // over a birthday
			later := w.cardCertificate(h.card, renewed)
			want := h.signature
			if renewed == certificate.CardSignature {
				want, h.signature = h.authentication, later
			}
			if end := time.Date(2031, 9, 15, 14, 59, 59, 0, time.UTC); !later.NotAfter.Equal(end) || !want.NotAfter.Equal(end.AddDate(-1, 0, 0)) {
				t.Fatalf("the card's certificates end %s and %s", want.NotAfter, later.NotAfter)
			}
			app := w.apply(h, sim1)
			s := w.snapshot()
			defer s.Close()
			if limit, err := s.PhoneLimit(app.ID); err != nil || !limit.Equal(want.NotAfter) {
				t.Errorf("limit %s (%v), want %s", limit, err, want.NotAfter)
			}
			if c := w.complete(w.reserve(w.order(app))); !c.NotAfter.Equal(want.NotAfter) {
				t.Errorf("phone certificate ends %s, want %s", c.NotAfter, want.NotAfter)
			}
			w.check()
		})
	}
}

func TestWhoSigns(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-013", "SPEC-CA-LIFECYCLE-015")
	w := memory(t)
	reserve := func(birth certificate.Date, ward bool, kind certificate.Kind) error {
		at := attributes("印鑑　太郎")
		at.Ward = ward
		id, err := w.RegisterPerson(ctx, birth, at, cause)
		w.ok(err)
		card, err := w.IssueCard(ctx, id, w.clock.now().AddDate(5, 0, 0), cause)
		w.ok(err)
		_, err = w.ReserveCard(ctx, registry.CardRequest{Card: card, Kind: kind, Generation: 1, Key: w.newKey()}, cause)
		return err
	}
	today := certificate.DateOf(begin)
	almost := certificate.Date{Year: today.Year - 15, Month: today.Month, Day: today.Day + 1}
	w.refused(reserve(almost, false, certificate.CardSignature), registry.TooYoung)
	w.ok(reserve(almost, false, certificate.CardAuthentication))
	w.ok(reserve(certificate.Date{Year: today.Year - 15, Month: today.Month, Day: today.Day}, false, certificate.CardSignature))
	w.refused(reserve(birth, true, certificate.CardSignature), registry.WardOfCourt)
	w.ok(reserve(birth, true, certificate.CardAuthentication))

	h := w.holder()
	w.ok(w.LoseCard(ctx, h.card, cause))
	_, err := w.ReserveCard(ctx, registry.CardRequest{Card: h.card, Kind: certificate.CardAuthentication, Generation: 1, Key: w.newKey()}, cause)
	w.refused(err, registry.CardNotInForce)
}

func TestEnvelope(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-032")
	w := memory(t)
	h := w.holder()
	c := w.pending(h, sim1)
	read := func() ([]byte, bool) {
		s := w.snapshot()
		defer s.Close()
		b, found, err := s.Envelope(c.Authority, c.Serial)
		w.ok(err)
		return b, found
	}
	for range 2 {
		if b, found := read(); !found || !bytes.Equal(b, envelopeOf(&c)) {
			t.Fatalf("envelope %x %v", b, found)
		}
		w.complete(c)
	}
	_, err := w.Activate(ctx, c.Serial, []byte("receipt"), cause)
	w.ok(err)
	if b, found := read(); found {
		t.Fatalf("envelope %x after the receipt", b)
	}
	w.complete(c) // an answer that was lost is asked for again: the envelope stays away
	if _, found := read(); found {
		t.Fatal("envelope is back")
	}
	var malformed registry.Completion
	if _, err := w.Complete(ctx, malformed, cause); err == nil || errors.Is(err, &registry.Refusal{}) {
		t.Errorf("empty completion: %v", err)
	}
}
