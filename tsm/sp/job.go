package sp

import (
	"time"

	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// Kinds of workflows.
const (
	kindIssue  = "issue" // transfer included
	kindReset  = "pin-reset"
	kindRevoke = "revocation"
	kindLift   = "suspension-lift"
	kindErase  = "erase"
	kindHold   = "hold"
	kindFree   = "free"
	kindLedger = "ledger" // numbers of notifications, of one party; never live
)

// job is a workflow's data.
type job struct {
	Application row.ApplicationID
	Reference   tsmp.ServiceReference
	Phone       tsmp.PhoneID
	Old         tsmp.PhoneID // that ends when the new one is activated; zero: none
	Verified    tsmp.ApplicationID
	Carrier     tsmp.PartyID
	Model       tsmp.Model
	Bearers     []tsmp.Bearer // that reach the SIM, the preferred one first

	Call    tsmp.CallID // awaited; zero: nothing
	Acting  bool        // the call was answered: the end of its action is awaited
	Asked   tsmp.Function
	Resend  bool // the next DeployService has the load file
	Retries uint32
	// Authority is what the declaration's answer said of the card's authority, until the
	// take-over has verified it; nil: nothing.
	Authority *tsmp.GetCAInformationAnswer

	Order      []byte // as placed
	OrderID    perso.OrderID
	OrderUntil time.Time
	Program    []byte // state of what is done on the card; nil: none
	Session    []byte // that the program before has left open there; nil: none

	Conversation tsmp.ConversationID
	Script       uint64 // sent last
	Bearer       tsmp.Bearer
	Most         uint64
	Until        time.Time
	Own          bool          // no conversation: the app has scripts from here
	Served       bool          // it has had some
	Failed       []tsmp.Bearer // that did not reach the SIM in this program

	Ground    tsmp.Ground // for the authority, with erase and hold; 0: it is not asked
	Case      string
	Reason    byte       // certificate.Reason
	Keep      bool       // domain and application stay
	Activated bool       // the receipt has gone to the authority
	Announced tsmp.Phase // to the carrier, whose end has not been told; 0: none
}

// Format implements codec.Row.
func (*job) Format() string { return "job" }

// Version implements codec.Row.
func (*job) Version() byte { return 2 }

// Fields implements codec.Row.
func (j *job) Fields(f *codec.Fields) {
	f.Raw("application", j.Application[:])
	f.Raw("reference", j.Reference[:])
	f.Raw("phone", j.Phone[:])
	f.Raw("old", j.Old[:])
	f.Raw("verified", j.Verified[:])
	codec.Text(f, "carrier", &j.Carrier)
	codec.Enum(f, "model", &j.Model, 0, tsmp.ModelAuthorised)
	bearers(f, "bearers", &j.Bearers)
	f.Raw("call", j.Call[:])
	f.Bool("acting", &j.Acting)
	codec.Text(f, "asked", &j.Asked)
	f.Bool("resend", &j.Resend)
	f.Uint32("retries", &j.Retries)
	authority(f, &j.Authority)
	f.Bytes("order", &j.Order)
	f.Raw("order ID", j.OrderID[:])
	f.Time("order until", &j.OrderUntil)
	f.Bytes("program", &j.Program)
	f.Bytes("session", &j.Session)
	f.Raw("conversation", j.Conversation[:])
	f.Uint64("script", &j.Script)
	codec.Enum(f, "bearer", &j.Bearer, 0, tsmp.BearerRelay)
	f.Uint64("most", &j.Most)
	f.Time("until", &j.Until)
	f.Bool("own", &j.Own)
	f.Bool("served", &j.Served)
	bearers(f, "failed", &j.Failed)
	codec.Enum(f, "ground", &j.Ground, 0, tsmp.GroundService)
	codec.Text(f, "case", &j.Case)
	f.Byte("reason", &j.Reason)
	f.Bool("keep", &j.Keep)
	f.Bool("activated", &j.Activated)
	codec.Enum(f, "announced", &j.Announced, 0, tsmp.PhaseErased)
}

func bearers(f *codec.Fields, path string, list *[]tsmp.Bearer) {
	codec.List(f, path, list, func(f *codec.Fields, b *tsmp.Bearer) {
		codec.Enum(f, "bearer", b, tsmp.BearerSMS, tsmp.BearerRelay)
	})
}
