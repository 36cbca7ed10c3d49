package os

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"math/big"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/mac"
)

// verifier is the first key of a domain for one of the uses, as a verifier of
// signatures; nil: there is none.
func (c *Card) verifier(id domainID, uses ...keys.Use) gp.ContentVerifier {
	for _, use := range uses {
		for _, k := range c.keyList(id) {
			if keys.UseOf(k.version) != use {
				continue
			}
			stored := c.key(id, k.version, k.id)
			if v := verifierOf(stored); v != nil {
				return counted{v, c, stored}
			}
			stored.wipe()
		}
	}
	return nil
}

// verifierOf makes a verifier of a key: RSA, EC or symmetric.
func verifierOf(k *storedKey) gp.ContentVerifier {
	switch t := k.values[0].Type; t {
	case keys.AES, keys.DES, keys.TripleDESCBC:
		m, err := gp.NewContentMAC(t, k.values[0].Value)
		if err != nil {
			return nil
		}
		return m
	}
	public := publicKey(k)
	if public == nil {
		return nil
	}
	v, err := gp.NewContentVerifier(public)
	if err != nil {
		return nil
	}
	return v
}

// publicKey is an RSA or EC key of its components, or nil.
func publicKey(k *storedKey) any {
	var n, e, point, curve []byte
	for _, v := range k.values {
		switch v.Type {
		case keys.RSAPublicModulus:
			n = v.Value
		case keys.RSAPublicExponent:
			e = v.Value
		case keys.ECPublic:
			point = v.Value
		case keys.ECParameters:
			curve = v.Value
		}
	}
	switch {
	case n != nil && e != nil && len(e) <= 4:
		return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	case point != nil:
		key, err := ecdsa.ParseUncompressedPublicKey(curveOf(curve, len(point)), point)
		if err != nil {
			return nil
		}
		return key
	}
	return nil
}

// curveOf is the curve of a parameters reference, or without one that of the
// length of a point.
func curveOf(reference []byte, pointBytes int) elliptic.Curve {
	number := -1
	if len(reference) == 1 {
		number = int(reference[0])
	}
	switch {
	case number == 1 || number < 0 && pointBytes == 97:
		return elliptic.P384()
	case number == 2 || number < 0 && pointBytes == 133:
		return elliptic.P521()
	}
	return elliptic.P256()
}

// verifyToken checks the token of a command with the key of the domain that
// verifies tokens. Spec: SPEC-UICC-OS-051.
func (c *Card) verifyToken(cmd *apdu.Command) bool {
	d, ok := c.holder(gp.TokenVerification)
	if !ok {
		return false
	}
	v := c.verifier(d.own, keys.UseToken)
	if v == nil {
		return false
	}
	done, err := gp.VerifyToken(cmd, v)
	return err == nil && done
}

// decipher deciphers the content of D4: AES-CBC under the key of version 75 of the
// domain with Ciphered Load File Data Block, padded with 80 00….
// Spec: SPEC-UICC-OS-044.
func (l *loading) decipher() error {
	c := l.s.d.card
	d, ok := c.domainEntry(l.domain)
	if !ok || !d.privileges.Has(gp.CipheredLoadFile) {
		return iso7816.ConditionsNotSatisfied
	}
	for _, k := range c.keyList(d.own) {
		if keys.UseOf(k.version) != keys.UseCiphered || k.values[0].Type != keys.AES {
			continue
		}
		stored := c.key(d.own, k.version, k.id)
		defer stored.wipe()
		block, err := c.Engines().AES(stored.values[0].Value)
		if err != nil {
			return iso7816.ConditionsNotSatisfied
		}
		icv := make([]byte, aes.BlockSize)
		if len(l.icv) > 0 {
			icv = l.icv
		}
		if len(icv) != aes.BlockSize || len(l.content)%aes.BlockSize != 0 || len(l.content) == 0 {
			return iso7816.WrongData
		}
		cipher.NewCBCDecrypter(block, icv).CryptBlocks(l.content, l.content)
		n, padded := mac.Unpad80(l.content)
		if !padded {
			return iso7816.WrongData
		}
		l.content = l.content[:n]
		return nil
	}
	return iso7816.ConditionsNotSatisfied
}
