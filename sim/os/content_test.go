package os

import (
	"crypto"
	"testing"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/tlv"
	"inkan/sim/applets/aram"
	"inkan/sim/applets/jpki"
	"inkan/spec/req"
)

// TestLife loads, installs, uses, deletes, through SCP03 and SCP02 at all their
// levels.
func TestLife(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-033", "SPEC-UICC-OS-046", "SPEC-UICC-OS-040", "SPEC-UICC-OS-063")
	for _, o := range []channelOf{{level: 0x01}, {level: 0x03}, {level: 0x11}, {level: 0x13}, {level: 0x33},
		{protocol: gp.SCP02, level: 0x01}, {protocol: gp.SCP02, level: 0x03}} {
		card := newCard(t, Config{})
		host := open(t, card, gp.AID{}, o)
		loadPIN(t, host)
		do(t, host, gp.Install{Purpose: gp.ForLoad, LoadFile: pinPackage}, iso7816.ConditionsNotSatisfied)
		installPIN(t, host, pinModule)
		do(t, host, gp.Install{Purpose: gp.ForLoad, LoadFile: pinModule}, iso7816.ConditionsNotSatisfied)
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

// TestStages installs and makes selectable in steps, and all in one process.
func TestStages(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-032", "SPEC-UICC-OS-033", "SPEC-UICC-OS-070")
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{})
	loadPIN(t, host)
	do(t, host, gp.Install{Purpose: gp.ForInstall, LoadFile: pinPackage, Module: pinModule, Application: pinModule, Parameters: []byte{0xC9, 0}}, iso7816.OK)
	if e := statusOf(t, host, gp.SubsetApplications)[pinModule.String()]; e.LifeCycle != gp.Installed {
		t.Errorf("%+v", e)
	}
	do(t, card, gp.Select{Name: pinModule.Append(nil)}, iso7816.FileNotFound)
	do(t, host, gp.Install{Purpose: gp.ForMakeSelectable, Application: pinModule}, iso7816.OK)
	do(t, host, gp.Install{Purpose: gp.ForMakeSelectable, Application: pinModule}, iso7816.ConditionsNotSatisfied)
	do(t, card, gp.Select{Name: pinModule.Append(nil)}, iso7816.OK)

	card = newCard(t, Config{})
	host = open(t, card, gp.AID{}, channelOf{})
	end := gp.Install{Purpose: gp.ForLoadInstallSelectable, Stage: gp.CombinedEnd, LoadFile: pinPackage, Module: pinModule, Application: pinModule,
		Parameters: []byte{0xC9, 0}}
	do(t, host, end, iso7816.ConditionsNotSatisfied)
	do(t, host, gp.Install{Purpose: gp.ForLoadInstallSelectable, Stage: gp.CombinedBegin, LoadFile: pinPackage}, iso7816.OK)
	transfer(t, host, &gp.LoadFile{Content: corpus(t, "pin")}, iso7816.OK)
	do(t, host, end, iso7816.OK)
	do(t, card, gp.Select{Name: pinModule.Append(nil)}, iso7816.OK)

	host = open(t, card, gp.AID{}, channelOf{}) // an INSTALL ends a load
	do(t, host, gp.Install{Purpose: gp.ForLoad, LoadFile: gp.MustAID("F0696E6B616E4301")}, iso7816.OK)
	do(t, host, gp.Install{Purpose: gp.ForMakeSelectable, Application: pinModule}, iso7816.ConditionsNotSatisfied)
	do(t, host, gp.Load{Last: true, Data: []byte{0xC4, 0}}, iso7816.ConditionsNotSatisfied)
}

// TestLoadRefused: nothing of a refused package is on the card.
func TestLoadRefused(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-041", "SPEC-UICC-OS-042", "SPEC-UICC-OS-043")
	good := corpus(t, "pin")
	hash, _ := gp.LoadFileHash(crypto.SHA1, good)
	for name, c := range map[string]struct {
		install gp.Install
		file    gp.LoadFile
		want    iso7816.SW
	}{
		"announced otherwise": {gp.Install{LoadFile: ssdAID}, gp.LoadFile{Content: good}, iso7816.WrongData},
		"malformed":           {gp.Install{LoadFile: pinPackage}, gp.LoadFile{Content: good[:len(good)-9]}, iso7816.WrongData},
		"hash":                {gp.Install{LoadFile: pinPackage, Hash: make([]byte, 32)}, gp.LoadFile{Content: good}, iso7816.WrongData},
		"signature of nobody": {gp.Install{LoadFile: pinPackage, Hash: hash}, gp.LoadFile{Content: good,
			DAPs: []gp.DAPBlock{{SecurityDomain: gp.AIDIssuerSecurityDomain, Signature: make([]byte, 64)}}}, iso7816.SecurityStatusNotSatisfied},
		"ciphered": {gp.Install{LoadFile: pinPackage}, gp.LoadFile{Content: make([]byte, 160), Ciphered: true}, iso7816.ConditionsNotSatisfied},
	} {
		t.Run(name, func(t *testing.T) {
			card := newCard(t, Config{})
			host := open(t, card, gp.AID{}, channelOf{})
			c.install.Purpose = gp.ForLoad
			do(t, host, c.install, iso7816.OK)
			transfer(t, host, &c.file, c.want)
			if n := len(statusOf(t, host, gp.SubsetLoadFiles)); n != 1 || len(card.Machine().Packages()) != 0 {
				t.Errorf("%d load files", n)
			}
			loadPIN(t, host)
		})
	}
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{})
	do(t, host, gp.Install{Purpose: gp.ForLoad, LoadFile: pinPackage, Hash: hash}, iso7816.OK)
	transfer(t, host, &gp.LoadFile{Content: good}, iso7816.OK)
}

func TestSupplementary(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-011", "SPEC-UICC-OS-021", "SPEC-UICC-OS-034", "SPEC-UICC-OS-037", "SPEC-UICC-OS-047",
		"SPEC-UICC-OS-048", "SPEC-UICC-OS-050", "SPEC-UICC-OS-064")
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{level: 0x33})
	do(t, host, ssd(ssdAID, 0), iso7816.OK)
	do(t, host, ssd(ssdAID, 0), iso7816.ConditionsNotSatisfied)
	do(t, host, ssd(gp.MustAID("A0000001515350AA02"), 0), iso7816.OK)
	own := keySet(0x31, 0x60)
	mine := open(t, card, ssdAID, channelOf{}) // with the keys of the domain above
	putKeys(t, mine, keys.AES, 0, own, iso7816.OK)
	if _, err := tryOpen(card, channelOf{version: 0x30}); err == nil {
		t.Error("a domain with keys of its own takes the issuer's")
	}
	mine = open(t, card, ssdAID, channelOf{keys: own, level: 0x33})
	listed := statusOf(t, mine, gp.SubsetApplications)
	if e := listed[ssdAID.String()]; e.LifeCycle != gp.Personalized || !e.Privileges.Has(gp.SecurityDomain) || len(listed) != 1 {
		t.Errorf("%+v", listed)
	}
	do(t, mine, gp.Install{Purpose: gp.ForLoad, LoadFile: pinPackage}, iso7816.ConditionsNotSatisfied)
	do(t, mine, gp.Delete{AID: ssdAID}, iso7816.ConditionsNotSatisfied)
	f, err := gp.DecodeFCI(do(t, card, gp.Select{Name: ssdAID.Append(nil)[:8]}, iso7816.OK))
	if err != nil || f.AID != ssdAID {
		t.Errorf("%+v, %v", f, err)
	}
	host = open(t, card, gp.AID{}, channelOf{})
	loadPIN(t, host)
	installPIN(t, host, pinModule)
	do(t, host, gp.Install{Purpose: gp.ForExtradition, SecurityDomain: ssdAID, Application: pinModule}, iso7816.OK)
	if e := statusOf(t, host, gp.SubsetApplications)[pinModule.String()]; e.SecurityDomain != ssdAID {
		t.Errorf("%+v", e)
	}
	do(t, host, gp.Delete{AID: ssdAID}, iso7816.ConditionsNotSatisfied)
	do(t, card, gp.Select{Name: pinModule.Append(nil)}, iso7816.OK)
	host = open(t, card, gp.AID{}, channelOf{})
	do(t, host, gp.Delete{AID: pinPackage, Related: true}, iso7816.OK)
	do(t, host, gp.Delete{AID: ssdAID}, iso7816.OK)
	do(t, card, gp.Select{Name: ssdAID.Append(nil)}, iso7816.FileNotFound)
}

// TestExtradition refuses what the parameters and the tree do not allow.
func TestExtradition(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-035", "SPEC-UICC-OS-037", "SPEC-UICC-OS-038", "SPEC-UICC-OS-039")
	closed, below := gp.MustAID("A0000001515350AA02"), gp.MustAID("A0000001515350AA03")
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{})
	do(t, host, ssd(ssdAID, 0), iso7816.OK)
	do(t, host, ssd(closed, 0, 0x82, 1, 0, 0x87, 1, 0), iso7816.OK)
	do(t, host, ssd(below, 0, 0x81, 2, 3, 0x71), iso7816.WrongData)
	do(t, host, ssd(below, 0, 0x81, 2, 3, 0x70), iso7816.OK)
	to := func(what, where gp.AID, want iso7816.SW) {
		t.Helper()
		do(t, host, gp.Install{Purpose: gp.ForExtradition, SecurityDomain: where, Application: what}, want)
	}
	to(below, closed, iso7816.ConditionsNotSatisfied)
	to(below, ssdAID, iso7816.OK)
	to(ssdAID, below, iso7816.ConditionsNotSatisfied)
	to(ssdAID, ssdAID, iso7816.ConditionsNotSatisfied)
	to(below, pinPackage, iso7816.ReferencedDataNotFound)
	to(below, gp.AIDCASD, iso7816.ConditionsNotSatisfied)
	update := gp.Install{Purpose: gp.ForRegistryUpdate, SecurityDomain: closed, Application: below, Privileges: gp.SecurityDomain | gp.DelegatedManagement,
		HasPrivileges: true}
	do(t, host, update, iso7816.ConditionsNotSatisfied)
	if e := statusOf(t, host, gp.SubsetApplications)[below.String()]; e.Privileges != gp.SecurityDomain || e.SecurityDomain != ssdAID {
		t.Errorf("a refused update changed %+v", e)
	}
	update.SecurityDomain = gp.AIDIssuerSecurityDomain
	do(t, host, update, iso7816.OK)
	if e := statusOf(t, host, gp.SubsetApplications)[below.String()]; !e.Privileges.Has(gp.DelegatedManagement) || e.SecurityDomain != gp.AIDIssuerSecurityDomain {
		t.Errorf("%+v", e)
	}
}

// TestMemory keeps memory, bounds it, and answers 6A84.
func TestMemory(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-055", "SPEC-UICC-OS-056")
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{})
	system := func(tag tlv.Tag, n uint32) []byte {
		return append([]byte{0xC9, 0}, tlv.Append(nil, gp.TagSystemParameters, tlv.Append(nil, tag, []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}))...)
	}
	free := func() uint32 {
		r, err := gp.DecodeResources(do(t, host, gp.GetData{Tag: gp.TagExtendedResources}, iso7816.OK))
		if err != nil {
			t.Fatal(err)
		}
		return r.FreeNonVolatileBytes
	}
	all := free()
	do(t, host, gp.Install{Purpose: gp.ForLoad, LoadFile: pinPackage, Parameters: system(0xC6, all+1)[2:]}, iso7816.NotEnoughMemory)
	loadPIN(t, host)
	install := func(aid gp.AID, parameters []byte, want iso7816.SW) {
		t.Helper()
		do(t, host, gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: pinPackage, Module: pinModule, Application: aid, Parameters: parameters}, want)
	}
	before := free()
	install(pinModule, system(0xC8, 8), iso7816.NotEnoughMemory)
	card.Machine().Collect()
	if free() != before || card.Applet(pinModule.Append(nil)) != nil {
		t.Errorf("%d bytes free, %d before", free(), before)
	}
	install(pinModule, system(0xD8, before+1), iso7816.NotEnoughMemory)
	install(pinModule, system(0xD8, before-2000), iso7816.OK)
	if n := free(); n > 2000 {
		t.Errorf("%d bytes free beside what is kept", n)
	}
	do(t, host, gp.Install{Purpose: gp.ForLoad, LoadFile: gp.MustAID("F0696E6B616E4301")}, iso7816.OK)
	do(t, host, gp.Load{Data: []byte{0xC4, 0x82, 0x20, 0x00}}, iso7816.NotEnoughMemory)
	do(t, host, gp.Delete{AID: pinModule}, iso7816.OK)
	if n := free(); n < before-100 {
		t.Errorf("%d bytes free after deletion, %d before", n, before)
	}
}

// TestApplets loads the project's own applets by commands.
func TestApplets(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-033")
	for name, file := range map[string][]byte{"jpki": jpki.CAP, "aram": aram.CAP} {
		card := newCard(t, Config{})
		if err := card.Load(file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var loaded gp.Entry
		host := open(t, card, gp.AID{}, channelOf{level: 0x33})
		for _, e := range statusOf(t, host, gp.SubsetLoadFilesAndModules) {
			if e.AID != gp.AIDSecurityDomainPackage {
				loaded = e
			}
		}
		do(t, host, gp.Delete{AID: loaded.AID}, iso7816.OK)
		do(t, host, gp.Install{Purpose: gp.ForLoad, LoadFile: loaded.AID}, iso7816.OK)
		transfer(t, host, &gp.LoadFile{Content: content(t, file)}, iso7816.OK)
		do(t, host, gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: loaded.AID, Module: loaded.Modules[0], Application: loaded.Modules[0],
			Parameters: []byte{0xC9, 0}}, iso7816.OK)
		do(t, card, gp.Select{Name: loaded.Modules[0].Append(nil)}, iso7816.OK)
	}
}
