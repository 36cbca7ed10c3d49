package registry_test

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/entropy"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

// What an application rests on, one condition at a time.
func TestEligibility(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-020")
	w := memory(t)
	apply := func(signature uint64) error {
		_, err := w.RegisterApplication(ctx, w.request(signature, sim1), cause)
		return err
	}
	h := w.holder()
	w.ok(apply(h.signature.Serial))

	_, err := w.Suspend(ctx, h.signature.Authority, h.signature.Serial, cause)
	w.ok(err)
	w.refused(apply(h.signature.Serial), registry.SignatureNotValid)
	_, err = w.Resume(ctx, h.signature.Authority, h.signature.Serial, cause)
	w.ok(err)
	_, err = w.Suspend(ctx, h.authentication.Authority, h.authentication.Serial, cause)
	w.ok(err)
	w.refused(apply(h.signature.Serial), registry.NoAuthentication)

	reserved, err := w.ReserveCard(ctx, registry.CardRequest{Card: h.card, Kind: certificate.CardSignature, Generation: 1, Key: w.newKey()}, cause)
	w.ok(err)
	w.refused(apply(reserved.Serial), registry.UnknownCertificate)

	var half holder
	half.person, err = w.RegisterPerson(ctx, birth, attributes("印鑑　次郎"), cause)
	w.ok(err)
	half.card, err = w.IssueCard(ctx, half.person, w.Now().AddDate(10, 0, 0), cause)
	w.ok(err)
	signature := w.cardCertificate(half.card, certificate.CardSignature)
	w.refused(apply(signature.Serial), registry.NoAuthentication)

	// The authentication certificate ends a birthday before the signature certificate.
	old := w.holder()
	w.clock.advance(400 * 24 * time.Hour)
	later := w.cardCertificate(old.card, certificate.CardSignature)
	w.ok(apply(later.Serial))
	w.clock.advance(old.authentication.NotAfter.Sub(w.Now()) + time.Second)
	w.refused(apply(later.Serial), registry.NoAuthentication)
	w.check()
}

// The call of an order is one request: whatever differs makes it another.
func TestOrderOfTheSameCall(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-028", "SPEC-CA-LIFECYCLE-080")
	w := memory(t)
	h, other := w.holder(), w.holder()
	signed := w.request(h.signature.Serial, sim1)
	signed.Sender = "one"
	app, err := w.RegisterApplication(ctx, signed, cause)
	w.ok(err)
	call := cause
	call.Call = "call"
	q := registry.OrderRequest{Application: app.ID, Sender: "one", SIM: sim1, Instance: aid}
	first, err := w.PlaceOrder(ctx, q, call)
	w.ok(err)
	for what, c := range map[string]struct {
		change func(*registry.OrderRequest)
		code   registry.Code
	}{
		"sender":      {func(q *registry.OrderRequest) { q.Sender = "two" }, registry.UnknownApplication},
		"application": {func(q *registry.OrderRequest) { q.Application = w.apply(other, sim1).ID }, registry.DifferentRequest},
		"SIM":         {func(q *registry.OrderRequest) { q.SIM = sim2 }, registry.DifferentRequest},
		"instance":    {func(q *registry.OrderRequest) { q.Instance = append([]byte{1}, aid...) }, registry.DifferentRequest},
	} {
		t.Log(what)
		next := q
		c.change(&next)
		_, err := w.PlaceOrder(ctx, next, call)
		w.refused(err, c.code)
	}
	q.Sender = "" // who may name all
	if again, err := w.PlaceOrder(ctx, q, call); err != nil || again.ID != first.ID {
		t.Errorf("%v, %v", again.ID, err)
	}
}

func TestOrdersAndPersonsAreWellFormed(t *testing.T) {
	w := memory(t)
	h := w.holder()
	app := w.apply(h, sim1)
	long := strings.Repeat("x", record.MaxText+1)
	for what, q := range map[string]registry.OrderRequest{
		"short AID":   {Instance: aid[:4]},
		"long AID":    {Instance: make([]byte, 17)},
		"attestation": {Instance: aid, Attestation: make([]byte, registry.MaxName+1)},
		"content":     {Instance: aid, Content: func(record.Order) ([]byte, error) { return []byte(long), nil }},
	} {
		q.Application, q.SIM = app.ID, sim1
		w.malformed(what, func() error { _, err := w.PlaceOrder(ctx, q, cause); return err })
	}
	for what, spoil := range map[string]func(*record.Attributes){
		"no name": func(a *record.Attributes) { a.Name = "" }, "long name": func(a *record.Attributes) { a.Name = long },
		"no address": func(a *record.Attributes) { a.Address = "" }, "long address": func(a *record.Attributes) { a.Address = long },
		"long substitutes": func(a *record.Attributes) { a.NameSubstitutes = long }, "long address substitutes": func(a *record.Attributes) { a.AddressSubstitutes = long },
		"sex": func(a *record.Attributes) { a.Sex = 10 }, "municipality": func(a *record.Attributes) { a.Municipality.Code = "132210" },
	} {
		at := attributes("印鑑")
		spoil(&at)
		w.malformed(what, func() error { _, err := w.RegisterPerson(ctx, birth, at, cause); return err })
		w.malformed(what, func() error { return w.ChangeAttributes(ctx, h.person, at, cause) })
	}
	w.malformed("birthday", func() error {
		_, err := w.RegisterPerson(ctx, certificate.Date{Year: 1990, Month: 2, Day: 30}, attributes("印鑑"), cause)
		return err
	})
	row := w.reserve(w.order(app))
	for what, spoil := range map[string]func(*registry.Completion){
		"long certificate": func(q *registry.Completion) { q.DER = make([]byte, registry.MaxCertificate+1) },
		"long envelope":    func(q *registry.Completion) { q.Envelope = make([]byte, registry.MaxEnvelope+1) },
		"no envelope":      func(q *registry.Completion) { q.Envelope = nil },
		"no certificate":   func(q *registry.Completion) { q.DER = []byte{0x30, 0} },
	} {
		q := completionOf(&row)
		spoil(&q)
		w.malformed(what, func() error { _, err := w.Complete(ctx, q, cause); return err })
	}
	card, err := w.ReserveCard(ctx, registry.CardRequest{Card: h.card, Kind: certificate.CardSignature, Generation: 1, Key: w.newKey()}, cause)
	w.ok(err)
	q := completionOf(&card.Certificate)
	q.Envelope = []byte{1}
	w.malformed("envelope of a card's", func() error { _, err := w.Complete(ctx, q, cause); return err })
	w.check()
}

// What happens again changes nothing, and the journal has it once: attributes as
// they are, a departure, a loss.
func TestAgain(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-042", "SPEC-CA-LIFECYCLE-089", "SPEC-CA-LIFECYCLE-092")
	w := memory(t)
	h, gone, lost := w.holder(), w.holder(), w.holder()
	call := cause
	call.Call = "change"
	for what, do := range map[string]func() error{
		"attributes":           func() error { return w.ChangeAttributes(ctx, h.person, attributes("印鑑　花子"), cause) },
		"attributes by a call": func() error { return w.ChangeAttributes(ctx, h.person, attributes("別名"), call) },
		"a person by a call":   func() error { _, err := w.RegisterPerson(ctx, birth, attributes("印鑑"), call); return err },
		"a departure":          func() error { return w.Emigrate(ctx, gone.person, cause) },
		"a loss":               func() error { return w.LoseCard(ctx, lost.card, cause) },
	} {
		w.ok(do())
		before := w.anchor()
		w.ok(do())
		if w.anchor() != before {
			t.Errorf("%s: carried out twice", what)
		}
	}
	w.check()
}

// forged writes a journal entry about records as the registry would, and the records;
// nil removes one.
func (v *vault) forged(at time.Time, records map[string]record.Record) changes {
	c := changes{}
	var h record.Head
	v.ok(record.Decode(v.rows[string(metaHead)], &h))
	e := record.Entry{Number: h.Number + 1, At: at, Act: "forged", Actor: "forger", Previous: h.Hash}
	for key, rec := range records {
		if old, there := v.rows[key]; there {
			h.Sum.Remove(record.HashOf([]byte(key), old))
		}
		c[key] = nil
		if rec == nil {
			continue
		}
		c[key] = record.Append(binary.BigEndian.AppendUint64(nil, e.Number), rec)
		hash := record.HashOf([]byte(key), c[key])
		h.Sum.Add(hash)
		e.Changes = append(e.Changes, hash.Digest())
	}
	e.Sum = h.Sum
	b := record.Append(nil, &e)
	h.Number, h.Hash = e.Number, sha256.Sum256(b)
	c[string(journalKey(e.Number))], c[string(metaHead)] = b, record.Append(nil, &h)
	return c
}

// What holds at all times is checked of records that the journal has, too.
func TestRulesAtAllTimes(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-022", "SPEC-CA-LIFECYCLE-030", "SPEC-CA-LIFECYCLE-052", "SPEC-CA-LIFECYCLE-103", "SPEC-CA-LIFECYCLE-104")
	v := newVault(t)
	now := v.clock.now()
	serial := func(c *record.Certificate) string { return string(record.Certificates.Serial(c.Authority, c.Serial)) }
	read := func(key string, rec record.Record) { v.ok(record.Decode(v.rows[key][8:], rec)) }
	counter, box, notice := v.keys(record.Counters)[0], string(record.MailboxKey("sp")), v.keys(record.Notices)
	reserved, last := &v.reserved[3], &v.reserved[0]
	for name, test := range map[string]struct {
		of     *record.Certificate
		change func(c *record.Certificate)
		want   string
	}{
		"two live":         {&v.old, func(c *record.Certificate) { c.State, c.Reason = certificate.Active, 0 }, " has 2 live "},
		"two pending":      {&v.ended, func(c *record.Certificate) { c.State = certificate.Pending }, " has 2 pending "},
		"another person's": {&v.waiting, func(c *record.Certificate) { c.Person = v.h.person }, at(record.OfPerson.Key(v.waiting.Person[:], []byte(serial(&v.waiting)[1:])))},
		"outlasts":         {&v.waiting, func(c *record.Certificate) { c.NotAfter = c.NotAfter.Add(time.Second) }, "outlasts"},
		"parent's person":  {&v.waiting, func(c *record.Certificate) { c.Parent = v.h.authentication.Serial }, "is another person's"},
		"no parent":        {&v.waiting, func(c *record.Certificate) { c.Parent = 0 }, "no parent auth/0"},
		"no signature":     {&v.waiting, func(c *record.Certificate) { c.Signature = 0 }, "no parent sign/0"},
		"serial too small": {reserved, func(c *record.Certificate) { c.Serial = certificate.FirstSerial - 1 }, "was never given"},
		"serial too great": {reserved, func(c *record.Certificate) { c.Serial += 2 }, "was never given"},
	} {
		var c record.Certificate
		read(serial(test.of), &c)
		test.change(&c)
		v.damage(t, name, v.forged(now, map[string]record.Record{serial(&c): &c}), test.want)
	}
	for name, test := range map[string]struct {
		records map[string]record.Record
		want    string
	}{
		"serial missing":        {map[string]record.Record{serial(reserved): nil}, at(serial(reserved)) + " is missing"},
		"last serial missing":   {map[string]record.Record{serial(last): nil}, at(serial(last)) + " is missing"},
		"key not used":          {map[string]record.Record{string(record.Keys.Key(last.Key[:])): nil}, at(record.Keys.Key(last.Key[:]))},
		"counter behind":        {map[string]record.Record{counter: &record.Counter{Last: 1}}, at(counter)},
		"counter missing":       {map[string]record.Record{counter: nil}, at(counter)},
		"acknowledged too much": {map[string]record.Record{box: &record.Mailbox{Last: 2, Acknowledged: 3}}, at(box) + ": 3 acknowledged of 2"},
		"notices too few":       {map[string]record.Record{box: &record.Mailbox{Last: 3}}, at(record.NoticeKey("sp", 3))},
		"notice missing":        {map[string]record.Record{notice[0]: nil}, at(notice[0]) + " is missing"},
		"mailbox missing":       {map[string]record.Record{box: nil}, at(box) + " is missing"},
	} {
		v.damage(t, name, v.forged(now, test.records), test.want)
	}
	v.damage(t, "earlier entry", v.forged(now.Add(-time.Second), nil), "is earlier than the one before")
	beyond := v.forged(now, nil)
	delete(beyond, string(metaHead))
	v.damage(t, "entry beyond the head", beyond, "the head says")
}

// A journal is read from any entry on, to the end.
func TestJournalFrom(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-052", "SPEC-CA-LIFECYCLE-055")
	w := memory(t)
	w.holder()
	s := w.snapshot()
	defer s.Close()
	end := s.Anchor().Number
	for from, want := range map[uint64]uint64{0: end, 1: end, 3: end - 2, end: 1, end + 1: 0} {
		n := uint64(0)
		if err := s.Journal(ctx, from, func(*record.Entry) error { n++; return nil }); err != nil || n != want {
			t.Errorf("from %d: %d entries, %v, want %d", from, n, err, want)
		}
	}
	if err := s.Journal(ctx, end+2, nil); err == nil || !strings.Contains(err.Error(), "is missing") {
		t.Errorf("from beyond the end: %v", err)
	}
	if _, found, err := s.Entry(end + 1); found || err != nil {
		t.Errorf("an entry that there is not: %v, %v", found, err)
	}
}

// What is damaged is an error of whoever reads it, in an operation too.
func TestDamageIsRead(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-075")
	v := newVault(t)
	last := v.clock.now()
	evidence := record.Hash(v.evidence("receipt")[1:])
	due := v.head(func(h *record.Head) { h.NextDue = begin })[string(metaHead)]
	nobodys := string(record.AppendSerial(record.AppendTime(record.Deadlines.Key(), begin), certificate.AuthenticationAuthority, 1))
	order := string(record.Orders.Key(v.rows[string(callKey("order"))]))
	for name, test := range map[string]struct {
		do   changes
		read func(r *registry.Registry, s *registry.Snapshot) error
	}{
		"evidence": {changes{string(v.evidence("receipt")): {1}}, func(_ *registry.Registry, s *registry.Snapshot) error { _, _, err := s.Evidence(evidence); return err }},
		"person":   {changes{string(record.Persons.Key(v.h.person[:])): {1}}, func(_ *registry.Registry, s *registry.Snapshot) error { _, err := s.Person(v.h.person); return err }},
		"index": {changes{string(record.OfPerson.Key(v.h.person[:], make([]byte, 9))): {}}, func(_ *registry.Registry, s *registry.Snapshot) error {
			_, err := s.OfPerson(v.h.person)
			return err
		}},
		"erasures": {changes{"E1": {}}, func(_ *registry.Registry, s *registry.Snapshot) error {
			return s.ErasuresDue(func(record.PhoneID) error { return nil })
		}},
		"orders": {changes{"O" + string(v.waiting.Phone[:]) + "1": {}}, func(_ *registry.Registry, s *registry.Snapshot) error {
			return s.OrdersOf(v.waiting.Phone, func(*record.Order) error { return nil })
		}},
		"list":               {changes{"r\x01\x00": {}}, func(_ *registry.Registry, s *registry.Snapshot) error { return s.Revoked(1, "", nil) }},
		"deadline":           {changes{string(metaHead): due, "t\x00": {}}, func(r *registry.Registry, _ *registry.Snapshot) error { _, err := r.Sweep(ctx); return err }},
		"deadline of nobody": {changes{string(metaHead): due, nobodys: {}}, func(r *registry.Registry, _ *registry.Snapshot) error { _, err := r.Sweep(ctx); return err }},
		"order of a call": {changes{order: {1}}, func(r *registry.Registry, _ *registry.Snapshot) error {
			_, err := r.PlaceOrder(ctx, registry.OrderRequest{Instance: aid}, called("order"))
			return err
		}},
		"half a response": {changes{string(record.Responses.Serial(v.waiting.Authority, v.waiting.Serial)): {1}}, func(r *registry.Registry, _ *registry.Snapshot) error {
			if response, found, err := r.Response(v.waiting.Authority, v.waiting.Serial, []byte("dst")); found || err != nil || string(response) != "dst" {
				t.Errorf("half a response: %q, %v, %v", response, found, err)
			}
			return registry.ErrCorrupt
		}},
	} {
		v.put(t, test.do)
		v.clock.seconds.Store(last.Unix())
		if test.do[string(metaHead)] != nil { // what is due must not be looked at before the view
			v.clock.seconds.Store(begin.Unix())
		}
		r := open(t, v.fs, v.clock)
		s, err := r.Snapshot(ctx)
		v.ok(err)
		v.clock.seconds.Store(last.Unix() + 1)
		if err := test.read(r, s); !errors.Is(err, registry.ErrCorrupt) {
			t.Errorf("%s: %v, want a corrupt store", name, err)
		}
		v.ok(errors.Join(s.Close(), r.Close()))
	}
	v.put(t, v.altered(journalKey(v.lastEntry()), -40))
	if _, err := registry.OpenFS("registry", v.fs, registry.Config{Now: v.clock.now, Entropy: entropy.System()}); !errors.Is(err, registry.ErrCorrupt) {
		t.Errorf("opened with another last entry: %v", err)
	}
}
