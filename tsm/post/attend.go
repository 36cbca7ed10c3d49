package post

import (
	"context"
	"errors"

	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// attended bounds how many letters one Attend sends.
const attended = 8

// Attend sends what a workflow waits for now and not with the next Work, and what it
// asks for when it has the answers, as long as each is answered. moved: something was
// ended. It leaves to Work what is not due or not the first in its lane, all of a party
// that has answered nothing lately, an end that cannot be taken in, and what is being
// sent already. The error is the context's or the store's. Spec: SPEC-POST-015.
func (p *Post) Attend(ctx context.Context, w row.WorkflowID) (moved bool, err error) {
	for range attended {
		m, found, err := p.awaited(ctx, w)
		if err != nil || !found || !p.take(m.Call) {
			return moved, err
		}
		what, err := p.deliver(ctx, &m)
		if ctx.Err() != nil { // it has its pause like one that was not answered
			_, err = p.failed(context.WithoutCancel(ctx), &m, noAnswer)
		}
		p.land(m.Call)
		if ctx.Err() != nil || err != nil || !what.moved {
			return moved, ctx.Err()
		}
		moved = true
	}
	return moved, nil
}

// awaited is a letter that a workflow waits for, and that Work would send now.
func (p *Post) awaited(ctx context.Context, w row.WorkflowID) (m row.Message, found bool, err error) {
	err = p.config.Tenant.View(ctx, func(s *store.Snapshot) error {
		return store.MessagesOfWorkflow.Scan(s, w, func(of *row.Message) error {
			if first, err := isFirst(s, of); err != nil || !first || !p.sendable(of) {
				return err
			}
			m, found = *of, true
			return store.ErrStop
		})
	})
	if errors.Is(err, store.ErrStop) {
		err = nil
	}
	return m, found, err
}

// isFirst reports whether a letter is the first of its lane.
func isFirst(r store.Reader, m *row.Message) (bool, error) {
	if lane, found, err := store.Lanes.Get(r, m.Key.Destination); err != nil || found && lane.Waiting == 1 {
		return err == nil, err
	}
	first, found, err := store.FirstMessage(r, m.Key.Destination)
	return found && first.Call == m.Call, err
}

// sendable reports whether a letter is due and its party has not been silent.
func (p *Post) sendable(m *row.Message) bool {
	to := Party(m.Key.Destination)
	_, ok := p.config.Peer(to)
	return ok && !Aside(m.Key.Destination) && !m.Next.After(p.config.Now()) && p.silent(to) == 0
}
