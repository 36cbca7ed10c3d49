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
	options Options
	level   scp.Level

	enc            *mac.CBC        // S-ENC
	dek            cipher.Block    // S-DEK, used block by block
	cmac           *mac.Retail     // S-MAC
	rmac           *mac.Retail     // S-RMAC; nil without ResponseMAC
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
func newSession(e Engine, i Options, ks *scp.KeySet, sequence uint16) (*session, error) {
	encKey, macKey, dekKey, err := baseKeys(i, ks)
	if err != nil {
		return nil, err
	}
	s := &session{options: i}
	if err := s.schedule(e, encKey, macKey, dekKey, sequence); err != nil {
		s.wipe()
		return nil, err
	}
	return s, nil
}

// schedule fills in the session's block ciphers and MACs.
func (s *session) schedule(e Engine, encKey, macKey, dekKey []byte, sequence uint16) (err error) {
	enc, err := derive(e, encKey, constENC, sequence, nil)
	if err != nil {
		return err
	}
	if s.enc, err = mac.NewCBCFrom(enc); err != nil {
		return err
	}
	if s.dek, err = derive(e, dekKey, constDEK, sequence, nil); err != nil {
		return err
	}
	if _, err = derive(e, macKey, constCMAC, sequence, &s.cmac); err != nil || s.options&ResponseMAC == 0 {
		return err
	}
	_, err = derive(e, macKey, constRMAC, sequence, &s.rmac)
	return err
}

// derive is triple DES under the session key of a constant and, with retail,
// the MAC under it.
func derive(e Engine, baseKey []byte, constant, sequence uint16, retail **mac.Retail) (cipher.Block, error) {
	base, err := e.TDES(baseKey)
	if err != nil {
		return nil, err
	}
	var key [baseKeySize]byte
	defer clear(key[:])
	deriveKey(&key, base, constant, sequence)
	wipeBlock(base)
	full, err := e.TDES(key[:])
	if err != nil || retail == nil {
		return full, err
	}
	left, err := e.DES(key[:8])
	if err == nil {
		*retail, err = mac.NewRetailFrom(left, full)
	}
	return full, err
}

// wipe ends the session: chaining values are overwritten, blocks that can be
// wiped are, and every reference to a key schedule is dropped.
// Spec: SPEC-SCP02-092.
func (s *session) wipe() {
	if s.enc != nil {
		s.enc.Wipe()
	}
	wipeBlock(s.dek)
	for _, m := range []*mac.Retail{s.cmac, s.rmac} {
		if m != nil {
			m.Wipe()
		}
	}
	*s = session{}
}
