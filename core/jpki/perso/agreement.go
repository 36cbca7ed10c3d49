package perso

import (
	"crypto/ecdh"
	"crypto/sha256"
	"errors"
	"fmt"

	"inkan/core/gp"
)

// ContentKey is the certificate authority's static key pair of one version.
type ContentKey interface {
	Version() byte
	Point() Point
	// ECDH is the x coordinate of private key × point, 32 bytes, which the
	// caller wipes. It fails when the point is not on P-256.
	ECDH(point []byte) ([]byte, error)
}

// SoftwareKey is a ContentKey in memory.
type SoftwareKey struct {
	version byte
	key     *ecdh.PrivateKey
}

// NewSoftwareKey makes a key of a private scalar of 32 bytes. It fails when
// that is not between 1 and the group's order.
func NewSoftwareKey(version byte, scalar []byte) (*SoftwareKey, error) {
	key, err := ecdh.P256().NewPrivateKey(scalar)
	if err != nil {
		return nil, errors.New("perso: content key: not a private key of P-256")
	}
	return &SoftwareKey{version, key}, nil
}

// Version implements ContentKey.
func (k *SoftwareKey) Version() byte { return k.version }

// Point implements ContentKey.
func (k *SoftwareKey) Point() (p Point) {
	copy(p[:], k.key.PublicKey().Bytes())
	return p
}

// ECDH implements ContentKey. Spec: SPEC-PERSO-071.
func (k *SoftwareKey) ECDH(point []byte) ([]byte, error) {
	public, err := ecdh.P256().NewPublicKey(point)
	if err != nil {
		return nil, ErrPoint
	}
	return k.key.ECDH(public)
}

// Format prints the version, whatever the verb.
func (k SoftwareKey) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "content key version %02X", k.version)
}

// MarshalText is what Format prints.
func (k SoftwareKey) MarshalText() ([]byte, error) { return fmt.Append(nil, k), nil }

// Keys are the wrap keys of an order.
type Keys struct{ Enc, MAC [32]byte }

// Format prints no key, whatever the verb.
func (k Keys) Format(s fmt.State, _ rune) { fmt.Fprint(s, "wrap keys") }

// MarshalText is what Format prints.
func (k Keys) MarshalText() ([]byte, error) { return fmt.Append(nil, k), nil }

// DeriveKeys is the X9.63 key derivation function with SHA-256 of the shared
// secret z (SEC 1 §3.6.1): Enc is the first block, MAC the second.
func DeriveKeys(z []byte, aid gp.AID, order Hash, ephemeral *Point) (k Keys) {
	h := sha256.New()
	var buf [gp.MaxAIDLen + 1 + len(label)]byte
	head := aid.AppendLV(append(buf[:0], label...))
	for i, out := range [][]byte{k.Enc[:0], k.MAC[:0]} {
		h.Reset()
		h.Write(z)
		h.Write([]byte{0, 0, 0, byte(i + 1)})
		h.Write(head)
		h.Write(order[:])
		h.Write(ephemeral[:])
		h.Sum(out)
	}
	return k
}
