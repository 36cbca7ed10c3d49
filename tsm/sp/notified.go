package sp

import (
	"context"

	"inkan/core/tsmp"
	"inkan/tsm/post"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// acknowledged takes the answer to a letter that no workflow waits for.
func (m *Manager) acknowledged(ctx context.Context, tx *store.Tx, e *post.Ended) error {
	if q, ok := e.Request.(*tsmp.GetServiceStateRequest); ok {
		if a, ok := e.Answer.(*tsmp.ServiceStateAnswer); ok {
			return m.told(ctx, tx, q.Reference, a)
		}
		if e.Failure != nil && e.Failure.Code == tsmp.CodeUnknownReference {
			return m.unknown(ctx, tx, e, q.Reference)
		}
	}
	refused := ""
	if e.Failure != nil {
		refused = string(e.Failure.Code)
	}
	role := tsmp.RoleMNOTSM
	party := post.Party(e.Message.Key.Destination)
	if party == m.config.Authority {
		role = tsmp.RoleCA
	}
	return tx.Audit(store.Event{Event: answerEvents[e.Function], Refused: refused, Actor: string(party), Responsible: role.String(),
		Subject: row.Subject{Call: e.Message.Call}, Evidence: []store.Evidence{{Name: string(e.Function) + "-request", Bytes: e.Message.Bytes},
			{Name: string(e.Function) + "-answer", Bytes: e.Evidence}}})
}

// inquire asks the carrier where an instance is.
func (m *Manager) inquire(tx *store.Tx, s *row.Service) error {
	_, err := m.post.Put(tx, post.Letter{To: s.Peer, Lane: s.Reference.String(), Function: tsmp.GetServiceState, Body: &tsmp.GetServiceStateRequest{Reference: s.Reference}})
	return err
}

// told takes what the carrier says of an instance whose action is overdue: when it has
// ended, its responses are lost to this side.
func (m *Manager) told(ctx context.Context, tx *store.Tx, ref tsmp.ServiceReference, a *tsmp.ServiceStateAnswer) error {
	s, found, err := store.Services.Get(tx, ref)
	if err != nil || !found {
		return err
	}
	w, err := m.busy(tx, &s)
	if err != nil {
		return err
	}
	if !w.State.Live() {
		return m.compare(tx, &s, a)
	}
	return m.on(ctx, tx, w.ID, func(f *flow) error {
		switch {
		case !f.job.Acting:
			return nil
		case a.Action == f.job.Call: // it is still being tried
			f.row.Cursor, f.row.Next = 0, f.tx.Now().Add(10*grace)
			return nil
		case a.LastAction == f.job.Call:
			return f.ended(&end{outcome: a.Outcome, state: a.State, Outcome: Outcome{Interrupted: true}})
		}
		return f.ended(&end{outcome: tsmp.OutcomeUnreachable, state: a.State})
	})
}

// notice takes a notification once, and notes it. Spec: SPEC-SP-TSM-040.
func (m *Manager) notice(ctx context.Context, call *tsmp.Call, number tsmp.Notice, event string, subject row.Subject, do func(*store.Tx) error) (*tsmp.Acknowledgement, error) {
	err := m.config.Tenant.Step(ctx, func(tx *store.Tx) error {
		fresh, err := m.fresh(tx, call, number)
		if err != nil || !fresh {
			return err
		}
		subject.Call = call.ID
		if err := tx.Audit(store.Event{Event: event, Actor: string(call.Sender), Responsible: call.Role.String(), Subject: subject,
			Evidence: evidenceOf(call)}); err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		return m.config.Tenant.Complete(ctx, func() ([]byte, error) { return call.Complete(new(tsmp.Acknowledgement)) })
	})
	if err != nil {
		return nil, err
	}
	return new(tsmp.Acknowledgement), nil
}

// instance reads a service instance of the carrier that speaks of it.
func (m *Manager) instance(ctx context.Context, call *tsmp.Call, ref tsmp.ServiceReference) (s row.Service, err error) {
	err = m.config.Tenant.View(ctx, func(r *store.Snapshot) error {
		at, found, err := store.Services.Get(r, ref)
		if err == nil && (!found || at.Peer != call.Sender) {
			return tsmp.Refuse(tsmp.CodeUnknownReference, "")
		}
		s = at
		return err
	})
	return s, err
}

// HandleActionDoneOnServiceNotification implements tsmp.SPNotified: the workflow that
// waits for the action goes on. One that nobody waits for any more is noted.
func (m *Manager) HandleActionDoneOnServiceNotification(ctx context.Context, call *tsmp.Call, q *tsmp.HandleActionDoneOnServiceNotificationRequest) (*tsmp.Acknowledgement, error) {
	s, err := m.instance(ctx, call, q.Reference)
	if err != nil {
		return nil, err
	}
	event := "action-" + q.Outcome.String()
	return m.notice(ctx, call, q.Notice, event, row.Subject{Service: s.Reference, SE: s.SE}, func(tx *store.Tx) error {
		w, err := m.busyOf(tx, q.Reference)
		if err != nil || !w.State.Live() {
			return err
		}
		return m.on(ctx, tx, w.ID, func(f *flow) error {
			if f.job.Call != q.Action { // of before; what waited for its end can go on
				if f.row.State == row.WorkflowRunning {
					f.row.Next = tx.Now()
				}
				return nil
			}
			return f.ended(&end{outcome: q.Outcome, state: q.State, Outcome: Outcome{Responses: q.Responses, Proofs: q.Proofs}})
		})
	})
}

func (m *Manager) busyOf(tx *store.Tx, ref tsmp.ServiceReference) (w row.Workflow, err error) {
	s, found, err := store.Services.Get(tx, ref)
	if err != nil || !found {
		return w, err
	}
	return m.busy(tx, &s)
}

// HandleCertificateStateChangeNotification implements tsmp.Notified: what the authority
// decided is brought to the card. Another authority decides nothing here.
// Spec: SPEC-SP-TSM-027.
func (m *Manager) HandleCertificateStateChangeNotification(ctx context.Context, call *tsmp.Call, q *tsmp.HandleCertificateStateChangeNotificationRequest) (*tsmp.Acknowledgement, error) {
	if call.Sender != m.config.Authority {
		return nil, tsmp.Refuse(tsmp.CodeNotAuthorised, "")
	}
	return m.notice(ctx, call, tsmp.Notice{Sequence: q.Sequence}, "certificate-"+q.Event.String(), m.subjectOfPhone(ctx, q.Phone), func(tx *store.Tx) error {
		s, found, err := store.ServicesByPhone.First(tx, q.Phone)
		if err != nil {
			return err
		}
		if !found || s.State == tsmp.ServiceTerminated || s.State == tsmp.ServiceOrphaned {
			return nil // nothing of it is on a card that can be reached
		}
		switch q.Event {
		case tsmp.EventSuspended:
			return m.decided(ctx, tx, &s, tsmp.PhaseHeld, q.Certificate.Since)
		case tsmp.EventResumed:
			return m.decided(ctx, tx, &s, tsmp.PhaseOperational, q.Certificate.Since)
		}
		if q.Erase {
			return m.launch(ctx, tx, kindErase, m.jobOf(tx, &s, q.Phone), eraseFor)
		}
		return nil
	})
}

func (m *Manager) subjectOfPhone(ctx context.Context, phone tsmp.PhoneID) (subject row.Subject) {
	m.config.Tenant.View(ctx, func(r *store.Snapshot) error {
		s, found, err := store.ServicesByPhone.First(r, phone)
		if found {
			subject = row.Subject{Service: s.Reference, SE: s.SE}
		}
		return err
	})
	return subject
}
