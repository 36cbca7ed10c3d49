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
	option02 = scp02.ThreeKeys | scp02.Explicit | scp02.ICVEncryption | scp02.RMACSupport | scp02.PseudoRandom
	level02  = scp.CMAC | scp.CDecryption | scp.RMAC
)

func openSCP02() (*scp02.Host, *scp02.Card, error) {
	keys := benchKeys(0x20)
	aid := []byte{0xA0, 0, 0, 1, 0x51}
	card, err := scp02.NewCard(scp02.CardConfig{
		Option: option02, AID: aid, Counter: new(counter), Entropy: entropy.Seeded(1, "card"),
		Keys: func(byte) (*scp.KeySet, bool) { return keys, true },
	})
	if err != nil {
		return nil, nil, err
	}
	host, err := scp02.NewHost(scp02.HostConfig{Option: option02, Keys: scp02.StaticKeys(keys), Entropy: entropy.Seeded(1, "host")})
	if err != nil {
		return nil, nil, err
	}
	answer := card.InitializeUpdate(nil, host.InitializeUpdate(nil, 0x20))
	authenticate, err := host.ExternalAuthenticate(nil, answer, level02)
	if err != nil {
		return nil, nil, err
	}
	return host, card, host.Open(card.ExternalAuthenticate(nil, authenticate))
}

func setupSCP02() (operation, baseline func(), err error) {
	host, card, err := openSCP02()
	if err != nil {
		return nil, nil, err
	}
	one := scp02.CommandCost(option02, level02, 239).Plus(scp02.ResponseCost(level02, 239, 239))
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
