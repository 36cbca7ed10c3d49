package tsmp

import "time"

// GetServiceInstanceRequest asks about an instance whose application this app
// submitted.
type GetServiceInstanceRequest struct{ Phone PhoneID }

func (b *GetServiceInstanceRequest) visit(m *members) { m.id("phoneId", b.Phone[:]) }

// GetServiceInstanceAnswer is what the app shows of it.
type GetServiceInstanceAnswer struct {
	Certificates  []CertificateState
	RenewableFrom time.Time // from then on an application for the next one is taken; zero: not while this one lasts
}

func (b *GetServiceInstanceAnswer) visit(m *members) {
	list(m, "certificates", &b.Certificates, 0, 2, func(m *members, c *CertificateState) { c.visit(m) })
	m.optional().time("renewableFrom", &b.RenewableFrom)
}

// PhoneEvent is what happened to the phone.
type PhoneEvent byte

// Events.
const (
	PhoneLost     PhoneEvent = iota + 1 // the certificates are held
	PhonePINSet                         // the first PIN is set: the code is of no use any more
	PhoneDisposed                       // the holder gives the phone away: the application is to be erased
)

var phoneEventWords = []named[PhoneEvent]{{PhoneLost, "phone-lost"}, {PhonePINSet, "pin-set"}, {PhoneDisposed, "disposed"}}

// String is the event's word in messages.
func (e PhoneEvent) String() string { return wordOf(phoneEventWords, e) }

// ReportEventRequest tells of an event.
type ReportEventRequest struct {
	Phone PhoneID
	Event PhoneEvent
}

func (b *ReportEventRequest) visit(m *members) {
	m.id("phoneId", b.Phone[:])
	word(m, "event", &b.Event, phoneEventWords)
}
