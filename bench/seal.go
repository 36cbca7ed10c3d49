package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"

	"inkan/core/jpki"
	"inkan/core/jpki/perso"
)

var sealPromise = Promise{
	Name:     "check and seal the items of a delivered key: certificate, validity, code, CRT parts",
	Baseline: "its AES-256 blocks through crypto/cipher's CBC, twice",
	Limit:    1.5,
	Setup:    setupSeal,
}

// sealItems are those of an order for one role.
func sealItems() []perso.Item {
	filled := func(n int) []byte { return bytes.Repeat([]byte{0xA5}, n) }
	items := []perso.Item{
		{Tag: perso.ItemCertificate.For(jpki.Auth), Value: filled(900)},
		{Tag: perso.ItemValidity.For(jpki.Auth), Value: []byte("20311128145959Z")},
		{Tag: perso.ItemCode.For(jpki.Auth), Value: filled(jpki.CodeLen)},
	}
	for tag := perso.ItemP; tag <= perso.ItemQInv; tag++ {
		items = append(items, perso.Item{Tag: tag.For(jpki.Auth), Value: filled(perso.PrimeLen)})
	}
	return items
}

func setupSeal() (operation, baseline func(), err error) {
	var wrap perso.Keys
	copy(wrap.Enc[:], bytes.Repeat([]byte{1}, 32))
	copy(wrap.MAC[:], bytes.Repeat([]byte{2}, 32))
	items, c := sealItems(), perso.NewCipher(&wrap)
	order := perso.Order{Purpose: jpki.PurposeIssue, Origin: jpki.OriginDelivered, Roles: jpki.FormSIM.Roles()}
	var challenge [perso.ChallengeLen]byte
	out := make([]byte, 0, perso.MaxCiphertextLen+64)
	operation = func() {
		if err = perso.CheckItems(&order, &challenge, items); err == nil {
			out, err = c.Seal(out[:0], 1, jpki.PurposeIssue, items)
		}
		if err != nil {
			panic(err)
		}
	}
	operation()
	enc, err := aes.NewCipher(wrap.Enc[:])
	if err != nil {
		return nil, nil, err
	}
	auth, err := aes.NewCipher(wrap.MAC[:])
	if err != nil {
		return nil, nil, err
	}
	iv, zero := make([]byte, aes.BlockSize), make([]byte, aes.BlockSize)
	enc.Encrypt(iv, append([]byte{1, byte(jpki.PurposeIssue)}, zero[2:]...))
	plain := append(perso.AppendItems(nil, items), 0x80)
	plain = append(plain, make([]byte, -len(plain)&15)...)
	ciphertext, sum := make([]byte, len(plain)), make([]byte, len(plain))
	encrypt, macs := cipher.NewCBCEncrypter(enc, iv), cipher.NewCBCEncrypter(auth, zero)
	encrypt.CryptBlocks(ciphertext, plain)
	if !bytes.Equal(ciphertext, out[2:2+len(ciphertext)]) {
		return nil, nil, errDiffers
	}
	return operation, func() {
		encrypt.CryptBlocks(ciphertext, plain)
		macs.CryptBlocks(sum, ciphertext)
	}, nil
}
