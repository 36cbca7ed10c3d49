package engine

import (
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"
)

// ErrKey is a key whose components do not make an RSA key that the chip can
// work with; ErrMessage an operand that is not below the modulus, or of a wrong
// length; ErrPadding a decrypted block without the padding expected.
var (
	ErrKey     = errors.New("engine: RSA key's components do not fit")
	ErrMessage = errors.New("engine: operand is not below the modulus")
	ErrPadding = errors.New("engine: wrong padding")
)

// RSAKey is a private key, prepared for repeated use. It prints nothing.
type RSAKey struct {
	bits int
	n, d *big.Int
	crt  *crtParts       // nil: n and d only
	std  *rsa.PrivateKey // the standard library's form; nil when it does not take the key
}

// Bits is the length of the modulus that the key was made for.
func (k *RSAKey) Bits() int { return k.bits }

// Bytes is the length of the modulus in bytes.
func (k *RSAKey) Bytes() int { return (k.bits + 7) / 8 }

// Format keeps the key out of prints, whatever the verb.
func (k *RSAKey) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "RSA private key of %d bits", k.bits) }

// Format keeps the key out of prints, whatever the verb.
func (k *GeneratedRSA) Format(s fmt.State, _ rune) { fmt.Fprint(s, "generated RSA key") }

// NewRSAKey prepares a key of modulus and private exponent, unsigned.
func NewRSAKey(bitCount int, n, d []byte) (*RSAKey, error) {
	k := &RSAKey{bits: bitCount, n: new(big.Int).SetBytes(n), d: new(big.Int).SetBytes(d)}
	if k.n.BitLen() != bitCount || checkModulus(k.n) != nil || k.d.Sign() == 0 || k.d.BitLen() > bitCount {
		return nil, ErrKey
	}
	return k, nil
}

// NewRSACRTKey prepares a key of CRT components, unsigned: primes, exponents
// d mod p-1 and d mod q-1, and q's inverse modulo p. Components that do not
// belong together are computed with as they are, as a chip would.
func NewRSACRTKey(bitCount int, p, q, dp, dq, qInv []byte) (*RSAKey, error) {
	c := &crtParts{}
	for i, b := range [][]byte{p, q, dp, dq, qInv} {
		x := new(big.Int).SetBytes(b)
		*[]**big.Int{&c.p, &c.q, &c.dp, &c.dq, &c.qInv}[i] = x
		if x.Sign() == 0 || x.BitLen() > bitCount/2 {
			return nil, ErrKey
		}
	}
	k := &RSAKey{bits: bitCount, crt: c, n: new(big.Int).Mul(c.p, c.q)}
	if checkModulus(c.p) != nil || checkModulus(c.q) != nil || k.n.BitLen() != bitCount {
		return nil, ErrKey
	}
	k.std = k.standard()
	return k, nil
}

// standard is the key as the standard library takes it: consistent, at least
// 1024 bits, with an ordinary public exponent.
func (k *RSAKey) standard() *rsa.PrivateKey {
	one, c := big.NewInt(1), k.crt
	p1, q1 := new(big.Int).Sub(c.p, one), new(big.Int).Sub(c.q, one)
	e := new(big.Int).ModInverse(c.dp, p1)
	if e == nil || e.BitLen() > 31 {
		return nil
	}
	product := new(big.Int).Mul(c.q, c.qInv)
	check := new(big.Int).Mul(e, c.dq)
	if product.Mod(product, c.p).Cmp(one) != 0 || check.Mod(check, q1).Cmp(one) != 0 {
		return nil
	}
	phi := new(big.Int).Mul(p1, q1)
	d := new(big.Int).ModInverse(e, phi)
	if d == nil || k.bits < 1024 {
		return nil
	}
	std := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: k.n, E: int(e.Int64())}, D: d, Primes: []*big.Int{c.p, c.q},
	}
	std.Precomputed.Dp, std.Precomputed.Dq, std.Precomputed.Qinv = c.dp, c.dq, c.qInv
	std.Precompute()
	if std.Validate() != nil {
		return nil
	}
	return std
}

// charge spends the cycles of one private operation.
func (g *Engines) chargePrivate(k *RSAKey) {
	m := &g.Chip.Multiplier
	if k.crt != nil {
		g.Clock.Advance(modExp, m.CRT(m.Words(k.bits/2)))
		return
	}
	g.Clock.Advance(modExp, m.Exp(m.Words(k.bits), k.bits))
}

// RSAPrivate is the bare private operation: c^d mod n, as long as the modulus.
// Errors: ErrMessage. Spec: SPEC-TIMING-011, SPEC-TIMING-012.
func (g *Engines) RSAPrivate(k *RSAKey, c []byte) ([]byte, error) {
	if out := g.signBlock(k, c); out != nil {
		return out, nil
	}
	x := new(big.Int).SetBytes(c)
	if x.Cmp(k.n) >= 0 {
		return nil, ErrMessage
	}
	var out *big.Int
	if k.crt != nil {
		out = g.crt(x, k.crt, k.bits/2)
	} else {
		var err error
		if out, err = g.Exp(x, k.d, k.n, k.bits); err != nil {
			return nil, err
		}
	}
	if out.BitLen() > 8*k.Bytes() {
		return nil, ErrKey // components that do not belong together
	}
	return out.FillBytes(make([]byte, k.Bytes())), nil
}

// signBlock is the private operation on a block with the padding of a signature,
// which the standard library does faster than on other numbers; nil where it
// does not apply. Cycles are the same.
func (g *Engines) signBlock(k *RSAKey, block []byte) []byte {
	if k.std == nil || g.Form != Charged || len(block) != k.Bytes() {
		return nil
	}
	data, err := UnpadPKCS1(block, 1)
	if err != nil {
		return nil
	}
	out, err := rsa.SignPKCS1v15(nil, k.std, 0, data)
	if err != nil {
		return nil
	}
	g.chargePrivate(k)
	return out
}

// RSAPublic is the bare public operation: x^e mod n, as long as n. Errors:
// ErrKey, ErrMessage.
func (g *Engines) RSAPublic(n, e, x []byte) ([]byte, error) {
	modulus, exponent, v := new(big.Int).SetBytes(n), new(big.Int).SetBytes(e), new(big.Int).SetBytes(x)
	if checkModulus(modulus) != nil || exponent.Sign() == 0 || exponent.Cmp(modulus) >= 0 {
		return nil, ErrKey
	}
	if v.Cmp(modulus) >= 0 {
		return nil, ErrMessage
	}
	out, err := g.PublicExp(v, exponent, modulus)
	if err != nil {
		return nil, err
	}
	return out.FillBytes(make([]byte, (modulus.BitLen()+7)/8)), nil
}

// SignPKCS1 is RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.1) over a digest. Errors:
// ErrMessage when the modulus is too short for it.
func (g *Engines) SignPKCS1(k *RSAKey, alg crypto.Hash, digest []byte) ([]byte, error) {
	if k.std != nil && g.Form == Charged {
		out, err := rsa.SignPKCS1v15(nil, k.std, alg, digest)
		if err == nil {
			g.chargePrivate(k)
			return out, nil
		}
	}
	em, err := padPKCS1Signature(k.Bytes(), alg, digest)
	if err != nil {
		return nil, err
	}
	return g.RSAPrivate(k, em)
}

// GeneratedRSA is a new key, unsigned, each component in its full length.
type GeneratedRSA struct {
	N, E, D, P, Q, DP, DQ, QInv []byte
	Searches                    [2]Search
}

// GenerateRSA makes a key of an even number of bits with a public exponent.
func (g *Engines) GenerateRSA(bitCount int, e []byte) (*GeneratedRSA, error) {
	exponent := new(big.Int).SetBytes(e)
	if bitCount%2 != 0 || bitCount > MaxModulusBits || exponent.BitLen() < 2 || exponent.BitLen() > bitCount/2 {
		return nil, ErrKey
	}
	out := &GeneratedRSA{}
	p, first, err := g.Prime(bitCount/2, exponent)
	if err != nil {
		return nil, err
	}
	q := p
	for q.Cmp(p) == 0 {
		if q, out.Searches[1], err = g.Prime(bitCount/2, exponent); err != nil {
			return nil, err
		}
	}
	out.Searches[0] = first
	out.components(p, q, exponent, bitCount)
	return out, nil
}

func (k *GeneratedRSA) components(p, q, e *big.Int, bitCount int) {
	one := big.NewInt(1)
	p1, q1 := new(big.Int).Sub(p, one), new(big.Int).Sub(q, one)
	lambda := new(big.Int).Mul(p1, q1)
	lambda.Div(lambda, new(big.Int).GCD(nil, nil, p1, q1))
	d := new(big.Int).ModInverse(e, lambda)
	half := func(x *big.Int) []byte { return x.FillBytes(make([]byte, (bitCount/2+7)/8)) }
	full := func(x *big.Int) []byte { return x.FillBytes(make([]byte, (bitCount+7)/8)) }
	k.N, k.D, k.E = full(new(big.Int).Mul(p, q)), full(d), e.Bytes()
	k.P, k.Q = half(p), half(q)
	k.DP, k.DQ = half(new(big.Int).Mod(d, p1)), half(new(big.Int).Mod(d, q1))
	k.QInv = half(new(big.Int).ModInverse(q, p))
}
