package os

import (
	"testing"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/sim/runtime"
	"inkan/spec/req"
)

const near = byte(runtime.MediaContactlessA | 1)

// TestPINThroughPocket looks for a way to the UICC's PINs by a contactless interface.
func TestPINThroughPocket(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-136")
	card := newCard(t, Config{UICC: testUICC(t), Channels: 1})
	say(t, card, "0020000100", 0x63C3)
	if err := card.Interface(near); err != nil {
		t.Fatal(err)
	}
	for c, want := range map[string]iso7816.SW{
		"0020000100": iso7816.ConditionsNotSatisfied, "00200001083030303030303030": iso7816.ConditionsNotSatisfied,
		"00A40004022FE2": iso7816.ConditionsNotSatisfied, "80F2000000": iso7816.ConditionsNotSatisfied,
		"00A4040C07A0000000871002": iso7816.FileNotFound, "801000000A" + "FFFFFFFF7F9D00DFBF00": iso7816.ConditionsNotSatisfied,
		"80C2000003D10100": iso7816.ConditionsNotSatisfied,
	} {
		say(t, card, c, want)
	}
	say(t, card, "0070000100", iso7816.OK)
	say(t, card, "0120000100", iso7816.INSNotSupported) // the issuer's domain
	say(t, card, "00A4040000", iso7816.OK)
	say(t, card, "801000000A"+"FFFFFFFF7F9D00DFBF00", iso7816.INSNotSupported)
	if err := card.SetProtocol(near); err != nil {
		t.Fatal(err)
	}
	if _, err := card.Reset(ctx, false); err != nil {
		t.Fatal(err)
	}
	say(t, card, "0020000100", iso7816.INSNotSupported)
	if err := card.SetProtocol(0); err != nil {
		t.Fatal(err)
	}
	if _, err := card.Reset(ctx, false); err != nil {
		t.Fatal(err)
	}
	say(t, card, "0020000100", 0x63C3)
}

// TestSelectedByContacts: what the contacts have selected is not reached by a
// contactless interface before it is activated.
func TestSelectedByContacts(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-137")
	card := newCard(t, Config{Contactless: true, Channels: 1})
	host := open(t, card, gp.AID{}, channelOf{})
	loadPIN(t, host)
	installPIN(t, host, pinModule)
	do(t, host, ssd(ssdAID, 0), iso7816.OK)
	say(t, card, "0070000100", iso7816.OK)
	on := &gp.OnChannel{Card: card, Channel: 1}
	for _, c := range []struct {
		aid     gp.AID
		command string
		want    iso7816.SW
	}{{pinModule, "8120000000", 0x63C2}, {ssdAID, "81CA006600", iso7816.OK}} {
		do(t, on, gp.Select{Name: c.aid.Append(nil)}, iso7816.OK)
		if err := card.Interface(near); err != nil {
			t.Fatal(err)
		}
		say(t, card, c.command, iso7816.ConditionsNotSatisfied)
		if err := card.Interface(0); err != nil {
			t.Fatal(err)
		}
		say(t, card, c.command, c.want)
	}
}

// TestExtraditedChannels: the former owner's channel with a domain that has no keys of
// its own ends with its extradition.
func TestExtraditedChannels(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-116")
	child := gp.MustAID("A0000001515350AA07")
	for _, update := range []bool{false, true} {
		card := newCard(t, Config{Channels: 1})
		host := open(t, card, gp.AID{}, channelOf{})
		do(t, host, ssd(ssdAID, 0), iso7816.OK)
		do(t, host, ssd(child, 0), iso7816.OK)
		putKeys(t, open(t, card, ssdAID, channelOf{}), keys.AES, 0, keySet(0x31, 0x40), iso7816.OK)
		former := inside(t, card, child, channelOf{})
		host = open(t, card, gp.AID{}, channelOf{})
		move := gp.Install{Purpose: gp.ForExtradition, SecurityDomain: ssdAID, Application: child}
		if update {
			move.Purpose = gp.ForRegistryUpdate
		}
		do(t, host, move, iso7816.OK)
		if _, err := gp.Exchange(ctx, former, gp.GetStatus{Subset: gp.SubsetApplications}, nil); err != iso7816.SecurityStatusNotSatisfied {
			t.Errorf("%v", err)
		}
	}
}
