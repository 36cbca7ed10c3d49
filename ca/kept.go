package ca

import (
	"crypto/sha256"

	"golang.org/x/crypto/cryptobyte"

	"inkan/core/wire"
)

// kept is what the registry keeps of an issue until the receipt, opaque to it:
// what the card has said and what is sent to it, sealed.
type kept struct {
	input     [sha256.Size]byte // of all that the card said
	statement []byte            // the card's answer to the order
	envelope  []byte            // sealed for the card
	reply     []byte            // sealed for the UI app
}

const keptVersion = 1

func (k *kept) append(dst []byte) []byte {
	b := cryptobyte.NewBuilder(dst)
	b.AddUint8(keptVersion)
	b.AddBytes(k.input[:])
	for _, part := range [][]byte{k.statement, k.envelope, k.reply} {
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(part) })
	}
	return b.BytesOrPanic()
}

// parseKept reads what append writes; slices are borrowed.
func parseKept(b []byte) (k kept, err error) {
	r := wire.NewReader("kept issue", b)
	if version := r.Byte("version"); r.Err() == nil && version != keptVersion {
		r.FailAt(0, "version", "1", "another")
	}
	copy(k.input[:], r.Bytes(len(k.input), "input"))
	for _, part := range []struct {
		name string
		to   *[]byte
	}{{"statement", &k.statement}, {"envelope", &k.envelope}, {"reply", &k.reply}} {
		*part.to = r.Bytes(int(r.Uint16(part.name)), part.name)
	}
	return k, r.End()
}

// inputOf is the hash of what a card has said, in order.
func inputOf(parts ...[]byte) (sum [sha256.Size]byte) {
	b := cryptobyte.NewBuilder(nil)
	for _, part := range parts {
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(part) })
	}
	return sha256.Sum256(b.BytesOrPanic())
}
