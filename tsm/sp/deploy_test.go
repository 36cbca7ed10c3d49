package sp_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"inkan/core/tsmp"
	"inkan/spec/req"
)

// TestOwner: the deployment carries the key agreement, in every model, and the same one
// when the load file has to be sent along; a carrier that leaves it to an action of its own
// is asked for that.
func TestOwner(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-018", "SPEC-TSM-PROTOCOL-085")
	for _, model := range []tsmp.Model{tsmp.ModelSimple, tsmp.ModelDelegated, tsmp.ModelAuthorised} {
		for _, separate := range []bool{false, true} {
			w := newWorld(t)
			h := w.holds(0, 1, mnoName)
			h.carrier.models, h.carrier.separate = []tsmp.Model{model}, separate
			h.enrol()
			what := fmt.Sprintf("%s, separate %v", model, separate)
			deployments, enrolments := map[tsmp.Model]int{tsmp.ModelSimple: 2}[model], 0
			if deployments == 0 {
				deployments = 1
			}
			if separate {
				enrolments = 1
			}
			if n := h.carrier.called(tsmp.EnrollSSDOwnerCertificate); n != enrolments {
				t.Errorf("%s: %d agreements asked for: %v", what, n, h.carrier.calls)
			}
			if len(h.carrier.owners) != deployments {
				t.Fatalf("%s: %d deployments: %v", what, len(h.carrier.owners), h.carrier.calls)
			}
			for _, o := range h.carrier.owners {
				if want := (&tsmp.Owner{Control: []byte{0xA6}, PublicKey: []byte{0x7F}}); !reflect.DeepEqual(o, want) {
					t.Errorf("%s: %+v", what, o)
				}
			}
			if s, i := h.sim(), w.instance(h.phone); s.domain != "enrolled" || s.phase != "active" || i.Domain != tsmp.DomainEnrolled {
				t.Errorf("%s: %+v %+v", what, s, i)
			}
			w.check()
		}
	}
}

// TestAgreementLost: the carrier tells that the domain is made, and the card's part of the
// agreement is lost with its notification: it is agreed anew.
func TestAgreementLost(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-018", "SPEC-SP-TSM-042")
	w := newWorld(t)
	h := w.holds(0, 1, mnoName)
	must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
	lost := false
	for n := 0; n < 100 && !lost; n++ {
		w.alive(func() error { _, err := w.manager.Work(ctx, w.now); return err })
		if h.carrier.run(false); h.sim().domain != "" {
			h.carrier.notices, lost = nil, true
			break
		}
		w.notices()
	}
	w.pass(12 * time.Hour)
	if p := h.progress(); p.Stage != tsmp.StageDone || !lost || h.carrier.called(tsmp.EnrollSSDOwnerCertificate) != 1 {
		t.Errorf("%+v, lost %v: %v", p, lost, h.carrier.calls)
	}
	whole(t, w, h, "lost agreement")
}

// TestAgreementFails: an agreement that the card refuses, or that is none, ends the issue
// and removes the domain, and the SIM can be tried again.
func TestAgreementFails(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-018", "SPEC-SP-TSM-030")
	for refuses, code := range map[string]tsmp.Code{"AGREE": tsmp.CodeWrongState, "RECEIPT": tsmp.CodeMemory} {
		w := newWorld(t)
		h := w.holds(0, 1, mnoName)
		h.sim().refuses = refuses
		must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
		w.pass(time.Hour)
		if p := h.progress(); p.Stage != tsmp.StageRefused || p.Refusal != code {
			t.Errorf("%s: %+v", refuses, p)
		}
		if h.carrier.called(tsmp.SendScript)+w.ca.called(tsmp.PlaceOrder) != 0 {
			t.Errorf("%s: %v %v", refuses, h.carrier.calls, w.ca.calls)
		}
		gone(t, w, h)
		h.sim().refuses = ""
		h.enrol()
	}
}
