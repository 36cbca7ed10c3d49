package os

import (
	"testing"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/scp"
)

func TestSelectIssuer(t *testing.T) {
	card := newCard(t, Config{})
	for _, name := range []string{"", "A000000151000000", "A000000003000000", "A000000151", "A00000000300"} {
		b := do(t, card, gp.Select{Name: unhex(t, name)}, iso7816.OK)
		f, err := gp.DecodeFCI(b)
		if err != nil || f.AID != gp.AIDIssuerSecurityDomain || f.MaxCommandData != 255 {
			t.Errorf("%q: %+v, %v", name, f, err)
		}
		r, err := gp.DecodeRecognition(f.Recognition)
		if err != nil || len(r.Channels) != 2 || r.Channels[0].Protocol != gp.SCP03 || r.Channels[0].I() != 0x70 || r.Channels[1].I() != 0x55 {
			t.Errorf("%q: recognition %+v, %v", name, r, err)
		}
	}
	do(t, card, gp.Select{Name: unhex(t, "A0000001520000")}, iso7816.FileNotFound)
}

// TestLife loads, installs, uses, deletes, through SCP03 and SCP02 at all their
// levels.
func TestLife(t *testing.T) {
	for _, o := range []channelOf{{level: 0x01}, {level: 0x03}, {level: 0x11}, {level: 0x13}, {level: 0x33},
		{protocol: gp.SCP02, level: 0x01}, {protocol: gp.SCP02, level: 0x03}} {
		card := newCard(t, Config{})
		host := open(t, card, gp.AID{}, o)
		loadPIN(t, host)
		installPIN(t, host, pinModule)
		apps, files := statusOf(t, host, gp.SubsetApplications), statusOf(t, host, gp.SubsetLoadFilesAndModules)
		if e := apps[pinModule.String()]; e.LifeCycle != gp.Selectable || e.LoadFile != pinPackage || e.SecurityDomain != gp.AIDIssuerSecurityDomain {
			t.Errorf("%+v: %+v", o, e)
		}
		if e := files[pinPackage.String()]; e.LifeCycle != gp.Loaded || len(e.Modules) != 1 {
			t.Errorf("%+v: %+v", o, e)
		}
		do(t, card, gp.Select{Name: pinModule.Append(nil)}, iso7816.OK)
		host = open(t, card, gp.AID{}, o)
		do(t, host, gp.Delete{AID: pinPackage}, iso7816.ConditionsNotSatisfied)
		do(t, host, gp.Delete{AID: pinModule}, iso7816.OK)
		do(t, host, gp.Delete{AID: pinPackage}, iso7816.OK)
		if n := len(statusOf(t, host, gp.SubsetLoadFiles)); n != 1 {
			t.Errorf("%+v: %d load files", o, n)
		}
	}
}

func TestSupplementary(t *testing.T) {
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{level: 0x33})
	do(t, host, ssd(ssdAID, 0), iso7816.OK)
	do(t, host, ssd(ssdAID, 0), iso7816.ConditionsNotSatisfied)
	own := keySet(0x31, 0x60)
	mine := open(t, card, ssdAID, channelOf{}) // with the keys of the domain above
	putKeys(t, mine, keys.AES, 0, own, iso7816.OK)
	if _, err := tryOpen(card, channelOf{version: 0x30}); err == nil {
		t.Error("a domain with keys of its own takes the issuer's")
	}
	mine = open(t, card, ssdAID, channelOf{keys: own, level: 0x33})
	if e := statusOf(t, mine, gp.SubsetApplications)[ssdAID.String()]; e.LifeCycle != gp.Personalized || !e.Privileges.Has(gp.SecurityDomain) {
		t.Errorf("%+v", e)
	}
	do(t, mine, gp.Install{Purpose: gp.ForLoad, LoadFile: pinPackage}, iso7816.ConditionsNotSatisfied)
	host = open(t, card, gp.AID{}, channelOf{})
	loadPIN(t, host)
	installPIN(t, host, pinModule)
	do(t, host, gp.Install{Purpose: gp.ForExtradition, SecurityDomain: ssdAID, Application: pinModule}, iso7816.OK)
	do(t, host, gp.Delete{AID: ssdAID}, iso7816.ConditionsNotSatisfied)
	do(t, host, gp.Delete{AID: pinPackage, Related: true}, iso7816.OK)
	do(t, host, gp.Delete{AID: ssdAID}, iso7816.OK)
	do(t, host, gp.Select{Name: ssdAID.Append(nil)}, iso7816.FileNotFound)
}

// TestPutKey puts keys of each type and uses them.
func TestPutKey(t *testing.T) {
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{})
	next := keySet(0x32, 0x10)
	putKeys(t, host, keys.AES, 0x30, next, iso7816.OK)
	host = open(t, card, gp.AID{}, channelOf{keys: next, level: 0x33})
	des := keySet(0x21, 0x70)
	putKeys(t, host, keys.DES, 0, des, iso7816.OK)
	putKeys(t, host, keys.DES, 0, des, iso7816.WrongData)
	putKeys(t, host, keys.DES, 0x2F, des, iso7816.ReferencedDataNotFound)
	host = open(t, card, gp.AID{}, channelOf{protocol: gp.SCP02, keys: des, version: 0x21, level: scp.CMAC})
	do(t, host, gp.Delete{HasKeyVersion: true, KeyVersion: 0x20}, iso7816.OK)
	do(t, host, gp.Delete{HasKeyVersion: true, KeyVersion: 0x20}, iso7816.ReferencedDataNotFound)
	list, err := gp.DecodeKeyInformation(do(t, host, gp.GetData{Tag: gp.TagKeyInformation}, iso7816.OK))
	if err != nil || len(list) != 6 {
		t.Errorf("%+v, %v", list, err)
	}
}
