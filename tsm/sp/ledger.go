package sp

import (
	"crypto/sha256"
	"errors"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// ledger is how far the notifications between a party and this one are.
type ledger struct {
	Sent  uint64 // number given last
	Taken uint64 // number taken last
	Epoch uint64 // of the party, in which that was
	Own   uint64 // epoch of this side in which the party was last asked about everything
	Owed  bool   // it is to be asked so
}

// Format implements codec.Row.
func (*ledger) Format() string { return "ledger of notifications" }

// Version implements codec.Row.
func (*ledger) Version() byte { return 2 }

// Fields implements codec.Row.
func (l *ledger) Fields(f *codec.Fields) {
	f.Uint64("sent", &l.Sent)
	f.Uint64("taken", &l.Taken)
	f.Uint64("epoch", &l.Epoch)
	f.Uint64("own", &l.Own)
	f.Bool("owed", &l.Owed)
}

// ledger1 is a ledger from before there were epochs.
type ledger1 struct{ *ledger }

// Version implements codec.Row.
func (ledger1) Version() byte { return 1 }

// Fields implements codec.Row.
func (l ledger1) Fields(f *codec.Fields) {
	f.Uint64("sent", &l.Sent)
	f.Uint64("taken", &l.Taken)
}

// read decodes a ledger of either version. Spec: SPEC-SP-TSM-043.
func (l *ledger) read(b []byte) error {
	if len(b) > 0 && b[0] == (ledger1{}).Version() {
		return codec.Decode(b, ledger1{l})
	}
	return codec.Decode(b, l)
}

// ledgerID is the key of the row that keeps a party's ledger: a workflow that has ended
// and is never begun.
func ledgerID(p tsmp.PartyID) (id row.WorkflowID) {
	sum := sha256.Sum256([]byte("INKAN-SP-LEDGER-1" + string(p)))
	copy(id[:], sum[:])
	return id
}

func (m *Manager) ledgerOf(r store.Reader, p tsmp.PartyID) (l ledger, err error) {
	w, found, err := store.Workflows.Get(r, ledgerID(p))
	if err != nil || !found {
		return l, err
	}
	return l, l.read(w.Data)
}

func (m *Manager) keepLedger(tx *store.Tx, p tsmp.PartyID, l ledger) error {
	data, err := codec.Append(nil, &l)
	w := row.Workflow{ID: ledgerID(p), Kind: kindLedger, State: row.WorkflowDone, Begun: tx.Now(), Changed: tx.Now(), Data: data}
	return errors.Join(err, store.Workflows.Put(tx, &w))
}

// fresh takes a notification's number: false when it was taken before, or is of an epoch
// that is over. A gap is noted: what is in it will not come any more. A new epoch is that
// the party had to go back to a backup: its numbers count from where they are, and it is
// asked about all that this side knows. Spec: SPEC-SP-TSM-040, SPEC-SP-TSM-043,
// SPEC-SP-TSM-045.
func (m *Manager) fresh(tx *store.Tx, call *tsmp.Call, n tsmp.Notice) (bool, error) {
	l, err := m.ledgerOf(tx, call.Sender)
	if err != nil || n.Epoch < l.Epoch || n.Epoch == l.Epoch && n.Sequence <= l.Taken {
		return false, err
	}
	event := ""
	switch {
	case n.Epoch > l.Epoch:
		event = eventPeerRestored
	case n.Sequence > l.Taken+1:
		event = "notification-gap"
	}
	l.Taken, l.Epoch = n.Sequence, n.Epoch
	if event == eventPeerRestored {
		l.Owed = true
		m.unsure.Store(true)
	}
	if err := m.keepLedger(tx, call.Sender, l); err != nil || event == "" {
		return true, err
	}
	return true, tx.Audit(store.Event{Event: event, Actor: string(call.Sender), Responsible: call.Role.String(), Subject: row.Subject{Call: call.ID}})
}

func wholeSeconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
