package os

import (
	"bytes"
	"crypto/elliptic"
	"errors"
	"fmt"
	"testing"

	"inkan/core/apdu"
	"inkan/core/ara"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/scp/scp80"
	"inkan/sim/applets/aram"
	"inkan/sim/clock"
	"inkan/sim/nvm"
	"inkan/sim/usim"
	"inkan/spec/req"
)

// failed is the status word of a command that may fail.
func failed(t testing.TB, card apdu.Card, cmd gp.Command) iso7816.SW {
	t.Helper()
	_, err := gp.Exchange(ctx, card, cmd, nil)
	sw := iso7816.OK
	if err != nil && !errors.As(err, &sw) {
		t.Fatal(err)
	}
	return sw
}

// TestLoadOvertaken finishes a load whose AID was taken, or whose domain went, by
// another logical channel meanwhile.
func TestLoadOvertaken(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-113")
	second := gp.MustAID("A0000001515350AA02")
	for name, c := range map[string]struct {
		domain   gp.AID
		meantime func(t *testing.T, other apdu.Card)
	}{
		"loaded": {gp.AID{}, func(t *testing.T, other apdu.Card) { loadPIN(t, other) }},
		"domain": {gp.AID{}, func(t *testing.T, other apdu.Card) { do(t, other, ssd(pinPackage, 0), iso7816.OK) }},
		"gone":   {ssdAID, func(t *testing.T, other apdu.Card) { do(t, other, gp.Delete{AID: ssdAID}, iso7816.OK) }},
		"another": {ssdAID, func(t *testing.T, other apdu.Card) {
			do(t, other, gp.Delete{AID: ssdAID}, iso7816.OK)
			do(t, other, ssd(second, 0), iso7816.OK)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			card := newCard(t, Config{Channels: 1})
			host := open(t, card, gp.AID{}, channelOf{})
			do(t, host, ssd(ssdAID, 0), iso7816.OK)
			do(t, host, gp.Install{Purpose: gp.ForLoad, LoadFile: pinPackage, SecurityDomain: c.domain}, iso7816.OK)
			other := inside(t, card, gp.AIDIssuerSecurityDomain, channelOf{})
			c.meantime(t, other)
			before := card.list(func(*entry) bool { return true })
			transfer(t, host, &gp.LoadFile{Content: corpus(t, "pin")}, iso7816.ConditionsNotSatisfied)
			after := card.list(func(*entry) bool { return true })
			for i := range after {
				if len(after) != len(before) || !bytes.Equal(before[i].encode(), after[i].encode()) {
					t.Fatalf("the registry was %v, is %v", before, after)
				}
			}
			if there := card.Machine().PackageByAID(pinPackage.Append(nil)) != nil; there != (name == "loaded") {
				t.Error("packages and registry differ")
			}
		})
	}
}

// TestExtraditedTarget personalises what has gone to another domain meanwhile.
func TestExtraditedTarget(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-117")
	child := gp.MustAID("A0000001515350AA07")
	for name, c := range map[string]struct {
		meantime func(t *testing.T, issuer apdu.Card)
	}{
		"extradited": {func(t *testing.T, issuer apdu.Card) {
			do(t, issuer, gp.Install{Purpose: gp.ForExtradition, SecurityDomain: gp.AIDIssuerSecurityDomain, Application: child}, iso7816.OK)
		}},
		"made again": {func(t *testing.T, issuer apdu.Card) {
			do(t, issuer, gp.Delete{AID: child}, iso7816.OK)
			do(t, issuer, ssd(child, 0), iso7816.OK)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			card := newCard(t, Config{Channels: 1})
			host := open(t, card, gp.AID{}, channelOf{})
			do(t, host, ssd(ssdAID, gp.AuthorizedManagement), iso7816.OK)
			mine := open(t, card, ssdAID, channelOf{})
			do(t, mine, ssd(child, 0), iso7816.OK)
			do(t, mine, gp.Install{Purpose: gp.ForPersonalization, Application: child}, iso7816.OK)
			do(t, mine, gp.StoreData{Structure: gp.StructureBERTLV, Data: unhex(t, "45")}, iso7816.OK)
			c.meantime(t, inside(t, card, gp.AIDIssuerSecurityDomain, channelOf{}))
			do(t, mine, gp.StoreData{Last: true, Number: 1, Structure: gp.StructureBERTLV, Data: unhex(t, "0133")}, iso7816.ReferencedDataNotFound)
			if _, ok := card.object(card.mustDomain(t, child), uint32(gp.TagCIN)); ok {
				t.Error("stored")
			}
		})
	}
}

// TestExtraditedSession: the channel that an applet opened ends with its selection,
// though the applet belongs to another domain by then.
func TestExtraditedSession(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-118")
	card := newCard(t, Config{Channels: 1})
	host := open(t, card, gp.AID{}, channelOf{})
	do(t, host, ssd(ssdAID, 0), iso7816.OK)
	if err := card.Load(aram.CAP); err != nil {
		t.Fatal(err)
	}
	if err := card.Install(aram.PackageAID, aram.ModuleAID, ara.AIDMaster, 0, []byte{0xC9, 0}); err != nil {
		t.Fatal(err)
	}
	inside(t, card, ara.AIDMaster, channelOf{}) // with the issuer's keys
	do(t, host, gp.Install{Purpose: gp.ForExtradition, SecurityDomain: ssdAID, Application: ara.AIDMaster}, iso7816.OK)
	say(t, card, "00708001", iso7816.OK)
	for _, d := range card.domains {
		if d.sessions[1] != nil {
			t.Errorf("domain %d has a session on a channel that is closed", d.id)
		}
	}
}

// TestLockedWhileSelected locks an applet that is selected on another channel.
func TestLockedWhileSelected(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-119")
	card := newCard(t, Config{Channels: 1})
	host := open(t, card, gp.AID{}, channelOf{})
	loadPIN(t, host)
	installPIN(t, host, pinModule)
	say(t, card, "0070000100", iso7816.OK)
	on := &gp.OnChannel{Card: card, Channel: 1}
	do(t, on, gp.Select{Name: pinModule.Append(nil)}, iso7816.OK)
	const command, unknown = "8120000000", "01A40400051122334455"
	plain, err := card.Transmit(ctx, unhex(t, command), nil)
	if err != nil || bytes.Equal(plain, []byte{0x69, 0x85}) {
		t.Fatalf("%X, %v", plain, err)
	}
	app := gp.SetStatus{Scope: gp.ScopeApplication, State: gp.Selectable.Lock(), AID: pinModule}
	do(t, host, app, iso7816.OK)
	for _, c := range []string{command, "81A4040000", "01A4040109" + pinModule.String(), "0184000008"} {
		say(t, card, c, iso7816.ConditionsNotSatisfied)
	}
	say(t, card, unknown, iso7816.FileNotFound)
	do(t, on, gp.Select{Name: pinModule.Append(nil)}, iso7816.FileNotFound)
	app.State = gp.Selectable
	do(t, host, app, iso7816.OK)
	if again, err := card.Transmit(ctx, unhex(t, command), nil); err != nil || len(again) != len(plain) || again[0] != plain[0] {
		t.Errorf("unlocked: %X, %v, was %X", again, err, plain)
	}
	app.State = gp.Selectable.Lock()
	do(t, host, app, iso7816.OK)
	do(t, on, gp.Select{Name: gp.AIDIssuerSecurityDomain.Append(nil)}, iso7816.OK)
}

// TestLockedCardSelected looks for a way to what was selected when the card was
// locked.
func TestLockedCardSelected(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-071", "SPEC-UICC-OS-121")
	card := newCard(t, Config{Channels: 2, UICC: testUICC(t), State: gp.CardSecured})
	host := open(t, card, gp.AID{}, channelOf{})
	loadPIN(t, host)
	installPIN(t, host, pinModule)
	say(t, card, "0070000100", iso7816.OK)
	say(t, card, "0070000200", iso7816.OK)
	do(t, &gp.OnChannel{Card: card, Channel: 1}, gp.Select{Name: pinModule.Append(nil)}, iso7816.OK)
	say(t, card, "02A4040C07A0000000871002", iso7816.OK)
	do(t, host, gp.SetStatus{Scope: gp.ScopeIssuerSecurityDomain, State: gp.CardLocked}, iso7816.OK)
	for c, want := range map[string]iso7816.SW{
		"01A40400051122334455": iso7816.FileNotFound, "02A4040C07A0000000871002": iso7816.FileNotFound,
		"01A4040009" + pinModule.String(): iso7816.FileNotFound, "81A40400051122334455": iso7816.ConditionsNotSatisfied,
		"01A40401051122334455": iso7816.ConditionsNotSatisfied, "05A40400051122334455": iso7816.ConditionsNotSatisfied,
		"02A4000C023F00": iso7816.ConditionsNotSatisfied, "02B000000A": iso7816.ConditionsNotSatisfied,
		"01A4040211A00000000000000000000000000000000000": iso7816.ConditionsNotSatisfied,
	} {
		say(t, card, c, want)
	}
	say(t, card, "01A4040000", iso7816.FileDeactivated)
}

// TestBoundTokens has tokens that say which card and which provider they are for.
func TestBoundTokens(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-123", "SPEC-UICC-OS-124")
	token, receiptKey := ecSigning(t, "token", elliptic.P256(), 0), keySet(0, 0x99).Enc
	card := newCard(t, Config{Issuer: Issuer{IIN: []byte{0x42, 0x42}, CIN: []byte{0x45, 0x45}}})
	host := open(t, card, gp.AID{}, channelOf{})
	put(t, host, 0x70, 1, token.values, iso7816.OK)
	put(t, host, 0x71, 1, []gp.KeyValue{{Type: keys.AES, Value: receiptKey}}, iso7816.OK)
	do(t, host, ssd(ssdAID, gp.DelegatedManagement), iso7816.OK)
	loadPIN(t, host)
	mine := open(t, card, ssdAID, channelOf{})
	do(t, mine, gp.StoreData{Last: true, Structure: gp.StructureBERTLV, Data: unhex(t, "5F200250AA")}, iso7816.OK)
	verifier, err := gp.NewContentMAC(keys.AES, receiptKey)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		control gp.TokenControl
		want    error
	}{
		{gp.TokenControl{SecurityDomainProvider: []byte{0x42, 0x43}}, errToken},
		{gp.TokenControl{SecurityDomainImage: []byte{0x45}}, errToken},
		{gp.TokenControl{ApplicationProvider: []byte{0x50}}, errToken},
		{gp.TokenControl{SecurityDomainProvider: []byte{0x42, 0x42}, SecurityDomainImage: []byte{0x45, 0x45}, ApplicationProvider: []byte{0x50, 0xAA},
			TokenIdentifier: []byte{7, 8}}, nil},
	} {
		parameters, err := (&gp.InstallParameters{ApplicationSpecific: []byte{}, Token: &c.control}).Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := withToken(t, mine, &gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: pinPackage, Module: pinModule, Application: pinModule,
			Parameters: parameters}, token.signer, false)
		checkBound(t, i, b, err, c.want, gp.InstallReceipt(pinPackage, pinModule), verifier)
		if _, there := card.entry(pinModule); there != (c.want == nil) {
			t.Errorf("%d: installed is %v", i, there)
		}
	}
	for i, c := range []struct {
		crt  string
		want error
	}{{"42024243", errToken}, {"42024242930109", nil}} {
		d, err := (gp.Delete{AID: pinModule, CRT: unhex(t, c.crt)}).APDU(nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := sendToken(t, mine, d, token.signer, false)
		checkBound(t, i, b, err, c.want, gp.DeleteReceipt(pinModule), verifier)
	}
}

// checkBound wants an error, or a receipt that names the token.
func checkBound(t *testing.T, i int, b []byte, err, want error, context gp.ReceiptContext, verifier gp.ContentVerifier) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%d: %v, want %v", i, err, want)
	}
	if want != nil {
		return
	}
	c, ok, err := gp.DecodeConfirmation(b)
	if err != nil || !ok || !c.Verify(context, verifier) || len(c.TokenIdentifier) == 0 {
		t.Errorf("%d: %+v, %v, %v", i, c, ok, err)
	}
}

// TestReceiptsExhausted: what could not be confirmed is not done.
func TestReceiptsExhausted(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-122")
	token := ecSigning(t, "token", elliptic.P256(), 0)
	card := newCard(t, Config{Issuer: Issuer{IIN: []byte{0x42}}})
	host := open(t, card, gp.AID{}, channelOf{})
	put(t, host, 0x70, 1, token.values, iso7816.OK)
	put(t, host, 0x71, 1, []gp.KeyValue{{Type: keys.AES, Value: keySet(0, 0x99).Enc}}, iso7816.OK)
	do(t, host, ssd(ssdAID, gp.DelegatedManagement), iso7816.OK)
	loadPIN(t, host)
	if err := card.Machine().PutRecord(recordReceipt, keyID(issuerID, 0, 0)[:2], []byte{0xFF, 0xFF}); err != nil {
		t.Fatal(err)
	}
	mine := open(t, card, ssdAID, channelOf{})
	_, err := withToken(t, mine, &gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: pinPackage, Module: pinModule, Application: pinModule,
		Parameters: []byte{0xC9, 0}}, token.signer, false)
	if _, there := card.entry(pinModule); there || !errors.Is(err, iso7816.ConditionsNotSatisfied) {
		t.Errorf("%v, installed is %v", err, there)
	}
}

// TestGrantedActivation: a provider cannot give itself the whole card's activation.
func TestGrantedActivation(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-036")
	card := newCard(t, Config{Contactless: true})
	host := open(t, card, gp.AID{}, channelOf{})
	do(t, host, ssd(ssdAID, gp.AuthorizedManagement), iso7816.OK)
	mine := open(t, card, ssdAID, channelOf{})
	do(t, mine, ssd(gp.MustAID("A0000001515350AA05"), gp.ContactlessActivation), iso7816.ConditionsNotSatisfied)
	do(t, mine, gp.Install{Purpose: gp.ForRegistryUpdate, Application: ssdAID, HasPrivileges: true,
		Privileges: gp.SecurityDomain | gp.AuthorizedManagement | gp.ContactlessActivation}, iso7816.ConditionsNotSatisfied)
}

// TestListWithoutAuthentication asks for the list of applications in a packet that
// nobody has authenticated.
func TestListWithoutAuthentication(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-126")
	set := keySet(1, 0x51)
	card := withOTA(t, set, keys.AES, Config{Policy: Policy{MinimumSPI: scp80.CounterUnchecked}})
	do(t, open(t, card, gp.AID{}, channelOf{version: 0x30}), ssd(ssdAID, 0), iso7816.OK)
	h := server(t, set, scp80.PoR|scp80.CounterUnchecked, scp80.AES, new(memoryCounter))
	list := gp.GetData{Tag: gp.TagApplications, Data: []byte{0x5C, 0}}
	packet, ticket, err := h.Seal(nil, scp80.TARIssuerSD, expanded(t, list))
	if err != nil {
		t.Fatal(err)
	}
	out, err := card.Receive(packet)
	if err != nil {
		t.Fatal(err)
	}
	data, _, err := h.Open(nil, ticket, out.Packet)
	if err != nil {
		t.Fatal(err)
	}
	if got := results(t, data); len(got) != 1 || got[0] != " 6982" {
		t.Errorf("%q", got)
	}
	h = server(t, set, fullSPI, scp80.AES, new(memoryCounter))
	if got := results(t, run(t, card, h, scp80.TARIssuerSD, expanded(t, list))); len(got) != 1 || got[0] == " 6982" {
		t.Errorf("%q", got)
	}
}

// TestFilesOfLockedDomain: a locked domain's keys manage no files.
func TestFilesOfLockedDomain(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-125")
	set := keySet(1, 0x51)
	card := newCard(t, Config{UICC: testUICC(t), Remote: []RemoteFiles{{TAR: scp80.TARFilesUICC, Access: usim.Domain{Full: true}, Domain: ssdAID}}})
	host := open(t, card, gp.AID{}, channelOf{})
	do(t, host, ssd(ssdAID, 0), iso7816.OK)
	putKeys(t, open(t, card, ssdAID, channelOf{}), keys.AES, 0, set, iso7816.OK)
	h := server(t, set, fullSPI, scp80.AES, new(memoryCounter))
	deliver := func(want scp80.Status) {
		t.Helper()
		packet, _, err := h.Seal(nil, scp80.TARFilesUICC, unhex(t, "00A40000022FE2"))
		if err != nil {
			t.Fatal(err)
		}
		if out, err := card.Receive(packet); err != nil || out.Status != want {
			t.Errorf("%v, %v, want %v", out.Status, err, want)
		}
	}
	deliver(scp80.StatusOK)
	lock := gp.SetStatus{Scope: gp.ScopeApplication, State: gp.Locked, AID: ssdAID}
	do(t, open(t, card, gp.AID{}, channelOf{}), lock, iso7816.OK)
	deliver(scp80.StatusTARUnknown)
	lock.State = gp.Selectable
	do(t, open(t, card, gp.AID{}, channelOf{}), lock, iso7816.OK)
	deliver(scp80.StatusOK)
}

// TestSetupBesideObjects: a set-up of keys that fails leaves no data object behind.
func TestSetupBesideObjects(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-067", "SPEC-UICC-OS-081")
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{})
	do(t, host, ssd(ssdAID, 0), iso7816.OK)
	do(t, host, gp.Install{Purpose: gp.ForPersonalization, Application: ssdAID}, iso7816.OK)
	data := append(unhex(t, "0070 03 450133"), groupings(unhex(t, "A600"), unhex(t, "7F4900"))...)
	do(t, host, gp.StoreData{Last: true, Structure: gp.StructureDGI, Data: data}, iso7816.WrongData)
	if _, ok := card.object(card.mustDomain(t, ssdAID), uint32(gp.TagCIN)); ok {
		t.Error("stored")
	}
}

// TestStrangeSignatures puts keys and signatures that are none to what verifies.
func TestStrangeSignatures(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-043", "SPEC-UICC-OS-060")
	good := corpus(t, "pin")
	hash, err := gp.LoadFileHash(5, good) // SHA-256
	if err != nil {
		t.Fatal(err)
	}
	modulus := func(last byte, n int) []byte {
		b := bytes.Repeat([]byte{0xFF}, n)
		b[n-1] = last
		return b
	}
	ec := ecSigning(t, "dap", elliptic.P256(), 0)
	for name, values := range map[string][]gp.KeyValue{
		"even":    {{Type: keys.RSAPublicModulus, Value: modulus(0xFE, 128)}, {Type: keys.RSAPublicExponent, Value: []byte{3}}},
		"e 0":     {{Type: keys.RSAPublicModulus, Value: modulus(0xFF, 256)}, {Type: keys.RSAPublicExponent, Value: []byte{0}}},
		"e 1":     {{Type: keys.RSAPublicModulus, Value: modulus(0xFF, 128)}, {Type: keys.RSAPublicExponent, Value: []byte{1}}},
		"e large": {{Type: keys.RSAPublicModulus, Value: modulus(0xFF, 128)}, {Type: keys.RSAPublicExponent, Value: []byte{0xFF, 0xFF, 0xFF, 0xFF}}},
		"short":   {{Type: keys.RSAPublicModulus, Value: modulus(0xFF, 4)}, {Type: keys.RSAPublicExponent, Value: []byte{3}}},
		"EC":      ec.values,
	} {
		t.Run(name, func(t *testing.T) {
			card := newCard(t, Config{})
			do(t, open(t, card, gp.AID{}, channelOf{}), ssd(ssdAID, gp.DAPVerification), iso7816.OK)
			mine := open(t, card, ssdAID, channelOf{})
			tryPut(t, mine, 0x73, values)
			host := open(t, card, gp.AID{}, channelOf{})
			for _, signature := range [][]byte{{0}, {1}, modulus(0xFF, 64), make([]byte, 64), modulus(0xFF, 128), modulus(0xFF, 127), make([]byte, 128), modulus(0xFF, 256), modulus(0, 63)} {
				do(t, host, gp.Install{Purpose: gp.ForLoad, LoadFile: pinPackage, SecurityDomain: ssdAID, Hash: hash}, iso7816.OK)
				transfer(t, host, &gp.LoadFile{Content: good, DAPs: []gp.DAPBlock{{SecurityDomain: ssdAID, Signature: signature}}}, iso7816.SecurityStatusNotSatisfied)
			}
		})
	}
}

// tryPut is PUT KEY, whatever the card says.
func tryPut(t testing.TB, host *scp.Secured, version byte, values []gp.KeyValue) {
	t.Helper()
	f, err := (&gp.Key{Components: values}).Seal(host.Host.EncryptSensitive, gp.DEKBlockAES, true)
	if err != nil {
		return // no host sends it
	}
	if _, err := gp.SendChain(ctx, host, gp.PutKey{KeyID: 1, NewKeyVersion: version, Blocks: gp.AppendKeyFields(nil, []gp.KeyField{f})}, 230, nil); err != nil {
		if sw := iso7816.SW(0); !errors.As(err, &sw) {
			t.Fatal(err)
		}
	}
}

// TestIssuersPrivileges: no domain takes the issuer's privileges away.
func TestIssuersPrivileges(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-140")
	card := newCard(t, Config{})
	host := open(t, card, gp.AID{}, channelOf{})
	do(t, host, ssd(ssdAID, gp.AuthorizedManagement|gp.GlobalRegistry), iso7816.OK)
	mine := open(t, card, ssdAID, channelOf{})
	before, _ := card.domainEntry(issuerID)
	for _, aid := range []gp.AID{gp.AIDIssuerSecurityDomain, gp.AIDCardManager} {
		do(t, mine, gp.Install{Purpose: gp.ForRegistryUpdate, Application: aid, HasPrivileges: true, Privileges: gp.SecurityDomain}, iso7816.ConditionsNotSatisfied)
	}
	if after, _ := card.domainEntry(issuerID); after.privileges != before.privileges {
		t.Errorf("%v, was %v", after.privileges, before.privileges)
	}
}

// TestDeleteManyInstances deletes a load file with more applications than one
// transaction has room for, and cuts the power at every page update: nothing is left
// that the next load file's program could be taken for.
func TestDeleteManyInstances(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-051", "SPEC-RUNTIME-045", "SPEC-UICC-OS-045")
	cfg, flash := onFlash(t)
	card := newCard(t, cfg)
	host := open(t, card, gp.AID{}, channelOf{})
	loadPIN(t, host)
	var all []gp.AID
	for n := range 64 {
		aid := gp.MustAID(fmt.Sprintf("F0696E6B616E4D414E59%02X", n))
		installPIN(t, host, aid)
		all = append(all, aid)
	}
	gone := func(card *Card) bool {
		_, there := card.entry(pinPackage)
		if there != (card.Machine().PackageByAID(pinPackage.Append(nil)) != nil) {
			t.Fatal("a load file's entry without the load file, or the other way round")
		}
		for _, aid := range all {
			if _, ok := card.entry(aid); ok != there || ok != (card.Applet(aid.Append(nil)) != nil) {
				t.Fatalf("load file %v, application %v %v", there, aid, ok)
			}
		}
		return !there
	}
	var forks []*nvm.Flash
	flash.BeforeUpdate(func(uint32) { forks = append(forks, flash.ForkOn(new(clock.Clock), nil)) })
	if sw := failed(t, host, gp.Delete{AID: pinPackage, Related: true}); sw != iso7816.OK {
		t.Errorf("DELETE is answered %v", sw)
	}
	flash.BeforeUpdate(nil)
	if !gone(card) {
		t.Error("the load file is there")
	}
	for i, fork := range forks {
		if i%7 == 0 || i > len(forks)-5 {
			gone(revive(t, fork))
		}
	}
	loadPIN(t, host)
	installPIN(t, host, all[0])
}
