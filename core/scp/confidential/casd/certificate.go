package casd

import (
	"crypto/ecdh"
	"crypto/sha256"
	"fmt"
	"time"

	"inkan/core/gp"
	"inkan/core/tlv"
)

// Lengths in bytes.
const (
	CardLen      = 16
	MaxSerialLen = 16
	MaxMakerLen  = 16
	pointLen     = 65
	signatureLen = 64
)

// Certificate is what a maker says of a card's controlling authority.
type Certificate struct {
	Serial    []byte // 93, 1 to 16 bytes
	Maker     []byte // 42: identifier of the maker, 1 to 16 bytes
	Card      [CardLen]byte
	Effective time.Time // 5F25: begin of the first day, UTC
	Expires   time.Time // 5F24: begin of the last day on which it holds
	// Attestation is the SHA-256 of the SubjectPublicKeyInfo of the key that attests.
	Attestation [sha256.Size]byte
	// Agreement is the static key of confidential set-up on P-256, 04 x y.
	Agreement []byte
	Signature []byte // r ‖ s
}

// Tags of the certificate, in their order.
const (
	tagSerial      tlv.Tag = 0x93
	tagMaker       tlv.Tag = 0x42
	tagCard        tlv.Tag = 0x5F20
	tagUsage       tlv.Tag = 0x95
	tagEffective   tlv.Tag = 0x5F25
	tagExpires     tlv.Tag = 0x5F24
	tagAttestation tlv.Tag = 0x53
	tagPublicKey   tlv.Tag = 0x7F49
	tagSignature   tlv.Tag = 0x5F37
)

// usage is key agreement.
var usage = []byte{0x00, 0x80}

// appendSigned appends what the signature is over.
func (c *Certificate) appendSigned(dst []byte) ([]byte, error) {
	if err := c.valid(); err != nil {
		return dst, err
	}
	dst = tlv.Append(dst, tagSerial, c.Serial)
	dst = tlv.Append(dst, tagMaker, c.Maker)
	dst = tlv.Append(dst, tagCard, c.Card[:])
	dst = tlv.Append(dst, tagUsage, usage)
	dst = tlv.Append(dst, tagEffective, appendDay(nil, c.Effective))
	dst = tlv.Append(dst, tagExpires, appendDay(nil, c.Expires))
	dst = tlv.Append(dst, tagAttestation, c.Attestation[:])
	key := gp.EphemeralPublicKey{Point: c.Agreement, Parameters: []byte{0}}
	return key.Append(dst)
}

func (c *Certificate) valid() error {
	switch {
	case len(c.Serial) == 0 || len(c.Serial) > MaxSerialLen:
		return fmt.Errorf("casd: serial number of %d bytes, want 1 to %d", len(c.Serial), MaxSerialLen)
	case len(c.Maker) == 0 || len(c.Maker) > MaxMakerLen:
		return fmt.Errorf("casd: maker of %d bytes, want 1 to %d", len(c.Maker), MaxMakerLen)
	case c.Expires.Before(c.Effective):
		return fmt.Errorf("casd: it would expire on %s, before %s", c.Expires.Format(time.DateOnly), c.Effective.Format(time.DateOnly))
	}
	if _, err := ecdh.P256().NewPublicKey(c.Agreement); err != nil {
		return fmt.Errorf("casd: agreement key: %w", err)
	}
	return nil
}

// Append appends the value of 7F21. It fails on a field outside its table.
func (c *Certificate) Append(dst []byte) ([]byte, error) {
	if len(c.Signature) != signatureLen {
		return dst, fmt.Errorf("casd: signature of %d bytes, want %d", len(c.Signature), signatureLen)
	}
	out, err := c.appendSigned(dst)
	if err != nil {
		return dst, err
	}
	return tlv.Append(out, tagSignature, c.Signature), nil
}
