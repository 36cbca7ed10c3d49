package scp80

// MaxCounter is the greatest CNTR. A counter that has it is blocked for good.
// Spec: SPEC-SCP80-054.
const MaxCounter uint64 = 1<<40 - 1

// counterSize is the size of CNTR in bytes.
const counterSize = 5

// Counter is the replay counter of a key set. It outlives the power: Store
// returns only when the value is safe, and a Load after a power cut gives the
// old or the new value, nothing else.
type Counter interface {
	Load() uint64
	Store(value uint64) error
}

func appendCounter(dst []byte, v uint64) []byte {
	return append(dst, byte(v>>32), byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}

func counterValue(b []byte) uint64 {
	_ = b[counterSize-1]
	return uint64(b[0])<<32 | uint64(b[1])<<24 | uint64(b[2])<<16 | uint64(b[3])<<8 | uint64(b[4])
}

// checkCounter compares a received CNTR with the stored one.
// Spec: SPEC-SCP80-051, SPEC-SCP80-052, SPEC-SCP80-053, SPEC-SCP80-054.
func checkCounter(mode SPI, stored, received uint64) Status {
	switch {
	case mode != CounterHigher && mode != CounterNext:
		return StatusOK
	case stored >= MaxCounter:
		return StatusCounterBlocked
	case received <= stored:
		return StatusCounterLow
	case mode == CounterNext && received != stored+1:
		return StatusCounterHigh
	}
	return StatusOK
}
