package clock

import "math"

// AlarmAt has fn called when the clock reaches the cycle, at once where it has:
// at the next cycle then. The Advance that reaches it spends its cycles up to
// there, calls fn, which may advance the clock itself and set the next alarm,
// and spends the rest: an interrupt that suspends what the cycles were for.
// There is one alarm; a nil fn takes it back. A power cut at the same cycle
// comes first.
func (k *Clock) AlarmAt(cycle uint64, fn func()) {
	k.alarm, k.ring = 0, fn
	if fn != nil && cycle < math.MaxUint64 {
		k.alarm = max(cycle, k.now+1)
	}
	k.setStop()
}

// setStop makes stop the sooner of power cut and alarm.
func (k *Clock) setStop() {
	k.stop = k.cut
	if k.alarm != 0 && (k.stop == 0 || k.alarm < k.stop) {
		k.stop = k.alarm
	}
}

// advanceOver spends those of n cycles after which the clock stops, and gives what
// is left of them.
func (k *Clock) advanceOver(c Cause, n uint64) (rest uint64) {
	for k.stop != 0 && n >= k.stop-k.now {
		part := k.stop - k.now
		n -= part
		k.now += part
		k.ledger[c] += part
		k.check()
		if k.now == k.cut {
			k.cut = 0
			k.setStop()
			panic(PowerCut{Cycle: k.now, Cause: c})
		}
		ring := k.ring
		k.alarm, k.ring = 0, nil
		k.setStop()
		ring()
	}
	return n
}
