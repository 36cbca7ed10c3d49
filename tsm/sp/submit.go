package sp

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"inkan/core/jpki/application"
	"inkan/core/tsmp"
	"inkan/core/wire"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// maxRefused ends a session.
const maxRefused = 5

// SubmitApplication implements tsmp.UIAppServer: what was signed is compared with what
// was opened, and the authority verifies it. The answer tells how far that has come when
// others have answered what they were asked first. Spec: SPEC-TSM-PROTOCOL-102,
// SPEC-TSM-PROTOCOL-106, SPEC-SP-TSM-007, SPEC-SP-TSM-017.
func (m *Manager) SubmitApplication(ctx context.Context, call *tsmp.Call, q *tsmp.SubmitApplicationRequest) (*tsmp.SubmitApplicationAnswer, error) {
	app, e, err := m.sessionOf(ctx, call, q.Nonce)
	if err != nil {
		return nil, err
	}
	a, err := m.submit(ctx, call, q, &app, &e)
	if err != nil {
		return nil, err
	}
	m.await(ctx, e.Workflow)
	if app, e, err = m.sessionOf(ctx, call, q.Nonce); err != nil { // what was submitted stays so
		return a, ctx.Err()
	}
	if p := m.progress(&app, &e); p.Relay != nil && p.Reply == nil {
		a.Progress = p
	}
	return a, nil
}

// submit has an application verified, or answers what was before.
func (m *Manager) submit(ctx context.Context, call *tsmp.Call, q *tsmp.SubmitApplicationRequest, app *row.Application, e *session) (*tsmp.SubmitApplicationAnswer, error) {
	switch {
	case app.Verified != (tsmp.ApplicationID{}) && app.Evidence == row.HashOf(q.Application) && app.Progress != row.Refused:
		return &tsmp.SubmitApplicationAnswer{Phone: e.Phone, UsableUntil: e.Usable}, nil
	case app.Progress != row.Received:
		return nil, tsmp.Refuse(tsmp.CodeApplicationUsed, "")
	}
	if err := m.fits(ctx, call, q, app, e); err != nil {
		return nil, m.refused(ctx, call, q.Nonce, err)
	}
	a, err := m.verify(ctx, call, q, app, e)
	if err != nil {
		return nil, m.refused(ctx, call, q.Nonce, err)
	}
	return m.admit(ctx, call, q, a)
}

// sessionOf is an application of the calling app. Spec: SPEC-TSM-PROTOCOL-102.
func (m *Manager) sessionOf(ctx context.Context, call *tsmp.Call, n tsmp.Nonce) (app row.Application, e session, err error) {
	err = m.config.Tenant.View(ctx, func(s *store.Snapshot) error {
		var found bool
		if app, found, err = store.Applications.Get(s, row.ApplicationID(n)); err != nil || !found {
			return err
		}
		return codec.Decode(app.Content, &e)
	})
	if err == nil && e.App != call.Sender {
		err = tsmp.Refuse(tsmp.CodeUnknownSession, "")
	}
	return app, e, err
}

// fits compares what was signed with what was opened. Spec: SPEC-TSM-PROTOCOL-106.
func (m *Manager) fits(ctx context.Context, call *tsmp.Call, q *tsmp.SubmitApplicationRequest, app *row.Application, e *session) error {
	signed, err := application.Open(q.Application)
	if err != nil {
		return unreadable(err)
	}
	switch {
	case signed.Purpose != e.Purpose, signed.Nonce != q.Nonce, signed.Instance != e.Phone:
		return tsmp.Refuse(tsmp.CodeApplicationPurpose, "")
	case signed.SIM != [16]byte{} && tsmp.SEID(signed.SIM) != app.SE:
		return tsmp.Refuse(tsmp.CodeSIMMismatch, "")
	case !e.Purpose.Issues():
		return ready(e, signed, m.config.Now())
	case signed.Origin != e.Origin:
		return tsmp.Refuse(tsmp.CodeApplicationPurpose, "key origin")
	case m.config.Now().After(e.SignBy), signed.CheckCode(m.codeOf(q.Nonce, app.SE)) != nil:
		return tsmp.Refuse(tsmp.CodeApplicationCode, "")
	}
	carrier, ok := m.carrier(app.Carrier)
	if !ok {
		return tsmp.Refuse(tsmp.CodeCarrier, "")
	}
	a, err := carrier.GetSEMobileSubscriptionIdentifier(ctx, within(call, tsmp.GetSEMobileSubscriptionIdentifier, app.Carrier),
		&tsmp.GetSEMobileSubscriptionIdentifierRequest{SE: app.SE})
	switch {
	case errors.As(err, new(*tsmp.Error)):
		return tsmp.Refuse(tsmp.CodeSubscriberChanged, "")
	case err != nil:
		return tsmp.Refuse(tsmp.CodeCarrier, "")
	case a.Subscriber != app.Subscriber, a.Status != tsmp.SubscriptionActive:
		return tsmp.Refuse(tsmp.CodeSubscriberChanged, "")
	}
	return nil
}

// ready looks at an application that has no code.
func ready(e *session, signed *application.Signed, now time.Time) error {
	switch {
	case now.After(e.SignBy):
		return tsmp.Refuse(tsmp.CodeApplicationStale, "")
	case e.Purpose != tsmp.PurposePINReset:
		return nil
	case len(e.ToSign) == 0:
		return tsmp.Refuse(tsmp.CodeWrongState, "the card has not got the order")
	case string(signed.Order.Hash[:])+string(signed.Order.Challenge[:]) != string(e.ToSign):
		return tsmp.Refuse(tsmp.CodeApplicationPurpose, "order")
	}
	return nil
}

// unreadable says whether bytes are no application or one that is not signed by whom it
// says.
func unreadable(err error) error {
	switch {
	case errors.As(err, new(*wire.DecodeError)), errors.Is(err, application.ErrInconsistent), errors.Is(err, application.ErrContentType),
		errors.Is(err, application.ErrAttributes):
		return tsmp.Refuse(tsmp.CodeApplicationMalformed, "")
	case errors.Is(err, application.ErrSigningTime):
		return tsmp.Refuse(tsmp.CodeApplicationStale, "signing time")
	}
	return tsmp.Refuse(tsmp.CodeApplicationSignature, "")
}

// verify has the authority verify and record the application.
func (m *Manager) verify(ctx context.Context, call *tsmp.Call, q *tsmp.SubmitApplicationRequest, app *row.Application, e *session) (*tsmp.VerifyApplicationAnswer, error) {
	ca, ok := m.authority()
	if !ok {
		return nil, errors.New("sp: no way to the authority")
	}
	request := &tsmp.VerifyApplicationRequest{Application: q.Application}
	if e.Purpose.Issues() {
		request.Code = m.codeOf(q.Nonce, app.SE).Plain()
	}
	a, err := ca.VerifyApplication(ctx, within(call, tsmp.VerifyApplication, m.config.Authority), request)
	if err != nil {
		return nil, err
	}
	if a.Purpose != e.Purpose || !e.Purpose.Issues() && a.Phone != e.Phone {
		return nil, tsmp.Refuse(tsmp.CodeApplicationPurpose, "")
	}
	return a, nil
}

// refused counts refusals and ends the session where no other trial can succeed. What
// is no refusal changes nothing: the same call may come again.
// Spec: SPEC-TSM-PROTOCOL-106, SPEC-SP-TSM-008.
func (m *Manager) refused(ctx context.Context, call *tsmp.Call, n tsmp.Nonce, cause error) error {
	var r *tsmp.Error
	if !errors.As(cause, &r) {
		return cause
	}
	entry, known := tsmp.LookupCode(r.Code)
	if !known || entry.Retry == tsmp.RetrySame {
		return cause
	}
	err := m.withSession(ctx, n, func(f *flow) error {
		f.by(call)
		if f.session.Last == call.ID { // it was counted before a crash
			return nil
		}
		f.session.Last = call.ID
		if r.Code == tsmp.CodeApplicationCode {
			f.session.Refused++
		}
		// The app ends with a refusal that no repetition of the same call helps; the
		// holder may try again with a code that was mistyped.
		if entry.Retry == tsmp.RetryNever || f.session.Refused >= maxRefused || r.Code == tsmp.CodeSubscriberChanged {
			return f.fail(r.Code)
		}
		return f.audit("application-submitted", string(r.Code), "")
	})
	return errors.Join(r, err)
}

// admit records what the authority has verified, and begins with it.
// Spec: SPEC-SP-TSM-007, SPEC-SP-TSM-009.
func (m *Manager) admit(ctx context.Context, call *tsmp.Call, q *tsmp.SubmitApplicationRequest, a *tsmp.VerifyApplicationAnswer) (*tsmp.SubmitApplicationAnswer, error) {
	var refusal error
	err := m.config.Tenant.Step(ctx, func(tx *store.Tx) error {
		app, found, err := store.Applications.Get(tx, row.ApplicationID(q.Nonce))
		if err != nil || !found || app.Progress != row.Received {
			refusal = tsmp.Refuse(tsmp.CodeApplicationUsed, "") // cancelled, or the same at the same time
			return err
		}
		clash := ""
		if refusal, clash, err = m.contest(ctx, tx, &app, a); err != nil {
			return err
		}
		var e session
		if err := codec.Decode(app.Content, &e); err != nil {
			return err
		}
		return m.on(ctx, tx, e.Workflow, func(f *flow) error { return f.verified(call, q, a, refusal, clash) })
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return nil, err
	}
	return &tsmp.SubmitApplicationAnswer{Phone: a.Phone, UsableUntil: a.UsableUntil}, nil
}

// contest decides between an application and others that are under way: another person's
// for the same SIM keeps it; the same person's earlier one ends, as the authority has it.
// Spec: SPEC-SP-TSM-009.
func (m *Manager) contest(ctx context.Context, tx *store.Tx, app *row.Application, a *tsmp.VerifyApplicationAnswer) (refusal error, clash string, err error) {
	if !a.Purpose.Issues() {
		return nil, "", nil
	}
	var earlier []row.WorkflowID
	visit := func(other *row.Application) error {
		if other.ID == app.ID || !other.Progress.Open() || other.Progress == row.Received || other.Purpose != kindIssue {
			return nil
		}
		if other.Pseudonym != a.Pseudonym {
			refusal, clash = tsmp.Refuse(tsmp.CodeApplicationOpen, "another applicant's for this SIM"), string(tsmp.CodeApplicationOpen)
			return nil
		}
		var e session
		err := codec.Decode(other.Content, &e)
		earlier = append(earlier, e.Workflow)
		return err
	}
	err = errors.Join(store.ApplicationsOfSE.Scan(tx, app.SE, visit), store.ApplicationsOfPseudonym.Scan(tx, a.Pseudonym, visit),
		store.ServicesOfSE.Scan(tx, app.SE, func(s *row.Service) error {
			var h holding
			if err := h.read(s.Content); err != nil {
				return err
			}
			if s.State != tsmp.ServiceTerminated && s.State != tsmp.ServiceOrphaned && s.State != tsmp.ServiceTerminating &&
				h.Pseudonym != a.Pseudonym && s.Subscriber == app.Subscriber && h.Phase != tsmp.PhaseErased && refusal == nil {
				refusal, clash = tsmp.Refuse(tsmp.CodeApplicationOpen, "another person's instance is on this SIM"), string(tsmp.ServicePresent)
			}
			return nil
		}))
	for _, id := range earlier {
		if err == nil && refusal == nil {
			err = m.on(ctx, tx, id, func(f *flow) error {
				return f.abandon(row.WorkflowCancelled, tsmp.CodeApplicationUsed, tsmp.GroundService)
			})
		}
	}
	return refusal, clash, err
}

// verified takes the authority's answer into the application.
func (f *flow) verified(call *tsmp.Call, q *tsmp.SubmitApplicationRequest, a *tsmp.VerifyApplicationAnswer, refusal error, clash string) error {
	f.by(call)
	f.evidence = append(f.evidence, store.Evidence{Name: "application", Bytes: q.Application})
	f.app.Verified, f.app.Pseudonym, f.app.Evidence, f.app.Progress = a.ApplicationID, a.Pseudonym, sha256.Sum256(q.Application), row.Verified
	f.session.Phone, f.session.Usable = a.Phone, a.UsableUntil
	f.job.Verified, f.job.Phone = a.ApplicationID, a.Phone
	if err := f.audit("application-verified", clash, tsmp.VerifyApplication); err != nil {
		return err
	}
	if refusal != nil {
		return f.fail(tsmp.CodeApplicationOpen)
	}
	if f.row.Kind == kindReset {
		return f.heard(a)
	}
	f.until(a.UsableUntil)
	return f.proceed()
}

func codeOfError(err error) tsmp.Code {
	var r *tsmp.Error
	if errors.As(err, &r) {
		return r.Code
	}
	return tsmp.CodeInternal
}
