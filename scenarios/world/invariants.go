package world

import (
	"context"
	"errors"
	"fmt"

	"inkan/ca/registry"
	"inkan/core/tsmp"
	"inkan/tsm/sp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// Invariants makes sure of what holds of all parties together when nothing is under way
// and nothing on its way: Moment, and that no SIM has a key without certificate or a
// domain that nobody knows. The error names everything that is not so.
// Spec: SPEC-WORKFLOW-003, SPEC-WORKFLOW-004.
func (w *World) Invariants(ctx context.Context) error {
	b, err := w.books(ctx)
	if err != nil {
		return err
	}
	defer b.register.Close()
	all := []error{w.moment(ctx, b)}
	for _, t := range w.left {
		all = append(all, b.traces(t))
	}
	for _, s := range w.sims {
		t, err := s.Traces(ctx)
		if err == nil {
			err = b.traces(t)
		}
		all = append(all, err)
	}
	return errors.Join(all...)
}

// Moment makes sure of what holds at every moment: one live certificate of a phone for
// a person, none without a receipt that is kept, and stores and audit trails that pass
// their own check. Spec: SPEC-WORKFLOW-001, SPEC-WORKFLOW-002, SPEC-WORKFLOW-005.
func (w *World) Moment(ctx context.Context) error {
	b, err := w.books(ctx)
	if err != nil {
		return err
	}
	defer b.register.Close()
	return w.moment(ctx, b)
}

func (w *World) moment(ctx context.Context, b *books) error {
	return errors.Join(certificates(b.register, w.Now()), w.Check(ctx))
}

// books are what the servers know of SIMs.
type books struct {
	register  *registry.Snapshot
	instances map[tsmp.SEID][]*sp.Instance // of the SP-TSM
	services  map[tsmp.SEID][]row.Service  // of carriers
}

// books opens them; the caller closes register.
func (w *World) books(ctx context.Context) (b *books, err error) {
	b = &books{instances: map[tsmp.SEID][]*sp.Instance{}, services: map[tsmp.SEID][]row.Service{}}
	provider, ok := w.processes[SPTSM].server.(*spServer)
	if !ok {
		return nil, errors.New("world: the SP-TSM has never run")
	}
	err = provider.Instances(ctx, func(i *sp.Instance) error {
		b.instances[i.SE] = append(b.instances[i.SE], i)
		return nil
	})
	for _, name := range w.Config.Carriers {
		if err != nil {
			return nil, err
		}
		err = w.Carriers[name].manager().tenant.View(ctx, func(s *store.Snapshot) error {
			return store.Services.Scan(s, func(r *row.Service) error {
				b.services[r.SE] = append(b.services[r.SE], *r)
				return nil
			})
		})
	}
	if err != nil {
		return nil, err
	}
	b.register, err = w.CA.Registry().Snapshot(ctx)
	return b, err
}

// traces compares what is on a SIM with the books.
func (b *books) traces(t *Traces) error {
	var all []error
	removal := b.removal(t.SE)
	if t.Applet && t.Phase != 0 && !removal {
		if err := b.known(t); err != nil {
			all = append(all, fmt.Errorf("SPEC-WORKFLOW-003: %s: %w", t.SIM, err))
		}
	}
	if t.Domain && !removal {
		if err := b.owned(t.SE); err != nil {
			all = append(all, fmt.Errorf("SPEC-WORKFLOW-004: %s: %w", t.SIM, err))
		}
	}
	return errors.Join(all...)
}

// removal reports whether what is on a SIM is being erased or removed.
func (b *books) removal(se tsmp.SEID) bool {
	for _, i := range b.instances[se] {
		if i.Busy == "erase" || i.Busy == "revocation" {
			return true
		}
	}
	for _, s := range b.services[se] {
		if s.State == tsmp.ServiceTerminating {
			return true
		}
	}
	return false
}

// owned makes sure that carrier and SP-TSM have one and the same instance for a domain.
func (b *books) owned(se tsmp.SEID) error {
	for _, i := range b.instances[se] {
		if i.State == tsmp.ServiceTerminated {
			continue
		}
		for _, s := range b.services[se] {
			if s.Reference == i.Reference && s.State != tsmp.ServiceTerminated && s.State != tsmp.ServiceDeclared {
				return nil
			}
		}
	}
	return fmt.Errorf("a provider's domain is on it that is nobody's: the SP-TSM has %d instances, carriers have %d", len(b.instances[se]), len(b.services[se]))
}
