package aram_test

import (
	"testing"

	"inkan/core/ara"
	"inkan/core/cap"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/tlv"
	"inkan/sim/applets/aram"
	"inkan/sim/runtime/bare"
	"inkan/spec/req"
)

// TestContent loads and installs over the secure channel, as a TSM does.
func TestContent(t *testing.T) {
	req.Covers(t, "SPEC-ARAM-080", "SPEC-ARAM-081")
	card, err := bare.New(config())
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t, card, routes["domain"]}
	b.send("00a4040000")
	secured := b.open(1)
	f, err := cap.Open(aram.CAP)
	if err != nil {
		t.Fatal(err)
	}
	b.exchange(secured, gp.Install{Purpose: gp.ForLoad, LoadFile: aram.PackageAID})
	blocks, err := gp.LoadBlocks(tlv.Append(nil, 0xC4, f.LoadFile(nil, false)), 200)
	if err != nil {
		t.Fatal(err)
	}
	for block := range blocks {
		b.exchange(secured, block)
	}
	install := gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: aram.PackageAID, Module: aram.ModuleAID,
		Application: ara.AIDMaster, HasPrivileges: true}
	for _, c := range []struct {
		own  []byte
		want iso7816.SW
	}{{[]byte{1}, iso7816.WrongData}, {[]byte{0, 63}, iso7816.WrongData}, {[]byte{0, 64, 0}, iso7816.WrongData}, {[]byte{0, 64}, iso7816.OK}} {
		install.Parameters = tlv.Append(nil, 0xC9, c.own)
		if sw := status(b, secured, install); sw != c.want {
			t.Fatalf("%X: %v, want %v", c.own, sw, c.want)
		}
	}
	b.wantWrite(storeHex(aRule(1)), iso7816.OK)
	b.wantWrite(storeHex(aRule(2)), iso7816.NotEnoughMemory)
	b.want(selectMaster, "9000")
	b.want("80caff4000", do("ff40", aRule(1))+"9000")
}
