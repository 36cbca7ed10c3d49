package registry_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
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
		"no purpose": func(q *registry.ApplicationRequest) { q.Purpose = 0 },
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
