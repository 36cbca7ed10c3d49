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
}

// Format implements codec.Row.
func (*ledger) Format() string { return "ledger of notifications" }

// Version implements codec.Row.
func (*ledger) Version() byte { return 1 }

// Fields implements codec.Row.
func (l *ledger) Fields(f *codec.Fields) {
	f.Uint64("sent", &l.Sent)
	f.Uint64("taken", &l.Taken)
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
	return l, codec.Decode(w.Data, &l)
}

func (m *Manager) keepLedger(tx *store.Tx, p tsmp.PartyID, l ledger) error {
	data, err := codec.Append(nil, &l)
	w := row.Workflow{ID: ledgerID(p), Kind: kindLedger, State: row.WorkflowDone, Begun: tx.Now(), Changed: tx.Now(), Data: data}
	return errors.Join(err, store.Workflows.Put(tx, &w))
}

// fresh takes a notification's number: false when it was taken before. A gap is noted:
// what is in it will not come any more. Spec: SPEC-SP-TSM-040.
func (m *Manager) fresh(tx *store.Tx, call *tsmp.Call, number uint64) (bool, error) {
	l, err := m.ledgerOf(tx, call.Sender)
	if err != nil || number <= l.Taken {
		return false, err
	}
	gap := number > l.Taken+1
	l.Taken = number
	if err := m.keepLedger(tx, call.Sender, l); err != nil || !gap {
		return true, err
	}
	return true, tx.Audit(store.Event{Event: "notification-gap", Actor: string(call.Sender), Responsible: call.Role.String(),
		Subject: row.Subject{Call: call.ID}})
}

func wholeSeconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
