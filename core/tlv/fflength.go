package tlv

// appendFFLength appends the length form of SIMPLE-TLV and DGI: one byte 00 to
// FE, or FF and two bytes.
func appendFFLength(dst []byte, n int) []byte {
	if n < 0xFF {
		return append(dst, byte(n))
	}
	return append(dst, 0xFF, byte(n>>8), byte(n))
}

// parseFFLength reads that form and the number of its bytes. The three-byte
// form of a length below 255 is a fault in Strict mode only.
func parseFFLength(b []byte, m Mode) (n, used int, f *fault) {
	if len(b) == 0 {
		return 0, 0, errLengthEnd
	}
	if b[0] != 0xFF {
		return int(b[0]), 1, nil
	}
	if len(b) < 3 {
		return 0, 0, errLengthEnd.at(len(b))
	}
	n = int(b[1])<<8 | int(b[2])
	if n < 0xFF && m&Strict != 0 {
		return 0, 0, errNotShortest
	}
	return n, 3, nil
}
