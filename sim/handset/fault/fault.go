// Package fault is what can go wrong in a handset, as stable codes: one code for
// each failure that a holder can do something about.
//
// It must not know what a person is told about a code, nor any card status: the UI
// app does. It implements spec/HANDSET.md, section "Faults".
package fault

import "slices"

// Code names one kind of failure. It is stable, and may be shown to the holder and
// told to a help desk.
type Code string

// Faults of the SIM.
const (
	SIMSilent  Code = "HS-101" // no card, or it does not answer
	SIMRefused Code = "HS-102" // the device is locked to other networks
	PINNeeded  Code = "HS-103" // the SIM wants its PIN 1
	SIMUnread  Code = "HS-104" // what identifies the SIM cannot be read
	SIMChanged Code = "HS-105" // another SIM than before
)

// Faults of the bearers.
const (
	SwitchedOff   Code = "HS-201"
	NoCoverage    Code = "HS-202"
	NoConnection  Code = "HS-203" // neither mobile data nor Wi-Fi
	UnknownNumber Code = "HS-204" // the network has no such subscriber
	Interrupted   Code = "HS-205" // the connection ended in the middle
)

// Faults of the way to applications of the SIM.
const (
	NoOMAPI       Code = "HS-301" // the device offers no access to the SIM
	AccessDenied  Code = "HS-302" // no rule allows it
	NoChannel     Code = "HS-303" // all logical channels are in use
	NoApplication Code = "HS-304" // the SIM has no such application
	Forbidden     Code = "HS-305" // a command that the handset keeps for itself
	Closed        Code = "HS-306" // the channel, session or service is closed
	BasicChannel  Code = "HS-307" // the basic channel is the modem's, or in use
	RulesUnread   Code = "HS-308" // there are rules, and they cannot be read
	WrongArgument Code = "HS-309" // what an application of the device asked for is malformed
)

// Faults of the contactless interface.
const (
	NoNFC        Code = "HS-401" // the device has none
	NFCOff       Code = "HS-402" // it is switched off, or the holder has not acted
	ScreenRule   Code = "HS-403" // the screen has to be on, or unlocked
	FieldBusy    Code = "HS-404" // a reader is being served
	NoTechnology Code = "HS-405" // the device does not speak the reader's type
	FieldLost    Code = "HS-406" // the reader has gone
)

// Faults of the UI app.
const (
	NotNow             Code = "HS-501" // the state does not have that action
	CodeMismatch       Code = "HS-502" // the one-time code is not the one shown
	WrongOrigin        Code = "HS-503" // a request of another origin than it says
	RequestMalformed   Code = "HS-504"
	RequestExpired     Code = "HS-505"
	PINForm            Code = "HS-506" // not four digits
	PINWrong           Code = "HS-507"
	PINBlocked         Code = "HS-508"
	CertificateExpired Code = "HS-509"
	CardUnread         Code = "HS-510" // the My Number Card was not found or went away
	CardPINWrong       Code = "HS-511"
	CardPINBlocked     Code = "HS-512"
	ReplyRefused       Code = "HS-513" // the sealed reply is of another application
	DeviceUnsupported  Code = "HS-514"
	Cancelled          Code = "HS-515" // by the holder
	Suspended          Code = "HS-516"
	NotIssued          Code = "HS-517" // the SIM holds no certificate
	ServerUnreached    Code = "HS-518" // no answer of the service
	CardPINLastTry     Code = "HS-519" // a single try of the card's PIN is left
)

var codes = []Code{
	SIMSilent, SIMRefused, PINNeeded, SIMUnread, SIMChanged,
	SwitchedOff, NoCoverage, NoConnection, UnknownNumber, Interrupted,
	NoOMAPI, AccessDenied, NoChannel, NoApplication, Forbidden, Closed, BasicChannel, RulesUnread, WrongArgument,
	NoNFC, NFCOff, ScreenRule, FieldBusy, NoTechnology, FieldLost,
	NotNow, CodeMismatch, WrongOrigin, RequestMalformed, RequestExpired, PINForm, PINWrong, PINBlocked,
	CertificateExpired, CardUnread, CardPINWrong, CardPINBlocked, ReplyRefused, DeviceUnsupported, Cancelled,
	Suspended, NotIssued, ServerUnreached, CardPINLastTry,
}

// Codes are all codes, in the order of the specification.
func Codes() []Code { return slices.Clone(codes) }

// Error is a failure with its code. Detail is for a log: no PIN, no code, no
// personal data.
type Error struct {
	Code   Code
	Detail string
	Cause  error // may be nil
}

// New makes an error without cause.
func New(code Code, detail string) *Error { return &Error{Code: code, Detail: detail} }

// Wrap makes an error with its cause.
func Wrap(code Code, detail string, cause error) *Error {
	return &Error{Code: code, Detail: detail, Cause: cause}
}

// Error has the form "HS-302: no rule for D392…: cause".
func (e *Error) Error() string {
	s := string(e.Code)
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is compares codes, so that errors.Is(err, fault.Code…) works with New(code, "").
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Detail == "" && t.Cause == nil
}
