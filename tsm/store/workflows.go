package store

import (
	"errors"
	"time"

	"inkan/tsm/store/row"
)

// DueWorkflows walks over the live workflows whose next time has come, the longest
// due first, or until do says ErrStop. Spec: SPEC-STORE-030.
func DueWorkflows(r Reader, now time.Time, do func(*row.Workflow) error) error {
	return unlessStopped(WorkflowsDue.Range(r, time.Time{}, now.Add(1), do))
}

// NextDue is when the next workflow or message is due, or was; zero when none is.
func NextDue(r Reader) (next time.Time, err error) {
	earlier := func(t time.Time) error {
		if next.IsZero() || t.Before(next) {
			next = t
		}
		return ErrStop
	}
	err = unlessStopped(WorkflowsDue.scan(r, nil, nil, func(_ []byte, w *row.Workflow) error { return earlier(w.Next) }))
	if err == nil {
		err = unlessStopped(LanesDue.scan(r, nil, nil, func(_ []byte, l *row.Lane) error { return earlier(l.Next) }))
	}
	return next, err
}

// workflowFree says that a workflow that goes on, or that a message waits for, is
// not to be deleted.
func workflowFree(r Reader, w *row.Workflow) error {
	if w.State.Live() {
		return &RowError{"workflows", errors.New("deletion of a workflow that is live")}
	}
	_, found, err := MessagesOfWorkflow.First(r, w.ID)
	if err == nil && found {
		err = &RowError{"workflows", errors.New("deletion of a workflow that a message of the outbox names")}
	}
	return err
}
