package main

import (
	"math"
	"runtime"
	"testing"
	"time"
)

// Result is what was measured of a promise.
type Result struct {
	Promise
	OperationNanos, BaselineNanos float64 // per operation, the fastest round
	Allocs, BaselineAllocs        float64 // per operation
	Note                          string  // a line below the table; empty: none
	Over                          bool    // more of something else than promised, as the note says
}

// Ratio is the operation's time over the baseline's.
func (r Result) Ratio() float64 { return r.OperationNanos / r.BaselineNanos }

// Held reports whether the promise was kept in this run.
func (r Result) Held() bool {
	return !r.Over && r.Ratio() <= r.Limit && r.AllocsHeld() && (r.MaxNanos == 0 || r.OperationNanos <= r.MaxNanos)
}

// AllocsHeld is Held for the allocations alone, which do not depend on the
// machine's load.
func (r Result) AllocsHeld() bool { return r.Allocs <= r.BaselineAllocs+r.AllocLimit }

// fastest is the result with the faster times of two passes.
func (r Result) fastest(other Result) Result {
	r.OperationNanos = min(r.OperationNanos, other.OperationNanos)
	r.BaselineNanos = min(r.BaselineNanos, other.BaselineNanos)
	return r
}

// measure runs operation and baseline in turns, so that whatever else the
// machine does strikes both, and takes the fastest round of each.
func measure(p Promise, rounds int, round time.Duration) (Result, error) {
	if p.Measure != nil {
		r, err := p.Measure(rounds)
		r.Promise = p
		return r, err
	}
	operation, baseline, err := p.Setup()
	if err != nil {
		return Result{}, err
	}
	r := Result{Promise: p, OperationNanos: math.Inf(1), BaselineNanos: math.Inf(1)}
	r.Allocs, r.BaselineAllocs = testing.AllocsPerRun(100, operation), testing.AllocsPerRun(100, baseline)
	n, m := calibrate(operation, round), calibrate(baseline, round)
	for range rounds {
		r.OperationNanos = min(r.OperationNanos, perCall(operation, n))
		r.BaselineNanos = min(r.BaselineNanos, perCall(baseline, m))
	}
	return r, nil
}

// counted runs a function once and says how long it took by a clock and how often
// it allocated.
func counted(clock func() time.Duration, f func() error) (nanos, allocs float64, err error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := clock()
	err = f()
	nanos = float64(clock() - start)
	runtime.ReadMemStats(&after)
	return nanos, float64(after.Mallocs - before.Mallocs), err
}

// oneProcessor has the process run on one processor until the function that it
// returns is called. What is measured by processors' time is then what one core gives,
// without what the runtime spends on waking another one.
func oneProcessor() (restore func()) {
	before := runtime.GOMAXPROCS(1)
	return func() { runtime.GOMAXPROCS(before) }
}

var started = time.Now()

// wallTime is the time since the program's start.
func wallTime() time.Duration { return time.Since(started) }

// calibrate finds how many calls take about a round.
func calibrate(f func(), round time.Duration) int {
	for n := 1; ; n *= 2 {
		if t := perCall(f, n) * float64(n); t > float64(round)/4 {
			return max(1, int(float64(n)*float64(round)/t))
		}
	}
}

// perCall is the time of one of n calls in nanoseconds.
func perCall(f func(), n int) float64 {
	start := time.Now()
	for range n {
		f()
	}
	return float64(time.Since(start).Nanoseconds()) / float64(n)
}
