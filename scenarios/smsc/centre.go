package smsc

import (
	"context"
	"sync"
	"time"
)

// Inbound is what comes to the sender of short messages.
type Inbound struct {
	From    string // ICCID of the SIM
	Message uint64 // that the report is of; 0: an SMS-SUBMIT of the card
	TPDU    []byte // SMS-DELIVER-REPORT or SMS-SUBMIT; nil: the message was given up
	Error   bool   // the report came in an RP-ERROR
}

// Centre keeps messages until their SIMs fetch them. What is on its way when the
// process ends is lost, as the real one may lose it. It is for concurrent use.
// Spec: SPEC-SERVE-010, SPEC-SERVE-011.
type Centre struct {
	// Attached is told of the SIM and the device (IMEI, 15 digits) of a phone that was
	// switched on; an error of it other than ErrUnknownSIM has the phone try again. nil:
	// nobody is.
	Attached func(ctx context.Context, iccid, imei string) error

	deliver  func(context.Context, Inbound) error
	now      func() time.Time
	validity time.Duration

	mutex   sync.Mutex
	last    uint64
	waiting map[string][]message
	changed chan struct{} // closed when a message has come
}

// message waits for its SIM.
type message struct {
	id   uint64
	tpdu []byte
	at   time.Time
	sent bool // fetched, and its report is awaited
}

// Validity is how long a message is kept.
const Validity = 24 * time.Hour

// MaxWaiting is how many messages wait for one SIM at most.
const MaxWaiting = 1000

// New makes a centre. deliver is told what comes in; an error of it has the phone
// bring it again. The numbers of its messages are not those of a centre before it.
func New(deliver func(context.Context, Inbound) error, now func() time.Time) *Centre {
	return &Centre{deliver: deliver, now: now, validity: Validity, last: uint64(now().UnixMilli()) << 20,
		waiting: map[string][]message{}, changed: make(chan struct{})}
}

// Send takes a message for a SIM, and returns the number by which Inbound speaks of
// it.
func (c *Centre) Send(_ context.Context, iccid string, tpdu []byte) (uint64, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	list := c.waiting[iccid]
	if len(list) >= MaxWaiting {
		return 0, ErrFull
	}
	c.last++
	c.waiting[iccid] = append(list, message{id: c.last, tpdu: append([]byte(nil), tpdu...), at: c.now()})
	close(c.changed)
	c.changed = make(chan struct{})
	return c.last, nil
}

// next is the first message for a SIM that was not fetched yet, or a channel that
// is closed when there may be one.
func (c *Centre) next(iccid string) (m message, found bool, changed <-chan struct{}) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	list := c.waiting[iccid]
	for i := range list {
		if !list[i].sent {
			list[i].sent = true
			return list[i], true, nil
		}
	}
	return m, false, c.changed
}

// again makes all messages of a SIM that have no report be fetched once more: its
// phone was switched on.
func (c *Centre) again(iccid string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for i := range c.waiting[iccid] {
		c.waiting[iccid][i].sent = false
	}
}

// has reports whether a message waits for its report.
func (c *Centre) has(iccid string, id uint64) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, m := range c.waiting[iccid] {
		if m.id == id {
			return true
		}
	}
	return false
}

// end takes a message out; false: there is none.
func (c *Centre) end(iccid string, id uint64) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	list := c.waiting[iccid]
	for i := range list {
		if list[i].id == id {
			c.waiting[iccid] = append(list[:i:i], list[i+1:]...)
			return true
		}
	}
	return false
}

// Expire gives up messages whose time is over.
func (c *Centre) Expire(ctx context.Context) error {
	for iccid, ids := range c.expired() {
		for _, id := range ids {
			if c.end(iccid, id) {
				if err := c.deliver(ctx, Inbound{From: iccid, Message: id}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (c *Centre) expired() map[string][]uint64 {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	old := map[string][]uint64{}
	for iccid, list := range c.waiting {
		for i := range list {
			if c.now().Sub(list[i].at) > c.validity {
				old[iccid] = append(old[iccid], list[i].id)
			}
		}
	}
	return old
}
