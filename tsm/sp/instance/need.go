package instance

import (
	"context"
	"fmt"
	"time"

	"inkan/core/jpki/application"
	"inkan/core/scp/confidential/casd"
	"inkan/core/tsmp"
	"inkan/tsm/hsm"
	"inkan/tsm/remote"
	"inkan/tsm/store/codec"
)

// Program is something that is done on a card in several steps. It is a value without
// keys: Append writes it, Parse reads it, and the same state needs the same. Take and
// Answer leave it as it was when they fail. Not for concurrent use.
type Program interface {
	codec.Row
	// Need is what has to come next. It changes nothing: asked again it says the same.
	// Spec: SPEC-INSTANCE-001.
	Need() (Need, error)
	// Take takes what came of Need's commands, or of its action. An error that the card
	// caused is a *RefusedError, a *wire.DecodeError or one of the Err values.
	Take(ctx context.Context, o Outcome) error
	// Answer takes the answer to Need's call.
	Answer(ctx context.Context, b tsmp.Body) error
	// Stage is where it is, in the words of the spec's tables, for the audit trail:
	// "order", "deliver", "done".
	Stage() string
}

// NeedKind is what a program needs.
type NeedKind byte

// Kinds of need.
const (
	NeedNothing  NeedKind = iota // the program has ended as it should
	NeedCommands                 // Commands to the provider's domain; Take
	NeedCall                     // Request to the certificate authority or the MNO-TSM; Answer
	NeedAction                   // Request to the MNO-TSM, whose answer only says that it was accepted; at the action's end Take
	NeedHolder                   // the holder's signed application over Order; Answer has its VerifyApplicationAnswer
)

var needNames = [...]string{"nothing", "commands", "call", "action", "holder"}

// String is the kind in one word.
func (k NeedKind) String() string {
	if int(k) < len(needNames) {
		return needNames[k]
	}
	return fmt.Sprintf("need %d", byte(k))
}

// Need is what a program needs next.
type Need struct {
	Kind NeedKind

	// Commands of NeedCommands, in this order and until one fails: for remote.New.
	Commands []remote.Command

	// Function and Request of NeedCall and NeedAction. To says whose function it is.
	To       tsmp.Role
	Function tsmp.Function
	Request  tsmp.Body

	// Order of NeedHolder: what the holder's application says of order and challenge.
	Order application.OrderProof
}

// Outcome is what became of commands.
type Outcome struct {
	// Responses of the first commands, data‖SW; the last of them may be a refusal.
	Responses [][]byte
	// Unknown: whether the card has executed more than those is not known. Without it
	// fewer responses than commands end with a refusal.
	Unknown bool
}

// Resources are what programs use and do not keep. What a program has no use for may
// be left out.
type Resources struct {
	HSM      hsm.Module   // of a TakeOver
	Makers   []casd.Maker // whose controlling authorities a TakeOver believes
	Now      time.Time    // at which their certificates have to be in force
	LoadFile []byte       // of a Management that loads: DAP blocks and load file data block, as LOAD carries them
}
