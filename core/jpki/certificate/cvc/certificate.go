package cvc

import (
	"crypto/rsa"
	"fmt"
	"regexp"
	"strings"

	"inkan/core/jpki/certificate"
)

// Certificate is a card-verifiable certificate.
type Certificate struct {
	Authority Reference // whose key signs: the CHR there
	Holder    Reference
	PublicKey *rsa.PublicKey
	Role      Role
	Purposes  Purposes
	Effective certificate.Date // the first day, in JST
	Expires   certificate.Date // the last day
	// Body is 7F4E as it was read, Signature its signature; Append makes both.
	Body      []byte
	Signature []byte
}

// Reference names a key: country, mnemonic and sequence number, "JPINKANT00001".
type Reference string

var reference = regexp.MustCompile(`^[A-Z]{2}[0-9A-Z]{2,9}[0-9]{5}$`)

// Valid reports whether a reference has its form.
func (r Reference) Valid() bool { return reference.MatchString(string(r)) }

// Role is what a certified key is for.
type Role byte

// The roles, as they stand in b8 and b7 of the authorisation.
const (
	Terminal   Role = 0x00 // may ask for an authentication
	TerminalCA Role = 0xC0 // signs certificates of terminals
)

const roleMask = 0xC0

// String is the role in words.
func (r Role) String() string {
	switch r {
	case Terminal:
		return "terminal"
	case TerminalCA:
		return "terminal CA"
	}
	return fmt.Sprintf("Role(%02X)", byte(r))
}

// Purposes are what a terminal may ask an authentication without PIN for.
type Purposes byte

// The purposes.
const (
	InsuranceDesk    Purposes = 1 << iota // health insurance: is the holder insured
	MunicipalCounter                      // services of a municipality to who is present
	Admission                             // entry to a place or an event

	AllPurposes = InsuranceDesk | MunicipalCounter | Admission
)

// Has reports whether all of want are among the purposes.
func (p Purposes) Has(want Purposes) bool { return p&want == want }

// String lists the purposes, joined by "+"; "none" when there are none.
func (p Purposes) String() string {
	var names []string
	for _, one := range []struct {
		purpose Purposes
		name    string
	}{{InsuranceDesk, "insurance desk"}, {MunicipalCounter, "municipal counter"}, {Admission, "admission"}} {
		if p.Has(one.purpose) {
			names = append(names, one.name)
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, "+")
}
