package scp02

import (
	"crypto/cipher"
	"crypto/des"

	"inkan/core/mac"
)

// Engine makes block ciphers, two kinds of them: it is what scp03 has as the
// one function Cipher. A card model accounts for its DES engine here. A block
// that has a method Wipe() has it called when its key is done with.
type Engine interface {
	// DES is single DES under an 8-byte key.
	DES(key []byte) (cipher.Block, error)
	// TDES is triple DES under a 16-byte key K1 K2, used as K1 K2 K1.
	TDES(key []byte) (cipher.Block, error)
}

// standardEngine is that of the standard library.
type standardEngine struct{}

func (standardEngine) DES(key []byte) (cipher.Block, error)  { return des.NewCipher(key) }
func (standardEngine) TDES(key []byte) (cipher.Block, error) { return mac.NewTDES(key) }

// engineOr is the engine, or the standard library's for nil.
func engineOr(e Engine) Engine {
	if e == nil {
		return standardEngine{}
	}
	return e
}

// wipeBlock wipes a block cipher that can be wiped.
func wipeBlock(b cipher.Block) {
	if w, ok := b.(interface{ Wipe() }); ok {
		w.Wipe()
	}
}
