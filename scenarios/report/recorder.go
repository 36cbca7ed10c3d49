package report

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// Config is what a Recorder needs to know from the beginning.
type Config struct {
	Story   string
	Title   Text
	Summary Text
	Seed    uint64
	// Now is the simulated time; it is read whenever something is recorded.
	Now func() time.Time
	// Watch hears of steps while the run goes; nil: nobody.
	Watch Watcher
}

// Watcher hears of steps as they begin and end. It is called in the middle of recording,
// and must not call the recorder.
type Watcher interface {
	StepBegan(*Run, *Step)
	StepEnded(*Run, *Step)
}

// Recorder makes a Run. All methods may be called on a nil one, which records
// nothing, and from several goroutines; the order is then that of the calls.
type Recorder struct {
	mu      sync.Mutex
	config  Config
	run     Run
	open    bool // a step is
	seq     int  // of what was recorded last
	secrets []string
	costs   map[costKey]int // place in run.Ledger
	counted map[string]int  // place in run.Counters
}

type costKey struct {
	step  int
	kind  CostKind
	cause string
}

// NewRecorder makes a recorder whose run starts now. It panics without Config.Now.
func NewRecorder(c Config) *Recorder {
	r := &Recorder{config: c, costs: map[costKey]int{}, counted: map[string]int{}}
	r.run = Run{Format: FormatVersion, Story: r.cleaned(c.Story), Title: r.clean(c.Title), Summary: r.clean(c.Summary), Seed: c.Seed,
		Start: c.Now().UTC(), Outcome: Open}
	return r
}

// lock begins a method; it is false for a nil recorder, for which there is nothing to
// unlock.
func (r *Recorder) lock() bool {
	if r == nil {
		return false
	}
	r.mu.Lock()
	return true
}

// now is the time since the run's start.
func (r *Recorder) now() time.Duration { return r.config.Now().Sub(r.run.Start) }

// step is the number of the open step, else of the last one; 0 before the first.
func (r *Recorder) step() int { return len(r.run.Steps) }

// next is the Seq of what is recorded now.
func (r *Recorder) next() int { r.seq++; return r.seq }

// Party adds a party, in the order of the chart's lanes within its kind. The same
// identifier again replaces it.
func (r *Recorder) Party(p Party) {
	if !r.lock() {
		return
	}
	defer r.mu.Unlock()
	p.Name, p.Note = r.clean(p.Name), r.cleaned(p.Note)
	for i := range r.run.Parties {
		if r.run.Parties[i].ID == p.ID {
			r.run.Parties[i] = p
			return
		}
	}
	r.run.Parties = append(r.run.Parties, p)
}

// Begin begins a step and returns its number. A step that is open ends as done: steps
// do not nest. Of s the number, times and outcome are set here.
func (r *Recorder) Begin(s Step) int {
	if !r.lock() {
		return 0
	}
	defer r.mu.Unlock()
	r.end(Done, nil)
	s.Number, s.At, s.Took, s.Outcome = len(r.run.Steps)+1, r.now(), 0, Open
	s.Heading, s.Text = r.clean(s.Heading), r.cleaned(s.Text)
	s.Notes = slices.Clone(s.Notes)
	for i := range s.Notes {
		s.Notes[i] = r.cleaned(s.Notes[i])
	}
	r.run.Steps = append(r.run.Steps, s)
	r.open = true
	if r.config.Watch != nil {
		r.config.Watch.StepBegan(&r.run, &r.run.Steps[len(r.run.Steps)-1])
	}
	return s.Number
}

// Note adds a line to what came of the open step, or of the last one.
func (r *Recorder) Note(format string, args ...any) {
	if !r.lock() {
		return
	}
	defer r.mu.Unlock()
	if n := r.step(); n > 0 {
		s := &r.run.Steps[n-1]
		s.Notes = append(s.Notes, r.cleaned(fmt.Sprintf(format, args...)))
	}
}

// Responsible says on whose responsibility the open step is, as the audit trail has it.
func (r *Recorder) Responsible(id PartyID) {
	if !r.lock() {
		return
	}
	defer r.mu.Unlock()
	if n := r.step(); n > 0 {
		r.run.Steps[n-1].Responsible = id
	}
}

// End ends the open step. why is what the holder is told of a refusal; nil: nothing.
func (r *Recorder) End(outcome Outcome, why *Refusal) {
	if !r.lock() {
		return
	}
	defer r.mu.Unlock()
	r.end(outcome, why)
}

func (r *Recorder) end(outcome Outcome, why *Refusal) {
	if !r.open {
		return
	}
	r.open = false
	s := &r.run.Steps[len(r.run.Steps)-1]
	s.Took, s.Outcome, s.Refusal = r.now()-s.At, outcome, why
	if r.config.Watch != nil {
		r.config.Watch.StepEnded(&r.run, s)
	}
}

// Step does something as a step: it ends as done, or as failed with an error. A step
// that do has ended itself stays as it ended.
func (r *Recorder) Step(s Step, do func() error) error {
	n := r.Begin(s)
	err := do()
	if !r.lock() {
		return err
	}
	defer r.mu.Unlock()
	if !r.open || r.step() != n {
		return err
	}
	if err == nil {
		r.end(Done, nil)
		return nil
	}
	r.run.Steps[n-1].Notes = append(r.run.Steps[n-1].Notes, r.cleaned(err.Error()))
	r.end(Failed, nil)
	return err
}

// Finish ends the open step and the run, and returns it. Nothing may be recorded after.
func (r *Recorder) Finish(outcome Outcome, result Text) *Run {
	if !r.lock() {
		return nil
	}
	defer r.mu.Unlock()
	r.end(outcome, nil)
	r.run.Outcome, r.run.Result, r.run.Took = outcome, r.clean(result), r.now()
	r.run.arrange()
	return &r.run
}
