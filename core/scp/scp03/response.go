package scp03

import (
	"slices"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/mac"
	"inkan/core/scp"
)

// protected reports whether a response with this status word carries an R-MAC:
// 9000 and the warnings do, errors do not.
// Spec: SPEC-SCP03-061.
func protected(sw iso7816.SW) bool {
	return sw == iso7816.OK || sw>>8 == 0x62 || sw>>8 == 0x63
}

// protectResponse appends the protected form of a plain response.
// Spec: SPEC-SCP03-060 to SPEC-SCP03-063.
func (s *session) protectResponse(dst, resp []byte, sw iso7816.SW) ([]byte, error) {
	if s.level&scp.RMAC == 0 {
		return append(dst, resp...), nil
	}
	if !protected(sw) {
		return append(dst, byte(sw>>8), byte(sw)), nil
	}
	data, word := resp[:len(resp)-2], resp[len(resp)-2:]
	encrypt := s.level&scp.REncryption != 0 && len(data) > 0
	size := len(data)
	if encrypt {
		size = mac.PaddedLen(size, blockSize)
	}
	if size+s.macSize > apdu.MaxExtendedNe {
		return dst, ErrTooLong
	}
	dst = slices.Grow(dst, size+s.macSize+2)
	start := len(dst)
	dst = append(dst, data...)
	if encrypt {
		dst = mac.AppendPad80(dst, start, blockSize)
		s.responseICV()
		s.enc.Encrypt(dst[start:], dst[start:], s.icv[:])
	}
	s.responseMAC(dst[start:], word)
	dst = append(dst, s.tag[:s.macSize]...)
	return append(dst, word...), nil
}

// possible reports whether a status word is one at all: SW1 6x or 9x.
func possible(sw iso7816.SW) bool { return sw>>12 == 0x6 || sw>>12 == 0x9 }

// unprotectResponse verifies a response and appends the plain one. When it
// fails, dst is as it was.
// Spec: SPEC-SCP03-064 to SPEC-SCP03-067.
func (s *session) unprotectResponse(dst, resp []byte, sw iso7816.SW) ([]byte, error) {
	if !possible(sw) {
		return dst, ErrResponse
	}
	if s.level&scp.RMAC == 0 {
		return append(dst, resp...), nil
	}
	body, word := resp[:len(resp)-2], resp[len(resp)-2:]
	if !protected(sw) {
		if len(body) > 0 {
			return dst, ErrResponse
		}
		return append(dst, word...), nil
	}
	size := len(body) - s.macSize
	if size < 0 {
		return dst, ErrResponse
	}
	s.responseMAC(body[:size], word)
	if !s.tagEqual(body[size:]) {
		return dst, ErrResponse
	}
	base := len(dst)
	dst = append(slices.Grow(dst, size+2), body[:size]...)
	if s.level&scp.REncryption != 0 && size > 0 {
		if size%blockSize != 0 {
			clear(dst[base:])
			return dst[:base], ErrResponse
		}
		s.responseICV()
		s.enc.Decrypt(dst[base:], dst[base:], s.icv[:])
		n, ok := unpadded(dst[base:])
		if !ok {
			clear(dst[base:])
			return dst[:base], ErrResponse
		}
		dst = dst[:base+n]
	}
	return append(dst, word...), nil
}
