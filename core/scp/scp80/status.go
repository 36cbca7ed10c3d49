package scp80

import "fmt"

// Status is the response status code of a proof of receipt (ETSI TS 102 225
// §5.2, 3GPP TS 31.115 §7). It is an error when it is not StatusOK.
type Status byte

// Response status codes.
const (
	StatusOK                   Status = 0x00
	StatusCheckFailed          Status = 0x01 // RC/CC/DS failed
	StatusCounterLow           Status = 0x02
	StatusCounterHigh          Status = 0x03
	StatusCounterBlocked       Status = 0x04
	StatusCipheringError       Status = 0x05
	StatusSecurityError        Status = 0x06 // unidentified security error
	StatusInsufficientMemory   Status = 0x07
	StatusMoreTime             Status = 0x08
	StatusTARUnknown           Status = 0x09
	StatusInsufficientSecurity Status = 0x0A
	StatusSubmitFollows        Status = 0x0B // the response data comes by SMS-SUBMIT
	StatusUSSDFollows          Status = 0x0C // the response data comes by USSD
)

var statusMeanings = [...]string{
	"PoR OK", "RC/CC/DS failed", "CNTR low", "CNTR high", "CNTR blocked", "ciphering error",
	"unidentified security error", "insufficient memory", "more time needed", "TAR unknown",
	"insufficient security level", "response follows by SMS-SUBMIT", "response follows by USSD",
}

// Meaning is the standard's wording in short, or "" for a reserved code.
func (s Status) Meaning() string {
	if int(s) < len(statusMeanings) {
		return statusMeanings[s]
	}
	return ""
}

// Error has the form "scp80: response status 02 (CNTR low)".
func (s Status) Error() string {
	return fmt.Sprintf("scp80: response status %02X (%s)", byte(s), s.Meaning())
}

// Err is nil for StatusOK, StatusSubmitFollows and StatusUSSDFollows, else the
// status itself.
func (s Status) Err() error {
	switch s {
	case StatusOK, StatusSubmitFollows, StatusUSSDFollows:
		return nil
	}
	return s
}
