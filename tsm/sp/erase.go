package sp

import (
	"context"
	"time"

	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/tsm/post"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// eraseSteps end a service instance: at the authority where that has not been told, in
// the application, and on the card. Spec: SPEC-SP-TSM-020.
func eraseSteps() []step {
	return []step{
		{name: "revoke", stage: tsmp.StageErase, enter: (*flow).revokeFirst, refused: (*flow).goOn, lost: (*flow).eraseLost},
		{name: "erase", stage: tsmp.StageErase, enter: (*flow).wipe, answered: (*flow).heard, refused: (*flow).eraseRefused, ended: (*flow).spoken,
			lost: (*flow).eraseLost},
		{name: "terminate", stage: tsmp.StageErase, enter: (*flow).terminate, refused: (*flow).terminateRefused, ended: (*flow).terminated,
			lost: (*flow).eraseLost},
	}
}

// revokeFirst has the authority end what there is.
func (f *flow) revokeFirst() error {
	if !f.own() {
		return nil
	}
	if f.job.Ground == 0 || f.job.Phone == (tsmp.PhoneID{}) {
		return f.proceed()
	}
	return f.askAuthority(tsmp.Revoke, &tsmp.RevokeRequest{Phone: f.job.Phone, Reason: certificate.Reason(f.job.Reason),
		Cause: tsmp.Cause{Ground: f.job.Ground, Case: f.job.Case}})
}

// goOn goes on whatever was refused: the authority knows better what there is.
func (f *flow) goOn(*tsmp.Error) (bool, error) { return true, f.proceed() }

// wipe erases the application, where something may be in it and its domain is this
// SP-TSM's.
func (f *flow) wipe() error {
	if f.service == nil {
		return f.finish()
	}
	if f.service.State == tsmp.ServiceOrphaned || f.service.State == tsmp.ServiceTerminated {
		f.service.Keys = nil
		return f.finish()
	}
	if f.service.Domain != tsmp.DomainEnrolled || !f.holding.Touched || f.holding.Phase == tsmp.PhaseErased {
		return f.proceed()
	}
	if err := f.announce(tsmp.PhaseErased); err != nil {
		return err
	}
	return f.program(&Program{Kind: ProgramErase, Issued: f.holding.Order})
}

// eraseRefused goes on where the authority does not want the statement: what is erased
// is erased.
func (f *flow) eraseRefused(e *tsmp.Error) (bool, error) {
	if f.job.Asked == tsmp.ReportErase {
		return true, f.heard(nil)
	}
	return f.reopen(e)
}

// eraseLost waits for the card to be reached, and after the deadline leaves the rest to
// the carrier. Spec: SPEC-SP-TSM-021.
func (f *flow) eraseLost(code tsmp.Code) error {
	if f.row.Deadline.After(f.tx.Now()) {
		f.later(backoff(f.row.Attempts))
		return nil
	}
	if f.at().name == "terminate" {
		if err := f.stop(row.WorkflowFailed, code); err != nil {
			return err
		}
		return f.audit("erase-given-up", string(code), "")
	}
	f.until(f.tx.Now().Add(eraseFor))
	return f.proceed()
}

// terminate has the carrier remove application and domain.
func (f *flow) terminate() error {
	if err := f.hangUp(); err != nil {
		return err
	}
	f.job.Program = nil // an erasure that was given up
	if err := f.settled(f.holding.Phase == tsmp.PhaseErased); err != nil {
		return err
	}
	if f.job.Keep {
		return f.proceed()
	}
	return f.askCarrier(tsmp.TerminateService, &tsmp.TerminateServiceRequest{Reference: f.job.Reference, Bearers: f.job.Bearers})
}

func (f *flow) terminateRefused(e *tsmp.Error) (bool, error) {
	switch e.Code {
	case tsmp.CodeUnknownReference: // it was never declared, or is forgotten
		return true, f.gone(tsmp.ServiceTerminated)
	case tsmp.CodeSubscriberChanged, tsmp.CodeUnknownSE:
		return true, f.gone(tsmp.ServiceOrphaned)
	}
	return true, f.eraseLost(e.Code)
}

func (f *flow) terminated(e *end) error {
	switch {
	case e.outcome == tsmp.OutcomeDone, e.state == tsmp.ServiceTerminated:
		return f.gone(tsmp.ServiceTerminated)
	case e.outcome == tsmp.OutcomeSEChanged, e.state == tsmp.ServiceOrphaned:
		return f.gone(tsmp.ServiceOrphaned)
	}
	f.setState(tsmp.ServiceTerminating)
	return f.eraseLost(tsmp.CodeNoBearer)
}

// gone forgets the keys of what is not there any more.
func (f *flow) gone(s tsmp.ServiceState) error {
	f.setState(s)
	f.service.Domain, f.service.Keys, f.holding.Software = tsmp.DomainAbsent, nil, [32]byte{}
	return f.proceed()
}

// launch begins a workflow about a service instance, or about the authority's name of
// one that never came to be. What else is under way on the instance is cancelled by an
// erasure; an erasure that is under way already is all that is needed.
func (m *Manager) launch(ctx context.Context, tx *store.Tx, kind string, j job, lasts time.Duration) error {
	if j.Reference != (tsmp.ServiceReference{}) {
		s, found, err := store.Services.Get(tx, j.Reference)
		if err != nil || !found {
			return err
		}
		busy, err := m.busy(tx, &s)
		if err != nil {
			return err
		}
		if busy.State.Live() {
			if busy.Kind == kindErase || busy.Kind == kindRevoke {
				return m.revoke(tx, &j)
			}
			if kind == kindErase {
				if err := m.on(ctx, tx, busy.ID, func(f *flow) error { return f.overtaken(tsmp.CodeApplicationUsed) }); err != nil {
					return err
				}
			}
		}
	}
	f, err := m.begin(ctx, tx, kind, subjectOf(&j), j, tx.Now().Add(lasts))
	if err != nil {
		return err
	}
	if err := f.enter(); err != nil {
		return err
	}
	return f.save()
}

// revoke has the authority end an instance, while other things go on.
func (m *Manager) revoke(tx *store.Tx, j *job) error {
	if j.Ground == 0 || j.Phone == (tsmp.PhoneID{}) {
		return nil
	}
	_, err := m.post.Put(tx, post.Letter{To: m.config.Authority, Lane: laneOf(j, row.WorkflowID{}), Function: tsmp.Revoke, Body: &tsmp.RevokeRequest{Phone: j.Phone,
		Reason: certificate.Reason(j.Reason), Cause: tsmp.Cause{Ground: j.Ground, Case: j.Case}}})
	return err
}

// busy is the workflow that works on a service instance.
func (m *Manager) busy(tx *store.Tx, s *row.Service) (w row.Workflow, err error) {
	var h holding
	if err := h.read(s.Content); err != nil || h.Busy == (row.WorkflowID{}) {
		return w, err
	}
	w, _, err = store.Workflows.Get(tx, h.Busy)
	return w, err
}

// overtaken ends a workflow without cleaning up: whoever overtakes it does.
func (f *flow) overtaken(code tsmp.Code) error {
	if f.app != nil {
		f.app.Progress = row.Lapsed
		f.session.Stage, f.session.Refusal = tsmp.StageRefused, code
	}
	j := f.job
	if err := f.stop(row.WorkflowCancelled, ""); err != nil {
		return err
	}
	if f.row.Kind == kindIssue && j.Verified != (tsmp.ApplicationID{}) {
		j.Ground, j.Case, j.Reason = tsmp.GroundService, caseOf(f.row.ID, code), reasonCessation
		if err := f.m.revoke(f.tx, &j); err != nil {
			return err
		}
	}
	return f.audit(f.row.Kind+"-cancelled", string(code), "")
}

// own makes the workflow the one that works on its service instance; false: it waits.
func (f *flow) own() bool {
	if f.service == nil || f.holding.Busy == (row.WorkflowID{}) || f.holding.Busy == f.row.ID {
		if f.service != nil {
			f.holding.Busy = f.row.ID
		}
		return true
	}
	f.row.State, f.row.Next = row.WorkflowRunning, f.tx.Now().Add(queuePause)
	return false
}

// erasePhone has the instance erased that the authority has a name for, if it is one of
// this SP-TSM's that is still on a card.
func (m *Manager) erasePhone(ctx context.Context, tx *store.Tx, phone tsmp.PhoneID, why tsmp.Code) error {
	s, found, err := store.ServicesByPhone.First(tx, phone)
	if err != nil || !found || s.State == tsmp.ServiceTerminated || s.State == tsmp.ServiceOrphaned {
		return err
	}
	return m.launch(ctx, tx, kindErase, m.jobOf(tx, &s, phone), eraseFor)
}

// jobOf is a workflow's data about a service instance without an applicant: short
// messages reach a SIM whose app is not open.
func (m *Manager) jobOf(tx *store.Tx, s *row.Service, phone tsmp.PhoneID) job {
	return job{Reference: s.Reference, Phone: phone, Carrier: s.Peer, Model: s.Model, Bearers: []tsmp.Bearer{tsmp.BearerSMS}}
}
