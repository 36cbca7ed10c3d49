package mno

import (
	"bytes"
	"context"
	"time"

	"inkan/core/gp"
	"inkan/core/tsmp"
	"inkan/tsm/mno/content"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// GetApplicationOrELFStatus implements tsmp.MNO: what the card said last, or the
// card is asked. Of a SIM that is somebody else's by now nothing is said.
// Spec: SPEC-MNO-TSM-058, SPEC-MNO-TSM-074.
func (m *Manager) GetApplicationOrELFStatus(ctx context.Context, call *tsmp.Call, b *tsmp.GetApplicationOrELFStatusRequest) (a *tsmp.GetApplicationOrELFStatusAnswer, err error) {
	pending := false
	err = m.c.Tenant.Step(ctx, func(tx *store.Tx) error {
		s, i, err := mine(tx, call, b.Reference)
		if err != nil {
			return err
		}
		if err := current(tx, &s, &i); err != nil {
			return err
		}
		if b.AID != nil && !known(m.entries(&s, &i), b.AID) {
			return tsmp.Refuse(tsmp.CodeAIDNotPermitted, "")
		}
		if !fresh(tx.Now(), i.AuditedAt, b.MaxAge) {
			pending = true
			return m.ask(ctx, tx, &s, &i)
		}
		a = &tsmp.GetApplicationOrELFStatusAnswer{AsOf: whole(i.AuditedAt)}
		for _, e := range i.Entries {
			if b.AID == nil || bytes.Equal(b.AID, e.AID) {
				a.Entries = append(a.Entries, e)
			}
		}
		return nil
	})
	if err == nil && pending {
		err = tsmp.Refuse(tsmp.CodeAuditPending, "")
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// GetSDFreeMemory implements tsmp.MNO: the card's free memory, which a domain
// without quota shares with all others. Spec: SPEC-MNO-TSM-058, SPEC-MNO-TSM-074.
func (m *Manager) GetSDFreeMemory(ctx context.Context, call *tsmp.Call, b *tsmp.GetSDFreeMemoryRequest) (a *tsmp.GetSDFreeMemoryAnswer, err error) {
	pending := false
	err = m.c.Tenant.Step(ctx, func(tx *store.Tx) error {
		s, i, err := mine(tx, call, b.Reference)
		if err != nil {
			return err
		}
		if err := first(in(&s, tsmp.ServiceDeployed, tsmp.ServiceSuspended), current(tx, &s, &i)); err != nil {
			return err
		}
		sim, _, err := simOf(tx, s.SE)
		if err != nil {
			return err
		}
		if !fresh(tx.Now(), sim.MemoryAt, b.MaxAge) {
			pending = true
			return m.ask(ctx, tx, &s, &i)
		}
		a = &tsmp.GetSDFreeMemoryAnswer{AsOf: whole(sim.MemoryAt), NonVolatile: min(sim.NonVolatile, tsmp.MaxMemory), Volatile: min(sim.Volatile, tsmp.MaxMemory)}
		return nil
	})
	if err == nil && pending {
		err = tsmp.Refuse(tsmp.CodeAuditPending, "")
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// fresh reports whether what was heard at a time is no older than seconds; 0: any.
func fresh(now, at time.Time, seconds uint64) bool {
	return !at.IsZero() && (seconds == 0 || now.Sub(at) <= time.Duration(seconds)*time.Second)
}

// entries are what of an instance is, or may be, in the card's registry.
func (m *Manager) entries(s *row.Service, i *instance) (list []tsmp.CardEntry) {
	if i.Domain == nil {
		return nil
	}
	list = append(list, tsmp.CardEntry{AID: i.Domain, Kind: tsmp.EntryDomain})
	for _, a := range m.applications(s, i) {
		list = append(list, tsmp.CardEntry{AID: a, Kind: tsmp.EntryApplication})
	}
	for _, p := range m.packages(s, i) {
		list = append(list, tsmp.CardEntry{AID: p, Kind: tsmp.EntryLoadFile})
	}
	return list[:min(len(list), tsmp.MaxEntries)]
}

func known(list []tsmp.CardEntry, aid []byte) bool {
	for _, e := range list {
		if bytes.Equal(e.AID, aid) {
			return true
		}
	}
	return false
}

// ask begins to ask the card by short messages, unless it is being asked, nothing
// reaches it so, or the SP-TSM announced that it changes the instance.
func (m *Manager) ask(ctx context.Context, tx *store.Tx, s *row.Service, i *instance) error {
	if i.Auditing != (row.WorkflowID{}) || i.Announced != 0 {
		return nil
	}
	sim, c, err := simOf(tx, s.SE)
	if err != nil {
		return err
	}
	bearer, err := m.reach(tx, &sim, []tsmp.Bearer{tsmp.BearerSMS})
	if err != nil || bearer == 0 {
		return err
	}
	commands, err := content.Questions(m.entries(s, i))
	if err != nil {
		return err
	}
	run, err := content.Run(commands...)
	if err != nil {
		return err
	}
	a := &action{Reference: s.Reference, SE: s.SE, Bearer: bearer, ExpectedBy: m.until(tx, bearer)}
	if a.Run, err = m.newRun(&sim, &c, run); err != nil {
		return err
	}
	w := row.Workflow{Kind: kindAudit, Subject: row.SubjectID(s.SE), Begun: tx.Now()}
	m.draw.Fill(w.ID[:])
	err = changeService(tx, s.Reference, func(_ *row.Service, i *instance) error {
		i.Auditing = w.ID
		return nil
	})
	if err != nil {
		return err
	}
	return m.fly(ctx, tx, &w, a)
}

// audited is the end of an audit: what the card said is kept.
func (m *Manager) audited(tx *store.Tx, w *row.Workflow, a *action, r *result) error {
	if err := m.noteMemory(tx, a.SE, r.responses); err != nil {
		return err
	}
	err := changeService(tx, a.Reference, func(s *row.Service, i *instance) error {
		i.Auditing = row.WorkflowID{}
		if r.outcome == tsmp.OutcomeDone {
			i.AuditedAt, i.Entries = tx.Now(), said(m.entries(s, i), r.responses)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := closed(tx, w, a, r.outcome); err != nil {
		return err
	}
	e := store.Event{Event: "card-audited", Actor: string(m.c.Party), Responsible: m.managing(), Subject: row.Subject{Service: a.Reference, SE: a.SE, Workflow: w.ID}}
	if r.outcome != tsmp.OutcomeDone {
		e.Refused = r.outcome.String()
	}
	if all := bytes.Join(r.responses, nil); len(all) > 0 {
		e.Evidence = []store.Evidence{{Name: "responses", Bytes: all}}
	}
	return tx.Audit(e)
}

// said are the entries that the card answered for, one response each.
func said(asked []tsmp.CardEntry, responses [][]byte) (list []tsmp.CardEntry) {
	for i, e := range asked {
		if i >= len(responses) || len(responses[i]) <= 2 {
			continue
		}
		g := gp.GetStatus{Subset: gp.SubsetApplications}
		r := gp.NewStatusReader(&g, responses[i][:len(responses[i])-2])
		var x gp.Entry
		for r.Next(&x) {
			if bytes.Equal(x.AID.Append(nil), e.AID) {
				e.LifeCycle = uint64(x.LifeCycle)
				list = append(list, e)
			}
		}
	}
	return list
}
