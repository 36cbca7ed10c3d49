package post

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"inkan/core/entropy"
	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// Config is what a Post is made of. All but Ended is needed.
type Config struct {
	Tenant *store.Tenant
	// Peer is the way to a party; false: this party is none that messages go to.
	Peer func(tsmp.PartyID) (*tsmp.Caller, bool)
	// Ended is told within the step that takes a message out of the outbox how it
	// ended. It may put other messages there. When it fails the message stays, and
	// is sent again later. nil: nobody wants to know.
	Ended func(ctx context.Context, tx *store.Tx, e *Ended) error
	Now   func() time.Time
	// Entropy is for call identifiers.
	Entropy entropy.Source
}

// Ended is how a message ended.
type Ended struct {
	Message  row.Message
	Function tsmp.Function
	Request  tsmp.Body
	Answer   tsmp.Body   // nil: none
	Failure  *tsmp.Error // what the peer refused; nil with Answer, or when it was given up
	// GivenUp: the deadline passed without an answer. Whether the call was executed
	// is not known.
	GivenUp bool
	// Evidence is the signed answer; nil when it was given up.
	Evidence []byte
}

// Post is one tenant's. It is for concurrent use.
type Post struct {
	config Config
	work   sync.Mutex // one Work at a time

	mutex    sync.Mutex                 // of what follows; nothing is sent under it
	answered map[tsmp.PartyID]time.Time // when a party last answered a request for good
	silence  map[tsmp.PartyID]int       // rounds in succession in which it answered nothing
	flying   map[tsmp.CallID]bool       // messages that are being sent now
}

// New makes a post. It fails when something is missing.
func New(c Config) (*Post, error) {
	if c.Tenant == nil || c.Peer == nil || c.Now == nil || c.Entropy == nil {
		return nil, errors.New("post: Config needs Tenant, Peer, Now and Entropy")
	}
	return &Post{config: c, answered: map[tsmp.PartyID]time.Time{}, silence: map[tsmp.PartyID]int{}, flying: map[tsmp.CallID]bool{}}, nil
}

// Letter is what is to be sent.
type Letter struct {
	To tsmp.PartyID
	// Lane is what the letter is about, a name of letters, digits and "-", at most
	// MaxLane of them: letters of one lane to a party leave in order, others do not wait
	// for them. Empty: the party's lane of numbered notifications.
	Lane     string
	Function tsmp.Function
	Body     tsmp.Body
	Call     tsmp.CallID    // zero: drawn
	Workflow row.WorkflowID // that waits for the end; zero: none
	// Deadline is when it is given up; zero: never.
	Deadline time.Time
}

// Forever is the deadline of a message that is never given up.
var Forever = row.Never

// Put seals a letter and puts it at the end of its lane, and returns the call's
// identifier. Nothing is sent before the step is over.
// Spec: SPEC-POST-001.
func (p *Post) Put(tx *store.Tx, l Letter) (tsmp.CallID, error) {
	caller, ok := p.config.Peer(l.To)
	if !ok {
		return l.Call, fmt.Errorf("post: no way to %s", l.To)
	}
	if l.Call == (tsmp.CallID{}) {
		l.Call = tsmp.NewCallID(p.config.Entropy)
	}
	if l.Deadline.IsZero() {
		l.Deadline = Forever
	}
	to, err := destination(l.To, l.Lane)
	if err != nil {
		return l.Call, err
	}
	sealed, err := seal(caller, l.Call, l.Function, l.Body, tx.Now(), l.Deadline)
	if err != nil {
		return l.Call, err
	}
	return l.Call, store.Enqueue(tx, &row.Message{Key: row.MessageKey{Destination: to}, Call: l.Call, Workflow: l.Workflow, Bytes: sealed,
		At: tx.Now(), Next: tx.Now(), Deadline: l.Deadline})
}

// seal signs a request that may begin until its deadline, and for a day at most.
func seal(c *tsmp.Caller, id tsmp.CallID, f tsmp.Function, b tsmp.Body, now, deadline time.Time) ([]byte, error) {
	now = now.Truncate(time.Second)
	validity := min(max(deadline.Sub(now).Truncate(time.Second), time.Second), tsmp.MaxValidity)
	return c.Seal(&tsmp.Call{ID: id, Function: f, Sent: now, Validity: validity}, b)
}

// CancelAll takes all letters of a workflow out of the outbox, whether they were
// sent or not.
func CancelAll(tx *store.Tx, w row.WorkflowID) error {
	var keys []row.MessageKey
	err := store.MessagesOfWorkflow.Scan(tx, w, func(m *row.Message) error {
		keys = append(keys, m.Key)
		return nil
	})
	for _, key := range keys {
		if err == nil {
			err = errors.Join(store.RemoveMessage(tx, key), forget(tx, key.Destination))
		}
	}
	return err
}
