package ca

import (
	"context"
	"errors"

	"inkan/ca/registry"
	"inkan/core/tsmp"
)

// codes say which code of the protocol tells a refusal of the registry.
// Spec: SPEC-CA-012.
var codes = map[registry.Code]tsmp.Code{
	registry.UnknownPerson:       tsmp.CodePersonNotEligible,
	registry.UnknownCard:         tsmp.CodePersonNotEligible,
	registry.UnknownPhone:        tsmp.CodeUnknownPhone,
	registry.UnknownCertificate:  tsmp.CodeSignerUnknown,
	registry.UnknownApplication:  tsmp.CodeUnknownApplication,
	registry.UnknownOrder:        tsmp.CodeUnknownOrder,
	registry.TooYoung:            tsmp.CodePersonNotEligible,
	registry.WardOfCourt:         tsmp.CodePersonNotEligible,
	registry.NotResident:         tsmp.CodePersonNotEligible,
	registry.OtherMunicipality:   tsmp.CodeNotAuthorised,
	registry.CardNotInForce:      tsmp.CodePersonNotEligible,
	registry.CardOnHold:          tsmp.CodeSignerSuspended,
	registry.SignatureNotValid:   tsmp.CodeSignerRevoked,
	registry.NoAuthentication:    tsmp.CodePersonNotEligible,
	registry.HolderChanged:       tsmp.CodePersonChanged,
	registry.Stale:               tsmp.CodeApplicationStale,
	registry.NonceUsed:           tsmp.CodeApplicationReplayed,
	registry.ApplicationClosed:   tsmp.CodeApplicationUsed,
	registry.OrderClosed:         tsmp.CodeOrderClosed,
	registry.OrderExpired:        tsmp.CodeOrderExpired,
	registry.WrongSIM:            tsmp.CodeSIMMismatch,
	registry.WrongHolder:         tsmp.CodeWrongHolder,
	registry.WrongPurpose:        tsmp.CodeApplicationPurpose,
	registry.TooManyResets:       tsmp.CodeRateLimited,
	registry.TooManyOrders:       tsmp.CodeRateLimited,
	registry.CounterExhausted:    tsmp.CodeCounterExhausted,
	registry.KeyKnown:            tsmp.CodeModulus,
	registry.ReservationEnded:    tsmp.CodeOrderClosed,
	registry.NothingLeftOfTerm:   tsmp.CodePersonNotEligible,
	registry.NotPending:          tsmp.CodeWrongState,
	registry.NotActive:           tsmp.CodeWrongState,
	registry.NotSuspended:        tsmp.CodeWrongState,
	registry.AlreadyRevoked:      tsmp.CodeWrongState,
	registry.CertificateExpired:  tsmp.CodeWrongState,
	registry.ReasonNotAdmitted:   tsmp.CodeGround,
	registry.DifferentRequest:    tsmp.CodeConflict,
	registry.ErasureNotRequested: tsmp.CodeWrongState,
}

// refused turns a refusal of the registry into the protocol's; any other error
// stays as it is, and the sender learns nothing of it.
func refused(err error) error {
	var r *registry.Refusal
	if errors.As(err, &r) {
		if code, ok := codes[r.Code]; ok {
			return told(r, code)
		}
	}
	return err
}

// told is a refusal of the registry as the protocol says it.
func told(r *registry.Refusal, code tsmp.Code) error {
	e := tsmp.Refuse(code, string(r.Code))
	if r.Act == "" { // of somebody who only looked something up
		return e
	}
	return entered{e}
}

// entered is a refusal that the registry has in its journal.
type entered struct{ refusal *tsmp.Error }

// Error is the refusal's.
func (e entered) Error() string { return e.refusal.Error() }

// Unwrap is the refusal.
func (e entered) Unwrap() error { return e.refusal }

// NoteRefusal journals a refusal that the registry has had no part in: who asked for
// what, in which call, and the code. What the request said is not kept.
// Spec: SPEC-CA-018, SPEC-CA-019.
func (a *Authority) NoteRefusal(ctx context.Context, call *tsmp.Call, e *tsmp.Error) error {
	name := string(call.Function)
	if _, known := tsmp.Lookup(call.Function); !known {
		name = "unknown function"
	}
	cause := a.cause(call)
	cause.Evidence = nil
	if call.Role&(tsmp.RoleSPTSM|tsmp.RoleHelpDesk|tsmp.RoleMunicipality) == 0 {
		cause.Actor = registry.Actor(call.Role.String())
	}
	return a.config.Registry.NoteRefusal(ctx, name, string(e.Code), cause)
}

// municipalCodes say it to who may know persons and cards; what is not here is
// told as to everybody.
var municipalCodes = map[registry.Code]tsmp.Code{
	registry.UnknownPerson:     tsmp.CodeUnknownPerson,
	registry.UnknownCard:       tsmp.CodeUnknownCard,
	registry.NotResident:       tsmp.CodeNotResident,
	registry.CardNotInForce:    tsmp.CodeCardNotInForce,
	registry.CardOnHold:        tsmp.CodeCardOnHold,
	registry.NothingLeftOfTerm: tsmp.CodeTermOver,
}

// refusedDesk is refused towards a municipality or the help desk.
func refusedDesk(err error) error {
	var r *registry.Refusal
	if errors.As(err, &r) {
		if code, ok := municipalCodes[r.Code]; ok {
			return told(r, code)
		}
	}
	if errors.Is(err, ErrCSR) {
		return tsmp.Refuse(tsmp.CodeCertificateRequest, "")
	}
	return refused(err)
}
