package apdu

import "strconv"

// Show says how much of an APDU a trace shows.
type Show uint8

const (
	// HideData shows header, lengths and status word, and of data only how
	// many bytes there are: it may be a key, a code or a PIN.
	HideData Show = iota
	// RevealData shows every byte.
	RevealData
)

// AppendCommandTrace appends one line, without end of line, for a command
// APDU:
//
//	00 A4 04 00 Lc 07 [7 bytes] Le 00
//	00 A4 04 00 Lc 07 A0 00 00 01 51 00 00 Le 00
//
// Bytes that are no APDU are shown by their number and fault only, unless they
// are revealed. Spec: SPEC-APDU-080.
func AppendCommandTrace(dst, cmd []byte, show Show) []byte {
	c, err := DecodeCommand(cmd)
	if err != nil {
		return append(append(appendData(dst, cmd, show), ' '), err.Error()...)
	}
	dst = appendHex(dst, cmd[:4])
	lc, le := 0, 0 // bytes of the two length fields
	if len(c.Data) > 0 {
		lc = 1
		if c.Extended {
			lc = 3
		}
		dst = appendHex(append(dst, " Lc "...), cmd[4:4+lc])
		dst = appendData(append(dst, ' '), c.Data, show)
	}
	if le = len(cmd) - 4 - lc - len(c.Data); le > 0 {
		dst = appendHex(append(dst, " Le "...), cmd[len(cmd)-le:])
	}
	return dst
}

// AppendResponseTrace appends one line, without end of line, for a response
// APDU:
//
//	[32 bytes] 9000 success
//
// Spec: SPEC-APDU-080.
func AppendResponseTrace(dst, response []byte, show Show) []byte {
	r, err := DecodeResponse(response)
	if err != nil {
		return append(append(appendData(dst, response, show), ' '), err.Error()...)
	}
	if len(r.Data) > 0 {
		dst = append(appendData(dst, r.Data, show), ' ')
	}
	for _, b := range response[len(r.Data):] {
		dst = append(dst, hexDigits[b>>4], hexDigits[b&0xF])
	}
	if m := r.SW.Meaning(); m != "" {
		dst = append(append(dst, ' '), m...)
	}
	return dst
}

func appendData(dst, data []byte, show Show) []byte {
	if show == RevealData {
		return appendHex(dst, data)
	}
	dst = strconv.AppendInt(append(dst, '['), int64(len(data)), 10)
	if len(data) == 1 {
		return append(dst, " byte]"...)
	}
	return append(dst, " bytes]"...)
}

const hexDigits = "0123456789ABCDEF"

func appendHex(dst, b []byte) []byte {
	for i, x := range b {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, hexDigits[x>>4], hexDigits[x&0xF])
	}
	return dst
}
