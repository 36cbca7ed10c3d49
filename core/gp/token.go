package gp

import (
	"errors"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/tlv"
	"inkan/core/wire"
)

// TagDeleteToken is the token's tag in DELETE, where it is an object; in
// INSTALL it is the last length-value field.
const TagDeleteToken tlv.Tag = 0x9E

// TokenInput appends what a token signs: P1, P2, the length of the data field
// without the token, and that data field (GP Card Specification 2.3.1 §C.4).
// The length is one byte up to 255, else 00 and two bytes.
// Spec: SPEC-GP-CONTENT-040, SPEC-GP-CONTENT-041.
func TokenInput(dst []byte, p1, p2 byte, data []byte) ([]byte, error) {
	if len(data) > apdu.MaxExtendedData {
		return dst, fmt.Errorf("gp: token over %d bytes", len(data))
	}
	dst = append(dst, p1, p2)
	if len(data) > apdu.MaxShortData {
		dst = append(dst, 0, byte(len(data)>>8))
	}
	return append(append(dst, byte(len(data))), data...), nil
}

// AddToken makes the token of an INSTALL or DELETE command whose data field
// has none yet: no token field at the end of INSTALL, no 9E in DELETE. It
// returns a copy of c with the token in place, extended when it has to be.
// Spec: SPEC-GP-CONTENT-042, SPEC-GP-CONTENT-043.
func AddToken(c apdu.Command, signer ContentSigner) (apdu.Command, error) {
	if c.INS != InsInstall && c.INS != InsDelete {
		return c, fmt.Errorf("gp: no token for instruction %02X", c.INS)
	}
	input, err := TokenInput(nil, c.P1, c.P2, c.Data)
	if err != nil {
		return c, err
	}
	token, err := signer.AppendSignature(nil, input)
	if err != nil {
		return c, err
	}
	data := append([]byte(nil), c.Data...)
	if c.INS == InsDelete {
		data = tlv.Append(data, TagDeleteToken, token)
	} else {
		data = tlv.AppendBERLV(data, token)
	}
	if len(data) > apdu.MaxExtendedData {
		return c, errors.New("gp: no room for a token")
	}
	c.Data = data
	c.Extended = c.Extended || len(data) > apdu.MaxShortData
	return c, nil
}

// SplitToken separates the data field of INSTALL or DELETE into what the token
// signs and the token, which is empty when there is none. Slices are borrowed.
// It reads no further into the fields than it needs to find the end: five
// length-value fields come before the token in every INSTALL but [for load],
// which has four. Errors are *wire.DecodeError.
// Spec: SPEC-GP-CONTENT-042, SPEC-GP-CONTENT-043, SPEC-GP-CONTENT-044.
func SplitToken(c *apdu.Command) (body, token []byte, err error) {
	if c.INS == InsDelete {
		return splitDeleteToken(c)
	}
	r := data("INSTALL", c, IsGlobalPlatformClass, InsInstall)
	for range fieldsBeforeToken(c.P1, c.P2) {
		readField(&r, "fields")
	}
	n := r.Offset() - dataOffset(c)
	token = readField(&r, "token")
	if err := r.End(); err != nil {
		return nil, nil, err
	}
	return c.Data[:n:n], token, nil
}

// fieldsBeforeToken is the number of length-value fields before the token. [for
// load] has four: AID, security domain, hash, parameters; so has the command
// that opens a combined load, install and make selectable (P2 01). All others
// have five, the command that closes a combined process (P2 03) among them.
func fieldsBeforeToken(p1, p2 byte) int {
	if p1&0x02 != 0 && p2 != 0x03 {
		return 4
	}
	return 5
}

func splitDeleteToken(c *apdu.Command) (body, token []byte, err error) {
	base := dataOffset(c)
	r := tlv.NewReaderAt(c.Data, base, 0)
	body = c.Data
	for r.Next() {
		if token != nil {
			return nil, nil, r.Fault("end of input after the token", "tag "+r.Tag().String())
		}
		if r.Tag() != TagDeleteToken {
			continue
		}
		if len(r.Value()) == 0 {
			return nil, nil, r.Fault("a token", "none")
		}
		n := r.Offset() - base
		body, token = c.Data[:n:n], r.Value()
	}
	if err := r.Err(); err != nil {
		return nil, nil, err
	}
	return body, token, nil
}

// VerifyToken reports whether the token of an INSTALL or DELETE command is
// one of the rest of it. A command without token does not verify. The error is
// a *wire.DecodeError of a command that has no such form.
// Spec: SPEC-GP-CONTENT-045, SPEC-GP-CONTENT-046.
func VerifyToken(c *apdu.Command, verifier ContentVerifier) (bool, error) {
	body, token, err := SplitToken(c)
	if err != nil || len(token) == 0 {
		return false, err
	}
	input, err := TokenInput(nil, c.P1, c.P2, body)
	if err != nil {
		return false, &wire.DecodeError{Format: "token", Path: "Lc", Offset: 4, Want: "at most 65535 bytes", Got: "more"}
	}
	return verifier.Verify(input, token), nil
}
