package status

import (
	"sync/atomic"
	"time"
)

// Clock is a clock in whole seconds that never goes back, whatever the one
// behind it does. It may be used concurrently. Spec: SPEC-STATUS-003.
type Clock struct {
	now  func() time.Time
	high atomic.Int64 // Unix seconds of the latest reading
}

// NewClock reads now behind its back.
func NewClock(now func() time.Time) *Clock { return &Clock{now: now} }

// Now is the present second, UTC, or the latest reading if that is later.
func (c *Clock) Now() time.Time { return c.Raise(c.now()) }

// Raise makes t the least that the clock reads from here on, and returns the
// reading. A time that is kept elsewhere, such as the registry's, comes in so.
func (c *Clock) Raise(t time.Time) time.Time {
	seconds := t.Unix()
	for {
		high := c.high.Load()
		if high >= seconds {
			return time.Unix(high, 0).UTC()
		}
		if c.high.CompareAndSwap(high, seconds) {
			return time.Unix(seconds, 0).UTC()
		}
	}
}
