package tsmp

import (
	"fmt"
	"time"
)

// Limits of texts of the carrier's part in bytes.
const (
	MaxService   = 64 // a service's name, agreed on between SP-TSM and MNO-TSM
	MaxProfileID = 64
	MaxReasons   = 16
)

func visitService(m *members, p *string) { m.text("service", p, 1, MaxService) }

// CheckGlobalEligibilityRequest asks whether a service can be deployed: device,
// SIM, its free memory, subscription and its user.
type CheckGlobalEligibilityRequest struct {
	SE          SEID
	Service     string
	Usage       Usage
	Touch       bool   // the service is used at readers
	NonVolatile uint64 // bytes that are needed on the card; 0: not asked
	Volatile    uint64
}

func (b *CheckGlobalEligibilityRequest) visit(m *members) {
	m.id("seId", b.SE[:])
	visitService(m, &b.Service)
	word(m, "usage", &b.Usage, usageWords)
	m.flag("touch", &b.Touch)
	m.optional().number("nonVolatile", &b.NonVolatile, 1, MaxMemory)
	m.optional().number("volatile", &b.Volatile, 1, MaxMemory)
}

// MaxMemory is the most bytes of card memory that a message speaks of.
const MaxMemory = 1<<24 - 1

// CheckGlobalEligibilityAnswer says whether, and how.
type CheckGlobalEligibilityAnswer struct {
	Eligible   bool
	Reasons    []NonEligibilityReason // when not eligible
	Subscriber Subscriber             // zero: no subscription is known
	Models     []Model                // that the carrier offers on that SIM
	Bearers    []Bearer               // that reach it now
}

func (b *CheckGlobalEligibilityAnswer) visit(m *members) {
	visitEligible(m, &b.Eligible, &b.Reasons)
	m.optional().id("subscriber", b.Subscriber[:])
	wordList(m, "models", &b.Models, 0, len(modelWords), modelWords)
	wordList(m, "bearers", &b.Bearers, 0, len(bearerWords), bearerWords)
}

func visitEligible(m *members, eligible *bool, reasons *[]NonEligibilityReason) {
	m.flag("eligible", eligible)
	wordList(m, "reasons", reasons, 0, MaxReasons, nonEligibilityWords)
	m.demand(*eligible == (len(*reasons) == 0), "reasons", "it with words unless eligible")
}

// CheckMobileSubscriptionEligibilityRequest asks about the subscription alone.
type CheckMobileSubscriptionEligibilityRequest struct {
	Subscriber Subscriber
	Service    string
	Usage      Usage
}

func (b *CheckMobileSubscriptionEligibilityRequest) visit(m *members) {
	m.id("subscriber", b.Subscriber[:])
	visitService(m, &b.Service)
	word(m, "usage", &b.Usage, usageWords)
}

// EligibilityAnswer says whether.
type EligibilityAnswer struct {
	Eligible bool
	Reasons  []NonEligibilityReason // when not eligible
}

func (b *EligibilityAnswer) visit(m *members) { visitEligible(m, &b.Eligible, &b.Reasons) }

// GetDeviceCapabilityProfileIdRequest asks what device the SIM is in.
type GetDeviceCapabilityProfileIdRequest struct{ SE SEID }

func (b *GetDeviceCapabilityProfileIdRequest) visit(m *members) { m.id("seId", b.SE[:]) }

// GetSECapabilityProfileIdRequest asks what kind of SIM it is.
type GetSECapabilityProfileIdRequest struct{ SE SEID }

func (b *GetSECapabilityProfileIdRequest) visit(m *members) { m.id("seId", b.SE[:]) }

// ProfileAnswer names a profile that both sides have as data. It is the same for
// all devices or SIMs that can do the same, and names none of them.
type ProfileAnswer struct {
	ProfileID string
	AsOf      time.Time // when the carrier saw it last
}

func (b *ProfileAnswer) visit(m *members) {
	m.text("profileId", &b.ProfileID, 1, MaxProfileID)
	m.time("asOf", &b.AsOf)
}

// GetSEMobileSubscriptionIdentifierRequest asks for the subscription of a SIM.
type GetSEMobileSubscriptionIdentifierRequest struct{ SE SEID }

func (b *GetSEMobileSubscriptionIdentifierRequest) visit(m *members) { m.id("seId", b.SE[:]) }

// SubscriptionAnswer is a subscription by its pseudonym.
type SubscriptionAnswer struct {
	Subscriber Subscriber
	Status     SubscriptionStatus
	Since      time.Time
}

func (b *SubscriptionAnswer) visit(m *members) {
	m.id("subscriber", b.Subscriber[:])
	word(m, "status", &b.Status, subscriptionStatusWords)
	m.time("since", &b.Since)
}

// DeliverOneTimeCodeRequest has the carrier show a one-time code on the phone that
// the SIM is in, and on no other.
type DeliverOneTimeCodeRequest struct {
	SE         SEID
	Subscriber Subscriber
	Code       string // as in VerifyApplication
	Language   Language
	Until      time.Time // it is not delivered later
}

func (b *DeliverOneTimeCodeRequest) visit(m *members) {
	m.id("seId", b.SE[:])
	m.id("subscriber", b.Subscriber[:])
	m.text("code", &b.Code, CodeLen, CodeLen)
	word(m, "language", &b.Language, languageWords)
	m.time("until", &b.Until)
}

// Format prints no code, whatever the verb.
func (b DeliverOneTimeCodeRequest) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "one-time code for %s", b.SE)
}

// MarshalText is what Format prints; messages are made by EncodeBody.
func (b DeliverOneTimeCodeRequest) MarshalText() ([]byte, error) { return fmt.Append(nil, b), nil }

// Language is one of user-facing texts.
type Language byte

// Languages.
const (
	Japanese Language = iota + 1
	English
)

var languageWords = []named[Language]{{Japanese, "ja"}, {English, "en"}}

// String is the language's word in messages.
func (l Language) String() string { return wordOf(languageWords, l) }
