package gp

import (
	"strconv"

	"inkan/core/apdu"
	"inkan/core/wire"
)

// Secure channel protocol identifiers (GP Card Specification 2.3.1 §10.7).
const (
	SCP01 byte = 0x01
	SCP02 byte = 0x02
	SCP03 byte = 0x03
	SCP10 byte = 0x10
	SCP11 byte = 0x11
	SCP80 byte = 0x80
	SCP81 byte = 0x81
)

// InitializeUpdate is INITIALIZE UPDATE (GP Card Specification 2.3.1 §E.5.1,
// Amendment D §7.1.1): 80 50 KVN KID, host challenge.
type InitializeUpdate struct {
	KeyVersion    byte   // 00: the first available
	KeyID         byte   // 00 but for SCP01
	HostChallenge []byte // 8 bytes, 16 in the S16 mode of SCP03
}

// APDU implements Command.
func (u InitializeUpdate) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{CLA: ClassGlobalPlatform, INS: InsInitializeUpdate, P1: u.KeyVersion, P2: u.KeyID, Ne: apdu.MaxShortNe}
	if n := len(u.HostChallenge); n != 8 && n != 16 {
		return c, checkLen("host challenge", n, 8, 8)
	}
	c.Data = added(buf, append(buf, u.HostChallenge...))
	return c, nil
}

// DecodeInitializeUpdate reads INITIALIZE UPDATE. Errors are
// *wire.DecodeError. Spec: SPEC-GP-055.
func DecodeInitializeUpdate(c *apdu.Command) (InitializeUpdate, error) {
	r := data("INITIALIZE UPDATE", c, IsGlobalPlatformClass, InsInitializeUpdate)
	if n := r.Len(); r.Err() == nil && n != 8 && n != 16 {
		r.FailAt(4, "Lc", "08 or 10", strconv.Itoa(n)+" bytes")
	}
	u := InitializeUpdate{KeyVersion: c.P1, KeyID: c.P2, HostChallenge: r.Rest()}
	if r.Err() != nil {
		return InitializeUpdate{}, r.Err()
	}
	return u, nil
}

// InitializeUpdateResponse is the card's answer. Which slices are present, and
// how long, depends on Protocol and Options.
type InitializeUpdateResponse struct {
	DiversificationData [10]byte
	KeyVersion          byte
	Protocol            byte   // SCP01, SCP02 or SCP03
	Options             byte   // i; SCP03 only
	Sequence            []byte // SCP02 2 bytes, before the challenge; SCP03 3 bytes, at the end, when i has bit 10
	CardChallenge       []byte // SCP01 and SCP03 8 bytes, SCP02 6, S16 mode 16
	CardCryptogram      []byte // 8 bytes, S16 mode 16
}

// Bits of Options that change the form of the response (Amendment D table 5-1).
const (
	scp03S16          = 0x01
	scp03PseudoRandom = 0x10
)

// lengths are the lengths of sequence, challenge and cryptogram.
func (u *InitializeUpdateResponse) lengths() (sequence, challenge, cryptogram int, ok bool) {
	switch u.Protocol {
	case SCP01:
		return 0, 8, 8, true
	case SCP02:
		return 2, 6, 8, true
	case SCP03:
		n := 8
		if u.Options&scp03S16 != 0 {
			n = 16
		}
		if u.Options&scp03PseudoRandom != 0 {
			return 3, n, n, true
		}
		return 0, n, n, true
	}
	return 0, 0, 0, false
}

// Append appends the coding. It fails when a field's length is not what
// protocol and options say. Spec: SPEC-GP-056.
func (u *InitializeUpdateResponse) Append(dst []byte) ([]byte, error) {
	sequence, challenge, cryptogram, ok := u.lengths()
	if !ok || len(u.Sequence) != sequence || len(u.CardChallenge) != challenge || len(u.CardCryptogram) != cryptogram {
		return dst, errValue("INITIALIZE UPDATE", "response")
	}
	dst = append(append(dst, u.DiversificationData[:]...), u.KeyVersion, u.Protocol)
	if u.Protocol == SCP03 {
		dst = append(dst, u.Options)
	}
	if u.Protocol == SCP02 {
		dst = append(dst, u.Sequence...)
	}
	dst = append(append(dst, u.CardChallenge...), u.CardCryptogram...)
	if u.Protocol == SCP03 {
		dst = append(dst, u.Sequence...)
	}
	return dst, nil
}

// DecodeInitializeUpdateResponse reads the response data: 28 bytes in SCP01
// and SCP02; in SCP03 29, with sequence counter 32, in S16 mode 45 or 48.
// Errors are *wire.DecodeError. Spec: SPEC-GP-056.
func DecodeInitializeUpdateResponse(b []byte) (InitializeUpdateResponse, error) {
	r := wire.NewReader("INITIALIZE UPDATE response", b)
	var u InitializeUpdateResponse
	copy(u.DiversificationData[:], r.Bytes(10, "key diversification data"))
	u.KeyVersion = r.Byte("key version")
	u.Protocol = r.Byte("SCP")
	if u.Protocol == SCP03 {
		u.Options = r.Byte("i")
	}
	sequence, challenge, cryptogram, ok := u.lengths()
	if !ok {
		r.FailAt(11, "SCP", "01, 02 or 03", hexByte(u.Protocol))
	}
	if u.Protocol == SCP02 {
		u.Sequence = r.Bytes(sequence, "sequence counter")
	}
	u.CardChallenge = r.Bytes(challenge, "card challenge")
	u.CardCryptogram = r.Bytes(cryptogram, "card cryptogram")
	if u.Protocol == SCP03 && sequence > 0 {
		u.Sequence = r.Bytes(sequence, "sequence counter")
	}
	if err := r.End(); err != nil {
		return InitializeUpdateResponse{}, err
	}
	return u, nil
}
