package observe

// Nop ignores every event. Embed it in a listener that wants only some.
type Nop struct{}

// APDU ignores the event.
func (Nop) APDU(*APDUEvent) {}

// Bytecode ignores the event.
func (Nop) Bytecode(*Step) {}

// NVM ignores the event.
func (Nop) NVM(*NVMWrite) {}

// Line ignores the event.
func (Nop) Line(*LineByte) {}

// Trap ignores the event.
func (Nop) Trap(*Trap) {}
