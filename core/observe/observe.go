// Package observe is how a model tells what it does: one interface that trace,
// ledger, coverage, capture and report implement. Nothing prints in a model.
//
// It must not know who listens. It implements decision 1
// (spec/decisions/0001-observer.md).
package observe

// Observer receives events as they happen. The event and every slice in it
// are borrowed: a listener that keeps them copies them. A model holds a nil
// Observer when nobody listens, and must not build an event then:
//
//	if m.obs != nil {
//		m.step = observe.Step{Cycle: m.clock.Now(), PC: pc, Opcode: op}
//		m.obs.Bytecode(&m.step)
//	}
//
// The event lives in the model (m.step): one on the stack would escape to the
// heap at every call, because the listener may be anything.
type Observer interface {
	APDU(*APDUEvent)
	Bytecode(*Step)
	NVM(*NVMWrite)
	Line(*LineByte)
	Trap(*Trap)
}

// Interface is the way by which a command reached the card.
type Interface byte

// Interfaces of a card.
const (
	Contact     Interface = iota // ISO/IEC 7816-3
	Contactless                  // ISO/IEC 14443 or single-wire to an NFC controller
	OverTheAir                   // inside a secured packet (ETSI TS 102 225, 102 226)
)

// APDUEvent is one command and its response at the card's edge. Both may carry
// a PIN or a plain key; String shows neither.
type APDUEvent struct {
	Cycle     uint64 // clock at the response's end
	Command   []byte
	Response  []byte    // data and status word; empty when power failed first
	Start     uint64    // clock at the command's beginning
	Interface Interface // by which the command came; a command in a secured packet has its own event before the packet's
	Channel   byte      // logical channel, 0 to 19
}

// Step is one executed bytecode.
type Step struct {
	Cycle   uint64 // clock before the bytecode
	Package byte   // index of the package on the card
	PC      uint16 // offset in the Method component
	Opcode  byte
	Depth   byte // frames below this one: 0 in the method that the runtime called
	Context byte // active firewall context
}

// NVMWrite is one programming operation of the non-volatile memory.
type NVMWrite struct {
	Cycle  uint64
	Offset uint32
	Size   uint32 // bytes programmed
	Erased bool   // a page was erased first
	Cause  string // why, in the words of the clock's ledger: "journal", "object"; a constant
	Cost   uint64 // cycles that the operation takes
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
	Error     bool   // the receiver found the parity wrong; where it signals that (T=0), a repetition follows
	Inverse   bool   // inverse convention (ISO/IEC 7816-3:2006 §8.1)
	ETU       uint32 // clock cycles of one bit, F/D; 0 where bits are not modelled
}

// Trap is the precise cause of something the peer is told only in general: a
// secure-channel failure, a security exception, a power cut.
type Trap struct {
	Cycle uint64 // 0 where there is no clock
	Where string // the model's part: "scp03/card"
	Cause string // in words, never secret data: "C-MAC differs"
	SW    uint16 // what the peer is told; 0 where it is told nothing
}
