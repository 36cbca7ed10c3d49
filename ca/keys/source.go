package keys

import (
	"crypto/rand"
	"crypto/rsa"
)

// Source gives the key pairs that are delivered to a card which does not make
// its own. Every call gives a key that no call gave before.
type Source interface {
	// Next returns a key of 2048 bits with two primes of 1024 and the exponent
	// 65537, which the caller keeps in no other form than the sealed envelope.
	Next() (*rsa.PrivateKey, error)
}

// Fresh is the Source of real keys: each is generated when asked for, from the
// operating system's randomness. Spec: SPEC-CA-KEYS-030.
type Fresh struct{}

// Next implements Source.
func (Fresh) Next() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) }
