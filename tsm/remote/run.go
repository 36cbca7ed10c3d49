package remote

import (
	"errors"
	"fmt"

	"inkan/core/iso7816"
	"inkan/core/scp/scp80"
	"inkan/core/tsmp"
	"inkan/tsm/hsm"
)

// State is where a run is.
type State byte

// States.
const (
	Running     State = iota + 1
	Done              // all commands were executed
	Refused           // the card refused one: Outcome says which, and how
	Interrupted       // what became of one is not known: Redo or Assume goes on
	Lost              // nothing gets through: the card refuses packets or sessions
)

// String is the state in one word.
func (s State) String() string {
	if s >= Running && s <= Lost {
		return [...]string{"running", "done", "refused", "interrupted", "lost"}[s-1]
	}
	return fmt.Sprintf("state %d", byte(s))
}

// Outcome is where a run is, and at which command.
type Outcome struct {
	State State
	Index int // of the command that Refused or Interrupted is about, else the next one's
	// SW of Refused; of Lost, when the card refused a session.
	SW iso7816.SW
	// Packet of Lost: what the card's proof says of a packet that it did not take.
	Packet scp80.Status
}

// Script is what is brought to the card next.
type Script struct {
	Form  tsmp.ScriptForm // FormPackets: one packet; FormCommands: commands for AID's channel
	AID   []byte          // of the domain
	Items [][]byte
}

// Answer is what came back of a script. The zero Answer: nothing did, and the card may
// or may not have had it.
type Answer struct {
	Responses [][]byte // of commands: data‖SW, until one failed
	Proofs    [][]byte // of the packet: response packets, from RPL on
	// Interrupted: the channel was lost after these responses, and whether the next
	// command was executed is not known.
	Interrupted bool
}

// Errors of Next and Take.
var (
	// ErrOnItsWay: a script of the other bearer waits for its answer.
	ErrOnItsWay = errors.New("remote: a script of the other bearer is on its way")
	// ErrNoScript: there is no script that could have been answered.
	ErrNoScript = errors.New("remote: no script is on its way")
	// ErrNotInterrupted: there is nothing to decide.
	ErrNotInterrupted = errors.New("remote: the run is not interrupted")
	// ErrBearer: the domain has no keys for the bearer.
	ErrBearer = errors.New("remote: the domain has no keys for this bearer")
)

// Run is a sequence of commands for one domain, and how far it is. It is a value
// without keys: Append writes it, Parse reads it, and the same state goes on in the
// same way. Not for concurrent use.
type Run struct {
	domain   Domain
	commands []Command
	steps    []step // of commands

	first   int // command at hand: those before it are of earlier parts of the session
	outcome Outcome
	next    int      // first command that is not known to be executed
	unknown int      // from next to here commands may have been executed
	redo    int      // from next to here commands are executed again, in doubt or not
	high    int      // how far next ever was
	answers [][]byte // data‖SW, of the commands before next
	place   place    // where the card has what a load or a sequence belongs to
	doubt   place    // by what the unknown ones were sent
	// setbacks counts what a card answered that cannot be, without progress between.
	setbacks byte

	flight  flight
	kept    flight // a packet that was silent
	asked   bool   // the card was asked instead, under the keys that kept puts
	session session
	try     int  // the command, counted from 1, whose keys open the next session; 0: the domain's
	low     byte // packets in succession that the card says it has had
	// taken are the commands, counted from 1, whose keys have taken the place of the
	// domain's for packets and for channels; 0: none.
	taken [2]int
}

// New makes a run. Nothing is sent. It fails for a domain or a command that no script
// can have. Spec: SPEC-SCRIPTS-001.
func New(d Domain, commands []Command) (*Run, error) {
	d, err := d.withDefaults()
	if err != nil {
		return nil, err
	}
	if len(commands) > MaxRun {
		return nil, fmt.Errorf("remote: %d commands: want at most %d", len(commands), MaxRun)
	}
	r := &Run{domain: d, commands: commands}
	r.outcome.State = Running
	r.steps, err = steps(commands)
	return r, err
}

// MaxRun is the most commands of a run.
const MaxRun = 4096

// Outcome is where the run is.
func (r *Run) Outcome() Outcome {
	o := r.outcome
	if o.State == Running {
		o.Index = r.next
	}
	o.Index -= r.first
	return o
}

// Responses are the answers to the commands so far, data‖SW, by command. One whose
// answer was lost, and that the registry says was done, or that a compact script gave
// no answer for, has 9000 without data. Borrowed.
func (r *Run) Responses() [][]byte { return r.answers[r.first:] }

// Redo goes on after Interrupted as if the command had not been executed.
// Spec: SPEC-SCRIPTS-036.
func (r *Run) Redo() error {
	if r.outcome.State != Interrupted {
		return ErrNotInterrupted
	}
	r.outcome = Outcome{State: Running}
	r.unknown = r.next
	return nil
}

// Assume goes on after Interrupted as if the command had been answered so, data‖SW.
// Spec: SPEC-SCRIPTS-036.
func (r *Run) Assume(response []byte) error {
	if r.outcome.State != Interrupted || len(response) < 2 {
		return ErrNotInterrupted
	}
	r.outcome = Outcome{State: Running}
	r.executed(response)
	return nil
}

// executed notes the answer to the next command.
func (r *Run) executed(answer []byte) {
	r.answers = append(r.answers, append([]byte(nil), answer...))
	if put := r.commands[r.next].Put; put != nil {
		r.supersede(put)
	}
	r.next++
	r.unknown = max(r.unknown, r.next)
	if r.next > r.high {
		r.high, r.setbacks = r.next, 0
	}
}

// back returns to an earlier command.
func (r *Run) back(to int) { r.next, r.answers = to, r.answers[:to:to] }

// maxSetbacks is how often a card may answer what cannot be before a run gives up.
const maxSetbacks = 8

// setback counts one; with the last one the run ends with an outcome.
func (r *Run) setback(o Outcome) {
	if r.setbacks++; r.setbacks > maxSetbacks {
		r.end(o)
	}
}

// end is the end of a run, or its stop.
func (r *Run) end(o Outcome) {
	r.outcome, r.flight, r.kept = o, flight{}, flight{}
	if o.State != Done { // else Extend may go on in it
		r.session = session{}
	}
}

var okAnswer = []byte{0x90, 0x00}

// Which of the domain's keys.
const (
	forPackets = iota
	forChannels
)

// keys are the domain's keys as they are now.
func (r *Run) keys(which int) hsm.KeyRef {
	if n := r.taken[which]; n > 0 {
		return r.commands[n-1].Put.Keys
	}
	if which == forPackets {
		return r.domain.PacketKeys
	}
	return r.domain.ChannelKeys
}

// supersedes tells whether a key set takes the place of the keys that serve the domain.
func (r *Run) supersedes(put *PutKeys, which int) bool {
	now := r.keys(which)
	if now.Zero() || (put.Keys.Use == hsm.UseSCP80) != (which == forPackets) {
		return false
	}
	return r.domain.Inherited && r.taken[which] == 0 || put.Replaced == now.Version
}

// supersede notes that the next command has put keys.
func (r *Run) supersede(put *PutKeys) {
	for which := range r.taken {
		if r.supersedes(put, which) {
			r.taken[which] = r.next + 1
		}
	}
}
