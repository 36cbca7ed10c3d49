package scp03

import (
	"crypto/aes"
	"crypto/cipher"

	"inkan/core/mac"
	"inkan/core/scp"
)

// Derivation constants (Amendment D 1.2 table 4-1).
const (
	constCardCryptogram = 0x00
	constHostCryptogram = 0x01
	constCardChallenge  = 0x02
	constSENC           = 0x04
	constSMAC           = 0x06
	constSRMAC          = 0x07
)

// newCipher makes a block cipher from a key. The default is the standard
// library's AES; a card model gives one that accounts for its AES engine.
type newCipher func(key []byte) (cipher.Block, error)

func (n newCipher) cipher(key []byte) (cipher.Block, error) {
	if n == nil {
		return aes.NewCipher(key)
	}
	return n(key)
}

// sessionKeys are the keys and cryptograms of one pair of challenges.
type sessionKeys struct {
	enc, mac, rmac                 [32]byte // the first size bytes each
	encSize, macSize               int
	cardCryptogram, hostCryptogram [16]byte // the first MACSize bytes
}

func (k *sessionKeys) sENC() []byte  { return k.enc[:k.encSize] }
func (k *sessionKeys) sMAC() []byte  { return k.mac[:k.macSize] }
func (k *sessionKeys) sRMAC() []byte { return k.rmac[:k.macSize] }

func (k *sessionKeys) wipe() { *k = sessionKeys{} }

// derive computes session keys and cryptograms from host and card challenge.
// Spec: SPEC-SCP03-022, SPEC-SCP03-023.
func derive(n newCipher, static *scp.KeySet, host, card []byte) (*sessionKeys, error) {
	if err := checkKeys(static); err != nil {
		return nil, err
	}
	k := &sessionKeys{encSize: len(static.Enc), macSize: len(static.MAC)}
	var context [32]byte
	challenges := append(append(context[:0], host...), card...)
	size := len(host)
	steps := []struct {
		key      []byte
		constant byte
		dst      []byte
	}{
		{static.Enc, constSENC, k.sENC()},
		{static.MAC, constSMAC, k.sMAC()},
		{static.MAC, constSRMAC, k.sRMAC()},
		{k.sMAC(), constCardCryptogram, k.cardCryptogram[:size]},
		{k.sMAC(), constHostCryptogram, k.hostCryptogram[:size]},
	}
	for _, s := range steps {
		if err := kdf(n, s.dst, s.key, s.constant, challenges); err != nil {
			k.wipe()
			return nil, err
		}
	}
	return k, nil
}

// cardChallenge fills dst with the pseudo-random card challenge: static key
// ENC, context sequence counter (three bytes) || AID of the Security Domain.
// Spec: SPEC-SCP03-024.
func cardChallenge(n newCipher, dst, keyENC []byte, sequence uint32, aid []byte) error {
	context := append([]byte{byte(sequence >> 16), byte(sequence >> 8), byte(sequence)}, aid...)
	return kdf(n, dst, keyENC, constCardChallenge, context)
}

func kdf(n newCipher, dst, key []byte, constant byte, context []byte) error {
	block, err := n.cipher(key)
	if err != nil {
		return err
	}
	k, err := mac.NewKDFFrom(block)
	if err != nil {
		return err
	}
	defer k.Wipe()
	return k.GlobalPlatform(dst, constant, context)
}
