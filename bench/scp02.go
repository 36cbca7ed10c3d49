package main

import (
	"crypto/cipher"
	"crypto/des"

	"inkan/core/entropy"
	"inkan/core/scp"
	"inkan/core/scp/scp02"
)

var scp02Promise = Promise{
	Name:     "SCP02 i=75 level 13: wrap, unwrap 239-byte command and response",
	Baseline: "its DES blocks, key schedules done",
	Limit:    1.15,
	Setup:    setupSCP02,
}

const (
	options02 = scp02.ThreeKeys | scp02.Explicit | scp02.ICVEncryption | scp02.ResponseMAC | scp02.PseudoRandom
	level02   = scp.CMAC | scp.CDecryption | scp.RMAC
)

func openSCP02() (*scp02.Host, *scp02.Card, error) {
	keys, sequence := benchKeys(0x20), new(counter)
	aid := []byte{0xA0, 0, 0, 1, 0x51}
	card, err := scp02.NewCard(scp02.CardConfig{
		Options: options02, AID: aid, Entropy: entropy.Seeded(1, "card"),
		Keys: func(byte) (*scp.KeySet, scp.Counter) { return keys, sequence },
	})
	if err != nil {
		return nil, nil, err
	}
	h, err := scp02.NewHandshake(scp02.HostConfig{
		Options: options02, Keys: scp02.FixedKeys(keys), KeyVersion: 0x20, Level: level02, Entropy: entropy.Seeded(1, "host"),
	})
	if err != nil {
		return nil, nil, err
	}
	initialize, err := h.InitializeUpdate(nil)
	if err != nil {
		return nil, nil, err
	}
	authenticate, err := h.ExternalAuthenticate(nil, card.InitializeUpdate(nil, initialize))
	if err != nil {
		return nil, nil, err
	}
	host, err := h.Open(card.ExternalAuthenticate(nil, authenticate))
	return host, card, err
}

func setupSCP02() (operation, baseline func(), err error) {
	host, card, err := openSCP02()
	if err != nil {
		return nil, nil, err
	}
	one := scp02.CommandCost(options02, level02, 239).Plus(scp02.ResponseCost(level02, 239, 239))
	baseline, err = desBlocks(one.Plus(one)) // both sides do them
	return roundTrip(host, card, plainCommand(239), plainResponse(239)), baseline, err
}

// desBlocks does that many single and triple DES operations. Its number is
// checked against a counting cipher in the tests of scp02.
func desBlocks(n scp02.DESCount) (func(), error) {
	single, err := des.NewCipher(make([]byte, 8))
	if err != nil {
		return nil, err
	}
	triple, err := des.NewTripleDESCipher(append(make([]byte, 8), "01234567abcdefgh"...))
	if err != nil {
		return nil, err
	}
	block := make([]byte, 8)
	times := func(c cipher.Block, n int) {
		for range n {
			c.Encrypt(block, block)
		}
	}
	return func() {
		times(single, int(n.Single))
		times(triple, int(n.Triple))
	}, nil
}
