package row

import (
	"errors"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store/codec"
)

// SubscriberState is where a contract is.
type SubscriberState byte

// States of a contract.
const (
	SubscriberActive SubscriberState = iota + 1
	SubscriberSuspended
	SubscriberEnded
)

// Subscriber is one contract of a carrier. When it has ended, its number and SIM
// may belong to another one, which inherits nothing.
type Subscriber struct {
	ID      SubscriberID
	MSISDN  string // 6 to 15 digits
	IMSI    string // 6 to 15 digits
	SE      tsmp.SEID
	State   SubscriberState
	Since   time.Time // of the state
	Content []byte    // contract holder and permitted users, in the carrier's own form
}

// Format implements codec.Row.
func (*Subscriber) Format() string { return "subscriber row" }

// Version implements codec.Row.
func (*Subscriber) Version() byte { return 1 }

// Fields implements codec.Row.
func (s *Subscriber) Fields(f *codec.Fields) {
	f.Raw("ID", s.ID[:])
	codec.Text(f, "MSISDN", &s.MSISDN)
	codec.Text(f, "IMSI", &s.IMSI)
	f.Raw("SE", s.SE[:])
	codec.Enum(f, "state", &s.State, SubscriberActive, SubscriberEnded)
	f.Time("since", &s.Since)
	f.Bytes("content", &s.Content)
}

// Valid checks what holds of every subscriber.
func (s *Subscriber) Valid() error {
	switch {
	case s.ID == SubscriberID{}:
		return errors.New("subscriber without ID")
	case s.Since.IsZero():
		return errors.New("subscriber without the time of its state")
	}
	return errors.Join(digits("MSISDN", s.MSISDN, 6, 15), digits("IMSI", s.IMSI, 6, 15))
}

// Pseudonym is the name that one SP-TSM has of a contract.
type Pseudonym struct {
	Pseudonym  tsmp.Subscriber
	Provider   tsmp.PartyID // the SP-TSM
	Subscriber SubscriberID
	Ended      bool // with the contract, for ever
}

// Format implements codec.Row.
func (*Pseudonym) Format() string { return "pseudonym row" }

// Version implements codec.Row.
func (*Pseudonym) Version() byte { return 1 }

// Fields implements codec.Row.
func (p *Pseudonym) Fields(f *codec.Fields) {
	f.Raw("pseudonym", p.Pseudonym[:])
	codec.Text(f, "provider", &p.Provider)
	f.Raw("subscriber", p.Subscriber[:])
	f.Bool("ended", &p.Ended)
}

// Valid checks what holds of every pseudonym.
func (p *Pseudonym) Valid() error {
	if p.Pseudonym == (tsmp.Subscriber{}) || p.Subscriber == (SubscriberID{}) {
		return errors.New("pseudonym without itself or subscriber")
	}
	return party("provider", p.Provider)
}
