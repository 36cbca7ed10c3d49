package delivery

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"inkan/core/entropy"
	"inkan/core/sms"
	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// Bearer sends short messages to SIMs.
type Bearer interface {
	// Send gives an SMS-DELIVER for the SIM of an ICCID to the network, and returns the
	// number by which Inbound speaks of it; 0: it has none. A SIM that has no number any
	// more is ErrNoSubscriber; after any other error the message is sent again later.
	Send(ctx context.Context, iccid string, tpdu []byte) (message uint64, err error)
}

// ErrNoSubscriber, wrapped by an error of a Bearer, ends a job: the SIM cannot be
// reached by short messages.
var ErrNoSubscriber = errors.New("delivery: the SIM has no subscriber's number")

// Policy is when a packet is sent again, and how often. Times are those of the clock.
type Policy struct {
	// Silence is how long nothing may come before a packet is sent again, twice as long
	// each time up to Longest.
	Silence, Longest time.Duration
	// Grace is how long the proof may take when the network has said of all messages of
	// the packet what became of them.
	Grace time.Duration
	// Tries is how often a packet is sent at most; 0: until the deadline.
	Tries uint32
	// Pause is when a UI app is to ask again.
	Pause time.Duration
}

// DefaultPolicy leaves the service centre the time for its own attempts.
var DefaultPolicy = Policy{Silence: 5 * time.Minute, Longest: 6 * time.Hour, Grace: 3 * time.Minute, Pause: 2 * time.Second}

// Config is what an Engine is made of. Tenant, Party, Ended, Now and Entropy are
// needed.
type Config struct {
	Tenant *store.Tenant
	Party  tsmp.PartyID // that serves Relay: the tenant's own name to UI apps
	Role   tsmp.Role    // the tenant's, in audit trails; 0: MNO-TSM
	Bearer Bearer       // nil: there are no short messages
	From   sms.Address  // of short messages
	// Check tells what a proof is worth; nil: every proof is Opaque. It is called outside
	// of steps, and may be asked about the same proof again.
	Check func(ctx context.Context, q Question) (Verdict, error)
	// Ended is told how a job ended, within the step that ends it; it may start the next
	// one. When it fails nothing of the step has happened, and it is asked again.
	Ended func(ctx context.Context, tx *store.Tx, id row.WorkflowID, r Result) error
	// Await is asked when an app has returned responses and its owner has neither the next
	// script nor an end for it: what the owner can have from others at once is got meanwhile.
	// It is called outside of steps; false: nothing has changed. nil: the app has to ask.
	Await   func(ctx context.Context, id row.WorkflowID) bool
	Now     func() time.Time
	Entropy entropy.Source // of tickets
	Policy  Policy         // zero: DefaultPolicy
}

// Engine is one tenant's. It is for concurrent use.
type Engine struct {
	config Config
	work   sync.Mutex     // one Work at a time
	lanes  [64]sync.Mutex // one Deliver of a SIM at a time
	mutex  sync.Mutex     // of what follows
	air    air
	draw   entropy.Source
	closed []queued // that ended in the step under way, of which there is one at a time
	// answering are the owners whose next script leaves with an answer that is being made.
	answering map[row.WorkflowID]int
}

// New makes an engine. It fails when something is missing.
func New(c Config) (*Engine, error) {
	if c.Tenant == nil || c.Party == "" || c.Ended == nil || c.Now == nil || c.Entropy == nil {
		return nil, errors.New("delivery: Config needs Tenant, Party, Ended, Now and Entropy")
	}
	if c.Policy == (Policy{}) {
		c.Policy = DefaultPolicy
	}
	c.Role = cmp.Or(c.Role, tsmp.RoleMNOTSM)
	p := c.Policy
	if p.Silence <= 0 || p.Longest < p.Silence || p.Grace <= 0 || p.Pause < time.Second || p.Pause > tsmp.MaxPause*time.Second {
		return nil, errors.New("delivery: Policy: want Silence, Grace above 0, Longest at least Silence, Pause of 1 s to 1 h")
	}
	return &Engine{config: c, draw: c.Entropy, air: newAir(), answering: map[row.WorkflowID]int{}}, nil
}

// Job is a script for a SIM.
type Job struct {
	// ID is the owner's: its workflow. It has one job at a time.
	ID row.WorkflowID
	SE tsmp.SEID
	// Bearers are those that may be used, the preferred one first: the first that can
	// carry the script's form is taken. Another bearer wants another script, and so
	// another job.
	Bearers []tsmp.Bearer
	Script  Script
	// Deadline is when it is given up; for relay, the end of the ticket's time if that is
	// earlier.
	Deadline time.Time
	// Ticket is how long the ticket of a channel that is made with the job is good for;
	// 0: until the deadline.
	Ticket time.Duration
	// Hold is how long an app that has fetched the script may take with it, whatever the
	// deadline says; 0: until the deadline.
	Hold time.Duration
	// Yield gives a job up as soon as the network has given its messages up: the owner has
	// another bearer.
	Yield bool
}

// Result is how a job ended.
type Result struct {
	// Outcome is OutcomeDone: proofs of all packets, or responses to all commands, are
	// there. OutcomeRefused: the last one says that the card refused something.
	// OutcomeUnreachable: no answer came in time, or the relay was interrupted.
	// OutcomeCancelled: of Cancel.
	Outcome tsmp.Outcome
	Bearer  tsmp.Bearer
	// Responses are those of relayed commands: data and status word, until one failed.
	Responses [][]byte
	// Proofs are the proofs of receipt, from RPL on, one of each packet in their order.
	Proofs [][]byte
	// Interrupted: the channel was lost after Responses; what the next command did is
	// not known.
	Interrupted bool
	// Began: something of the script may have reached the card, beyond what Responses and
	// Proofs say. False with OutcomeUnreachable: nothing ever left.
	Began bool
	// Silent: nothing of the packet that was on its way comes to the card any more, which
	// never had all of it: the network has given up what was sent.
	Silent  bool
	Account Account
}

// ErrRunning: the owner's job before has not ended.
var ErrRunning = errors.New("delivery: a job of this workflow is under way")

// Start begins a job within the owner's step. Nothing leaves before the step is over,
// and Work is called. The access is that of the relay; nil with short messages. Errors
// are ErrRunning, a *ScriptError, and those of the store; nothing was written then that
// the owner may keep. Spec: SPEC-DELIVERY-001, SPEC-DELIVERY-002.
func (e *Engine) Start(tx *store.Tx, j Job) (*tsmp.RelayAccess, error) {
	bearer, err := e.bearer(&j)
	if err != nil {
		return nil, err
	}
	if _, _, queued, err := readQueued(tx, j.ID); err != nil || queued {
		return nil, cmp.Or(err, ErrRunning)
	}
	if bearer == tsmp.BearerRelay {
		return e.startRelay(tx, &j)
	}
	if _, c, _, err := channelOf(tx, j.ID); err != nil || c.Active {
		return nil, cmp.Or(err, ErrRunning)
	}
	return nil, e.startSMS(tx, &j)
}

// Cancel ends the owner's job within its step, without Ended being told. A packet that
// is on its way, or a script that an app has, may still be carried out: Result.Began.
// found is false where no job is under way. Spec: SPEC-DELIVERY-003.
func (e *Engine) Cancel(tx *store.Tx, id row.WorkflowID) (r Result, found bool, err error) {
	w, q, found, err := readQueued(tx, id)
	if err != nil {
		return Result{}, false, err
	}
	if found {
		r, err = e.close(tx, &w, &q, tsmp.OutcomeCancelled)
		e.mutex.Lock()
		defer e.mutex.Unlock()
		if f := e.air.flights[q.SE]; f != nil && q.has(f.number) {
			e.air.forget(f, false) // the owner's step may fail
		}
		return r, true, err
	}
	return e.cancelRelay(tx, id)
}

// inbound is the mutex of a SIM, which it may share with others.
func (e *Engine) inbound(iccid string) *sync.Mutex {
	sum := uint32(0)
	for i := range len(iccid) {
		sum = sum*31 + uint32(iccid[i])
	}
	return &e.lanes[sum%uint32(len(e.lanes))]
}

func unless(ok bool, err error) error {
	if ok {
		return nil
	}
	return err
}
