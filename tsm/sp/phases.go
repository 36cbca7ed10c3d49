package sp

import (
	"errors"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store/row"
)

// phaseSteps hold an instance (kind hold) or free it (kind free). Spec: SPEC-SP-TSM-022.
func phaseSteps() []step {
	return []step{
		{name: "certificate", enter: (*flow).holdFirst, answered: (*flow).decided, refused: (*flow).holdRefused},
		{name: "card", enter: (*flow).changePhase, answered: (*flow).heard, refused: (*flow).reopen, ended: (*flow).spoken, lost: (*flow).phaseLost},
		{name: "close", enter: (*flow).closePhase},
	}
}

// holdFirst has the authority hold the certificate, where it was not the authority that
// said so. It does not wait for whatever is done on the card.
func (f *flow) holdFirst() error {
	if f.row.Kind != kindHold || f.job.Ground == 0 {
		return f.proceed()
	}
	return f.askAuthority(tsmp.Suspend, &tsmp.SuspendRequest{Phone: f.job.Phone, Cause: tsmp.Cause{Ground: f.job.Ground, Case: f.job.Case}})
}

// holdRefused holds the card all the same: what the authority said last does not ask for
// the other phase any more, since it has not taken the hold as one of that certificate.
func (f *flow) holdRefused(*tsmp.Error) (bool, error) {
	if f.service != nil && f.service.Phone == f.job.Phone {
		f.holding.Wanted = 0
	}
	return true, f.proceed()
}

// changePhase tells the application on the card, unless the authority wants it otherwise
// by now. Spec: SPEC-SP-TSM-037, SPEC-SP-TSM-039.
func (f *flow) changePhase() error {
	if f.overruled() {
		return f.goTo("close")
	}
	if !f.own() {
		return nil
	}
	if f.service.Phone != f.job.Phone || f.service.Domain != tsmp.DomainEnrolled || !f.holding.strays(f.phaseAfter()) {
		return f.goTo("close")
	}
	if err := f.announce(f.phaseAfter()); err != nil {
		return err
	}
	kind := ProgramSuspend
	if f.row.Kind != kindHold {
		kind = ProgramResume
	}
	return f.program(&Program{Kind: kind, Issued: f.holding.Order})
}

// phaseAfter is the phase that the card gets into.
func (f *flow) phaseAfter() tsmp.Phase {
	if f.row.Kind == kindHold {
		return tsmp.PhaseHeld
	}
	return tsmp.PhaseOperational
}

// phaseLost tries again until the deadline: what counts is the authority's state.
func (f *flow) phaseLost(code tsmp.Code) error {
	if f.row.Deadline.After(f.tx.Now()) {
		f.later(backoff(f.row.Attempts))
		return nil
	}
	if err := f.stop(row.WorkflowFailed, code); err != nil {
		return err
	}
	if err := f.audit(f.row.Kind+"-given-up", string(code), ""); err != nil {
		return err
	}
	return f.remedy()
}

// closePhase tells the carrier how it has ended.
func (f *flow) closePhase() error {
	f.job.Program = nil // of one that was overruled
	if err := errors.Join(f.hangUp(), f.settled(!f.holding.strays(f.phaseAfter()))); err != nil {
		return err
	}
	if err := f.proceed(); err != nil {
		return err
	}
	return f.remedy()
}

// liftSteps lift a suspension that the holder has signed for. Spec: SPEC-SP-TSM-023.
func liftSteps() []step {
	return []step{
		{name: "sign", stage: tsmp.StageSign, enter: nothing},
		{name: "certificate", stage: tsmp.StageActivate, enter: (*flow).lift, answered: (*flow).decided},
		{name: "card", stage: tsmp.StagePersonalise, enter: (*flow).changePhase, answered: (*flow).heard, refused: (*flow).reopen, ended: (*flow).spoken,
			lost: (*flow).freeInstead},
		{name: "close", enter: (*flow).closePhase},
	}
}

// freeInstead ends the holder's part: the certificate is free, and the card is told when
// it can be reached.
func (f *flow) freeInstead(tsmp.Code) error { return f.instead(kindFree, phaseFor) }

func (f *flow) lift() error {
	return f.askAuthority(tsmp.Resume, &tsmp.ResumeRequest{Phone: f.job.Phone,
		Cause: tsmp.Cause{Ground: tsmp.GroundApplication, ApplicationID: f.job.Verified}})
}

// revokeSteps end an instance that the holder has signed for. Spec: SPEC-SP-TSM-024.
func revokeSteps() []step {
	return []step{
		{name: "sign", stage: tsmp.StageSign, enter: nothing},
		{name: "certificate", stage: tsmp.StageActivate, enter: (*flow).end},
		{name: "erase", stage: tsmp.StageErase, enter: (*flow).wipeOwned, answered: (*flow).heard, refused: (*flow).eraseRefused, ended: (*flow).spoken,
			lost: (*flow).eraseInstead},
		{name: "terminate", stage: tsmp.StageErase, enter: (*flow).terminate, refused: (*flow).terminateInstead, ended: (*flow).terminatedInstead,
			lost: (*flow).eraseInstead},
	}
}

func (f *flow) end() error {
	return f.askAuthority(tsmp.Revoke, &tsmp.RevokeRequest{Phone: f.job.Phone,
		Cause: tsmp.Cause{Ground: tsmp.GroundApplication, ApplicationID: f.job.Verified}})
}

// wipeOwned ends whatever else is under way on the instance, and erases it.
func (f *flow) wipeOwned() error {
	if f.service == nil {
		return f.finish()
	}
	busy, err := f.m.busy(f.tx, f.service)
	if err != nil {
		return err
	}
	if busy.State.Live() && busy.ID != f.row.ID {
		if busy.Kind == kindErase || busy.Kind == kindRevoke {
			return f.finish() // it is being erased
		}
		if err := f.save(); err != nil {
			return err
		}
		if err := f.m.on(f.ctx, f.tx, busy.ID, func(b *flow) error { return b.overtaken(tsmp.CodeApplicationUsed) }); err != nil {
			return err
		}
		if err := f.attach(f.job.Reference); err != nil {
			return err
		}
	}
	f.holding.Busy = f.row.ID
	return f.wipe()
}

// eraseInstead ends the holder's part: the certificate is revoked, and the card is
// erased when it can be reached. Spec: SPEC-SP-TSM-021.
func (f *flow) eraseInstead(tsmp.Code) error { return f.instead(kindErase, eraseFor) }

// instead finishes, and has another workflow go on with the card.
func (f *flow) instead(kind string, lasts time.Duration) error {
	if err := errors.Join(f.settled(false), f.finish()); err != nil {
		return err
	}
	return f.handOver(kind, lasts)
}

// handOver has another workflow go on with the card.
func (f *flow) handOver(kind string, lasts time.Duration) error {
	if err := f.save(); err != nil {
		return err
	}
	if err := f.m.launch(f.ctx, f.tx, kind, f.m.jobOf(f.tx, f.service, f.job.Phone), lasts); err != nil {
		return err
	}
	return f.attach(f.job.Reference)
}

func (f *flow) terminateInstead(e *tsmp.Error) (bool, error) {
	if e.Code == tsmp.CodeNoBearer {
		return true, f.eraseInstead(e.Code)
	}
	return f.terminateRefused(e)
}

func (f *flow) terminatedInstead(e *end) error {
	if e.outcome == tsmp.OutcomeDone || e.state == tsmp.ServiceTerminated || e.state == tsmp.ServiceOrphaned || e.outcome == tsmp.OutcomeSEChanged {
		return f.terminated(e)
	}
	f.setState(tsmp.ServiceTerminating)
	return f.eraseInstead(tsmp.CodeNoBearer)
}
