package security

import (
	"crypto/cipher"
	"crypto/subtle"

	"inkan/sim/engine"
	"inkan/sim/vm"
)

// message is the running state of a signature: a digest, or a MAC's chaining
// value and its open block. A reset loses it.
type message struct {
	scheme scheme
	digest *engine.Digest
	outer  []byte // HMAC: key XOR opad
	chain  []byte
	open   []byte
	any    bool
}

func messageOf(c *vm.Call, key vm.Ref) *message {
	m, s := c.Machine(), schemeOf(c)
	if msg, ok := m.HostValue(c.This()).(*message); ok {
		return msg
	}
	msg := &message{scheme: s}
	switch {
	case s.block() != 0:
		msg.chain = ivIn(m, c.This(), classSignature, s.block())
	case s.cipher == sigHMAC:
		msg.startHMAC(c, key)
	default:
		msg.digest = engines(c).NewDigest(hashOf(s.digest))
	}
	m.SetHostValue(c.This(), msg)
	return msg
}

// startHMAC hashes the inner key block (RFC 2104).
func (g *message) startHMAC(c *vm.Call, key vm.Ref) {
	alg := hashOf(g.scheme.digest)
	block := make([]byte, engine.BlockBytes(alg))
	secret := part(c.Machine(), key, slotSecret)
	if len(secret) > len(block) {
		secret = engines(c).Hash(alg, nil, secret)
	}
	copy(block, secret)
	g.outer = make([]byte, len(block))
	for i := range block {
		g.outer[i] = block[i] ^ 0x5C
		block[i] ^= 0x36
	}
	g.digest = engines(c).NewDigest(alg)
	g.digest.Write(block)
	clear(block)
}

func (g *message) add(c *vm.Call, b []byte) {
	if g.digest != nil {
		g.digest.Write(b)
		return
	}
	size := g.scheme.block()
	g.open = append(g.open, b...)
	n := (len(g.open) - 1) / size * size // the last block may be special
	if n <= 0 {
		return
	}
	g.absorb(g.blockCipher(c), g.open[:n])
	g.open = append(g.open[:0], g.open[n:]...)
}

// blockCipher is what all blocks but a retail MAC's last go through.
func (g *message) blockCipher(c *vm.Call) cipher.Block {
	m := c.Machine()
	key := m.RefCell(c.This(), classSignature, signatureKey)
	if g.retail() {
		secret := part(m, key, slotSecret)
		defer clear(secret)
		left, err := engines(c).DES(secret[:8])
		if err != nil {
			fail(c, illegalValue)
		}
		return left
	}
	return blockOf(c, key)
}

func (g *message) retail() bool {
	return g.scheme.padding == padM1Retail || g.scheme.padding == padM2Retail
}

func (g *message) absorb(b cipher.Block, data []byte) {
	for size := b.BlockSize(); len(data) > 0; data = data[size:] {
		subtle.XORBytes(g.chain, g.chain, data[:size])
		b.Encrypt(g.chain, g.chain)
		g.any = true
	}
}

// finish is the digest or the MAC.
func (g *message) finish(c *vm.Call, s scheme, key vm.Ref) []byte {
	switch {
	case s.cipher == sigHMAC:
		inner := g.digest.Sum(nil)
		out := engines(c).Hash(hashOf(s.digest), nil, g.outer, inner)
		clear(g.outer)
		return out
	case g.digest != nil:
		return g.digest.Sum(nil)
	case s.cipher == sigCMAC:
		return g.finishCMAC(c)
	}
	data, ok := pad(s.padding, g.open, s.block(), !g.any)
	if !ok || len(data) == 0 {
		c.Machine().SetHostValue(c.This(), nil)
		fail(c, illegalUse)
	}
	if g.retail() {
		n := len(data) - 8
		if n > 0 {
			g.absorb(g.blockCipher(c), data[:n])
		}
		g.absorb(blockOf(c, key), data[n:])
	} else {
		g.absorb(g.blockCipher(c), data)
	}
	out := g.chain
	if s.cipher == sigDESMAC4 {
		out = out[:4]
	}
	return append([]byte(nil), out...)
}

// finishCMAC masks the last block with a subkey (NIST SP 800-38B §6.2).
func (g *message) finishCMAC(c *vm.Call) []byte {
	b := g.blockCipher(c)
	sub := make([]byte, 16)
	b.Encrypt(sub, sub)
	double(sub)
	last := make([]byte, 16)
	copy(last, g.open)
	if len(g.open) != 16 {
		double(sub)
		last[len(g.open)] = 0x80
	}
	subtle.XORBytes(last, last, sub)
	g.absorb(b, last)
	return append([]byte(nil), g.chain...)
}

// double multiplies by x in GF(2^128).
func double(b []byte) {
	carry := byte(0)
	for i := len(b) - 1; i >= 0; i-- {
		next := b[i] >> 7
		b[i] = b[i]<<1 | carry
		carry = next
	}
	b[len(b)-1] ^= 0x87 & -carry
}

func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
