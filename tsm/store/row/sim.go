package row

import (
	"errors"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store/codec"
)

// SIMState is what a SIM is to its carrier.
type SIMState byte

// States of a SIM. Retired is the end: replaced, lost or disposed of.
const (
	SIMStock SIMState = iota + 1
	SIMActive
	SIMBlocked
	SIMRetired
)

// SIM is one SIM of a carrier's inventory.
type SIM struct {
	SE          tsmp.SEID
	ICCID       string       // 18 to 20 digits
	Profile     string       // kind of card
	Subscriber  SubscriberID // zero: none
	Device      string       // IMEI of the device it was last seen in; may be empty
	State       SIMState
	Keys        []Key  // of issuer domain and over the air; none: diversified from a master key
	Counter     uint64 // last SCP80 counter used: only rises
	NonVolatile uint64 // bytes free, as the card said last
	Volatile    uint64
	MemoryAt    time.Time // when it said so; zero: never
	Content     []byte    // what the caller keeps with it; no key
}

// Format implements codec.Row.
func (*SIM) Format() string { return "SIM row" }

// Version implements codec.Row.
func (*SIM) Version() byte { return 1 }

// Fields implements codec.Row.
func (s *SIM) Fields(f *codec.Fields) {
	f.Raw("SE", s.SE[:])
	codec.Text(f, "ICCID", &s.ICCID)
	codec.Text(f, "profile", &s.Profile)
	f.Raw("subscriber", s.Subscriber[:])
	codec.Text(f, "device", &s.Device)
	codec.Enum(f, "state", &s.State, SIMStock, SIMRetired)
	codec.List(f, "keys", &s.Keys, func(f *codec.Fields, k *Key) { k.fields(f) })
	f.Uint64("counter", &s.Counter)
	f.Uint64("non-volatile", &s.NonVolatile)
	f.Uint64("volatile", &s.Volatile)
	f.Time("memory at", &s.MemoryAt)
	f.Bytes("content", &s.Content)
}

// Valid checks what holds of every SIM.
func (s *SIM) Valid() error {
	if err := errors.Join(digits("ICCID", s.ICCID, 18, 20), name("profile", s.Profile), keysValid(s.Keys)); err != nil {
		return err
	}
	switch {
	case s.SE == tsmp.SEID{}:
		return errors.New("SIM without SE identifier")
	case s.State == SIMActive && s.Subscriber == SubscriberID{}:
		return errors.New("SIM that is active without a subscriber")
	case (s.State == SIMStock || s.State == SIMRetired) && s.Subscriber != SubscriberID{}:
		return errors.New("SIM that has a subscriber though it is in stock or retired")
	case s.Device != "":
		return digits("IMEI", s.Device, 14, 16)
	}
	return nil
}
