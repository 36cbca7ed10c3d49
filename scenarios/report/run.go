package report

import (
	"encoding/json"
	"io"
	"time"
)

// Text is a text in both languages; either may be empty.
type Text struct {
	Japanese string `json:"ja,omitempty"`
	English  string `json:"en,omitempty"`
}

// Run is the record of one run. All times are simulated; At is the time since Start.
// Steps are named by their number from 1; 0 is outside all of them.
type Run struct {
	Format  int           `json:"format"` // 1
	Story   string        `json:"story"`
	Title   Text          `json:"title"`
	Summary Text          `json:"summary,omitzero"`
	Seed    uint64        `json:"seed"`
	Start   time.Time     `json:"start"`
	Took    time.Duration `json:"tookNs"`
	Outcome Outcome       `json:"outcome"`
	Result  Text          `json:"result,omitzero"`

	Parties      []Party       `json:"parties"`
	Steps        []Step        `json:"steps"`
	Messages     []Message     `json:"messages,omitempty"`
	SMS          []SMS         `json:"sms,omitempty"`
	APDUs        []APDU        `json:"apdus,omitempty"`
	Traps        []Trap        `json:"traps,omitempty"`
	Screens      []Screen      `json:"screens,omitempty"`
	Certificates []Certificate `json:"certificates,omitempty"`
	Audit        []AuditEntry  `json:"audit,omitempty"`
	Ledger       []Cost        `json:"ledger,omitempty"`
	Counters     []Counter     `json:"counters,omitempty"`
}

// FormatVersion is the version of the JSON form.
const FormatVersion = 1

// Outcome is how a step or a run ended.
type Outcome string

// Outcomes.
const (
	Open    Outcome = "open"    // it has not ended
	Done    Outcome = "done"    // as asked for
	Refused Outcome = "refused" // as the rules want, with a catalogued message
	Resumed Outcome = "resumed" // as asked for, after an interruption
	Failed  Outcome = "failed"  // neither
)

// PartyID names a party within a run: "sp-tsm", "sim", "holder".
type PartyID string

// PartyKind says what a party is, and so where it stands in the chart.
type PartyKind string

// Kinds of parties, in the order of the chart.
const (
	Person       PartyKind = "person"       // the holder, an official
	IDCard       PartyKind = "id-card"      // マイナンバーカード
	SIM          PartyKind = "sim"          // the card in the phone
	Phone        PartyKind = "phone"        // handset and UI app
	Network      PartyKind = "network"      // SMS service centre, mobile data
	MNOTSM       PartyKind = "mno-tsm"      // the carrier's service manager
	SPTSM        PartyKind = "sp-tsm"       // the provider's service manager
	Authority    PartyKind = "ca"           // JPKIシステム
	Municipality PartyKind = "municipality" // the office and its register
	Provider     PartyKind = "provider"     // a relying party
)

// Party is somebody who takes part.
type Party struct {
	ID   PartyID   `json:"id"`
	Kind PartyKind `json:"kind"`
	Name Text      `json:"name"`
	Note string    `json:"note,omitempty"` // "profile hayate", "docomo-like, MVNO"
}

// Step is one thing that happened in the story.
type Step struct {
	Number      int           `json:"number"`
	Heading     Text          `json:"heading"`
	From        PartyID       `json:"from,omitempty"`
	To          PartyID       `json:"to,omitempty"`
	Text        string        `json:"text,omitempty"`
	Notes       []string      `json:"notes,omitempty"` // what came of it, a line each
	At          time.Duration `json:"atNs"`
	Took        time.Duration `json:"tookNs"`
	Responsible PartyID       `json:"responsible,omitempty"` // 責任分界: on whose responsibility
	Outcome     Outcome       `json:"outcome"`
	Refusal     *Refusal      `json:"refusal,omitempty"`
}

// Refusal is why a step was refused, as the UI app's catalogue explains it to the
// holder. Spec: SPEC-REPORT-006.
type Refusal struct {
	Code string `json:"code"` // that the help desk asks for: "TSM-sim-mismatch"
	What Text   `json:"what"` // what happened
	Do   Text   `json:"do"`   // what to do
	Desk Text   `json:"desk,omitzero"`
}

// Cost is time that was spent on a cause in a step.
type Cost struct {
	Step   int           `json:"step"`
	Kind   CostKind      `json:"kind"`
	Cause  string        `json:"cause"`
	Took   time.Duration `json:"tookNs"`
	Cycles uint64        `json:"cycles,omitempty"` // of the card's clock
}

// CostKind is whose time it was.
type CostKind string

// Kinds of time.
const (
	CardTime   CostKind = "card"   // causes of sim/clock
	AirTime    CostKind = "air"    // causes are bearers: "sms", "mobile-data", "wifi", "nfc"
	ServerTime CostKind = "server" // causes are parties or links between them
	PeopleTime CostKind = "people" // causes are what they did: "reads", "enters PIN"
	WaitTime   CostKind = "wait"   // causes are what was waited for: "retry", "coverage"
)

// CostKinds are all kinds, in the order of reports.
func CostKinds() []CostKind { return []CostKind{CardTime, AirTime, ServerTime, PeopleTime, WaitTime} }

// Counter is a number that the run ends with.
type Counter struct {
	Name  string `json:"name"`
	Value int64  `json:"value"`
}

// WriteJSON writes the run for programs: the same run gives the same bytes.
// Spec: SPEC-REPORT-003.
func (r *Run) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
