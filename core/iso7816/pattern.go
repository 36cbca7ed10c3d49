package iso7816

import "fmt"

// Pattern is a set of status words: those that equal Value in the bits of
// Mask. It is an error, so that errors.Is(err, iso7816.Counter) works.
type Pattern struct{ Value, Mask SW }

// The families of status words whose SW2 carries a number or a detail.
var (
	BytesRemaining = Pattern{0x6100, 0xFF00} // xx bytes more by GET RESPONSE
	Warning62      = Pattern{0x6200, 0xFF00} // warning, state unchanged
	Warning63      = Pattern{0x6300, 0xFF00} // warning, state changed
	Counter        = Pattern{0x63C0, 0xFFF0} // a counter, such as tries left
	Execution64    = Pattern{0x6400, 0xFF00} // execution error, state unchanged
	Execution65    = Pattern{0x6500, 0xFF00} // execution error, state changed
	Length67       = Pattern{0x6700, 0xFF00} // wrong length
	Class68        = Pattern{0x6800, 0xFF00} // function in CLA not supported
	NotAllowed69   = Pattern{0x6900, 0xFF00} // command not allowed
	Parameters6A   = Pattern{0x6A00, 0xFF00} // wrong parameters
	WrongLe        = Pattern{0x6C00, 0xFF00} // wrong Le, xx is right
	Proactive      = Pattern{0x9100, 0xFF00} // normal, a proactive command of xx bytes waits
)

// Matches reports whether sw belongs to the set.
func (p Pattern) Matches(sw SW) bool { return sw&p.Mask == p.Value }

// Error has the form "SW 63CX": the free half-bytes as X.
func (p Pattern) Error() string {
	b := []byte(fmt.Sprintf("SW %04X", uint16(p.Value)))
	for i := range 4 {
		if p.Mask>>(12-4*i)&0xF == 0 {
			b[3+i] = 'X'
		}
	}
	return string(b)
}

// Is lets errors.Is match a status word against a Pattern.
// Spec: SPEC-APDU-052.
func (sw SW) Is(target error) bool {
	p, ok := target.(Pattern)
	return ok && p.Matches(sw)
}
