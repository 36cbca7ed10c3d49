package engine

import (
	"errors"
	"fmt"

	"inkan/sim/nvm"
)

// Chip is a documented chip as data. All times are CPU cycles. A Chip is
// shared by cards and never changed. Spec: SPEC-TIMING-001.
type Chip struct {
	Name       string
	ClockHz    uint64 // CPU clock
	NVM        nvm.Geometry
	CPU        CPU
	Multiplier Multiplier
	AES        AESEngine
	DES        DESEngine
	Hash       HashEngine
	Random     RandomEngine
	Checksum   ChecksumEngine
	Primes     PrimeSearch
}

// CPU is what the interpreter and the API's plain work cost.
type CPU struct {
	// StepMillicycles is the cost of one interpreter step in 1/1000 cycles; an
	// instruction takes as many steps as its class says (Class.Steps).
	StepMillicycles uint64

	CodeByte   uint16 // wait states for each instruction byte fetched
	DataAccess uint16 // wait states for each object access in NVM
	DataByte   uint16 // wait states for each byte of a bulk read from NVM
	Firewall   uint16 // one access check
	Switch     uint16 // a switch of context
	SwitchPair uint16 // each pair that a lookup switch compares
	Unwind     uint16 // each exception handler looked at
	Allocate   uint16 // creating an object beside its NVM writes
	LinkByte   uint16 // each byte of a package linked
	LinkEntry  uint16 // each constant-pool entry resolved
	MarkObject uint16 // each object marked
	SweepBlock uint16 // each heap block swept
	BootBlock  uint16 // each heap block in the boot scan

	NativeCall uint64 // entry and exit of an API method
	NativeByte uint64 // each byte that an API method moves, compares or pads
	CipherCall uint64 // setting a cipher engine up for one API call: driver, key check, masking
}

// Check tells what is wrong with a chip's data. Spec: SPEC-TIMING-002.
func (c *Chip) Check() error {
	m := &c.Multiplier
	switch {
	case c.ClockHz == 0:
		return errors.New("engine: a chip needs a clock")
	case m.WordBits != 8 && m.WordBits != 16 && m.WordBits != 32:
		return fmt.Errorf("engine: multiplier words of %d bits: want 8, 16 or 32", m.WordBits)
	case m.WindowBits < 1 || m.WindowBits > 6:
		return fmt.Errorf("engine: windows of %d bits: want 1 to 6", m.WindowBits)
	case c.Primes.TrialPrimes < 0 || c.Primes.TrialPrimes > maxTrialPrimes:
		return fmt.Errorf("engine: %d trial primes: want 0 to %d", c.Primes.TrialPrimes, maxTrialPrimes)
	}
	return c.NVM.Check()
}

// Milliseconds converts cycles to time.
func (c *Chip) Milliseconds(cycles uint64) float64 {
	return float64(cycles) * 1000 / float64(c.ClockHz)
}
