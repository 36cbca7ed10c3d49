package delivery

import (
	"time"

	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// Account counts what was sent and what came. What leaves is counted in the step before
// it leaves, so that a crash counts too much; what comes in and ends nothing is counted
// with the next step of its job, so that a crash may forget it.
type Account struct {
	Jobs, Done, Refused, Unreachable, Cancelled uint64 // that ended, and how

	Packets  uint64 // that left at least once
	Attempts uint64 // times that a packet left, in whole or in part
	Messages uint64 // SMS-DELIVERs
	Again    uint64 // of them, those that had left before
	Bytes    uint64 // of the SMS-DELIVERs
	Failed   uint64 // of them, those that the bearer did not take

	Reports uint64 // SMS-DELIVER-REPORTs about the job's messages
	GivenUp uint64 // messages that the network gave up
	Submits uint64 // SMS-SUBMITs of the card
	InBytes uint64 // of reports and SMS-SUBMITs
	Proofs  uint64 // proofs of receipt that counted
	Ignored uint64 // messages that were no proof, or another packet's, or nobody's

	Scripts   uint64 // that an app has fetched
	Commands  uint64 // of those scripts
	Responses uint64
	Down, Up  uint64 // bytes of commands and responses
}

// Add adds another account.
func (a *Account) Add(b Account) {
	from := b.counters()
	for i, p := range a.counters() {
		*p += *from[i]
	}
}

func (a *Account) counters() []*uint64 {
	return []*uint64{&a.Jobs, &a.Done, &a.Refused, &a.Unreachable, &a.Cancelled, &a.Packets, &a.Attempts, &a.Messages, &a.Again, &a.Bytes, &a.Failed,
		&a.Reports, &a.GivenUp, &a.Submits, &a.InBytes, &a.Proofs, &a.Ignored, &a.Scripts, &a.Commands, &a.Responses, &a.Down, &a.Up}
}

func (a *Account) fields(f *codec.Fields) {
	for _, p := range a.counters() {
		f.Uint64("account", p)
	}
}

// Format implements codec.Row.
func (*Account) Format() string { return "delivery account" }

// Version implements codec.Row.
func (*Account) Version() byte { return 1 }

// Fields implements codec.Row.
func (a *Account) Fields(f *codec.Fields) { a.fields(f) }

// Totals is the account of all jobs that have ended. Spec: SPEC-DELIVERY-050.
func Totals(r store.Reader) (a Account, err error) {
	_, _, a, err = totals(r)
	return a, err
}

// totals is that account with its row; found: there is one.
func totals(r store.Reader) (w row.Workflow, found bool, a Account, err error) {
	if w, found, err = store.Workflows.Get(r, totalsID); err == nil && found {
		err = codec.Decode(w.Data, &a)
	}
	return w, found, a, err
}

// addTotals adds a job that has ended to the account of all.
func addTotals(tx *store.Tx, a Account) error {
	w, found, total, err := totals(tx)
	if err != nil {
		return err
	}
	total.Add(a)
	return putKept(tx, w, found, totalsID, kindTotals, &total)
}

// putDone writes a row that only keeps something.
func putDone(tx *store.Tx, id row.WorkflowID, kind string, data codec.Row) error {
	w, found, err := store.Workflows.Get(tx, id)
	if err != nil {
		return err
	}
	return putKept(tx, w, found, id, kind, data)
}

// putKept is putDone with the row as it is; found: there is one.
func putKept(tx *store.Tx, w row.Workflow, found bool, id row.WorkflowID, kind string, data codec.Row) error {
	b, err := codec.Append(nil, data)
	if err != nil {
		return err
	}
	now := tx.Now()
	begun := now
	if found {
		begun = w.Begun
	}
	return store.Workflows.Put(tx, &row.Workflow{ID: id, Kind: kind, State: row.WorkflowDone, Begun: begun, Changed: later(begun, now), Data: b})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
