package remote

import (
	"context"

	"inkan/core/iso7816"
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
	Lost              // too much was lost: nothing gets through
)

// Outcome is where a run is, and at which command.
type Outcome struct {
	State State
	Index int        // of the command that Refused or Interrupted is about, else the next one's
	SW    iso7816.SW // of Refused
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

// Run is a sequence of commands for one domain, and how far it is. It is a value
// without keys: Append writes it, Parse reads it, and the same state goes on in the
// same way. Not for concurrent use.
type Run struct {
	domain   Domain
	commands []Command
	outcome  Outcome
	answers  [][]byte
}

// New makes a run. Nothing is sent. It fails for a domain or a command that no script
// can have. Spec: SPEC-SCRIPTS-001.
func New(d Domain, commands []Command) (*Run, error) {
	return &Run{domain: d, commands: commands, outcome: Outcome{State: Running}}, nil
}

// Next is the next script: the same one again until Take has taken its answer. done:
// there is none, see Outcome. counter is the last SCP80 counter that was used with the
// domain's packet keys: a packet raises it, and the caller keeps it, and the run, before
// the script leaves. Spec: SPEC-SCRIPTS-010.
func (r *Run) Next(ctx context.Context, m hsm.Module, bearer tsmp.Bearer, counter *uint64) (s Script, done bool, err error) {
	return s, r.outcome.State != Running, nil
}

// Take takes the answer to the script that Next gave. An error, and the run as it was:
// the answer is none of this script, and it still waits for one. Spec: SPEC-SCRIPTS-020.
func (r *Run) Take(ctx context.Context, m hsm.Module, a Answer) error { return nil }

// Outcome is where the run is.
func (r *Run) Outcome() Outcome { return r.outcome }

// Responses are the answers to the commands so far, data‖SW, by command. One whose
// answer was lost, and that the registry says was done, or that a compact script gave
// no answer for, has 9000 without data. Borrowed.
func (r *Run) Responses() [][]byte { return r.answers }

// Redo goes on after Interrupted as if the command had not been executed. Spec:
// SPEC-SCRIPTS-036.
func (r *Run) Redo() {}

// Assume goes on after Interrupted as if the command had been answered so, data‖SW.
// Spec: SPEC-SCRIPTS-036.
func (r *Run) Assume(response []byte) {}

// Append appends the run's encoding. Spec: SPEC-SCRIPTS-002.
func (r *Run) Append(dst []byte) ([]byte, error) { return dst, nil }

// Parse reads a run. Nothing is borrowed. Errors are *wire.DecodeError.
// Spec: SPEC-SCRIPTS-002, SPEC-SCRIPTS-003.
func Parse(b []byte) (*Run, error) { return new(Run), nil }
