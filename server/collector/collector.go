// Package collector says how much garbage a program of the model lets gather before it
// is collected: servers keep what they know on the disk, so that their heaps are small,
// and the usual setting collects them after every few requests.
//
// It must not know what the program does. It implements
// spec/decisions/0022-garbage-collector.md.
package collector

import (
	"os"
	"runtime/debug"
)

// Percent is the garbage, in percent of what lives, at which a collection begins.
const Percent = 400

// Set sets Percent for this process, unless the variable GOGC says something else.
func Set() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(Percent)
	}
}
