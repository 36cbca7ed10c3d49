package store

import (
	"runtime"
	"strings"
	"sync/atomic"
)

// The frame of inStep in a stack says that a step's function is being executed.
const inStepName = ".inStep"

// inStep runs the function of a step. It has one call, which is not its last
// instruction, so that each stack below has the same address of it.
//
//go:noinline
func inStep(fn func(*Tx) error, tx *Tx) error { return fn(tx) }

// stepping is how many functions of steps are being executed in this process: while
// there are none nobody is within one, and no stack has to be looked at.
var stepping atomic.Int64

// nested reports whether its caller is within the function of a step: another
// step, or a view, would wait for that one for ever. Spec: SPEC-STORE-022.
func nested() bool { return stepping.Load() > 0 && within() }

// within looks for the frame of a step's function in its caller's stack.
func within() bool {
	var some [64]uintptr
	for skip := 2; ; skip += len(some) {
		n := runtime.Callers(skip, some[:])
		for _, pc := range some[:n] {
			if pc == inStepCall {
				return true
			}
		}
		if n < len(some) {
			return false
		}
	}
}

// inStepCall is where the one call of inStep returns to.
var inStepCall = func() (call uintptr) {
	_ = inStep(func(*Tx) error {
		var some [8]uintptr
		for _, pc := range some[:runtime.Callers(1, some[:])] {
			if f := runtime.FuncForPC(pc - 1); f != nil && strings.HasSuffix(f.Name(), inStepName) {
				call = pc
			}
		}
		return nil
	}, nil)
	return call
}()
