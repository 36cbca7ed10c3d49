package record

import "encoding/hex"

// IDLen is the length of every identifier in bytes.
const IDLen = 16

// Identifiers are opaque: 16 random bytes, printed as hex. All zeros is none.
type (
	// PersonID names a person to the registry; it is no My Number.
	PersonID [IDLen]byte
	// CardID names a My Number Card.
	CardID [IDLen]byte
	// PhoneID names a service instance: one application on one SIM, from its
	// issue to its erasure.
	PhoneID [IDLen]byte
	// ApplicationID names what an applicant has signed and asked for.
	ApplicationID [IDLen]byte
	// OrderID names an order to an applet (perso.Order.ID).
	OrderID [IDLen]byte
	// SIM identifies a SIM as orders do; a shorter identifier is padded with 00.
	SIM [IDLen]byte
)

func (id PersonID) String() string      { return hex.EncodeToString(id[:]) }
func (id CardID) String() string        { return hex.EncodeToString(id[:]) }
func (id PhoneID) String() string       { return hex.EncodeToString(id[:]) }
func (id ApplicationID) String() string { return hex.EncodeToString(id[:]) }
func (id OrderID) String() string       { return hex.EncodeToString(id[:]) }
func (id SIM) String() string           { return hex.EncodeToString(id[:]) }

// Hash is a SHA-256.
type Hash [32]byte

// String is the hash as hex.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }
