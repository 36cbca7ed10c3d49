package tsmp

import (
	"time"

	"inkan/core/jpki"
	"inkan/core/jpki/application"
)

// Limits of the UI app's messages.
const (
	MaxVersion     = 32 // bytes of an app's version
	MaxAttestation = 255
	MaxSteps       = 1000
	MaxPause       = 3600 // seconds
)

// Nonce names an application of a UI app, which signs it.
type Nonce [16]byte

// String is the nonce in hex.
func (n Nonce) String() string { return hexText(n[:]) }

// onSIM reports whether an application of a purpose names the SIM: as in
// spec/APPLICATION.md.
func onSIM(p Purpose) bool { return p.Issues() || p == PurposePINReset }

// StartApplicationRequest opens an application.
type StartApplicationRequest struct {
	Purpose       Purpose
	SE            SEID    // that the app reads from the card; with purposes issue, transfer and pin-reset
	Phone         PhoneID // with all purposes but issue: which instance; of a transfer, the one that ends
	Usage         Usage   // with purposes issue and transfer
	DeviceProfile string  // of this device
	Version       string  // of the app
	Language      Language
}

func (b *StartApplicationRequest) visit(m *members) {
	word(m, "purpose", &b.Purpose, purposeWords)
	m.optional().id("seId", b.SE[:])
	m.optional().id("phoneId", b.Phone[:])
	word(m.optional(), "usage", &b.Usage, usageWords)
	m.text("deviceProfile", &b.DeviceProfile, 1, MaxProfileID)
	m.text("version", &b.Version, 1, MaxVersion)
	word(m, "language", &b.Language, languageWords)
	m.demand((b.SE != SEID{}) == onSIM(b.Purpose), "seId", "it with the purposes issue, transfer and pin-reset only")
	m.demand((b.Phone != PhoneID{}) == (b.Purpose != PurposeIssue), "phoneId", "it with every purpose but issue")
	m.demand((b.Usage != 0) == b.Purpose.Issues(), "usage", "it with the purposes issue and transfer only")
}

// StartApplicationAnswer is what the application has to have, or why there can be
// none. The one-time code comes by another way, to the phone that the SIM is in.
type StartApplicationAnswer struct {
	Eligible bool
	Reasons  []NonEligibilityReason // when not eligible
	Nonce    Nonce                  // when eligible
	Until    time.Time              // when eligible: SubmitApplication has to come before
	Keys     []jpki.Role            // with purposes issue and transfer: of the keys
	Origin   jpki.Origin            // with purposes issue and transfer
	CodeSent bool                   // a one-time code is on its way
	Ready    bool                   // GetProgress would say StageSign, with neither order nor presence
}

func (b *StartApplicationAnswer) visit(m *members) {
	visitEligible(m, &b.Eligible, &b.Reasons)
	m.optional().id("nonce", b.Nonce[:])
	m.optional().time("until", &b.Until)
	wordList(m.optional(), "keys", &b.Keys, 1, len(roleWords), roleWords)
	word(m.optional(), "keyOrigin", &b.Origin, originWords)
	m.flag("codeSent", &b.CodeSent)
	m.mark("ready", &b.Ready)
	m.demand((b.Nonce != Nonce{}) == b.Eligible, "nonce", "it with eligible only")
	m.demand(b.Until.IsZero() != b.Eligible, "until", "it with eligible only")
	m.demand(b.Eligible || len(b.Keys) == 0, "keys", "it with eligible only")
	m.demand((b.Origin != 0) == (len(b.Keys) != 0), "keyOrigin", "it with keys only")
	m.demand(b.Eligible || !b.CodeSent, "codeSent", "false unless eligible")
	m.demand(b.Eligible || !b.Ready, "ready", "it with eligible only")
}

// SubmitApplicationRequest brings the signed application.
type SubmitApplicationRequest struct {
	Nonce       Nonce
	Application []byte // CMS SignedData of spec/APPLICATION.md
}

func (b *SubmitApplicationRequest) visit(m *members) {
	m.id("nonce", b.Nonce[:])
	m.bytes("application", &b.Application, 1, MaxApplication)
}

// SubmitApplicationAnswer says that the authority has verified it.
type SubmitApplicationAnswer struct {
	Phone       PhoneID // the instance that it is about: a new one with purposes issue and transfer
	UsableUntil time.Time
	Progress    *GetProgressAnswer // what GetProgress would say, with a relay and without a reply; nil: the app has to ask
}

func (b *SubmitApplicationAnswer) visit(m *members) {
	m.id("phoneId", b.Phone[:])
	m.time("usableUntil", &b.UsableUntil)
	optionalObject(m, "progress", &b.Progress, (*GetProgressAnswer).visit)
}

// Stage is what is being done with an application.
type Stage byte

// Stages. StageSign comes before SubmitApplication, with purpose pin-reset and
// where the SIM's presence is stated.
const (
	StageSign        Stage = iota + 1 // the application can be signed: what goes into it is there
	StageCheck                        // device, SIM and subscription; the authority
	StagePrepare                      // the domain is made, keys are agreed on
	StageLoad                         // of the load file
	StagePersonalise                  // orders and envelopes
	StageActivate                     // receipt and authority
	StageErase                        // on the SIM
	StageDone
	StageRefused // for good; the code says why
)

var stageWords = []named[Stage]{
	{StageSign, "sign"}, {StageCheck, "check"}, {StagePrepare, "prepare"}, {StageLoad, "load"}, {StagePersonalise, "personalise"},
	{StageActivate, "activate"}, {StageErase, "erase"}, {StageDone, "done"}, {StageRefused, "refused"},
}

// String is the stage's word in messages.
func (s Stage) String() string { return wordOf(stageWords, s) }

// GetProgressRequest asks how far an application is.
type GetProgressRequest struct{ Nonce Nonce }

func (b *GetProgressRequest) visit(m *members) { m.id("nonce", b.Nonce[:]) }

// GetProgressAnswer is how far it is, and what the app has to do.
type GetProgressAnswer struct {
	Stage    Stage
	Done     uint64                // steps of the stage
	Total    uint64                // 0: not known
	Pause    uint64                // seconds before the app asks again
	Order    *OrderToSign          // of a PIN reset, from StageSign on; else nil
	Presence *application.Presence // to be put into the application; nil: none
	Relay    *RelayAccess          // scripts wait for the app; else nil
	Reply    []byte                // the code for the PIN, sealed for the app; nil: none yet
	NotAfter time.Time             // of the certificate, once it is issued; zero: none
	Refusal  Code                  // with StageRefused
}

func (b *GetProgressAnswer) visit(m *members) {
	word(m, "stage", &b.Stage, stageWords)
	m.number("done", &b.Done, 0, MaxSteps)
	m.number("total", &b.Total, 0, MaxSteps)
	m.number("pause", &b.Pause, 0, MaxPause)
	optionalObject(m, "order", &b.Order, (*OrderToSign).visit)
	optionalObject(m, "presence", &b.Presence, visitPresence)
	optionalObject(m, "relay", &b.Relay, (*RelayAccess).visit)
	m.optional().bytes("reply", &b.Reply, 1, MaxHolderCode)
	m.optional().time("notAfter", &b.NotAfter)
	m.optional().text("refusal", (*string)(&b.Refusal), 1, maxName)
	m.demand((b.Refusal != "") == (b.Stage == StageRefused), "refusal", "it with the stage refused only")
	_, known := byCode[b.Refusal]
	m.demand(known || b.Refusal == "", "refusal", "it with a code of the catalogue")
}

// OrderToSign is the order of a PIN reset that the card has, as the application
// names it.
type OrderToSign struct {
	Hash      [32]byte
	Challenge [16]byte
}

func (o *OrderToSign) visit(m *members) {
	m.id("hash", o.Hash[:])
	m.id("challenge", o.Challenge[:])
}

func visitPresence(p *application.Presence, m *members) {
	m.aid("aid", &p.AID)
	m.id("loadFile", p.LoadFile[:])
	m.id("authority", p.Authority[:])
	m.bytes("attestation", &p.Attestation, 1, MaxAttestation)
}

// CancelApplicationRequest gives an application up. What is on the card is removed.
type CancelApplicationRequest struct{ Nonce Nonce }

func (b *CancelApplicationRequest) visit(m *members) { m.id("nonce", b.Nonce[:]) }
