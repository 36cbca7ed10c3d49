package registry_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
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

func (w *world) service(au certificate.Authority, kind certificate.Kind, generation uint32, from, to time.Time) (record.Certificate, error) {
	return w.ReserveService(ctx, registry.ServiceRequest{Authority: au, Kind: kind, Generation: generation, Key: w.newKey(), NotBefore: from, NotAfter: to}, cause)
}

// Generations of an authority follow each other, each with one certificate.
func TestGenerations(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-101", "SPEC-CA-LIFECYCLE-102", "SPEC-CA-LIFECYCLE-016", "SPEC-CA-LIFECYCLE-044")
	w := memory(t)
	h := w.holder()
	const au, ca = certificate.AuthenticationAuthority, certificate.AuthenticationCA
	next := func(generation uint32) record.Certificate {
		c, err := w.service(au, ca, generation, w.Now(), time.Date(2055, 1, 1, 0, 0, 0, 0, time.UTC)) // a GeneralizedTime
		w.ok(err)
		return c
	}
	complete := func(c record.Certificate) error { _, err := w.Complete(ctx, completionOf(&c), cause); return err }
	responder := func(generation uint32) error {
		c, err := w.service(au, certificate.OCSPResponder, generation, w.Now(), w.Now().AddDate(0, 1, 0))
		if err != nil {
			return err
		}
		return complete(c)
	}
	_, err := w.service(au, ca, 1, w.Now(), w.Now().AddDate(1, 0, 0))
	w.refused(err, registry.DifferentRequest)
	second, again, third, fourth := next(2), next(2), next(3), next(4)
	w.ok(complete(second))
	w.refused(complete(again), registry.DifferentRequest)
	w.check()
	w.refused(complete(fourth), registry.UnknownGeneration)

	first, err := w.snapshot().Generation(au, 1)
	w.ok(err)
	_, err = w.Suspend(ctx, au, first.Serial, cause)
	w.refused(err, registry.NotActive) // no holder's
	w.ok(responder(1))
	_, err = w.Revoke(ctx, au, first.Serial, certificate.CACompromise, cause)
	w.ok(err)
	w.refused(responder(1), registry.UnknownGeneration)
	_, err = w.ReserveCard(ctx, registry.CardRequest{Card: h.card, Kind: certificate.CardAuthentication, Generation: 1, Key: w.newKey()}, cause)
	w.refused(err, registry.UnknownGeneration)
	w.ok(responder(2))
	_, err = w.Revoke(ctx, au, second.Serial, certificate.Superseded, cause)
	w.ok(err)
	w.refused(complete(third), registry.UnknownGeneration)
	w.check()
}

func TestServiceReservations(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-016", "SPEC-CA-LIFECYCLE-050")
	w := memory(t)
	const au, ca, responder = certificate.SignatureAuthority, certificate.SignatureCA, certificate.OCSPResponder
	now, end := w.Now(), certificate.CAValidUntil(begin)
	for name, do := range map[string]func() (record.Certificate, error){
		"no authority":   func() (record.Certificate, error) { return w.service(0, responder, 1, now, end) },
		"a card's":       func() (record.Certificate, error) { return w.service(au, certificate.CardSignature, 1, now, end) },
		"the other's":    func() (record.Certificate, error) { return w.service(au, certificate.AuthenticationCA, 2, now, end) },
		"no generation":  func() (record.Certificate, error) { return w.service(au, ca, 0, now, end) },
		"ends at once":   func() (record.Certificate, error) { return w.service(au, ca, 2, now, now) },
		"ends backwards": func() (record.Certificate, error) { return w.service(au, ca, 2, now, now.Add(-time.Second)) },
	} {
		w.malformed(name, func() error { _, err := do(); return err })
	}
	_, err := w.service(au, ca, 2, now.AddDate(-1, 0, 0), now)
	w.refused(err, registry.NothingLeftOfTerm)
	_, err = w.service(au, responder, 1, end, end.AddDate(1, 0, 0)) // the authority's ends as it begins
	w.refused(err, registry.NothingLeftOfTerm)
	c, err := w.service(au, responder, 1, now, end.AddDate(1, 0, 0))
	if w.ok(err); !c.NotAfter.Equal(end) {
		t.Errorf("a responder's certificate ends %s, the authority's %s", c.NotAfter, end)
	}
}

// What is asked for again is the same reservation; what differs in anything is not.
func TestOtherReservations(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-011", "SPEC-CA-LIFECYCLE-014")
	w := memory(t)
	h := w.holder()
	w.authorities(2)
	card := registry.CardRequest{Card: h.card, Kind: certificate.CardAuthentication, Generation: 1, Key: w.newKey()}
	_, err := w.ReserveCard(ctx, card, cause)
	w.ok(err)
	other := card
	other.Generation = 2
	_, err = w.ReserveCard(ctx, other, cause)
	w.refused(err, registry.KeyKnown)
	w.ok(w.ChangeAttributes(ctx, h.person, attributes("別名　花子"), cause))
	_, err = w.ReserveCard(ctx, card, cause)
	w.refused(err, registry.KeyKnown)

	w.clock.advance(400 * 24 * time.Hour)                              // over a birthday
	h.signature = w.cardCertificate(h.card, certificate.CardSignature) // ends after the other
	w.clock.seconds.Store(h.authentication.NotAfter.Unix() - 60)
	app := w.apply(h, sim1)
	phone := registry.PhoneRequest{Order: w.order(app).ID, Generation: 1, Key: w.newKey(), Attested: true}
	serial := func() uint64 { w.t.Helper(); c, err := w.ReservePhone(ctx, phone, cause); w.ok(err); return c.Serial }
	first, before := serial(), w.anchor()
	if serial() != first || w.anchor() != before {
		t.Error("the same reservation is carried out twice")
	}
	key := phone.Key
	phone.Key = w.newKey()
	second := serial()
	phone.Key = key
	if got := serial(); got != first || second == first || w.anchor().Number != before.Number+2 {
		t.Errorf("the first key again: %d, %d, %d", first, second, got)
	}
	phone.Order = w.order(app).ID
	if got := serial(); got == first {
		t.Error("the reservation of another order")
	}
	first = serial()
	w.clock.advance(2 * time.Minute)
	w.cardCertificate(h.card, certificate.CardAuthentication)
	if got := serial(); got == first {
		t.Error("a reservation that rests on an expired certificate")
	}
	w.check()
}

// The last serial number is the profile's last.
func TestSerialsEnd(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-010", "SPEC-CA-LIFECYCLE-050")
	w := newWorld(t, vfs.NewMem())
	defer func() { w.Close() }()
	card := w.newPersonsCard()
	w.ok(w.Close())
	w.intrude(func(db *pebble.DB) {
		value, closer, err := db.Get(metaHead)
		w.ok(err)
		var h record.Head
		w.ok(record.Decode(value, &h))
		w.ok(closer.Close())
		h.Next[certificate.SignatureAuthority] = certificate.MaxSerial
		w.ok(db.Set(metaHead, record.Append(nil, &h), pebble.Sync))
	})
	w.Registry = open(t, w.fs, w.clock)
	reserve := func() error {
		_, err := w.ReserveCard(ctx, registry.CardRequest{Card: card, Kind: certificate.CardSignature, Generation: 1, Key: w.newKey()}, cause)
		return err
	}
	w.ok(reserve())
	w.refused(reserve(), registry.SerialsExhausted)
	_, err := w.Import(ctx, []registry.Import{w.importOf(), w.importOf(imported(signatureKind, active))}, cause)
	w.refused(err, registry.SerialsExhausted)
}

// An identifier is given once, whatever the source of entropy repeats.
func TestIdentifiersAreNew(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-089")
	w := newWorld(t, vfs.NewMem())
	defer func() { w.Close() }()
	first, err := w.RegisterPerson(ctx, birth, attributes("印鑑"), cause)
	w.ok(err)
	w.ok(w.Close())
	w.Registry = open(t, w.fs, w.clock) // the same seed
	second, err := w.RegisterPerson(ctx, birth, attributes("印鑑"), cause)
	if w.ok(err); first == second {
		t.Error("two persons have one identifier")
	}
}
