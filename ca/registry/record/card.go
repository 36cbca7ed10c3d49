package record

import "time"

// CardState is where a My Number Card is in its life. The zero value is none.
type CardState uint8

// The states of a card. A held card's certificates are suspended; an ended card
// never comes back.
const (
	CardInForce CardState = iota + 1
	CardHeld
	CardLost
	CardReplaced
	CardEnded // its holder has died or emigrated
)

// Card is a My Number Card.
type Card struct {
	ID       CardID
	Person   PersonID
	NotAfter time.Time // of the card itself
	State    CardState
	Since    time.Time
	// Signature and Authentication are the serials of the last certificates of each
	// kind that were issued for the card; 0 is none.
	Signature, Authentication uint64
	Replaces                  CardID // the card in whose place it was issued
}

func (*Card) format() string { return "registry card" }

func (c *Card) fields(f *fields) {
	f.raw("ID", c.ID[:])
	f.raw("person", c.Person[:])
	f.time("not after", &c.NotAfter)
	enum(f, "state", &c.State, CardInForce, CardEnded)
	f.time("since", &c.Since)
	f.uint64("signature", &c.Signature)
	f.uint64("authentication", &c.Authentication)
	f.raw("replaces", c.Replaces[:])
}

// Erasure is whether the application of a phone is to be erased. The zero value
// is none.
type Erasure uint8

// Erasure is due when the phone's certificate has been revoked, and done by the
// card's receipt.
const (
	ErasureNotDue Erasure = iota + 1
	ErasureDue
	ErasureDone
)

// Phone is a service instance.
type Phone struct {
	ID      PhoneID
	Person  PersonID
	Sender  string // the service manager whose service instance it is
	SIM     SIM
	Since   time.Time
	Erasure Erasure
	Erased  time.Time // when the receipt came
	// Resets are the orders for PIN reset since ResetsFrom, Reset the last one.
	ResetsFrom time.Time
	Resets     uint32
	Reset      OrderID
}

func (*Phone) format() string { return "registry phone" }

func (p *Phone) fields(f *fields) {
	f.raw("ID", p.ID[:])
	f.raw("person", p.Person[:])
	f.text("sender", &p.Sender)
	f.raw("SIM", p.SIM[:])
	f.time("since", &p.Since)
	enum(f, "erasure", &p.Erasure, ErasureNotDue, ErasureDone)
	f.time("erased", &p.Erased)
	f.time("resets from", &p.ResetsFrom)
	f.uint32("resets", &p.Resets)
	f.raw("reset", p.Reset[:])
}
