package store

import (
	"fmt"
	"time"

	"inkan/server/store"
	"inkan/tsm/store/row"
)

// Enqueue puts a message at the end of its destination's queue, and gives it its
// number. A message whose call is in the outbox already is a *ConflictError; a
// workflow that it names has to be there. Spec: SPEC-STORE-031.
func Enqueue(tx *Tx, m *row.Message) error {
	if m.Workflow != (row.WorkflowID{}) {
		if _, found, err := Workflows.Get(tx, m.Workflow); err != nil || !found {
			return orNotFound(err, "workflow "+m.Workflow.String())
		}
	}
	lane, _, err := lanes.Get(tx, m.Key.Destination)
	if err != nil {
		return err
	}
	lane.Destination = m.Key.Destination
	lane.Last++
	lane.Waiting++
	m.Key.Number = lane.Last
	if lane.Waiting == 1 {
		lane.Next = m.Next
	}
	if err := messages.Insert(tx, m); err != nil {
		return err
	}
	return lanes.Put(tx, &lane)
}

// FirstMessage is the message of a destination that is to be sent now: those
// behind it wait for it to be removed. Spec: SPEC-STORE-032.
func FirstMessage(r Reader, destination string) (m row.Message, found bool, err error) {
	if _, _, err := r.view(); err != nil {
		return m, false, err
	}
	prefix := appendText(nil, destination)
	from := appendUint64(prefix[:len(prefix):len(prefix)], frontOf(r, destination))
	err = messages.scan(r, from, append(prefix[:len(prefix)-1:len(prefix)-1], 1), func(_ []byte, first *row.Message) error {
		m, found = *first, true
		return ErrStop
	})
	return m, found, unlessStopped(err)
}

// DueMessages walks over the first messages of all destinations whose next time
// has come, the longest due first, or until do says ErrStop.
func DueMessages(r Reader, now time.Time, do func(*row.Message) error) error {
	return unlessStopped(LanesDue.Range(r, time.Time{}, now.Add(1), func(l *row.Lane) error {
		m, found, err := FirstMessage(r, l.Destination)
		if err == nil && !found {
			err = fail(r, corruptf("lane %s has %d messages and no first one", l.Destination, l.Waiting))
		}
		if err != nil {
			return err
		}
		return do(&m)
	}))
}

// Attempt notes that a message was sent once more, and when to do so again.
func Attempt(tx *Tx, key row.MessageKey, next time.Time) error {
	err := messages.Change(tx, key, func(m *row.Message) error {
		m.Attempts++
		m.Next = next
		return nil
	})
	if err != nil {
		return err
	}
	return moveLane(tx, key.Destination, 0)
}

// RemoveMessage takes a message out of the outbox: it was answered, or is not to
// be sent any more. The next of the destination is the first now.
func RemoveMessage(tx *Tx, key row.MessageKey) error {
	if err := messages.Delete(tx, key); err != nil {
		return err
	}
	return moveLane(tx, key.Destination, 1)
}

// Postpone has a message sent at another time, without its having been sent.
func Postpone(tx *Tx, key row.MessageKey, next time.Time) error {
	err := messages.Change(tx, key, func(m *row.Message) error {
		m.Next = next
		return nil
	})
	if err != nil {
		return err
	}
	return moveLane(tx, key.Destination, 0)
}

// ForgetLane removes a lane in which nothing waits: the next message to its
// destination begins with number 1. One that is not there is left alone.
// Spec: SPEC-STORE-039.
func ForgetLane(tx *Tx, destination string) error {
	lane, found, err := lanes.Get(tx, destination)
	if err != nil || !found || lane.Waiting > 0 {
		return err
	}
	tx.work.fronts = append(tx.work.fronts, laneFront{destination, 0})
	return lanes.Delete(tx, destination)
}

// LanesOf walks over the lanes whose destinations begin with something, in their order, or
// until do says ErrStop.
func LanesOf(r Reader, prefix string, do func(*row.Lane) error) error {
	return unlessStopped(lanes.scan(r, []byte(prefix), store.After([]byte(prefix)), func(_ []byte, l *row.Lane) error { return do(l) }))
}

// moveLane has a lane follow its queue, out of which so many were taken.
func moveLane(tx *Tx, destination string, taken uint64) error {
	first, found, err := FirstMessage(tx, destination)
	if err != nil {
		return err
	}
	return lanes.Change(tx, destination, func(l *row.Lane) error {
		l.Waiting -= taken
		l.Next = time.Time{}
		front := laneFront{destination, l.Last + 1}
		if found {
			l.Next, front.number = first.Next, first.Key.Number
		}
		tx.work.fronts = append(tx.work.fronts, front)
		return nil
	})
}

func orNotFound(err error, what string) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: %s", ErrNotFound, what)
}
