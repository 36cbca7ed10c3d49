package ocsp

import "fmt"

// ResponseStatus is OCSPResponseStatus (RFC 6960 §4.2.1).
type ResponseStatus uint8

// The response statuses.
const (
	Successful       ResponseStatus = 0
	MalformedRequest ResponseStatus = 1
	InternalError    ResponseStatus = 2
	TryLater         ResponseStatus = 3
	SigRequired      ResponseStatus = 5 // never given here
	Unauthorized     ResponseStatus = 6
)

// String is the name of RFC 6960.
func (s ResponseStatus) String() string {
	switch s {
	case Successful:
		return "successful"
	case MalformedRequest:
		return "malformedRequest"
	case InternalError:
		return "internalError"
	case TryLater:
		return "tryLater"
	case SigRequired:
		return "sigRequired"
	case Unauthorized:
		return "unauthorized"
	}
	return fmt.Sprintf("ResponseStatus(%d)", uint8(s))
}

// appendError appends a response without answer. Nobody signs it.
func appendError(dst []byte, s ResponseStatus) []byte {
	return append(dst, 0x30, 3, 0x0A, 1, byte(s))
}
