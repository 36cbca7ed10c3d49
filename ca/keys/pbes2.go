package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/asn1"
	"errors"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/crypto/scrypt"

	"inkan/core/entropy"
)

// Costs of scrypt when a key is written, and lengths in bytes.
const (
	scryptN, scryptR, scryptP = 16384, 8, 5
	saltLen                   = 16
	cipherKeyLen              = 32
	maxScryptMemory           = 64 << 20 // 128·N·r when a key is read
	maxScryptP                = 16
	maxKeyFileLen             = 16 << 10
)

var (
	oidPBES2     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidScrypt    = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}
	oidAES256CBC = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}
)

// ErrPassphrase says that the passphrase is wrong or the cryptogram damaged;
// which of the two cannot be told. Spec: SPEC-CA-KEYS-042.
var ErrPassphrase = errors.New("keys: wrong passphrase, or the file is damaged")

// encryptedKey is an EncryptedPrivateKeyInfo under PBES2 with scrypt.
type encryptedKey struct {
	salt       []byte
	n, r, p    int
	iv         []byte
	cryptogram []byte
}

// seal encrypts the DER of a PrivateKeyInfo. Spec: SPEC-CA-KEYS-040.
func seal(privateKeyInfo, passphrase []byte, random entropy.Source) ([]byte, error) {
	k := encryptedKey{salt: make([]byte, saltLen), n: scryptN, r: scryptR, p: scryptP, iv: make([]byte, aes.BlockSize)}
	random.Fill(k.salt)
	random.Fill(k.iv)
	block, err := k.cipher(passphrase)
	if err != nil {
		return nil, err
	}
	pad := aes.BlockSize - len(privateKeyInfo)%aes.BlockSize
	k.cryptogram = append(k.cryptogram, privateKeyInfo...)
	for range pad {
		k.cryptogram = append(k.cryptogram, byte(pad))
	}
	cipher.NewCBCEncrypter(block, k.iv).CryptBlocks(k.cryptogram, k.cryptogram)
	return k.marshal()
}

// open decrypts what seal or another writer of the same scheme made; the caller
// wipes the PrivateKeyInfo. Spec: SPEC-CA-KEYS-042.
func open(der, passphrase []byte) ([]byte, error) {
	k, err := parseEncryptedKey(der)
	if err != nil {
		return nil, err
	}
	block, err := k.cipher(passphrase)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, len(k.cryptogram))
	cipher.NewCBCDecrypter(block, k.iv).CryptBlocks(plain, k.cryptogram)
	pad := int(plain[len(plain)-1])
	if pad == 0 || pad > aes.BlockSize {
		return nil, ErrPassphrase
	}
	for _, b := range plain[len(plain)-pad:] {
		if int(b) != pad {
			return nil, ErrPassphrase
		}
	}
	return plain[:len(plain)-pad], nil
}

func (k *encryptedKey) cipher(passphrase []byte) (cipher.Block, error) {
	key, err := scrypt.Key(passphrase, k.salt, k.n, k.r, k.p, cipherKeyLen)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	return aes.NewCipher(key)
}

func (k *encryptedKey) marshal() ([]byte, error) {
	var b cryptobyte.Builder
	sequence := func(b *cryptobyte.Builder, content cryptobyte.BuilderContinuation) {
		b.AddASN1(casn1.SEQUENCE, content)
	}
	sequence(&b, func(b *cryptobyte.Builder) {
		sequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oidPBES2)
			sequence(b, func(b *cryptobyte.Builder) {
				sequence(b, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(oidScrypt)
					sequence(b, func(b *cryptobyte.Builder) {
						b.AddASN1OctetString(k.salt)
						b.AddASN1Int64(int64(k.n))
						b.AddASN1Int64(int64(k.r))
						b.AddASN1Int64(int64(k.p))
					})
				})
				sequence(b, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(oidAES256CBC)
					b.AddASN1OctetString(k.iv)
				})
			})
		})
		b.AddASN1OctetString(k.cryptogram)
	})
	return b.Bytes()
}

// parseEncryptedKey reads the container and checks its costs, so that a file
// cannot ask for unbounded memory or time. Spec: SPEC-CA-KEYS-041.
func parseEncryptedKey(der []byte) (*encryptedKey, error) {
	k := new(encryptedKey)
	r := &derReader{whole: der}
	outer := r.sequence(cryptobyte.String(der), "EncryptedPrivateKeyInfo", true)
	scheme := r.sequence(outer.rest, "encryptionAlgorithm", false)
	body := scheme.next
	r.oid(&scheme.rest, oidPBES2, "PBES2")
	parameters := r.sequence(scheme.rest, "parameters", true)
	kdf := r.sequence(parameters.rest, "keyDerivationFunc", false)
	enc := r.sequence(kdf.next, "encryptionScheme", true)
	r.oid(&kdf.rest, oidScrypt, "scrypt")
	costs := r.sequence(kdf.rest, "scrypt-params", true)
	k.salt = r.octets(&costs.rest, "salt")
	k.n, k.r, k.p = r.number(&costs.rest, "N"), r.number(&costs.rest, "r"), r.number(&costs.rest, "p")
	if len(costs.rest) > 0 { // the optional key length
		if r.number(&costs.rest, "keyLength") != cipherKeyLen {
			r.fail(costs.rest, "keyLength", "32", "another")
		}
	}
	r.end(costs.rest, "scrypt-params")
	r.oid(&enc.rest, oidAES256CBC, "AES-256-CBC")
	k.iv = r.octets(&enc.rest, "iv")
	r.end(enc.rest, "encryptionScheme")
	k.cryptogram = r.octets(&body, "encryptedData")
	r.end(body, "EncryptedPrivateKeyInfo")
	if r.err != nil {
		return nil, r.err
	}
	switch {
	case k.n < 2 || k.n&(k.n-1) != 0 || k.r < 1 || k.n > maxScryptMemory/128 || k.r > maxScryptMemory/128/k.n:
		r.fail(costs.start, "scrypt-params", "N a power of two, 128·N·r of at most 64 MiB", "other costs")
	case k.p < 1 || k.p > maxScryptP:
		r.fail(costs.start, "scrypt-params", "p from 1 to 16", "another")
	case len(k.iv) != aes.BlockSize:
		r.fail(costs.start, "iv", "16 bytes", "another length")
	case len(k.cryptogram) == 0 || len(k.cryptogram)%aes.BlockSize != 0:
		r.fail(body, "encryptedData", "whole blocks of 16 bytes", "another length")
	}
	if r.err != nil {
		return nil, r.err
	}
	return k, nil
}
