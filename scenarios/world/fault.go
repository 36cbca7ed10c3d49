package world

import (
	"errors"

	"inkan/core/observe"
	"inkan/core/tsmp"
	phone "inkan/sim/handset"
)

// Fault is what a plan does to a message.
type Fault byte

// Faults.
const (
	None         Fault = iota
	LoseRequest        // it does not arrive
	LoseAnswer         // it is carried out, and nobody hears of it
	Double             // it arrives twice
	KillBefore         // the recipient's process dies before it takes it
	KillAfter          // the recipient's process dies when it has answered, and the answer is lost
	KillSender         // the sender's process dies before the message is on its way
	KillAnswered       // the sender's process dies when the answer has come, before it has looked at it
	Forge              // a byte of it is another one
	Late               // it takes its time
)

// String is the fault in words.
func (f Fault) String() string {
	if int(f) >= len(faultNames) {
		return "unknown fault"
	}
	return faultNames[f]
}

var faultNames = [...]string{"", "request lost", "answer lost", "doubled", "recipient killed before", "recipient killed after",
	"sender killed before", "sender killed after", "forged", "late"}

// Plan decides what goes wrong. The zero value: nothing.
type Plan struct {
	// Message is asked about each message before it is sent; nil: none.
	Message func(m *Message) Fault
	// SMS is asked about each short message from or to a carrier; LoseRequest,
	// Double, Forge and Late are done. nil: none.
	SMS func(s *SMS) Fault
	// Turn is asked before each turn of a server: its process dies when it says so. nil: none.
	Turn func(party tsmp.PartyID) bool
	// APDU hears of each command that a card has carried out, by the card's name; nil:
	// nobody does.
	APDU func(card string, e *observe.APDUEvent)
}

// Message is a signed call that is about to be sent.
type Message struct {
	From, To tsmp.PartyID
	Function tsmp.Function
	Request  []byte // signed
}

// SMS is a short message between a carrier and a SIM.
type SMS struct {
	Carrier string // name of the profile
	ICCID   phone.ICCID
	Down    bool   // to the phone
	TPDU    []byte // nil: the network has given up
}

// Errors of messages.
var (
	errLost = errors.New("world: no answer came")
	errDead = errors.New("world: the process is dead")
)

// IsLost reports whether an error says that a message got no answer.
func IsLost(err error) bool { return errors.Is(err, errLost) || errors.Is(err, errDead) }
