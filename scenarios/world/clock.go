package world

import (
	"sync"
	"time"
)

// Cause is what time was spent on.
type Cause string

// Causes of the ledger.
const (
	OnCard    Cause = "card"        // the chip works
	OnSMS     Cause = "sms"         // short messages are on their way
	OnData    Cause = "mobile-data" // the phone's connection over the mobile network
	OnWiFi    Cause = "wifi"        // the phone's connection over Wi-Fi
	OnNFC     Cause = "nfc"         // a reader and the phone
	OnServer  Cause = "server"      // messages between servers, and their work
	OnPerson  Cause = "person"      // somebody reads, types, holds a card to a phone
	OnWaiting Cause = "waiting"     // nothing happens
)

// Clock is the time of the world: it moves only when it is told to, and knows what
// for. It is for concurrent use.
type Clock struct {
	mutex   sync.Mutex
	start   time.Time
	elapsed time.Duration
	spent   map[Cause]time.Duration
}

func newClock(start time.Time) *Clock {
	return &Clock{start: start.UTC().Truncate(time.Second), spent: map[Cause]time.Duration{}}
}

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.start.Add(c.elapsed)
}

// Elapsed is the time since the world began: the sum of Spent.
func (c *Clock) Elapsed() time.Duration {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.elapsed
}

// Spent is the ledger: how long each cause took.
func (c *Clock) Spent() map[Cause]time.Duration {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	all := make(map[Cause]time.Duration, len(c.spent))
	for cause, d := range c.spent {
		all[cause] = d
	}
	return all
}

func (c *Clock) pass(cause Cause, d time.Duration) {
	if d <= 0 {
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.elapsed += d
	c.spent[cause] += d
}
