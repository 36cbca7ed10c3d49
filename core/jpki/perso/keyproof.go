package perso

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"math/big"

	"inkan/core/gp"
	"inkan/core/jpki"
)

// Exponent is the public exponent of every key.
const Exponent = 65537

// PublicKey is the key that the statement is about.
func (s *KeyStatement) PublicKey() *rsa.PublicKey {
	return &rsa.PublicKey{N: new(big.Int).SetBytes(s.Modulus[:]), E: Exponent}
}

// appendProof appends what the proof of possession covers: LABEL ‖ header ‖
// role ‖ LV(AID) ‖ modulus.
func (s *KeyStatement) appendProof(dst []byte, aid gp.AID) []byte {
	dst = append(s.Header.Append(append(dst, label...)), byte(s.Role))
	return append(aid.AppendLV(dst), s.Modulus[:]...)
}

// verifyProof checks modulus and proof of possession. Spec: SPEC-PERSO-072.
func (s *KeyStatement) verifyProof(aid gp.AID) error {
	if s.Modulus[0]&0x80 == 0 || s.Modulus[ModulusLen-1]&1 == 0 {
		return ErrModulus
	}
	digest := sha256.Sum256(s.appendProof(nil, aid))
	if rsa.VerifyPKCS1v15(s.PublicKey(), crypto.SHA256, digest[:], s.Proof[:]) != nil {
		return ErrProof
	}
	return nil
}

// VerifyKey checks the answer to GENERATE of an order. Spec: SPEC-PERSO-070,
// SPEC-PERSO-072.
func (c *Card) VerifyKey(order *Order, s *KeyStatement) error {
	switch {
	case !order.made(&s.Header):
		return ErrHeader
	case !order.Roles.Has(s.Role) || order.Origin != jpki.OriginOnCard:
		return ErrRole
	}
	if err := c.verify(order, s.signed(nil), s.Attestation); err != nil {
		return err
	}
	return s.verifyProof(c.AID)
}
