package cvc

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"

	"inkan/core/jpki/certificate"
	"inkan/core/tlv"
)

// The tags of ISO/IEC 7816-8 and TR-03110-3.
const (
	tagCertificate   tlv.Tag = 0x7F21
	tagBody          tlv.Tag = 0x7F4E
	tagProfile       tlv.Tag = 0x5F29
	tagAuthority     tlv.Tag = 0x42
	tagPublicKey     tlv.Tag = 0x7F49
	tagHolder        tlv.Tag = 0x5F20
	tagAuthorisation tlv.Tag = 0x7F4C
	tagEffective     tlv.Tag = 0x5F25
	tagExpires       tlv.Tag = 0x5F24
	tagSignature     tlv.Tag = 0x5F37
	tagOID           tlv.Tag = 0x06
	tagModulus       tlv.Tag = 0x81
	tagExponent      tlv.Tag = 0x82
	tagRights        tlv.Tag = 0x53
)

var (
	keyOID   = content(asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 2, 2, 2, 1, 2}) // id-TA-RSA-v1-5-SHA-256
	roleOID  = content(certificate.OIDTerminalRole())
	exponent = []byte{1, 0, 1}
)

// content is an object identifier without tag and length.
func content(oid asn1.ObjectIdentifier) []byte {
	var b cryptobyte.Builder
	b.AddASN1ObjectIdentifier(oid)
	return b.BytesOrPanic()[2:]
}

// Check reports what of a certificate cannot be written.
func (c *Certificate) Check() error {
	switch {
	case !c.Authority.Valid() || !c.Holder.Valid():
		return fmt.Errorf("cvc: references %q and %q: want country, mnemonic of 2 to 9, five digits", c.Authority, c.Holder)
	case c.PublicKey == nil || c.PublicKey.N == nil || c.PublicKey.N.BitLen() != certificate.KeyBits ||
		c.PublicKey.N.Bit(0) == 0 || c.PublicKey.E != certificate.KeyExponent:
		return errors.New("cvc: public key: want RSA of 2048 bits with exponent 65537")
	case c.Role != Terminal && c.Role != TerminalCA:
		return fmt.Errorf("cvc: role %02X: want terminal or terminal CA", byte(c.Role))
	case c.Purposes&^AllPurposes != 0:
		return fmt.Errorf("cvc: purposes %02X: want those that are defined", byte(c.Purposes))
	case !writable(c.Effective) || !writable(c.Expires):
		return fmt.Errorf("cvc: dates %s and %s: want days of the years 2000 to 2099", c.Effective, c.Expires)
	case c.Effective.After(c.Expires):
		return fmt.Errorf("cvc: expires on %s, before it is effective", c.Expires)
	}
	return nil
}

func writable(d certificate.Date) bool { return d.Valid() && d.Year >= 2000 && d.Year <= 2099 }

// AppendBody appends the object 7F4E, which is signed. Errors are those of Check.
// Spec: SPEC-CERT-PROFILE-050.
func (c *Certificate) AppendBody(dst []byte) ([]byte, error) {
	if err := c.Check(); err != nil {
		return dst, err
	}
	dst, body := tlv.Begin(dst, tagBody)
	dst = tlv.Append(dst, tagProfile, []byte{0})
	dst = tlv.Append(dst, tagAuthority, []byte(c.Authority))
	dst, key := tlv.Begin(dst, tagPublicKey)
	dst = tlv.Append(dst, tagOID, keyOID)
	dst = tlv.Append(dst, tagModulus, c.PublicKey.N.Bytes())
	dst = tlv.Append(dst, tagExponent, exponent)
	dst = tlv.End(dst, key)
	dst = tlv.Append(dst, tagHolder, []byte(c.Holder))
	dst, rights := tlv.Begin(dst, tagAuthorisation)
	dst = tlv.Append(dst, tagOID, roleOID)
	dst = tlv.Append(dst, tagRights, []byte{byte(c.Role) | byte(c.Purposes)})
	dst = tlv.End(dst, rights)
	dst = tlv.Append(dst, tagEffective, digits(c.Effective))
	dst = tlv.Append(dst, tagExpires, digits(c.Expires))
	return tlv.End(dst, body), nil
}

// digits are the six of YYMMDD, one to a byte.
func digits(d certificate.Date) []byte {
	out := []byte(d.String()[2:])
	for i := range out {
		out[i] -= '0'
	}
	return out
}

// Sign appends the object 7F21, signed by the key that Authority names, and sets
// Body and Signature. dst is returned as it was on any error.
// Spec: SPEC-CERT-PROFILE-052.
func (c *Certificate) Sign(dst []byte, signer crypto.Signer) ([]byte, error) {
	body, err := c.AppendBody(nil)
	if err != nil {
		return dst, err
	}
	key, ok := signer.Public().(*rsa.PublicKey)
	if !ok {
		return dst, errors.New("cvc: want an RSA signer")
	}
	digest := sha256.Sum256(body)
	signature, err := signer.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return dst, fmt.Errorf("cvc: signing: %w", err)
	}
	if len(signature) != signatureLen || rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) != nil {
		return dst, errors.New("cvc: signing: the signer's signature does not verify")
	}
	c.Body, c.Signature = body, signature
	return c.append(dst), nil
}

// append writes the certificate from Body and Signature.
func (c *Certificate) append(dst []byte) []byte {
	dst, mark := tlv.Begin(dst, tagCertificate)
	dst = append(dst, c.Body...)
	dst = tlv.Append(dst, tagSignature, c.Signature)
	return tlv.End(dst, mark)
}
