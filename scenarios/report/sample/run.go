package sample

import (
	"time"

	"inkan/core/jpki"
	"inkan/core/tsmp"
	"inkan/scenarios/report"
	"inkan/sim/clock"
	"inkan/sim/handset/uiapp"
)

// Start is when the made-up run begins.
var Start = time.Date(2026, time.November, 28, 3, 0, 0, 0, time.UTC)

// Secrets are the PIN, the one-time code and the ticket of the made-up run: no rendering
// has them, though the recorder is not told of them.
var Secrets = []string{"4711", "K7Q2M9X4TR5B", "7E57AB1E7E57AB1E7E57AB1E7E57AB1E7E57AB1E7E57AB1E7E57AB1E7E57AB1E"}

// Config says how large the run is.
type Config struct {
	Blocks int // LOAD commands; 0: 12
	Watch  report.Watcher
}

// play is a run that is being made up.
type play struct {
	*report.Recorder
	now   time.Time
	hz    uint64
	calls byte
	fault error
}

func (p *play) pass(d time.Duration) { p.now = p.now.Add(d) }

// until is a later time in whole seconds.
func (p *play) until(d time.Duration) time.Time { return p.now.Add(d).Truncate(time.Second) }

// Run makes the run up. It fails when one of its messages cannot be made.
func Run(c Config) (*report.Run, error) {
	if c.Blocks == 0 {
		c.Blocks = 12
	}
	p := &play{now: Start, hz: 30_000_000}
	p.Recorder = report.NewRecorder(report.Config{
		Story: "sample", Seed: 1, Watch: c.Watch, Now: func() time.Time { return p.now },
		Title:   report.Text{Japanese: "スマートフォンへの電子証明書の搭載", English: "The certificate gets into the SIM"},
		Summary: report.Text{English: "Made up: from the application signed with a My Number Card to a login with the key in the SIM, over short messages and the UI app's relay."},
	})
	p.parties()
	p.apply()
	p.prepare()
	p.download(c.Blocks)
	p.personalise()
	p.activate()
	p.use()
	p.refused()
	p.trail()
	p.Count("store commits of both managers", 214)
	p.Count("bytes over the air", 48_213)
	return p.Finish(report.Done, report.Text{Japanese: "電子証明書が搭載され、ログインに使われました。", English: "The certificate is in the SIM and was used for a login."}), p.fault
}

func (p *play) parties() {
	for _, x := range []report.Party{
		{ID: "holder", Kind: report.Person, Name: report.Text{Japanese: "利用者", English: "Holder"}, Note: "Hanako, 34"},
		{ID: "id-card", Kind: report.IDCard, Name: report.Text{Japanese: "マイナンバーカード", English: "My Number Card"}},
		{ID: "sim", Kind: report.SIM, Name: report.Text{Japanese: "SIMカード", English: "SIM"}, Note: "profile hayate"},
		{ID: "phone", Kind: report.Phone, Name: report.Text{Japanese: "JPKI-UIアプリ", English: "Phone, UI app"}},
		{ID: "smsc", Kind: report.Network, Name: report.Text{Japanese: "SMSセンター", English: "SMS centre"}, Note: "5 % lost"},
		{ID: "mno-tsm.hayate.example", Kind: report.MNOTSM, Name: report.Text{Japanese: "MNO-TSM", English: "MNO-TSM"}, Note: "delegated management"},
		{ID: "sp-tsm.example", Kind: report.SPTSM, Name: report.Text{Japanese: "SP-TSM", English: "SP-TSM"}},
		{ID: "ca.example", Kind: report.Authority, Name: report.Text{Japanese: "JPKIシステム", English: "JPKI CA"}},
		{ID: "bank", Kind: report.Provider, Name: report.Text{Japanese: "みほん銀行", English: "Mihon Bank"}},
	} {
		p.Party(x)
	}
}

func (p *play) apply() {
	p.Begin(report.Step{Heading: report.Text{Japanese: "利用者が申請を始める", English: "The holder begins an application"},
		From: "holder", To: "phone", Text: "The app asks the SP-TSM for an application; the SP-TSM asks the carrier whether phone, SIM and contract will do.", Responsible: "sp-tsm.example"})
	p.Spend(report.PeopleTime, "reads and decides", 21*time.Second)
	p.pass(21 * time.Second)
	p.call("phone", "sp-tsm.example", tsmp.StartApplication, &tsmp.StartApplicationRequest{Purpose: tsmp.PurposeIssue, SE: id16(2), Usage: tsmp.UsageHolder, DeviceProfile: "DCP-0123456789AB", Version: "1.0", Language: tsmp.Japanese},
		&tsmp.StartApplicationAnswer{Eligible: true, Nonce: id16(6), Until: p.until(10 * time.Minute), Keys: []jpki.Role{jpki.Auth}, Origin: jpki.OriginOnCard, CodeSent: true}, "", func() {
			p.call("sp-tsm.example", "mno-tsm.hayate.example", tsmp.DeliverOneTimeCode, &tsmp.DeliverOneTimeCodeRequest{SE: id16(2), Subscriber: id16(3),
				Code: Secrets[1], Language: tsmp.Japanese, Until: p.until(10 * time.Minute)}, &tsmp.RecordedAnswer{RecordedAt: p.until(0)}, "", nil)
		})
	p.text("smsc", "phone", "確認コード "+Secrets[1])
	p.Screen("phone", uiapp.Message{Key: uiapp.KeyCode, Text: "確認コード: " + Secrets[1]})
	p.Note("the code is bound to the SIM and ends after ten minutes")
	p.End(report.Done, nil)

	p.Begin(report.Step{Heading: report.Text{Japanese: "マイナンバーカードで申請に署名する", English: "The applicant signs with the My Number Card"},
		From: "holder", To: "id-card", Responsible: "ca.example", Text: "SIM identifier, one-time code and nonce are in what is signed."})
	p.Shown("phone", report.Text{Japanese: "次の内容で申請します。\n利用者証明用電子証明書をこのスマートフォンのSIMカードに発行する。", English: "You are applying for the following: a user authentication certificate in this phone's SIM card."}, "")
	p.Spend(report.PeopleTime, "enters the password", 14*time.Second)
	p.pass(14 * time.Second)
	p.apdu("phone", "id-card", report.OverContactless, 1_200_000, selectJPKI(), []byte{0x90, 0x00})
	p.apdu("phone", "id-card", report.OverContactless, 900_000, append([]byte{0x00, 0x20, 0x00, 0x9B, 8}, "PASS4711"...), []byte{0x90, 0x00})
	p.apdu("phone", "id-card", report.OverContactless, 14_000_000, sign(), append(make([]byte, 256), 0x90, 0x00))
	p.call("phone", "sp-tsm.example", tsmp.SubmitApplication, &tsmp.SubmitApplicationRequest{Nonce: id16(6), Application: make([]byte, 1900)}, &tsmp.SubmitApplicationAnswer{Phone: id16(1), UsableUntil: p.until(24 * time.Hour)}, "", func() {
		p.call("sp-tsm.example", "ca.example", tsmp.VerifyApplication, &tsmp.VerifyApplicationRequest{Application: make([]byte, 1900), Code: Secrets[1]},
			&tsmp.VerifyApplicationAnswer{ApplicationID: id16(7), Purpose: tsmp.PurposeIssue, Phone: id16(1), Pseudonym: id16(8), Origin: jpki.OriginOnCard, UsableUntil: p.until(24 * time.Hour), NotAfter: p.until(4 * 365 * 24 * time.Hour)}, "", nil)
	})
	p.End(report.Done, nil)
}

func (p *play) use() {
	p.Begin(report.Step{Heading: report.Text{Japanese: "銀行にログインする", English: "Login at the bank"}, From: "phone", To: "bank",
		Text: "The browser hands the request over; the answer goes to that origin only. The bank checks chain, purpose and revocation.", Responsible: "bank"})
	p.Plain(report.Message{From: "bank", To: "phone", Function: "login request", Took: 90 * time.Millisecond}, []byte("inkan-login:?request=…"), []byte("ok"))
	p.Screen("phone", uiapp.Message{Key: uiapp.KeyLogin, Text: "https://bank.example がログインを求めています。\n\nログインするときは暗証番号を入力してください (あと3回)。"})
	p.Spend(report.PeopleTime, "enters the PIN", 6*time.Second)
	p.pass(6 * time.Second)
	p.apdu("phone", "sim", report.OverContact, 210_000, selectJPKI(), []byte{0x90, 0x00})
	p.apdu("phone", "sim", report.OverContact, 640_000, append([]byte{0x00, 0x20, 0x00, 0x98, 4}, "4711"...), []byte{0x90, 0x00})
	p.apdu("phone", "sim", report.OverContact, 15_900_000, sign(), append(make([]byte, 256), 0x90, 0x00))
	p.CardTime(clock.Ledger{clock.ModExp: 14_100_000, clock.Bytecode: 1_300_000, clock.Memory: 700_000, clock.NVMProgram: 400_000, clock.Line: 250_000}, p.hz)
	p.End(report.Done, nil)
}

func (p *play) refused() {
	p.Begin(report.Step{Heading: report.Text{Japanese: "別のSIMカードで試す", English: "The same with another SIM in the phone"}, From: "holder", To: "phone",
		Text: "The order names one SIM: on another one nothing may happen.", Responsible: "sp-tsm.example"})
	p.Spend(report.PeopleTime, "changes the SIM", 48*time.Second)
	p.pass(48 * time.Second)
	why := report.RefusalOf(tsmp.Refuse(tsmp.CodeSIMMismatch, ""))
	p.call("phone", "sp-tsm.example", tsmp.SubmitApplication, &tsmp.SubmitApplicationRequest{Nonce: id16(9), Application: make([]byte, 1900)}, nil, tsmp.CodeSIMMismatch, nil)
	p.Shown("phone", report.Text{Japanese: why.What.Japanese + "\n" + why.Do.Japanese, English: why.What.English + " " + why.Do.English}, why.Code)
	p.End(report.Refused, why)
}
