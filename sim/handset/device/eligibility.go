package device

// Reason is why a device is not eligible.
type Reason string

// Reasons.
const (
	LacksUIApp      Reason = "no-ui-app"
	LacksOMAPI      Reason = "no-omapi"
	LacksBearer     Reason = "no-bearer"     // neither SMS-PP download nor relay
	LacksContact    Reason = "no-card-nfc"   // readers cannot reach the SIM
	LacksReader     Reason = "no-reader-nfc" // it cannot read a My Number Card
	OldSystem       Reason = "old-system"
	NoLongerUpdated Reason = "withdrawn"
	WrongSlot       Reason = "sim-slot" // the SIM is not in the slot wired to the front end
)

// Reasons are all reasons.
func Reasons() []Reason {
	return []Reason{LacksUIApp, LacksOMAPI, LacksBearer, LacksContact, LacksReader, OldSystem, NoLongerUpdated, WrongSlot}
}

// Need is what a service asks of a device.
type Need struct {
	Version int  // of an open operating system, at least
	Touch   bool // use at readers
	Apply   bool // the application is made on this device, with the card held to it
	Slot    int  // that the SIM is in, from 1; 0: not said
}

// DefaultNeed is what the service asks for all its functions.
func DefaultNeed() Need { return Need{Version: 10, Touch: true, Apply: true} }

// Eligible are the reasons against a device, in the order of Reasons; none: it is
// eligible. Spec: SPEC-HANDSET-063, SPEC-HANDSET-064.
func (m *Model) Eligible(n Need) (against []Reason) {
	add := func(bad bool, r Reason) {
		if bad {
			against = append(against, r)
		}
	}
	add(!m.UIApp, LacksUIApp)
	add(!m.OMAPI, LacksOMAPI)
	add(!m.SMSPP && !m.Relay, LacksBearer)
	add(n.Touch && m.CardNFC&(NFCA|NFCB) == 0, LacksContact)
	add(n.Apply && m.ReadNFC&NFCB == 0, LacksReader)
	add(m.OS == OpenOS && m.Version < n.Version, OldSystem)
	add(m.Withdrawn, NoLongerUpdated)
	add(n.Touch && n.Slot != 0 && m.SIMSlot != 0 && n.Slot != m.SIMSlot, WrongSlot)
	return against
}
