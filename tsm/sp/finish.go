package sp

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/post"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// stop ends the workflow's row, whatever was to be sent, and its hold of the service
// instance.
func (f *flow) stop(state row.WorkflowState, code tsmp.Code) error {
	if err := post.CancelAll(f.tx, f.row.ID); err != nil {
		return err
	}
	if err := errors.Join(f.settled(state == row.WorkflowDone), f.hangUp(), f.endRelay()); err != nil {
		return err
	}
	f.row.State, f.row.Next, f.row.Deadline, f.row.Failure = state, time.Time{}, time.Time{}, ""
	if state == row.WorkflowFailed {
		f.row.Failure = string(code)
	}
	f.job.Call, f.job.Acting = tsmp.CallID{}, false
	f.job.Program, f.job.Session, f.job.Authority = nil, nil, nil // with what they have of keys
	f.noRelay()
	return f.release()
}

// hangUp ends the conversation, or has the app wait that has scripts from here.
func (f *flow) hangUp() error {
	if f.job.Own {
		f.job.Own, f.job.Bearer = false, 0
		f.noRelay()
		_, _, err := f.m.relay.Cancel(f.tx, f.row.ID)
		return err
	}
	if f.job.Conversation == (tsmp.ConversationID{}) {
		return nil
	}
	c := f.job.Conversation
	f.job.Conversation, f.job.Script, f.job.Bearer = tsmp.ConversationID{}, 0, 0
	f.noRelay()
	return f.tell(f.job.Carrier, tsmp.EndConversation, &tsmp.EndConversationRequest{Conversation: c})
}

// release lets the next workflow have the service instance.
func (f *flow) release() error {
	if f.service == nil || f.holding.Busy != f.row.ID {
		return nil
	}
	f.holding.Busy = row.WorkflowID{}
	return f.m.wake(f.tx, f.service.SE)
}

// finish ends the workflow as wanted.
func (f *flow) finish() error {
	if err := f.stop(row.WorkflowDone, ""); err != nil {
		return err
	}
	if f.app != nil {
		f.app.Progress = row.Fulfilled
		f.session.Stage = tsmp.StageDone
	}
	return f.audit(f.row.Kind+"-done", "", "")
}

// fail ends the workflow with a code that the app is told, and has removed what it left
// on card and at the authority. Spec: SPEC-SP-TSM-030.
func (f *flow) fail(code tsmp.Code) error {
	return f.abandon(row.WorkflowFailed, code, tsmp.GroundService)
}

// orphan ends the workflow because SIM and subscription are no longer those of the
// order. Spec: SPEC-SP-TSM-031.
func (f *flow) orphan(code tsmp.Code) error {
	return f.abandon(row.WorkflowFailed, code, tsmp.GroundSubscription)
}

// abandon ends the workflow before its end.
func (f *flow) abandon(state row.WorkflowState, code tsmp.Code, ground tsmp.Ground) error {
	before := f.job
	if err := f.stop(state, code); err != nil {
		return err
	}
	if f.app != nil {
		f.app.Progress = row.Refused
		if state == row.WorkflowCancelled || code == tsmp.CodeApplicationStale {
			f.app.Progress = row.Lapsed
		}
		f.session.Stage, f.session.Refusal = tsmp.StageRefused, code
	}
	event := f.row.Kind + "-failed"
	if state == row.WorkflowCancelled {
		event = f.row.Kind + "-cancelled"
	}
	if err := f.audit(event, string(code), ""); err != nil {
		return err
	}
	switch {
	case f.moves():
		return f.remedy()
	case f.row.Kind != kindIssue || before.Verified == (tsmp.ApplicationID{}):
		return nil
	}
	return f.cleanUp(&before, code, ground)
}

// cleanUp has the authority close what was ordered, and the card emptied.
func (f *flow) cleanUp(before *job, code tsmp.Code, ground tsmp.Ground) error {
	j := job{Reference: before.Reference, Phone: before.Phone, Carrier: before.Carrier, Model: before.Model, Bearers: unattended(before.Bearers),
		Ground: ground, Case: caseOf(f.row.ID, code), Reason: reasonCessation}
	if err := f.save(); err != nil {
		return err
	}
	if f.service != nil && before.Old != (tsmp.PhoneID{}) && f.service.Phone == before.Old {
		// What is on the card is still of the one before, whose end may have been asked for.
		if err := f.m.revoke(f.tx, &j); err != nil {
			return err
		}
		j.Phone = before.Old
	}
	e, err := f.m.begin(f.ctx, f.tx, kindErase, subjectOf(before), j, f.tx.Now().Add(eraseFor))
	if err != nil {
		return err
	}
	if e.service != nil {
		e.holding.Busy = e.row.ID
	}
	if err := e.enter(); err != nil {
		return err
	}
	if err := e.save(); err != nil {
		return err
	}
	if f.service != nil { // the erasing one has it now
		return f.attach(before.Reference)
	}
	return nil
}

// unattended are bearers in the order for a SIM whose app has nothing more to wait for.
func unattended(bearers []tsmp.Bearer) []tsmp.Bearer {
	list := slices.Clone(bearers)
	slices.Sort(list) // short messages before the relay
	return list
}

// caseOf is the SP-TSM's own record that the authority is told as the case.
func caseOf(id row.WorkflowID, code tsmp.Code) string {
	text := fmt.Sprintf("%s %s", id, code)
	return text[:min(len(text), tsmp.MaxCase)]
}

func subjectOf(j *job) row.SubjectID {
	if j.Reference != (tsmp.ServiceReference{}) {
		return row.SubjectID(j.Reference)
	}
	return row.SubjectID(j.Phone)
}

// wake has the workflows that wait for a SIM look again.
func (m *Manager) wake(tx *store.Tx, se tsmp.SEID) error {
	var ids []row.WorkflowID
	collect := func(w *row.Workflow) error {
		if w.State == row.WorkflowRunning {
			ids = append(ids, w.ID)
		}
		return nil
	}
	err := store.ApplicationsOfSE.Scan(tx, se, func(a *row.Application) error {
		if !a.Progress.Open() {
			return nil
		}
		return store.WorkflowsOf.Scan(tx, row.SubjectID(a.ID), collect)
	})
	if err == nil {
		err = store.ServicesOfSE.Scan(tx, se, func(s *row.Service) error {
			return store.WorkflowsOf.Scan(tx, row.SubjectID(s.Reference), collect)
		})
	}
	for _, id := range ids {
		if err == nil {
			err = store.Workflows.Change(tx, id, func(w *row.Workflow) error {
				w.Next = tx.Now()
				return nil
			})
		}
	}
	return err
}
