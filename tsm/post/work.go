package post

import (
	"context"
	"errors"
	"slices"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// Pauses between attempts: the first, doubled each time up to the longest.
const (
	FirstPause   = 5 * time.Second
	LongestPause = 10 * time.Minute
)

const (
	// round is how many messages one Work sends.
	round = 64
	// probes are the messages of a round that a party may leave unanswered before its
	// others are put off; fewer when it answered nothing in the round before.
	probes, fewer = 4, 2
	// most are the lanes that are put off in one step.
	most = 4096
)

// Work sends what is due, the first message of each lane, and takes in the answers.
// more: something was ended, so that the next in its lane may be due now, or more
// was due than one round takes. A party that does not answer is no error. The error is
// that of ends that could not be taken in: those messages wait as if no answer had
// come, and keep no other lane's from being sent. Spec: SPEC-POST-002, SPEC-POST-006,
// SPEC-POST-009.
func (p *Post) Work(ctx context.Context) (more bool, err error) {
	p.work.Lock()
	defer p.work.Unlock()
	due, strange, err := p.due(ctx)
	if err != nil {
		return false, err
	}
	failed := p.putOff(ctx, strange, LongestPause)
	tries := map[tsmp.PartyID]int{} // that were in vain; answered: it answered
	for i := range due {
		to := Party(due[i].Key.Destination)
		if p.mute(to, tries[to]) || !p.take(due[i].Call) {
			continue
		}
		what, err := p.deliver(ctx, &due[i])
		p.land(due[i].Call)
		if ctx.Err() != nil {
			return more, ctx.Err()
		}
		if err != nil {
			var again error
			what.moved, again = p.failed(ctx, &due[i], endFails)
			failed = errors.Join(failed, err, again)
		}
		switch {
		case what.silent && tries[to] != answered:
			tries[to]++
		case !what.silent:
			tries[to] = answered
			p.heard(to)
		}
		more = more || what.moved
	}
	return more || len(due) == round, errors.Join(failed, p.spare(ctx, due, tries))
}

// due are the messages to send, those with fewer attempts first, and those to parties
// that there is no way to.
func (p *Post) due(ctx context.Context) (due, strange []row.Message, err error) {
	err = p.config.Tenant.View(ctx, func(s *store.Snapshot) error {
		return store.DueMessages(s, p.config.Now(), func(m *row.Message) error {
			to := Party(m.Key.Destination)
			if p.isFlying(m.Call) {
				return nil // somebody has it
			}
			if _, ok := p.config.Peer(to); ok {
				due = append(due, *m)
			} else if to.Valid() {
				strange = append(strange, *m)
			}
			if len(due) == round {
				return store.ErrStop
			}
			return nil
		})
	})
	slices.SortStableFunc(due, func(a, b row.Message) int { return int(a.Attempts) - int(b.Attempts) })
	return due, strange, err
}

// answered is in place of a number of tries that a party left unanswered.
const answered = -1

// mute tells whether a party that left so many tries of a round unanswered is left alone.
func (p *Post) mute(to tsmp.PartyID, tries int) bool {
	return tries >= probes || tries >= fewer && p.silent(to) > 0
}

// spare puts off the lanes of parties that answer nothing, so that what a silent one
// costs does not grow with its lanes. Spec: SPEC-POST-009.
func (p *Post) spare(ctx context.Context, due []row.Message, tries map[tsmp.PartyID]int) error {
	var failed error
	for i := range due {
		to := Party(due[i].Key.Destination)
		if !p.mute(to, tries[to]) {
			continue
		}
		tries[to] = answered
		pause := pauseAfter(uint32(p.silent(to)))
		p.quiet(to)
		waiting, err := p.waiting(ctx, to, p.config.Now().Add(pause))
		failed = errors.Join(failed, err, p.putOff(ctx, waiting, pause))
	}
	return failed
}

// waiting are the first messages of a party's lanes that are due by some time.
func (p *Post) waiting(ctx context.Context, to tsmp.PartyID, by time.Time) (list []row.Message, err error) {
	err = p.config.Tenant.View(ctx, func(s *store.Snapshot) error {
		return store.LanesOf(s, string(to), func(l *row.Lane) error {
			if Party(l.Destination) != to || l.Waiting == 0 || l.Next.After(by) {
				return nil
			}
			m, found, err := store.FirstMessage(s, l.Destination)
			if found {
				list = append(list, m)
			}
			if err == nil && len(list) == most {
				err = store.ErrStop
			}
			return err
		})
	})
	return list, err
}

// putOff has messages sent later, without an attempt: those that were never tried come
// before the others.
func (p *Post) putOff(ctx context.Context, list []row.Message, pause time.Duration) error {
	if len(list) == 0 {
		return nil
	}
	return p.config.Tenant.Step(ctx, func(tx *store.Tx) error {
		for i := range list {
			next := tx.Now().Add(pause)
			if list[i].Attempts == 0 {
				next = next.Add(-1)
			}
			err := there(tx, &list[i], func() error { return store.Postpone(tx, list[i].Key, next) })
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// step does something with a message that is still there.
func (p *Post) step(ctx context.Context, m *row.Message, do func(tx *store.Tx) error) error {
	return p.config.Tenant.Step(ctx, func(tx *store.Tx) error { return there(tx, m, func() error { return do(tx) }) })
}

// there does something with a message unless it has gone: it may have been cancelled
// while it was under way.
func there(tx *store.Tx, m *row.Message, do func() error) error {
	now, found, err := store.MessagesByCall.First(tx, m.Call)
	if err != nil || !found || now.Key != m.Key {
		return err
	}
	return do()
}
