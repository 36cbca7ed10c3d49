package ca

import (
	"errors"
	"sync"
	"testing"

	"inkan/ca/keys/testkeys"
	"inkan/ca/registry"
	"inkan/core/jpki"
	profile "inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// Calls that are checked against one state of the registry and carried out in
// another: receipt, revocation, order, issue and loss of the card at the same time.
// Whatever comes first, every answer is an answer or a refusal, there is at most
// one certificate, and the registry is whole.
func TestAtTheSameTime(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-030", "SPEC-CA-LIFECYCLE-033", "SPEC-CA-061")
	for round := range 4 {
		w := newWorld(t)
		d, app, order := w.issued(1, 3)
		again := &tsmp.PlaceOrderRequest{ApplicationID: app.ApplicationID, SIM: d.order.SIM, InstanceAID: d.aid.Append(nil), LoadFileHash: [32]byte{1}, AttestationKey: d.keyID()}
		receipt := d.activate()
		type step func(*tsmp.Call) error
		steps := []step{
			func(c *tsmp.Call) error {
				_, err := w.ca.Activate(t.Context(), c, &tsmp.ActivateRequest{OrderID: order.OrderID, Receipt: receipt})
				return err
			},
			func(c *tsmp.Call) error {
				_, err := w.ca.Revoke(t.Context(), c, &tsmp.RevokeRequest{Phone: app.Phone, Cause: tsmp.Cause{Ground: tsmp.GroundService, Case: "1"}})
				return err
			},
			func(c *tsmp.Call) error { _, err := w.ca.PlaceOrder(t.Context(), c, again); return err },
			func(c *tsmp.Call) error {
				_, err := w.ca.Suspend(t.Context(), c, &tsmp.SuspendRequest{Phone: app.Phone, Cause: tsmp.Cause{Ground: tsmp.GroundService, Case: "2"}})
				return err
			},
			func(c *tsmp.Call) error {
				_, err := w.ca.OrderPINReset(t.Context(), c, &tsmp.OrderPINResetRequest{Phone: app.Phone})
				return err
			},
		}
		if round%2 == 1 {
			steps = append(steps, func(*tsmp.Call) error {
				return w.reg.LoseCard(t.Context(), w.card, registry.Cause{Actor: registry.Municipality})
			})
		}
		var all sync.WaitGroup
		for range 3 {
			for _, do := range steps {
				call := w.call()
				all.Go(func() {
					var refusal *tsmp.Error
					if err := do(call); err != nil && !errors.As(err, &refusal) {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		if n := w.counts(); n["active certificates"]+n["suspended certificates"]+n["pending certificates"] > 5 {
			t.Errorf("round %d: %v", round, n)
		}
		if round%2 == 1 && w.state(app.Phone) != profile.Revoked {
			t.Errorf("round %d: %v after the loss of the card", round, w.state(app.Phone))
		}
	}
}

// Two calls issue for one order at the same time: one certificate, one key, one
// code, whatever is delivered to whom.
func TestIssuedAtTheSameTime(t *testing.T) {
	req.Covers(t, "SPEC-CA-043", "SPEC-CA-LIFECYCLE-030")
	w := newWorld(t)
	app := w.apply(1, jpki.OriginOnCard)
	d := newDouble(t, 1, testkeys.Holder(3))
	order := w.order(app.ApplicationID, 1, d)
	q := &tsmp.IssueRequest{OrderID: order.OrderID, OrderStatement: d.takeOrder(order.Order), KeyStatements: [][]byte{d.generate()}}
	var all sync.WaitGroup
	answers := make([]*tsmp.IssueAnswer, 6)
	for i := range answers {
		call := w.call()
		all.Go(func() {
			answer, err := w.ca.Issue(t.Context(), call, q)
			if err != nil {
				t.Error(err)
				return
			}
			answers[i] = answer
		})
	}
	all.Wait()
	for _, a := range answers {
		if a != nil && (string(a.Envelopes[0]) != string(answers[0].Envelopes[0]) || string(a.HolderCode) != string(answers[0].HolderCode)) {
			t.Error("two envelopes or codes for one order")
		}
	}
	if n := w.counts(); n["pending certificates"] != 1 {
		t.Errorf("%v", n)
	}
}
