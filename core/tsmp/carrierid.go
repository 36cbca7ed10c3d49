package tsmp

import "fmt"

// SEID is the identifier of a SIM as in the order of spec/PERSO.md: what the card
// itself answers, padded with zeros.
type SEID [16]byte

// Subscriber is what an SP-TSM has of a mobile subscription: a pseudonym that the
// MNO-TSM draws for that SP-TSM. It ends with the contract; neither a telephone
// number nor a SIM brings it back. Spec: SPEC-TSM-PROTOCOL-081.
type Subscriber [16]byte

// ServiceReference is a service instance between SP-TSM and MNO-TSM. The SP-TSM
// draws it; it is not the authority's PhoneID.
type ServiceReference [16]byte

// ConversationID names a conversation of its MNO-TSM.
type ConversationID [16]byte

// String is the identifier in hex.
func (id SEID) String() string { return hexText(id[:]) }

// String is the pseudonym in hex.
func (id Subscriber) String() string { return hexText(id[:]) }

// String is the identifier in hex.
func (id ServiceReference) String() string { return hexText(id[:]) }

// String is the identifier in hex.
func (id ConversationID) String() string { return hexText(id[:]) }

// Ticket is a secret that opens one relay channel to whoever has it.
type Ticket [32]byte

// Format prints no secret, whatever the verb.
func (Ticket) Format(s fmt.State, _ rune) { fmt.Fprint(s, "ticket") }

// MarshalText is what Format prints.
func (t Ticket) MarshalText() ([]byte, error) { return fmt.Append(nil, t), nil }

// visitReference names the instance that a request is about.
func visitReference(m *members, p *ServiceReference) { m.id("serviceInstanceReference", p[:]) }

func (m *members) aid(name string, p *[]byte) { m.hex(name, p, 5, 16) }
