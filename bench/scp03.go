package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"

	"inkan/core/entropy"
	"inkan/core/mac"
	"inkan/core/scp"
	"inkan/core/scp/scp03"
)

var scp03Promise = Promise{
	Name:     "SCP03 level 33: wrap, unwrap 239-byte command and response",
	Baseline: "its AES blocks through crypto/cipher's CBC",
	Limit:    1.5,
	Setup:    setupSCP03,
}

// openSCP03 opens a channel between the two sides; context is both challenges.
func openSCP03() (host *scp03.Host, card *scp03.Card, context []byte, err error) {
	keys := benchKeys(0x30)
	card, err = scp03.NewCard(scp03.CardConfig{
		Options: scp03.PseudoRandom | scp03.ResponseMAC | scp03.ResponseEncryption,
		Keys:    func(byte) (*scp.KeySet, scp.Counter) { return keys, new(counter) },
		AID:     []byte{0xA0, 0, 0, 1, 0x51}, Entropy: entropy.Seeded(1, "card"),
	})
	if err != nil {
		return
	}
	h, err := scp03.NewHandshake(scp03.HostConfig{
		Keys: scp03.FixedKeys(keys), KeyVersion: 0x30, Level: 0x33, Entropy: entropy.Seeded(1, "host"),
	})
	if err != nil {
		return
	}
	initialize, err := h.InitializeUpdate(nil)
	if err != nil {
		return
	}
	answer := card.InitializeUpdate(nil, initialize)
	context = append(append([]byte(nil), initialize[5:13]...), answer[13:21]...)
	authenticate, err := h.ExternalAuthenticate(nil, answer)
	if err != nil {
		return
	}
	host, err = h.Open(card.ExternalAuthenticate(nil, authenticate))
	return host, card, context, err
}

func setupSCP03() (operation, baseline func(), err error) {
	host, card, context, err := openSCP03()
	if err != nil {
		return nil, nil, err
	}
	command, response := plainCommand(239), plainResponse(239)
	// The first command after opening, to compare with the baseline's.
	first, err := host.Wrap(nil, command)
	if err != nil {
		return nil, nil, err
	}
	if _, err = card.Unwrap(nil, first); err != nil {
		return nil, nil, err
	}
	blocks, err := newSCP03Blocks(context, command)
	if err != nil {
		return nil, nil, err
	}
	if blocks.run(); !bytes.Equal(blocks.ciphertext[:240], first[5:245]) {
		return nil, nil, errDiffers
	}
	answer, err := card.Wrap(nil, response)
	if err == nil {
		_, err = host.Unwrap(nil, answer)
	}
	return roundTrip(host, card, command, response), blocks.run, err
}

// scp03Blocks is the bare work: for each of the four steps one block for the
// ICV, 15 blocks of data and 17 blocks of MAC, all in CBC mode by the standard
// library with keys and buffers prepared.
type scp03Blocks struct {
	enc, decrypt, mac      cipher.BlockMode
	padded, ciphertext     []byte
	counter, icv, macInput []byte
}

func newSCP03Blocks(context, command []byte) (*scp03Blocks, error) {
	keys := benchKeys(0x30)
	session := make([]byte, 16)
	if err := mac.DeriveCounter(session, keys.Enc, append(make([]byte, 11), 0x04, 0, 0, 0x80), context); err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(session)
	if err != nil {
		return nil, err
	}
	zero := make([]byte, aes.BlockSize)
	return &scp03Blocks{
		enc:        cipher.NewCBCEncrypter(block, zero),
		decrypt:    cipher.NewCBCDecrypter(block, zero),
		mac:        cipher.NewCBCEncrypter(block, zero),
		padded:     append(append([]byte(nil), command[5:]...), 0x80),
		ciphertext: make([]byte, 240),
		counter:    append(make([]byte, 15), 1),
		icv:        make([]byte, 16),
		macInput:   make([]byte, 17*16),
	}, nil
}

// run does the blocks of four steps; the first gives the ciphertext of the
// first command.
func (b *scp03Blocks) run() {
	type ivSetter interface{ SetIV([]byte) }
	zero := b.macInput[:16]
	clear(zero)
	for step := range 4 {
		b.enc.(ivSetter).SetIV(zero)
		b.enc.CryptBlocks(b.icv, b.counter)
		if step%2 == 0 {
			b.enc.(ivSetter).SetIV(b.icv)
			b.enc.CryptBlocks(b.ciphertext, b.padded)
		} else {
			b.decrypt.(ivSetter).SetIV(b.icv)
			b.decrypt.CryptBlocks(b.padded, b.ciphertext)
		}
		b.mac.(ivSetter).SetIV(zero)
		b.mac.CryptBlocks(b.macInput, b.macInput)
		clear(zero)
	}
}
