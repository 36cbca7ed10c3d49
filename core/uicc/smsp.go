package uicc

import (
	"fmt"

	"inkan/core/wire"
)

// Parameters is a record of EF SMSP (3GPP TS 31.102 §4.2.27): a name of Y bytes,
// then 28 bytes. Absent parameters are empty.
type Parameters struct {
	Text          []byte
	Destination   []byte // TP-DA: length in semi-octets, type, digits
	ServiceCentre []byte // RP address: length in bytes, type, digits
	PID           Optional
	DCS           Optional
	Validity      Optional // TP-VP, relative
}

// Optional is a byte that may be absent.
type Optional struct {
	Present bool
	Value   byte
}

// ParametersTail is the size of a record behind the name.
const ParametersTail = 28

const addressBytes = 12

// Append appends a record of the given size in bytes. A bit 0 of the indicator
// says that the parameter is there. Spec: SPEC-USIM-034.
func (p *Parameters) Append(dst []byte, recordBytes int) ([]byte, error) {
	if recordBytes < ParametersTail {
		return dst, fmt.Errorf("uicc: a record of %d bytes, want at least %d", recordBytes, ParametersTail)
	}
	mark := len(dst)
	dst, err := pad(append(dst, p.Text...), mark, recordBytes-ParametersTail, "name")
	if err != nil {
		return dst, err
	}
	indicator := byte(0xFF)
	for i, present := range []bool{len(p.Destination) > 0, len(p.ServiceCentre) > 0, p.PID.Present, p.DCS.Present, p.Validity.Present} {
		if present {
			indicator &^= 1 << i
		}
	}
	dst = append(dst, indicator)
	for _, a := range [][]byte{p.Destination, p.ServiceCentre} {
		at := len(dst)
		if dst, err = pad(append(dst, a...), at, addressBytes, "address"); err != nil {
			return dst[:mark], err
		}
	}
	for _, o := range []Optional{p.PID, p.DCS, p.Validity} {
		if !o.Present {
			o.Value = 0xFF
		}
		dst = append(dst, o.Value)
	}
	return dst, nil
}

// DecodeParameters reads a record. Slices are borrowed. Errors are
// *wire.DecodeError. Spec: SPEC-USIM-034.
func DecodeParameters(b []byte) (p Parameters, err error) {
	r := wire.NewReader("EF SMSP", b)
	if len(b) < ParametersTail {
		r.Fail("record", "at least 28 bytes", "fewer")
		return p, r.Err()
	}
	p.Text = trim(r.Bytes(len(b)-ParametersTail, "name"))
	indicator := r.Byte("indicator")
	destination, centre := r.Bytes(addressBytes, "TP-DA"), r.Bytes(addressBytes, "service centre")
	if indicator&1 == 0 {
		p.Destination = trim(destination)
	}
	if indicator&2 == 0 {
		p.ServiceCentre = trim(centre)
	}
	for i, o := range []*Optional{&p.PID, &p.DCS, &p.Validity} {
		v := r.Byte("parameter")
		if indicator&(4<<i) == 0 {
			*o = Optional{true, v}
		}
	}
	return p, r.End()
}

// AppendServiceCentre appends an RP address of dialling digits as EF SMSP has it:
// length in bytes, TON and NPI, digits.
func AppendServiceCentre(dst []byte, tonNPI byte, digits string) ([]byte, error) {
	if len(digits) > 2*maxNumberBytes {
		return dst, fmt.Errorf("uicc: a service centre of %d digits, want at most 20", len(digits))
	}
	return appendDigits(append(dst, byte((len(digits)+1)/2+1), tonNPI), digits, extended)
}
