package scp03

import (
	"fmt"

	"inkan/core/wire"
)

const protocol = 0x03 // the SCP identifier in an INITIALIZE UPDATE response

// InitializeUpdateResponse is the data of the response: KDD (10), key version
// (1), 03, i (1), card challenge and card cryptogram (8 each, 16 in S16 mode),
// and the sequence counter (3) if the challenge is pseudo-random.
type InitializeUpdateResponse struct {
	KDD             [10]byte // key diversification data
	KeyVersion      byte
	Options         Options
	CardChallenge   []byte
	CardCryptogram  []byte
	SequenceCounter uint32 // 24 bits; only with PseudoRandom
}

// Append appends the response data to dst.
// Spec: SPEC-SCP03-011.
func (r *InitializeUpdateResponse) Append(dst []byte) []byte {
	dst = append(dst, r.KDD[:]...)
	dst = append(dst, r.KeyVersion, protocol, byte(r.Options))
	dst = append(dst, r.CardChallenge...)
	dst = append(dst, r.CardCryptogram...)
	if r.Options&PseudoRandom != 0 {
		dst = append(dst, byte(r.SequenceCounter>>16), byte(r.SequenceCounter>>8), byte(r.SequenceCounter))
	}
	return dst
}

// DecodeInitializeUpdateResponse reads the response data, without status word,
// of exactly 29, 32, 45 or 48 bytes as i has it. Slices are borrowed from b.
// Errors are *wire.DecodeError.
// Spec: SPEC-SCP03-002, SPEC-SCP03-012.
func DecodeInitializeUpdateResponse(b []byte) (InitializeUpdateResponse, error) {
	var out InitializeUpdateResponse
	r := wire.NewReader("INITIALIZE UPDATE response", b)
	copy(out.KDD[:], r.Bytes(len(out.KDD), "KDD"))
	out.KeyVersion = r.Byte("key version")
	at := r.Offset()
	if p := r.Byte("SCP identifier"); p != protocol {
		r.FailAt(at, "SCP identifier", "03", fmt.Sprintf("%02X", p))
	}
	at = r.Offset()
	out.Options = Options(r.Byte("i"))
	if out.Options.Check() != nil {
		r.FailAt(at, "i", "00, 10, 20, 30, 60 or 70, or one of these with 01", fmt.Sprintf("%02X", byte(out.Options)))
	}
	size := out.Options.MACSize()
	out.CardChallenge = r.Bytes(size, "card challenge")
	out.CardCryptogram = r.Bytes(size, "card cryptogram")
	if out.Options&PseudoRandom != 0 {
		out.SequenceCounter = uint32(r.Byte("sequence counter")) << 16
		out.SequenceCounter |= uint32(r.Uint16("sequence counter"))
	}
	if err := r.End(); err != nil {
		return InitializeUpdateResponse{}, err
	}
	return out, nil
}
