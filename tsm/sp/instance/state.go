package instance

import (
	"fmt"

	"inkan/core/jpki"
	"inkan/core/jpki/perso"
)

// takeState takes the application's state, which was asked for because it is not known
// what became of something, and says where to go on. Spec: SPEC-INSTANCE-037,
// SPEC-INSTANCE-038.
func (a *Application) takeState(r *reading) (progress bool, err error) {
	if r.answers[0] == nil {
		return false, nil
	}
	s, err := perso.DecodeStateStatement(r.answers[0])
	if err != nil {
		return false, err
	}
	order, err := perso.DecodeOrder(a.order)
	if err != nil {
		return false, err
	}
	a.asking = false
	ours := s.Order == order.ID
	switch {
	case !ours && s.Highest >= order.Counter:
		return false, fmt.Errorf("%w: %d, ours has %d", ErrSuperseded, s.Highest, order.Counter)
	case a.kind == PINReset:
		return false, a.resetAfter(&s, ours)
	case a.stage == stageOrder:
		return false, a.orderAfter(&s, ours)
	}
	return false, a.deliverAfter(&s, ours)
}

// orderAfter goes on with ORDER and GENERATE: what the card has done it answers alike.
func (a *Application) orderAfter(s *perso.StateStatement, ours bool) error {
	switch {
	case ours && s.Phase != jpki.Ordered:
		return fmt.Errorf("%w: phase %v", ErrOrderGone, s.Phase)
	case !ours && s.Phase != jpki.Empty && s.Phase != jpki.Ordered:
		return fmt.Errorf("%w: phase %v", ErrOccupied, s.Phase)
	case !ours && a.statement != nil:
		return ErrOrderGone
	}
	return nil
}

// deliverAfter goes on with what the card has not taken. The authority's certificates
// it does not name: they are sent again, as long as the issue is open.
func (a *Application) deliverAfter(s *perso.StateStatement, ours bool) error {
	switch {
	case !ours:
		return ErrOrderGone
	case s.Phase == jpki.Active || s.Phase == jpki.Suspended:
		a.active = true
	case s.Phase == jpki.Ordered && s.Purpose == jpki.PurposeIssue && int(s.Sequence) <= len(a.envelopes):
		a.taken, a.sequence = 0, s.Sequence
	default:
		return fmt.Errorf("%w: phase %v", ErrOrderGone, s.Phase)
	}
	return nil
}

// resetAfter goes on with a reset: its one envelope may be sent again.
func (a *Application) resetAfter(s *perso.StateStatement, ours bool) error {
	switch {
	case a.stage == stageOrder && !ours && s.Phase != jpki.Active:
		return fmt.Errorf("%w: phase %v", ErrOrderGone, s.Phase)
	case a.stage == stageOrder && (!ours || s.Purpose == jpki.PurposePINReset):
		return nil
	case a.stage == stageDeliver && ours && s.Purpose == jpki.PurposePINReset:
		return nil
	case a.stage == stageDeliver && ours && s.Sequence == 1:
		a.sequence, a.stage = 1, stageDone
		return nil
	}
	return fmt.Errorf("%w: phase %v", ErrOrderGone, s.Phase)
}

// State is the statement of an Audit that is done.
func (a *Application) State() (perso.StateStatement, error) {
	if a.kind != Audit || a.stage != stageDone {
		return perso.StateStatement{}, ErrNotNeeded
	}
	return perso.DecodeStateStatement(a.statement)
}
