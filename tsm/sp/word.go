package sp

import (
	"context"
	"time"

	"inkan/core/jpki"
	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// used reports whether the application on the card is in use, or held.
func (h *holding) used() bool { return h.Phase == tsmp.PhaseOperational || h.Phase == tsmp.PhaseHeld }

// strays reports whether the application on the card may be in another phase than p and
// can be brought into it.
func (h *holding) strays(p tsmp.Phase) bool { return h.used() && (h.Unsure || h.Phase != p) }

// word takes the phase that the certificate's state asks for, and since when it is in that
// state: not later than now, whatever the authority's clock says. What is of before the
// last word is false. Spec: SPEC-SP-TSM-038.
func (h *holding) word(p tsmp.Phase, since, now time.Time) (last bool) {
	if since.After(now) {
		since = wholeSeconds(now)
	}
	if since.Before(h.Since) {
		return false
	}
	h.Wanted, h.Since = p, since
	return true
}

// wantedBy is the phase that a certificate's state asks for; 0: none.
func wantedBy(s certificate.State) tsmp.Phase {
	switch s {
	case certificate.Active:
		return tsmp.PhaseOperational
	case certificate.Suspended:
		return tsmp.PhaseHeld
	}
	return 0
}

// decided takes the authority's answer about the instance's certificate.
// Spec: SPEC-SP-TSM-038.
func (f *flow) decided(b tsmp.Body) error {
	before := f.holding.Wanted
	for _, c := range b.(*tsmp.StateAnswer).Certificates {
		if p := wantedBy(c.State); p != 0 && c.Role == jpki.Auth && f.service.Phone == f.job.Phone {
			f.holding.word(p, c.Since, f.tx.Now())
		}
	}
	if f.holding.Wanted != before { // who waits to try the other one again need not
		if err := f.m.wake(f.tx, f.service.SE); err != nil {
			return err
		}
	}
	return f.proceed()
}

// decided takes what the authority decided on its own, and has it brought to the card.
// Spec: SPEC-SP-TSM-027, SPEC-SP-TSM-038.
func (m *Manager) decided(ctx context.Context, tx *store.Tx, s *row.Service, p tsmp.Phase, since time.Time) error {
	last := false
	err := m.changeHolding(tx, s.Reference, func(h *holding) { last = h.word(p, since, tx.Now()) })
	if err != nil || !last {
		return err
	}
	if err := m.wake(tx, s.SE); err != nil {
		return err
	}
	return m.launch(ctx, tx, bringing(p), m.jobOf(tx, s, s.Phone), phaseFor)
}

// changeHolding changes what is kept of a service instance on which nothing is being done
// in this step.
func (m *Manager) changeHolding(tx *store.Tx, ref tsmp.ServiceReference, change func(*holding)) error {
	return store.Services.Change(tx, ref, func(s *row.Service) (err error) {
		var h holding
		if err := h.read(s.Content); err != nil {
			return err
		}
		change(&h)
		s.Content, err = codec.Append(nil, &h)
		return err
	})
}

// bringing is the kind of workflow that brings a card into a phase.
func bringing(p tsmp.Phase) string {
	if p == tsmp.PhaseHeld {
		return kindHold
	}
	return kindFree
}

// moves reports whether the workflow is at holding or freeing the card.
func (f *flow) moves() bool {
	return f.at().name == "card" && (f.row.Kind == kindHold || f.row.Kind == kindFree || f.row.Kind == kindLift)
}

// overruled reports whether the authority's last word asks for the other phase.
func (f *flow) overruled() bool {
	return f.holding.Wanted != 0 && f.holding.Wanted != f.phaseAfter() && f.service.Phone == f.job.Phone
}

// reached notes the phase that a program has brought the card into.
func (f *flow) reached() {
	switch name := f.at().name; {
	case name == "erase", name == "empty":
		f.holding.Phase, f.holding.Unsure = tsmp.PhaseErased, false
	case f.moves():
		f.holding.Phase, f.holding.Unsure = f.phaseAfter(), false
	}
}

// remedy has the card brought into the phase that the authority's last word asks for,
// where this workflow has not and no other one will. What was tried until its deadline is
// not begun again. Spec: SPEC-SP-TSM-037.
func (f *flow) remedy() error {
	switch {
	case f.service == nil || f.service.Phone != f.job.Phone || f.service.Domain != tsmp.DomainEnrolled:
		return nil
	case f.holding.Wanted == 0 || !f.holding.strays(f.holding.Wanted):
		return nil
	case f.row.Kind != kindLift && !f.overruled(): // its time was over
		return nil
	}
	if err := f.save(); err != nil {
		return err
	}
	some, err := f.m.underWay(f.tx, f.service, f.holding.Wanted)
	if err != nil || some {
		return err
	}
	return f.handOver(bringing(f.holding.Wanted), phaseFor)
}

// underWay reports whether a workflow is there that brings an instance's card into a phase.
func (m *Manager) underWay(tx *store.Tx, s *row.Service, p tsmp.Phase) (some bool, err error) {
	look := func(w *row.Workflow) error {
		f := flow{row: *w, plan: plans(w.Kind)}
		if !w.State.Live() || !f.moves() || f.phaseAfter() != p {
			return nil
		}
		err := codec.Decode(w.Data, &f.job)
		some = some || f.job.Phone == s.Phone
		return err
	}
	if err := store.WorkflowsOf.Scan(tx, row.SubjectID(s.Reference), look); err != nil || some {
		return some, err
	}
	err = store.ApplicationsOfSE.Scan(tx, s.SE, func(a *row.Application) error {
		if !a.Progress.Open() || a.Service != s.Reference {
			return nil
		}
		return store.WorkflowsOf.Scan(tx, row.SubjectID(a.ID), look)
	})
	return some, err
}
