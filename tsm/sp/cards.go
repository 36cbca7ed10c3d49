package sp

import (
	"context"

	"inkan/core/jpki/application"
	"inkan/core/tsmp"
	"inkan/tsm/store/row"
)

// Cards is what is done on a card for one service instance, without transport. All
// state is in values that it gives and takes back: bytes without a key. NewCards makes
// one of package instance.
type Cards interface {
	// Knows reports whether SIMs of a profile can be served.
	Knows(profile string) bool
	// Begin begins a program.
	Begin(ctx context.Context, p *Program, d *Domain) (state []byte, err error)
	// Next is what the program does next. No script is made without a conversation, or
	// with one by a bearer that does not reach the domain: Move.Reach then says which do.
	// Keys and counter of the domain are brought up to date.
	Next(ctx context.Context, state []byte, d *Domain, bearer tsmp.Bearer, most uint64) (after []byte, m Move, err error)
	// Take takes what came of a script, or how an action ended.
	Take(ctx context.Context, state []byte, d *Domain, o *Outcome) (after []byte, err error)
	// Supply takes the answer to what the program needed; nil: a call that it can do
	// without was refused.
	Supply(ctx context.Context, state []byte, d *Domain, answer tsmp.Body) (after []byte, err error)
}

// Domain is the provider's domain of one service instance as Cards needs it.
type Domain struct {
	SE      tsmp.SEID
	Profile string // of the SIM
	Spec    tsmp.DomainSpec
	Bearers []tsmp.Bearer // that may be used, the preferred one first
	Keys    []row.Key     // wrapped; those that it has by now
	Counter uint64        // of the last packet
	// Attestation is the identifier of the controlling authority's key, once its
	// certificate was verified.
	Attestation [32]byte
	// Session is what a program that is done has left on the card for the next one to go on
	// with; nil: nothing.
	Session []byte
}

// ProgramKind is what a program does.
type ProgramKind byte

// Programs.
const (
	ProgramTakeOver ProgramKind = iota + 1 // the domain's keys, through the controlling authority
	ProgramLoad                            // load file and instance, delegated or authorised
	ProgramIssue                           // order, key, envelopes, activation
	ProgramReset                           // order and envelope of a PIN reset
	ProgramSuspend
	ProgramResume
	ProgramErase
)

// Program is one thing that is done with a domain and the application in it.
type Program struct {
	Kind      ProgramKind
	Reference tsmp.ServiceReference
	Phone     tsmp.PhoneID
	Model     tsmp.Model
	Software  *Software
	// Order is the answer to PlaceOrder or OrderPINReset, with programs Issue and Reset.
	Order *tsmp.PlaceOrderAnswer
	// Issued is the order, 138 bytes, that the content on the card came of, with programs
	// Suspend, Resume and Erase; nil with Erase: whatever is there.
	Issued []byte
}

// Move is what a program does next: one of Script, Need, Holder and Done, or a
// conversation by one of Reach.
type Move struct {
	Reach  []tsmp.Bearer
	Script *Script                 // for the card
	Need   *Need                   // for another party
	Holder *application.OrderProof // for the holder to sign
	Done   bool
	// Steps are how many commands are behind, of how many; 0: not known.
	Steps, Of uint64
}

// Script goes to the card.
type Script struct {
	AID   []byte
	Form  tsmp.ScriptForm
	Items [][]byte
}

// Need is a call that has to be answered before a program goes on.
type Need struct {
	Carrier  bool // it goes to the carrier, else to the authority
	Function tsmp.Function
	Body     tsmp.Body
}

// Outcome is what came of a script or an action.
type Outcome struct {
	Outcome           tsmp.Outcome
	Responses, Proofs [][]byte
	// Interrupted: what the command behind the last response did is not known.
	Interrupted bool
}
