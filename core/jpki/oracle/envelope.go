package oracle

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"math/big"

	"inkan/core/iso7816"
	"inkan/core/mac"
)

// wrapKeys derives Kenc and Kmac of the open order; false: its point or the
// certificate authority's key is not known.
func (m *Model) wrapKeys() (enc, auth []byte, ok bool) {
	public, err := point(m.ephemeral)
	if m.open == nil || err != nil {
		return nil, nil, false
	}
	for _, private := range m.env.CA {
		if !bytes.Equal(private.PublicKey().Bytes(), m.open.point) {
			continue
		}
		z, err := private.ECDH(public)
		if err != nil {
			return nil, nil, false
		}
		info := append([]byte(label), byte(len(m.env.AID)))
		info = append(append(append(info, m.env.AID...), m.open.hash[:]...), m.ephemeral...)
		derive := func(i uint32) []byte {
			h := sha256.Sum256(append(binary.BigEndian.AppendUint32(bytes.Clone(z), i), info...))
			return h[:]
		}
		return derive(1), derive(2), true
	}
	return nil, nil, false
}

func cmac(key []byte, parts ...[]byte) []byte {
	c, err := mac.NewCMAC(key)
	if err != nil {
		panic("oracle: a MAC key of 32 bytes") // derived as such
	}
	for _, p := range parts {
		c.Write(p)
	}
	return c.Append(nil)
}

// envelope is ENVELOPE. Spec: SPEC-PERSO-040 to SPEC-PERSO-047.
func (m *Model) envelope(v []byte) *Expected {
	n := len(v) - 16
	head, body, tag := v[:2], v[2:n], v[n:]
	if m.lastMAC != nil && head[0] == m.sequence && head[1] == m.lastType && bytes.Equal(tag, m.lastMAC) {
		return m.Clone().done(nil)
	}
	if m.open == nil || head[1] != m.open.purpose || int(head[0]) != int(m.sequence)+1 {
		return m.refuse(iso7816.ConditionsNotSatisfied)
	}
	enc, auth, ok := m.wrapKeys()
	length := binary.BigEndian.AppendUint16(nil, uint16(len(body)))
	if !ok || !bytes.Equal(cmac(auth, []byte(label), head, length, body), tag) {
		return m.refuse(iso7816.SecureMessagingObjectsIncorrect)
	}
	items, ok := m.items(head[1], decrypt(enc, head, body))
	if !ok {
		return m.refuse(iso7816.WrongData)
	}
	next := m.Clone()
	next.sequence, next.lastType, next.lastMAC = head[0], head[1], bytes.Clone(tag)
	next.apply(items)
	if next.open.purpose == purposeReset {
		next.open, next.ephemeral, next.challenge = nil, nil, nil
	}
	return &Expected{SW: iso7816.OK, Next: next, Torn: m.replacing(items)}
}

// replacing are the states in which items that are replaced are gone already,
// any of them.
func (m *Model) replacing(items map[byte][]byte) []*Model {
	states := []*Model{m}
	drop := func(there bool, remove func(*Model)) {
		if !there {
			return
		}
		for _, s := range states {
			less := s.Clone()
			remove(less)
			states = append(states, less)
		}
	}
	for i, c := range m.roles {
		of := byte(i) << 4
		drop(c.cert != nil && items[of|1] != nil, func(s *Model) { s.roles[i].cert = nil })
		drop(c.end != nil && items[of|2] != nil, func(s *Model) { s.roles[i].end = nil })
		drop(c.code != nil && items[of|3] != nil, func(s *Model) { s.roles[i].code = nil })
		drop(c.key != nil && items[of|4] != nil, func(s *Model) { s.roles[i].key = nil })
	}
	return states[1:]
}

// decrypt gives plain content with its padding.
func decrypt(key, head, body []byte) []byte {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("oracle: a key of 32 bytes") // derived as such
	}
	iv := make([]byte, 16)
	copy(iv, head)
	block.Encrypt(iv, iv)
	plain := make([]byte, len(body))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, body)
	return plain
}

// items takes plain content apart, by tag. Spec: SPEC-PERSO-032,
// SPEC-PERSO-045.
func (m *Model) items(kind byte, plain []byte) (map[byte][]byte, bool) {
	b := bytes.TrimRight(plain, "\x00")
	if len(b) == 0 || b[len(b)-1] != 0x80 {
		return nil, false
	}
	b = b[:len(b)-1]
	items := map[byte][]byte{}
	for first := true; len(b) > 0; first = false {
		if len(b) < 3 {
			return nil, false
		}
		tag, n := b[0], int(b[1])<<8|int(b[2])
		if len(b) < 3+n || items[tag] != nil || !m.allowed(kind, tag, n, first) {
			return nil, false
		}
		items[tag] = bytes.Clone(b[3 : 3+n])
		b = b[3+n:]
	}
	return items, m.whole(kind, items)
}

// allowed tells whether an item may be there.
func (m *Model) allowed(kind, tag byte, n int, first bool) bool {
	if tag == 0x0A {
		return kind == purposeReset && first && n == 16
	}
	if tag>>4 > 1 || m.open.roles>>(tag>>4)&1 == 0 || kind == purposeReset && (first || tag&0xF != 3) {
		return false
	}
	switch tag & 0xF {
	case 1:
		return n >= 1 && n <= m.par.FileBytes
	case 2:
		return n == 15
	case 3:
		return n == codeBytes
	case 4, 5, 6, 7, 8:
		return n == 128 && m.open.origin == originDelivered
	}
	return false
}

// whole tells whether items are complete together.
func (m *Model) whole(kind byte, items map[byte][]byte) bool {
	if kind == purposeReset {
		return bytes.Equal(items[0x0A], m.challenge) && len(items) > 1
	}
	for role := range byte(2) {
		parts := 0
		for tag := byte(4); tag <= 8; tag++ {
			if items[role<<4|tag] != nil {
				parts++
			}
		}
		if parts != 0 && parts != 5 {
			return false
		}
	}
	return true
}

// apply puts items where they belong.
func (m *Model) apply(items map[byte][]byte) {
	for i := range m.roles {
		c, of := &m.roles[i], byte(i)<<4
		if v := items[of|1]; v != nil {
			c.cert = v
		}
		if v := items[of|2]; v != nil {
			c.end = v
		}
		if v := items[of|3]; v != nil {
			c.code, c.codeTries = v, codeTries
		}
		if p, q := items[of|4], items[of|5]; p != nil {
			n := new(big.Int).Mul(new(big.Int).SetBytes(p), new(big.Int).SetBytes(q))
			c.key = &key{modulus: n, parts: [][]byte{p, q, items[of|6], items[of|7], items[of|8]}}
		}
	}
}
