package delivery

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// Kinds of rows of this package in the table of workflows. Others leave them alone.
const (
	kindQueued  = "delivery-sms"
	kindChannel = "delivery-relay"
	kindTotals  = "delivery-totals"
	kindSeen    = "delivery-seen"
)

// Owns reports whether a row of the table of workflows is this package's.
func Owns(w *row.Workflow) bool {
	switch w.Kind {
	case kindQueued, kindChannel, kindTotals, kindSeen:
		return true
	}
	return false
}

// derive is an identifier that follows from what it is of.
func derive(label string, of []byte) (id [16]byte) {
	h := sha256.New()
	h.Write([]byte("INKAN-DELIVERY-" + label))
	h.Write(of)
	copy(id[:], h.Sum(nil))
	return id
}

var totalsID = row.WorkflowID(derive("TOTALS", nil))

func queuedID(owner row.WorkflowID) row.WorkflowID      { return derive("SMS", owner[:]) }
func channelID(t tsmp.Ticket) row.WorkflowID            { return derive("TICKET", t[:]) }
func channelSubject(owner row.WorkflowID) row.SubjectID { return derive("RELAY", owner[:]) }
func seenID(se tsmp.SEID) row.WorkflowID                { return derive("SEEN", se[:]) }

// lane is the queue of a SIM's packets.
func lane(se tsmp.SEID) string { return "sms/" + hex.EncodeToString(se[:]) }

// packetCall is the call identifier of a packet in the outbox.
func packetCall(job row.WorkflowID, item uint32) tsmp.CallID {
	return derive("PACKET", append(job[:], byte(item>>8), byte(item)))
}

// queued is a job on short messages: the data of its workflow, whose cursor is the
// packet on its way, and whose attempts are that packet's.
type queued struct {
	Owner      row.WorkflowID
	SE         tsmp.SEID
	Items      uint32
	First      uint64 // number of the first packet in the lane
	Generation byte   // of the reference of the packet on its way
	Proofs     [][]byte
	Had        []byte   // a proof of it that is taken if no better one comes
	Parts      [][]byte // user data of messages of the card that are no whole proof yet
	Yield      bool     // given up with its messages
	Account    Account
}

// Format implements codec.Row.
func (*queued) Format() string { return "delivery job" }

// Version implements codec.Row.
func (*queued) Version() byte { return 2 }

// Fields implements codec.Row.
func (q *queued) Fields(f *codec.Fields) {
	f.Raw("owner", q.Owner[:])
	f.Raw("SE", q.SE[:])
	f.Uint32("items", &q.Items)
	f.Uint64("first", &q.First)
	f.Byte("generation", &q.Generation)
	codec.List(f, "proofs", &q.Proofs, eachBytes("proof"))
	f.Bytes("had", &q.Had)
	codec.List(f, "parts", &q.Parts, eachBytes("part"))
	f.Bool("yield", &q.Yield)
	q.Account.fields(f)
}

func eachBytes(path string) func(*codec.Fields, *[]byte) {
	return func(f *codec.Fields, b *[]byte) { f.Bytes(path, b) }
}

// channel is a relay channel: the data of its workflow.
type channel struct {
	Owner    row.WorkflowID
	SE       tsmp.SEID
	Ticket   tsmp.Ticket
	Bound    bool
	App      tsmp.PartyID // that used it first, with Bound
	Closed   bool         // nothing more comes
	Script   uint32       // number of the script under way, or of the last one
	Active   bool         // a job is under way
	Given    bool         // an app has fetched its script
	Deadline time.Time    // of the job
	Hold     uint64       // nanoseconds that an app may take with the script; 0: until the deadline
	AID      []byte
	Commands [][]byte
	Account  Account // of the job
}

// Format implements codec.Row.
func (*channel) Format() string { return "delivery channel" }

// Version implements codec.Row.
func (*channel) Version() byte { return 2 }

// Fields implements codec.Row.
func (c *channel) Fields(f *codec.Fields) {
	f.Raw("owner", c.Owner[:])
	f.Raw("SE", c.SE[:])
	f.Raw("ticket", c.Ticket[:])
	f.Bool("bound", &c.Bound)
	codec.Text(f, "app", &c.App)
	f.Bool("closed", &c.Closed)
	f.Uint32("script", &c.Script)
	f.Bool("active", &c.Active)
	f.Bool("given", &c.Given)
	f.Time("deadline", &c.Deadline)
	f.Uint64("hold", &c.Hold)
	f.Bytes("AID", &c.AID)
	codec.List(f, "commands", &c.Commands, eachBytes("command"))
	c.Account.fields(f)
}

// readRow reads a live row of a kind with its data.
func readRow(r store.Reader, id row.WorkflowID, kind string, data codec.Row) (w row.Workflow, found bool, err error) {
	if w, found, err = store.Workflows.Get(r, id); err != nil || !found {
		return row.Workflow{}, false, err
	}
	return decodeRow(w, kind, data)
}

// decodeRow reads the data of a row, if it is a live one of a kind.
func decodeRow(w row.Workflow, kind string, data codec.Row) (row.Workflow, bool, error) {
	if w.Kind != kind || !w.State.Live() {
		return row.Workflow{}, false, nil
	}
	return w, true, codec.Borrow(w.Data, data)
}

// writeRow writes a row with its data, which changed now.
func writeRow(tx *store.Tx, w *row.Workflow, data codec.Row) (err error) {
	if w.Data, err = codec.Append(nil, data); err != nil {
		return err
	}
	w.Changed = later(w.Begun, tx.Now())
	return store.Workflows.Put(tx, w)
}

// dropRow removes a row.
func dropRow(tx *store.Tx, w *row.Workflow) error {
	w.State, w.Next, w.Deadline, w.Data = row.WorkflowDone, time.Time{}, time.Time{}, nil
	w.Changed = later(w.Begun, tx.Now())
	if err := store.Workflows.Put(tx, w); err != nil {
		return err
	}
	return store.Workflows.Delete(tx, w.ID)
}
