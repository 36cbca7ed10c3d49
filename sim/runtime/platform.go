package runtime

import (
	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/scp"
)

// Platform is what stands around the applets of a card: the card manager with
// its registry, security domains and life cycles. All of it may be asked
// within a command only. Spec: SPEC-RUNTIME-080.
type Platform interface {
	// Attach gives the platform its card, once, when the card has booted the
	// first time; Booted is called after every boot, before any command and
	// before any object is collected: objects that the platform keeps are roots
	// from then on.
	Attach(*Card)
	Booted()

	// Resident finds the platform's own application that a SELECT by name
	// means, as Applet finds applets: first or next match in the order of the
	// registry, with the number of applets before it. nil: none.
	Resident(aid []byte) Resident
	// Default is the application that a reset selects on the basic channel:
	// the AID of an applet, or a Resident. Both nil: none is selected.
	Default() (applet []byte, resident Resident)
	// MaySelect tells whether an applet's life cycle and the card's let it be
	// selected.
	MaySelect(*Applet) bool
	// Deselected tells that a selection of an applet on a channel has ended, by
	// another SELECT or by closing the channel: its secure channel ends too.
	// Spec: SPEC-RUNTIME-088.
	Deselected(a *Applet, channel int)

	// SecureChannel is the channel of the security domain that an applet is
	// associated with; nil: none.
	SecureChannel(*Applet) SecureChannel
	// Privileges of an applet, three bytes; LifeCycle its state.
	Privileges(*Applet) [3]byte
	LifeCycle(*Applet) byte
	// SetLifeCycle changes an applet's state for another applet (by itself
	// with by == a) and reports whether that is allowed and done.
	SetLifeCycle(by, a *Applet, state byte) bool
	// CardState is the card's life cycle; SetCardState changes it for an
	// applet (lock 7F, terminate FF) and reports whether it did.
	CardState() byte
	SetCardState(by *Applet, state byte) bool
	// SetHistoricalBytes changes the ATR's historical bytes for an applet.
	SetHistoricalBytes(by *Applet, historical []byte) bool
	// Service finds a global service for an applet: by the AID of who offers it,
	// or nil for one that is registered as unique, and the service name, family
	// and identifier. nil: none.
	Service(client *Applet, provider []byte, name uint16) GlobalService
	// CVM is the cardholder verification method with an identifier; nil: none.
	CVM(id byte) CVM
}

// Resident is an application that is no applet: an issuer security domain. Its
// commands come as they were received.
type Resident interface {
	// Name tells residents apart.
	Name() []byte
	// Select answers a SELECT by name.
	Select(dst []byte, channel int) ([]byte, iso7816.SW)
	// Process answers a command on the channel; raw is the command as it came.
	Process(dst []byte, cmd *apdu.Command, raw []byte, channel int) ([]byte, iso7816.SW)
	// Deselect ends the selection, also by reset.
	Deselect(channel int)
}

// SecureChannel is the card's side of a security domain's secure channel:
// scp02.Card and scp03.Card are such.
type SecureChannel interface {
	scp.Card
	// Handshake answers INITIALIZE UPDATE or EXTERNAL AUTHENTICATE; any other
	// instruction is 6D00.
	Handshake(dst, cmd []byte) []byte
	// IsOpen reports whether a session is open, which level 00 does not show.
	IsOpen() bool
}

// CVM is a cardholder verification method: the card's global PIN. Formats are
// those of org.globalplatform.CVM.
type CVM interface {
	IsActive() bool
	IsSubmitted() bool
	IsVerified() bool
	IsBlocked() bool
	TriesRemaining() byte
	Verify(value []byte, format byte) bool
	// The others report whether the state allows them. The runtime has checked
	// the privilege.
	Update(value []byte, format byte) bool
	Reset() bool
	Block() bool
	ResetAndUnblock() bool
	SetTryLimit(limit byte) bool
}
