package os

import (
	"crypto"
	"crypto/cipher"
	"crypto/elliptic"
	"math/big"

	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/sim/engine"
)

// counted is a verifier whose work the chip's engines are charged for: the
// operations are executed there too, with the same operands.
type counted struct {
	gp.ContentVerifier
	card *Card
	key  *storedKey
}

// Verify implements gp.ContentVerifier.
func (v counted) Verify(message, signature []byte) bool {
	if v.Scheme() == gp.SchemeECDSA { // the chip's engine says it
		return v.card.verifyECDSA(v.key, message, signature)
	}
	v.card.chargeVerify(v.key, v.Scheme(), message, signature)
	return v.ContentVerifier.Verify(message, signature)
}

// verifyECDSA verifies r and s, each as long as a coordinate of the key.
func (c *Card) verifyECDSA(k *storedKey, message, signature []byte) bool {
	point := k.value(keys.ECPublic)
	curve := curveOf(k.value(keys.ECParameters), len(point))
	digest := c.Engines().Hash(hashOf(curve), nil, message)
	half := len(signature) / 2
	r, s := new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:])
	ok := c.Engines().ECDSAVerify(engine.DomainNamed(domainNames[curve]).Curve(), point, digest, r, s)
	return ok && len(signature) == len(point)-1
}

// chargeVerify spends what verifying a signature takes.
func (c *Card) chargeVerify(k *storedKey, scheme gp.SignatureScheme, message, signature []byte) {
	switch scheme {
	case gp.SchemeRSAPKCS1, gp.SchemeRSAPSS:
		algorithm := crypto.SHA256
		if scheme == gp.SchemeRSAPKCS1 {
			algorithm = crypto.SHA1
		}
		c.Engines().Hash(algorithm, nil, message)
		c.Engines().RSAPublic(k.value(keys.RSAPublicModulus), k.value(keys.RSAPublicExponent), signature)
	default:
		c.chargeCipher(k, len(message))
	}
}

var domainNames = map[elliptic.Curve]string{elliptic.P256(): "secp256r1", elliptic.P384(): "secp384r1", elliptic.P521(): "secp521r1"}

func hashOf(curve elliptic.Curve) crypto.Hash {
	switch curve {
	case elliptic.P384():
		return crypto.SHA384
	case elliptic.P521():
		return crypto.SHA512
	}
	return crypto.SHA256
}

// chargeCipher spends what a cipher or a MAC over so many bytes takes.
func (c *Card) chargeCipher(k *storedKey, sizeBytes int) {
	var block cipher.Block
	var err error
	switch v := k.values[0]; {
	case v.Type == keys.AES:
		block, err = c.Engines().AES(v.Value)
	case v.Type.IsDES() && len(v.Value) == 8:
		block, err = c.Engines().DES(v.Value)
	case v.Type.IsDES():
		block, err = c.Engines().TDES(v.Value[:16])
	default:
		return
	}
	if err != nil {
		return
	}
	scratch := make([]byte, block.BlockSize())
	for ; sizeBytes > 0; sizeBytes -= len(scratch) {
		block.Encrypt(scratch, scratch)
	}
	clear(scratch)
}

// value is the component of a type, or nil.
func (k *storedKey) value(t keys.Type) []byte {
	for _, v := range k.values {
		if v.Type == t {
			return v.Value
		}
	}
	return nil
}
