package engine

import (
	"bytes"
	"crypto"
	"crypto/subtle"
	"encoding/binary"
)

// digestInfo are the DER prefixes of RFC 8017 §9.2, note 1.
var digestInfo = map[crypto.Hash][]byte{
	crypto.MD5:       derPrefix(16, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x05),
	crypto.RIPEMD160: derPrefix(20, 0x2B, 0x24, 0x03, 0x02, 0x01),
	crypto.SHA1:      derPrefix(20, 0x2B, 0x0E, 0x03, 0x02, 0x1A),
	crypto.SHA224:    derPrefix(28, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04),
	crypto.SHA256:    derPrefix(32, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01),
	crypto.SHA384:    derPrefix(48, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02),
	crypto.SHA512:    derPrefix(64, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03),
}

// derPrefix is SEQUENCE { SEQUENCE { OID, NULL }, OCTET STRING of n bytes }
// without the octets.
func derPrefix(n byte, oid ...byte) []byte {
	algorithm := append([]byte{0x06, byte(len(oid))}, oid...)
	algorithm = append(algorithm, 0x05, 0x00)
	out := []byte{0x30, byte(len(algorithm)) + 4 + n, 0x30, byte(len(algorithm))}
	return append(append(out, algorithm...), 0x04, n)
}

// padPKCS1Signature is EMSA-PKCS1-v1_5 (RFC 8017 §9.2).
func padPKCS1Signature(size int, alg crypto.Hash, digest []byte) ([]byte, error) {
	info, ok := digestInfo[alg]
	if !ok || len(digest) != alg.Size() {
		return nil, ErrMessage
	}
	return PadPKCS1(size, 1, append(bytes.Clone(info), digest...), nil)
}

// PadPKCS1 is a block of type 1 (signature, FF) or 2 (encryption, non-zero
// random bytes from g) around a message of up to size-11 bytes. Errors:
// ErrMessage.
func PadPKCS1(size int, blockType byte, message []byte, g *Engines) ([]byte, error) {
	fill := size - 3 - len(message)
	if fill < 8 {
		return nil, ErrMessage
	}
	em := make([]byte, size)
	em[1] = blockType
	padding := em[2 : 2+fill]
	if blockType == 1 {
		for i := range padding {
			padding[i] = 0xFF
		}
	} else {
		g.Fill(padding)
		for i := range padding {
			for padding[i] == 0 {
				g.Fill(padding[i : i+1])
			}
		}
	}
	copy(em[3+fill:], message)
	return em, nil
}

// UnpadPKCS1 takes the message out of a block. It looks at all bytes whatever
// they are. Errors: ErrPadding.
func UnpadPKCS1(em []byte, blockType byte) ([]byte, error) {
	if len(em) < 11 {
		return nil, ErrPadding
	}
	good := subtle.ConstantTimeByteEq(em[0], 0) & subtle.ConstantTimeByteEq(em[1], blockType)
	looking, at := 1, 0
	for i := 2; i < len(em); i++ {
		zero := subtle.ConstantTimeByteEq(em[i], 0)
		at = subtle.ConstantTimeSelect(looking&zero, i, at)
		if blockType == 1 {
			good &= subtle.ConstantTimeSelect(looking&^zero, subtle.ConstantTimeByteEq(em[i], 0xFF), 1)
		}
		looking &^= zero
	}
	good &= subtle.ConstantTimeLessOrEq(10, at) &^ looking
	if good != 1 {
		return nil, ErrPadding
	}
	return em[at+1:], nil
}

// mgf1 XORs the mask of a seed into dst (RFC 8017 B.2.1).
func (g *Engines) mgf1(alg crypto.Hash, dst, seed []byte) {
	for i := uint32(0); len(dst) > 0; i++ {
		h := g.Hash(alg, nil, seed, binary.BigEndian.AppendUint32(nil, i))
		n := subtle.XORBytes(dst, dst, h)
		dst = dst[n:]
	}
}

// PadPSS is EMSA-PSS (RFC 8017 §9.1.1) of a digest for a modulus of bitCount
// bits, with a salt as long as the digest, from the random generator. Errors:
// ErrMessage.
func (g *Engines) PadPSS(bitCount int, alg crypto.Hash, digest []byte) ([]byte, error) {
	emBits := bitCount - 1
	size, h := (emBits+7)/8, alg.Size()
	if len(digest) != h || size < 2*h+2 {
		return nil, ErrMessage
	}
	salt := make([]byte, h)
	g.Fill(salt)
	em := make([]byte, size)
	hash := g.Hash(alg, nil, make([]byte, 8), digest, salt)
	db := em[:size-h-1]
	db[len(db)-h-1] = 1
	copy(db[len(db)-h:], salt)
	g.mgf1(alg, db, hash)
	db[0] &= 0xFF >> (8*size - emBits)
	copy(em[size-h-1:], hash)
	em[size-1] = 0xBC
	return em, nil
}

// VerifyPSS is EMSA-PSS verification (RFC 8017 §9.1.2) with a salt as long as
// the digest. em has the modulus's length.
func (g *Engines) VerifyPSS(bitCount int, alg crypto.Hash, digest, em []byte) bool {
	emBits := bitCount - 1
	size, h := (emBits+7)/8, alg.Size()
	if len(em) == size+1 && em[0] == 0 {
		em = em[1:]
	}
	if len(em) != size || len(digest) != h || size < 2*h+2 || em[size-1] != 0xBC {
		return false
	}
	db, hash := bytes.Clone(em[:size-h-1]), em[size-h-1:size-1]
	top := byte(0xFF >> (8*size - emBits))
	if db[0]&^top != 0 {
		return false
	}
	g.mgf1(alg, db, hash)
	db[0] &= top
	for _, b := range db[:len(db)-h-1] {
		if b != 0 {
			return false
		}
	}
	want := g.Hash(alg, nil, make([]byte, 8), digest, db[len(db)-h:])
	return db[len(db)-h-1] == 1 && subtle.ConstantTimeCompare(want, hash) == 1
}

// PadOAEP is EME-OAEP (RFC 8017 §7.1.1) with an empty label. Errors:
// ErrMessage.
func (g *Engines) PadOAEP(size int, alg crypto.Hash, message []byte) ([]byte, error) {
	h := alg.Size()
	if len(message) > size-2*h-2 {
		return nil, ErrMessage
	}
	em := make([]byte, size)
	seed, db := em[1:1+h], em[1+h:]
	copy(db, g.Hash(alg, nil))
	db[len(db)-len(message)-1] = 1
	copy(db[len(db)-len(message):], message)
	g.Fill(seed)
	g.mgf1(alg, db, seed)
	g.mgf1(alg, seed, db)
	return em, nil
}

// UnpadOAEP is EME-OAEP decoding (RFC 8017 §7.1.2) with an empty label. It
// looks at all bytes whatever they are. Errors: ErrPadding.
func (g *Engines) UnpadOAEP(alg crypto.Hash, em []byte) ([]byte, error) {
	h := alg.Size()
	if len(em) < 2*h+2 {
		return nil, ErrPadding
	}
	em = bytes.Clone(em)
	seed, db := em[1:1+h], em[1+h:]
	g.mgf1(alg, seed, db)
	g.mgf1(alg, db, seed)
	good := subtle.ConstantTimeByteEq(em[0], 0) & subtle.ConstantTimeCompare(db[:h], g.Hash(alg, nil))
	looking, at := 1, 0
	for i := h; i < len(db); i++ {
		one, zero := subtle.ConstantTimeByteEq(db[i], 1), subtle.ConstantTimeByteEq(db[i], 0)
		at = subtle.ConstantTimeSelect(looking&one, i, at)
		good &= 1 &^ (looking &^ (one | zero))
		looking &^= one
	}
	if good&^looking != 1 {
		return nil, ErrPadding
	}
	return db[at+1:], nil
}

// EncodePKCS1 is EMSA-PKCS1-v1_5 (RFC 8017 §9.2) of a digest. Error:
// ErrMessage.
func EncodePKCS1(size int, alg crypto.Hash, digest []byte) ([]byte, error) {
	return padPKCS1Signature(size, alg, digest)
}
