package apdu

import (
	"fmt"

	"inkan/core/wire"
)

// Sizes of command APDUs (ISO/IEC 7816-4:2020 §5.2).
const (
	MaxShortData    = 255   // largest Nc of a short command
	MaxShortNe      = 256   // largest Ne of a short command
	MaxExtendedData = 65535 // largest Nc of an extended command
	MaxExtendedNe   = 65536 // largest Ne of an extended command
)

// Command is a command APDU: CLA INS P1 P2 [Lc Data] [Le].
type Command struct {
	CLA, INS, P1, P2 byte
	Data             []byte // Nc bytes; empty: no Lc field
	Ne               int    // maximum response data length; 0: no Le field
	Extended         bool   // three-byte Lc, two- or three-byte Le
}

// Format prints header and sizes, "00A40400 (7 bytes, Ne 256)", whatever the
// verb: Data may be a PIN or a key. Spec: SPEC-APDU-081.
func (c Command) Format(s fmt.State, _ rune) {
	form := ""
	if c.Extended {
		form = ", extended"
	}
	fmt.Fprintf(s, "%02X%02X%02X%02X (%d bytes, Ne %d%s)", c.CLA, c.INS, c.P1, c.P2, len(c.Data), c.Ne, form)
}

// MarshalText is what Format prints, for JSON and logs. Spec: SPEC-APDU-081.
func (c Command) MarshalText() ([]byte, error) { return fmt.Append(nil, c), nil }

// Append appends the encoded command to dst. It fails when Data or Ne do not
// fit the form that Extended chooses; it never changes the form by itself.
// Spec: SPEC-APDU-001, SPEC-APDU-002, SPEC-APDU-003, SPEC-APDU-008.
func (c *Command) Append(dst []byte) ([]byte, error) {
	maxData, maxNe := MaxShortData, MaxShortNe
	if c.Extended {
		maxData, maxNe = MaxExtendedData, MaxExtendedNe
	}
	if len(c.Data) > maxData || c.Ne < 0 || c.Ne > maxNe {
		return dst, fmt.Errorf("apdu: Nc %d (at most %d) or Ne %d (at most %d) does not fit", len(c.Data), maxData, c.Ne, maxNe)
	}
	dst = append(dst, c.CLA, c.INS, c.P1, c.P2)
	if n := len(c.Data); n > 0 {
		if c.Extended {
			dst = append(dst, 0, byte(n>>8))
		}
		dst = append(dst, byte(n))
		dst = append(dst, c.Data...)
	}
	if c.Ne > 0 {
		if c.Extended {
			if len(c.Data) == 0 {
				dst = append(dst, 0)
			}
			dst = append(dst, byte(c.Ne>>8))
		}
		dst = append(dst, byte(c.Ne))
	}
	return dst, nil
}

// Len is the number of bytes that Append writes.
func (c *Command) Len() int {
	n := 4
	if len(c.Data) > 0 {
		n += 1 + len(c.Data)
	}
	if c.Ne > 0 {
		n++
	}
	if c.Extended && n > 4 {
		n += 2
		if len(c.Data) > 0 && c.Ne > 0 {
			n++
		}
	}
	return n
}

// Fit chooses the form for Data and Ne: extended where the short form does not
// hold them, else short.
func (c *Command) Fit() {
	c.Extended = len(c.Data) > MaxShortData || c.Ne > MaxShortNe
}

// DecodeCommand reads a command APDU in any of the seven forms. Data is
// borrowed from b. Errors are *wire.DecodeError, and the Command is then zero.
// Spec: SPEC-APDU-001, SPEC-APDU-002, SPEC-APDU-003, SPEC-APDU-004,
// SPEC-APDU-005, SPEC-APDU-006, SPEC-APDU-007.
func DecodeCommand(b []byte) (Command, error) {
	r := wire.NewReader("C-APDU", b)
	c := Command{CLA: r.Byte("CLA"), INS: r.Byte("INS"), P1: r.Byte("P1"), P2: r.Byte("P2")}
	if r.More() {
		c.decodeBody(&r)
	}
	if err := r.End(); err != nil {
		return Command{}, err
	}
	return c, nil
}

func (c *Command) decodeBody(r *wire.Reader) {
	n := int(r.Byte("Lc"))
	switch {
	case !r.More(): // case 2S
		c.Ne = ne(n, MaxShortNe)
	case n == 0:
		c.decodeExtended(r)
	default: // cases 3S and 4S
		c.Data = r.Bytes(n, "Data")
		if r.More() {
			c.Ne = ne(int(r.Byte("Le")), MaxShortNe)
		}
	}
}

func (c *Command) decodeExtended(r *wire.Reader) {
	c.Extended = true
	off := r.Offset()
	n := int(r.Uint16("Lc"))
	switch {
	case r.Err() != nil:
	case !r.More(): // case 2E
		c.Ne = ne(n, MaxExtendedNe)
	case n == 0:
		r.FailAt(off, "Lc", "a length of 1 to 65535", "0")
	default: // cases 3E and 4E
		c.Data = r.Bytes(n, "Data")
		if r.More() {
			c.Ne = ne(int(r.Uint16("Le")), MaxExtendedNe)
		}
	}
}

func ne(le, max int) int {
	if le == 0 {
		return max
	}
	return le
}
