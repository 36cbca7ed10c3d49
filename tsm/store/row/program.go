package row

import (
	"errors"

	"inkan/tsm/store/codec"
)

// ProgramKey names a part of a workflow's program; the service manager numbers
// them as it likes.
type ProgramKey struct {
	Workflow WorkflowID
	Part     uint32
}

// Program is what of a live workflow stays the same through many steps, such as
// the commands that it sends: a step that changes the workflow does not write it.
type Program struct {
	Key   ProgramKey
	Bytes []byte // in the service manager's own encoding; no key
}

// Format implements codec.Row.
func (*Program) Format() string { return "program row" }

// Version implements codec.Row.
func (*Program) Version() byte { return 1 }

// Fields implements codec.Row.
func (p *Program) Fields(f *codec.Fields) {
	f.Raw("workflow", p.Key.Workflow[:])
	f.Uint32("part", &p.Key.Part)
	f.Bytes("bytes", &p.Bytes)
}

// Valid checks what holds of every program.
func (p *Program) Valid() error {
	switch {
	case p.Key.Workflow == WorkflowID{}:
		return errors.New("program without workflow")
	case len(p.Bytes) == 0:
		return errors.New("program without bytes")
	}
	return nil
}
