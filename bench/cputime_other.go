//go:build !linux

package main

import "time"

// processorTime is the time on the wall where the processors' is not known.
func processorTime() time.Duration { return wallTime() }
