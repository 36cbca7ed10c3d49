package sp_test

import (
	"reflect"
	"testing"
	"time"

	"inkan/core/jpki/application"
	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/store/row"
)

func sameType(a, b any) bool { return reflect.TypeOf(a) == reflect.TypeOf(b) }

// TestIssue is an issue in each deployment model.
func TestIssue(t *testing.T) {
	for _, model := range []tsmp.Model{tsmp.ModelSimple, tsmp.ModelDelegated, tsmp.ModelAuthorised} {
		t.Run(model.String(), func(t *testing.T) {
			w := newWorld(t)
			h := w.holds(0, 1, mnoName)
			h.carrier.models = []tsmp.Model{model}
			h.enrol()
			if s := h.sim(); s.phase != "active" || s.domain != "enrolled" || !s.software {
				t.Errorf("card: %+v", s)
			}
			if w.ca.phones[h.phone].state != certificate.Active {
				t.Error("not active")
			}
			p := h.progress()
			if string(p.Reply) != "sealed code" || p.NotAfter.IsZero() || p.Relay != nil {
				t.Errorf("%+v", p)
			}
			i := w.instance(h.phone)
			if i.Phase != tsmp.PhaseOperational || i.State != tsmp.ServiceDeployed || i.Model != model || i.Busy != "" {
				t.Errorf("%+v", i)
			}
			tokens := map[tsmp.Model]int{tsmp.ModelDelegated: 1}[model]
			if n := h.carrier.called(tsmp.GenerateDMToken); n != tokens {
				t.Errorf("%d tokens", n)
			}
			if n := h.carrier.called(tsmp.VerifyDMReceipt); n != tokens {
				t.Errorf("%d receipts", n)
			}
			w.check()
			if _, err := h.call(tsmp.ReportEvent, &tsmp.ReportEventRequest{Phone: h.phone, Event: tsmp.PhonePINSet}); err != nil {
				t.Error(err)
			}
			if h.progress().Reply != nil {
				t.Error("the reply is still told when the PIN is set")
			}
			w.pass(200 * 24 * time.Hour)
			w.check()
		})
	}
}

// TestPINSetOnce: however often an app reports that the PIN is set, the trail has it once,
// and once more after a reset.
func TestPINSetOnce(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-035")
	w, h := enrolled(t)
	report := func(want int) {
		t.Helper()
		for range 3 {
			if _, err := h.call(tsmp.ReportEvent, &tsmp.ReportEventRequest{Phone: h.phone, Event: tsmp.PhonePINSet}); err != nil {
				t.Fatal(err)
			}
		}
		n := 0
		must(t, w.manager.Trail(ctx, 1, func(e *row.Entry) error {
			if e.Event == "pin-set" {
				n++
			}
			return nil
		}))
		if n != want {
			t.Errorf("%d entries, want %d", n, want)
		}
	}
	report(1)
	must(t, h.begin(tsmp.PurposePINReset, h.phone))
	w.settle()
	a := h.fields(tsmp.PurposePINReset, h.phone)
	a.Order = application.OrderProof{Hash: h.progress().Order.Hash, Challenge: h.progress().Order.Challenge}
	must(t, h.submit(a))
	w.settle()
	report(2)
	w.check()
}
