package scp03

import (
	"slices"

	"inkan/core/apdu"
	"inkan/core/mac"
	"inkan/core/scp"
)

// protectCommand appends the protected form of a plain command.
func (s *session) protectCommand(dst []byte, c *apdu.Command) ([]byte, error) {
	class, ok := scp.ProtectClass(c.CLA)
	if !ok {
		return dst, errClass
	}
	encrypt := s.level&scp.CDecryption != 0 && len(c.Data) > 0
	size := len(c.Data)
	if encrypt {
		size = mac.PaddedLen(size, blockSize)
	}
	lc := size + s.macSize
	if c.Extended && lc > apdu.MaxExtendedData || !c.Extended && lc > apdu.MaxShortData {
		return dst, ErrTooLong
	}
	dst = slices.Grow(dst, 7+lc+3)
	dst = append(dst, class, c.INS, c.P1, c.P2)
	if c.Extended {
		dst = append(dst, 0, byte(lc>>8))
	}
	dst = append(dst, byte(lc))
	start := len(dst)
	dst = append(dst, c.Data...)
	s.counter++
	if encrypt {
		dst = mac.AppendPad80(dst, start, blockSize)
		s.commandICV()
		s.enc.Encrypt(dst[start:], dst[start:], s.icv[:])
	}
	s.commandMAC(c, dst[start:])
	s.mcv = s.tag
	dst = append(dst, s.tag[:s.macSize]...)
	return appendLe(dst, c), nil
}

// unprotectCommand verifies a command and appends the plain one. cause is
// empty when it verifies; otherwise dst is as it was.
func (s *session) unprotectCommand(dst []byte, c *apdu.Command) (_ []byte, cause string) {
	class, ok := scp.UnprotectClass(c.CLA)
	if !ok {
		return dst, "command without secure messaging"
	}
	size := len(c.Data) - s.macSize
	if size < 0 {
		return dst, "command shorter than its C-MAC"
	}
	data := c.Data[:size]
	s.commandMAC(c, data)
	if !s.tagEqual(c.Data[size:]) {
		return dst, "C-MAC differs"
	}
	s.mcv = s.tag
	s.counter++
	base := len(dst)
	dst = append(slices.Grow(dst, 7+size+3), class, c.INS, c.P1, c.P2)
	if size == 0 {
		if c.Extended && c.Ne > 0 {
			dst = append(dst, 0)
		}
		return appendLe(dst, c), ""
	}
	if c.Extended {
		dst = append(dst, 0, 0)
	}
	dst = append(dst, 0)
	start := len(dst)
	dst = append(dst, data...)
	if s.level&scp.CDecryption != 0 {
		if size%blockSize != 0 {
			return dst[:base], "encrypted data is not whole blocks"
		}
		s.commandICV()
		s.enc.Decrypt(dst[start:], dst[start:], s.icv[:])
		if size, ok = unpadded(dst[start:]); !ok {
			clear(dst[start:])
			return dst[:base], "padding of the decrypted data"
		}
		dst = dst[:start+size]
	}
	if c.Extended {
		dst[start-2] = byte(size >> 8)
	}
	dst[start-1] = byte(size)
	return appendLe(dst, c), ""
}

// appendLe appends the Le field of a command that has a data field, or whose
// leading 00 of an extended Le is already there.
// Spec: SPEC-SCP03-050.
func appendLe(dst []byte, c *apdu.Command) []byte {
	if c.Ne == 0 {
		return dst
	}
	if c.Extended {
		dst = append(dst, byte(c.Ne>>8))
	}
	return append(dst, byte(c.Ne))
}
