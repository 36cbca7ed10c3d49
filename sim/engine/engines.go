package engine

import (
	"inkan/core/entropy"
	"inkan/sim/clock"
)

// Form is how engines work.
type Form uint8

// Forms.
const (
	Charged Form = iota // value from the standard library, cycles from the formula
	Stepped             // the micro-architecture executed
)

// Engines are the crypto engines of one card. Not for concurrent use.
type Engines struct {
	Chip   *Chip
	Clock  *clock.Clock
	Source entropy.Source // what the random generator samples
	Form   Form
}

// New makes the engines of a card, in the charged form.
func New(chip *Chip, k *clock.Clock, source entropy.Source) *Engines {
	return &Engines{Chip: chip, Clock: k, Source: source}
}
