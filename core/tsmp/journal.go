package tsmp

import (
	"context"
	"errors"
	"sync"
)

// CallKey names a call among those of all senders.
type CallKey struct {
	Sender PartyID
	ID     CallID
}

// Record is a call that is about to be executed.
type Record struct {
	Key      CallKey
	Function Function
	Digest   Digest // of the payload: same key and other digest is a conflict
	Request  []byte // the signed request: evidence, to be kept with the answer
	// Late says that the validity period is over: a call that never began is not
	// to begin any more.
	Late bool
}

// What a journal can say of a call instead of beginning it.
var (
	ErrConflict   = errors.New("tsmp: the call was made with other content")
	ErrInProgress = errors.New("tsmp: the call is being executed")
	ErrLate       = errors.New("tsmp: the call never began, and is late")
)

// Journal keeps calls and their answers. It is for concurrent use, and what it
// has acknowledged survives a crash.
type Journal interface {
	// Begin opens a call. A call that was completed gives its answer, which is not
	// nil. One that began and was not completed may begin again once nobody
	// executes it: after End without an answer, or after a crash. Errors that a
	// handler understands are ErrConflict, ErrInProgress and ErrLate.
	Begin(context.Context, Record) (answer []byte, err error)
	// End completes a call with its signed answer; nil: it may begin again.
	End(ctx context.Context, key CallKey, answer []byte) error
}

// JoiningJournal is a Journal that can note the beginning of a call together with the
// first thing that its execution does.
type JoiningJournal interface {
	Journal
	// Join is Begin of a call whose beginning becomes durable with the first step that is
	// made with the context it returns, in one with it, or else with its answer.
	Join(context.Context, Record) (joined context.Context, answer []byte, err error)
}

// MemoryJournal is a Journal that ends with its process. The zero value is
// empty.
type MemoryJournal struct {
	mutex sync.Mutex
	calls map[CallKey]*memoryCall
}

type memoryCall struct {
	Record
	answer  []byte
	running bool
}

// Begin implements Journal.
func (j *MemoryJournal) Begin(_ context.Context, r Record) ([]byte, error) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	c := j.calls[r.Key]
	switch {
	case c == nil && r.Late:
		return nil, ErrLate
	case c == nil:
		if j.calls == nil {
			j.calls = map[CallKey]*memoryCall{}
		}
		j.calls[r.Key] = &memoryCall{Record: r, running: true}
	case c.Digest != r.Digest:
		return nil, ErrConflict
	case c.answer != nil:
		return c.answer, nil
	case c.running:
		return nil, ErrInProgress
	default:
		c.running = true
	}
	return nil, nil
}

// End implements Journal.
func (j *MemoryJournal) End(_ context.Context, key CallKey, answer []byte) error {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	c := j.calls[key]
	if c == nil || !c.running {
		return errors.New("tsmp: the call did not begin")
	}
	c.answer, c.running = answer, false
	return nil
}

// Evidence is the signed request and answer of a call; nil when there is none.
func (j *MemoryJournal) Evidence(key CallKey) (request, answer []byte) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if c := j.calls[key]; c != nil {
		return c.Request, c.answer
	}
	return nil, nil
}
