package sp

import (
	"errors"
	"slices"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/post"
	"inkan/tsm/store"
)

// domain is the provider's domain as Cards needs it.
func (f *flow) domain() *Domain {
	return &Domain{SE: f.service.SE, Profile: f.holding.Profile, Spec: f.m.config.Domain, Bearers: f.job.Bearers, Keys: f.service.Keys,
		Counter: f.holding.Counter, Attestation: f.holding.Attestation, Session: f.job.Session}
}

// keep keeps what a program has changed.
func (f *flow) keep(state []byte, d *Domain) {
	f.job.Program, f.job.Session = state, d.Session
	f.service.Keys, f.holding.Counter, f.holding.Attestation = d.Keys, d.Counter, d.Attestation
}

// program begins what is done on the card, and does as much of it as can be done now.
// Spec: SPEC-SP-TSM-053.
func (f *flow) program(p *Program) error {
	if f.job.Program != nil { // it was begun before
		return f.talk()
	}
	p.Reference, p.Model, p.Software = f.job.Reference, f.job.Model, &f.m.config.Software
	if p.Phone == (tsmp.PhoneID{}) {
		p.Phone = f.job.Phone
	}
	state, err := f.m.config.Cards.Begin(f.ctx, p, f.domain())
	if errors.As(err, new(*CardError)) {
		return f.broken(err)
	}
	if err != nil {
		return err
	}
	f.job.Program, f.job.Session = state, nil
	return f.talk()
}

// talk goes on with the program: a script, a call, or the next step.
func (f *flow) talk() error {
	d := f.domain()
	state, m, err := f.m.config.Cards.Next(f.ctx, f.job.Program, d, f.job.Bearer, f.job.Most)
	if err != nil {
		return f.broken(err)
	}
	f.keep(state, d)
	if m.Of > 0 {
		f.stage(f.at().stage, m.Steps, m.Of)
	}
	if m.Script != nil && f.moves() {
		f.holding.Unsure = true
	}
	switch {
	case m.Done:
		f.job.Program = nil
		f.reached()
		return f.proceed()
	case m.Need != nil:
		return f.need(m.Need)
	case m.Holder != nil:
		return f.awaitSignature(m.Holder)
	case m.Script != nil && f.job.Own:
		return f.serve(m.Script)
	case m.Script != nil:
		f.job.Script++
		return f.askCarrier(tsmp.SendScript, &tsmp.SendScriptRequest{Conversation: f.job.Conversation, Script: f.job.Script,
			AID: m.Script.AID, Form: m.Script.Form, Commands: m.Script.Items})
	}
	return f.converse(m.Reach)
}

// converse opens a conversation by the bearers that have not failed yet. One that is open
// is by a bearer that does not reach the domain: a carrier that goes on giving such ones
// does not keep the workflow busy. Spec: SPEC-SP-TSM-014.
func (f *flow) converse(reach []tsmp.Bearer) error {
	if f.job.Conversation != (tsmp.ConversationID{}) {
		if f.job.Retries++; f.job.Retries > maxRetries {
			if err := f.hangUp(); err != nil {
				return err
			}
			return f.unreached(tsmp.CodeCarrier)
		}
	}
	if err := f.hangUp(); err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(reach), func(b tsmp.Bearer) bool { return slices.Contains(f.job.Failed, b) })
	if len(left) == 0 {
		f.job.Failed = nil
		if f.row.Attempts >= f.patience() {
			return f.unreached(tsmp.CodeNoBearer)
		}
		f.later(backoff(f.row.Attempts))
		return nil
	}
	if left[0] == tsmp.BearerRelay && f.attended() {
		f.job.Own, f.job.Bearer, f.job.Most = true, tsmp.BearerRelay, 0
		return f.talk()
	}
	return f.askCarrier(tsmp.BeginConversation, &tsmp.BeginConversationRequest{Reference: f.job.Reference, Bearers: left})
}

// heard takes an answer to what a program asked for, or a conversation.
func (f *flow) heard(b tsmp.Body) error {
	if a, ok := b.(*tsmp.BeginConversationAnswer); ok {
		f.job.Conversation, f.job.Script, f.job.Bearer, f.job.Most, f.job.Until = a.Conversation, 0, a.Bearer, a.MaxBytes, a.Until
		f.relay(a.Relay)
		return f.talk()
	}
	f.learn(b)
	d := f.domain()
	state, err := f.m.config.Cards.Supply(f.ctx, f.job.Program, d, b)
	if err != nil {
		return f.broken(err)
	}
	f.keep(state, d)
	return f.talk()
}

// learn keeps what concerns more than the card.
func (f *flow) learn(b tsmp.Body) {
	switch a := b.(type) {
	case *tsmp.IssueAnswer:
		f.holding.NotAfter, f.session.NotAfter = a.NotAfter, a.NotAfter
		f.until(a.PendingUntil)
		f.holding.Phase = tsmp.PhasePersonalised
		f.session.Reply = a.HolderCode
	case *tsmp.ActivateAnswer:
		f.job.Old = a.Superseded
		f.holding.Phase = tsmp.PhaseOperational
		f.holding.word(tsmp.PhaseOperational, a.ActivatedAt, f.tx.Now())
		f.stage(tsmp.StageActivate, 1, 1)
	case *tsmp.SealPINResetAnswer:
		f.session.Reply = a.HolderCode
	case *tsmp.ReportEraseAnswer:
		f.holding.Erased = a.RecordedAt
	}
}

// need asks another party for what the program cannot go on without.
func (f *flow) need(n *Need) error {
	if f.at().name == "authority" && n.Function != tsmp.GetCAInformation { // the card's authority is verified
		return f.proceed()
	}
	if a := f.authorityTold(n); a != nil {
		return f.heard(a)
	}
	if n.Function == tsmp.Activate {
		f.job.Activated = true
		f.stage(tsmp.StageActivate, 0, 1)
	}
	if n.Carrier {
		return f.askCarrier(n.Function, n.Body)
	}
	return f.askAuthority(n.Function, n.Body)
}

// spoken takes the end of a script.
func (f *flow) spoken(e *end) error {
	if e.outcome == tsmp.OutcomeUnreachable || e.outcome == tsmp.OutcomeCancelled || e.outcome == tsmp.OutcomeInternal {
		e.Interrupted = true
	}
	return f.taken(e, func() error { return f.carryOn(e) })
}

// taken has the program take what came of a script or an action, and goes on.
func (f *flow) taken(e *end, on func() error) error {
	e.Outcome.Outcome = e.outcome
	d := f.domain()
	state, err := f.m.config.Cards.Take(f.ctx, f.job.Program, d, &e.Outcome)
	if err != nil {
		return f.broken(err)
	}
	f.keep(state, d)
	return on()
}

// carryOn goes on behind a script, by another bearer where this one has failed.
func (f *flow) carryOn(e *end) error {
	if e.Interrupted && (f.job.Own || f.job.Conversation != (tsmp.ConversationID{})) {
		if e.outcome != tsmp.OutcomeDone && e.outcome != tsmp.OutcomeRefused {
			f.job.Failed = append(f.job.Failed, f.job.Bearer)
		}
		if err := f.hangUp(); err != nil {
			return err
		}
	}
	return f.talk()
}

// reopen deals with refusals of a conversation that is over or unknown: the next one is
// begun. What the last script did is not known then.
func (f *flow) reopen(e *tsmp.Error) (bool, error) {
	switch e.Code {
	case tsmp.CodeUnknownConversation, tsmp.CodeConversationOver, tsmp.CodeScriptOrder, tsmp.CodeScriptTooLong:
		if f.job.Retries++; f.job.Retries > maxRetries {
			return false, nil
		}
		return true, f.spoken(&end{outcome: tsmp.OutcomeDone, Outcome: Outcome{Interrupted: true}})
	case tsmp.CodeSubscriberChanged:
		return true, f.orphan(e.Code)
	case tsmp.CodeNoBearer:
		return true, f.unreached(e.Code)
	}
	return false, nil
}

// broken is a program that cannot go on: the card has said something that it must not,
// or refused. The error stays here; it has no key in it and goes to the audit trail.
func (f *flow) broken(err error) error {
	var refused *CardError
	code := tsmp.CodeInternal
	if asCardError(err, &refused) {
		code = refused.Code
	}
	if e := f.audit(f.at().name+"-broken", err.Error(), ""); e != nil {
		return e
	}
	f.job.Program = nil
	return f.unreached(code)
}

// patience is how often all bearers are tried before the workflow gives up.
func (f *flow) patience() uint32 {
	if f.row.Kind == kindErase || f.row.Kind == kindHold || f.row.Kind == kindFree {
		return 1 << 20 // to the deadline
	}
	return 4
}

// backoff is the pause after so many attempts: a minute, doubled up to a day.
func backoff(attempts uint32) time.Duration {
	return min(time.Minute<<min(attempts, 11), 24*time.Hour)
}

// announce tells the carrier that the instance is about to get into a phase.
func (f *flow) announce(p tsmp.Phase) error {
	if f.job.Announced == p {
		return nil
	}
	f.job.Announced = p
	n, err := f.number()
	if err != nil {
		return err
	}
	return f.notify(f.job.Carrier, tsmp.HandleStartServiceStateChangeNotification,
		&tsmp.HandleStartServiceStateChangeNotificationRequest{Notice: n, Reference: f.job.Reference, Phase: p})
}

// settled tells the carrier how what was announced has ended.
func (f *flow) settled(succeeded bool) error {
	p := f.job.Announced
	if p == 0 {
		return nil
	}
	f.job.Announced = 0
	n, err := f.number()
	if err != nil {
		return err
	}
	return f.notify(f.job.Carrier, tsmp.HandleEndServiceStateChangeNotification,
		&tsmp.HandleEndServiceStateChangeNotificationRequest{Notice: n, Reference: f.job.Reference, Phase: p, Succeeded: succeeded})
}

// notify sends a numbered notification, in the lane of those to its party.
func (f *flow) notify(to tsmp.PartyID, fn tsmp.Function, b tsmp.Body) error {
	_, err := f.m.post.Put(f.tx, post.Letter{To: to, Function: fn, Body: b})
	return err
}

// number is the next number of this SP-TSM's notifications to the carrier.
// Spec: SPEC-TSM-PROTOCOL-084, SPEC-TSM-PROTOCOL-093.
func (f *flow) number() (n tsmp.Notice, err error) {
	l, err := f.m.ledgerOf(f.tx, f.job.Carrier)
	if err != nil {
		return n, err
	}
	l.Sent++
	epoch, err := store.Epoch(f.tx)
	if err != nil {
		return n, err
	}
	return tsmp.Notice{Epoch: epoch, Sequence: l.Sent, At: wholeSeconds(f.tx.Now())}, f.m.keepLedger(f.tx, f.job.Carrier, l)
}
