package sp

import (
	"time"

	"inkan/core/jpki"
	"inkan/core/tsmp"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// session is what an application's row keeps besides: whose it is, and what the app is
// told of it.
type session struct {
	App      tsmp.PartyID // by its key
	Call     tsmp.CallID  // of StartApplication
	Purpose  tsmp.Purpose
	Phone    tsmp.PhoneID // asked about; once verified, the one that it is about
	Usage    tsmp.Usage
	Language tsmp.Language
	Device   string
	Client   string // version of the app
	Origin   jpki.Origin
	Workflow row.WorkflowID
	Bearers  []tsmp.Bearer

	SignBy   time.Time   // SubmitApplication has to come before
	Refused  byte        // how often with application-code
	Last     tsmp.CallID // of the last such refusal
	Usable   time.Time   // end of the time that the authority gave
	Stage    tsmp.Stage
	Done     uint64
	Total    uint64
	ToSign   []byte // hash and challenge of the order of a PIN reset; nil: none
	Relay    tsmp.PartyID
	Ticket   []byte // 32 bytes; nil: none
	Until    time.Time
	Reply    []byte // sealed for the app
	NotAfter time.Time
	Refusal  tsmp.Code
}

// Format implements codec.Row.
func (*session) Format() string { return "application's session" }

// Version implements codec.Row.
func (*session) Version() byte { return 1 }

// Fields implements codec.Row.
func (s *session) Fields(f *codec.Fields) {
	codec.Text(f, "app", &s.App)
	f.Raw("call", s.Call[:])
	codec.Enum(f, "purpose", &s.Purpose, tsmp.PurposeIssue, tsmp.PurposeSuspensionLift)
	f.Raw("phone", s.Phone[:])
	codec.Enum(f, "usage", &s.Usage, 0, tsmp.UsagePermittedUser)
	codec.Enum(f, "language", &s.Language, tsmp.Japanese, tsmp.English)
	codec.Text(f, "device", &s.Device)
	codec.Text(f, "client", &s.Client)
	codec.Enum(f, "origin", &s.Origin, jpki.OriginNone, jpki.OriginDelivered)
	f.Raw("workflow", s.Workflow[:])
	bearers(f, "bearers", &s.Bearers)
	f.Time("sign by", &s.SignBy)
	f.Byte("refused", &s.Refused)
	f.Raw("last", s.Last[:])
	f.Time("usable", &s.Usable)
	codec.Enum(f, "stage", &s.Stage, tsmp.StageSign, tsmp.StageRefused)
	f.Uint64("done", &s.Done)
	f.Uint64("total", &s.Total)
	f.Bytes("to sign", &s.ToSign)
	codec.Text(f, "relay", &s.Relay)
	f.Bytes("ticket", &s.Ticket)
	f.Time("until", &s.Until)
	f.Bytes("reply", &s.Reply)
	f.Time("not after", &s.NotAfter)
	codec.Text(f, "refusal", &s.Refusal)
}
