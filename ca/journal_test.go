package ca

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"testing"
	"time"

	"inkan/ca/keys/testkeys"
	"inkan/ca/registry/record"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	profile "inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// pair is an SP-TSM's caller and the authority's handler on one journal.
func (w *world) pair() (*tsmp.Caller, *tsmp.Handler) {
	own, peer := ed25519.NewKeyFromSeed(make([]byte, 32)), ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))
	directory := tsmp.Keys{
		"ca-1": {ID: "ca-1", Party: "ca.inkan.example", Role: tsmp.RoleCA, Public: own.Public()},
		"sp-1": {ID: "sp-1", Party: "sp-tsm.inkan.example", Role: tsmp.RoleSPTSM, Public: peer.Public()},
	}
	h := &tsmp.Handler{Identity: tsmp.Identity{Party: "ca.inkan.example", KeyID: "ca-1", Signer: own}, Keys: directory,
		Journal: w.ca.NewJournal(), Service: w.ca.Service(), Refused: w.ca.NoteRefusal, Now: func() time.Time { return w.now }}
	c := &tsmp.Caller{Identity: tsmp.Identity{Party: "sp-tsm.inkan.example", KeyID: "sp-1", Signer: peer}, Peer: "ca.inkan.example", Keys: directory, Exchange: h.Handle}
	return c, h
}

// Over signed messages, and with the authority's process gone after any call: the
// same bytes are answered the same.
func TestCallsSurvive(t *testing.T) {
	req.Covers(t, "SPEC-CA-014", "SPEC-TSM-PROTOCOL-041")
	w := newWorld(t)
	caller, handler := w.pair()
	a, code := w.fields(application.Issue, 1)
	call := w.call()
	call.Function = tsmp.VerifyApplication
	request, err := caller.Seal(call, w.signed(a, code))
	w.ok(err)
	first, err := handler.Handle(t.Context(), request)
	w.ok(err)
	w.now = w.now.Add(48 * time.Hour)
	handler.Journal = w.ca.NewJournal() // what the process knew is gone
	again, err := handler.Handle(t.Context(), request)
	w.ok(err)
	if !bytes.Equal(first, again) {
		t.Error("another answer to the same call")
	}
	late := w.call()
	late.Function, late.Sent = tsmp.GetCertificateStatus, w.now.Add(-25*time.Hour)
	request, err = caller.Seal(late, &tsmp.GetCertificateStatusRequest{Phone: tsmp.PhoneID{1}})
	w.ok(err)
	_, err = caller.Send(t.Context(), request)
	w.refused(err, tsmp.CodeExpired)
	other := *call
	request, err = caller.Seal(&other, w.signed(a, application.NewCode(w.seed)))
	w.ok(err)
	_, err = caller.Send(t.Context(), request)
	w.refused(err, tsmp.CodeConflict)
}

// breaking is a registry's journal whose process dies before the answer is kept.
type breaking struct{ tsmp.Journal }

func (breaking) End(context.Context, tsmp.CallKey, []byte) error { return context.Canceled }

// A call that was carried out and not answered is carried out again, and changes
// nothing: one application, one order, one serial number.
func TestExecutedTwice(t *testing.T) {
	req.Covers(t, "SPEC-CA-014", "SPEC-TSM-PROTOCOL-043", "SPEC-CA-012")
	w := newWorld(t)
	caller, handler := w.pair()
	twice := func(f tsmp.Function, body tsmp.Body) tsmp.Body {
		t.Helper()
		call := w.call()
		call.Function = f
		request, err := caller.Seal(call, body)
		w.ok(err)
		handler.Journal = breaking{w.ca.NewJournal()}
		if answer, err := handler.Handle(t.Context(), request); err == nil && answer != nil {
			if _, _, err := caller.Open(request, answer); err == nil && handler.Journal != nil {
				w.now = w.now.Add(2 * time.Minute)
			}
		}
		handler.Journal = w.ca.NewJournal()
		answer, err := caller.Send(t.Context(), request)
		w.ok(err)
		return answer
	}
	a, code := w.fields(application.Issue, 1)
	app := twice(tsmp.VerifyApplication, w.signed(a, code)).(*tsmp.VerifyApplicationAnswer)
	d := newDouble(t, 1, testkeys.Holder(3))
	w.order(app.ApplicationID, 1, d) // makes the key known; its order is replaced
	order := twice(tsmp.PlaceOrder, &tsmp.PlaceOrderRequest{ApplicationID: app.ApplicationID, SIM: a.SIM, InstanceAID: d.aid.Append(nil),
		LoadFileHash: [32]byte{1}, AttestationKey: d.keyID()}).(*tsmp.PlaceOrderAnswer)
	issue := &tsmp.IssueRequest{OrderID: order.OrderID, OrderStatement: d.takeOrder(order.Order), KeyStatements: [][]byte{d.generate()}}
	issued := twice(tsmp.Issue, issue).(*tsmp.IssueAnswer)
	if d.order.Counter != 2 {
		t.Errorf("counter %d, want 2", d.order.Counter)
	}
	d.takeEnvelope(issued.Envelopes[0])
	activated := twice(tsmp.Activate, &tsmp.ActivateRequest{OrderID: order.OrderID, Receipt: d.activate()}).(*tsmp.ActivateAnswer)
	s, err := w.reg.Snapshot(t.Context())
	w.ok(err)
	defer s.Close()
	list, err := s.OfPhone([16]byte(app.Phone))
	w.ok(err)
	if len(list) != 1 || list[0].State != profile.Active || !activated.ActivatedAt.Equal(list[0].Activated) {
		t.Errorf("%d certificates, %+v", len(list), activated)
	}
	if _, err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// An answer with an envelope is nowhere in the registry once the receipt is there.
func TestSealedAnswerIsNotKept(t *testing.T) {
	req.Covers(t, "SPEC-CA-015")
	w := newWorld(t)
	caller, handler := w.pair()
	app := w.apply(1, jpki.OriginOnCard)
	d := newDouble(t, 1, testkeys.Holder(3))
	order := w.order(app.ApplicationID, 1, d)
	call := w.call()
	call.Function = tsmp.Issue
	request, err := caller.Seal(call, &tsmp.IssueRequest{OrderID: order.OrderID, OrderStatement: d.takeOrder(order.Order), KeyStatements: [][]byte{d.generate()}})
	w.ok(err)
	answer, err := caller.Send(t.Context(), request)
	w.ok(err)
	envelope := answer.(*tsmp.IssueAnswer).Envelopes[0]
	handler.Journal = w.ca.NewJournal()
	again, err := caller.Send(t.Context(), request)
	w.ok(err)
	if !bytes.Equal(again.(*tsmp.IssueAnswer).Envelopes[0], envelope) {
		t.Error("another envelope for the same call")
	}
	d.takeEnvelope(envelope)
	_, err = w.ca.Activate(t.Context(), w.call(), &tsmp.ActivateRequest{OrderID: order.OrderID, Receipt: d.activate()})
	w.ok(err)
	s, err := w.reg.Snapshot(t.Context())
	w.ok(err)
	defer s.Close()
	w.ok(s.Scan(nil, nil, func(k, v []byte) error {
		if bytes.Contains(v, envelope[40:]) {
			t.Errorf("the envelope is in the registry under %X", k)
		}
		return nil
	}))
}

// TestRefusalsAreJournaled: whatever the authority refuses of a known party is in its
// journal, by whom, in which call and why, whether the registry was asked or not;
// and nothing of the request where it was not.
func TestRefusalsAreJournaled(t *testing.T) {
	req.Covers(t, "SPEC-CA-018", "SPEC-CA-019")
	w := newWorld(t)
	caller, _ := w.pair()
	app := w.apply(1, jpki.OriginOnCard)
	d := newDouble(t, 1, testkeys.Holder(3))
	w.order(app.ApplicationID, 1, d) // makes the key known
	place := tsmp.PlaceOrderRequest{ApplicationID: app.ApplicationID, SIM: [16]byte{0x98, 0x18, 1}, InstanceAID: d.aid.Append(nil), LoadFileHash: [32]byte{1}, AttestationKey: d.keyID()}
	foreign, unknown := place, place
	foreign.InstanceAID, unknown.AttestationKey = []byte{0xA0, 0, 0, 0, 1, 2}, [32]byte{7}
	nobody := &tsmp.RegisterPersonRequest{Birth: profile.Date{Year: 1992, Month: 2, Day: 29}, Attributes: hanako, Case: "1"}
	for name, c := range map[string]struct {
		function tsmp.Function
		body     tsmp.Body
		code     tsmp.Code
		act, why string
		asked    bool // the registry
		times    int  // of two
	}{
		"before the registry":  {tsmp.PlaceOrder, &foreign, tsmp.CodeAIDNotPermitted, "PlaceOrder", "aid-not-permitted", false, 1},
		"an unknown key":       {tsmp.PlaceOrder, &unknown, tsmp.CodeUnknownAttestation, "PlaceOrder", "attestation-key-unknown", false, 1},
		"by a look-up":         {tsmp.GetCertificateStatus, &tsmp.GetCertificateStatusRequest{Phone: tsmp.PhoneID{9}}, tsmp.CodeUnknownPhone, "GetCertificateStatus", "unknown-phone", false, 1},
		"by the registry":      {tsmp.OrderPINReset, &tsmp.OrderPINResetRequest{Phone: tsmp.PhoneID{9}}, tsmp.CodeUnknownPhone, "place reset", "unknown-phone", true, 1},
		"not the party's part": {tsmp.RegisterPerson, nobody, tsmp.CodeNotAuthorised, "RegisterPerson", "not-authorised", false, 2},
	} {
		call := w.call()
		call.Function = c.function
		request, err := caller.Seal(call, c.body)
		w.ok(err)
		before := w.entries()
		for range 2 {
			_, err = caller.Send(t.Context(), request)
			w.refused(err, c.code)
		}
		var found []record.Entry
		for _, e := range w.entries()[len(before):] {
			if e.Refused != "" {
				found = append(found, e)
			}
		}
		if len(found) != c.times || found[0].Act != c.act || found[0].Refused != c.why || found[0].Actor != "SP-TSM" || found[0].Call != "sp-tsm.inkan.example/"+call.ID.String() {
			t.Errorf("%s: entries %+v", name, found)
		} else if (len(found[0].Exhibits) > 0) != c.asked {
			t.Errorf("%s: exhibits %+v", name, found[0].Exhibits)
		}
	}
	s, err := w.reg.Snapshot(t.Context())
	w.ok(err)
	defer s.Close()
	if _, err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// entries are all entries of the registry's journal.
func (w *world) entries() (list []record.Entry) {
	w.t.Helper()
	s, err := w.reg.Snapshot(w.t.Context())
	w.ok(err)
	defer s.Close()
	for n := uint64(1); ; n++ {
		e, found, err := s.Entry(n)
		w.ok(err)
		if !found {
			return list
		}
		list = append(list, e)
	}
}
