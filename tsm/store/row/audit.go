package row

import (
	"errors"
	"fmt"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store/codec"
)

// Subject is what an event was about; zero fields have no part in it.
type Subject struct {
	Application ApplicationID
	Service     tsmp.ServiceReference
	SE          tsmp.SEID
	Workflow    WorkflowID
	Call        tsmp.CallID
}

// IDs are the identifiers that are not zero.
func (s *Subject) IDs() []SubjectID { return s.AppendIDs(nil) }

// AppendIDs appends IDs.
func (s *Subject) AppendIDs(ids []SubjectID) []SubjectID {
	for _, id := range [...]SubjectID{SubjectID(s.Application), SubjectID(s.Service), SubjectID(s.SE), SubjectID(s.Workflow), SubjectID(s.Call)} {
		if id != (SubjectID{}) {
			ids = append(ids, id)
		}
	}
	return ids
}

func (s *Subject) fields(f *codec.Fields) {
	f.Raw("application", s.Application[:])
	f.Raw("service", s.Service[:])
	f.Raw("SE", s.SE[:])
	f.Raw("workflow", s.Workflow[:])
	f.Raw("call", s.Call[:])
}

// Exhibit names one piece of evidence; the store has its bytes under the hash.
type Exhibit struct {
	Name string
	Hash Hash
}

// Entry is one event of the audit trail.
type Entry struct {
	Number      uint64 // from 1, without a gap
	At          time.Time
	Event       string // "service-deployed"
	Refused     string // why it was refused; empty when it happened
	Actor       string // who did it or asked for it
	Responsible string // on whose responsibility, 責任分界: "SP-TSM"
	Subject     Subject
	Exhibits    []Exhibit
	Rows        Sum  // of all rows after the step
	Previous    Hash // of the encoding of the entry before; zero for the first
}

// Format implements codec.Row.
func (*Entry) Format() string { return "audit entry" }

// Version implements codec.Row.
func (*Entry) Version() byte { return 1 }

// Fields implements codec.Row.
func (e *Entry) Fields(f *codec.Fields) {
	f.Uint64("number", &e.Number)
	f.Time("at", &e.At)
	codec.Text(f, "event", &e.Event)
	codec.Text(f, "refused", &e.Refused)
	codec.Text(f, "actor", &e.Actor)
	codec.Text(f, "responsible", &e.Responsible)
	e.Subject.fields(f)
	codec.List(f, "exhibits", &e.Exhibits, func(f *codec.Fields, x *Exhibit) {
		codec.Text(f, "exhibit", &x.Name)
		f.Raw("exhibit hash", x.Hash[:])
	})
	f.Raw("rows", e.Rows[:])
	f.Raw("previous", e.Previous[:])
}

// SealEntry puts the last two fields, which are of fixed length, into an entry's
// encoding.
func SealEntry(encoding []byte, rows Sum, previous Hash) {
	end := encoding[len(encoding)-len(rows)-len(previous):]
	copy(end[copy(end, rows[:]):], previous[:])
}

// MaxReason is the longest reason of a refusal in bytes.
const MaxReason = 512

// Valid checks what holds of every entry. Spec: SPEC-STORE-040.
func (e *Entry) Valid() error {
	switch {
	case e.Number == 0 || e.At.IsZero():
		return errors.New("audit entry without number or time")
	case len(e.Refused) > MaxReason:
		return fmt.Errorf("audit entry: reason of %d bytes, want at most %d", len(e.Refused), MaxReason)
	}
	for i := range e.Exhibits {
		if err := name("exhibit", e.Exhibits[i].Name); err != nil {
			return err
		}
	}
	return errors.Join(name("event", e.Event), name("actor", e.Actor), name("responsible", e.Responsible))
}

// Head is where a tenant's audit trail ends, and what its rows add up to.
type Head struct {
	Tenant tsmp.PartyID
	Number uint64 // of the last entry; 0: none
	Hash   Hash   // of its encoding
	Rows   Sum
	At     time.Time // of the last entry
}

// Format implements codec.Row.
func (*Head) Format() string { return "head row" }

// Version implements codec.Row.
func (*Head) Version() byte { return 1 }

// Fields implements codec.Row.
func (h *Head) Fields(f *codec.Fields) {
	codec.Text(f, "tenant", &h.Tenant)
	f.Uint64("number", &h.Number)
	f.Raw("hash", h.Hash[:])
	f.Raw("rows", h.Rows[:])
	f.Time("at", &h.At)
}
