package registry_test

import (
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"math/big"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

var both = []certificate.Kind{certificate.CardSignature, certificate.CardAuthentication}

// requestBoth asks for both certificates of a card, each with evidence of its own.
func (w *world) requestBoth(card record.CardID) []registry.CardRequest {
	list := make([]registry.CardRequest, len(both))
	for i, kind := range both {
		list[i] = registry.CardRequest{Card: card, Kind: kind, Generation: 1, Key: w.newKey(),
			Evidence: []registry.Evidence{{Name: "certificate request", Bytes: []byte(kind.String())}}}
	}
	return list
}

func completeBoth(rows []registry.Reservation) []registry.Completion {
	list := make([]registry.Completion, len(rows))
	for i := range rows {
		list[i] = completionOf(&rows[i].Certificate)
		list[i].Evidence = []registry.Evidence{{Name: "certificate request", Bytes: []byte(rows[i].Kind.String())}}
	}
	return list
}

// entries are the journal's from a number on.
func (w *world) entries(from uint64) (list []record.Entry) {
	w.t.Helper()
	s := w.snapshot()
	defer s.Close()
	w.ok(s.Journal(ctx, from, func(e *record.Entry) error {
		copied := *e
		copied.Exhibits = slices.Clone(e.Exhibits)
		list = append(list, copied)
		return nil
	}))
	return list
}

func (w *world) newPersonsCard() record.CardID {
	w.t.Helper()
	id, err := w.RegisterPerson(ctx, birth, attributes("印鑑　花子"), cause)
	w.ok(err)
	card, err := w.IssueCard(ctx, id, w.Now().AddDate(10, 0, 0), cause)
	w.ok(err)
	return card
}

// TestBothAtOnce: what one operation does of two reservations, and one of two
// completions, is what two of each do one after the other.
func TestBothAtOnce(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-097", "SPEC-CA-LIFECYCLE-011", "SPEC-CA-LIFECYCLE-051")
	w := memory(t)
	card := w.newPersonsCard()
	first := w.anchor().Number + 1
	requests := w.requestBoth(card)
	rows, err := w.ReserveCards(ctx, cause, requests...)
	w.ok(err)
	again, err := w.ReserveCards(ctx, cause, requests...)
	w.ok(err)
	if d := cmp.Diff(rows, again); d != "" {
		t.Errorf("another reservation: %s", d)
	}
	done, err := w.CompleteAll(ctx, cause, completeBoth(rows)...)
	w.ok(err)
	doneAgain, err := w.CompleteAll(ctx, cause, completeBoth(rows)...)
	w.ok(err)
	if d := cmp.Diff(done, doneAgain); d != "" {
		t.Errorf("another completion: %s", d)
	}
	list := w.entries(first)
	if len(list) != 4 {
		t.Fatalf("%d entries, want 4", len(list))
	}
	for i, e := range list {
		c := done[i%2]
		act := []string{"reserve card certificate", "complete certificate"}[i/2]
		want := []record.Exhibit{{Name: "certificate request", Hash: sha256.Sum256([]byte(c.Kind.String()))}}
		if e.Act != act || e.Subject.Authority != c.Authority || e.Subject.Serial != c.Serial || e.Subject.Card != card || !slices.Equal(e.Exhibits, want) {
			t.Errorf("entry %d: %+v", e.Number, e)
		}
		w.wantState(c, certificate.Active, 0)
	}
	w.check()

	// new ones take the place of both
	rows, err = w.ReserveCards(ctx, cause, w.requestBoth(card)...)
	w.ok(err)
	_, err = w.CompleteAll(ctx, cause, completeBoth(rows)...)
	w.ok(err)
	for i := range done {
		w.wantState(done[i], certificate.Revoked, certificate.Superseded)
		w.wantState(rows[i].Certificate, certificate.Active, 0)
	}
	w.check()
}

// TestBothOrNeither: when one of two is refused, or malformed, nothing of the other
// remains, whichever comes first, and the refusal alone is in the journal.
func TestBothOrNeither(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-097", "SPEC-CA-LIFECYCLE-050")
	w := memory(t)
	card := w.newPersonsCard()
	known := w.holder().authentication.Key
	for i := range both {
		requests := w.requestBoth(card)
		requests[i].Key = known
		from := w.anchor().Number + 1
		_, err := w.ReserveCards(ctx, cause, requests...)
		w.refused(err, registry.KeyKnown)
		if list := w.entries(from); len(list) != 1 || list[0].Refused != string(registry.KeyKnown) || list[0].Subject.Card != card ||
			list[0].Exhibits[0].Hash != sha256.Sum256([]byte(both[i].String())) {
			t.Errorf("entries %+v", list)
		}
		requests = w.requestBoth(card)
		requests[i].Kind = certificate.PhoneAuthentication
		before := w.anchor()
		if _, err := w.ReserveCards(ctx, cause, requests...); err == nil || errors.Is(err, &registry.Refusal{}) || w.anchor() != before {
			t.Errorf("a phone's among a card's: %v", err)
		}
	}
	rows, err := w.ReserveCards(ctx, cause, w.requestBoth(card)...)
	w.ok(err)
	if want := certificate.FirstSerial + 2; rows[0].Serial != want || rows[1].Serial != want {
		t.Errorf("serials %d and %d, want %d: what was refused has used some", rows[0].Serial, rows[1].Serial, want)
	}
	for i := range both {
		before := w.anchor()
		list := completeBoth(rows)
		list[i].DER = completionOf(&rows[1-i].Certificate).DER
		if _, err := w.CompleteAll(ctx, cause, list...); err == nil || errors.Is(err, &registry.Refusal{}) || w.anchor() != before {
			t.Errorf("completed with the other's certificate: %v", err)
		}
		list = completeBoth(rows)
		list[i].Serial += 5
		_, err := w.CompleteAll(ctx, cause, list...)
		w.refused(err, registry.UnknownCertificate)
	}
	s := w.snapshot()
	defer s.Close()
	for i := range rows {
		if c, err := s.Certificate(rows[i].Authority, rows[i].Serial); err != nil || c.Stage != record.Reserved {
			t.Errorf("%+v %v", c, err)
		}
	}
	w.check()
}

// TestCrashOfBoth cuts the issue of both certificates before every write: there are
// both reservations or none, both certificates or none, and the same call goes on to
// the same two.
func TestCrashOfBoth(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-097", "SPEC-CA-LIFECYCLE-003", "SPEC-CA-LIFECYCLE-011")
	c, fs := newCrashes()
	w := newWorld(t, fs)
	defer func() { w.Close() }()
	card := w.newPersonsCard()
	requests := w.requestBoth(card)
	issue := func(w *world) []record.Certificate {
		rows, err := w.ReserveCards(ctx, cause, requests...)
		if errors.Is(err, &registry.Refusal{Code: registry.KeyKnown}) {
			s := w.snapshot()
			defer s.Close()
			list, err := s.OfCard(card)
			w.ok(err)
			return list
		}
		w.ok(err)
		done, err := w.CompleteAll(ctx, cause, completeBoth(rows)...)
		w.ok(err)
		return done
	}
	states := []registry.Anchor{w.anchor()}
	var want []record.Certificate
	clones := c.during(func() {
		rows, err := w.ReserveCards(ctx, cause, requests...)
		w.ok(err)
		states = append(states, w.anchor())
		want, err = w.CompleteAll(ctx, cause, completeBoth(rows)...)
		w.ok(err)
		states = append(states, w.anchor())
	})
	if states[1].Number != states[0].Number+2 || states[2].Number != states[1].Number+2 {
		t.Fatalf("journal at %d, %d, %d", states[0].Number, states[1].Number, states[2].Number)
	}
	for i, clone := range append(clones, c.disk.CrashClone(vfs.CrashCloneCfg{})) {
		after := w.onClone(clone, "both", states...)
		got := issue(after)
		if len(got) != len(want) {
			t.Fatalf("crash %d: %d certificates", i, len(got))
		}
		for n := range got {
			if got[n].Serial != want[n].Serial || got[n].DER != want[n].DER || got[n].State != certificate.Active {
				t.Fatalf("crash %d: %+v, without crash %+v", i, got[n], want[n])
			}
		}
		after.check()
		w.ok(after.Close())
	}
	t.Logf("%d crashes", len(clones))
}

// TestImportWithEarlierCertificates: the live certificate of a kind is the card's,
// wherever among the others it stands: the next one takes its place.
func TestImportWithEarlierCertificates(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-018", "SPEC-CA-LIFECYCLE-019")
	w := memory(t)
	from, end := w.Now().AddDate(-1, 0, 0), w.Now().AddDate(4, 0, 0)
	i := registry.Import{Birth: birth, Attributes: attributes("印鑑"), CardNotAfter: end}
	states := []certificate.State{certificate.Revoked, certificate.Active, certificate.Revoked}
	for _, kind := range both {
		for _, state := range states {
			c := registry.ImportedCertificate{Kind: kind, Generation: 1, NotBefore: from, NotAfter: end, Key: w.newKey(), State: state, Since: from}
			if state == certificate.Revoked {
				c.Reason = certificate.Superseded
			}
			i.Certificates = append(i.Certificates, c)
		}
	}
	ids, err := w.Import(ctx, []registry.Import{i}, cause)
	w.ok(err)
	s := w.snapshot()
	p, err := s.Person(ids[0])
	w.ok(err)
	list, err := s.OfCard(p.Card)
	w.ok(err)
	w.ok(s.Close())
	rows, err := w.ReserveCards(ctx, cause, w.requestBoth(p.Card)...)
	w.ok(err)
	_, err = w.CompleteAll(ctx, cause, completeBoth(rows)...)
	w.ok(err)
	for n := range list {
		w.wantState(list[n], certificate.Revoked, certificate.Superseded)
		if was := states[n%len(states)]; list[n].State != was {
			t.Errorf("imported %d is %v, want %v", n, list[n].State, was)
		}
	}
	w.check()
}

// FuzzCompletion: what is read of a certificate is what crypto/x509 reads; anything
// else is an error and changes nothing, or refused.
func FuzzCompletion(f *testing.F) {
	w := newWorld(f, vfs.NewMem())
	rows, err := w.ReserveCards(ctx, cause, w.requestBoth(w.newPersonsCard())...)
	w.ok(err)
	good := completionOf(&rows[0].Certificate)
	f.Add(good.DER)
	f.Add(good.DER[:len(good.DER)-1])
	f.Add(completionOf(&rows[1].Certificate).DER) // of the other reservation: refused
	f.Add([]byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, der []byte) {
		q := good
		q.DER = der
		w.t = t
		before := w.anchor()
		_, err := w.CompleteAll(ctx, cause, q)
		if err != nil {
			if !errors.As(err, new(*registry.Refusal)) && w.anchor() != before { // refusals are in the journal
				t.Fatalf("an error has changed something: %v", err)
			}
			return
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Skip("damaged behind what is read")
		}
		if c.SerialNumber.Cmp(new(big.Int).SetUint64(rows[0].Serial)) != 0 || !c.NotAfter.Equal(rows[0].NotAfter) || sha256.Sum256(c.RawSubjectPublicKeyInfo) != rows[0].Key {
			t.Fatalf("completed with another certificate: %s", c.SerialNumber)
		}
	})
}
