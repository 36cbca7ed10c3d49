package row

import (
	"errors"
	"time"

	"inkan/tsm/store/codec"
)

// WorkflowState is whether a workflow goes on.
type WorkflowState byte

// States of a workflow. The last three are ends.
const (
	WorkflowRunning   WorkflowState = iota + 1 // its next step can be taken when Next has come
	WorkflowWaiting                            // for an answer or event; when Next has come without, it is asked for again
	WorkflowDone                               // as wanted
	WorkflowFailed                             // Failure says why
	WorkflowCancelled                          // overtaken by something else
)

var workflowWords = [...]string{"running", "waiting", "done", "failed", "cancelled"}

// String is the state in a word.
func (s WorkflowState) String() string {
	if s < WorkflowRunning || s > WorkflowCancelled {
		return "no state"
	}
	return workflowWords[s-1]
}

// Live reports whether a workflow goes on.
func (s WorkflowState) Live() bool { return s == WorkflowRunning || s == WorkflowWaiting }

// Workflow is something that takes several steps and survives a crash between
// any two of them.
type Workflow struct {
	ID       WorkflowID
	Kind     string    // the service manager's word: "download"
	Subject  SubjectID // what it is about, such as a service instance; zero: nothing
	State    WorkflowState
	Step     uint32 // which step is next, in the numbering of the kind
	Cursor   uint32 // how far that step is: the next of its messages
	Attempts uint32 // at that step
	Begun    time.Time
	Changed  time.Time
	Next     time.Time // when to go on; zero at an end
	Deadline time.Time // when to give up; zero at an end
	Failure  string    // a code; with WorkflowFailed only
	Data     []byte    // of the step, in the service manager's own encoding; no key
}

// Format implements codec.Row.
func (*Workflow) Format() string { return "workflow row" }

// Version implements codec.Row.
func (*Workflow) Version() byte { return 2 }

// Fields implements codec.Row.
func (w *Workflow) Fields(f *codec.Fields) {
	f.Raw("ID", w.ID[:])
	codec.Text(f, "kind", &w.Kind)
	f.Raw("subject", w.Subject[:])
	codec.Enum(f, "state", &w.State, WorkflowRunning, WorkflowCancelled)
	f.Uint32("step", &w.Step)
	f.Uint32("cursor", &w.Cursor)
	f.Uint32("attempts", &w.Attempts)
	f.Time("begun", &w.Begun)
	f.Time("changed", &w.Changed)
	f.Time("next", &w.Next)
	f.Time("deadline", &w.Deadline)
	codec.Text(f, "failure", &w.Failure)
	f.Bytes("data", &w.Data)
}

// Valid checks what holds of every workflow. Spec: SPEC-STORE-030.
func (w *Workflow) Valid() error {
	switch {
	case w.ID == WorkflowID{}:
		return errors.New("workflow without ID")
	case w.Begun.IsZero() || w.Changed.Before(w.Begun):
		return errors.New("workflow that changed before it began, or never began")
	case w.State.Live() && (w.Next.IsZero() || w.Deadline.IsZero() || w.Next.After(w.Deadline)):
		return errors.New("workflow that is live without a next time and a deadline not before it")
	case !w.State.Live() && !(w.Next.IsZero() && w.Deadline.IsZero()):
		return errors.New("workflow that has ended with a next time or a deadline")
	case (w.State == WorkflowFailed) != (w.Failure != ""):
		return errors.New("workflow: want a failure's code with failed, and only then")
	}
	return name("kind", w.Kind)
}
