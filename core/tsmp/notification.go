package tsmp

import "inkan/core/jpki/certificate"

// Event is what happened that changed a state.
type Event byte

// Events.
const (
	EventActivated    Event = iota + 1 // by the receipt
	EventPendingEnded                  // no receipt within 24 hours
	EventSuperseded                    // another phone of the person was activated
	EventRevoked                       // by Revoke
	EventSuspended                     // by Suspend
	EventResumed                       // by Resume
	EventCardRenewed                   // card or its certificates were renewed
	EventCardLost                      // the card was reported lost, or lost its effect
	EventHolderEnded                   // the person can no longer be a holder: death, 国外転出; which of them is not told
	EventAuthority                     // any other decision of the authority
)

var eventWords = []named[Event]{
	{EventActivated, "activated"}, {EventPendingEnded, "pending-ended"}, {EventSuperseded, "superseded"},
	{EventRevoked, "revoked"}, {EventSuspended, "suspended"}, {EventResumed, "resumed"},
	{EventCardRenewed, "card-renewed"}, {EventCardLost, "card-lost"}, {EventHolderEnded, "holder-ended"},
	{EventAuthority, "authority"},
}

// String is the event's word in messages.
func (e Event) String() string { return wordOf(eventWords, e) }

// HandleCertificateStateChangeNotificationRequest tells the SP-TSM that a
// certificate is in another state.
type HandleCertificateStateChangeNotificationRequest struct {
	Sequence    uint64 // of this authority's notifications to this SP-TSM, from 1 without gaps
	Phone       PhoneID
	Event       Event
	Certificate CertificateState
	Erase       bool // the application on the SIM is to be erased when it can be reached
}

func (b *HandleCertificateStateChangeNotificationRequest) visit(m *members) {
	m.number("sequence", &b.Sequence, 1, 1<<53-1)
	m.id("phoneId", b.Phone[:])
	word(m, "event", &b.Event, eventWords)
	m.object("certificate", true, b.Certificate.visit)
	m.flag("erase", &b.Erase)
	m.demand(!b.Erase || b.Certificate.State == certificate.Revoked, "erase", "false unless the certificate is revoked")
}

// Acknowledgement is an answer without content.
type Acknowledgement struct{}

func (*Acknowledgement) visit(*members) {}
