package observe

import "bytes"

// Recorder keeps a copy of every event, for tests. The zero value is ready.
type Recorder struct {
	// Events are APDUEvent, Step, NVMWrite, LineByte and Trap values in the
	// order of their arrival. Nothing in them is borrowed.
	Events []any
}

// APDU keeps a deep copy of the event.
func (r *Recorder) APDU(e *APDUEvent) {
	kept := *e
	kept.Command = bytes.Clone(e.Command)
	kept.Response = bytes.Clone(e.Response)
	r.Events = append(r.Events, kept)
}

// Bytecode keeps a copy of the event.
func (r *Recorder) Bytecode(e *Step) { r.Events = append(r.Events, *e) }

// NVM keeps a copy of the event.
func (r *Recorder) NVM(e *NVMWrite) { r.Events = append(r.Events, *e) }

// Line keeps a copy of the event.
func (r *Recorder) Line(e *LineByte) { r.Events = append(r.Events, *e) }

// Trap keeps a copy of the event.
func (r *Recorder) Trap(e *Trap) { r.Events = append(r.Events, *e) }

// Recorded returns the recorded events of one type, in order:
// Recorded[Trap](r).
func Recorded[E APDUEvent | Step | NVMWrite | LineByte | Trap](r *Recorder) []E {
	var all []E
	for _, e := range r.Events {
		if e, ok := e.(E); ok {
			all = append(all, e)
		}
	}
	return all
}
