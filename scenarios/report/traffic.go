package report

import (
	"encoding/json"
	"time"
)

// Message is a call from one party to another with its answer. Seq, here and below, is
// the place in the order of all that was recorded.
type Message struct {
	Seq      int           `json:"seq"`
	Answered int           `json:"answered,omitempty"` // Seq of the answer; 0: none came
	Step     int           `json:"step"`
	At       time.Duration `json:"atNs"`
	Took     time.Duration `json:"tookNs"` // until the answer was there
	From     PartyID       `json:"from"`
	To       PartyID       `json:"to"`
	Function string        `json:"function"`
	CallID   string        `json:"callId,omitempty"`
	Request  *Document     `json:"request,omitempty"`
	Answer   *Document     `json:"answer,omitempty"` // nil: none came
	Status   string        `json:"status,omitempty"` // executionStatus
	Code     string        `json:"code,omitempty"`   // of a call that was refused
	Fault    string        `json:"fault,omitempty"`  // why no answer came
}

// Document is what was sent. Body has neither tickets nor codes, and long values are
// cut. Spec: SPEC-REPORT-010.
type Document struct {
	Size   int             `json:"size"`            // bytes as sent, signature included
	SHA256 string          `json:"sha256"`          // of these bytes: what the audit trail calls the evidence
	KeyID  string          `json:"keyId,omitempty"` // who signed; empty: nobody
	Body   json.RawMessage `json:"body,omitempty"`
}

// SMS is one short message: a part, where it is one of several.
type SMS struct {
	Seq       int           `json:"seq"`
	Step      int           `json:"step"`
	At        time.Duration `json:"atNs"`
	Took      time.Duration `json:"tookNs,omitempty"`
	From      PartyID       `json:"from"`
	To        PartyID       `json:"to"`
	Type      SMSType       `json:"type"`
	Size      int           `json:"size"`
	Reference int           `json:"reference,omitempty"` // of the parts that belong together
	Part      int           `json:"part,omitempty"`      // from 1
	Parts     int           `json:"parts,omitempty"`
	Fate      Fate          `json:"fate,omitempty"`
	Says      string        `json:"says"`           // in words
	TPDU      string        `json:"tpdu,omitempty"` // hex; left out of what people read
}

// Fate is what the network did to a short message; empty: it arrived.
type Fate string

// Fates.
const (
	Lost    Fate = "lost"
	Doubled Fate = "doubled"
	Late    Fate = "late"
	GivenUp Fate = "given up"
)

// APDU is a command to a card and its response.
type APDU struct {
	Seq      int           `json:"seq"`
	Step     int           `json:"step"`
	At       time.Duration `json:"atNs"`
	Took     time.Duration `json:"tookNs"` // of the card
	Cycles   uint64        `json:"cycles,omitempty"`
	From     PartyID       `json:"from"`
	To       PartyID       `json:"to"`
	Over     Bearer        `json:"over,omitempty"`
	Channel  int           `json:"channel,omitempty"` // logical channel
	Name     string        `json:"name"`              // of the instruction
	Command  string        `json:"command"`           // hex, data left out where they may be secret: "00200080 05 [5 bytes]"
	Response string        `json:"response"`
	Says     []string      `json:"says,omitempty"` // the command in words, a line each
	SW       string        `json:"sw"`             // "9000"; empty: power failed
	Meaning  string        `json:"meaning"`        // of SW
}

// Bearer is how commands came to a card.
type Bearer string

// Bearers.
const (
	OverContact     Bearer = "contact"
	OverContactless Bearer = "contactless"
	OverAir         Bearer = "packet" // a command in a secured packet
	OverRelay       Bearer = "relay"  // by the UI app's channel
)

// Trap is the precise cause of something that a peer is told only in general.
type Trap struct {
	Seq   int           `json:"seq"`
	Step  int           `json:"step"`
	At    time.Duration `json:"atNs"`
	Party PartyID       `json:"party"`
	Where string        `json:"where"`
	Cause string        `json:"cause"`
	SW    string        `json:"sw,omitempty"`
}

// Screen is what the holder saw.
type Screen struct {
	Seq   int           `json:"seq"`
	Step  int           `json:"step"`
	At    time.Duration `json:"atNs"`
	Party PartyID       `json:"party"`
	Text  Text          `json:"text"`
	Error string        `json:"error,omitempty"` // that the help desk asks for
}
