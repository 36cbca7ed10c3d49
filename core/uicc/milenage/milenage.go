// Package milenage is the example algorithm set of authentication and key
// generation in a USIM and an authentication centre (3GPP TS 35.206), over a block
// cipher that the caller brings: a card's engine, or crypto/aes.
//
// It must not know sequence numbers' rules nor any command. It implements
// spec/USIM.md §Authentication.
package milenage

import "crypto/cipher"

// Size is the size in bytes of K, OP, OPc, RAND, CK and IK.
const Size = 16

// Block is 16 bytes.
type Block = [Size]byte

// Set computes f1 to f5 with one key for one RAND. Block is AES-128 under K.
type Set struct {
	Cipher cipher.Block
	OPc    Block
}

// OPc derives the operator constant of a key. Spec: SPEC-USIM-180.
func OPc(c cipher.Block, op Block) (out Block) {
	c.Encrypt(out[:], op[:])
	return xor(out, op)
}

// temp is AES(RAND xor OPc).
func (s *Set) temp(rand Block) (out Block) {
	in := xor(rand, s.OPc)
	s.Cipher.Encrypt(out[:], in[:])
	return out
}

// out is AES(rot(TEMP xor OPc, r) xor c) xor OPc; rotation in bytes.
func (s *Set) out(temp Block, rotate int, c byte) (out Block) {
	in := xor(temp, s.OPc)
	var turned Block
	for i := range turned {
		turned[i] = in[(i+rotate)%Size]
	}
	turned[Size-1] ^= c
	s.Cipher.Encrypt(out[:], turned[:])
	return xor(out, s.OPc)
}

// Codes computes f1, MAC-A, and f1*, MAC-S. Spec: SPEC-USIM-180.
func (s *Set) Codes(rand Block, sqn [6]byte, amf [2]byte) (macA, macS [8]byte) {
	var in, turned, out Block
	copy(in[:], sqn[:])
	copy(in[6:], amf[:])
	copy(in[8:], in[:8])
	in = xor(in, s.OPc)
	for i := range turned {
		turned[i] = in[(i+8)%Size]
	}
	turned = xor(turned, s.temp(rand))
	s.Cipher.Encrypt(out[:], turned[:])
	out = xor(out, s.OPc)
	copy(macA[:], out[:8])
	copy(macS[:], out[8:])
	return macA, macS
}

// Vector is what f2 to f5 give.
type Vector struct {
	RES    [8]byte
	CK, IK Block
	AK     [6]byte
}

// Derive computes f2, f3, f4 and f5. Spec: SPEC-USIM-180.
func (s *Set) Derive(rand Block) (v Vector) {
	temp := s.temp(rand)
	two := s.out(temp, 0, 1)
	copy(v.AK[:], two[:6])
	copy(v.RES[:], two[8:])
	v.CK, v.IK = s.out(temp, 4, 2), s.out(temp, 8, 4)
	return v
}

// ResyncAK computes f5*, the anonymity key of a resynchronisation.
// Spec: SPEC-USIM-180.
func (s *Set) ResyncAK(rand Block) (ak [6]byte) {
	five := s.out(s.temp(rand), 12, 8)
	copy(ak[:], five[:6])
	return ak
}

func xor(a, b Block) (out Block) {
	for i := range a {
		out[i] = a[i] ^ b[i]
	}
	return out
}
