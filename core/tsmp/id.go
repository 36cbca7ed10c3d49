package tsmp

import "inkan/core/entropy"

// CallID is a function call identifier: it names one execution of one function
// for its sender, for ever.
type CallID [16]byte

// ApplicationID names an application that the authority verified.
type ApplicationID [16]byte

// PhoneID is the authority's name of a service instance: one application of one
// applicant on one SIM, and what was issued for it.
type PhoneID [16]byte

// Pseudonym is what the SP-TSM has of a person: the same for each application of
// the same person, and nothing else can be told from it.
type Pseudonym [16]byte

// PersonID names a person of the resident register to the municipality and the
// help desk, and to nobody else.
type PersonID [16]byte

// CardID names a My Number Card to the municipality and the help desk, and to
// nobody else.
type CardID [16]byte

// NewCallID draws an identifier.
func NewCallID(source entropy.Source) (id CallID) {
	source.Fill(id[:])
	return id
}

// String is the identifier in hex.
func (id CallID) String() string { return hexText(id[:]) }

// String is the identifier in hex.
func (id ApplicationID) String() string { return hexText(id[:]) }

// String is the identifier in hex.
func (id PhoneID) String() string { return hexText(id[:]) }

// String is the identifier in hex.
func (id PersonID) String() string { return hexText(id[:]) }

// String is the identifier in hex.
func (id CardID) String() string { return hexText(id[:]) }

// String is the pseudonym in hex.
func (id Pseudonym) String() string { return hexText(id[:]) }

const upperHex = "0123456789ABCDEF"

// hexText is upper-case hex.
func hexText(b []byte) string {
	var room [128]byte
	out := room[:0]
	for _, c := range b {
		out = append(out, upperHex[c>>4], upperHex[c&15])
	}
	return string(out)
}
