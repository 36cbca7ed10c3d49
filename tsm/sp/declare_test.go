package sp_test

import (
	"fmt"
	"testing"
	"time"

	"inkan/core/tsmp"
	"inkan/spec/req"
)

// lefts are what a carrier's answer to a declaration may leave out.
var lefts = [][]tsmp.Function{nil, {tsmp.GetSECapabilityProfileId}, {tsmp.GetCAInformation}, {tsmp.GetSECapabilityProfileId, tsmp.GetCAInformation}}

// TestDeclarationTells: what the answer to a declaration says is not asked for, what it
// leaves out is, in every model.
func TestDeclarationTells(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-019")
	for _, model := range []tsmp.Model{tsmp.ModelSimple, tsmp.ModelDelegated, tsmp.ModelAuthorised} {
		for _, left := range lefts {
			w := newWorld(t)
			h := w.holds(0, 1, mnoName)
			h.carrier.models, h.carrier.terse = []tsmp.Model{model}, left
			h.enrol()
			asked := h.carrier.called(tsmp.GetSECapabilityProfileId) + h.carrier.called(tsmp.GetCAInformation)
			if asked != len(left) || h.sim().phase != "active" {
				t.Errorf("%s, %v left out: %v", model, left, h.carrier.calls)
			}
			w.check()
		}
	}
}

// TestDeclaredInVain: a SIM of an unknown kind, or with a forged authority, is found when
// it is declared: nothing is made on it, and the carrier's declaration ends too, whoever
// has told.
func TestDeclaredInVain(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-019", "SPEC-SP-TSM-030", "SPEC-TSM-PROTOCOL-085")
	for _, left := range lefts {
		for _, code := range []tsmp.Code{tsmp.CodeNotEligible, tsmp.CodeUnknownAttestation} {
			w := newWorld(t)
			h := w.holds(0, 1, mnoName)
			h.carrier.terse = left
			if code == tsmp.CodeNotEligible {
				h.carrier.profile = "SCP-other"
			} else {
				h.carrier.bad = true
			}
			must(t, h.apply(tsmp.PurposeIssue, tsmp.PhoneID{}))
			w.pass(time.Minute)
			what := fmt.Sprintf("%s, %v left out", code, left)
			if p := h.progress(); p.Stage != tsmp.StageRefused || p.Refusal != code {
				t.Errorf("%s: %+v", what, p)
			}
			if h.carrier.called(tsmp.DeployService)+h.carrier.called(tsmp.SendScript)+w.ca.called(tsmp.PlaceOrder) != 0 {
				t.Errorf("%s: %v %v", what, h.carrier.calls, w.ca.calls)
			}
			if len(h.carrier.services) != 1 {
				t.Errorf("%s: %d declared", what, len(h.carrier.services))
			}
			for _, d := range h.carrier.services {
				if d.state != tsmp.ServiceTerminated {
					t.Errorf("%s: the carrier has it %s", what, d.state)
				}
			}
			gone(t, w, h)
			h.carrier.profile, h.carrier.bad = "SCP-test", false // and the SIM can be tried again
			h.enrol()
		}
	}
}
