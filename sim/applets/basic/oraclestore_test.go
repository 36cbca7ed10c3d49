package basic_test

import (
	"bytes"

	"inkan/core/iso7816"
)

// sequence is what an application remembers between blocks of STORE DATA.
type sequence struct {
	next   int    // P2 of the next block; 0: none is open
	header []byte // of the data group under way
	value  []byte
	want   int // length of the value; 0: the header is not whole
}

// store is the status word of STORE DATA that the domain forwards.
func (a *application) store(enough bool, b block) iso7816.SW {
	s := &a.sequence
	expected := s.next
	s.next = 0
	switch {
	case !enough:
		return 0x6982
	case b.p1&0x7E != 0x08:
		return 0x6A86
	case b.p2 == 0:
		s.header, s.value, s.want = nil, nil, 0
	case int(b.p2) != expected:
		return 0x6A86
	}
	for _, v := range b.data {
		if sw := a.take(v); sw != 0x9000 {
			return sw
		}
	}
	if b.p1&0x80 != 0 {
		if len(s.header) > 0 {
			return 0x6A80
		}
		return 0x9000
	}
	s.next = int(b.p2) + 1
	return 0x9000
}

// take takes a byte.
func (a *application) take(v byte) iso7816.SW {
	s := &a.sequence
	if s.want > 0 {
		s.value = append(s.value, v)
		if len(s.value) < s.want {
			return 0x9000
		}
		ef, value := s.header[1], s.value
		s.header, s.value, s.want = nil, nil, 0
		return a.finish(ef, value)
	}
	s.header = append(s.header, v)
	h := s.header
	n := -1
	switch {
	case len(h) == 3 && h[2] != 0xFF:
		n = int(h[2])
	case len(h) == 5:
		n = int(h[3])<<8 | int(h[4])
	}
	if n < 0 {
		return 0x9000
	}
	switch {
	case h[0] != 0xC0 || !a.exists(h[1]):
		return 0x6A88
	case len(h) == 5 && n < 0xFF || n == 0:
		return 0x6A80
	}
	if secret := a.secrets[h[1]]; secret != nil {
		if n > 0x7FFF { // no card has such a value
			return 0x6A84
		}
		if n != secret.length {
			return 0x6A80
		}
	} else if n > a.files()[h[1]] {
		return 0x6A84
	}
	s.want = n
	return 0x9000
}

// finish takes over a value.
func (a *application) finish(ef byte, value []byte) iso7816.SW {
	if secret := a.secrets[ef]; secret != nil {
		if !secret.valid(value) {
			return 0x6A80
		}
		secret.set(value)
		return 0x9000
	}
	a.content[ef] = bytes.Clone(value)
	return 0x9000
}
