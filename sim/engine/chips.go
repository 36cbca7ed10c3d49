package engine

import "inkan/sim/nvm"

// Chips are the documented chips, the reference first.
func Chips() []*Chip { return []*Chip{Reference(), EEPROMCard()} }

// ChipNamed finds one, or nil.
func ChipNamed(name string) *Chip {
	for _, c := range Chips() {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Reference is the SIM chip that the project's figures are for: a 33 MHz core
// with a 32-bit multiplier, AES and DES in hardware, hash functions in
// software. Two of its numbers are fitted on a measured SIM card (the
// multiplier's row overhead and the length of an interpreter step); the others
// are design values. Spec: SPEC-TIMING-004.
func Reference() *Chip { return reference }

// EEPROMCard is the second grade: a contact card with a faster core and a
// small EEPROM page, fitted on more operations of one measured card.
func EEPROMCard() *Chip { return eepromCard }

var reference = &Chip{
	Name:    "inkan-sim-33",
	ClockHz: 33_000_000,
	NVM: nvm.Geometry{
		SizeBytes: 256 << 10, PageBytes: 256, EraseCycles: 45_000, ProgramCycles: 6_000, WordBytes: 4, WordCycles: 300,
	},
	CPU: CPU{
		StepMillicycles: 22_550, // fitted: software AES in bytecode
		CodeByte:        2, DataAccess: 4, DataByte: 1, Firewall: 24, Switch: 120, SwitchPair: 40, Unwind: 60, Allocate: 600,
		LinkByte: 20, LinkEntry: 300, MarkObject: 120, SweepBlock: 40, BootBlock: 40,
		NativeCall: 3_000, NativeByte: 6, CipherCall: 4_500,
	},
	Multiplier: Multiplier{
		WordBits: 32, MAC: 1, Row: 5 /* fitted: RSA-2048 CRT */, Add: 1, Start: 40, Load: 4, Store: 4, WindowBits: 4,
	},
	AES:      AESEngine{Start: 60, Load: 4, Store: 4, Round: 20, KeyWord: 8},
	DES:      DESEngine{Start: 60, Load: 4, Store: 4, Round: 8},
	Hash:     HashEngine{Start: 400, Load: 40, Round32: 250, Round64: 700, Keccak: 9_000},
	Random:   RandomEngine{Start: 600, Sample: 512, WordBytes: 4},
	Checksum: ChecksumEngine{Byte: 40},
	Primes:   PrimeSearch{TrialPrimes: 308, TrialWord: 20},
}

var eepromCard = &Chip{
	Name:    "inkan-eeprom-60",
	ClockHz: 60_000_000,
	NVM: nvm.Geometry{
		SizeBytes: 144 << 10, PageBytes: 128, EraseCycles: 18_000, ProgramCycles: 6_000, WordBytes: 4, WordCycles: 120,
	},
	CPU: CPU{
		StepMillicycles: 102_045, // fitted
		CodeByte:        6, DataAccess: 12, DataByte: 3, Firewall: 60, Switch: 400, SwitchPair: 120, Unwind: 200, Allocate: 2_000,
		LinkByte: 60, LinkEntry: 1_000, MarkObject: 400, SweepBlock: 120, BootBlock: 120,
		NativeCall: 12_000, NativeByte: 20, CipherCall: 463_628, // fitted
	},
	Multiplier: Multiplier{
		WordBits: 32, MAC: 1, Row: 62 /* fitted */, Add: 1, Start: 60, Load: 4, Store: 4, WindowBits: 4,
	},
	AES:      AESEngine{Start: 600, Load: 20, Store: 20, Round: 281 /* fitted */, KeyWord: 60},
	DES:      DESEngine{Start: 300, Load: 20, Store: 20, Round: 20},
	Hash:     HashEngine{Start: 2_000, Load: 120, Round32: 1_075 /* fitted */, Round64: 3_000, Keccak: 30_000},
	Random:   RandomEngine{Start: 6_000, Sample: 700, WordBytes: 4},
	Checksum: ChecksumEngine{Byte: 120},
	Primes:   PrimeSearch{TrialPrimes: 308, TrialWord: 40},
}
