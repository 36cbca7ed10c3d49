package apdutext

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/scp"
	"inkan/core/sms"
	"inkan/core/tlv"
	"inkan/spec/req"
)

// encoded is a typed command's bytes.
func encoded(t testing.TB, c gp.Command) []byte {
	t.Helper()
	typed, err := c.APDU(nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := typed.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var ok = []byte{0x90, 0x00}

func TestDescribe(t *testing.T) {
	secured := apdu.Command{CLA: gp.ClassSecure, INS: gp.InsStoreData, Data: make([]byte, 40)}
	protected, err := secured.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	groups, err := new(perso.Groups).Generate(jpki.Auth).State().Bytes()
	if err != nil {
		t.Fatal(err)
	}
	opened := gp.InitializeUpdateResponse{KeyVersion: 0x30, Protocol: 3, Options: 0x70, Sequence: []byte{0, 0, 7}, CardChallenge: []byte("12345678"), CardCryptogram: make([]byte, 8)}
	opening, err := opened.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		command, response []byte
		name, says        string // says is in one of the lines
	}{
		{encoded(t, jpki.SelectApplication{}), ok, "SELECT", "D392F000260100000001 (JPKI application)"},
		{encoded(t, jpki.SelectFile{EF: jpki.EFAuthCertificate}), ok, "SELECT", "EF 000A (auth certificate)"},
		{[]byte{0x00, 0xA4, 0x00, 0x04, 2, 0x3F, 0x00}, ok, "SELECT", "file 3F00"},
		{encoded(t, jpki.Verify{PIN: 0x98, Value: []byte("4711")}), []byte{0x63, 0xC2}, "VERIFY", "auth PIN, value not recorded"},
		{encoded(t, jpki.RetryQuery{PIN: 0x98}), []byte{0x63, 0xC2}, "VERIFY", "how many tries are left: auth PIN"},
		{encoded(t, gp.Install{Purpose: gp.ForLoad, LoadFile: jpki.AIDPackage, SecurityDomain: jpki.AIDProviderDomain, Token: make([]byte, 70)}), ok, "INSTALL [for load]", "load file: F0696E6B616E4A50 (JPKI package)"},
		{encoded(t, gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: jpki.AIDPackage, Module: jpki.AIDModule, Application: jpki.AIDInstance, Privileges: gp.SecurityDomain, HasPrivileges: true, Parameters: []byte{0xC9, 0}}), ok,
			"INSTALL [for install and make selectable]", "privileges: SecurityDomain"},
		{encoded(t, gp.Load{Number: 3, Last: true, Data: make([]byte, 9)}), ok, "LOAD", "block 03, the last one: 9 bytes"},
		{encoded(t, gp.Delete{AID: gp.AIDCASD, Related: true}), ok, "DELETE", "CASD"},
		{encoded(t, gp.StoreData{Last: true, Structure: gp.StructureDGI, Data: groups}), ok, "STORE DATA", "data group B002 (GENERATE), 1 byte"},
		{encoded(t, gp.StoreData{Structure: gp.StructureDGI, Data: tlv.AppendDGI(nil, uint16(jpki.DGIEnvelope), make([]byte, 400))[:200]}), ok, "STORE DATA", "data group B003 (ENVELOPE), which goes on in the next block"},
		{encoded(t, gp.PutKey{NewKeyVersion: 0x30, KeyID: 1, Blocks: make([]byte, 23)}), ok, "PUT KEY", "new keys of version 30 from identifier 01"},
		{encoded(t, gp.GetData{Tag: gp.TagKeyInformation}), ok, "GET DATA", "key information E0"},
		{encoded(t, gp.SetStatus{Scope: gp.ScopeApplication, State: 0x83, AID: jpki.AIDInstance}), ok, "SET STATUS", "to state 83"},
		{encoded(t, gp.InitializeUpdate{KeyVersion: 0x30, HostChallenge: []byte("87654321")}), append(opening, ok...), "INITIALIZE UPDATE", "the card offers SCP03 with key version 30"},
		{encoded(t, gp.ExternalAuthenticate{Level: scp.CMAC, HostCryptogram: make([]byte, 8), MAC: make([]byte, 8)}), ok, "EXTERNAL AUTHENTICATE", "security level 01"},
		{encoded(t, gp.ManageChannel{}), []byte{2, 0x90, 0}, "MANAGE CHANNEL [open]", "the card gives channel 2"},
		{encoded(t, jpki.Signature{Mode: jpki.SignDigest, Data: make([]byte, 32)}), ok, "SIGN", "PKCS #1 v1.5 of a SHA-256, 32 bytes of data"},
		{encoded(t, jpki.Contactless{State: jpki.ContactlessOne}), ok, "CONTACTLESS [on for one signature]", ""},
		{[]byte{0x80, 0xF2, 0x00, 0x0C, 0}, ok, "STATUS", ""},
		{protected, ok, "STORE DATA", "in secure messaging: 40 bytes"},
		{[]byte{0x00, 0x01, 0, 0}, []byte{0x6D, 0x00}, "unknown instruction 0001", ""},
		{[]byte{0x00}, ok, "malformed command", ""},
		{encoded(t, gp.Load{Data: []byte{1}}), nil, "LOAD", "block 00: 1 byte"},
	} {
		d := Describe(c.command, c.response)
		if d.Name != c.name || !strings.Contains(strings.Join(d.Says, "\n"), c.says) {
			t.Errorf("%X: %q %q, want %q %q", c.command, d.Name, d.Says, c.name, c.says)
		}
		if len(c.response) == 0 && d.SW != "" || len(c.response) > 0 && d.SW != hex(c.response[len(c.response)-2:]) {
			t.Errorf("%X: status word %q", c.command, d.SW)
		}
	}
}

// An ENVELOPE tells the packet's domain from its clear header.
func TestEnvelope(t *testing.T) {
	packet := []byte{0x00, 0x1B, 0x15, 0x16, 0x19, 0x12, 0x12, 0x4A, 0x50, 0x01}
	packet = append(packet, make([]byte, 0x1D-len(packet))...)
	parts, err := sms.NewSplitter(packet, sms.IEICommandPacket, 0, false, sms.MaxUserData)
	if err != nil {
		t.Fatal(err)
	}
	from, err := sms.NewAddress(sms.TypeInternational, "818012345678")
	if err != nil {
		t.Fatal(err)
	}
	deliver := sms.NewCommandDeliver(from, [7]byte{}, parts.Append(nil, 0))
	tpdu, err := deliver.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	download := sms.Download{TPDU: tpdu}
	c := sms.Envelope(download.Append(nil))
	b, err := c.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	d := Describe(b, ok)
	if d.Name != "ENVELOPE [SMS-PP download]" || !strings.Contains(strings.Join(d.Says, "\n"), "TAR 4A5001") {
		t.Error(d.Name, d.Says)
	}
}

// The entries of a registry are named.
func TestGetStatus(t *testing.T) {
	g := gp.GetStatus{Subset: gp.SubsetApplications}
	var response []byte
	for _, e := range []gp.Entry{{Kind: gp.KindApplication, AID: jpki.AIDInstance, LifeCycle: 0x07}, {Kind: gp.KindSecurityDomain, AID: jpki.AIDProviderDomain, LifeCycle: 0x0F, Privileges: gp.SecurityDomain}} {
		var err error
		if response, err = g.AppendEntry(response, &e); err != nil {
			t.Fatal(err)
		}
	}
	d := Describe(encoded(t, g), append(response, ok...))
	if len(d.Says) != 2 || !strings.Contains(d.Says[0], "JPKI application") || !strings.Contains(d.Says[1], "provider's security domain") {
		t.Error(d.Says)
	}
}

// kept is the table of the specification: instructions whose data is shown.
var kept = map[string]struct{ command, response bool }{
	"INSTALL": {command: true}, "DELETE": {command: true}, "SET STATUS": {command: true}, "TERMINAL PROFILE": {command: true}, "TERMINAL CAPABILITY": {command: true},
	"GET CHALLENGE": {response: true}, "STATUS": {response: true},
	"SELECT": {true, true}, "MANAGE CHANNEL": {true, true}, "GET DATA": {true, true}, "GET STATUS": {true, true}, "INITIALIZE UPDATE": {true, true}, "SIGN": {true, true},
}

// Whatever class and instruction, data is shown of those of the table only.
func TestWithheld(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-009")
	secret := []byte("K7Q2M9X4")
	plain, spaced := hex(secret), "4B 37 51 32 4D 39 58 34"
	for cla := range 256 {
		for ins := range 256 {
			if !apdu.Class(cla).Valid() {
				continue
			}
			for _, p1 := range []byte{0x00, 0x04, 0x80} {
				d := Describe(append([]byte{byte(cla), byte(ins), p1, 0x00, byte(len(secret))}, secret...), append(secret[:8:8], 0x90, 0x00))
				name, _, _ := strings.Cut(d.Name, " [")
				in := kept[name]
				if apdu.Class(cla).SecureMessaging() != apdu.NoSecureMessaging {
					in.command, in.response = false, false
				}
				opens := name == "EXTERNAL AUTHENTICATE" && apdu.Class(cla).Proprietary()
				says := strings.Join(d.Says, "\n")
				if all := d.Command + says + d.Meaning; !in.command && !in.response && !opens && (strings.Contains(all, plain) || strings.Contains(all, spaced) || strings.Contains(all, string(secret))) {
					t.Fatalf("%02X%02X %s: command shown: %s %s", cla, ins, d.Name, d.Command, says)
				}
				if strings.Contains(d.Response, plain) && !in.response {
					t.Fatalf("%02X%02X %s: response shown: %s", cla, ins, d.Name, d.Response)
				}
				if in.command != strings.Contains(d.Command, spaced) && !opens {
					t.Fatalf("%02X%02X %s: command %s, kept %v", cla, ins, d.Name, d.Command, in.command)
				}
				if in.response != strings.Contains(d.Response, plain) {
					t.Fatalf("%02X%02X %s: response %q, kept %v", cla, ins, d.Name, d.Response, in.response)
				}
			}
		}
	}
}

// FuzzDescribe gives it whatever a foreign card or host says.
func FuzzDescribe(f *testing.F) {
	f.Add(encoded(f, jpki.SelectApplication{}), ok)
	f.Add(encoded(f, gp.StoreData{Structure: gp.StructureDGI, Data: []byte{0xB0, 0x02, 0x40, 1}}), ok)
	f.Add([]byte{0x80, 0xC2, 0, 0, 3, 0xD1, 1, 0}, []byte{0x91, 0x10})
	f.Add(encoded(f, gp.GetStatus{Subset: gp.SubsetLoadFiles}), append(bytes.Repeat([]byte{0xE3, 2}, 3), 0x63, 0x10))
	f.Fuzz(func(t *testing.T, command, response []byte) {
		d := Describe(command, response)
		all := strings.Join(append(d.Says, d.Name, d.Command, d.Response, d.SW, d.Meaning), "")
		if d.Name == "" || !utf8.ValidString(all) || strings.ContainsFunc(all, unicode.IsControl) {
			t.Errorf("%q", all)
		}
		if len(command) > 9 && command[0] == 0 && command[1] == iso7816.INSVerify && strings.Contains(all, hex(command[5:])) {
			t.Errorf("a PIN is shown: %q", all)
		}
	})
}
