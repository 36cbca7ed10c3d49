package scp03

import (
	"crypto/subtle"
	"encoding/binary"

	"inkan/core/apdu"
	"inkan/core/mac"
	"inkan/core/scp"
)

const blockSize = mac.BlockSize

// session is what both sides keep after the key derivation. All scratch space
// is in it, so that protecting an APDU allocates nothing.
type session struct {
	level   scp.Level
	macSize int
	enc     *mac.CBC  // S-ENC
	cmac    *mac.CMAC // S-MAC
	rmac    *mac.CMAC // S-RMAC
	dek     *mac.CBC  // static DEK
	mcv     [blockSize]byte
	counter uint64 // encryption counter: C-APDUs since EXTERNAL AUTHENTICATE
	icv     [blockSize]byte
	tag     [blockSize]byte
	head    [7]byte // CLA INS P1 P2 Lc as the C-MAC covers it
}

func newSession(n newCipher, k *sessionKeys, dek []byte, level scp.Level, macSize int) (*session, error) {
	s := &session{level: level, macSize: macSize}
	for _, m := range []struct {
		key []byte
		cbc **mac.CBC
		mac **mac.CMAC
	}{{key: k.sENC(), cbc: &s.enc}, {key: dek, cbc: &s.dek}, {key: k.sMAC(), mac: &s.cmac}, {key: k.sRMAC(), mac: &s.rmac}} {
		block, err := n.cipher(m.key)
		if err == nil && m.cbc != nil {
			*m.cbc, err = mac.NewCBCFrom(block)
		} else if err == nil {
			*m.mac, err = mac.NewCMACFrom(block)
		}
		if err != nil {
			s.wipe()
			return nil, err
		}
	}
	return s, nil
}

// commandICV sets icv to AES(S-ENC, encryption counter).
// Spec: SPEC-SCP03-043.
func (s *session) commandICV() {
	clear(s.icv[:8])
	binary.BigEndian.PutUint64(s.icv[8:], s.counter)
	s.enc.Block(s.icv[:], s.icv[:])
}

// responseICV is commandICV with the first byte of the counter block set to 80.
// Spec: SPEC-SCP03-062.
func (s *session) responseICV() {
	clear(s.icv[:8])
	s.icv[0] = 0x80
	binary.BigEndian.PutUint64(s.icv[8:], s.counter)
	s.enc.Block(s.icv[:], s.icv[:])
}

// commandMAC computes the C-MAC into tag: over the chaining value, the header
// with class on channel 0 and Lc including the MAC, and the data as sent.
// Spec: SPEC-SCP03-040, SPEC-SCP03-051.
func (s *session) commandMAC(c *apdu.Command, data []byte) {
	lc := len(data) + s.macSize
	head := append(s.head[:0], scp.MACClass(c.CLA, true), c.INS, c.P1, c.P2)
	if c.Extended {
		head = append(head, 0, byte(lc>>8))
	}
	head = append(head, byte(lc))
	s.cmac.Chain(s.mcv[:])
	s.cmac.Write(head)
	s.cmac.Write(data)
	s.cmac.Append(s.tag[:0])
}

// responseMAC computes the R-MAC into tag: over the chaining value, the data
// as sent and the status word.
// Spec: SPEC-SCP03-060.
func (s *session) responseMAC(data, sw []byte) {
	s.rmac.Chain(s.mcv[:])
	s.rmac.Write(data)
	s.rmac.Write(sw)
	s.rmac.Append(s.tag[:0])
}

// tagEqual compares the first MACSize bytes of tag in constant time.
func (s *session) tagEqual(received []byte) bool {
	return subtle.ConstantTimeCompare(s.tag[:s.macSize], received) == 1
}

// unpadded is the length of b, whole blocks, without its padding. Only the last
// block is looked at: padding is 1 to 16 bytes. False when it is not, or when
// nothing is left: an empty data field is not encrypted (SPEC-SCP03-047,
// SPEC-SCP03-063).
// Spec: SPEC-SCP03-045.
func unpadded(b []byte) (int, bool) {
	body := len(b) - blockSize
	n, ok := mac.Unpad80(b[body:])
	return body + n, ok && body+n > 0
}

// wipe overwrites what is secret and drops the ciphers.
// Spec: SPEC-SCP03-081.
func (s *session) wipe() {
	for _, c := range []*mac.CBC{s.enc, s.dek} {
		if c != nil {
			c.Wipe()
		}
	}
	for _, m := range []*mac.CMAC{s.cmac, s.rmac} {
		if m != nil {
			m.Wipe()
		}
	}
	*s = session{}
}
