package sp

import (
	"context"
	"errors"
	"slices"
	"time"

	"inkan/core/jpki"
	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// Limits of applications begun for one SIM.
const (
	maxBegun    = 5
	begunWithin = time.Hour
)

// StartApplication implements tsmp.UIAppServer: eligibility by the carrier of the SIM,
// a nonce, and the one-time code on its way. Spec: SPEC-SP-TSM-001 to SPEC-SP-TSM-006.
func (m *Manager) StartApplication(ctx context.Context, call *tsmp.Call, q *tsmp.StartApplicationRequest) (*tsmp.StartApplicationAnswer, error) {
	nonce := m.nonceOf(call)
	if app, a, found, err := m.begun(ctx, nonce); found || err != nil {
		if err != nil || !q.Purpose.Issues() {
			return a, err
		}
		return a, m.deliverCode(ctx, call, q, app, a.Until)
	}
	about, err := m.about(ctx, call, q)
	if err != nil {
		return nil, err
	}
	if err := m.limit(ctx, call, q, about); err != nil {
		return nil, err
	}
	var found *place
	if q.Purpose.Issues() {
		if found, err = m.locate(ctx, call, q); err != nil {
			return nil, err
		}
		if len(found.reasons) > 0 {
			return &tsmp.StartApplicationAnswer{Reasons: found.reasons}, m.notEligible(ctx, call, q, found)
		}
	}
	app, answer, err := m.open(ctx, call, q, nonce, about, found)
	if err != nil || !q.Purpose.Issues() {
		return answer, err
	}
	return answer, m.deliverCode(ctx, call, q, app, answer.Until)
}

// notEligible notes why there is no application.
func (m *Manager) notEligible(ctx context.Context, call *tsmp.Call, q *tsmp.StartApplicationRequest, at *place) error {
	return m.config.Tenant.Step(ctx, func(tx *store.Tx) error {
		return tx.Audit(store.Event{Event: "application-not-eligible", Refused: string(at.reasons[0]), Actor: string(call.Sender),
			Responsible: tsmp.RoleMNOTSM.String(), Subject: row.Subject{SE: q.SE, Call: call.ID}, Evidence: evidenceOf(call)})
	})
}

// begun is the answer of before, where the same call has begun an application.
func (m *Manager) begun(ctx context.Context, n tsmp.Nonce) (app row.Application, a *tsmp.StartApplicationAnswer, found bool, err error) {
	err = m.config.Tenant.View(ctx, func(s *store.Snapshot) error {
		var e session
		if app, found, err = store.Applications.Get(s, row.ApplicationID(n)); err != nil || !found {
			return err
		}
		if err := codec.Decode(app.Content, &e); err != nil {
			return err
		}
		a = startAnswer(n, &e)
		return nil
	})
	return app, a, found, err
}

// startAnswer is what an app is told of the application that it has begun.
// Spec: SPEC-SP-TSM-055.
func startAnswer(n tsmp.Nonce, e *session) *tsmp.StartApplicationAnswer {
	a := &tsmp.StartApplicationAnswer{Eligible: true, Nonce: n, Until: wholeSeconds(e.SignBy), Ready: e.Stage == tsmp.StageSign && len(e.ToSign) == 0}
	if e.Purpose.Issues() {
		a.Keys, a.Origin, a.CodeSent = []jpki.Role{jpki.Auth}, e.Origin, true
	}
	return a
}

// about is the service instance that an application is about; nil: an issue. Of a PIN
// reset it has to be this app's; what else is applied for the holder's signature
// decides. Spec: SPEC-TSM-PROTOCOL-102, SPEC-SP-TSM-004.
func (m *Manager) about(ctx context.Context, call *tsmp.Call, q *tsmp.StartApplicationRequest) (s *row.Service, err error) {
	if q.Purpose == tsmp.PurposeIssue {
		return nil, nil
	}
	var h holding
	err = m.config.Tenant.View(ctx, func(r *store.Snapshot) error {
		at, found, err := store.ServicesByPhone.First(r, q.Phone)
		if err != nil || !found {
			return err
		}
		s = &at
		return h.read(at.Content)
	})
	switch {
	case err != nil:
		return nil, err
	case s == nil, q.Purpose == tsmp.PurposePINReset && h.App != call.Sender:
		return nil, tsmp.Refuse(tsmp.CodeUnknownPhone, "")
	case q.Purpose == tsmp.PurposePINReset && s.SE != q.SE:
		return nil, tsmp.Refuse(tsmp.CodeUnknownPhone, "")
	case q.Purpose == tsmp.PurposePINReset && (s.State != tsmp.ServiceDeployed || h.Phase != tsmp.PhaseOperational):
		return nil, tsmp.Refuse(tsmp.CodeWrongState, "")
	}
	return s, nil
}

// limit counts what was begun for a SIM: issues, which send a code to it, by whatever
// app, and of what else is applied for by each app, so that none keeps another from it.
// Spec: SPEC-SP-TSM-003.
func (m *Manager) limit(ctx context.Context, call *tsmp.Call, q *tsmp.StartApplicationRequest, about *row.Service) error {
	se, kind := q.SE, kindOf(q.Purpose)
	if kind != kindIssue {
		se = about.SE
	}
	count, since := 0, m.config.Now().Add(-begunWithin)
	err := m.config.Tenant.View(ctx, func(s *store.Snapshot) error {
		return store.ApplicationsOfSE.Scan(s, se, func(a *row.Application) error {
			if a.Purpose != kind || !a.At.After(since) {
				return nil
			}
			var e session
			err := codec.Decode(a.Content, &e)
			if kind == kindIssue || e.App == call.Sender {
				count++
			}
			return err
		})
	})
	if err == nil && count >= maxBegun {
		err = tsmp.Refuse(tsmp.CodeRateLimited, "")
	}
	return err
}

// open keeps the application. Spec: SPEC-SP-TSM-001.
func (m *Manager) open(ctx context.Context, call *tsmp.Call, q *tsmp.StartApplicationRequest, n tsmp.Nonce, about *row.Service, at *place) (app row.Application, a *tsmp.StartApplicationAnswer, err error) {
	e := session{App: call.Sender, Call: call.ID, Purpose: q.Purpose, Phone: q.Phone, Usage: q.Usage, Language: q.Language, Device: q.DeviceProfile,
		Client: q.Version, Stage: tsmp.StageSign}
	app = row.Application{ID: row.ApplicationID(n), Purpose: kindOf(q.Purpose), SE: q.SE, Progress: row.Received}
	j := job{Application: app.ID, Phone: q.Phone}
	if about != nil && !q.Purpose.Issues() {
		app.SE, app.Subscriber, app.Carrier, app.Service = about.SE, about.Subscriber, about.Peer, about.Reference
		j.Reference, j.Carrier, j.Model, j.Bearers = about.Reference, about.Peer, about.Model, []tsmp.Bearer{tsmp.BearerRelay, tsmp.BearerSMS}
	}
	if at != nil {
		app.Subscriber, app.Carrier = at.subscriber, at.carrier
		e.Origin, e.Bearers = at.origin, at.bearers
		j.Carrier, j.Model, j.Bearers, j.Phone = at.carrier, at.models[0], at.bearers, tsmp.PhoneID{}
	}
	err = m.config.Tenant.Step(ctx, func(tx *store.Tx) error {
		app.At, e.SignBy = tx.Now(), tx.Now().Add(signFor)
		app.Deadline = e.SignBy
		var err error
		if app.Content, err = codec.Append(nil, &e); err != nil {
			return err
		}
		if err := store.Applications.Insert(tx, &app); err != nil {
			return err
		}
		f, err := m.begin(ctx, tx, kindOf(q.Purpose), row.SubjectID(app.ID), j, e.SignBy)
		if err != nil {
			return err
		}
		f.session.Workflow = f.row.ID
		f.by(call)
		if err := errors.Join(f.audit("application-started", "", ""), f.enter()); err != nil {
			return err
		}
		a = startAnswer(n, &f.session) // as the first step has left it
		return f.save()
	})
	if err != nil {
		return app, nil, err
	}
	return app, a, nil
}

func kindOf(p tsmp.Purpose) string {
	switch p {
	case tsmp.PurposePINReset:
		return kindReset
	case tsmp.PurposeRevocation:
		return kindRevoke
	case tsmp.PurposeSuspensionLift:
		return kindLift
	}
	return kindIssue
}

// deliverCode has the carrier show the code on the phone that the SIM is in. Without a
// code the application ends. Spec: SPEC-SP-TSM-002.
func (m *Manager) deliverCode(ctx context.Context, call *tsmp.Call, q *tsmp.StartApplicationRequest, app row.Application, until time.Time) error {
	carrier, ok := m.carrier(app.Carrier)
	if !ok {
		return tsmp.Refuse(tsmp.CodeCarrier, "")
	}
	n := tsmp.Nonce(app.ID)
	_, err := carrier.DeliverOneTimeCode(ctx, within(call, tsmp.DeliverOneTimeCode, app.Carrier), &tsmp.DeliverOneTimeCodeRequest{SE: q.SE,
		Subscriber: app.Subscriber, Code: m.codeOf(n, q.SE).Plain(), Language: q.Language, Until: until})
	if err = m.carrierError(err); err == nil {
		return nil
	}
	return errors.Join(m.withSession(ctx, n, func(f *flow) error {
		f.by(call)
		return f.fail(codeOfError(err))
	}), err)
}

// carrierError is what an app is told of what its carrier said: refusals of the
// function's own list as they are, everything else as a carrier out of reach.
func (m *Manager) carrierError(err error) error {
	var refusal *tsmp.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refusal) && slices.Contains([]tsmp.Code{tsmp.CodeRateLimited, tsmp.CodeSubscriberChanged}, refusal.Code):
		return refusal
	}
	return tsmp.Refuse(tsmp.CodeCarrier, "")
}
