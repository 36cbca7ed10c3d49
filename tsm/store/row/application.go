package row

import (
	"errors"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store/codec"
)

// Progress is where an application is.
type Progress byte

// Progress of an application. The last three are ends.
const (
	Received Progress = iota + 1 // taken, not verified yet
	Verified                     // the authority verified it
	Ordered                      // an order to the SIM was placed
	Fulfilled
	Refused
	Lapsed // cancelled, or its time was over
)

// Open reports whether the application can still go on.
func (p Progress) Open() bool { return p <= Ordered }

// Application is what an applicant signed and sent to the SP-TSM.
type Application struct {
	ID         ApplicationID
	Verified   tsmp.ApplicationID // the authority's name; zero until it verified
	Pseudonym  tsmp.Pseudonym     // of the applicant; zero until verified
	Purpose    string             // the caller's word: "issue", "pin-reset"
	Service    tsmp.ServiceReference
	SE         tsmp.SEID
	Subscriber tsmp.Subscriber
	Carrier    tsmp.PartyID // the MNO-TSM
	Progress   Progress
	At         time.Time
	Deadline   time.Time
	Evidence   Hash   // of the signed application, whose bytes the audit trail has
	Content    []byte // what the caller keeps with it; no key
}

// Format implements codec.Row.
func (*Application) Format() string { return "application row" }

// Version implements codec.Row.
func (*Application) Version() byte { return 1 }

// Fields implements codec.Row.
func (a *Application) Fields(f *codec.Fields) {
	f.Raw("ID", a.ID[:])
	f.Raw("verified", a.Verified[:])
	f.Raw("pseudonym", a.Pseudonym[:])
	codec.Text(f, "purpose", &a.Purpose)
	f.Raw("service", a.Service[:])
	f.Raw("SE", a.SE[:])
	f.Raw("subscriber", a.Subscriber[:])
	codec.Text(f, "carrier", &a.Carrier)
	codec.Enum(f, "progress", &a.Progress, Received, Lapsed)
	f.Time("at", &a.At)
	f.Time("deadline", &a.Deadline)
	f.Raw("evidence", a.Evidence[:])
	f.Bytes("content", &a.Content)
}

// Valid checks what holds of every application.
func (a *Application) Valid() error {
	if err := errors.Join(name("purpose", a.Purpose), party("carrier", a.Carrier)); err != nil {
		return err
	}
	switch {
	case a.ID == ApplicationID{}:
		return errors.New("application without ID")
	case a.At.IsZero() || a.Deadline.IsZero():
		return errors.New("application without time or deadline")
	case a.Progress == Verified || a.Progress == Ordered || a.Progress == Fulfilled:
		if a.Verified == (tsmp.ApplicationID{}) {
			return errors.New("application that went on unverified")
		}
	}
	return nil
}
