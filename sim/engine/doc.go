// Package engine is the card's chip: its data (clock, memory geometry, cycles
// of every class of instruction) and its crypto engines, each over the card's
// clock.
//
// Every engine has two forms. The charged form takes the value from the
// standard library and the cycles from the micro-architecture's formula. The
// stepped form executes the micro-architecture word by word, round by round,
// and counts as it goes; values and cycles are the same. Neither costs
// anything that depends on a secret.
//
// It must not know what a key object, an APDU or a bytecode's meaning is. It
// implements spec/TIMING.md.
package engine
