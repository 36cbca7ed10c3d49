package cap

import "fmt"

// MethodComponent is the Method component. Offsets of methods count from the
// start of its info, so the info is kept whole.
type MethodComponent struct {
	Handlers []Handler
	Info     []byte // handlers included
}

// Handler is an exception handler.
type Handler struct {
	Start   uint16 // offset of the first covered instruction
	Length  uint16 // covered bytes
	Stop    bool   // the last handler of its method, or of its nest
	Handler uint16 // offset of the handler's first instruction
	Catch   uint16 // constant-pool index of the class; 0: any
}

// Method flags, the high nibble of a method header.
const (
	MethodExtended = 0x8
	MethodAbstract = 0x4
)

// MethodHeader is the header of a method in either form.
type MethodHeader struct {
	Flags     byte
	MaxStack  byte // words
	Args      byte // words, this included
	MaxLocals byte // words beyond the arguments
	Code      int  // offset of the first instruction in the component's info
}

// decodeMethod reads the exception handlers of a Method component. Spec: SPEC-CAP-016.
func decodeMethod(b []byte) (MethodComponent, error) {
	r := reader(TagMethod, b)
	m := MethodComponent{Info: b}
	for n := r.Byte("handler_count"); n > 0 && r.Err() == nil; n-- {
		h := Handler{Start: r.Uint16("exception_handlers/start_offset")}
		bits := r.Uint16("exception_handlers/active_length")
		h.Length, h.Stop = bits&0x7FFF, bits&0x8000 != 0
		h.Handler = r.Uint16("exception_handlers/handler_offset")
		h.Catch = r.Uint16("exception_handlers/catch_type_index")
		m.Handlers = append(m.Handlers, h)
	}
	return m, r.Err()
}

// CodeStart is the offset behind the exception handlers, where methods begin.
func (m *MethodComponent) CodeStart() int { return 1 + 8*len(m.Handlers) }

// HeaderAt reads the method header at an offset of the info.
func (m *MethodComponent) HeaderAt(offset int) (h MethodHeader, err error) {
	if offset < m.CodeStart() || offset >= len(m.Info) {
		return h, fault(TagMethod, offset, "method", fmt.Sprintf("an offset from %d to %d", m.CodeStart(), len(m.Info)-1), fmt.Sprint(offset))
	}
	r := reader(TagMethod, m.Info)
	r.Bytes(offset, "")
	first := r.Byte("method_header/flags")
	h.Flags = first >> 4
	if h.Flags&MethodExtended != 0 {
		h.MaxStack, h.Args, h.MaxLocals = r.Byte("method_header/max_stack"), r.Byte("method_header/nargs"), r.Byte("method_header/max_locals")
	} else {
		second := r.Byte("method_header/nargs")
		h.MaxStack, h.Args, h.MaxLocals = first&0x0F, second>>4, second&0x0F
	}
	h.Code = r.Offset()
	if rest := h.Flags &^ (MethodExtended | MethodAbstract); r.Err() == nil && rest != 0 {
		r.FailAt(offset, "method_header/flags", "flags 8 and 4", fmt.Sprintf("%X", h.Flags))
	}
	return h, r.Err()
}

func (m *MethodComponent) appendInfo(dst []byte) []byte { return append(dst, m.Info...) }

// AppendHandlers appends handler count and handlers, which open the info.
func AppendHandlers(dst []byte, handlers []Handler) []byte {
	dst = append(dst, byte(len(handlers)))
	for _, h := range handlers {
		bits := h.Length & 0x7FFF
		if h.Stop {
			bits |= 0x8000
		}
		dst = append16(append16(append16(append16(dst, h.Start), bits), h.Handler), h.Catch)
	}
	return dst
}

// AppendHeader appends a method header, in the short form where it fits.
func AppendHeader(dst []byte, h MethodHeader) []byte {
	if h.Flags&MethodExtended == 0 && h.MaxStack < 16 && h.Args < 16 && h.MaxLocals < 16 {
		return append(dst, h.Flags<<4|h.MaxStack, h.Args<<4|h.MaxLocals)
	}
	return append(dst, (h.Flags|MethodExtended)<<4, h.MaxStack, h.Args, h.MaxLocals)
}
