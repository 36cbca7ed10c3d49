package scp02

import (
	"crypto/cipher"

	"inkan/core/mac"
	"inkan/core/scp"
)

// session is what both sides keep of a channel being opened or open. All
// buffers of its operations are in it, so that they allocate nothing.
// Spec: SPEC-SCP02-103, SPEC-SCP02-104.
type session struct {
	option Option
	level  scp.Level

	enc, dek       cipher.Block // triple DES under S-ENC and S-DEK
	macLeft        cipher.Block // single DES under the left half of S-MAC
	macFull        cipher.Block // triple DES under S-MAC
	rmacLeft       cipher.Block
	rmacFull       cipher.Block
	cmac, rmac     *mac.Retail
	chain          [blockSize]byte // last C-MAC; zero before EXTERNAL AUTHENTICATE
	chained        bool            // chain is a C-MAC, so ICV encryption applies
	responseChain  [blockSize]byte // last R-MAC
	silentRMAC     bool            // R-MAC computed, sent by END R-MAC SESSION only
	begunRMAC      bool            // BEGIN R-MAC SESSION started the R-MAC
	responseOpen   bool            // a command's part of the R-MAC input is in rmac
	pending        rmacMode        // takes effect with the response now due
	head           [6]byte         // scratch: header and Lc
	tag            [blockSize]byte // scratch: computed MAC
	challengeBlock [blockSize]byte // scratch: sequence counter and card challenge
}

// newSession derives the session keys of a sequence counter and does their key
// schedules. A key set that does not fit the option is an error.
// Spec: SPEC-SCP02-020, SPEC-SCP02-021, SPEC-SCP02-022.
func newSession(e Engine, i Option, ks *scp.KeySet, sequence uint16) (*session, error) {
	encKey, macKey, dekKey, err := baseKeys(i, ks)
	if err != nil {
		return nil, err
	}
	s := &session{option: i}
	if err := s.schedule(e, encKey, macKey, dekKey, sequence); err != nil {
		s.wipe()
		return nil, err
	}
	return s, nil
}

// schedule fills in the session's block ciphers and MACs.
func (s *session) schedule(e Engine, encKey, macKey, dekKey []byte, sequence uint16) error {
	var key [baseKeySize]byte
	defer clear(key[:])
	derive := func(base []byte, constant uint16, full, left *cipher.Block) error {
		b, err := e.TDES(base)
		if err != nil {
			return err
		}
		deriveKey(&key, b, constant, sequence)
		wipeBlock(b)
		if *full, err = e.TDES(key[:]); err != nil || left == nil {
			return err
		}
		*left, err = e.DES(key[:8])
		return err
	}
	if err := derive(encKey, constENC, &s.enc, nil); err != nil {
		return err
	}
	if err := derive(dekKey, constDEK, &s.dek, nil); err != nil {
		return err
	}
	if err := derive(macKey, constCMAC, &s.macFull, &s.macLeft); err != nil {
		return err
	}
	var err error
	if s.cmac, err = mac.NewRetailFrom(s.macLeft, s.macFull); err != nil || s.option&RMACSupport == 0 {
		return err
	}
	if err := derive(macKey, constRMAC, &s.rmacFull, &s.rmacLeft); err != nil {
		return err
	}
	s.rmac, err = mac.NewRetailFrom(s.rmacLeft, s.rmacFull)
	return err
}

// wipe ends the session: chaining values are overwritten, blocks that can be
// wiped are, and every reference to a key schedule is dropped.
// Spec: SPEC-SCP02-092.
func (s *session) wipe() {
	for _, b := range []cipher.Block{s.enc, s.dek, s.macLeft, s.macFull, s.rmacLeft, s.rmacFull} {
		if b != nil {
			wipeBlock(b)
		}
	}
	for _, m := range []*mac.Retail{s.cmac, s.rmac} {
		if m != nil {
			m.Wipe()
		}
	}
	*s = session{}
}
