package uiapp

import (
	"context"
	"errors"
	"time"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/sim/handset/fault"
)

// State is what the SIM holds, as the holder sees it.
type State byte

// States.
const (
	Absent   State = iota // nothing was issued
	Pending               // an issue is under way
	NeedsPIN              // issued, and no PIN set
	Ready                 // usable
	Locked                // the PIN has no tries left
	OnHold                // suspended
	Expired               // the certificate's validity is over
)

// States are all states.
func States() []State { return []State{Absent, Pending, NeedsPIN, Ready, Locked, OnHold, Expired} }

// String is the state in a word.
func (s State) String() string {
	if s > Expired {
		return "unknown state"
	}
	return [...]string{"absent", "pending", "needs PIN", "ready", "locked", "on hold", "expired"}[s]
}

// Holding is what the SIM holds.
type Holding struct {
	State    State
	Tries    int       // of the PIN
	NotAfter time.Time // of the certificate; zero: none
	Soon     bool      // it expires within WarnBefore
	Denied   bool      // the SIM does not let this app look: no rule names it
}

// WarnBefore is how long before its end the app speaks of a certificate's validity.
const WarnBefore = 90 * 24 * time.Hour

// Look reads what the SIM holds. A SIM without the application, or without a rule for
// this app, holds nothing. Errors are fault.Errors and the card's status words.
// Spec: SPEC-HANDSET-100, SPEC-HANDSET-107.
func (a *App) Look(ctx context.Context, now time.Time) (h Holding, err error) {
	err = a.with(ctx, func(c apdu.Card) error {
		h, err = look(ctx, c, now)
		return err
	})
	f := (*fault.Error)(nil)
	if errors.As(err, &f) && (f.Code == fault.NoApplication || f.Code == fault.AccessDenied) {
		return Holding{Denied: f.Code == fault.AccessDenied}, nil
	}
	return h, err
}

func look(ctx context.Context, c apdu.Card, now time.Time) (h Holding, err error) {
	s, err := jpki.ReadStatus(ctx, c)
	if err != nil {
		return h, err
	}
	switch s.Phase {
	case jpki.Empty:
		return h, nil
	case jpki.Ordered:
		h.State = Pending
		return h, nil
	}
	end, err := gp.Send(ctx, c, jpki.GetData{Tag: jpki.TagAuthValidity}, func(b []byte) ([jpki.ValidityLen]byte, error) {
		return jpki.DecodeValidity(b, jpki.TagAuthValidity)
	})
	if err != nil {
		return h, err
	}
	if h.NotAfter, err = time.Parse("20060102150405Z", string(end[:])); err != nil {
		return h, fault.Wrap(fault.SIMUnread, "end of validity", err)
	}
	h.Soon = now.Add(WarnBefore).After(h.NotAfter)
	if h.Tries, err = jpki.Tries(ctx, c, jpki.EFAuthPIN.Reference()); err != nil {
		return h, err
	}
	switch {
	case s.Phase == jpki.Suspended:
		h.State = OnHold
	case now.After(h.NotAfter):
		h.State = Expired
	case s.Flags&jpki.AuthPINSet == 0:
		h.State = NeedsPIN
	case h.Tries == 0:
		h.State = Locked
	default:
		h.State = Ready
	}
	return h, nil
}

// Action is what the holder wants to do.
type Action byte

// Actions.
const (
	Apply Action = iota
	SetPIN
	Login
	Touch
	ChangePIN
	ResetPIN
	LiftHold
	TransferHere // to this SIM, from another one
	Dispose
)

// Actions are all actions.
func Actions() []Action {
	return []Action{Apply, SetPIN, Login, Touch, ChangePIN, ResetPIN, LiftHold, TransferHere, Dispose}
}

// String is the action in words.
func (a Action) String() string {
	if a > Dispose {
		return "unknown action"
	}
	return [...]string{"apply", "set the first PIN", "log in", "touch", "change the PIN", "reset the PIN", "lift the hold", "transfer here", "dispose"}[a]
}

// allowed is the table of spec/HANDSET.md, section "UI app".
var allowed = map[Action][]State{
	Apply:        {Absent, Expired},
	SetPIN:       {NeedsPIN, Ready, Locked},
	Login:        {Ready},
	Touch:        {Ready},
	ChangePIN:    {Ready},
	ResetPIN:     {NeedsPIN, Ready, Locked},
	LiftHold:     {OnHold},
	TransferHere: {Absent, Expired},
	Dispose:      {Pending, NeedsPIN, Ready, Locked, OnHold, Expired},
}

// Allows tells why an action is not for what the SIM holds; nil: it is.
// Spec: SPEC-HANDSET-101.
func (h *Holding) Allows(a Action) error {
	for _, s := range allowed[a] {
		if s == h.State {
			return nil
		}
	}
	if h.Denied && h.State == Absent {
		return fault.New(fault.AccessDenied, a.String())
	}
	code := fault.NotNow
	switch h.State {
	case Absent:
		code = fault.NotIssued
	case Locked:
		code = fault.PINBlocked
	case OnHold:
		code = fault.Suspended
	case Expired:
		code = fault.CertificateExpired
	}
	return fault.New(code, a.String()+" while "+h.State.String())
}

// require looks, and refuses an action that is not for what it sees. What the service has
// not heard it is told before.
func (a *App) require(ctx context.Context, now time.Time, action Action) (Holding, error) {
	if a.task.step == Idle {
		_ = a.Report(ctx) // else at the next action
	}
	h, err := a.Look(ctx, now)
	if err == nil {
		err = h.Allows(action)
	}
	return h, err
}

// PINError is a PIN that was wrong. It is fault.PINWrong, or PINBlocked without tries.
type PINError struct{ Tries int }

// Error says how many tries are left.
func (e *PINError) Error() string { return e.fault().Error() }

// Unwrap is the fault.
func (e *PINError) Unwrap() error { return e.fault() }

func (e *PINError) fault() *fault.Error {
	if e.Tries == 0 {
		return fault.New(fault.PINBlocked, "")
	}
	return fault.New(fault.PINWrong, "")
}

// verify sends the PIN once.
func verify(ctx context.Context, c apdu.Card, pin []byte) error {
	if !jpki.ValidPIN(jpki.Auth, pin) {
		return fault.New(fault.PINForm, "")
	}
	_, err := gp.Exchange(ctx, c, jpki.Verify{PIN: jpki.EFAuthPIN.Reference(), Value: pin}, nil)
	return pinFault(err)
}

// pinFault is what a card's answer about a PIN or its code means.
func pinFault(err error) error {
	sw := iso7816.SW(0)
	if !errors.As(err, &sw) {
		return err
	}
	if n, ok := sw.Tries(); ok {
		return &PINError{n}
	}
	switch sw {
	case iso7816.ReferenceDataNotUsable, iso7816.AuthenticationBlocked:
		return &PINError{0}
	case iso7816.ConditionsNotSatisfied:
		return fault.Wrap(fault.Suspended, "", sw)
	case iso7816.WrongData, iso7816.WrongLength:
		return fault.Wrap(fault.PINForm, "", sw)
	}
	return err
}
