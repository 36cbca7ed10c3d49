package scp02

import (
	"inkan/core/apdu"
	"inkan/core/mac"
	"inkan/core/scp"
)

// Unwrap verifies and decrypts a command APDU and appends the plain one to dst.
// The only error is scp.ErrSecurity; it ends the session. At levels 00 and 10 a
// plain command passes as it is and a protected one fails.
// Spec: SPEC-SCP02-040, SPEC-SCP02-043, SPEC-SCP02-049, SPEC-SCP02-053,
// SPEC-SCP02-080, SPEC-SCP02-082, SPEC-SCP02-083, SPEC-SCP02-085,
// SPEC-SCP02-087.
func (c *Card) Unwrap(dst, cmd []byte) ([]byte, error) {
	if c.state != cardOpen {
		return dst, c.fail("no session is open")
	}
	k, err := apdu.DecodeCommand(cmd)
	if err != nil {
		return dst, c.fail(err.Error())
	}
	plain, protected := scp.UnprotectClass(k.CLA)
	wanted := c.session.level&scp.CMAC != 0
	switch {
	case protected != wanted, !protected && !scp.PlainClass(k.CLA):
		return dst, c.fail("class byte does not fit the security level")
	case k.Extended:
		return dst, c.fail("extended length")
	case !wanted:
		c.session.openResponse(&k)
		return append(dst, cmd...), nil
	}
	out, cause := c.session.unprotect(dst, &k, plain)
	if cause != "" {
		clear(out[len(dst):])
		return dst, c.fail(cause)
	}
	return out, nil
}

// unprotect appends the plain form of a protected command, with the class byte
// plain, to dst. The MAC is over plain data, so decryption comes first; a wrong
// padding is told apart from a wrong MAC only after both have been looked at,
// and only to the observer.
func (s *session) unprotect(dst []byte, k *apdu.Command, plain byte) (out []byte, cause string) {
	n := len(k.Data) - MACSize
	encrypted := s.level&scp.CDecryption != 0
	if n < 0 || encrypted && n%blockSize != 0 {
		return dst, "length of the data field"
	}
	got := k.Data[n:]
	dst = append(dst, plain, k.INS, k.P1, k.P2, 0)
	start := len(dst)
	dst = append(dst, k.Data[:n]...)
	padded := true
	if encrypted && n > 0 {
		s.enc.Decrypt(dst[start:], dst[start:], nil)
		n, padded = unpad(dst[start:])
	}
	data := dst[start : start+n]
	s.commandMAC(k.CLA, k.INS, k.P1, k.P2, data)
	if macOK := equal(s.tag[:], got); !macOK || !padded {
		return dst, "C-MAC or padding differs"
	}
	s.advanceChain()
	clear(dst[start+n:])
	dst = dst[:start+n]
	dst[start-1] = byte(n)
	if n == 0 {
		dst = dst[:start-1]
	}
	if k.Ne > 0 {
		dst = append(dst, byte(k.Ne))
	}
	s.openResponse(&apdu.Command{CLA: plain, INS: k.INS, P1: k.P1, P2: k.P2, Data: data})
	return dst, ""
}

// unpad finds the end of the data before its 80 00… padding of at most one
// block. Without a padding the length is that of the longest padded data, so
// that the MAC computed next costs what it costs for a good one.
// Spec: SPEC-SCP02-049, SPEC-SCP02-053.
func unpad(b []byte) (n int, ok bool) {
	n, ok = mac.Unpad80(b)
	if !ok || len(b)-n > blockSize {
		return len(b) - 1, false
	}
	return n, true
}

// Wrap appends the protected form of the plain response to the last unwrapped
// command to dst: with the R-MAC in levels with R-MAC, else as it is.
// Spec: SPEC-SCP02-060, SPEC-SCP02-062, SPEC-SCP02-065, SPEC-SCP02-088.
func (c *Card) Wrap(dst, resp []byte) ([]byte, error) {
	if c.state != cardOpen {
		return dst, c.fail("no session is open")
	}
	data, sw, err := splitResponse(resp)
	s := c.session
	carries := s.responseCarriesMAC()
	switch {
	case err != nil:
		return dst, c.fail(err.Error())
	case s.hasRMAC() && !s.responseOpen:
		return dst, c.fail("a response without a command")
	case carries && len(data) > apdu.MaxShortNe-MACSize:
		return dst, c.fail("response data leaves no room for the R-MAC")
	}
	dst = append(dst, data...)
	if s.hasRMAC() {
		s.responseMAC(data, sw)
		s.responseChain = s.tag
	}
	if carries {
		dst = append(dst, s.tag[:]...)
	}
	s.settle()
	return append(dst, sw...), nil
}

// DecryptSensitive appends the plain form of enc, whole blocks of 8 bytes under
// the data encryption session key. Other lengths, 0 too, are scp.ErrSecurity
// and end the session.
// Spec: SPEC-SCP02-070, SPEC-SCP02-071.
func (c *Card) DecryptSensitive(dst, enc []byte) ([]byte, error) {
	if c.state != cardOpen {
		return dst, c.fail("no session is open")
	}
	if len(enc) == 0 || len(enc)%blockSize != 0 {
		return dst, c.fail("sensitive data is not whole blocks")
	}
	return c.session.decryptSensitive(dst, enc), nil
}

// EncryptSensitive appends plain, whole blocks of 8 bytes, under the data
// encryption session key. Other lengths, 0 too, are scp.ErrSecurity and end the
// session.
// Spec: SPEC-SCP02-070, SPEC-SCP02-071.
func (c *Card) EncryptSensitive(dst, plain []byte) ([]byte, error) {
	if c.state != cardOpen {
		return dst, c.fail("no session is open")
	}
	if len(plain) == 0 || len(plain)%blockSize != 0 {
		return dst, c.fail("sensitive data is not whole blocks")
	}
	return c.session.encryptSensitive(dst, plain), nil
}
