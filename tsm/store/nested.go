package store

import (
	"runtime"
	"strings"
)

// The frame of inStep in a stack says that a step's function is being executed.
const inStepName = ".inStep"

// inStep runs the function of a step.
//
//go:noinline
func inStep(fn func(*Tx) error, tx *Tx) error { return fn(tx) }

// nested reports whether its caller is within the function of a step: another
// step, or a view, would wait for that one for ever. Spec: SPEC-STORE-022.
func nested() bool {
	var some [64]uintptr
	for skip := 2; ; skip += len(some) {
		n := runtime.Callers(skip, some[:])
		for _, pc := range some[:n] {
			if f := runtime.FuncForPC(pc - 1); f != nil && f.Entry() == inStepEntry {
				return true
			}
		}
		if n < len(some) {
			return false
		}
	}
}

// inStepEntry is where the code of inStep begins.
var inStepEntry = func() (entry uintptr) {
	_ = inStep(func(*Tx) error {
		var some [8]uintptr
		for _, pc := range some[:runtime.Callers(1, some[:])] {
			if f := runtime.FuncForPC(pc - 1); f != nil && strings.HasSuffix(f.Name(), inStepName) {
				entry = f.Entry()
			}
		}
		return nil
	}, nil)
	return entry
}()
