package transport

// PPS (ISO/IEC 7816-3:2006 §9): PPSS, PPS0 with T and what follows, PPS1 to PPS3,
// PCK.
const (
	pps     = 0xFF
	pps1    = 0x10 // PPS0: PPS1 is there
	maxPPS  = 6
	protoOf = 0x0F
)

// ppsLength is the length of a PPS by its PPS0.
func ppsLength(pps0 byte) int {
	n := 3
	for bit := byte(pps1); bit < 0x80; bit <<= 1 {
		if pps0&bit != 0 {
			n++
		}
	}
	return n
}

// appendPPS appends a PPS with or without PPS1. Spec: SPEC-TRANSPORT-013.
func appendPPS(dst []byte, protocol byte, rate byte, withRate bool) []byte {
	start := len(dst)
	if dst = append(dst, pps, protocol); withRate {
		dst[start+1] |= pps1
		dst = append(dst, rate)
	}
	return append(dst, LRC(dst[start:]))
}
