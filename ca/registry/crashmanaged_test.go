package registry_test

import (
	"fmt"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// managed is the life of phones of a service manager "sp", each request a call.
type managed struct {
	*world
	h         holder
	old, next record.Certificate
	reset     record.Order
	apps      map[record.Purpose]record.Application
	again     []func(*world) // the calls, to be made again
}

// call makes a call of a name and notes how to make it again: the same answer.
func call[T comparable](m *managed, name string, do func(w *world, cause registry.Cause) (T, error)) T {
	m.t.Helper()
	cause := registry.Cause{Actor: registry.Hotline, Call: name}
	want, err := do(m.world, cause)
	m.ok(err)
	m.again = append(m.again, func(w *world) {
		w.t.Helper()
		got, err := do(w, cause)
		w.ok(err)
		if got != want {
			w.t.Fatalf("call %q answered %v, then %v", name, want, got)
		}
	})
	return want
}

// turned is call of what answers nothing.
func (m *managed) turned(name string, do func(w *world, cause registry.Cause) error) {
	m.t.Helper()
	call(m, name, func(w *world, cause registry.Cause) (struct{}, error) { return struct{}{}, do(w, cause) })
}

// apply brings an application of the service manager.
func (m *managed) apply(purpose record.Purpose, phone record.PhoneID, sim record.SIM) record.Application {
	m.t.Helper()
	q := m.request(m.h.signature.Serial, sim)
	q.Purpose, q.Phone, q.Sender = purpose, phone, "sp"
	if !purpose.Issues() {
		q.Origin = 0
	}
	id := call(m, fmt.Sprint("application ", purpose), func(w *world, cause registry.Cause) (record.ApplicationID, error) {
		app, err := w.RegisterApplication(ctx, q, cause)
		return app.ID, err
	})
	s := m.snapshot()
	defer s.Close()
	app, err := s.Application(id)
	m.ok(err)
	m.apps[purpose] = app
	return app
}

// issue goes from the application to the active certificate.
func (m *managed) issue(purpose record.Purpose, phone record.PhoneID, sim record.SIM) record.Certificate {
	m.t.Helper()
	app := m.apply(purpose, phone, sim)
	order := call(m, fmt.Sprint("order ", purpose), func(w *world, cause registry.Cause) (record.OrderID, error) {
		o, err := w.PlaceOrder(ctx, registry.OrderRequest{Application: app.ID, Sender: "sp", SIM: sim, Instance: aid}, cause)
		return o.ID, err
	})
	o, err := m.orderOf(order)
	m.ok(err)
	c, err := m.Activate(ctx, m.complete(m.reserve(o)).Serial, []byte("receipt"), registry.Cause{Actor: registry.SPTSM})
	m.ok(err)
	return c
}

func (m *managed) steps() []step {
	m.apps = map[record.Purpose]record.Application{}
	return []step{
		{"person", func() {
			m.h.person = call(m, "person", func(w *world, cause registry.Cause) (record.PersonID, error) {
				return w.RegisterPerson(ctx, birth, attributes("印鑑　花子"), cause)
			})
		}},
		{"card", func() {
			end := m.clock.now().AddDate(10, 0, 0)
			m.h.card = call(m, "card", func(w *world, cause registry.Cause) (record.CardID, error) {
				return w.IssueCard(ctx, m.h.person, end, cause)
			})
			m.h.signature = m.cardCertificate(m.h.card, certificate.CardSignature)
			m.h.authentication = m.cardCertificate(m.h.card, certificate.CardAuthentication)
		}},
		{"issue", func() { m.old = m.issue(record.PurposeIssue, record.PhoneID{}, sim1) }},
		{"transfer", func() { m.next = m.issue(record.PurposeTransfer, m.old.Phone, sim2) }},
		{"hold", func() {
			m.turned("hold", func(w *world, cause registry.Cause) error { return w.HoldCard(ctx, m.h.card, cause) })
			m.turned("lift", func(w *world, cause registry.Cause) error { return w.LiftCard(ctx, m.h.card, cause) })
		}},
		{"reset", m.resetPIN},
		{"suspend", func() {
			m.turned("suspend", func(w *world, cause registry.Cause) error {
				return w.SuspendPhone(ctx, registry.Turn{Phone: m.next.Phone, Sender: "sp"}, cause)
			})
		}},
		{"resume", func() {
			app := m.apply(record.PurposeSuspensionLift, m.next.Phone, record.SIM{})
			m.turned("resume", func(w *world, cause registry.Cause) error {
				return w.ResumePhone(ctx, registry.Turn{Phone: m.next.Phone, Application: app.ID, Sender: "sp"}, cause)
			})
		}},
		{"acknowledge", func() {
			m.turned("acknowledge", func(w *world, cause registry.Cause) error { return w.Acknowledge(ctx, "sp", 1, cause) })
		}},
		{"revoke", func() {
			app := m.apply(record.PurposeRevocation, m.next.Phone, record.SIM{})
			m.turned("revoke", func(w *world, cause registry.Cause) error {
				return w.RevokePhone(ctx, registry.Turn{Phone: m.next.Phone, Application: app.ID, Sender: "sp"}, certificate.CessationOfOperation, cause)
			})
		}},
		{"calls", m.beginCalls},
	}
}

func (m *managed) resetPIN() {
	app := m.apply(record.PurposePINReset, m.next.Phone, record.SIM{})
	order := call(m, "reset", func(w *world, cause registry.Cause) (record.OrderID, error) {
		o, err := w.PlaceReset(ctx, registry.ResetRequest{Phone: m.next.Phone, Sender: "sp"}, cause)
		return o.ID, err
	})
	for _, sealed := range []string{"sealed", "sealed otherwise"} {
		call(m, "complete reset "+sealed, func(w *world, cause registry.Cause) (string, error) {
			o, err := w.CompleteReset(ctx, registry.ResetCompletion{Order: order, Application: app.ID, Sender: "sp", Sealed: []byte(sealed)}, cause)
			return o.Sealed, err
		})
	}
}

// beginCalls begins two calls and ends one: a late one goes on then, and the
// answer is given again.
func (m *managed) beginCalls() {
	for _, name := range []string{"answered", "open"} {
		_, err := m.BeginCall(ctx, name, record.Hash{1}, false)
		m.ok(err)
	}
	m.ok(m.EndCall(ctx, "answered", []byte("answer")))
	m.again = append(m.again, func(w *world) {
		w.t.Helper()
		answer, err := w.BeginCall(ctx, "answered", record.Hash{1}, true)
		w.ok(err)
		if string(answer) != "answer" {
			w.t.Fatalf("answer %q", answer)
		}
		_, err = w.BeginCall(ctx, "open", record.Hash{1}, true)
		w.ok(err)
	})
}
