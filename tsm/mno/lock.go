package mno

import (
	"context"

	"inkan/core/tsmp"
	"inkan/tsm/mno/content"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// SuspendOrResumeService implements tsmp.MNO: the applications are locked by the
// issuer's domain, or freed. Spec: SPEC-MNO-TSM-048.
func (m *Manager) SuspendOrResumeService(ctx context.Context, call *tsmp.Call, b *tsmp.SuspendOrResumeServiceRequest) (a *tsmp.ActionAnswer, err error) {
	event, kindOf, from := "suspension-ordered", kindLock, tsmp.ServiceDeployed
	if b.Resume {
		event, kindOf, from = "resumption-ordered", kindUnlock, tsmp.ServiceSuspended
	}
	err = m.serve(ctx, call, event, row.Subject{Service: b.Reference}, false, func() tsmp.Body { return a }, func(tx *store.Tx) error {
		s, i, err := mine(tx, call, b.Reference)
		if err != nil {
			return err
		}
		if a, err = repeated(tx, call); err != nil || a != nil {
			return err
		}
		if err := first(idle(&s, &i), in(&s, from), current(tx, &s, &i)); err != nil {
			return err
		}
		list, err := content.Lock(m.applications(&s, &i), !b.Resume)
		if err != nil {
			return err
		}
		commands, err := content.Run(list...)
		if err != nil {
			return err
		}
		if err := acting(tx, call, b.Reference); err != nil {
			return err
		}
		a, err = m.begin(ctx, tx, &order{call: call, kind: kindOf, service: &s, bearers: b.Bearers, commands: commands})
		return err
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// applications are those that an instance has on the card: in simple mode what the
// carrier installed, else what was agreed on.
func (m *Manager) applications(s *row.Service, i *instance) [][]byte {
	if o := m.offer(s.Peer, s.Name); s.Model != tsmp.ModelSimple && o != nil {
		return o.Instances
	}
	return i.Instances
}

// acting notes that an action is under way on an instance.
func acting(tx *store.Tx, call *tsmp.Call, ref tsmp.ServiceReference) error {
	return store.Services.Change(tx, ref, func(s *row.Service) error {
		s.Action = call.ID
		return nil
	})
}
