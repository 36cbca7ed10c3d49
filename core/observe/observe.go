// Package observe is how a model tells what it does: one interface that trace,
// ledger, coverage, capture and report implement. Nothing prints in a model.
//
// It must not know who listens. It implements design decision 9
// (spec/decisions/0001-observer.md).
package observe

// Observer receives events as they happen. The event and every slice in it
// are borrowed: a listener that keeps them copies them. A model holds a nil
// Observer when nobody listens, and must not build an event then.
type Observer interface {
	APDU(*APDUEvent)
	Bytecode(*Step)
	NVM(*NVMWrite)
	Line(*LineByte)
	Trap(*Trap)
}

// APDUEvent is one command and its response at the card's edge.
type APDUEvent struct {
	Cycle    uint64 // clock at the response's end
	Command  []byte
	Response []byte // data and status word
}

// Step is one executed bytecode.
type Step struct {
	Cycle   uint64
	Package byte   // index of the package on the card
	PC      uint16 // offset in the Method component
	Opcode  byte
}

// NVMWrite is one programming operation of the non-volatile memory.
type NVMWrite struct {
	Cycle  uint64
	Offset uint32
	Size   uint32 // bytes programmed
	Erased bool   // a page was erased first
}

// Direction is the direction of a byte on the serial line.
type Direction byte

// Directions of a line byte.
const (
	ToCard Direction = iota
	FromCard
)

// LineByte is one character on the serial line.
type LineByte struct {
	Cycle     uint64 // clock at the leading edge of the start bit
	Direction Direction
	Value     byte
	Error     bool // the receiver signalled a parity error
}

// Trap is the precise cause of something the peer is told only in general: a
// secure-channel failure, a security exception, a power cut.
type Trap struct {
	Cycle uint64 // 0 where there is no clock
	Where string // the model's part: "scp03/card"
	Cause string // in words, never secret data: "C-MAC differs"
}
