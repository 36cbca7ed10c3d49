package tlv

// Mode changes what a reader accepts; modes combine with |. The zero Mode
// reads what real cards send.
type Mode uint8

const (
	// Strict refuses lengths and tags that are not in their shortest form.
	Strict Mode = 1 << iota
	// SkipZero passes over bytes 00 before, between and after objects.
	SkipZero
	// SkipFF passes over bytes FF before, between and after objects. No tag
	// can then begin with FF (FF20 and FF21 of ETSI TS 102 226 do).
	SkipFF
)

// padding reports whether b is filler in this mode. Spec: SPEC-TLV-009.
func (m Mode) padding(b byte) bool {
	return b == 0 && m&SkipZero != 0 || b == 0xFF && m&SkipFF != 0
}
