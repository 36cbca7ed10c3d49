package os

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/ara"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/scp/scp02"
	"inkan/core/scp/scp80"
	"inkan/sim/applets/aram"
	"inkan/sim/clock"
	"inkan/sim/runtime"
	"inkan/spec/req"
)

// TestPersonalization gives an applet's data to its domain, and through the
// applet's own use of the domain's channel.
func TestPersonalization(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-066")
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{})
	do(t, host, ssd(ssdAID, 0), iso7816.OK)
	if err := card.Load(aram.CAP); err != nil {
		t.Fatal(err)
	}
	if err := card.Install(aram.PackageAID, aram.ModuleAID, ara.AIDMaster, 0, []byte{0xC9, 0}); err != nil {
		t.Fatal(err)
	}
	host = open(t, card, gp.AID{}, channelOf{})
	do(t, host, gp.Install{Purpose: gp.ForExtradition, SecurityDomain: ssdAID, Application: ara.AIDMaster}, iso7816.OK)
	own := keySet(0x31, 0x60)
	mine := open(t, card, ssdAID, channelOf{})
	putKeys(t, mine, keys.AES, 0, own, iso7816.OK)
	mine = open(t, card, ssdAID, channelOf{keys: own, level: 0x33})
	do(t, mine, gp.Install{Purpose: gp.ForPersonalization, Application: ara.AIDMaster}, iso7816.OK)
	do(t, mine, gp.StoreData{Last: true, Structure: gp.StructureBERTLV, Data: unhex(t, storeRule)}, iso7816.OK)
	do(t, mine, gp.StoreData{Last: true, Structure: gp.StructureBERTLV, Data: unhex(t, storeRule)}, iso7816.ReferencedDataNotFound) // the domain's own again
	do(t, card, gp.Select{Name: ara.AIDMaster.Append(nil)}, iso7816.OK)
	if b := say(t, card, "80CAFF4000", iso7816.OK); !bytes.Contains(b, unhex(t, "E2")) {
		t.Errorf("rules %X", b)
	}
	if _, err := tryOpen(card, channelOf{version: 0x30}); err == nil {
		t.Error("the issuer's keys open an extradited applet's channel")
	}
	applet, err := tryOpen(card, channelOf{keys: own})
	if err != nil {
		t.Fatal(err)
	}
	do(t, applet, gp.StoreData{Last: true, Structure: gp.StructureBERTLV, Data: unhex(t, "F00DE20BE1044F00C100E303D00100")}, iso7816.FileExists)
	host = open(t, card, gp.AID{}, channelOf{})
	do(t, host, gp.Install{Purpose: gp.ForPersonalization, Application: pinModule}, iso7816.ReferencedDataNotFound)
	loadPIN(t, host)
	installPIN(t, host, pinModule)
	do(t, host, gp.Install{Purpose: gp.ForPersonalization, Application: pinModule}, iso7816.ConditionsNotSatisfied)
}

// storeRule gives all applications access to all applets.
const storeRule = "F00DE20BE1044F00C100E303D00101"

// TestPower: no power, no answer; a cut in a packet switches the card off.
func TestPower(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-095")
	set := keySet(1, 0x51)
	card := withOTA(t, set, keys.AES, Config{})
	counter := new(memoryCounter)
	packet, _, err := server(t, set, fullSPI, scp80.AES, counter).Seal(nil, scp80.TARIssuerSD, expanded(t, ssd(ssdAID, 0)))
	if err != nil {
		t.Fatal(err)
	}
	card.Clock().CutAt(card.Clock().Now() + 2000)
	var cut clock.PowerCut
	if _, err := card.Receive(packet); !errors.As(err, &cut) {
		t.Errorf("%v", err)
	}
	if _, err := card.Receive(packet); !errors.Is(err, runtime.ErrOff) {
		t.Errorf("%v", err)
	}
	if _, err := card.Reset(ctx, false); err != nil {
		t.Fatal(err)
	}
	if _, err := card.Receive(packet); err != nil {
		t.Error(err)
	}
}

// TestHostHabits: what generic hosts do that know no UICC.
func TestHostHabits(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-020", "SPEC-UICC-OS-061")
	factory := testKeySet()
	factory.Version = 0xFF
	card := newCard(t, Config{Issuer: Issuer{Keys: KeySet(keys.AES, factory)}})
	host := open(t, card, gp.AID{}, channelOf{})
	do(t, host, gp.Install{Purpose: gp.ForLoad, LoadFile: pinPackage, SecurityDomain: gp.AIDCardManager}, iso7816.OK)
	transfer(t, host, &gp.LoadFile{Content: corpus(t, "pin")}, iso7816.OK)
	next := keySet(0x01, 0x21)
	putKeys(t, host, keys.AES, 0, next, iso7816.OK)
	open(t, card, gp.AID{}, channelOf{keys: next})
	open(t, card, gp.AID{}, channelOf{keys: next, version: 1, level: 0x33})
	strict := newCard(t, Config{Issuer: Issuer{Keys: KeySet(keys.AES, next)}, Policy: Policy{SeparateVersions: true}})
	say(t, strict, "8050000008000000000000000000", iso7816.ReferencedDataNotFound)
	both := withOTA(t, next, keys.AES, Config{})
	if list := both.keyList(issuerID); list[0].version != 0x30 {
		t.Fatal("the test wants another order")
	}
	open(t, both, gp.AID{}, channelOf{level: scp.CMAC})
}

// TestDefaultApplication makes an application the one that a reset selects, as
// hosts do it: of one that is SELECTABLE already.
func TestDefaultApplication(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-014")
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{})
	loadPIN(t, host)
	installPIN(t, host, pinModule)
	other := gp.MustAID("F0696E6B616E430F77")
	installPIN(t, host, other)
	choose := func(aid gp.AID, want iso7816.SW) {
		t.Helper()
		do(t, host, gp.Install{Purpose: gp.ForMakeSelectable, Application: aid, Privileges: gp.CardReset, HasPrivileges: true}, want)
	}
	choose(pinModule, iso7816.OK)
	choose(other, iso7816.ConditionsNotSatisfied)
	if _, err := card.Reset(ctx, false); err != nil {
		t.Fatal(err)
	}
	say(t, card, "8030000006", iso7816.OK) // the applet's command
	say(t, card, "00A4040000", iso7816.OK)
}

// TestResponseSession begins and ends an R-MAC session of SCP02.
func TestResponseSession(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-020")
	card := newCard(t, Config{Protocols: []gp.SCPOption{{Protocol: gp.SCP02, I: 0x35}}})
	host := open(t, card, gp.AID{}, channelOf{protocol: gp.SCP02, i: 0x35})
	say(t, card, "807A10010100", iso7816.SecurityStatusNotSatisfied) // in clear: the session ends
	host = open(t, card, gp.AID{}, channelOf{protocol: gp.SCP02, i: 0x35})
	h := host.Host.(*scp02.Host)
	begin, err := h.BeginRMACSession(nil, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := card.Transmit(ctx, begin, nil)
	if err != nil {
		t.Fatal(err)
	}
	if b, err = h.Unwrap(nil, b); err != nil || !bytes.Equal(b, []byte{0x90, 0}) {
		t.Fatalf("%X, %v", b, err)
	}
	if len(statusOf(t, host, gp.SubsetIssuerSecurityDomain)) != 1 {
		t.Error("no registry under R-MAC")
	}
}
