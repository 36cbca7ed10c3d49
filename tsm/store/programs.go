package store

import (
	"errors"

	"inkan/server/store"
	"inkan/tsm/store/row"
)

// SetProgram writes a part of a workflow's program, new or in the place of the one
// of its number. The workflow has to be there, and live; when it ends its program
// is erased in the same step. Spec: SPEC-STORE-038.
func SetProgram(tx *Tx, workflow row.WorkflowID, part uint32, bytes []byte) error {
	w, found, err := Workflows.Get(tx, workflow)
	switch {
	case err != nil || !found:
		return orNotFound(err, "workflow "+workflow.String())
	case !w.State.Live():
		return &RowError{programs.name, errors.New("program of a workflow that has ended")}
	}
	return programs.Put(tx, &row.Program{Key: row.ProgramKey{Workflow: workflow, Part: part}, Bytes: bytes})
}

// ProgramOf reads a part of a workflow's program; nil when there is none.
func ProgramOf(r Reader, workflow row.WorkflowID, part uint32) ([]byte, error) {
	p, _, err := programs.Get(r, row.ProgramKey{Workflow: workflow, Part: part})
	return p.Bytes, err
}

// EraseProgram removes all parts of a workflow's program; there may be none.
func EraseProgram(tx *Tx, workflow row.WorkflowID) error {
	var keys []row.ProgramKey
	prefix := appendID(nil, workflow)
	err := programs.scan(tx, prefix, store.After(prefix), func(_ []byte, p *row.Program) error {
		keys = append(keys, p.Key)
		return nil
	})
	for _, key := range keys {
		if err == nil {
			err = programs.Delete(tx, key)
		}
	}
	return err
}

// workflowMoves erases the program of a workflow that ends; one that is live is
// not deleted. Spec: SPEC-STORE-038.
func workflowMoves(tx *Tx, old, w *row.Workflow) error {
	if !old.State.Live() || w.State.Live() {
		return nil
	}
	return EraseProgram(tx, old.ID)
}

// checkProgram checks that a program is of a workflow that is live.
func (c *checking) checkProgram(p *row.Program) error {
	w, found, err := Workflows.Get(c, p.Key.Workflow)
	if err != nil || !found || !w.State.Live() {
		return orCorrupt(err, "program %d of workflow %s: without a live workflow", p.Key.Part, p.Key.Workflow)
	}
	return nil
}
