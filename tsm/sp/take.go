package sp

import (
	"context"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/post"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// grace is how long after the time that a carrier gave the end of an action is waited
// for before the carrier is asked.
const grace = time.Minute

// answered takes how a letter ended; it is the post's Ended.
func (m *Manager) answered(ctx context.Context, tx *store.Tx, e *post.Ended) error {
	if e.Message.Workflow == (row.WorkflowID{}) {
		return m.acknowledged(ctx, tx, e)
	}
	return m.on(ctx, tx, e.Message.Workflow, func(f *flow) error { return f.answer(e) })
}

// answer takes how the workflow's own letter ended.
func (f *flow) answer(e *post.Ended) error {
	if e.Message.Call != f.job.Call { // the end of its action came first, or it was overtaken
		return nil
	}
	f.evidence = []store.Evidence{{Name: string(e.Function) + "-request", Bytes: e.Message.Bytes}, {Name: string(e.Function) + "-answer", Bytes: e.Evidence}}
	if e.Evidence == nil {
		f.evidence = f.evidence[:1]
	}
	switch {
	case e.GivenUp:
		return f.unreached(tsmp.CodeCarrier)
	case e.Failure != nil && e.Failure.Code == tsmp.CodeExpired: // it was never executed
		f.unsent()
		return f.enter()
	case e.Failure != nil:
		return f.refusal(e.Failure)
	}
	if a, ok := e.Answer.(*tsmp.ActionAnswer); ok {
		return f.accepted(a)
	}
	if err := f.audit(answerEvents[e.Function], "", e.Function); err != nil {
		return err
	}
	f.job.Call = tsmp.CallID{}
	if s := f.at(); s.answered != nil {
		return s.answered(f, e.Answer)
	}
	return f.proceed()
}

// accepted notes that a carrier has begun with an action.
func (f *flow) accepted(a *tsmp.ActionAnswer) error {
	if err := f.audit(answerEvents[f.job.Asked], "", f.job.Asked); err != nil {
		return err
	}
	f.job.Acting = true
	f.service.Action = f.job.Call
	f.relay(a.Relay)
	f.row.State, f.row.Next = row.WorkflowWaiting, a.ExpectedBy.Add(grace)
	return nil
}

// relay has the app know where scripts wait for it; nil changes nothing.
func (f *flow) relay(r *tsmp.RelayAccess) {
	if r != nil && f.app != nil {
		f.session.Relay, f.session.Ticket, f.session.Until = r.Party, append([]byte(nil), r.Ticket[:]...), r.Until
	}
}

func (f *flow) noRelay() { f.session.Relay, f.session.Ticket, f.session.Until = "", nil, time.Time{} }

// refusal is what a party refused.
func (f *flow) refusal(e *tsmp.Error) error {
	if err := f.audit(answerEvents[f.job.Asked], string(e.Code), f.job.Asked); err != nil {
		return err
	}
	f.unsent()
	if e.Code == tsmp.CodeActionInProgress { // another workflow's, or one of before that is being cancelled
		f.later(retryPause)
		return nil
	}
	if s := f.at(); s.refused != nil {
		if done, err := s.refused(f, e); done || err != nil {
			return err
		}
	}
	return f.fail(e.Code)
}

// unsent takes a script back that the carrier did not take.
func (f *flow) unsent() {
	if f.job.Asked == tsmp.SendScript && f.job.Script > 0 {
		f.job.Script--
	}
}

// unreached is that a party or card could not be reached in the time allowed.
func (f *flow) unreached(code tsmp.Code) error {
	if s := f.at(); s.lost != nil {
		return s.lost(f, code)
	}
	return f.fail(code)
}

// ended takes the end of an action.
func (f *flow) ended(e *end) error {
	f.service.LastAction, f.service.Outcome, f.service.Action = f.job.Call, e.outcome, tsmp.CallID{}
	f.job.Call, f.job.Acting = tsmp.CallID{}, false
	if f.job.Conversation == (tsmp.ConversationID{}) {
		f.noRelay()
	}
	if e.outcome == tsmp.OutcomeSEChanged {
		return f.orphan(tsmp.CodeSubscriberChanged)
	}
	if s := f.at(); s.ended != nil {
		return s.ended(f, e)
	}
	return f.proceed()
}

// outcomeCodes are the codes that the app is told of how an action ended.
var outcomeCodes = map[tsmp.Outcome]tsmp.Code{
	tsmp.OutcomeRefused: tsmp.CodeLoadFile, tsmp.OutcomeUnreachable: tsmp.CodeNoBearer, tsmp.OutcomeMemory: tsmp.CodeMemory,
	tsmp.OutcomeSEChanged: tsmp.CodeSubscriberChanged, tsmp.OutcomeCancelled: tsmp.CodeConversationOver, tsmp.OutcomeInternal: tsmp.CodeInternal,
}

// due is called when a workflow's time has come.
func (f *flow) due() error {
	switch now := f.tx.Now(); {
	case !f.row.Deadline.After(now):
		return f.unreached(f.lateCode())
	case f.row.State == row.WorkflowRunning:
		return f.enter()
	case f.job.Acting && f.row.Cursor == 0: // the end is overdue: what does the carrier say?
		f.row.Cursor = 1
		f.row.Next = now.Add(grace)
		return f.m.inquire(f.tx, f.service)
	case f.job.Acting:
		return f.ended(&end{outcome: tsmp.OutcomeUnreachable})
	}
	f.row.Next = f.row.Deadline
	return nil
}

// lateCode says why time ran out.
func (f *flow) lateCode() tsmp.Code {
	switch {
	case f.app != nil && f.app.Progress == row.Received:
		return tsmp.CodeApplicationStale
	case f.job.Acting:
		return tsmp.CodeNoBearer
	}
	return tsmp.CodeCarrier
}
