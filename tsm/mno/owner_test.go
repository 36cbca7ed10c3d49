package mno_test

import (
	"bytes"
	"fmt"
	"testing"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/mno"
	"inkan/tsm/store"
)

// owned gives a deployment the owner's part of the key agreement.
func owned(b *tsmp.DeployServiceRequest) *tsmp.DeployServiceRequest {
	control, public := templates(gp.ScenarioKeyAgree)
	b.Owner = &tsmp.Owner{Control: control, PublicKey: public}
	return b
}

// wantAgreement wants the card's part of its last agreement in a notification, behind the
// answers to what brought the owner's part, and nothing else.
func wantAgreement(t *testing.T, c *double, b *tsmp.HandleActionDoneOnServiceNotificationRequest) {
	t.Helper()
	if len(b.Responses) < 2 {
		t.Fatalf("%d responses", len(b.Responses))
	}
	for _, r := range b.Responses[:len(b.Responses)-1] {
		if !bytes.Equal(r, []byte{0x90, 0x00}) && !bytes.Equal(r, []byte{0x00, 0x90, 0x00}) {
			t.Errorf("a response %X", r)
		}
	}
	last := b.Responses[len(b.Responses)-1]
	answer, err := gp.DecodeConfidentialResponse(last[:len(last)-2])
	if err != nil || !bytes.Equal(answer.DerivationRandom, fill(byte(c.agreed))) {
		t.Errorf("%v: %X, want that of agreement %d", err, last, c.agreed)
	}
}

// TestDeployOwner: domain and key agreement are one action, in every model and by every
// bearer, and what is free at the end is noted.
func TestDeployOwner(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-037", "SPEC-MNO-TSM-043")
	for _, model := range []tsmp.Model{tsmp.ModelSimple, tsmp.ModelDelegated, tsmp.ModelAuthorised} {
		for _, bearers := range [][]tsmp.Bearer{bySMS, {tsmp.BearerRelay}, relayFirst} {
			t.Run(fmt.Sprint(model, bearers), func(t *testing.T) {
				w := newWorld(t)
				c := w.customer(1)
				ref := w.declare(c, 1, model)
				call := w.call()
				var a *tsmp.ActionAnswer
				for range 2 { // the call may come again
					again, err := w.as(spName).DeployService(ctx, call, owned(deployment(ref, model, bearers...)))
					must(t, err)
					a = again
				}
				if a.Relay != nil {
					w.join(a.Relay, c.iccid)
				}
				w.run()
				wantAgreement(t, c.card, wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceDeployed))
				if s := w.state(ref); s.Domain != tsmp.DomainEnrolled || c.card.agreed != 1 || len(w.told[spName]) != 1 {
					t.Errorf("%+v, %d agreements, %d told", s, c.card.agreed, len(w.told[spName]))
				}
				must(t, w.mno.View(ctx, func(r *store.Snapshot) error {
					s, _, err := store.SIMs.Get(r, c.se)
					if s.NonVolatile != uint64(c.card.free) || s.MemoryAt.IsZero() {
						t.Errorf("%d bytes free since %v, the card has %d", s.NonVolatile, s.MemoryAt, c.card.free)
					}
					return err
				}))
				w.check()
			})
		}
	}
}

// TestOwnerRefused: an owner's part that EnrollSSDOwnerCertificate would refuse is refused
// before anything begins.
func TestOwnerRefused(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-038", "SPEC-MNO-TSM-044")
	w := newWorld(t)
	good, plain := w.customer(1), w.customerWith(2, mno.SIM{Kind: "card-plain"})
	push, _ := templates(gp.ScenarioPush)
	for name, x := range map[string]struct {
		c      customer
		code   tsmp.Code
		change func(o *tsmp.Owner)
	}{
		"authority": {plain, tsmp.CodeNoAuthority, func(*tsmp.Owner) {}},
		"control":   {good, tsmp.CodeTemplate, func(o *tsmp.Owner) { o.Control = o.Control[1:] }},
		"scenario":  {good, tsmp.CodeTemplate, func(o *tsmp.Owner) { o.Control = push }},
		"plan":      {good, tsmp.CodeTemplate, func(o *tsmp.Owner) { o.Control = bytes.Replace(o.Control, []byte{0x81, 1, 16}, []byte{0x81, 1, 15}, 1) }},
		"key":       {good, tsmp.CodeTemplate, func(o *tsmp.Owner) { o.PublicKey = o.PublicKey[1:] }},
	} {
		ref := w.declare(x.c, x.c.se[1], tsmp.ModelSimple)
		b := owned(deployment(ref, tsmp.ModelSimple, tsmp.BearerSMS))
		x.change(b.Owner)
		_, err := w.as(spName).DeployService(ctx, w.call(), b)
		if codeOf(err) != x.code {
			t.Errorf("%s: %v, want %s", name, err, x.code)
		}
		w.run()
		if s := w.state(ref); s.State != tsmp.ServiceDeclared || s.Action != (tsmp.CallID{}) || len(x.c.card.done) != 0 || len(w.told[spName]) != 0 {
			t.Fatalf("%s: something was done: %+v", name, s)
		}
	}
	ref := w.declare(good, good.se[1], tsmp.ModelSimple) // it can be tried again
	_, err := w.as(spName).DeployService(ctx, w.call(), owned(deployment(ref, tsmp.ModelSimple, tsmp.BearerSMS)))
	must(t, err)
	w.run()
	wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceDeployed)
}

// TestAgreementRefused: a card that refuses the agreement has the domain, which has to be
// removed; what it answered before is told.
func TestAgreementRefused(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-013", "SPEC-MNO-TSM-037")
	for sw, outcome := range map[iso7816.SW]tsmp.Outcome{iso7816.NoPreciseDiagnosis: tsmp.OutcomeRefused, iso7816.WrongData: tsmp.OutcomeRefused, iso7816.NotEnoughMemory: tsmp.OutcomeMemory} {
		w := newWorld(t)
		c := w.customer(1)
		ref := w.declare(c, 1, tsmp.ModelSimple)
		c.card.refuse[gp.InsStoreData] = sw
		_, err := w.as(spName).DeployService(ctx, w.call(), owned(deployment(ref, tsmp.ModelSimple, tsmp.BearerSMS)))
		must(t, err)
		w.run()
		b := wantDone(t, w, ref, outcome, tsmp.ServiceFailed)
		if len(b.Responses) != 1 || outcome == tsmp.OutcomeRefused && !bytes.Equal(b.StatusWord, []byte{byte(sw >> 8), byte(sw)}) {
			t.Errorf("%v: %d responses, status word %X", sw, len(b.Responses), b.StatusWord)
		}
		wantCard(t, c.card)
		if s := w.state(ref); s.Domain != tsmp.DomainStart {
			t.Errorf("%v: %+v", sw, s)
		}
		w.terminate(ref)
		wantDone(t, w, ref, tsmp.OutcomeDone, tsmp.ServiceTerminated)
		if len(c.card.registry) != 0 {
			t.Errorf("%v: on the card: %v", sw, c.card.registry)
		}
		w.check()
	}
}
