package ca

import (
	"context"
	"errors"
	"testing"
	"time"

	"inkan/ca/keys/testkeys"
	"inkan/ca/registry"
	"inkan/core/jpki/application"
	profile "inkan/core/jpki/certificate"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// signedFor brings an application of another purpose about a service instance.
func (w *world) signedFor(purpose application.Purpose, phone tsmp.PhoneID, with func(*application.Application)) (*tsmp.VerifyApplicationAnswer, error) {
	w.t.Helper()
	a, code := w.fields(purpose, 1)
	a.Instance = phone
	if with != nil {
		with(a)
	}
	return w.ca.VerifyApplication(w.t.Context(), w.call(), w.signed(a, code))
}

func TestRevokeByHolder(t *testing.T) {
	req.Covers(t, "SPEC-CA-060", "SPEC-CA-013")
	w := newWorld(t)
	_, app, _ := w.activated(1, 3)
	revocation, err := w.signedFor(application.Revocation, app.Phone, nil)
	w.ok(err)
	q := &tsmp.RevokeRequest{Phone: app.Phone, Cause: tsmp.Cause{Ground: tsmp.GroundApplication, ApplicationID: revocation.ApplicationID}, Reason: profile.CessationOfOperation}
	_, err = w.ca.Revoke(t.Context(), w.other(), q)
	w.refused(err, tsmp.CodeUnknownPhone)
	lift := &tsmp.ResumeRequest{Phone: app.Phone, Cause: q.Cause}
	_, err = w.ca.Resume(t.Context(), w.call(), lift)
	w.refused(err, tsmp.CodeApplicationPurpose)
	answer, err := w.ca.Revoke(t.Context(), w.call(), q)
	w.ok(err)
	if s := answer.Certificates[0]; s.State != profile.Revoked || s.Reason != profile.CessationOfOperation {
		t.Errorf("%+v", s)
	}
	again, err := w.ca.Revoke(t.Context(), w.call(), q) // after a crash, say
	w.ok(err)
	if again.Certificates[0] != answer.Certificates[0] {
		t.Errorf("%+v, then %+v", answer.Certificates[0], again.Certificates[0])
	}
	_, err = w.ca.GetCertificateStatus(t.Context(), w.other(), &tsmp.GetCertificateStatusRequest{Phone: app.Phone})
	w.refused(err, tsmp.CodeUnknownPhone)
}

func TestRevokeBeforeTheReceipt(t *testing.T) {
	req.Covers(t, "SPEC-CA-061", "SPEC-CA-050")
	w := newWorld(t)
	d, app, order := w.issued(1, 3)
	_, err := w.ca.Revoke(t.Context(), w.call(), &tsmp.RevokeRequest{Phone: app.Phone, Cause: tsmp.Cause{Ground: tsmp.GroundSubscription, Case: "SIM changed"}})
	w.ok(err)
	_, err = w.ca.Activate(t.Context(), w.call(), &tsmp.ActivateRequest{OrderID: order.OrderID, Receipt: d.activate()})
	w.refused(err, tsmp.CodeOrderClosed)
	_, err = w.ca.PlaceOrder(t.Context(), w.call(), &tsmp.PlaceOrderRequest{ApplicationID: app.ApplicationID, SIM: d.order.SIM,
		InstanceAID: d.aid.Append(nil), LoadFileHash: perso.Hash{1}, AttestationKey: d.keyID()})
	w.refused(err, tsmp.CodeApplicationUsed)
}

func TestSuspension(t *testing.T) {
	req.Covers(t, "SPEC-CA-063", "SPEC-CA-060", "SPEC-CA-013")
	w := newWorld(t)
	_, app, _ := w.activated(1, 3)
	desk := w.call()
	desk.Sender, desk.Role = "desk.inkan.example", tsmp.RoleHelpDesk
	hotline := tsmp.Cause{Ground: tsmp.GroundHotline, Case: "4711"}
	_, err := w.ca.Suspend(t.Context(), desk, &tsmp.SuspendRequest{Phone: app.Phone, Cause: hotline})
	w.ok(err)
	if w.state(app.Phone) != profile.Suspended {
		t.Fatal(w.state(app.Phone))
	}
	_, err = w.ca.Resume(t.Context(), desk, &tsmp.ResumeRequest{Phone: app.Phone, Cause: hotline})
	w.refused(err, tsmp.CodeGround)
	lift, err := w.signedFor(application.SuspensionLift, app.Phone, nil)
	w.ok(err)
	cause := tsmp.Cause{Ground: tsmp.GroundApplication, ApplicationID: lift.ApplicationID}
	_, err = w.ca.Resume(t.Context(), w.call(), &tsmp.ResumeRequest{Phone: app.Phone, Cause: cause})
	w.ok(err)
	if w.state(app.Phone) != profile.Active {
		t.Fatal(w.state(app.Phone))
	}
	desk.ID[0]++
	_, err = w.ca.Suspend(t.Context(), desk, &tsmp.SuspendRequest{Phone: app.Phone, Cause: hotline})
	w.ok(err)
	if _, err = w.ca.Resume(t.Context(), w.call(), &tsmp.ResumeRequest{Phone: app.Phone, Cause: cause}); err == nil && w.state(app.Phone) == profile.Active {
		t.Error("one application lifted two suspensions")
	}
}

// Only the receipt of what was issued activates it.
func TestReceipt(t *testing.T) {
	req.Covers(t, "SPEC-CA-050", "SPEC-CA-051")
	w := newWorld(t)
	d, app, order := w.issued(1, 3)
	q := &tsmp.ActivateRequest{OrderID: order.OrderID, Receipt: d.activate()}
	for i := range q.Receipt {
		wrong := append([]byte(nil), q.Receipt...)
		wrong[i] ^= 1
		if _, err := w.ca.Activate(t.Context(), w.call(), &tsmp.ActivateRequest{OrderID: order.OrderID, Receipt: wrong}); err == nil {
			t.Fatalf("byte %d changed: accepted", i)
		}
	}
	if w.state(app.Phone) != profile.Pending {
		t.Fatal(w.state(app.Phone))
	}
	first, err := w.ca.Activate(t.Context(), w.call(), q)
	w.ok(err)
	w.now = w.now.Add(time.Hour)
	again, err := w.ca.Activate(t.Context(), w.call(), q)
	w.ok(err)
	if *again != *first {
		t.Errorf("%+v, then %+v", first, again)
	}
	q.Receipt[len(q.Receipt)-1] ^= 1
	_, err = w.ca.Activate(t.Context(), w.call(), q)
	w.refused(err, tsmp.CodeReceipt)
}

func TestPendingEnds(t *testing.T) {
	req.Covers(t, "SPEC-CA-043", "SPEC-CA-065")
	w := newWorld(t)
	d, app, order := w.issued(1, 3)
	w.now = w.now.Add(registry.PendingTerm + time.Second)
	_, err := w.ca.Activate(t.Context(), w.call(), &tsmp.ActivateRequest{OrderID: order.OrderID, Receipt: d.activate()})
	w.refused(err, tsmp.CodePendingExpired)
	peer := &notified{t: t}
	n, err := w.ca.Notify(t.Context(), w.call().Sender, peer)
	w.ok(err)
	if n != 1 || peer.got[0].Event != tsmp.EventPendingEnded || peer.got[0].Phone != app.Phone || !peer.got[0].Erase {
		t.Errorf("%d, %+v", n, peer.got)
	}
}

// notified is an SP-TSM that takes notifications, and fails when told to.
type notified struct {
	t    *testing.T
	fail bool
	got  []tsmp.HandleCertificateStateChangeNotificationRequest
	ids  map[tsmp.CallID]bool
}

func (n *notified) HandleCertificateStateChangeNotification(_ context.Context, c *tsmp.Call, q *tsmp.HandleCertificateStateChangeNotificationRequest) (*tsmp.Acknowledgement, error) {
	if n.fail {
		return nil, errors.New("no answer")
	}
	n.got = append(n.got, *q)
	return &tsmp.Acknowledgement{}, nil
}

func TestNotifications(t *testing.T) {
	req.Covers(t, "SPEC-CA-065")
	w := newWorld(t)
	_, app, _ := w.activated(1, 3)
	sender := w.call().Sender
	municipal := registry.Cause{Actor: registry.Municipality}
	w.ok(w.reg.LoseCard(t.Context(), w.card, municipal))
	peer := &notified{t: t, fail: true}
	if n, err := w.ca.Notify(t.Context(), sender, peer); n != 0 || err == nil {
		t.Fatalf("%d, %v", n, err)
	}
	peer.fail = false
	n, err := w.ca.Notify(t.Context(), sender, peer)
	w.ok(err)
	if n != 1 || peer.got[0].Sequence != 1 || peer.got[0].Event != tsmp.EventCardLost || peer.got[0].Certificate.State != profile.Revoked || peer.got[0].Phone != app.Phone {
		t.Errorf("%+v", peer.got)
	}
	if n, err := w.ca.Notify(t.Context(), sender, peer); n != 0 || err != nil {
		t.Errorf("told again: %d, %v", n, err)
	}
}

func TestErase(t *testing.T) {
	req.Covers(t, "SPEC-CA-064")
	w := newWorld(t)
	d, app, _ := w.activated(1, 3)
	other, _, _ := w.activated(2, 4) // revokes the first
	q := &tsmp.ReportEraseRequest{Phone: app.Phone, Statement: other.erase()}
	_, err := w.ca.ReportErase(t.Context(), w.call(), q)
	w.refused(err, tsmp.CodeStatementMismatch)
	q.Statement = d.erase()
	q.Statement[len(q.Statement)-1] ^= 1
	_, err = w.ca.ReportErase(t.Context(), w.call(), q)
	w.refused(err, tsmp.CodeAttestation)
	q.Statement = d.erase()
	answer, err := w.ca.ReportErase(t.Context(), w.call(), q)
	w.ok(err)
	if !answer.RecordedAt.Equal(w.now) {
		t.Error(answer.RecordedAt)
	}
}

func TestPINReset(t *testing.T) {
	req.Covers(t, "SPEC-CA-070", "SPEC-CA-071", "SPEC-CA-072", "SPEC-CA-030")
	w := newWorld(t)
	d, app, _ := w.activated(1, 3)
	before := d.order
	order, err := w.ca.OrderPINReset(t.Context(), w.call(), &tsmp.OrderPINResetRequest{Phone: app.Phone})
	w.ok(err)
	d.challenge[5] = 0x77
	statement := d.takeOrder(order.Order)
	if d.order.SIM != before.SIM || d.order.LoadFile != before.LoadFile || d.order.CAKeyVersion != before.CAKeyVersion || d.order.Counter != before.Counter+1 {
		t.Errorf("%+v, issue %+v", d.order, before)
	}
	wrong, err := w.signedFor(application.PINReset, app.Phone, func(a *application.Application) {
		a.Order = application.OrderProof{Hash: d.order.Hash(), Challenge: [16]byte{1}}
	})
	w.ok(err)
	q := &tsmp.SealPINResetRequest{OrderID: order.OrderID, ApplicationID: wrong.ApplicationID, OrderStatement: statement}
	_, err = w.ca.SealPINReset(t.Context(), w.call(), q)
	w.refused(err, tsmp.CodeChallengeMismatch)
	right, err := w.signedFor(application.PINReset, app.Phone, func(a *application.Application) {
		a.Order = application.OrderProof{Hash: d.order.Hash(), Challenge: d.challenge}
	})
	w.ok(err)
	q.ApplicationID = right.ApplicationID
	answer, err := w.ca.SealPINReset(t.Context(), w.call(), q)
	w.ok(err)
	d.takeEnvelope(answer.Envelope)
	if len(d.item(perso.ItemCode)) != 12 || string(d.item(perso.ItemChallenge)) != string(d.challenge[:]) {
		t.Error("envelope without code or challenge")
	}
	again, err := w.ca.SealPINReset(t.Context(), w.call(), q)
	w.ok(err)
	if string(again.Envelope) != string(answer.Envelope) || string(again.HolderCode) != string(answer.HolderCode) {
		t.Error("another code for the same order")
	}
}

func TestPINResetIsTooLate(t *testing.T) {
	req.Covers(t, "SPEC-CA-070")
	w := newWorld(t)
	d, app, _ := w.activated(1, 3)
	order, err := w.ca.OrderPINReset(t.Context(), w.call(), &tsmp.OrderPINResetRequest{Phone: app.Phone})
	w.ok(err)
	statement := d.takeOrder(order.Order)
	w.now = w.now.Add(registry.ResetTerm + time.Second)
	signed, err := w.signedFor(application.PINReset, app.Phone, func(a *application.Application) {
		a.Order = application.OrderProof{Hash: d.order.Hash(), Challenge: d.challenge}
	})
	w.ok(err)
	_, err = w.ca.SealPINReset(t.Context(), w.call(), &tsmp.SealPINResetRequest{OrderID: order.OrderID, ApplicationID: signed.ApplicationID, OrderStatement: statement})
	w.refused(err, tsmp.CodeOrderExpired)
}

func TestTransfer(t *testing.T) {
	req.Covers(t, "SPEC-CA-060")
	w := newWorld(t)
	_, app, _ := w.activated(1, 3)
	a, code := w.fields(application.Transfer, 2)
	a.Instance = app.Phone
	answer, err := w.ca.VerifyApplication(t.Context(), w.call(), w.signed(a, code))
	w.ok(err)
	if answer.Replaces != app.Phone || answer.Phone == app.Phone || answer.Purpose != tsmp.PurposeTransfer {
		t.Fatalf("%+v", answer)
	}
	d := newDouble(t, 2, testkeys.Holder(4))
	order := w.order(answer.ApplicationID, 2, d)
	issued, err := w.ca.Issue(t.Context(), w.call(), &tsmp.IssueRequest{OrderID: order.OrderID, OrderStatement: d.takeOrder(order.Order), KeyStatements: [][]byte{d.generate()}})
	w.ok(err)
	d.takeEnvelope(issued.Envelopes[0])
	activated, err := w.ca.Activate(t.Context(), w.call(), &tsmp.ActivateRequest{OrderID: order.OrderID, Receipt: d.activate()})
	w.ok(err)
	if activated.Superseded != app.Phone {
		t.Errorf("superseded %s, want %s", activated.Superseded, app.Phone)
	}
}
