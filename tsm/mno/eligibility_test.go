package mno_test

import (
	"reflect"
	"slices"
	"testing"

	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/mno"
)

func (w *world) eligible(name tsmp.PartyID, b tsmp.CheckGlobalEligibilityRequest) *tsmp.CheckGlobalEligibilityAnswer {
	w.t.Helper()
	a, err := w.as(name).CheckGlobalEligibility(ctx, w.call(), &b)
	must(w.t, err)
	return a
}

// What the carrier answers: with the name of the contract, models and bearers.
func TestEligibility(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-022")
	w := newWorld(t)
	c, d := w.customer(1), w.mno.Desk("shop")
	ask := tsmp.CheckGlobalEligibilityRequest{SE: c.se, Service: "jpki", Usage: tsmp.UsageHolder, Touch: true}
	a := w.eligible(spName, ask)
	if !a.Eligible || a.Subscriber != w.subscriber(spName, c) || len(a.Models) != 3 || !slices.Equal(a.Bearers, []tsmp.Bearer{tsmp.BearerSMS, tsmp.BearerRelay}) {
		t.Errorf("%+v", a)
	}
	if a := w.eligible(rivalName, ask); !slices.Equal(a.Reasons, []tsmp.NonEligibilityReason{tsmp.UserNotPermitted, tsmp.ServiceNotOffered}) {
		t.Errorf("%+v", a)
	}
	if a := w.eligible(spName, tsmp.CheckGlobalEligibilityRequest{SE: tsmp.SEID{9}, Service: "jpki", Usage: tsmp.UsageHolder}); !slices.Equal(a.Reasons, []tsmp.NonEligibilityReason{tsmp.UnknownSIM}) {
		t.Errorf("%+v", a)
	}
	must(t, d.SetUsers(ctx, c.id, nil))
	other := ask
	other.Usage = tsmp.UsagePermittedUser
	if a := w.eligible(spName, other); !slices.Equal(a.Reasons, []tsmp.NonEligibilityReason{tsmp.UserNotPermitted}) {
		t.Errorf("%+v", a)
	}
	must(t, d.SuspendSubscriber(ctx, c.id))
	if a := w.eligible(spName, ask); !slices.Equal(a.Reasons, []tsmp.NonEligibilityReason{tsmp.SuspendedSubscription}) || !slices.Equal(a.Bearers, []tsmp.Bearer{tsmp.BearerRelay}) {
		t.Errorf("%+v", a)
	}
	// A card that no service can be put on.
	old := tsmp.SEID{0xE5, 50}
	must(t, d.AddSIM(ctx, mno.SIM{SE: old, ICCID: "8981110000000005050", Kind: "card-old"}))
	ask.SE = old
	if a := w.eligible(spName, ask); !slices.Contains(a.Reasons, tsmp.UnsupportedSIM) || !slices.Contains(a.Reasons, tsmp.FullSIM) || a.Subscriber != (tsmp.Subscriber{}) {
		t.Errorf("%+v", a)
	}
	p, err := w.as(spName).GetDeviceCapabilityProfileId(ctx, w.call(), &tsmp.GetDeviceCapabilityProfileIdRequest{SE: c.se})
	must(t, err)
	s, err := w.as(spName).GetSECapabilityProfileId(ctx, w.call(), &tsmp.GetSECapabilityProfileIdRequest{SE: c.se})
	must(t, err)
	if p.ProfileID != "DCP-1" || s.ProfileID != "card-all" {
		t.Errorf("%+v %+v", p, s)
	}
	_, err = w.as(spName).GetDeviceCapabilityProfileId(ctx, w.call(), &tsmp.GetDeviceCapabilityProfileIdRequest{SE: old})
	wantCode(t, err, tsmp.CodeUnknownDevice)
	_, err = w.as(spName).GetCAInformation(ctx, w.call(), &tsmp.GetCAInformationRequest{SE: old})
	wantCode(t, err, tsmp.CodeNoAuthority)
	ca, err := w.as(spName).GetCAInformation(ctx, w.call(), &tsmp.GetCAInformationRequest{SE: c.se})
	if err != nil || string(ca.Certificate) != "certificate" {
		t.Errorf("%+v, %v", ca, err)
	}
}

// What is kept for other services is not free.
func TestReservedMemory(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-023")
	w := newWorld(t)
	c := w.customer(1)
	ask := tsmp.CheckGlobalEligibilityRequest{SE: c.se, Service: "second", Usage: tsmp.UsageHolder, NonVolatile: 100_000}
	if a := w.eligible(spName, ask); !a.Eligible {
		t.Fatalf("%+v", a)
	}
	ref := w.declare(c, 1, tsmp.ModelSimple) // keeps 30,000
	if a := w.eligible(spName, ask); !slices.Equal(a.Reasons, []tsmp.NonEligibilityReason{tsmp.FullSIM}) {
		t.Fatalf("%+v", a)
	}
	ask.NonVolatile = 70_000
	if a := w.eligible(spName, ask); !a.Eligible {
		t.Fatalf("%+v", a)
	}
	b := deployment(ref, tsmp.ModelSimple, tsmp.BearerSMS)
	b.Domain.NonVolatile = 60_000 // a quota keeps more
	_, err := w.as(spName).DeployService(ctx, w.call(), b)
	must(t, err)
	if a := w.eligible(spName, ask); a.Eligible {
		t.Fatalf("%+v", a)
	}
	w.run()
	// The card has said what is free with the service on it.
	ask.NonVolatile = uint64(c.card.free) + 1
	if a := w.eligible(spName, ask); a.Eligible {
		t.Fatalf("%+v, card has %d", a, c.card.free)
	}
	ask.NonVolatile = uint64(c.card.free)
	if a := w.eligible(spName, ask); !a.Eligible {
		t.Fatalf("%+v, card has %d", a, c.card.free)
	}
}

// A declaration is one service on one SIM for one contract.
func TestDeclaration(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-030", "SPEC-MNO-TSM-031", "SPEC-MNO-TSM-032")
	w := newWorld(t)
	c := w.customer(1)
	good := tsmp.DeclareServiceInstanceReferenceRequest{Reference: tsmp.ServiceReference{1}, Service: "jpki", SE: c.se, Subscriber: w.subscriber(spName, c), Model: tsmp.ModelSimple}
	declare := func(name tsmp.PartyID, change func(b *tsmp.DeclareServiceInstanceReferenceRequest)) error {
		b := good
		change(&b)
		_, err := w.as(name).DeclareServiceInstanceReference(ctx, w.call(), &b)
		return err
	}
	same := func(*tsmp.DeclareServiceInstanceReferenceRequest) {}
	wantCode(t, declare(spName, func(b *tsmp.DeclareServiceInstanceReferenceRequest) { b.SE = tsmp.SEID{9} }), tsmp.CodeUnknownSE)
	wantCode(t, declare(spName, func(b *tsmp.DeclareServiceInstanceReferenceRequest) { b.Subscriber = tsmp.Subscriber{9} }), tsmp.CodeUnknownSubscriber)
	wantCode(t, declare(rivalName, same), tsmp.CodeUnknownSubscriber)
	wantCode(t, declare(spName, func(b *tsmp.DeclareServiceInstanceReferenceRequest) { b.Service = "other" }), tsmp.CodeUnknownService)
	second := w.customer(2)
	wantCode(t, declare(spName, func(b *tsmp.DeclareServiceInstanceReferenceRequest) { b.SE = second.se }), tsmp.CodeSubscriberChanged)
	must(t, w.mno.Desk("x").BlockSIM(ctx, c.se))
	wantCode(t, declare(spName, same), tsmp.CodeNotEligible)
	must(t, w.mno.Desk("x").FreeSIM(ctx, c.se))
	must(t, declare(spName, same))
	must(t, declare(spName, same))
	wantCode(t, declare(spName, func(b *tsmp.DeclareServiceInstanceReferenceRequest) { b.Model = tsmp.ModelDelegated }), tsmp.CodeReferenceUsed)
	wantCode(t, declare(spName, func(b *tsmp.DeclareServiceInstanceReferenceRequest) { b.Reference = tsmp.ServiceReference{2} }), tsmp.CodeServicePresent)
	_, err := w.as(rivalName).GetServiceState(ctx, w.call(), &tsmp.GetServiceStateRequest{Reference: good.Reference})
	wantCode(t, err, tsmp.CodeUnknownReference)
	w.terminate(good.Reference)
	must(t, declare(spName, func(b *tsmp.DeclareServiceInstanceReferenceRequest) { b.Reference = tsmp.ServiceReference{2} }))
}

// The answer to a declaration has what two functions say of the SIM, each time; a SIM
// without a controlling authority has none there.
func TestDeclarationTells(t *testing.T) {
	req.Covers(t, "SPEC-MNO-TSM-036")
	w := newWorld(t)
	for n, sim := range []mno.SIM{{Kind: "card-all", Certificate: []byte("certificate"), AttestationKey: [32]byte{1}}, {Kind: "card-plain"},
		{Kind: "card-all", Certificate: []byte("certificate")}} {
		c := w.customerWith(byte(n+1), sim)
		sp := w.as(spName)
		ca, err := sp.GetCAInformation(ctx, w.call(), &tsmp.GetCAInformationRequest{SE: c.se})
		if n > 0 {
			wantCode(t, err, tsmp.CodeNoAuthority)
			ca = nil
		} else {
			must(t, err)
		}
		b := tsmp.DeclareServiceInstanceReferenceRequest{Reference: tsmp.ServiceReference{1, byte(n)}, Service: "jpki", SE: c.se, Subscriber: w.subscriber(spName, c), Model: tsmp.ModelSimple}
		for range 2 {
			a, err := sp.DeclareServiceInstanceReference(ctx, w.call(), &b)
			must(t, err)
			if a.ProfileID != sim.Kind || !reflect.DeepEqual(a.Authority, ca) || a.State != tsmp.ServiceDeclared {
				t.Errorf("%+v, want %s and %+v", a, sim.Kind, ca)
			}
		}
	}
}
