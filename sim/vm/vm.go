// Package vm is the Java Card virtual machine of one card: it links packages,
// runs their bytecodes, keeps objects and transactions in non-volatile memory,
// guards contexts by the firewall, and charges every cycle to the card's clock.
//
// It must not know what any API method does, nor any APDU, applet registry or
// key: the runtime gives it API packages whose methods are natives, and calls
// it. It implements spec/JCVM.md.
package vm

import (
	"fmt"

	"inkan/core/observe"
	"inkan/sim/clock"
	"inkan/sim/nvm"
)

// Ref is a reference: the handle of an object in the heap. 0 is null.
type Ref uint16

// Null is the null reference.
const Null Ref = 0

// Context is a firewall context: JCRE, or that of a package on the card, whose
// applets share it.
type Context uint8

// JCRE is the context of the platform, which may access everything.
const JCRE Context = 0

// ArrayType is an array's element type, with the values of newarray.
type ArrayType byte

// Array types.
const (
	BooleanArray   ArrayType = 10
	ByteArray      ArrayType = 11
	ShortArray     ArrayType = 12
	IntArray       ArrayType = 13
	ReferenceArray ArrayType = 14
)

// Event is what clears a transient array, with the values of JCSystem.
type Event byte

// Events.
const (
	Persistent      Event = 0 // nothing does
	ClearOnReset    Event = 1
	ClearOnDeselect Event = 2
)

// Config is what a card's machine is made of.
type Config struct {
	Flash    *nvm.Flash       // the memory: erased, or that of a card
	Clock    *clock.Clock     // the clock that Flash spends its time on
	Observer observe.Observer // may be nil
	API      []*APIPackage    // packages in ROM. The same ones in the same order in each boot of a card
	Costs    *Costs           // the chip's cycles; nil: none

	JournalBytes  uint32 // transaction journal; 0: 2048
	StackWords    int    // RAM for frames, 16-bit words; 0: 2048
	FrameWords    int    // words that a call takes beside its locals and stack; 0: 6
	ResetBytes    int    // RAM for CLEAR_ON_RESET arrays; 0: 4096
	DeselectBytes int    // RAM for CLEAR_ON_DESELECT arrays; 0: 4096
	OwnBytes      int    // of the heap, for PutOwnRecord alone; 0: none

	// Roots calls mark for each reference that the platform holds beside those
	// of AddRoot and of the stack; may be nil.
	Roots func(mark func(Ref))

	// Host is what natives find by Machine.Host: the platform's state of this
	// card, since APIPackages are shared by all cards. The machine ignores it.
	Host any
}

// Costs is the chip's cycles for what the machine does by itself. Natives have
// their own.
type Costs struct {
	Opcode     [256]uint16 // executing an instruction, cause Bytecode; only defined opcodes count
	CodeByte   uint16      // wait states for each instruction byte fetched, cause Memory
	DataAccess uint16      // wait states for each object or static access in NVM, cause Memory
	DataByte   uint16      // wait states for each byte of a bulk read from NVM, cause Memory
	Firewall   uint16      // one access check, cause Firewall
	Switch     uint16      // a switch of context, cause Firewall
	SwitchPair uint16      // each pair that a lookup switch compares, cause Bytecode
	Unwind     uint16      // each exception handler looked at, cause Bytecode
	Allocate   uint16      // creating an object beside its NVM writes, cause Bytecode
	LinkByte   uint16      // each byte of a package that is linked, cause Linking
	LinkEntry  uint16      // each constant-pool entry resolved, cause Linking
	MarkObject uint16      // each object marked, cause Collect
	SweepBlock uint16      // each heap block looked at, cause Collect
	BootBlock  uint16      // each heap block looked at in the boot scan, cause Boot
}

// Exception is an exception that nothing on the card caught.
type Exception struct {
	Ref    Ref    // the object; Null after a trap
	Class  *Class // its class; nil after a trap
	Reason int16  // of the classes that carry one
	Trap   string // not empty: no exception but a security trap, and what was wrong
}

// Error has the form "javacard/framework/ISOException 6A82" or "trap: stack".
func (e *Exception) Error() string {
	if e.Trap != "" {
		return "trap: " + e.Trap
	}
	if e.Class.reasonCell() < 0 {
		return e.Class.Name()
	}
	return fmt.Sprintf("%s %04X", e.Class.Name(), uint16(e.Reason))
}
