package registry_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/entropy"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

// malformed demands an error of the caller: no refusal, and nothing in the journal.
func (w *world) malformed(name string, do func() error) {
	w.t.Helper()
	before := w.anchor()
	err := do()
	var refusal *registry.Refusal
	if err == nil || errors.As(err, &refusal) {
		w.t.Fatalf("%s: %v, want an error of the caller", name, err)
	}
	if after := w.anchor(); after != before {
		w.t.Fatalf("%s: the journal has it", name)
	}
}

// What is longer than the journal takes is refused, and the longest is not.
func TestCauses(t *testing.T) {
	w := memory(t)
	name := strings.Repeat("x", registry.MaxName)
	pieces := func(n int) (list []registry.Evidence) {
		for i := range n {
			list = append(list, registry.Evidence{Name: "piece", Bytes: []byte{byte(i)}})
		}
		return list
	}
	register := func(c registry.Cause) error {
		_, err := w.RegisterPerson(ctx, birth, attributes("印鑑"), c)
		return err
	}
	for what, c := range map[string]registry.Cause{
		"no actor":      {},
		"long actor":    {Actor: registry.Actor(name + "x")},
		"long call":     {Actor: registry.Operator, Call: name + "x"},
		"long office":   {Actor: registry.Operator, Office: name + "x"},
		"many pieces":   {Actor: registry.Operator, Evidence: pieces(registry.MaxExhibits + 1)},
		"no name":       {Actor: registry.Operator, Evidence: []registry.Evidence{{Bytes: []byte{1}}}},
		"long name":     {Actor: registry.Operator, Evidence: []registry.Evidence{{Name: name + "x"}}},
		"long evidence": {Actor: registry.Operator, Evidence: []registry.Evidence{{Name: "x", Bytes: make([]byte, registry.MaxEvidence+1)}}},
	} {
		w.malformed(what, func() error { return register(c) })
	}
	w.ok(register(registry.Cause{Actor: registry.Actor(name), Call: name, Evidence: pieces(registry.MaxExhibits)}))
	w.ok(register(registry.Cause{Actor: registry.Operator, Evidence: []registry.Evidence{{Name: name, Bytes: make([]byte, registry.MaxEvidence)}}}))
	w.check()
}

func TestApplicationsAreWellFormed(t *testing.T) {
	w := memory(t)
	h := w.holder()
	phone := w.enrolled(h, sim1).Phone
	for what, spoil := range map[string]func(*registry.ApplicationRequest){
		"no purpose": func(q *registry.ApplicationRequest) { q.Purpose, q.Origin, q.Phone = 0, 0, phone },
		"another purpose": func(q *registry.ApplicationRequest) {
			q.Purpose, q.Origin, q.Phone = record.PurposeSuspensionLift+1, 0, phone
		},
		"long sender":          func(q *registry.ApplicationRequest) { q.Sender = strings.Repeat("x", registry.MaxName+1) },
		"00 in the sender":     func(q *registry.ApplicationRequest) { q.Sender = "a\x00b" },
		"no origin":            func(q *registry.ApplicationRequest) { q.Origin = 0 },
		"another origin":       func(q *registry.ApplicationRequest) { q.Origin = record.Delivered + 1 },
		"origin of no key":     func(q *registry.ApplicationRequest) { q.Purpose, q.Phone = record.PurposeRevocation, phone },
		"issue about a phone":  func(q *registry.ApplicationRequest) { q.Phone = phone },
		"reset about no phone": func(q *registry.ApplicationRequest) { q.Purpose, q.Origin = record.PurposePINReset, 0 },
		"issue without SIM":    func(q *registry.ApplicationRequest) { q.SIM = record.SIM{} },
		"short nonce":          func(q *registry.ApplicationRequest) { q.Nonce = q.Nonce[:7] },
		"long nonce":           func(q *registry.ApplicationRequest) { q.Nonce = make([]byte, registry.MaxName+1) },
		"not signed":           func(q *registry.ApplicationRequest) { q.Signed = nil },
	} {
		q := w.request(h.signature.Serial, sim2)
		spoil(&q)
		w.malformed(what, func() error { _, err := w.RegisterApplication(ctx, q, cause); return err })
	}
	q := w.request(h.signature.Serial, sim2)
	q.Origin, q.Sender = record.Delivered, strings.Repeat("x", registry.MaxName)
	_, err := w.RegisterApplication(ctx, q, cause)
	w.ok(err)
}

func TestCallsAreWellFormed(t *testing.T) {
	w := memory(t)
	w.malformed("no name", func() error { _, err := w.BeginCall(ctx, "", record.Hash{1}, false); return err })
	_, err := w.BeginCall(ctx, "call", record.Hash{1}, false)
	w.ok(err)
	w.malformed("no answer", func() error { return w.EndCall(ctx, "call", nil) })
	w.malformed("long answer", func() error { return w.EndCall(ctx, "call", make([]byte, registry.MaxAnswer+1)) })
	w.ok(w.EndCall(ctx, "call", bytes.Repeat([]byte{1}, registry.MaxAnswer)))
	w.malformed("answered twice", func() error { return w.EndCall(ctx, "call", []byte{1}) })
}

// A cancelled application is cancelled once.
func TestCancelAgain(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-025")
	w := memory(t)
	h := w.holder()
	phone := w.enrolled(h, sim1).Phone
	q := w.request(h.signature.Serial, sim1)
	q.Purpose, q.Origin, q.Phone = record.PurposeRevocation, 0, phone
	for _, q := range []registry.ApplicationRequest{w.request(h.signature.Serial, sim2), q} {
		app, err := w.RegisterApplication(ctx, q, cause)
		w.ok(err)
		w.ok(w.CancelApplication(ctx, app.ID, cause))
		before := w.anchor()
		w.ok(w.CancelApplication(ctx, app.ID, cause))
		if w.anchor() != before {
			t.Errorf("purpose %d: cancelled twice", q.Purpose)
		}
	}
}

// A receipt for a reservation, or for a certificate that has ended before its 24
// hours, activates nothing; the refusal says of what.
func TestReceiptTooEarlyOrLate(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-036", "SPEC-CA-LIFECYCLE-050")
	w := memory(t)
	h := w.holder()
	c := w.reserve(w.order(w.apply(h, sim1)))
	_, err := w.Activate(ctx, c.Serial, []byte("receipt"), cause)
	w.refused(err, registry.NotPending)
	s := w.snapshot()
	defer s.Close()
	last, _, err := s.Entry(s.Anchor().Number)
	w.ok(err)
	if last.Subject.Serial != c.Serial || last.Subject.Person != h.person || last.Subject.Phone != c.Phone {
		t.Errorf("the refusal is about %+v", last.Subject)
	}

	short := w.holderUntil(w.Now().Add(time.Hour))
	c = w.pending(short, sim2)
	w.clock.advance(time.Hour + time.Second)
	_, err = w.Activate(ctx, c.Serial, []byte("receipt"), cause)
	w.refused(err, registry.NotPending)
	w.wantState(c, certificate.Pending, 0)
}

// der is a certificate of which the registry reads no more than it has.
type der struct {
	outer, tbs [][]byte
	tag        byte
	tail       []byte
}

// element is one of DER, of less than 64 KiB.
func element(tag byte, content string) []byte {
	switch n := len(content); {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, content...)
	case n < 0x100:
		return append([]byte{tag, 0x81, byte(n)}, content...)
	default:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, content...)
	}
}

func derFor(t *testing.T, c *record.Certificate) der {
	spki, err := x509.MarshalPKIXPublicKey(public(keyNumbers[c.Key]))
	if err != nil {
		t.Fatal(err)
	}
	empty, time := element(0x30, ""), "060102150405Z"
	return der{outer: [][]byte{empty, element(3, "\x00")}, tag: 0x30, tbs: [][]byte{element(0xA0, "\x02\x01\x02"), element(2, string(new(big.Int).SetUint64(c.Serial).Bytes())),
		empty, empty, element(0x30, string(element(0x17, c.NotBefore.Format(time)))+string(element(0x17, c.NotAfter.Format(time)))), empty, spki}}
}

func (d *der) bytes() []byte {
	return append(element(0x30, string(element(d.tag, string(bytes.Join(d.tbs, nil))))+string(bytes.Join(d.outer, nil))), d.tail...)
}

// A completion whose certificate is none in DER is an error that says so, whatever
// part of it is of another kind.
func TestMalformedCertificates(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-017")
	w := memory(t)
	row, err := w.ReserveCard(ctx, registry.CardRequest{Card: w.newPersonsCard(), Kind: certificate.CardSignature, Generation: 1, Key: w.newKey()}, cause)
	w.ok(err)
	tagged := func(list func(d *der) [][]byte, n int) func(d *der) { return func(d *der) { list(d)[n][0] ^= 1 } }
	tbs, outer := func(d *der) [][]byte { d.tbs = clones(d.tbs); return d.tbs }, func(d *der) [][]byte { d.outer = clones(d.outer); return d.outer }
	validity := func(text string) func(d *der) { return func(d *der) { d.tbs[4] = element(0x30, text) } }
	at := func(t time.Time) string { return string(element(0x17, t.Format("060102150405Z"))) }
	for name, spoil := range map[string]func(d *der){
		"something behind":   func(d *der) { d.tail = []byte{0} },
		"to be signed":       func(d *der) { d.tag = 0x31 },
		"algorithm outside":  tagged(outer, 0),
		"signature":          tagged(outer, 1),
		"behind signature":   func(d *der) { d.outer = append(d.outer, element(5, "")) },
		"version":            func(d *der) { d.tbs[0] = []byte{0xA0, 0x7F} },
		"serial number":      tagged(tbs, 1),
		"algorithm":          tagged(tbs, 2),
		"issuer":             tagged(tbs, 3),
		"validity":           tagged(tbs, 4),
		"beginning":          validity(string(element(0x17, "2604010300Q0Z")) + at(row.NotAfter)),
		"end":                validity(at(row.NotBefore) + string(element(0x17, "2604010300Q0Z"))),
		"third time":         validity(at(row.NotBefore) + at(row.NotAfter) + at(row.NotAfter)),
		"subject":            tagged(tbs, 5),
		"key":                tagged(tbs, 6),
		"not a sequence":     nil,
		"longer than it may": func(d *der) { d.tbs = append(d.tbs, element(4, string(make([]byte, registry.MaxCertificate)))) },
	} {
		d := derFor(t, &row.Certificate)
		q := completionOf(&row.Certificate)
		if spoil != nil {
			spoil(&d)
			q.DER = d.bytes()
		} else {
			q.DER = d.bytes()
			q.DER[0] = 0x31
		}
		w.malformed(name, func() error {
			_, err := w.Complete(ctx, q, cause)
			if err != nil && !strings.Contains(err.Error(), "no certificate in DER") && len(q.DER) <= registry.MaxCertificate {
				t.Errorf("%s: %v", name, err)
			}
			return err
		})
	}
	d := derFor(t, &row.Certificate)
	q := completionOf(&row.Certificate)
	q.DER = d.bytes()
	_, err = w.Complete(ctx, q, cause)
	w.ok(err)
}

func clones(list [][]byte) [][]byte {
	copied := make([][]byte, len(list))
	for i := range list {
		copied[i] = bytes.Clone(list[i])
	}
	return copied
}

// A refusal is compared by code, and by act where one is named.
func TestRefusals(t *testing.T) {
	refusal := error(&registry.Refusal{Act: "activate", Code: registry.NotPending})
	for target, want := range map[error]bool{
		&registry.Refusal{Code: registry.NotPending}:                  true,
		&registry.Refusal{Code: registry.NotActive}:                   false,
		&registry.Refusal{Act: "activate", Code: registry.NotPending}: true,
		&registry.Refusal{Act: "activate", Code: registry.NotActive}:  false,
		&registry.Refusal{Act: "suspend", Code: registry.NotPending}:  false,
		registry.ErrCorrupt: false,
	} {
		if got := errors.Is(refusal, target); got != want {
			t.Errorf("is it %v: %v", target, got)
		}
	}
	for _, config := range []registry.Config{{Now: time.Now}, {Entropy: entropy.System()}} {
		if _, err := registry.OpenMemory(config); err == nil {
			t.Error("opened without what it needs")
		}
	}
}

// A municipality has to do with the cards and phones of its own residents alone.
func TestOffices(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-094", "SPEC-CA-LIFECYCLE-095")
	w := memory(t)
	h := w.holder()
	c := w.enrolled(h, sim1)
	own, other := registry.Cause{Actor: registry.Municipality, Office: tokyo.Code}, registry.Cause{Actor: registry.Municipality, Office: osaka.Code}
	_, err := w.RegisterPerson(ctx, birth, attributes("印鑑"), other)
	w.refused(err, registry.OtherMunicipality)
	for name, test := range map[string]struct {
		do   func(by registry.Cause) error
		code registry.Code
	}{
		"hold":    {func(by registry.Cause) error { return w.HoldCard(ctx, h.card, by) }, registry.UnknownCard},
		"lift":    {func(by registry.Cause) error { return w.LiftCard(ctx, h.card, by) }, registry.UnknownCard},
		"suspend": {func(by registry.Cause) error { return w.SuspendPhone(ctx, registry.Turn{Phone: c.Phone}, by) }, registry.UnknownPhone},
		"reserve": {func(by registry.Cause) error {
			_, err := w.ReserveCard(ctx, registry.CardRequest{Card: h.card, Kind: certificate.CardSignature, Generation: 1, Key: w.newKey()}, by)
			return err
		}, registry.UnknownCard},
		"change": {func(by registry.Cause) error { return w.ChangeAttributes(ctx, h.person, attributes("別名"), by) }, registry.UnknownPerson},
	} {
		t.Log(name)
		w.refused(test.do(other), test.code)
	}
	for _, do := range []func() error{
		func() error { return w.HoldCard(ctx, h.card, own) }, func() error { return w.LiftCard(ctx, h.card, own) },
		func() error { return w.SuspendPhone(ctx, registry.Turn{Phone: c.Phone}, own) }, func() error { return w.LoseCard(ctx, h.card, own) },
	} {
		w.ok(do())
	}
	w.check()
}

// An entry has one digest of each record that the decision wrote, as it left it, and
// evidence is kept under the first entry that names it. Without a call nothing is noted
// of one.
func TestWhatAnEntryHas(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-051", "SPEC-CA-LIFECYCLE-053")
	w := memory(t)
	h := w.holder()
	for range 2 { // the second ends the first
		w.enrolled(h, sim1)
	}
	evidence := registry.Cause{Actor: registry.Operator, Evidence: []registry.Evidence{{Name: "twice", Bytes: []byte("the same")}}}
	w.ok(w.HoldCard(ctx, h.card, evidence))
	w.ok(w.LiftCard(ctx, h.card, evidence))
	w.pending(h, sim2)
	w.ok(w.LoseCard(ctx, h.card, evidence)) // writes the person more than once
	w.check()
	s := w.snapshot()
	defer s.Close()
	digests := map[record.Digest]bool{}
	w.ok(s.Scan(nil, nil, func(key, value []byte) error {
		digests[record.HashOf(key, value).Digest()] = true
		if key[0] == byte(record.Calls) {
			t.Errorf("a call is noted: %X", key)
		}
		return nil
	}))
	last, _, err := s.Entry(s.Anchor().Number)
	w.ok(err)
	for _, d := range last.Changes {
		if !digests[d] {
			t.Errorf("entry %d has a digest of what it did not leave", last.Number)
		}
	}
}
