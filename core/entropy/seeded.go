package entropy

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// seededPrefix separates the key derivation from every other use of SHA-256.
const seededPrefix = "inkan/entropy/seeded/1\x00"

// Seeded returns the stream of a seed and a label: the same bytes in every
// build, on every machine, however the calls of Fill cut it. Streams of
// different labels are independent of each other, so each party of a run takes
// its own ("card/8981100000000000017"), and what one consumes changes nothing
// for another. Predictable for whoever knows the seed: for simulation, never
// for real keys. Spec: SPEC-ENTROPY-001, SPEC-ENTROPY-004, SPEC-ENTROPY-008.
func Seeded(seed uint64, label string) Source {
	key := seededKey(seed, label)
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic("entropy: AES refuses a key of 32 bytes: " + err.Error())
	}
	var zero [aes.BlockSize]byte
	return &seeded{cipher.NewCTR(block, zero[:]), seed, label}
}

// seededKey is SHA-256(prefix ‖ seed, 8 bytes ‖ label). Spec: SPEC-ENTROPY-002.
func seededKey(seed uint64, label string) [32]byte {
	b := []byte(seededPrefix)
	b = binary.BigEndian.AppendUint64(b, seed)
	b = append(b, label...)
	return sha256.Sum256(b)
}

type seeded struct {
	stream cipher.Stream
	seed   uint64
	label  string
}

// Fill takes the next len(dst) bytes of the stream. Spec: SPEC-ENTROPY-003.
func (s *seeded) Fill(dst []byte) {
	clear(dst)
	s.stream.XORKeyStream(dst, dst)
}

// Format prints what repeats the run, whatever the verb: `Seeded(7, "card")`.
func (s *seeded) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "Seeded(%d, %q)", s.seed, s.label) }
