package os

import (
	"bytes"
	"testing"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/sim/runtime"
	"inkan/spec/req"
)

// TestCardLife goes through the card's life cycle.
func TestCardLife(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-013", "SPEC-UICC-OS-071", "SPEC-UICC-OS-072")
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{})
	loadPIN(t, host)
	installPIN(t, host, pinModule)
	set := func(s gp.LifeCycle, want iso7816.SW) {
		t.Helper()
		before := card.state()
		do(t, host, gp.SetStatus{Scope: gp.ScopeIssuerSecurityDomain, State: s}, want)
		if want != iso7816.OK && card.state() != before {
			t.Errorf("a refused step changed %v", before)
		}
	}
	set(gp.CardLocked, iso7816.ConditionsNotSatisfied)
	set(gp.CardInitialized, iso7816.OK)
	set(gp.CardOpReady, iso7816.ConditionsNotSatisfied)
	set(gp.CardSecured, iso7816.OK)
	do(t, host, gp.StoreData{Last: true, Data: unhex(t, "4F08A000000151AABBCC")}, iso7816.ConditionsNotSatisfied)
	set(gp.CardLocked, iso7816.OK)
	do(t, host, gp.Delete{AID: pinModule}, iso7816.ConditionsNotSatisfied)
	say(t, card, "00A4040000", iso7816.FileDeactivated)
	say(t, card, "80CA006600", iso7816.OK)
	do(t, card, gp.Select{Name: pinModule.Append(nil)}, iso7816.FileNotFound)
	if _, err := card.Reset(ctx, false); err != nil {
		t.Fatal(err)
	}
	var err error
	if host, err = tryOpen(card, channelOf{}); err != nil {
		t.Fatal(err)
	}
	set(gp.CardSecured, iso7816.OK)
	do(t, card, gp.Select{Name: pinModule.Append(nil)}, iso7816.OK)
	host = open(t, card, gp.AID{}, channelOf{})
	do(t, host, ssd(ssdAID, 0), iso7816.OK)
	do(t, card, gp.Select{Name: ssdAID.Append(nil)}, iso7816.OK)
	mine := open(t, card, ssdAID, channelOf{})
	do(t, mine, gp.SetStatus{Scope: gp.ScopeIssuerSecurityDomain, State: gp.CardTerminated}, iso7816.ConditionsNotSatisfied)
	host = open(t, card, gp.AID{}, channelOf{})
	set(gp.CardTerminated, iso7816.OK)
	say(t, card, "8050300008000000000000000000", iso7816.ConditionsNotSatisfied)
	do(t, card, gp.Select{}, iso7816.OK)
	say(t, card, "80CA006600", iso7816.OK)
}

// TestLock locks applications and domains.
func TestLock(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-070", "SPEC-UICC-OS-073", "SPEC-UICC-OS-074", "SPEC-UICC-OS-077")
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{})
	loadPIN(t, host)
	installPIN(t, host, pinModule)
	do(t, host, ssd(ssdAID, 0), iso7816.OK)
	do(t, host, gp.Install{Purpose: gp.ForExtradition, SecurityDomain: ssdAID, Application: pinModule}, iso7816.OK)
	state := func(aid gp.AID, want gp.LifeCycle) {
		t.Helper()
		if e := statusOf(t, host, gp.SubsetApplications)[aid.String()]; e.LifeCycle != want {
			t.Errorf("%v, want %v", e.LifeCycle, want)
		}
	}
	app := gp.SetStatus{Scope: gp.ScopeApplication, State: gp.Selectable.Lock(), AID: pinModule}
	do(t, host, app, iso7816.OK)
	state(pinModule, 0x87)
	do(t, card, gp.Select{Name: pinModule.Append(nil)}, iso7816.FileNotFound)
	host = open(t, card, gp.AID{}, channelOf{})
	app.State = gp.Selectable
	do(t, host, app, iso7816.OK)
	state(pinModule, gp.Selectable)
	both := gp.SetStatus{Scope: gp.ScopeDomainAndContent, State: gp.Locked, AID: ssdAID}
	do(t, host, both, iso7816.OK)
	state(pinModule, 0x87)
	state(ssdAID, 0x87)
	do(t, card, gp.Select{Name: ssdAID.Append(nil)}, iso7816.FileNotFound)
	both.State = gp.Selectable
	do(t, host, both, iso7816.OK)
	state(pinModule, gp.Selectable)
	state(ssdAID, gp.Selectable)
	do(t, host, gp.SetStatus{Scope: gp.ScopeApplication, State: gp.Locked, AID: gp.AIDIssuerSecurityDomain}, iso7816.ConditionsNotSatisfied)
	mine := open(t, card, ssdAID, channelOf{})
	do(t, mine, gp.SetStatus{Scope: gp.ScopeApplication, State: gp.Locked, AID: ssdAID}, iso7816.OK)
	say(t, card, "80F28002024F00", iso7816.ConditionsNotSatisfied)
	if b, err := mine.Transmit(ctx, unhex(t, "80E2800003450101"), nil); err != nil || !bytes.Equal(b, []byte{0x69, 0x85}) {
		t.Errorf("a locked domain takes data: %X, %v", b, err)
	}
	host = open(t, card, gp.AID{}, channelOf{})
	do(t, host, gp.SetStatus{Scope: gp.ScopeApplication, State: gp.Selectable, AID: ssdAID}, iso7816.OK)
}

// TestContactless activates applications one by one.
func TestContactless(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-075", "SPEC-UICC-OS-076")
	card := newCard(t, Config{Contactless: true})
	host := open(t, card, gp.AID{}, channelOf{})
	loadPIN(t, host)
	installPIN(t, host, pinModule)
	other := gp.MustAID("F0696E6B616E430F77")
	do(t, host, gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: pinPackage, Module: pinModule, Application: other,
		Parameters: unhex(t, "EF05A003810101C900")}, iso7816.OK)
	over := func(protocol byte, aid gp.AID, want iso7816.SW) {
		t.Helper()
		if err := card.Interface(protocol); err != nil {
			t.Fatal(err)
		}
		do(t, card, gp.Select{Name: aid.Append(nil)}, want)
		do(t, card, gp.Select{}, iso7816.OK)
	}
	near := byte(runtime.MediaContactlessA | 1)
	over(near, pinModule, iso7816.FileNotFound)
	over(near, other, iso7816.OK)
	over(0, pinModule, iso7816.OK)
	host = open(t, card, gp.AID{}, channelOf{})
	say(t, host, "80F001010B4F09"+pinModule.String(), iso7816.OK)
	say(t, host, "80F001000B4F09"+other.String(), iso7816.OK)
	say(t, host, "80F001020B4F09"+other.String(), iso7816.IncorrectP1P2)
	over(near, pinModule, iso7816.OK)
	over(near, other, iso7816.FileNotFound)
}
