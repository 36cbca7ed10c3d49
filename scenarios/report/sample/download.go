package sample

import (
	"crypto/rsa"
	"time"

	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	profile "inkan/core/jpki/certificate"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/scenarios/personalise"
	"inkan/scenarios/report"
	"inkan/sim/clock"
	"inkan/sim/handset/uiapp"
)

func (p *play) prepare() {
	p.Begin(report.Step{Heading: report.Text{Japanese: "SIMカードにセキュリティドメインを作る", English: "The carrier makes the provider's domain"},
		From: "mno-tsm.hayate.example", To: "sim", Responsible: "mno-tsm.hayate.example", Text: "Secured packets in concatenated short messages; one part is lost and sent again."})
	p.call("sp-tsm.example", "mno-tsm.hayate.example", tsmp.DeployService, &tsmp.DeployServiceRequest{Reference: id16(4), Bearers: []tsmp.Bearer{tsmp.BearerSMS},
		Domain: tsmp.DomainSpec{AID: jpki.AIDProviderDomain.Append(nil), TAR: jpki.TARProviderDomain[:], NonVolatile: 40000, Volatile: 1000}}, &tsmp.ActionAnswer{ExpectedBy: p.until(10 * time.Minute)}, "", nil)
	p.packet(300, 2)
	p.command("mno-tsm.hayate.example", report.OverAir, 3_400_000, gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: gp.AIDSecurityDomainPackage,
		Module: gp.AIDSecurityDomainModule, Application: jpki.AIDProviderDomain, Privileges: gp.SecurityDomain | gp.DelegatedManagement, HasPrivileges: true, Parameters: []byte{0xC9, 0x00}}, 0x9000, nil)
	p.command("mno-tsm.hayate.example", report.OverAir, 5_100_000, gp.PutKey{NewKeyVersion: 0x30, KeyID: 1, Blocks: make([]byte, 69)}, 0x9000, make([]byte, 10))
	p.up(60)
	p.Spend(report.WaitTime, "a part was lost", 30*time.Second)
	p.CardTime(clock.Ledger{clock.NVMProgram: 5_900_000, clock.AES: 410_000, clock.Dispatch: 900_000, clock.Memory: 610_000}, p.hz)
	p.End(report.Resumed, nil)
}

func (p *play) download(blocks int) {
	p.Begin(report.Step{Heading: report.Text{Japanese: "アプリケーションをSIMカードに書き込む", English: "The application is loaded through the app's relay"},
		From: "sp-tsm.example", To: "sim", Responsible: "sp-tsm.example", Text: "Under the provider's own channel SCP03, with the carrier's token; over Wi-Fi."})
	p.call("phone", "mno-tsm.hayate.example", tsmp.FetchScript, &tsmp.FetchScriptRequest{Ticket: ticket()}, &tsmp.FetchScriptAnswer{State: tsmp.RelayScript, Script: 1, AID: jpki.AIDProviderDomain.Append(nil),
		Commands: [][]byte{make([]byte, 200), make([]byte, 200)}}, "", nil)
	p.Screen("phone", uiapp.Message{Key: uiapp.KeyLoading, Text: "アプリケーションをSIMカードに書き込んでいます (1/4)。電源を切らないでください。"})
	p.command("phone", report.OverRelay, 400_000, gp.Select{Name: jpki.AIDProviderDomain.Append(nil)}, 0x9000, nil)
	p.command("phone", report.OverRelay, 700_000, gp.InitializeUpdate{KeyVersion: 0x30, HostChallenge: []byte("challeng")}, 0x9000, initialized())
	p.command("sp-tsm.example", report.OverRelay, 700_000, gp.Install{Purpose: gp.ForLoad, LoadFile: jpki.AIDPackage, SecurityDomain: jpki.AIDProviderDomain, Hash: make([]byte, 32), Token: make([]byte, 71)}, 0x9000, []byte{0})
	for i := range blocks {
		p.command("sp-tsm.example", report.OverRelay, 820_000, gp.Load{Number: byte(i), Last: i == blocks-1, Data: make([]byte, 223)}, 0x9000, nil)
		p.pass(24 * time.Millisecond)
	}
	p.Spend(report.AirTime, "wifi", time.Duration(blocks)*24*time.Millisecond)
	p.command("sp-tsm.example", report.OverRelay, 9_000_000, gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: jpki.AIDPackage, Module: jpki.AIDModule, Application: jpki.AIDInstance, Parameters: []byte{0xC9, 0x00}, Token: make([]byte, 71)}, 0x9000, []byte{0})
	p.CardTime(clock.Ledger{clock.NVMProgram: uint64(blocks) * 600_000, clock.AES: uint64(blocks) * 90_000, clock.Linking: 7_000_000, clock.Line: uint64(blocks) * 130_000}, p.hz)
	p.Count("LOAD commands", int64(blocks))
	p.End(report.Done, nil)
}

func (p *play) personalise() {
	p.Begin(report.Step{Heading: report.Text{Japanese: "鍵を生成し、電子証明書を発行する", English: "The card makes its key, the authority issues"},
		From: "ca.example", To: "sim", Responsible: "ca.example", Text: "What the authority seals for the applet neither manager can read."})
	groups := new(perso.Groups).Generate(jpki.Auth)
	data, err := groups.Bytes()
	p.keep(err)
	p.command("sp-tsm.example", report.OverRelay, 96_000_000, gp.StoreData{Last: true, Structure: gp.StructureDGI, MayRespond: true, Data: data}, 0x9000, make([]byte, 200))
	p.CardTime(clock.Ledger{clock.ModExp: 82_000_000, clock.Random: 6_000_000, clock.Bytecode: 4_000_000, clock.Hash: 1_500_000, clock.NVMProgram: 2_500_000}, p.hz)
	p.call("sp-tsm.example", "ca.example", tsmp.GetCertificateStatus, &tsmp.GetCertificateStatusRequest{Phone: id16(5)}, &tsmp.StateAnswer{}, "", nil)
	authority, err := personalise.NewTestCA(jpki.Auth, Start)
	p.keep(err)
	kiyose, _ := profile.MunicipalityOf("13221")
	public := testkeys.Signer(keys.SignatureCA, 1).Public().(*rsa.PublicKey)
	der, _, err := authority.Issue(public, personalise.Subject{Kind: profile.PhoneAuthentication, Identifier: "INKAN0TEST0001", Municipality: kiyose, Birth: profile.Date{Year: 1992, Month: time.April, Day: 1}}, Start)
	p.keep(err)
	p.keep(p.Certificate("The authority", "", authority.Issuer.Certificate.Raw))
	p.keep(p.Certificate("Hanako's phone", "good", der))
	p.End(report.Done, nil)
}

func (p *play) activate() {
	p.Begin(report.Step{Heading: report.Text{Japanese: "最初の暗証番号を決める", English: "The first PIN"}, From: "holder", To: "sim",
		Text: "With the code that came for the app alone. From here on the card signs.", Responsible: "holder"})
	p.Screen("phone", uiapp.Message{Key: uiapp.KeyChoosePIN, Text: "4桁の暗証番号を決めて入力してください。"})
	p.Spend(report.PeopleTime, "chooses a PIN", 19*time.Second)
	p.pass(19 * time.Second)
	p.apdu("phone", "sim", report.OverContact, 900_000, append([]byte{0x00, 0x2C, 0x00, 0x98, 16}, "K7Q2M9X4TR5B4711"...), []byte{0x90, 0x00})
	p.Screen("phone", uiapp.Message{Key: uiapp.KeyPINSet, Text: "暗証番号を設定しました。電子証明書を利用できます。"})
	p.End(report.Done, nil)
}

// command records a typed command.
func (p *play) command(from report.PartyID, over report.Bearer, n uint64, c gp.Command, sw iso7816.SW, data []byte) {
	typed, err := c.APDU(nil)
	p.keep(err)
	b, err := typed.Append(nil)
	p.keep(err)
	p.apdu(from, "sim", over, n, b, append(data[:len(data):len(data)], byte(sw>>8), byte(sw)))
}
