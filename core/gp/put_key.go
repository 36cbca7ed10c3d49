package gp

import (
	"fmt"

	"inkan/core/apdu"
	"inkan/core/wire"
)

// MaxKeyNumber is the highest key identifier and key version number.
const MaxKeyNumber = 0x7F

// PutKey is PUT KEY (GP Card Specification 2.3.1 §11.8): 80 D8 KVN KID, new
// KVN, key data fields.
type PutKey struct {
	KeyVersion    byte // version to be replaced; 00 for a new one
	KeyID         byte // identifier of the first key, 00 to 7F
	Multiple      bool // P2 bit 8: Blocks has more than one key
	NewKeyVersion byte // 01 to 7F
	// Blocks is the key data fields as they stand in the command, sensitive
	// parts encrypted.
	Blocks []byte
}

// Format prints versions, identifier and how many bytes of key data there are,
// whatever the verb. Spec: SPEC-GP-134.
func (k PutKey) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "PUT KEY version %02X, key %02X, new version %02X (%d bytes)", k.KeyVersion, k.KeyID, k.NewKeyVersion, len(k.Blocks))
}

// MarshalText is what Format prints, for JSON and logs.
func (k PutKey) MarshalText() ([]byte, error) { return fmt.Append(nil, k), nil }

// APDU implements Command. A data field of more than 255 bytes has Extended
// set; Split makes short commands of it.
func (k PutKey) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{CLA: ClassGlobalPlatform, INS: InsPutKey, P1: k.KeyVersion, P2: k.KeyID, Ne: apdu.MaxShortNe}
	if k.KeyVersion > MaxKeyNumber || k.KeyID > MaxKeyNumber || k.NewKeyVersion > MaxKeyNumber || k.NewKeyVersion == 0 {
		return c, errValue("PUT KEY", "key version or identifier")
	}
	if len(k.Blocks) == 0 {
		return c, errValue("PUT KEY", "key data")
	}
	if k.Multiple {
		c.P2 |= 0x80
	}
	c.Data = added(buf, append(append(buf, k.NewKeyVersion), k.Blocks...))
	c.Extended = len(c.Data) > apdu.MaxShortData
	return c, nil
}

// DecodePutKey reads the frame of PUT KEY; Blocks is borrowed and not looked
// into. A chain of PUT KEY commands is joined first (Joiner). Errors are
// *wire.DecodeError. Spec: SPEC-GP-120, SPEC-GP-121.
func DecodePutKey(c *apdu.Command) (PutKey, error) {
	r := data("PUT KEY", c, IsGlobalPlatformClass, InsPutKey)
	if c.P1 > MaxKeyNumber {
		failP1(&r, "00 to 7F", c.P1)
	}
	someData(&r)
	k := PutKey{KeyVersion: c.P1, KeyID: c.P2 & 0x7F, Multiple: c.P2&0x80 != 0}
	k.NewKeyVersion = r.Byte("new key version")
	if r.Err() == nil && (k.NewKeyVersion == 0 || k.NewKeyVersion > MaxKeyNumber) {
		r.FailAt(r.Offset()-1, "new key version", "01 to 7F", hexByte(k.NewKeyVersion))
	}
	if r.Err() == nil && !r.More() {
		r.Fail("key data", "a key data field", "end of input")
	}
	k.Blocks = r.Rest()
	if r.Err() != nil {
		return PutKey{}, r.Err()
	}
	return k, nil
}

// PutKeyResponse is what the card stored: the key version number, then the key
// check values in the order of the keys.
type PutKeyResponse struct {
	KeyVersion byte
	// CheckValues is the check values one after another, three bytes each for
	// DES and AES keys; keys without one add nothing.
	CheckValues []byte
}

// Append appends the coding.
func (p *PutKeyResponse) Append(dst []byte) []byte {
	return append(append(dst, p.KeyVersion), p.CheckValues...)
}

// DecodePutKeyResponse reads the response data. Errors are *wire.DecodeError.
// Spec: SPEC-GP-122.
func DecodePutKeyResponse(b []byte) (PutKeyResponse, error) {
	r := wire.NewReader("PUT KEY response", b)
	p := PutKeyResponse{KeyVersion: r.Byte("key version")}
	p.CheckValues = r.Rest()
	if r.Err() != nil {
		return PutKeyResponse{}, r.Err()
	}
	return p, nil
}
