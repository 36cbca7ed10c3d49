package perso

import (
	"strconv"

	"inkan/core/jpki"
	"inkan/core/mac"
	"inkan/core/wire"
)

// Envelope is the value of ENVELOPE, taken apart.
type Envelope struct {
	Sequence   byte
	Type       jpki.Purpose
	Ciphertext []byte // whole blocks of 16, at least one
	MAC        []byte // 16
}

// DecodeEnvelope reads the value of ENVELOPE; slices are borrowed. Errors are
// *wire.DecodeError.
func DecodeEnvelope(b []byte) (e Envelope, err error) {
	r := wire.NewReader("PERSO envelope", b)
	e.Sequence, e.Type = r.Byte("sequence"), jpki.Purpose(r.Byte("type"))
	if r.Err() == nil && e.Type != jpki.PurposeIssue && e.Type != jpki.PurposePINReset {
		r.FailAt(1, "type", "01 or 02", e.Type.String())
	}
	n := r.Len() - mac.BlockSize
	if r.Err() == nil && (n < mac.BlockSize || n%mac.BlockSize != 0 || n > MaxCiphertextLen) {
		r.Fail("ciphertext", "16 to 3072 bytes in blocks of 16, and a MAC", strconv.Itoa(r.Len())+" bytes")
	}
	e.Ciphertext = r.Bytes(n, "ciphertext")
	e.MAC = r.Bytes(mac.BlockSize, "MAC")
	if err := r.End(); err != nil {
		return Envelope{}, err
	}
	return e, nil
}

func errPadding(offset int) error {
	return &wire.DecodeError{Format: "PERSO content", Path: "padding", Offset: offset, Want: "80 00… in the last block", Got: "another"}
}
