package certificate

import (
	"crypto/rsa"
	"crypto/sha1"
	"fmt"
	"math/big"

	tag "golang.org/x/crypto/cryptobyte/asn1"
)

// The service's keys: RSA of one size and exponent.
const (
	KeyBits     = 2048
	KeyExponent = 65537
)

// readKey reads a SubjectPublicKeyInfo.
func (c *Certificate) readKey(in *cursor) error {
	const path = "subjectPublicKeyInfo"
	seq, err := in.element(path, tag.SEQUENCE)
	if err != nil {
		return err
	}
	if err := seq.algorithm(path+"/algorithm", OIDRSAEncryption); err != nil {
		return err
	}
	bits, err := seq.bitString(path + "/subjectPublicKey")
	if err != nil {
		return err
	}
	if err := seq.end(path); err != nil {
		return err
	}
	key := cursor{format: formatCertificate, whole: c.Raw, rest: bits, at: seq.at - len(bits)}
	c.PublicKey, err = key.rsaPublicKey(path + "/subjectPublicKey")
	c.SubjectKeyID = sha1.Sum(bits)
	return err
}

// rsaPublicKey reads an RSAPublicKey to the end of the cursor.
func (c *cursor) rsaPublicKey(path string) (*rsa.PublicKey, error) {
	seq, err := c.element(path, tag.SEQUENCE)
	if err != nil {
		return nil, err
	}
	if err := c.end(path); err != nil {
		return nil, err
	}
	modulus, err := seq.element(path+"/modulus", tag.INTEGER)
	if err != nil {
		return nil, err
	}
	n := modulus.rest
	if len(n) != KeyBits/8+1 || n[0] != 0 || n[1]&0x80 == 0 || n[len(n)-1]&1 == 0 {
		return nil, modulus.fault(path+"/modulus", "an odd number of 2048 bits", fmt.Sprintf("%d bytes", len(n)))
	}
	at := seq
	e, err := seq.serial(path+"/publicExponent", tag.INTEGER)
	if err != nil {
		return nil, err
	}
	if e != KeyExponent {
		return nil, at.fault(path+"/publicExponent", "65537", "another")
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: KeyExponent}, seq.end(path)
}
