package perso

import (
	"crypto/ecdh"
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"inkan/core/jpki"
	"inkan/core/wire"
)

// Lengths in bytes.
const (
	OrderLen     = 138
	PointLen     = 65 // of P-256, uncompressed
	ChallengeLen = 16
)

// OrderID names an order, and the issue that comes of it. All zeros in ERASE
// means whatever there is.
type OrderID [16]byte

// Hash is a SHA-256: of an order, a load file or a certificate.
type Hash [sha256.Size]byte

// Point is a point of P-256 as 04 ‖ X ‖ Y.
type Point [PointLen]byte

// valid reports whether the point is on the curve. Spec: SPEC-PERSO-071.
func (p *Point) valid() bool {
	_, err := ecdh.P256().NewPublicKey(p[:])
	return err == nil
}

// Order opens an issue or a PIN reset (spec/PERSO.md §Order).
type Order struct {
	Purpose      jpki.Purpose
	Origin       jpki.Origin // of the keys; OriginNone for a PIN reset
	Roles        jpki.Role
	ID           OrderID
	SIM          [16]byte // identifier of the SIM; a shorter one is padded with 00
	LoadFile     Hash     // SHA-256 of the applet's load file
	Counter      uint32   // above every order before
	CAKeyVersion byte
	CAPoint      Point
}

const orderVersion = 0x01

// fault is the field that is outside its table; "" when none is.
func (o *Order) fault() (path string, offset int) {
	reset := o.Purpose == jpki.PurposePINReset
	switch {
	case !reset && o.Purpose != jpki.PurposeIssue:
		return "purpose", 1
	case reset && o.Origin != jpki.OriginNone, !reset && o.Origin != jpki.OriginOnCard && o.Origin != jpki.OriginDelivered:
		return "key origin", 2
	case o.Roles == 0 || o.Roles > jpki.Both:
		return "roles", 3
	case !o.CAPoint.valid():
		return "CA point", 73
	}
	return "", 0
}

// Append appends the 138 bytes. It fails on a field outside its table.
func (o *Order) Append(dst []byte) ([]byte, error) {
	if path, _ := o.fault(); path != "" {
		return dst, errors.New("perso: order: " + path + " out of range")
	}
	return o.appendFields(dst), nil
}

func (o *Order) appendFields(dst []byte) []byte {
	dst = append(dst, orderVersion, byte(o.Purpose), byte(o.Origin), byte(o.Roles))
	dst = append(dst, o.ID[:]...)
	dst = append(dst, o.SIM[:]...)
	dst = append(dst, o.LoadFile[:]...)
	dst = binary.BigEndian.AppendUint32(dst, o.Counter)
	dst = append(dst, o.CAKeyVersion)
	return append(dst, o.CAPoint[:]...)
}

// Hash is orderHash, which binds every envelope and statement to the order.
func (o *Order) Hash() Hash {
	var b [OrderLen]byte
	return sha256.Sum256(o.appendFields(b[:0]))
}

// DecodeOrder reads an order. Errors are *wire.DecodeError.
func DecodeOrder(b []byte) (Order, error) {
	r := wire.NewReader("PERSO order", b)
	if v := r.Byte("version"); r.Err() == nil && v != orderVersion {
		r.FailAt(0, "version", "01", "another")
	}
	o := Order{Purpose: jpki.Purpose(r.Byte("purpose")), Origin: jpki.Origin(r.Byte("key origin")), Roles: jpki.Role(r.Byte("roles"))}
	copy(o.ID[:], r.Bytes(len(o.ID), "order ID"))
	copy(o.SIM[:], r.Bytes(len(o.SIM), "SIM identifier"))
	copy(o.LoadFile[:], r.Bytes(len(o.LoadFile), "load file hash"))
	o.Counter = readUint32(&r, "counter")
	o.CAKeyVersion = r.Byte("CA key version")
	copy(o.CAPoint[:], r.Bytes(PointLen, "CA point"))
	if err := r.End(); err != nil {
		return Order{}, err
	}
	if path, offset := o.fault(); path != "" {
		r.FailAt(offset, path, "a value of the table", "another")
		return Order{}, r.Err()
	}
	return o, nil
}

func readUint32(r *wire.Reader, path string) uint32 {
	b := r.Bytes(4, path)
	if b == nil {
		return 0
	}
	return binary.BigEndian.Uint32(b)
}
