package sp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/post"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// flow is one workflow in one step of the store, with the rows that it is about.
type flow struct {
	m   *Manager
	ctx context.Context
	tx  *store.Tx

	row  row.Workflow
	job  job
	plan []step

	app     *row.Application // nil: no applicant is behind it
	session session
	service *row.Service // nil: none declared yet
	holding holding

	// exhibits of the event under way, and on whose responsibility it is.
	evidence    []store.Evidence
	actor       string
	responsible string
}

// step is one step of a kind of workflow. What it does not have fails the workflow
// with the code that came.
type step struct {
	name  string
	stage tsmp.Stage // that the app is told; 0: as before
	// enter does what can be done at once, and asks.
	enter func(*flow) error
	// answered takes the answer to what was asked.
	answered func(*flow, tsmp.Body) error
	// refused takes a refusal; true: it was dealt with.
	refused func(*flow, *tsmp.Error) (bool, error)
	// ended takes the end of an action.
	ended func(*flow, *end) error
	// lost is called when the card could not be reached, or the deadline has passed.
	lost func(*flow, tsmp.Code) error
}

// end is how an action ended.
type end struct {
	outcome tsmp.Outcome
	state   tsmp.ServiceState
	Outcome
}

// plans are the steps of each kind, in the numbering of row.Workflow.Step.
func plans(kind string) []step {
	switch kind {
	case kindIssue:
		return issueSteps()
	case kindReset:
		return resetSteps()
	case kindRevoke:
		return revokeSteps()
	case kindLift:
		return liftSteps()
	case kindErase:
		return eraseSteps()
	case kindHold, kindFree:
		return phaseSteps()
	}
	return nil
}

// on runs something on a workflow and keeps what comes of it, all within a step of
// the store. A workflow that has ended is left alone.
func (m *Manager) on(ctx context.Context, tx *store.Tx, id row.WorkflowID, do func(*flow) error) error {
	w, found, err := store.Workflows.Get(tx, id)
	if err != nil || !found || !w.State.Live() || w.Kind == kindLedger {
		return err
	}
	f, err := m.load(ctx, tx, w)
	if err != nil {
		return err
	}
	if err := do(f); err != nil {
		return fmt.Errorf("sp: %s %s: %w", w.Kind, f.at().name, err)
	}
	return f.save()
}

// load reads a workflow with its rows.
func (m *Manager) load(ctx context.Context, tx *store.Tx, w row.Workflow) (*flow, error) {
	f := &flow{m: m, ctx: ctx, tx: tx, row: w, plan: plans(w.Kind), actor: string(m.config.Party), responsible: tsmp.RoleSPTSM.String()}
	if err := codec.Borrow(w.Data, &f.job); err != nil {
		return nil, err
	}
	if f.job.Application != (row.ApplicationID{}) {
		a, found, err := store.Applications.Get(tx, f.job.Application)
		if err != nil || !found {
			return nil, errors.Join(err, missing(found, "application of a workflow"))
		}
		f.app = &a
		if err := codec.Borrow(a.Content, &f.session); err != nil {
			return nil, err
		}
	}
	if f.job.Reference == (tsmp.ServiceReference{}) {
		return f, nil
	}
	return f, f.attach(f.job.Reference)
}

func missing(found bool, what string) error {
	if found {
		return nil
	}
	return fmt.Errorf("%w: %s", store.ErrNotFound, what)
}

// attach makes a service instance the workflow's.
func (f *flow) attach(ref tsmp.ServiceReference) error {
	s, found, err := store.Services.Get(f.tx, ref)
	if err != nil || !found {
		return errors.Join(err, missing(found, "service instance of a workflow"))
	}
	f.job.Reference, f.service, f.holding = ref, &s, holding{}
	return f.holding.read(s.Content)
}

// save writes the workflow and its rows.
func (f *flow) save() (err error) {
	if f.service != nil {
		if f.service.Content, err = codec.Append(nil, &f.holding); err != nil {
			return err
		}
		if err := store.Services.Put(f.tx, f.service); err != nil {
			return err
		}
	}
	if f.app != nil {
		if f.app.Content, err = codec.Append(nil, &f.session); err != nil {
			return err
		}
		if err := store.Applications.Put(f.tx, f.app); err != nil {
			return err
		}
	}
	if f.row.Data, err = codec.Append(nil, &f.job); err != nil {
		return err
	}
	f.row.Changed = f.tx.Now()
	if f.row.State.Live() && f.row.Next.After(f.row.Deadline) {
		f.row.Next = f.row.Deadline
	}
	return store.Workflows.Put(f.tx, &f.row)
}

// begin makes a workflow; its first step is entered by enter.
func (m *Manager) begin(ctx context.Context, tx *store.Tx, kind string, subject row.SubjectID, j job, deadline time.Time) (*flow, error) {
	w := row.Workflow{Kind: kind, Subject: subject, State: row.WorkflowWaiting, Begun: tx.Now(), Changed: tx.Now(), Next: deadline, Deadline: deadline}
	m.config.Entropy.Fill(w.ID[:])
	var err error
	if w.Data, err = codec.Append(nil, &j); err != nil {
		return nil, err
	}
	if err := store.Workflows.Insert(tx, &w); err != nil { // letters name it
		return nil, err
	}
	return m.load(ctx, tx, w)
}

func (f *flow) at() *step {
	if int(f.row.Step) >= len(f.plan) {
		return &step{name: "end"}
	}
	return &f.plan[f.row.Step]
}

// enter begins the step that the workflow is at.
func (f *flow) enter() error {
	s := f.at()
	if s.stage != 0 {
		f.stage(s.stage, 0, 0)
	}
	f.row.State, f.row.Next = row.WorkflowWaiting, f.row.Deadline
	f.job.Call, f.job.Acting = tsmp.CallID{}, false
	return s.enter(f)
}

// proceed goes on with the next step.
func (f *flow) proceed() error {
	f.row.Step++
	f.row.Cursor, f.row.Attempts = 0, 0
	f.job.Failed = nil
	if int(f.row.Step) == len(f.plan) {
		return f.finish()
	}
	return f.enter()
}

// stage tells the app how far it is.
func (f *flow) stage(s tsmp.Stage, done, total uint64) {
	if f.app != nil && f.session.Stage != tsmp.StageDone && f.session.Stage != tsmp.StageRefused {
		f.session.Stage, f.session.Done, f.session.Total = s, min(done, tsmp.MaxSteps), min(total, tsmp.MaxSteps)
	}
}

// ask sends a call and waits for its answer, and where its answer begins an action for
// the end of that.
func (f *flow) ask(to tsmp.PartyID, fn tsmp.Function, b tsmp.Body) error {
	id, err := f.m.post.Put(f.tx, post.Letter{To: to, Lane: f.lane(), Function: fn, Body: b, Workflow: f.row.ID, Deadline: f.row.Deadline})
	f.job.Call, f.job.Acting, f.job.Asked = id, false, fn
	f.row.State, f.row.Next = row.WorkflowWaiting, f.row.Deadline
	return err
}

// askAuthority and askCarrier are ask.
func (f *flow) askAuthority(fn tsmp.Function, b tsmp.Body) error {
	return f.ask(f.m.config.Authority, fn, b)
}

func (f *flow) askCarrier(fn tsmp.Function, b tsmp.Body) error { return f.ask(f.job.Carrier, fn, b) }

// tell sends a call whose answer nobody waits for.
func (f *flow) tell(to tsmp.PartyID, fn tsmp.Function, b tsmp.Body) error {
	_, err := f.m.post.Put(f.tx, post.Letter{To: to, Lane: f.lane(), Function: fn, Body: b})
	return err
}

// lane is that of the workflow's letters. Spec: SPEC-SP-TSM-052.
func (f *flow) lane() string { return laneOf(&f.job, f.row.ID) }

// laneOf is the lane of letters about a service instance; before it has a reference, of
// what the authority calls it, or of the workflow.
func laneOf(j *job, id row.WorkflowID) string {
	switch {
	case j.Reference != tsmp.ServiceReference{}:
		return j.Reference.String()
	case j.Phone != tsmp.PhoneID{}:
		return j.Phone.String()
	}
	return id.String()
}

// later enters the step again after a pause.
func (f *flow) later(pause time.Duration) {
	f.job.Call, f.job.Acting = tsmp.CallID{}, false
	f.row.State, f.row.Next = row.WorkflowRunning, f.tx.Now().Add(pause)
	f.row.Attempts++
}
