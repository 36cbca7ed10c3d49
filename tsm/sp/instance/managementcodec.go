package instance

import (
	"errors"

	"inkan/core/gp"
	"inkan/core/tsmp"
	"inkan/tsm/store/codec"
)

// Format implements codec.Row.
func (*Management) Format() string { return "management program" }

// Version implements codec.Row.
func (*Management) Version() byte { return 1 }

// Fields implements codec.Row.
func (m *Management) Fields(f *codec.Fields) {
	c := &m.content
	f.Raw("reference", c.Reference[:])
	codec.Enum(f, "model", &c.Model, tsmp.ModelSimple, tsmp.ModelAuthorised)
	aid(f, "domain", &c.Domain)
	aid(f, "package", &c.Package)
	aid(f, "module", &c.Module)
	aid(f, "instance", &c.Instance)
	privileges := uint32(c.Privileges)
	f.Uint32("privileges", &privileges)
	c.Privileges = gp.Privileges(privileges)
	f.Bytes("parameters", &c.Parameters)
	f.Raw("hash", c.Hash[:])
	size := uint32(c.BlockBytes)
	f.Uint32("block bytes", &size)
	c.BlockBytes = int(size)
	codec.List(f, "operations", &m.operations, func(f *codec.Fields, o *operation) {
		codec.Enum(f, "operation", &o.kind, operationLoad, operationDeleteRelated)
		aid(f, "operation AID", &o.aid)
		f.Bytes("token", &o.token)
		codec.Enum(f, "operation state", &o.state, operationToken, operationFailed)
		f.Bytes("receipt", &o.receipt)
	})
	codec.Enum(f, "refusals", &m.refusals, 0, maxRefusals)
	f.Byte("receipts lost", &m.lost)
}

// check tells what no Management can be. Spec: SPEC-INSTANCE-005.
func (m *Management) check() error {
	if err := m.content.valid(); err != nil {
		return err
	}
	if len(m.operations) == 0 || int(m.lost) > len(m.operations) {
		return errors.New("no operation, or more receipts lost than operations")
	}
	for i := range m.operations {
		if err := m.operations[i].check(m.content.Model == tsmp.ModelDelegated); err != nil {
			return err
		}
		if _, err := m.unsigned(&m.operations[i]); err != nil {
			return err
		}
	}
	return nil
}

func (o *operation) check(delegated bool) error {
	switch {
	case o.aid.IsZero() != (o.kind < operationDelete):
		return errors.New("AID of a deletion missing, or of another operation")
	case !delegated && (o.state == operationToken || o.confirms() || o.token != nil):
		return errors.New("a token outside the delegated model")
	case delegated && (o.token == nil) != (o.state == operationToken):
		return errors.New("token missing, or too early")
	case len(o.token) > tsmp.MaxToken:
		return errors.New("token too long")
	case (o.receipt != nil) != o.confirms() || len(o.receipt) > tsmp.MaxResponse-2:
		return errors.New("receipt missing, or not to be verified")
	case o.confirms() && (o.unconfirmed() == nil) != (o.state == operationReceipt):
		return errors.New("a receipt to be verified that is none, or one that is and is not")
	}
	return nil
}

// confirms reports whether what the card gave as confirmation is kept.
func (o *operation) confirms() bool {
	return o.state == operationReceipt || o.state == operationFailed
}
