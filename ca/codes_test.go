package ca

import (
	"errors"
	"slices"
	"testing"
	"time"

	"inkan/ca/keys/testkeys"
	"inkan/ca/registry"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// What the authority says when the card that signed, its holder or the order is not any
// more what it was is among the codes that the protocol lists for the function.
func TestCodesAreListed(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-095")
	municipal := registry.Cause{Actor: registry.Municipality}
	hold := func(w *world) { w.ok(w.reg.HoldCard(t.Context(), w.card, municipal)) }
	lose := func(w *world) { w.ok(w.reg.LoseCard(t.Context(), w.card, municipal)) }
	late := func(w *world) { w.now = w.now.Add(registry.PendingTerm + time.Second) }
	forget := func(w *world) { clear(w.known) }
	for name, c := range map[string]struct {
		function tsmp.Function
		ask      func(w *world, before func(*world)) error
		before   func(*world)
		want     tsmp.Code
	}{
		"order, card on hold":        {tsmp.PlaceOrder, askOrder, hold, tsmp.CodeSignerSuspended},
		"order, card lost":           {tsmp.PlaceOrder, askOrder, lose, tsmp.CodeApplicationUsed},
		"issue, card on hold":        {tsmp.Issue, askIssue, hold, tsmp.CodeSignerSuspended},
		"issue, card lost":           {tsmp.Issue, askIssue, lose, tsmp.CodeOrderClosed},
		"issue, time over":           {tsmp.Issue, askIssue, late, tsmp.CodeApplicationUsed},
		"issue, SIM's key unknown":   {tsmp.Issue, askIssue, forget, tsmp.CodeUnknownAttestation},
		"issue again, time over":     {tsmp.Issue, askIssueAgain, late, tsmp.CodePendingExpired},
		"issue by a reset's order":   {tsmp.Issue, askIssueOfReset, nil, tsmp.CodeApplicationPurpose},
		"receipt, card on hold":      {tsmp.Activate, askActivate, hold, tsmp.CodeSignerSuspended},
		"receipt, time over":         {tsmp.Activate, askActivate, late, tsmp.CodePendingExpired},
		"receipt, SIM's key unknown": {tsmp.Activate, askActivate, forget, tsmp.CodeUnknownAttestation},
		"receipt, nothing issued":    {tsmp.Activate, askActivateEarly, nil, tsmp.CodeWrongState},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			before := c.before
			if before == nil {
				before = func(*world) {}
			}
			var refusal *tsmp.Error
			if err := c.ask(w, before); !errors.As(err, &refusal) || refusal.Code != c.want {
				t.Fatalf("%v, want %s", err, c.want)
			}
			if d, _ := tsmp.Lookup(c.function); !slices.Contains(d.Errors, refusal.Code) {
				t.Errorf("%s is not among the codes of %s", refusal.Code, c.function)
			}
		})
	}
}

// ordered is an application with its order, of a SIM and for it.
func ordered(w *world) (*double, *tsmp.PlaceOrderAnswer) {
	d := newDouble(w.t, 1, testkeys.Holder(3))
	return d, w.order(w.apply(1, jpki.OriginOnCard).ApplicationID, 1, d)
}

func askOrder(w *world, before func(*world)) error {
	d := newDouble(w.t, 1, testkeys.Holder(3))
	w.known[d.keyID()] = perso.ECDSAAuthority{Key: &d.authority.PublicKey}
	app := w.apply(1, jpki.OriginOnCard)
	before(w)
	_, err := w.ca.PlaceOrder(w.t.Context(), w.call(), &tsmp.PlaceOrderRequest{ApplicationID: app.ApplicationID, SIM: [16]byte{0x98, 0x18, 1},
		InstanceAID: d.aid.Append(nil), LoadFileHash: d.loaded, AttestationKey: d.keyID()})
	return err
}

func askIssue(w *world, before func(*world)) error {
	d, order := ordered(w)
	q := &tsmp.IssueRequest{OrderID: order.OrderID, OrderStatement: d.takeOrder(order.Order), KeyStatements: [][]byte{d.generate()}}
	before(w)
	_, err := w.ca.Issue(w.t.Context(), w.call(), q)
	return err
}

func askIssueAgain(w *world, before func(*world)) error {
	d, order := ordered(w)
	q := &tsmp.IssueRequest{OrderID: order.OrderID, OrderStatement: d.takeOrder(order.Order), KeyStatements: [][]byte{d.generate()}}
	_, err := w.ca.Issue(w.t.Context(), w.call(), q)
	w.ok(err)
	before(w)
	_, err = w.ca.Issue(w.t.Context(), w.call(), q)
	return err
}

func askIssueOfReset(w *world, before func(*world)) error {
	d, app, _ := w.activated(1, 3)
	order, err := w.ca.OrderPINReset(w.t.Context(), w.call(), &tsmp.OrderPINResetRequest{Phone: app.Phone})
	w.ok(err)
	before(w)
	_, err = w.ca.Issue(w.t.Context(), w.call(), &tsmp.IssueRequest{OrderID: order.OrderID, OrderStatement: d.takeOrder(order.Order)})
	return err
}

func askActivate(w *world, before func(*world)) error {
	d, _, order := w.issued(1, 3)
	before(w)
	_, err := w.ca.Activate(w.t.Context(), w.call(), &tsmp.ActivateRequest{OrderID: order.OrderID, Receipt: d.activate()})
	return err
}

func askActivateEarly(w *world, before func(*world)) error {
	_, order := ordered(w)
	before(w)
	_, err := w.ca.Activate(w.t.Context(), w.call(), &tsmp.ActivateRequest{OrderID: order.OrderID, Receipt: []byte{1}})
	return err
}
