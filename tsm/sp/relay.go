package sp

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/delivery"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// relayFor is how long an app may take for a script that it has from here.
const relayFor = time.Hour

// attended reports whether scripts can go to the app from here: somebody is there who
// looks at how far it is, and is told of the ticket, with a phone that lets the app reach
// the SIM. Spec: SPEC-SP-TSM-016.
func (f *flow) attended() bool {
	return f.m.config.Relay && f.app != nil && f.service != nil && slices.Contains(f.holding.Bearers, tsmp.BearerRelay)
}

// serve puts a script where the app finds it. Spec: SPEC-SP-TSM-016.
func (f *flow) serve(s *Script) error {
	now := f.tx.Now()
	until := now.Add(relayFor)
	if until.After(f.row.Deadline) {
		until = f.row.Deadline
	}
	access, err := f.m.relay.Start(f.tx, delivery.Job{ID: f.row.ID, SE: f.service.SE, Bearers: []tsmp.Bearer{tsmp.BearerRelay},
		Script: delivery.Script{Form: s.Form, AID: s.AID, Items: s.Items}, Deadline: until, Ticket: delivery.MaxTicket})
	if err != nil && !errors.Is(err, delivery.ErrRunning) { // the same one is on its way
		return err
	}
	f.relay(access)
	f.job.Served = true
	f.row.State, f.row.Next = row.WorkflowWaiting, f.row.Deadline
	return nil
}

// carried takes what came of a script that the app had from here, in the step in which
// its responses came or its time was over. Spec: SPEC-SP-TSM-016.
func (m *Manager) carried(ctx context.Context, tx *store.Tx, id row.WorkflowID, r delivery.Result) error {
	return m.on(ctx, tx, id, func(f *flow) error {
		s := f.at()
		if !f.job.Own || s.ended == nil {
			return nil
		}
		return s.ended(f, &end{outcome: r.Outcome, Outcome: Outcome{Responses: r.Responses, Interrupted: r.Interrupted}})
	})
}

// await has others answer what a workflow has asked them for, while the app that has
// returned its responses waits for the next script. Spec: SPEC-SP-TSM-017.
func (m *Manager) await(ctx context.Context, id row.WorkflowID) bool {
	// An app that goes away breaks nothing off: it would be asked for anew.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cmp.Or(m.config.Patience, DefaultPatience))
	defer cancel()
	moved, _ := m.post.Attend(ctx, id) // what fails is left to Work, which reports it
	return moved
}

// endRelay tells the app that nothing more comes from here.
func (f *flow) endRelay() error {
	if !f.job.Served {
		return nil
	}
	f.job.Served = false
	return f.m.relay.Close(f.tx, f.row.ID)
}
