package mno_test

import (
	"slices"
	"testing"

	"inkan/core/gp"
	"inkan/core/sms"
	"inkan/core/tsmp"
	"inkan/spec/req"
)

// TestSimpleBySMS: domain, load file and application, by short messages alone.
func TestSimpleBySMS(t *testing.T) {
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	wantCard(t, c.card)
	wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceDeployed)
	w.check()
}

// TestSimpleByRelay: the same, by the UI app's relay.
func TestSimpleByRelay(t *testing.T) {
	w := newWorld(t)
	c := w.customer(1)
	ref := w.declare(c, 1, tsmp.ModelSimple)
	a, err := w.as(spName).DeployService(ctx, w.call(), deployment(ref, tsmp.ModelSimple, tsmp.BearerRelay))
	must(t, err)
	if a.Relay == nil || a.Relay.Party != mnoName {
		t.Fatalf("relay: %+v", a)
	}
	w.join(a.Relay, c.iccid)
	w.run()
	wantCard(t, c.card)
	wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceDeployed)
	if len(w.sent) != 0 {
		t.Errorf("%d short messages", len(w.sent))
	}
	w.check()
}

// TestForgedProof: a proof that the card did not make changes nothing.
func TestForgedProof(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-016")
	var sent []int
	for _, forge := range []bool{false, true} {
		w := newWorld(t)
		c := w.customer(1)
		if forge {
			w.forge = func(report []byte) []byte {
				r, err := sms.DecodeDeliverReport(report, false)
				must(t, err)
				from, err := sms.NewAddress(sms.TypeInternational, "819099990000")
				must(t, err)
				proof := slices.Clone(r.UD)
				if len(proof) > 0 {
					proof[len(proof)-1] ^= 1
				}
				s := sms.NewResponseSubmit(from, proof)
				b, err := s.Append(nil)
				must(t, err)
				return b
			}
		}
		ref := w.deploy(c, 1, tsmp.ModelSimple)
		wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceDeployed)
		wantCard(t, c.card)
		sent = append(sent, len(w.sent))
	}
	if sent[0] != sent[1] {
		t.Errorf("%d messages, with forged proofs %d", sent[0], sent[1])
	}
}

func wantCard(t *testing.T, d *double) {
	t.Helper()
	for _, x := range []struct {
		aid    []byte
		domain []byte
	}{{domainAID, nil}, {packageAID, domainAID}, {instanceAID, domainAID}} {
		e := d.registry[string(x.aid)]
		if e == nil {
			t.Fatalf("%s is not on the card: %v", x.aid, d.registry)
		}
		if e.domain != string(x.domain) {
			t.Errorf("%s belongs to %q", x.aid, e.domain)
		}
	}
	if r := d.registry[string(domainAID)].rights; r != gp.SecurityDomain {
		t.Errorf("privileges %v", r)
	}
}

// wantDone wants one notification of an action's end, the last one told.
func wantDone(t *testing.T, w *world, ref tsmp.ServiceReference, outcome tsmp.Outcome, state tsmp.ServiceState) *tsmp.HandleActionDoneOnServiceNotificationRequest {
	t.Helper()
	told := w.told[spName]
	if len(told) == 0 {
		t.Fatal("nothing told")
	}
	b, ok := told[len(told)-1].(*tsmp.HandleActionDoneOnServiceNotificationRequest)
	if !ok || b.Reference != ref || b.Outcome != outcome || b.State != state {
		t.Fatalf("told %+v", told[len(told)-1])
	}
	return b
}
