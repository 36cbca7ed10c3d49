package sp

import (
	"context"
	"time"

	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// Pauses that apps are asked for, and times about certificates.
const (
	pauseSeconds = 5
	renewBefore  = 90 * 24 * time.Hour
)

// GetProgress implements tsmp.UIAppServer. It reads only.
func (m *Manager) GetProgress(ctx context.Context, call *tsmp.Call, q *tsmp.GetProgressRequest) (*tsmp.GetProgressAnswer, error) {
	app, e, err := m.sessionOf(ctx, call, q.Nonce)
	if err != nil {
		return nil, err
	}
	return m.progress(&app, &e), nil
}

// progress is what an app is told of its application.
func (m *Manager) progress(app *row.Application, e *session) *tsmp.GetProgressAnswer {
	a := &tsmp.GetProgressAnswer{Stage: e.Stage, Done: e.Done, Total: e.Total, Pause: pauseSeconds}
	switch e.Stage {
	case tsmp.StageRefused:
		a.Refusal, a.Pause = e.Refusal, 0
		return a
	case tsmp.StageDone:
		a.Pause = 0
	}
	if len(e.ToSign) == 48 {
		a.Order = &tsmp.OrderToSign{Hash: [32]byte(e.ToSign[:32]), Challenge: [16]byte(e.ToSign[32:])}
	}
	if len(e.Ticket) == 32 && e.Until.After(m.config.Now()) {
		a.Relay = &tsmp.RelayAccess{Party: e.Relay, Ticket: tsmp.Ticket(e.Ticket), Until: e.Until}
	}
	if app.Progress == row.Fulfilled {
		a.Reply = e.Reply
	}
	a.NotAfter = e.NotAfter
	return a
}

// CancelApplication implements tsmp.UIAppServer. Spec: SPEC-SP-TSM-032.
func (m *Manager) CancelApplication(ctx context.Context, call *tsmp.Call, q *tsmp.CancelApplicationRequest) (*tsmp.Acknowledgement, error) {
	app, e, err := m.sessionOf(ctx, call, q.Nonce)
	if err != nil {
		return nil, err
	}
	if app.Progress == row.Lapsed {
		return &tsmp.Acknowledgement{}, nil
	}
	late := false
	err = m.withSession(ctx, q.Nonce, func(f *flow) error {
		signed := f.job.Verified != (tsmp.ApplicationID{})
		if late = f.job.Activated || !f.app.Progress.Open() || signed && (f.row.Kind == kindRevoke || f.row.Kind == kindLift); late {
			return nil
		}
		f.by(call)
		return f.abandon(row.WorkflowCancelled, tsmp.CodeApplicationUsed, tsmp.GroundService)
	})
	if err == nil && (late || app.Progress != row.Received && e.Stage == tsmp.StageDone) {
		err = tsmp.Refuse(tsmp.CodeWrongState, "")
	}
	if err != nil {
		return nil, err
	}
	return &tsmp.Acknowledgement{}, nil
}

// withSession runs something on the workflow of an application.
func (m *Manager) withSession(ctx context.Context, n tsmp.Nonce, do func(*flow) error) error {
	return m.config.Tenant.Step(ctx, func(tx *store.Tx) error {
		app, found, err := store.Applications.Get(tx, row.ApplicationID(n))
		if err != nil || !found {
			return err
		}
		var e session
		if err := codec.Decode(app.Content, &e); err != nil {
			return err
		}
		return m.on(ctx, tx, e.Workflow, do)
	})
}

// holdingOf is a service instance of the calling app. Spec: SPEC-TSM-PROTOCOL-102.
func (m *Manager) holdingOf(ctx context.Context, call *tsmp.Call, phone tsmp.PhoneID) (s row.Service, h holding, err error) {
	err = m.config.Tenant.View(ctx, func(r *store.Snapshot) error {
		var found bool
		if s, found, err = store.ServicesByPhone.First(r, phone); err != nil || !found {
			return err
		}
		return h.read(s.Content)
	})
	if err == nil && h.App != call.Sender {
		err = tsmp.Refuse(tsmp.CodeUnknownPhone, "")
	}
	return s, h, err
}

// GetServiceInstance implements tsmp.UIAppServer: the authority says what the
// certificate is.
func (m *Manager) GetServiceInstance(ctx context.Context, call *tsmp.Call, q *tsmp.GetServiceInstanceRequest) (*tsmp.GetServiceInstanceAnswer, error) {
	_, _, err := m.holdingOf(ctx, call, q.Phone)
	if err != nil {
		return nil, err
	}
	ca, ok := m.authority()
	if !ok {
		return nil, tsmp.Refuse(tsmp.CodeOverloaded, "")
	}
	state, err := ca.GetCertificateStatus(ctx, within(call, tsmp.GetCertificateStatus, m.config.Authority), &tsmp.GetCertificateStatusRequest{Phone: q.Phone})
	if err != nil {
		return nil, err
	}
	a := &tsmp.GetServiceInstanceAnswer{Certificates: state.Certificates}
	for _, c := range state.Certificates {
		if c.State == certificate.Active {
			a.RenewableFrom = c.NotAfter.Add(-renewBefore)
		}
	}
	return a, nil
}

// ReportEvent implements tsmp.UIAppServer. Spec: SPEC-SP-TSM-026, SPEC-SP-TSM-035.
func (m *Manager) ReportEvent(ctx context.Context, call *tsmp.Call, q *tsmp.ReportEventRequest) (*tsmp.RecordedAnswer, error) {
	s, h, err := m.holdingOf(ctx, call, q.Phone)
	if err != nil {
		return nil, err
	}
	if q.Event != tsmp.PhonePINSet && h.Phase != tsmp.PhaseOperational && h.Phase != tsmp.PhaseHeld {
		return nil, tsmp.Refuse(tsmp.CodeWrongState, "")
	}
	var at time.Time
	err = m.config.Tenant.Step(ctx, func(tx *store.Tx) error {
		at = wholeSeconds(tx.Now())
		if q.Event == tsmp.PhonePINSet {
			if first, err := m.forget(tx, &s); !first || err != nil {
				return err
			}
		}
		err := tx.Audit(store.Event{Event: q.Event.String(), Actor: string(call.Sender), Responsible: applicant,
			Subject: row.Subject{Service: s.Reference, SE: s.SE, Call: call.ID}, Evidence: evidenceOf(call)})
		if err != nil {
			return err
		}
		return m.happened(ctx, tx, call, q, &s)
	})
	if err != nil {
		return nil, err
	}
	return &tsmp.RecordedAnswer{RecordedAt: at}, nil
}

// happened does what an event asks for of authority and card.
func (m *Manager) happened(ctx context.Context, tx *store.Tx, call *tsmp.Call, q *tsmp.ReportEventRequest, s *row.Service) error {
	j := m.jobOf(tx, s, q.Phone)
	j.Ground, j.Case, j.Reason = tsmp.GroundService, call.ID.String()+" "+q.Event.String(), reasonCessation
	switch q.Event {
	case tsmp.PhoneLost:
		return m.launch(ctx, tx, kindHold, j, phaseFor)
	case tsmp.PhoneDisposed:
		return m.launch(ctx, tx, kindErase, j, eraseFor)
	}
	return nil
}

// forget removes replies that are of no use any more: the PIN is set. some: there were some.
func (m *Manager) forget(tx *store.Tx, s *row.Service) (some bool, err error) {
	var list []row.Application
	err = store.ApplicationsOfSE.Scan(tx, s.SE, func(a *row.Application) error {
		if a.Service == s.Reference && a.Progress == row.Fulfilled {
			list = append(list, *a)
		}
		return nil
	})
	for i := range list {
		var e session
		if err == nil {
			err = codec.Decode(list[i].Content, &e)
		}
		if err != nil || e.Reply == nil {
			continue
		}
		e.Reply, some = nil, true
		if list[i].Content, err = codec.Append(nil, &e); err == nil {
			err = store.Applications.Put(tx, &list[i])
		}
	}
	return some, err
}
