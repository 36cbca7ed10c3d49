package mno

import (
	"context"

	"inkan/core/tsmp"
	"inkan/tsm/mno/content"
	"inkan/tsm/mno/kind"
	"inkan/tsm/remote"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// SECommandsGenerationAndRemoteExecution implements tsmp.MNO, in simple mode.
// Spec: SPEC-MNO-TSM-047.
func (m *Manager) SECommandsGenerationAndRemoteExecution(ctx context.Context, call *tsmp.Call, b *tsmp.SECommandsGenerationAndRemoteExecutionRequest) (a *tsmp.ActionAnswer, err error) {
	err = m.serve(ctx, call, "operations-ordered", row.Subject{Service: b.Reference}, false, func() tsmp.Body { return a }, func(tx *store.Tx) error {
		s, i, err := mine(tx, call, b.Reference)
		if err != nil {
			return err
		}
		if a, err = repeated(tx, call); err != nil || a != nil {
			return err
		}
		if err := first(idle(&s, &i), in(&s, tsmp.ServiceDeployed, tsmp.ServiceSuspended), current(tx, &s, &i)); err != nil {
			return err
		}
		if s.Model != tsmp.ModelSimple {
			return tsmp.Refuse(tsmp.CodeNotInModel, s.Model.String())
		}
		for n := range b.Operations {
			x := &b.Operations[n]
			if err := first(permitted(m.offer(call.Sender, s.Name), x), m.unshared(tx, &s, x)); err != nil {
				return err
			}
		}
		dataBytes, err := m.dataBytes(tx, s.SE, b.Bearers)
		if err != nil {
			return err
		}
		commands, err := operations(b.Operations, i.Domain, dataBytes)
		if err != nil {
			return err
		}
		if err := installed(tx, call, b); err != nil {
			return err
		}
		a, err = m.begin(ctx, tx, &order{call: call, kind: kindOperations, service: &s, bearers: b.Bearers, commands: commands})
		return err
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// permitted refuses an operation on what was not agreed on.
func permitted(o *kind.Offer, x *tsmp.SEOperation) error {
	switch {
	case o == nil:
	case x.Kind == tsmp.OperationDelete && kind.Has(o.Packages, x.AID):
		return nil
	case !kind.Has(o.Instances, x.AID):
	case x.Kind == tsmp.OperationInstall && (!kind.Has(o.Packages, x.PackageAID) || !kind.Has(o.Modules, x.ModuleAID) || content.CheckPrivileges(x.Privileges) != nil):
	default:
		return nil
	}
	return tsmp.Refuse(tsmp.CodeAIDNotPermitted, x.Kind.String())
}

// unshared refuses an operation on what another instance on the SIM has, or may have.
// Spec: SPEC-MNO-TSM-047.
func (m *Manager) unshared(r store.Reader, s *row.Service, x *tsmp.SEOperation) error {
	return others(r, s, func(other *row.Service, i *instance) error {
		if kind.Has(m.applications(other, i), x.AID) || x.Kind == tsmp.OperationDelete && kind.Has(m.packages(other, i), x.AID) {
			return tsmp.Refuse(tsmp.CodeAIDNotPermitted, "another service's")
		}
		return nil
	})
}

func operations(list []tsmp.SEOperation, domain []byte, dataBytes int) (all []remote.Command, err error) {
	for i := range list {
		commands, err := content.Operation(&list[i], domain, dataBytes)
		if err != nil {
			return nil, err
		}
		run, err := content.Run(commands...)
		if err != nil {
			return nil, err
		}
		all = append(all, run...)
	}
	return all, nil
}

// installed notes the action, and applications that may be on the card from now on.
func installed(tx *store.Tx, call *tsmp.Call, b *tsmp.SECommandsGenerationAndRemoteExecutionRequest) error {
	return changeService(tx, b.Reference, func(s *row.Service, i *instance) error {
		s.Action = call.ID
		for _, o := range b.Operations {
			if o.Kind == tsmp.OperationInstall && !kind.Has(i.Instances, o.AID) {
				i.Instances = append(i.Instances, o.AID)
			}
		}
		return nil
	})
}
