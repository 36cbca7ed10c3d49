package oracletest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math/big"
	"math/rand/v2"
	"sync"

	"inkan/core/mac"
)

// contentKeys are the static content keys of the certificate authority.
var contentKeys = sync.OnceValue(func() []*ecdh.PrivateKey {
	var all []*ecdh.PrivateKey
	for _, name := range []string{"version 1", "version 2"} {
		seed := sha256.Sum256([]byte("inkan test content key, " + name))
		key, err := ecdh.P256().NewPrivateKey(seed[:])
		if err != nil {
			panic(err)
		}
		all = append(all, key)
	}
	return all
})

// keyParts are the parts of an RSA key as they are delivered: P, Q, dP, dQ,
// qInv.
type keyParts [5][]byte

// deliveredKeys are two RSA keys of 2048 bits, the same at each run.
var deliveredKeys = sync.OnceValue(func() []keyParts {
	r := rand.New(rand.NewPCG(2048, 1))
	var all []keyParts
	for range 2 {
		p, q := prime(r), prime(r)
		one, e := big.NewInt(1), big.NewInt(65537)
		p1, q1 := new(big.Int).Sub(p, one), new(big.Int).Sub(q, one)
		var parts keyParts
		for i, n := range []*big.Int{p, q, new(big.Int).ModInverse(e, p1), new(big.Int).ModInverse(e, q1), new(big.Int).ModInverse(q, p)} {
			parts[i] = n.FillBytes(make([]byte, 128))
		}
		all = append(all, parts)
	}
	return all
})

// prime is a prime of 1024 bits, the two highest set, of which 65537 is a unit.
func prime(r *rand.Rand) *big.Int {
	b := make([]byte, 128)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	b[0] |= 0xC0
	b[127] |= 1
	n, e := new(big.Int).SetBytes(b), big.NewInt(65537)
	for two := big.NewInt(2); ; n.Add(n, two) {
		if n.ProbablyPrime(8) && new(big.Int).Mod(n, e).Cmp(big.NewInt(1)) != 0 {
			return n
		}
	}
}

// sealer is the certificate authority's side of one order.
type sealer struct{ enc, mac []byte }

// newSealer derives the keys of an order and the card's point: ANSI X9.63 with
// SHA-256.
func newSealer(private *ecdh.PrivateKey, order, point, aid []byte) (*sealer, error) {
	public, err := ecdh.P256().NewPublicKey(point)
	if err != nil {
		return nil, err
	}
	z, err := private.ECDH(public)
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(order)
	var k []byte
	for counter := uint32(1); len(k) < 64; counter++ {
		h := sha256.New()
		h.Write(z)
		binary.Write(h, binary.BigEndian, counter)
		h.Write([]byte("INKAN-PERSO-1"))
		h.Write([]byte{byte(len(aid))})
		h.Write(aid)
		h.Write(hash[:])
		h.Write(point)
		k = h.Sum(k)
	}
	return &sealer{enc: k[:32], mac: k[32:]}, nil
}

// seal makes the value of ENVELOPE of plain content that is padded already.
func (s *sealer) seal(sequence, kind byte, padded []byte) []byte {
	block, err := aes.NewCipher(s.enc)
	if err != nil {
		panic(err)
	}
	iv := make([]byte, 16)
	iv[0], iv[1] = sequence, kind
	block.Encrypt(iv, iv)
	value := append([]byte{sequence, kind}, padded...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(value[2:], padded)
	c, err := mac.NewCMAC(s.mac)
	if err != nil {
		panic(err)
	}
	c.Write([]byte("INKAN-PERSO-1"))
	c.Write([]byte{sequence, kind, byte(len(padded) >> 8), byte(len(padded))})
	c.Write(value[2:])
	return c.Append(value)
}

// tagged is the MAC of a receipt under the order's key.
func (s *sealer) tagged(receipt []byte) bool {
	c, err := mac.NewCMAC(s.mac)
	if err != nil {
		panic(err)
	}
	n := len(receipt) - 16
	c.Write([]byte("INKAN-PERSO-1"))
	c.Write(receipt[:n])
	return hmac.Equal(c.Append(nil), receipt[n:])
}

// item is an item of plain content.
func item(tag byte, value []byte) []byte {
	return append([]byte{tag, byte(len(value) >> 8), byte(len(value))}, value...)
}

// padded is plain content with its padding.
func padded(content []byte) []byte { return mac.AppendPad80(append([]byte(nil), content...), 0, 16) }
