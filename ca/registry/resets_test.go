package registry_test

import (
	"testing"
	"time"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

// about brings an application of another purpose than issue about a phone.
func (w *world) about(purpose record.Purpose, h holder, phone record.PhoneID, sim record.SIM) (record.Application, error) {
	q := w.request(h.signature.Serial, sim)
	q.Purpose, q.Origin, q.Phone = purpose, 0, phone
	return w.RegisterApplication(ctx, q, cause)
}

func TestPINReset(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-029", "SPEC-CA-LIFECYCLE-081", "SPEC-CA-LIFECYCLE-082", "SPEC-CA-LIFECYCLE-083")
	w := memory(t)
	h, other := w.holder(), w.holder()
	c := w.enrolled(h, sim1)
	_, err := w.about(record.PurposePINReset, other, c.Phone, sim1)
	w.refused(err, registry.WrongHolder)
	_, err = w.about(record.PurposePINReset, h, c.Phone, sim2)
	w.refused(err, registry.WrongSIM)
	issue, err := w.orderOf(c.Order)
	w.ok(err)
	var o record.Order
	for range registry.ResetLimit {
		o, err = w.PlaceReset(ctx, registry.ResetRequest{Phone: c.Phone}, cause)
		w.ok(err)
	}
	if o.SIM != issue.SIM || o.Instance != issue.Instance || o.LoadFile != issue.LoadFile || o.Counter != issue.Counter+registry.ResetLimit {
		t.Errorf("reset %+v of issue %+v", o, issue)
	}
	_, err = w.PlaceReset(ctx, registry.ResetRequest{Phone: c.Phone}, cause)
	w.refused(err, registry.TooManyResets)
	_, err = w.ReservePhone(ctx, registry.PhoneRequest{Order: o.ID, Generation: 1, Key: w.newKey()}, cause)
	w.refused(err, registry.WrongPurpose)
	app, err := w.about(record.PurposePINReset, h, c.Phone, sim1)
	w.ok(err)
	_, err = w.PlaceOrder(ctx, registry.OrderRequest{Application: app.ID, SIM: sim1, Instance: aid}, cause)
	w.refused(err, registry.WrongPurpose)
	q := registry.ResetCompletion{Order: o.ID, Application: app.ID, Sealed: []byte("sealed")}
	done, err := w.CompleteReset(ctx, q, cause)
	w.ok(err)
	q.Sealed = []byte("another code")
	again, err := w.CompleteReset(ctx, q, cause)
	w.ok(err)
	if done.Sealed != "sealed" || again.Sealed != "sealed" {
		t.Errorf("sealed %q, then %q", done.Sealed, again.Sealed)
	}
	second, err := w.about(record.PurposePINReset, h, c.Phone, sim1)
	w.ok(err)
	q.Application = second.ID
	_, err = w.CompleteReset(ctx, q, cause)
	w.refused(err, registry.OrderClosed)
	w.check()
}

func (w *world) orderOf(id record.OrderID) (record.Order, error) {
	s := w.snapshot()
	defer s.Close()
	return s.Order(id)
}

func TestPINResetInTime(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-029", "SPEC-CA-LIFECYCLE-081", "SPEC-CA-LIFECYCLE-082")
	w := memory(t)
	h := w.holder()
	c := w.enrolled(h, sim1)
	app, err := w.about(record.PurposePINReset, h, c.Phone, sim1)
	w.ok(err)
	first, err := w.PlaceReset(ctx, registry.ResetRequest{Phone: c.Phone}, cause)
	w.ok(err)
	o, err := w.PlaceReset(ctx, registry.ResetRequest{Phone: c.Phone}, cause)
	w.ok(err)
	q := registry.ResetCompletion{Order: first.ID, Application: app.ID, Sealed: []byte("sealed")}
	_, err = w.CompleteReset(ctx, q, cause)
	w.refused(err, registry.OrderClosed) // the second order took its place
	w.clock.advance(registry.ResetTerm + time.Second)
	q.Order = o.ID
	_, err = w.CompleteReset(ctx, q, cause)
	w.refused(err, registry.OrderExpired)
	w.clock.advance(registry.ResetWindow)
	o, err = w.PlaceReset(ctx, registry.ResetRequest{Phone: c.Phone}, cause)
	w.ok(err)
	_, err = w.Suspend(ctx, c.Authority, c.Serial, cause)
	w.ok(err)
	_, err = w.PlaceReset(ctx, registry.ResetRequest{Phone: c.Phone}, cause)
	w.refused(err, registry.NotActive)
	app, err = w.about(record.PurposePINReset, h, c.Phone, sim1)
	w.ok(err)
	_, err = w.CompleteReset(ctx, registry.ResetCompletion{Order: o.ID, Application: app.ID, Sealed: []byte("s")}, cause)
	w.refused(err, registry.NotActive)
	w.check()
}

// Each purpose opens its own door once.
func TestTurns(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-084", "SPEC-CA-LIFECYCLE-085", "SPEC-CA-LIFECYCLE-044")
	w := memory(t)
	h := w.holder()
	c := w.enrolled(h, sim1)
	turn := registry.Turn{Phone: c.Phone}
	w.ok(w.ResumePhone(ctx, turn, cause)) // it is active
	w.ok(w.SuspendPhone(ctx, turn, cause))
	w.ok(w.SuspendPhone(ctx, turn, cause))
	revocation, err := w.about(record.PurposeRevocation, h, c.Phone, record.SIM{})
	w.ok(err)
	lift, err := w.about(record.PurposeSuspensionLift, h, c.Phone, record.SIM{})
	w.ok(err)
	turn.Application = revocation.ID
	w.refused(w.ResumePhone(ctx, turn, cause), registry.WrongPurpose)
	turn.Application = lift.ID
	w.ok(w.ResumePhone(ctx, turn, cause))
	w.ok(w.ResumePhone(ctx, turn, cause)) // the same again
	w.ok(w.SuspendPhone(ctx, registry.Turn{Phone: c.Phone}, cause))
	w.ok(w.ResumePhone(ctx, turn, cause)) // used up: nothing happens
	if got := w.state(c); got != certificate.Suspended {
		t.Errorf("%v: one application lifted two suspensions", got)
	}
	turn.Application = revocation.ID
	w.refused(w.RevokePhone(ctx, turn, certificate.CertificateHold, cause), registry.ReasonNotAdmitted)
	w.ok(w.RevokePhone(ctx, turn, certificate.CessationOfOperation, cause))
	w.ok(w.RevokePhone(ctx, turn, certificate.KeyCompromise, cause))
	if got := w.state(c); got != certificate.Revoked {
		t.Error(got)
	}
	w.check()
}

func (w *world) state(c record.Certificate) certificate.State {
	w.t.Helper()
	s := w.snapshot()
	defer s.Close()
	st, _, err := s.Status(c.Authority, c.Serial)
	w.ok(err)
	return st.State
}

func TestRevokePhoneEndsWhatIsOpen(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-084")
	w := memory(t)
	h := w.holder()
	c := w.pending(h, sim1)
	w.ok(w.RevokePhone(ctx, registry.Turn{Phone: c.Phone}, certificate.KeyCompromise, cause))
	w.wantState(c, certificate.Revoked, certificate.KeyCompromise)
	_, err := w.Activate(ctx, c.Serial, []byte("receipt"), cause)
	w.refused(err, registry.NotPending)
	app, err := w.RegisterApplication(ctx, w.request(h.signature.Serial, sim2), cause)
	w.ok(err)
	w.ok(w.RevokePhone(ctx, registry.Turn{Phone: app.Phone}, certificate.CessationOfOperation, cause))
	_, err = w.PlaceOrder(ctx, registry.OrderRequest{Application: app.ID, SIM: sim2, Instance: aid}, cause)
	w.refused(err, registry.ApplicationClosed)
	w.check()
}

func TestTransfer(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-088")
	w := memory(t)
	h := w.holder()
	old := w.enrolled(h, sim1)
	q := w.request(h.signature.Serial, sim2)
	q.Purpose, q.Phone = record.PurposeTransfer, record.PhoneID{1}
	_, err := w.RegisterApplication(ctx, q, cause)
	w.refused(err, registry.UnknownPhone)
	q = w.request(h.signature.Serial, sim2)
	q.Purpose, q.Phone = record.PurposeTransfer, old.Phone
	app, err := w.RegisterApplication(ctx, q, cause)
	w.ok(err)
	if app.Replaces != old.Phone || app.Phone == old.Phone || app.Phone == (record.PhoneID{}) {
		t.Fatalf("%+v", app)
	}
	w.ok(w.RevokePhone(ctx, registry.Turn{Phone: old.Phone}, certificate.KeyCompromise, cause))
	q = w.request(h.signature.Serial, sim2)
	q.Purpose, q.Phone = record.PurposeTransfer, old.Phone
	_, err = w.RegisterApplication(ctx, q, cause)
	w.refused(err, registry.NotActive)
	w.check()
}

// To a service manager nothing of another one exists.
func TestOwners(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-080")
	w := memory(t)
	h := w.holder()
	q := w.request(h.signature.Serial, sim1)
	q.Sender = "one"
	app, err := w.RegisterApplication(ctx, q, cause)
	w.ok(err)
	order := registry.OrderRequest{Application: app.ID, SIM: sim1, Instance: aid, Sender: "two"}
	_, err = w.PlaceOrder(ctx, order, cause)
	w.refused(err, registry.UnknownApplication)
	order.Sender = "one"
	_, err = w.PlaceOrder(ctx, order, cause)
	w.ok(err)
	order.Sender = "one"
	call := registry.Cause{Actor: registry.SPTSM, Call: "a call"}
	_, err = w.PlaceOrder(ctx, order, call)
	w.ok(err)
	order.Sender = "two"
	_, err = w.PlaceOrder(ctx, order, call)
	w.refused(err, registry.UnknownApplication)
	turn := registry.Turn{Phone: app.Phone, Sender: "two"}
	w.refused(w.RevokePhone(ctx, turn, certificate.KeyCompromise, cause), registry.UnknownPhone)
	_, err = w.PlaceReset(ctx, registry.ResetRequest{Phone: app.Phone, Sender: "two"}, cause)
	w.refused(err, registry.UnknownPhone)
	turn.Sender = ""
	w.ok(w.RevokePhone(ctx, turn, certificate.CessationOfOperation, cause))
	w.check()
}

// An application is for its phone, for a day, and for a hold that it knows of.
func TestUseOfApplications(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-085", "SPEC-CA-LIFECYCLE-091")
	w := memory(t)
	h := w.holder()
	old := w.enrolled(h, sim1)
	revocation, err := w.about(record.PurposeRevocation, h, old.Phone, record.SIM{})
	w.ok(err)
	c := w.enrolled(h, sim2)
	w.refused(w.RevokePhone(ctx, registry.Turn{Phone: c.Phone, Application: revocation.ID}, certificate.KeyCompromise, cause), registry.WrongPurpose)
	lift, err := w.about(record.PurposeSuspensionLift, h, c.Phone, record.SIM{})
	w.ok(err)
	w.clock.advance(time.Second)
	w.ok(w.SuspendPhone(ctx, registry.Turn{Phone: c.Phone}, cause))
	turn := registry.Turn{Phone: c.Phone, Application: lift.ID}
	w.refused(w.ResumePhone(ctx, turn, cause), registry.ApplicationClosed)
	for after, late := range map[time.Duration]bool{registry.ApplicationTerm: false, registry.ApplicationTerm + time.Second: true} {
		lift, err = w.about(record.PurposeSuspensionLift, h, c.Phone, record.SIM{})
		w.ok(err)
		w.clock.advance(after)
		turn.Application = lift.ID
		if err := w.ResumePhone(ctx, turn, cause); late {
			w.refused(err, registry.ApplicationClosed)
		} else {
			w.ok(err)
		}
		w.ok(w.SuspendPhone(ctx, registry.Turn{Phone: c.Phone}, cause))
	}
	w.check()
}

// The fourth order for PIN reset has to wait until a day after the first.
func TestRateOfResets(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-029")
	w := memory(t)
	q := registry.ResetRequest{Phone: w.enrolled(w.holder(), sim1).Phone}
	for range registry.ResetLimit {
		_, err := w.PlaceReset(ctx, q, cause)
		w.ok(err)
	}
	w.clock.advance(registry.ResetWindow - time.Second)
	_, err := w.PlaceReset(ctx, q, cause)
	w.refused(err, registry.TooManyResets)
	w.clock.advance(time.Second)
	_, err = w.PlaceReset(ctx, q, cause)
	w.ok(err)
	w.check()
}

// What was sealed is for the service manager that ordered it, and an application
// for the one that brought it.
func TestOwnersOfApplications(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-080", "SPEC-CA-LIFECYCLE-082")
	w := memory(t)
	h := w.holder()
	brought := func(sender string, purpose record.Purpose, phone record.PhoneID) record.Application {
		q := w.request(h.signature.Serial, sim1)
		q.Sender, q.Purpose, q.Phone = sender, purpose, phone
		if !purpose.Issues() {
			q.Origin = 0
		}
		app, err := w.RegisterApplication(ctx, q, cause)
		w.ok(err)
		return app
	}
	c, err := w.Activate(ctx, w.complete(w.reserve(w.order(brought("one", record.PurposeIssue, record.PhoneID{})))).Serial, []byte("receipt"), cause)
	w.ok(err)
	o, err := w.PlaceReset(ctx, registry.ResetRequest{Phone: c.Phone, Sender: "one"}, cause)
	w.ok(err)
	q := registry.ResetCompletion{Order: o.ID, Application: brought("one", record.PurposePINReset, c.Phone).ID, Sender: "one", Sealed: []byte("sealed")}
	_, err = w.CompleteReset(ctx, q, cause)
	w.ok(err)
	q.Sender = "two"
	_, err = w.CompleteReset(ctx, q, cause)
	w.refused(err, registry.UnknownOrder)
	foreign := brought("", record.PurposeRevocation, c.Phone)
	w.refused(w.RevokePhone(ctx, registry.Turn{Phone: c.Phone, Application: foreign.ID, Sender: "one"}, certificate.KeyCompromise, cause), registry.UnknownApplication)
	w.ok(w.RevokePhone(ctx, registry.Turn{Phone: c.Phone, Application: foreign.ID}, certificate.KeyCompromise, cause))
	w.check()
}

// A service manager is told what it has not asked for, once, in order.
func TestNotices(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-086")
	w := memory(t)
	h := w.holder()
	issued := func(sim record.SIM) record.Certificate {
		q := w.request(h.signature.Serial, sim)
		q.Sender = "sp"
		app, err := w.RegisterApplication(ctx, q, cause)
		w.ok(err)
		c := w.complete(w.reserve(w.order(app)))
		c, err = w.Activate(ctx, c.Serial, []byte("receipt"), registry.Cause{Actor: registry.SPTSM})
		w.ok(err)
		return c
	}
	first := issued(sim1)
	if got := w.notices("sp"); len(got) != 0 {
		t.Fatalf("%+v: it asked for that itself", got)
	}
	second := issued(sim2)
	w.ok(w.SuspendPhone(ctx, registry.Turn{Phone: second.Phone}, registry.Cause{Actor: registry.Hotline}))
	w.ok(w.ResumePhone(ctx, registry.Turn{Phone: second.Phone}, registry.Cause{Actor: registry.SPTSM}))
	w.ok(w.LoseCard(ctx, h.card, cause))
	got := w.notices("sp")
	if len(got) != 3 || got[0].Phone != first.Phone || !got[0].Erase || got[1].State != certificate.Suspended || got[1].Erase || got[2].State != certificate.Revoked {
		t.Fatalf("%+v", got)
	}
	for i, n := range got {
		if n.Number != uint64(i+1) {
			t.Errorf("notice %d has number %d", i+1, n.Number)
		}
	}
	w.ok(w.Acknowledge(ctx, "sp", 2, cause))
	w.ok(w.Acknowledge(ctx, "sp", 1, cause))
	if got = w.notices("sp"); len(got) != 1 || got[0].Number != 3 {
		t.Fatalf("%+v", got)
	}
	if err := w.Acknowledge(ctx, "sp", 4, cause); err == nil {
		t.Error("acknowledged what was never given")
	}
	w.check()
}

// The call of another service manager is no way to its orders.
func TestOwnersOfResets(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-080", "SPEC-CA-LIFECYCLE-089")
	w := memory(t)
	c := w.enrolled(w.holder(), sim1)
	q, call := registry.ResetRequest{Phone: c.Phone}, registry.Cause{Actor: registry.SPTSM, Call: "a call"}
	o, err := w.PlaceReset(ctx, q, call)
	w.ok(err)
	again, err := w.PlaceReset(ctx, q, call)
	w.ok(err)
	if again != o {
		t.Errorf("reset %+v, then %+v", o, again)
	}
	q.Sender = "two"
	_, err = w.PlaceReset(ctx, q, call)
	w.refused(err, registry.UnknownPhone)
	_, err = w.PlaceReset(ctx, registry.ResetRequest{Phone: record.PhoneID{1}}, call)
	w.refused(err, registry.DifferentRequest)
	w.check()
}

func (w *world) notices(sender string) (list []record.Notice) {
	w.t.Helper()
	s := w.snapshot()
	defer s.Close()
	w.ok(s.Notices(sender, 100, func(n *record.Notice) error { list = append(list, *n); return nil }))
	return list
}

func TestCalls(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-050", "SPEC-CA-LIFECYCLE-054", "SPEC-CA-LIFECYCLE-087")
	w := memory(t)
	request := record.Hash{1}
	_, err := w.BeginCall(ctx, "sp/1", request, true)
	w.refused(err, registry.TooLate)
	answer, err := w.BeginCall(ctx, "sp/1", request, false)
	if err != nil || answer != nil {
		t.Fatalf("%q, %v", answer, err)
	}
	_, err = w.BeginCall(ctx, "sp/1", request, true) // begun in time
	w.ok(err)
	_, err = w.BeginCall(ctx, "sp/1", record.Hash{2}, false)
	w.refused(err, registry.DifferentRequest)
	w.ok(w.EndCall(ctx, "sp/1", []byte("answer")))
	if err := w.EndCall(ctx, "sp/1", []byte("another")); err == nil {
		t.Error("a call ended twice")
	}
	if answer, err = w.BeginCall(ctx, "sp/1", request, true); err != nil || string(answer) != "answer" {
		t.Errorf("%q, %v", answer, err)
	}
	_, err = w.BeginCall(ctx, "sp/1", record.Hash{2}, false)
	w.refused(err, registry.DifferentRequest)
	w.check()
}

// What is no longer, or not yet, active or suspended is not turned.
func TestTurnsOfNothing(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-004", "SPEC-CA-LIFECYCLE-044", "SPEC-CA-LIFECYCLE-084")
	w := memory(t)
	h := w.holder()
	active := w.enrolled(h, sim1)
	app := w.apply(h, sim2)
	empty, own := registry.Turn{Phone: app.Phone}, registry.Turn{Phone: active.Phone}
	w.refused(w.SuspendPhone(ctx, empty, cause), registry.NotActive)
	w.refused(w.ResumePhone(ctx, empty, cause), registry.NotSuspended)
	lift, err := w.about(record.PurposeSuspensionLift, h, app.Phone, record.SIM{})
	w.ok(err)
	w.refused(w.ResumePhone(ctx, registry.Turn{Phone: app.Phone, Application: lift.ID}, cause), registry.NotSuspended)
	w.ok(w.RevokePhone(ctx, own, certificate.CessationOfOperation, cause))
	c := w.complete(w.reserve(w.order(app))) // the other phone's application is still open
	w.refused(w.SuspendPhone(ctx, empty, cause), registry.NotActive)
	w.refused(w.SuspendPhone(ctx, own, cause), registry.NotActive)
	w.refused(w.ResumePhone(ctx, own, cause), registry.NotSuspended)
	c, err = w.Activate(ctx, c.Serial, []byte("receipt"), cause)
	w.ok(err)
	w.ok(w.SuspendPhone(ctx, empty, cause))
	w.once("suspension", func() error { return w.SuspendPhone(ctx, empty, cause) })
	w.clock.seconds.Store(c.NotAfter.Unix() + 1)
	w.refused(w.ResumePhone(ctx, empty, cause), registry.CertificateExpired)
	_, err = w.Activate(ctx, h.authentication.Serial, []byte("receipt"), cause)
	w.refused(err, registry.NotPending) // no phone's
	w.check()
}

// Orders for PIN reset, and what completes them, one condition at a time.
func TestResetRequests(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-080", "SPEC-CA-LIFECYCLE-081", "SPEC-CA-LIFECYCLE-082", "SPEC-CA-LIFECYCLE-089")
	w := memory(t)
	h := w.holder()
	signed := w.request(h.signature.Serial, sim1)
	signed.Sender = "sp"
	app, err := w.RegisterApplication(ctx, signed, cause)
	w.ok(err)
	issue, err := w.PlaceOrder(ctx, registry.OrderRequest{Application: app.ID, Sender: "sp", SIM: sim1, Instance: aid}, called("issue"))
	w.ok(err)
	c, err := w.Activate(ctx, w.complete(w.reserve(issue)).Serial, []byte("receipt"), cause)
	w.ok(err)
	q := registry.ResetRequest{Phone: c.Phone, Sender: "sp", Content: func(o, of record.Order) ([]byte, error) { return append(o.ID[:], of.ID[:]...), nil }}
	_, err = w.PlaceReset(ctx, q, called("issue")) // an order's, but no reset's
	w.refused(err, registry.DifferentRequest)
	o, err := w.PlaceReset(ctx, q, called("reset"))
	if w.ok(err); o.Content != string(o.ID[:])+string(issue.ID[:]) {
		t.Errorf("content %x", o.Content)
	}
	q.Sender = "" // who may name all
	w.once("reset", func() error {
		again, err := w.PlaceReset(ctx, q, called("reset"))
		if again != o {
			t.Error("another order")
		}
		return err
	})
	sealed := registry.ResetCompletion{Order: o.ID, Sender: "sp", Sealed: make([]byte, registry.MaxSealed)}
	_, err = w.CompleteReset(ctx, sealed, cause) // by no application
	w.refused(err, registry.UnknownApplication)
	signed = w.request(h.signature.Serial, sim1)
	signed.Sender, signed.Purpose, signed.Origin, signed.Phone = "sp", record.PurposePINReset, 0, c.Phone
	app, err = w.RegisterApplication(ctx, signed, cause)
	w.ok(err)
	sealed.Application = app.ID
	for name, bytes := range map[string][]byte{"nothing sealed": nil, "too much sealed": make([]byte, registry.MaxSealed+1)} {
		w.malformed(name, func() error {
			q := sealed
			q.Sealed = bytes
			_, err := w.CompleteReset(ctx, q, cause)
			return err
		})
	}
	of := sealed
	of.Order = issue.ID
	_, err = w.CompleteReset(ctx, of, cause)
	w.refused(err, registry.WrongPurpose)
	sealed.Sender = "" // who may name all
	_, err = w.CompleteReset(ctx, sealed, cause)
	w.ok(err)
	w.once("completion", func() error { _, err := w.CompleteReset(ctx, sealed, cause); return err })
	w.check()
}

// Nobody is told what he, or the holder through him, has asked for, and nobody at all
// of a phone that no service manager has.
func TestNoNotices(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-086")
	w := memory(t)
	own := w.enrolled(w.holder(), sim2)
	w.ok(w.SuspendPhone(ctx, registry.Turn{Phone: own.Phone}, registry.Cause{Actor: registry.Hotline}))
	h := w.holder()
	q := w.request(h.signature.Serial, sim1)
	q.Sender = "sp"
	app, err := w.RegisterApplication(ctx, q, cause)
	w.ok(err)
	_, err = w.Activate(ctx, w.complete(w.reserve(w.order(app))).Serial, []byte("receipt"), registry.Cause{Actor: registry.SPTSM})
	w.ok(err)
	turn := registry.Turn{Phone: app.Phone}
	w.ok(w.SuspendPhone(ctx, turn, registry.Cause{Actor: registry.Holder}))
	has := func(want bool) {
		t.Helper()
		if got, err := w.HasNotices("sp"); got != want || err != nil {
			t.Errorf("notices: %v, %v", got, err)
		}
	}
	has(false)
	w.ok(w.ResumePhone(ctx, turn, registry.Cause{Actor: registry.Operator}))
	has(true)
	w.ok(w.Acknowledge(ctx, "sp", 1, cause))
	has(false)
	s := w.snapshot()
	defer s.Close()
	var senders []string
	w.ok(s.Senders(func(sender string) error { senders = append(senders, sender); return nil }))
	if len(senders) != 1 || senders[0] != "sp" {
		t.Errorf("senders %q", senders)
	}
	w.check()
}
