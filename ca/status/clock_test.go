package status_test

import (
	"sync"
	"testing"
	"time"

	"inkan/ca/status"
	"inkan/spec/req"
)

// TestClock: readings are whole seconds and never go back, whoever reads.
func TestClock(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-003")
	now := time.Date(2026, 11, 28, 12, 0, 0, 999, time.FixedZone("JST", 9*60*60))
	c := status.NewClock(func() time.Time { return now })
	first := c.Now()
	if want := time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC); !first.Equal(want) || first.Location() != time.UTC || first.Nanosecond() != 0 {
		t.Errorf("reads %s, want %s", first, want)
	}
	now = now.Add(-time.Hour)
	if got := c.Now(); !got.Equal(first) {
		t.Errorf("went back to %s", got)
	}
	if got := c.Raise(first.Add(-time.Minute)); !got.Equal(first) {
		t.Errorf("was lowered to %s", got)
	}
	if got := c.Raise(first.Add(time.Minute)); !got.Equal(first.Add(time.Minute)) || !c.Now().Equal(got) {
		t.Errorf("was raised to %s", got)
	}
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			last := time.Time{}
			for j := range 1000 {
				got := c.Raise(first.Add(time.Duration(i*j) * time.Second))
				if got.Before(last) {
					t.Errorf("%s after %s", got, last)
				}
				last = got
			}
		})
	}
	wait.Wait()
}
