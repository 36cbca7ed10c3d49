package scp03

import (
	"fmt"

	"inkan/core/apdu"
	"inkan/core/wire"
)

// Instructions that open a channel.
const (
	insInitializeUpdate     = 0x50
	insExternalAuthenticate = 0x82
)

const protocol = 0x03 // the SCP identifier in an INITIALIZE UPDATE response

// InitializeUpdate is the command that opens a channel: CLA 50 P1 P2 08|10
// challenge 00.
type InitializeUpdate struct {
	Channel       byte // logical channel, 0 to 19
	KeyVersion    byte // P1; 00: the card's first key set
	KeyIdentifier byte // P2; 00
	HostChallenge []byte
}

// Append appends the command APDU to dst.
// Spec: SPEC-SCP03-010.
func (c *InitializeUpdate) Append(dst []byte) ([]byte, error) {
	if n := len(c.HostChallenge); n != 8 && n != 16 || c.Channel > maximumChannel {
		return dst, fmt.Errorf("scp03: host challenge of %d bytes (want 8 or 16) or channel %d (at most 19)", n, c.Channel)
	}
	cmd := apdu.Command{
		CLA: channelClass(c.Channel), INS: insInitializeUpdate, P1: c.KeyVersion, P2: c.KeyIdentifier,
		Data: c.HostChallenge, Ne: apdu.MaxShortNe,
	}
	return cmd.Append(dst)
}

// InitializeUpdateResponse is the data of the response: KDD (10), key version
// (1), 03, i (1), card challenge and card cryptogram (8 each, 16 in S16 mode),
// and the sequence counter (3) if the challenge is pseudo-random.
type InitializeUpdateResponse struct {
	KDD            [10]byte // key diversification data
	KeyVersion     byte
	Options        Options
	CardChallenge  []byte
	CardCryptogram []byte
	Sequence       uint32 // 24 bits; only with PseudoRandom
}

// Append appends the response data to dst.
// Spec: SPEC-SCP03-011.
func (r *InitializeUpdateResponse) Append(dst []byte) []byte {
	dst = append(dst, r.KDD[:]...)
	dst = append(dst, r.KeyVersion, protocol, byte(r.Options))
	dst = append(dst, r.CardChallenge...)
	dst = append(dst, r.CardCryptogram...)
	if r.Options&PseudoRandom != 0 {
		dst = append(dst, byte(r.Sequence>>16), byte(r.Sequence>>8), byte(r.Sequence))
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
	if !out.Options.Valid() {
		r.FailAt(at, "i", "00, 10, 20, 30, 60 or 70, or one of these with 01", fmt.Sprintf("%02X", byte(out.Options)))
	}
	size := out.Options.MACSize()
	out.CardChallenge = r.Bytes(size, "card challenge")
	out.CardCryptogram = r.Bytes(size, "card cryptogram")
	if out.Options&PseudoRandom != 0 {
		out.Sequence = uint32(r.Byte("sequence counter")) << 16
		out.Sequence |= uint32(r.Uint16("sequence counter"))
	}
	if err := r.End(); err != nil {
		return InitializeUpdateResponse{}, err
	}
	return out, nil
}
