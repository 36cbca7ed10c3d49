package sms

import (
	"strconv"

	"inkan/core/wire"
)

// IEI is an information element identifier of the user data header
// (3GPP TS 23.040 §9.2.3.24).
type IEI byte

// Identifiers that the secured-packet binding uses.
const (
	IEIConcat8        IEI = 0x00 // concatenation, 8-bit reference
	IEIConcat16       IEI = 0x08 // concatenation, 16-bit reference
	IEICommandPacket  IEI = 0x70 // CPI (3GPP TS 31.115 §4.2)
	IEIResponsePacket IEI = 0x71 // RPI
)

// Header is the information elements of a user data header, without UDHL. The
// zero Header is empty. It is a view of the user data that it came from.
type Header []byte

// Element is one information element.
type Element struct {
	ID   IEI
	Data []byte
}

// DecodeUserData splits user data with a header (TP-UDHI set) into header and
// body, both borrowed. Every element has to end within the header. Errors are
// *wire.DecodeError. Spec: SPEC-SMS-011, SPEC-SMS-012.
func DecodeUserData(ud []byte) (h Header, body []byte, err error) {
	r := wire.NewReader("SMS user data", ud)
	h = Header(r.LV("UDH"))
	body = r.Rest()
	if r.Err() != nil {
		return nil, nil, r.Err()
	}
	in := wire.Sub("SMS user data", h, 1)
	for in.More() {
		in.Byte("UDH/IEI")
		in.LV("UDH/IED")
	}
	return h, body, in.Err()
}

// Next takes the first element off the header. ok is false at the end, and at
// an element that does not fit (DecodeUserData lets none through).
func (h Header) Next() (e Element, rest Header, ok bool) {
	if len(h) < 2 || len(h) < 2+int(h[1]) {
		return Element{}, nil, false
	}
	end := 2 + int(h[1])
	return Element{ID: IEI(h[0]), Data: h[2:end:end]}, h[end:], true
}

// Has reports whether an element with this identifier is there.
func (h Header) Has(id IEI) bool {
	for e, rest, ok := h.Next(); ok; e, rest, ok = rest.Next() {
		if e.ID == id {
			return true
		}
	}
	return false
}

// AppendElement appends one element to a header under construction.
func (h Header) AppendElement(id IEI, data []byte) Header {
	return append(append(h, byte(id), byte(len(data))), data...)
}

// AppendUserData appends UDHL, header and body. It fails when the whole is
// longer than limit octets.
func AppendUserData(dst []byte, h Header, body []byte, limit int) ([]byte, error) {
	if n := 1 + len(h) + len(body); len(h) > 255 || n > limit {
		return dst, &wire.DecodeError{Format: "SMS user data", Offset: limit, Want: "at most " + strconv.Itoa(limit) + " octets", Got: strconv.Itoa(n)}
	}
	dst = append(dst, byte(len(h)))
	return append(append(dst, h...), body...), nil
}

// Concat says which part of which concatenated message a short message is
// (3GPP TS 23.040 §9.2.3.24.1 and .8).
type Concat struct {
	Reference uint16
	Wide      bool // 16-bit reference
	Total     byte // number of parts, 1 to 255
	Sequence  byte // this part, 1 to Total
}

// Append appends the concatenation element to a header.
func (c Concat) Append(h Header) Header {
	if c.Wide {
		return append(h, byte(IEIConcat16), 4, byte(c.Reference>>8), byte(c.Reference), c.Total, c.Sequence)
	}
	return append(h, byte(IEIConcat8), 3, byte(c.Reference), c.Total, c.Sequence)
}

// Concat finds the concatenation element. Elements with a total of zero or a
// sequence outside 1 to Total are ignored; of several, the last one counts.
// Spec: SPEC-SMS-013, SPEC-SMS-014.
func (h Header) Concat() (c Concat, ok bool) {
	for e, rest, more := h.Next(); more; e, rest, more = rest.Next() {
		if got, valid := concatElement(e); valid {
			c, ok = got, true
		}
	}
	return c, ok
}

func concatElement(e Element) (c Concat, ok bool) {
	switch {
	case e.ID == IEIConcat8 && len(e.Data) == 3:
		c = Concat{Reference: uint16(e.Data[0]), Total: e.Data[1], Sequence: e.Data[2]}
	case e.ID == IEIConcat16 && len(e.Data) == 4:
		c = Concat{Reference: uint16(e.Data[0])<<8 | uint16(e.Data[1]), Wide: true, Total: e.Data[2], Sequence: e.Data[3]}
	default:
		return Concat{}, false
	}
	return c, c.Sequence != 0 && c.Sequence <= c.Total
}
