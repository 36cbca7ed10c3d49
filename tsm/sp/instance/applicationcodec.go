package instance

import (
	"errors"
	"fmt"

	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/tsm/store/codec"
)

// Format implements codec.Row.
func (*Application) Format() string { return "application program" }

// Version implements codec.Row.
func (*Application) Version() byte { return 1 }

// Fields implements codec.Row.
func (a *Application) Fields(f *codec.Fields) {
	aid(f, "instance", &a.target.Instance)
	size := uint32(a.target.BlockBytes)
	f.Uint32("block bytes", &size)
	a.target.BlockBytes = int(size)
	f.Bool("attested", &a.target.Attested)
	codec.Enum(f, "kind", &a.kind, Issue, Audit)
	codec.Enum(f, "stage", &a.stage, stageOrder, stageDone)
	f.Bool("asking", &a.asking)
	codec.Enum(f, "refusals", &a.refusals, 0, maxRefusals)
	f.Raw("order identifier", a.id[:])
	f.Bytes("order", &a.order)
	f.Raw("phone", a.phone[:])
	f.Raw("verified", a.verified[:])
	f.Bytes("statement", &a.statement)
	for i := range a.keys {
		f.Bytes("key statement", &a.keys[i])
	}
	for i := range a.lengths {
		f.Uint32("answer length", &a.lengths[i])
	}
	codec.List(f, "certificates", &a.certificates, func(f *codec.Fields, c *tsmp.CACertificate) {
		codec.Enum(f, "role", &c.Role, jpki.Auth, jpki.Sign)
		f.Bytes("certificate", &c.Certificate)
	})
	codec.List(f, "envelopes", &a.envelopes, func(f *codec.Fields, e *[]byte) { f.Bytes("envelope", e) })
	f.Byte("sequence", &a.sequence)
	f.Byte("taken", &a.taken)
	f.Bool("active", &a.active)
	f.Bytes("receipt", &a.receipt)
}

// check tells what no Application can be. Spec: SPEC-INSTANCE-005.
func (a *Application) check() error {
	if err := a.target.valid(); err != nil {
		return err
	}
	if !a.kind.has(a.stage) || a.asking && a.stage != stageOrder && a.stage != stageDeliver {
		return fmt.Errorf("%v at %s", a.kind, a.Stage())
	}
	for _, n := range a.lengths {
		if n > perso.MaxAnswerLen {
			return fmt.Errorf("an answer of %d bytes", n)
		}
	}
	order, err := a.checkOrder()
	if err != nil {
		return err
	}
	return errors.Join(a.checkStatements(order), a.checkDelivery(order))
}

// has tells whether a kind has a stage.
func (k Kind) has(s stage) bool {
	switch s {
	case stageOrder, stageSeal, stageDeliver:
		return k <= PINReset
	case stageHolder:
		return k == PINReset
	case stageCommand:
		return k > PINReset
	case stageReport:
		return k == Issue || k == Erase
	}
	return true
}

// checkOrder reads the order; nil: there is none.
func (a *Application) checkOrder() (*perso.Order, error) {
	if len(a.order) == 0 {
		switch unknown := a.id == (perso.OrderID{}); {
		case a.kind <= PINReset, unknown && a.kind != Erase && a.kind != Audit, !unknown && a.kind == Audit:
			return nil, errors.New("no order, or one that is not needed")
		}
		return nil, nil
	}
	order, err := perso.DecodeOrder(a.order)
	switch {
	case err != nil:
		return nil, err
	case order.ID != a.id || a.kind == Audit || (order.Purpose == jpki.PurposePINReset) != (a.kind == PINReset):
		return nil, errors.New("another order")
	}
	return &order, nil
}

// checkStatements looks at what the card has said, as far as the stage needs it.
func (a *Application) checkStatements(order *perso.Order) error {
	ordered := a.kind <= PINReset
	roles := 0
	if ordered {
		roles = len(rolesOf(order))
	}
	for i := range a.keys {
		if a.keys[i] != nil && i >= roles || a.keys[i] == nil && i < roles && a.stage > stageOrder {
			return errors.New("key statements of other roles")
		}
	}
	if needed := ordered && a.stage > stageOrder || !ordered && a.stage > stageCommand; needed && a.statement == nil || !needed && !ordered && a.statement != nil {
		return errors.New("statement missing, or too early")
	}
	if a.statement == nil {
		return nil
	}
	want := perso.StatementOrder
	if !ordered {
		want = statementOf[a.kind]
	}
	return a.own(order, want, 0, a.statement)
}

// checkDelivery looks at what the authority has for the card.
func (a *Application) checkDelivery(order *perso.Order) error {
	delivered := a.kind <= PINReset && a.stage >= stageDeliver
	if (len(a.envelopes) > 0) != delivered || int(a.sequence) > len(a.envelopes) || int(a.taken) > len(a.certificates) {
		return errors.New("envelopes missing, or too early")
	}
	if (a.receipt != nil) != (a.kind == Issue && a.stage >= stageReport) || a.active && a.kind != Issue {
		return errors.New("receipt missing, or too early")
	}
	if !delivered {
		if len(a.certificates) > 0 || a.active {
			return errors.New("certificates too early")
		}
		return nil
	}
	b := *a
	return b.sealed(a.envelopes, a.certificates)
}
