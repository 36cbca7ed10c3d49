package instance

import (
	"fmt"

	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
)

// takeStatements takes answers to ORDER and GENERATE. Spec: SPEC-INSTANCE-041.
func (a *Application) takeStatements(b *batch, r *reading) (progress bool, err error) {
	order, err := perso.DecodeOrder(a.order)
	if err != nil {
		return false, err
	}
	roles := rolesOf(&order)
	missing := 0 // role whose GENERATE is the next group
	for i := range b.groups {
		place, length, header, role := &a.statement, &a.lengths[0], perso.StatementOrder, jpki.Role(0)
		if b.groups[i].dgi == jpki.DGIGenerate {
			for a.keys[missing] != nil {
				missing++
			}
			place, length, header, role = &a.keys[missing], &a.lengths[1+missing], perso.StatementKey, roles[missing]
			missing++
		}
		if r.totals[i] > 0 {
			*length = uint32(r.totals[i])
		}
		if r.answers[i] == nil {
			continue
		}
		if err := a.own(&order, header, role, r.answers[i]); err != nil {
			return false, err
		}
		*place, progress = r.answers[i], true
	}
	if a.statement != nil && len(a.statements()) == len(roles) {
		a.stage = stageSeal
		if a.kind == PINReset {
			a.stage = stageHolder
		}
	}
	return progress, nil
}

// takeDeliveries notes what the card has taken, and its receipt.
// Spec: SPEC-INSTANCE-043, SPEC-INSTANCE-044.
func (a *Application) takeDeliveries(b *batch, r *reading) (progress bool, err error) {
	for i := range b.groups[:r.done] {
		switch b.groups[i].dgi {
		case jpki.DGICACertificate:
			a.taken++
		case jpki.DGIEnvelope:
			a.sequence++
			if a.kind == PINReset {
				a.stage = stageDone
			}
		}
		progress = true
	}
	last := len(b.groups) - 1
	if b.groups[last].dgi != jpki.DGIActivate || r.answers[last] == nil {
		return progress, nil
	}
	order, err := perso.DecodeOrder(a.order)
	if err != nil {
		return false, err
	}
	if err := a.own(&order, perso.StatementReceipt, 0, r.answers[last]); err != nil {
		return false, err
	}
	a.active, a.receipt, a.stage = true, r.answers[last], stageReport
	return true, nil
}

// statementOf is what the data group of a kind is answered with.
var statementOf = map[Kind]perso.StatementType{Suspend: perso.StatementSuspend, Resume: perso.StatementResume, Erase: perso.StatementErase,
	Audit: perso.StatementState}

// takeCommand takes the answer to SUSPEND, RESUME, ERASE or STATE.
// Spec: SPEC-INSTANCE-060, SPEC-INSTANCE-061.
func (a *Application) takeCommand(r *reading) (progress bool, err error) {
	if r.totals[0] > 0 && a.kind != Audit {
		a.lengths[0] = uint32(r.totals[0])
	}
	if r.answers[0] == nil {
		return false, nil
	}
	var order *perso.Order
	if len(a.order) > 0 {
		o, err := perso.DecodeOrder(a.order)
		if err != nil {
			return false, err
		}
		order = &o
	}
	if err := a.own(order, statementOf[a.kind], 0, r.answers[0]); err != nil {
		return false, err
	}
	a.statement, a.stage = r.answers[0], stageDone
	if a.kind == Erase && a.phone != (tsmp.PhoneID{}) {
		a.stage = stageReport
	}
	return true, nil
}

// own tells whether a statement is of that type, and of that order where there is one;
// whether it is true is the authority's to say. Spec: SPEC-INSTANCE-036.
func (a *Application) own(order *perso.Order, want perso.StatementType, role jpki.Role, b []byte) error {
	header, got, err := headerOf(want, b)
	switch {
	case err != nil:
		return err
	case got != role:
		return fmt.Errorf("%w: key of %v, want %v", ErrStatement, got, role)
	case order != nil && (header.OrderHash != order.Hash() || header.Counter != order.Counter):
		return ErrStatement
	}
	return nil
}

// headerOf reads a statement that has to be of a type; role is that of a key.
func headerOf(want perso.StatementType, b []byte) (h perso.Header, role jpki.Role, err error) {
	switch want {
	case perso.StatementOrder:
		s, err := perso.DecodeOrderStatement(b)
		return s.Header, 0, err
	case perso.StatementKey:
		s, err := perso.DecodeKeyStatement(b)
		return s.Header, s.Role, err
	case perso.StatementReceipt:
		s, err := perso.DecodeReceipt(b)
		return s.Header, 0, err
	case perso.StatementErase:
		s, err := perso.DecodeEraseStatement(b)
		return s.Header, 0, err
	case perso.StatementState:
		s, err := perso.DecodeStateStatement(b)
		return s.Header, 0, err
	}
	s, err := perso.DecodePhaseStatement(b)
	if err == nil && s.Type != want {
		err = fmt.Errorf("%w: type %02X, want %02X", ErrStatement, byte(s.Type), byte(want))
	}
	return s.Header, 0, err
}
