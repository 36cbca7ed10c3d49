package world

import (
	"context"
	"encoding/hex"
	"time"

	"inkan/ca/registry/record"
	"inkan/core/tsmp"
	"inkan/scenarios/report"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// Entry is an entry of a party's audit trail, in the form that all parties have in
// common.
type Entry struct {
	Number      uint64 // from 1, without a gap
	At          time.Time
	Event       string
	Refused     string // why it was refused; empty: it happened
	Actor       string // who did it or asked for it
	Responsible string // on whose responsibility, 責任分界
	Evidence    []report.Evidence
}

// keepsTrail is a server with an audit trail.
type keepsTrail interface {
	// trail walks over the entries from a number on.
	trail(ctx context.Context, from uint64, do func(Entry) error) error
}

// Audited are the parties that keep an audit trail: those with a process, then those
// that the world notes for.
func (w *World) Audited() (all []tsmp.PartyID) {
	for _, p := range w.order {
		all = append(all, p.party)
	}
	return append(all, w.noting...)
}

// Trail walks over a party's audit trail.
func (w *World) Trail(ctx context.Context, party tsmp.PartyID, do func(Entry) error) error {
	return w.trail(ctx, party, 1, do)
}

func (w *World) trail(ctx context.Context, party tsmp.PartyID, from uint64, do func(Entry) error) error {
	if p := w.processes[party]; p != nil {
		if t, ok := p.server.(keepsTrail); ok {
			return t.trail(ctx, from, do)
		}
		return nil
	}
	for _, e := range w.notes[party][min(int(from)-1, len(w.notes[party])):] {
		if err := do(e); err != nil {
			return err
		}
	}
	return nil
}

// note puts an entry into the trail of a party without a process: a relying party, a
// phone, an office.
func (w *World) note(party tsmp.PartyID, event, actor, responsible string, err error) {
	if w.notes[party] == nil {
		w.noting = append(w.noting, party)
	}
	e := Entry{Number: uint64(len(w.notes[party]) + 1), At: w.Now(), Event: event, Actor: actor, Responsible: responsible}
	if err != nil {
		e.Refused = err.Error()
	}
	w.notes[party] = append(w.notes[party], e)
}

// audit tells watchers what is new in the audit trails.
func (w *World) audit(ctx context.Context) error {
	if w.Record == nil {
		return nil
	}
	for _, party := range w.Audited() {
		if p := w.processes[party]; p != nil && p.dead {
			continue
		}
		err := w.trail(ctx, party, w.audited[party]+1, func(e Entry) error {
			w.audited[party] = e.Number
			w.Record.AuditEntry(report.AuditEntry{Step: w.steps, Party: w.lane(party), Number: e.Number, At: e.At, Event: e.Event, Refused: e.Refused,
				Actor: e.Actor, Responsible: e.Responsible, Evidence: e.Evidence})
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// trail implements keepsTrail.
func (s *caServer) trail(ctx context.Context, from uint64, do func(Entry) error) error {
	snapshot, err := s.Registry().Snapshot(ctx)
	if err != nil {
		return err
	}
	defer snapshot.Close()
	for n := from; ; n++ {
		e, found, err := snapshot.Entry(n)
		if err != nil || !found {
			return err
		}
		if err := do(ofRegistry(&e)); err != nil {
			return err
		}
	}
}

func ofRegistry(e *record.Entry) Entry {
	out := Entry{Number: e.Number, At: e.At, Event: e.Act, Refused: e.Refused, Actor: e.Actor, Responsible: "CA"}
	for _, x := range e.Exhibits {
		out.Evidence = append(out.Evidence, report.Evidence{Name: x.Name, SHA256: hex.EncodeToString(x.Hash[:])})
	}
	return out
}

// trailOf walks over a tenant's audit trail.
func trailOf(ctx context.Context, t *store.Tenant, from uint64, do func(Entry) error) error {
	return t.View(ctx, func(s *store.Snapshot) error {
		for n := from; ; n++ {
			e, found, err := store.Entry(s, n)
			if err != nil || !found {
				return err
			}
			if err := do(ofStore(&e)); err != nil {
				return err
			}
		}
	})
}

func ofStore(e *row.Entry) Entry {
	out := Entry{Number: e.Number, At: e.At, Event: e.Event, Refused: e.Refused, Actor: e.Actor, Responsible: e.Responsible}
	for _, x := range e.Exhibits {
		out.Evidence = append(out.Evidence, report.Evidence{Name: x.Name, SHA256: hex.EncodeToString(x.Hash[:])})
	}
	return out
}
