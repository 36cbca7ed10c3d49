package instance

import (
	"context"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
)

// Target is the application that is personalised, and how data groups get to it.
type Target struct {
	Instance gp.AID
	// BlockBytes is the most plain data of one STORE DATA, MinBlockBytes to
	// MaxBlockBytes: remote.Domain.DataBytes for all bearers that may be used.
	BlockBytes int
	// Attested: the card's controlling authority attests what the application says.
	Attested bool
}

// Limits of the plain data of one command: with the least, whatever the authority sends
// has room in one sequence.
const (
	MinBlockBytes = 96
	MaxBlockBytes = apdu.MaxShortData
)

func (t *Target) valid() error {
	switch {
	case t.Instance.IsZero():
		return fmt.Errorf("instance: a target without AID")
	case t.BlockBytes < MinBlockBytes || t.BlockBytes > MaxBlockBytes:
		return fmt.Errorf("instance: blocks of %d bytes, want %d to %d", t.BlockBytes, MinBlockBytes, MaxBlockBytes)
	}
	return nil
}

// Kind is what an Application is for.
type Kind byte

// Kinds.
const (
	Issue    Kind = iota + 1 // order, keys, certificates, activation
	PINReset                 // new codes, on the holder's signed application
	Suspend
	Resume
	Erase
	Audit // only asks for the state
)

var kindNames = [...]string{"", "issue", "pin-reset", "suspend", "resume", "erase", "audit"}

// String is the kind in one word.
func (k Kind) String() string {
	if int(k) < len(kindNames) && k != 0 {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", byte(k))
}

// stage is where an Application is.
type stage byte

const (
	stageOrder   stage = iota + 1 // ORDER and GENERATE
	stageHolder                   // the holder signs
	stageSeal                     // Issue or SealPINReset at the authority
	stageDeliver                  // certificates and envelopes, and ACTIVATE
	stageCommand                  // SUSPEND, RESUME, ERASE or STATE
	stageReport                   // Activate or ReportErase at the authority
	stageDone
)

var stageNames = [...]string{"", "order", "holder", "seal", "deliver", "command", "report", "done"}

// Application is one thing that is done with the application on a card: a Program.
// Make one with NewIssue, NewPINReset, NewSuspend, NewResume, NewErase or NewAudit.
type Application struct {
	target Target
	kind   Kind
	stage  stage

	// asking: what became of the commands before is not known, or was refused where it
	// should not have been; the application's state is asked for first.
	asking   bool
	refusals byte // in a row, without anything reached

	id    perso.OrderID // of the order; of the issue where there is no order; zeros: whatever there is
	order []byte        // its 138 bytes; none where only id is known
	phone tsmp.PhoneID  // Erase
	// verified is the authority's name of the holder's application: PINReset.
	verified tsmp.ApplicationID

	statement    []byte    // answer to ORDER, SUSPEND, RESUME, ERASE or STATE
	keys         [2][]byte // answers to GENERATE, by role
	lengths      [3]uint32 // of statement and keys, as the card said; 0: as expected
	certificates []tsmp.CACertificate
	envelopes    [][]byte
	sequence     byte // of the last envelope that the card has
	taken        byte // certificates of the authority that the card has
	active       bool // the card has activated the issue
	receipt      []byte
}

var _ Program = (*Application)(nil)

// NewIssue makes the issue of an order that the authority has placed (PlaceOrder):
// keys on the card or delivered, of the roles that the order names. Its calls are Issue
// and Activate. Spec: SPEC-INSTANCE-040.
func NewIssue(t Target, placed *tsmp.PlaceOrderAnswer) (*Application, error) {
	return ordered(t, Issue, jpki.PurposeIssue, placed)
}

// NewPINReset makes the reset of an order that the authority has placed
// (OrderPINReset). It needs the holder once, and its call is SealPINReset.
// Spec: SPEC-INSTANCE-050.
func NewPINReset(t Target, placed *tsmp.PlaceOrderAnswer) (*Application, error) {
	return ordered(t, PINReset, jpki.PurposePINReset, placed)
}

func ordered(t Target, k Kind, purpose jpki.Purpose, placed *tsmp.PlaceOrderAnswer) (*Application, error) {
	order, err := perso.DecodeOrder(placed.Order)
	switch {
	case err != nil:
		return nil, err
	case order.Purpose != purpose || order.ID != placed.OrderID:
		return nil, fmt.Errorf("instance: %v: the order is for %v, or has another identifier than the answer", k, order.Purpose)
	}
	a := &Application{target: t, kind: k, stage: stageOrder, id: order.ID, order: append([]byte(nil), placed.Order...)}
	return a, a.check()
}

// NewSuspend takes an issue out of use. order is its order, 138 bytes, with which
// statements are compared; nil: it is not known. Spec: SPEC-INSTANCE-060.
func NewSuspend(t Target, issue perso.OrderID, order []byte) (*Application, error) {
	return about(t, Suspend, issue, order)
}

// NewResume takes an issue into use again. Spec: SPEC-INSTANCE-060.
func NewResume(t Target, issue perso.OrderID, order []byte) (*Application, error) {
	return about(t, Resume, issue, order)
}

// NewErase removes an issue, or with a zero identifier whatever there is. phone is whom
// the authority is told of with ReportErase; zero: nobody is told.
// Spec: SPEC-INSTANCE-061.
func NewErase(t Target, issue perso.OrderID, order []byte, phone tsmp.PhoneID) (*Application, error) {
	a, err := about(t, Erase, issue, order)
	if err != nil {
		return nil, err
	}
	a.phone = phone
	return a, nil
}

// NewAudit asks for the application's state.
func NewAudit(t Target) (*Application, error) {
	a := &Application{target: t, kind: Audit, stage: stageCommand}
	return a, a.check()
}

// about makes what is about an issue.
func about(t Target, k Kind, issue perso.OrderID, order []byte) (*Application, error) {
	a := &Application{target: t, kind: k, stage: stageCommand, id: issue, order: append([]byte(nil), order...)}
	return a, a.check()
}

// String is what it is and where: nothing of what it carries.
func (a *Application) String() string { return a.kind.String() + " at " + a.Stage() }

// Kind is what it is for.
func (a *Application) Kind() Kind { return a.kind }

// Stage implements Program: "order", "holder", "seal", "deliver", "command", "report"
// or "done".
func (a *Application) Stage() string { return stageNames[a.stage] }

// Order is the order, 138 bytes: what NewSuspend, NewResume and NewErase want of an
// issue later.
func (a *Application) Order() []byte { return a.order }

// Receipt is the card's receipt of the activation, once it is there.
func (a *Application) Receipt() []byte { return a.receipt }

// Statement is the card's last statement, as it gave it: of ORDER, SUSPEND, RESUME,
// ERASE or STATE.
func (a *Application) Statement() []byte { return a.statement }

// Need implements Program. Spec: SPEC-INSTANCE-001.
func (a *Application) Need() (Need, error) {
	switch a.stage {
	case stageHolder:
		return a.needHolder()
	case stageSeal, stageReport:
		return a.needCall(), nil
	case stageDone:
		return Need{}, nil
	}
	b, err := a.batch()
	if err != nil {
		return Need{}, err
	}
	commands, err := b.commands(a.asking || a.stage != stageDeliver || a.kind == PINReset)
	return Need{Kind: NeedCommands, Commands: commands}, err
}

// Take implements Program. Spec: SPEC-INSTANCE-002.
func (a *Application) Take(_ context.Context, o Outcome) error {
	if a.stage != stageOrder && a.stage != stageDeliver && a.stage != stageCommand {
		return ErrNotNeeded
	}
	next := *a
	if err := next.take(&o); err != nil {
		return err
	}
	*a = next
	return nil
}

// Answer implements Program. Spec: SPEC-INSTANCE-003.
func (a *Application) Answer(_ context.Context, b tsmp.Body) error {
	next := *a
	if err := next.answer(b); err != nil {
		return err
	}
	*a = next
	return nil
}
