package basic

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"

	"inkan/core/tlv"
)

// Digests vouch for number and attributes: the content of EFDigests.
type Digests struct {
	Number     [sha256.Size]byte // of the content of EFNumber, with its filler
	Attributes [sha256.Size]byte // AttributesDigest
	Signature  []byte            // of both, 256 bytes
}

// Tags of EFDigests.
const (
	tagDigests          tlv.Tag = 0xFF30
	tagNumberDigest     tlv.Tag = 0xDF31
	tagAttributesDigest tlv.Tag = 0xDF32
	tagSignature        tlv.Tag = 0xDF33
)

const signatureLen = 256

// ErrDigests: signature or digests are not those of the content.
var ErrDigests = errors.New("basic: number and attributes are not what the issuer signed")

// signed is what the signature is over.
func (d *Digests) signed(dst []byte) []byte {
	return tlv.Append(tlv.Append(dst, tagNumberDigest, d.Number[:]), tagAttributesDigest, d.Attributes[:])
}

// SignDigests makes the digests of the content of EFNumber and EFAttributes, signed
// by a key of RSA with 2048 bits. Errors are those of reading and of the key.
// Spec: SPEC-IDCARD-001.
func SignDigests(number, attributes []byte, issuer crypto.Signer) (d Digests, err error) {
	if d, err = digestsOf(number, attributes); err != nil {
		return d, err
	}
	sum := sha256.Sum256(d.signed(nil))
	d.Signature, err = issuer.Sign(nil, sum[:], crypto.SHA256) // PKCS #1 v1.5 takes no randomness
	return d, err
}

func digestsOf(number, attributes []byte) (d Digests, err error) {
	if _, err := DecodeNumber(number); err != nil {
		return d, err
	}
	d.Number = sha256.Sum256(number)
	d.Attributes, err = AttributesDigest(attributes)
	return d, err
}

// Verify is ErrDigests unless the issuer signed the content of EFNumber and
// EFAttributes; nil stands for content that was not read, which is not looked at.
func (d *Digests) Verify(number, attributes []byte, issuer *rsa.PublicKey) error {
	sum := sha256.Sum256(d.signed(nil))
	if rsa.VerifyPKCS1v15(issuer, crypto.SHA256, sum[:], d.Signature) != nil {
		return ErrDigests
	}
	if number != nil && sha256.Sum256(number) != d.Number {
		return ErrDigests
	}
	if attributes != nil {
		got, err := AttributesDigest(attributes)
		if err != nil {
			return err
		}
		if got != d.Attributes {
			return ErrDigests
		}
	}
	return nil
}

// Append appends the content of EFDigests. It fails for a signature of another
// length than 256. Spec: SPEC-IDCARD-001.
func (d *Digests) Append(dst []byte) ([]byte, error) {
	if len(d.Signature) != signatureLen {
		return dst, fmt.Errorf("basic: signature of %d bytes: want 256", len(d.Signature))
	}
	return tlv.Append(dst, tagDigests, tlv.Append(d.signed(nil), tagSignature, d.Signature)), nil
}

// DecodeDigests reads the content of EFDigests; the signature is not looked at.
// Errors are *wire.DecodeError. Spec: SPEC-IDCARD-001.
func DecodeDigests(b []byte) (d Digests, err error) {
	const format = "digests"
	r, err := inside(format, b, tagDigests)
	if err != nil {
		return d, err
	}
	take := func(tag tlv.Tag, path string, n int) []byte {
		at := r.Offset()
		v := element(&r, tag, path)
		if r.Err() == nil && len(v) != n {
			r.FailAt(at, path, fmt.Sprint(n, " bytes"), fmt.Sprint(len(v)))
		}
		return v
	}
	copy(d.Number[:], take(tagNumberDigest, "number", sha256.Size))
	copy(d.Attributes[:], take(tagAttributesDigest, "attributes", sha256.Size))
	d.Signature = append([]byte(nil), take(tagSignature, "signature", signatureLen)...)
	if err := r.End(); err != nil {
		return Digests{}, err
	}
	written, err := d.Append(nil)
	if err != nil {
		return Digests{}, err
	}
	return d, canonical(format, b, written)
}
