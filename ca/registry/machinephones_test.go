package registry_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"pgregory.net/rapid"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

func sim(t *rapid.T) int { return rapid.IntRange(1, 3).Draw(t, "sim") }

func sender(t *rapid.T) string {
	return rapid.SampledFrom([]string{"one", "one", "two", ""}).Draw(t, "sender")
}

// asker is who asks for something of a service manager's: mostly itself.
func asker(t *rapid.T, owner string) string {
	return rapid.SampledFrom([]string{owner, owner, owner, "", "one", "two"}).Draw(t, "asker")
}

// called is the cause of a call with a name of its own.
func (m *machine) called() registry.Cause {
	c := m.cause
	c.Call = fmt.Sprintf("call %d", len(m.again))
	return c
}

// repeatable notes a call that was carried out, and how to ask for it again.
func (m *machine) repeatable(ask func() bool) {
	m.again = append(m.again, func() { m.unchangedBy(ask) })
}

// unchangedBy asks for something that was carried out: no entry comes of it.
func (m *machine) unchangedBy(ask func() bool) {
	m.t.Helper()
	before := m.anchor()
	if !ask() || m.anchor() != before {
		m.t.Fatalf("at %s: the same call was answered otherwise, or carried out once more", m.oracle.now)
	}
}

func (m *machine) repeats(t *rapid.T) { of(t, m.again, "call")() }

func (m *machine) phone(t *rapid.T) *oraclePhone { return of(t, m.phones, "phone") }

func (m *machine) apply(purpose record.Purpose, sender string, signed *oracleCert, phone *oraclePhone, sim int) (*oracleApp, bool) {
	m.t.Helper()
	q := m.request(signed.serial, record.SIM{byte(sim)})
	q.Purpose, q.Sender, q.Phone = purpose, sender, m.phoneIDs[phone]
	if !purpose.Issues() {
		q.Origin = 0
	}
	got, err := m.RegisterApplication(ctx, q, m.cause)
	app, granted := m.oracle.apply(purpose, sender, signed, phone, sim)
	if !m.same("apply", err, granted) {
		return nil, false
	}
	m.appIDs[app], m.apps = got.ID, append(m.apps, app)
	if purpose.Issues() {
		m.phoneIDs[app.phone], m.phones = got.Phone, append(m.phones, app.phone)
	}
	m.repeatable(func() bool {
		again, err := m.RegisterApplication(ctx, q, m.cause)
		return err == nil && again.ID == got.ID
	})
	return app, true
}

// signatureOf is the latest signature certificate of a person, or another's.
func (m *machine) signatureOf(t *rapid.T, p *oraclePerson) *oracleCert {
	var list []*oracleCert
	for _, c := range m.certs {
		if c.kind == certificate.CardSignature {
			list = append(list, c)
		}
	}
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].person == p && rapid.IntRange(0, 7).Draw(t, "other signature") > 0 {
			return list[i]
		}
	}
	return of(t, list, "signature certificate")
}

func (m *machine) applies(t *rapid.T) {
	purpose := rapid.SampledFrom([]record.Purpose{record.PurposeIssue, record.PurposeIssue, record.PurposeTransfer, record.PurposePINReset,
		record.PurposeRevocation, record.PurposeSuspensionLift}).Draw(t, "purpose")
	if purpose == record.PurposeIssue {
		m.apply(purpose, sender(t), m.signatureOf(t, of(t, m.persons, "person")), nil, sim(t))
		return
	}
	phone := m.phone(t)
	n := sim(t)
	if !purpose.Issues() {
		n = rapid.SampledFrom([]int{0, phone.sim, phone.sim, n}).Draw(t, "named")
	}
	m.apply(purpose, asker(t, phone.sender), m.signatureOf(t, phone.person), phone, n)
}

func (m *machine) cancel(t *rapid.T) {
	app := of(t, m.apps, "application")
	m.same("cancel", m.CancelApplication(ctx, m.appIDs[app], m.cause), m.oracle.cancel(app))
}

func (m *machine) place(app *oracleApp, asker string) (*oracleOrder, bool) {
	m.t.Helper()
	m.changes++
	q := registry.OrderRequest{Application: m.appIDs[app], Sender: asker, SIM: record.SIM{byte(app.phone.sim)}, Instance: aid, LoadFile: record.Hash{byte(m.changes)}}
	cause := m.called()
	got, err := m.PlaceOrder(ctx, q, cause)
	order, granted := m.oracle.place(app, asker, byte(m.changes))
	if !m.same("place order", err, granted) {
		return nil, false
	}
	m.orderIDs[order], m.orders = got.ID, append(m.orders, order)
	m.repeatable(func() bool {
		again, err := m.PlaceOrder(ctx, q, cause)
		return err == nil && again.ID == got.ID
	})
	return order, true
}

func (m *machine) places(t *rapid.T) {
	app := of(t, m.apps, "application")
	m.place(app, asker(t, app.sender))
}

func (m *machine) reserveFor(order *oracleOrder) (*oracleCert, bool) {
	m.t.Helper()
	q := registry.PhoneRequest{Order: m.orderIDs[order], Generation: m.generation, Key: m.newKey()}
	row, err := m.ReservePhone(ctx, q, m.cause)
	c, granted := m.oracle.reservePhone(order)
	if m.same("reserve phone", err, granted) {
		m.keep(c, row.Certificate)
		m.unchangedBy(func() bool {
			again, err := m.ReservePhone(ctx, q, m.cause)
			return err == nil && again.Serial == row.Serial
		})
	}
	return c, granted
}

func (m *machine) reserves(t *rapid.T) { m.reserveFor(of(t, m.orders, "order")) }

func (m *machine) completes(t *rapid.T) {
	c, _ := m.certificate(t)
	m.finish(c)
}

func (m *machine) activate(c *oracleCert) {
	m.t.Helper()
	m.changes++
	receipt := fmt.Sprint("receipt ", m.changes)
	_, err := m.Activate(ctx, c.serial, []byte(receipt), m.cause)
	m.same("activate", err, m.oracle.activate(c, receipt))
}

func (m *machine) activates(t *rapid.T) {
	c, _ := m.certificate(t)
	if c.au != certificate.AuthenticationAuthority {
		t.Skip("no certificate for authentication")
	}
	m.activate(c)
}

func (m *machine) erases(t *rapid.T) {
	phone := m.phone(t)
	m.same("report erase", m.ReportErase(ctx, m.phoneIDs[phone], []byte("erased"), m.cause), m.oracle.reportErase(phone))
}

func (m *machine) placeReset(phone *oraclePhone, asker string) (*oracleOrder, bool) {
	m.t.Helper()
	q, cause := registry.ResetRequest{Phone: m.phoneIDs[phone], Sender: asker}, m.called()
	got, err := m.PlaceReset(ctx, q, cause)
	order, granted := m.oracle.placeReset(phone, asker)
	if !m.same("place reset", err, granted) {
		return nil, false
	}
	if !got.Deadline.Equal(order.until) {
		m.t.Fatalf("open until %s, the oracle says %s", got.Deadline, order.until)
	}
	m.orderIDs[order], m.orders = got.ID, append(m.orders, order)
	m.repeatable(func() bool {
		again, err := m.PlaceReset(ctx, q, cause)
		return err == nil && again.ID == got.ID
	})
	return order, true
}

func (m *machine) placesReset(t *rapid.T) {
	phone := m.phone(t)
	m.placeReset(phone, asker(t, phone.sender))
}

func (m *machine) completeReset(order *oracleOrder, app *oracleApp, asker string) {
	m.t.Helper()
	m.changes++
	sealed := fmt.Sprint("sealed ", m.changes)
	got, err := m.CompleteReset(ctx, registry.ResetCompletion{Order: m.orderIDs[order], Application: m.appIDs[app], Sender: asker, Sealed: []byte(sealed)}, m.cause)
	if m.same("complete reset", err, m.oracle.completeReset(order, app, asker, sealed)) && got.Sealed != order.sealed {
		m.t.Fatalf("sealed is %q, the oracle says %q", got.Sealed, order.sealed)
	}
}

func (m *machine) completesReset(t *rapid.T) {
	order := of(t, m.orders, "order")
	m.completeReset(order, of(t, m.apps, "application"), asker(t, order.phone.sender))
}

// resetsPIN goes the whole way, with the turns it may take.
func (m *machine) resetsPIN(t *rapid.T) {
	phone := m.phone(t)
	who := asker(t, phone.sender)
	order, granted := m.placeReset(phone, who)
	if !granted {
		return
	}
	app, granted := m.apply(record.PurposePINReset, who, m.signatureOf(t, phone.person), phone, 0)
	if !granted {
		return
	}
	m.clock.advance(rapid.SampledFrom([]time.Duration{0, 0, 10 * time.Minute, 11 * time.Minute}).Draw(t, "pass"))
	m.oracle.tick(m.clock.now())
	for range rapid.IntRange(1, 2).Draw(t, "times") {
		m.completeReset(order, app, who)
	}
}

// turn revokes, suspends or resumes a phone; app may be nil.
func (m *machine) turn(t *rapid.T, purpose record.Purpose, phone *oraclePhone, app *oracleApp, asker string) {
	turn, cause := registry.Turn{Phone: m.phoneIDs[phone], Application: m.appIDs[app], Sender: asker}, m.called()
	var do func() error
	var granted bool
	switch purpose {
	case record.PurposeRevocation:
		reason := certificate.Reason(rapid.SampledFrom([]int{0, 1, 2, 4, 5, 6}).Draw(t, "reason"))
		do = func() error { return m.RevokePhone(ctx, turn, reason, cause) }
		granted = m.oracle.revokePhone(phone, app, asker, reason)
	case record.PurposeSuspensionLift:
		do = func() error { return m.ResumePhone(ctx, turn, cause) }
		granted = m.oracle.holdPhone(phone, app, asker, false)
	default:
		do = func() error { return m.SuspendPhone(ctx, turn, cause) }
		granted = m.oracle.holdPhone(phone, app, asker, true)
	}
	if m.same(fmt.Sprintf("turn of a phone for %d", purpose), do(), granted) {
		m.repeatable(func() bool { return do() == nil })
	}
}

func (m *machine) turns(t *rapid.T) {
	phone := m.phone(t)
	var app *oracleApp
	if rapid.IntRange(0, 3).Draw(t, "with application") == 0 {
		app = of(t, m.apps, "application")
	}
	purpose := rapid.SampledFrom([]record.Purpose{0, 0, record.PurposeSuspensionLift, record.PurposeSuspensionLift, record.PurposeRevocation}).Draw(t, "turn")
	m.turn(t, purpose, phone, app, asker(t, phone.sender))
}

// turnsByHolder does it with an application, once or twice.
func (m *machine) turnsByHolder(t *rapid.T) {
	phone := m.phone(t)
	purpose := rapid.SampledFrom([]record.Purpose{record.PurposeRevocation, record.PurposeSuspensionLift}).Draw(t, "turn")
	app, granted := m.apply(purpose, phone.sender, m.signatureOf(t, phone.person), phone, 0)
	if !granted {
		return
	}
	for range rapid.IntRange(1, 2).Draw(t, "times") {
		m.turn(t, purpose, phone, app, asker(t, phone.sender))
	}
}

func (m *machine) acknowledges(t *rapid.T) {
	name := rapid.SampledFrom([]string{"one", "two"}).Draw(t, "sender")
	box := m.oracle.mail[name]
	n := rapid.IntRange(0, len(box.notices)+1).Draw(t, "number")
	err := m.Acknowledge(ctx, name, uint64(n), m.cause)
	if (err != nil) != (n > len(box.notices)) {
		t.Fatalf("acknowledged %d of %d: %v", n, len(box.notices), err)
	}
	if err == nil {
		box.acknowledged = max(box.acknowledged, n)
	}
}

// oracleCall is a call by its name, with the request and what it was answered.
type oracleCall struct {
	request record.Hash
	begun   bool
	answer  string
}

func (m *machine) call(t *rapid.T) (string, *oracleCall) {
	n := rapid.IntRange(0, 3).Draw(t, "call")
	for len(m.calls) <= n {
		m.calls = append(m.calls, &oracleCall{})
	}
	return fmt.Sprint("begun ", n), m.calls[n]
}

func (m *machine) begins(t *rapid.T) {
	name, c := m.call(t)
	request, late := record.Hash(sha256.Sum256([]byte{byte(rapid.IntRange(0, 2).Draw(t, "request"))})), rapid.Bool().Draw(t, "late")
	got, err := m.BeginCall(ctx, name, request, late)
	granted := !late
	if c.begun {
		granted = request == c.request
	}
	if !m.same("begin call", err, granted) {
		return
	}
	c.request, c.begun = request, true
	if string(got) != c.answer {
		t.Fatalf("call answered %q, the oracle says %q", got, c.answer)
	}
}

func (m *machine) ends(t *rapid.T) {
	name, c := m.call(t)
	m.changes++
	answer := fmt.Sprint("answer ", m.changes)
	err := m.EndCall(ctx, name, []byte(answer))
	var refusal *registry.Refusal
	if open := c.begun && c.answer == ""; open != (err == nil) || errors.As(err, &refusal) {
		t.Fatalf("end of a call that is open %v: %v", open, err)
	}
	if err == nil {
		c.answer = answer
	}
}
