package clock

import (
	"fmt"
	"strings"
)

// Ledger is cycles by cause.
type Ledger [CauseCount]uint64

// Sum is the cycles of all causes together.
func (l Ledger) Sum() uint64 {
	var sum uint64
	for _, n := range l {
		sum += n
	}
	return sum
}

// Since is the ledger's growth from an earlier state of the same clock.
func (l Ledger) Since(earlier Ledger) Ledger {
	for c := range l {
		l[c] -= earlier[c]
	}
	return l
}

// String lists the causes that have cycles: "bytecode 1200, nvm-program 80000".
func (l Ledger) String() string {
	var parts []string
	for c, n := range l {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", Cause(c), n))
		}
	}
	if parts == nil {
		return "no cycles"
	}
	return strings.Join(parts, ", ")
}
