package apdu

import (
	"fmt"

	"inkan/core/iso7816"
	"inkan/core/wire"
)

// Response is a response APDU: [Data] SW1 SW2.
type Response struct {
	Data []byte
	SW   iso7816.SW
}

// Format prints status word and size, "9000 (12 bytes)", whatever the verb: Data
// may be secret. Spec: SPEC-APDU-081.
func (r Response) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "%04X (%d bytes)", uint16(r.SW), len(r.Data))
}

// MarshalText is what Format prints, for JSON and logs. Spec: SPEC-APDU-081.
func (r Response) MarshalText() ([]byte, error) { return fmt.Append(nil, r), nil }

// Append appends the encoded response to dst.
func (r Response) Append(dst []byte) []byte {
	return append(append(dst, r.Data...), byte(r.SW>>8), byte(r.SW))
}

// Err is nil for normal processing, else the status word as an error; see
// iso7816.SW.Err.
func (r Response) Err() error { return r.SW.Err() }

// DecodeResponse reads a response APDU. Data is borrowed from b. Errors are
// *wire.DecodeError. Any two bytes are a status word here; iso7816.SW.Valid
// judges them. Spec: SPEC-APDU-009.
func DecodeResponse(b []byte) (Response, error) {
	if len(b) < 2 {
		r := wire.NewReader("R-APDU", b)
		r.Uint16("SW")
		return Response{}, r.Err()
	}
	n := len(b) - 2
	return Response{Data: b[:n:n], SW: iso7816.SW(b[n])<<8 | iso7816.SW(b[n+1])}, nil
}
