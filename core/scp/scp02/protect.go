package scp02

import (
	"inkan/core/apdu"
	"inkan/core/scp"
)

// MaxCommandData is how many bytes of plain data fit a command at a level: 247
// with C-MAC, 239 with C-DECRYPTION too.
// Spec: SPEC-SCP02-050, SPEC-SCP02-051.
func MaxCommandData(level scp.Level) int {
	room := apdu.MaxShortData
	if level&scp.CMAC != 0 {
		room -= MACSize
	}
	if level&scp.CDecryption != 0 {
		room = room/blockSize*blockSize - 1
	}
	return room
}

// MaxResponseData is how many bytes of plain data fit a response at a level:
// 248 with R-MAC.
// Spec: SPEC-SCP02-088.
func MaxResponseData(level scp.Level) int {
	if level&scp.RMAC != 0 {
		return apdu.MaxShortNe - MACSize
	}
	return apdu.MaxShortNe
}

// commandMAC computes the C-MAC of a command with plain data into s.tag. The
// first one of a session has ICV zero; later ones the C-MAC before it, which
// option bit 10 encrypts. EXTERNAL AUTHENTICATE is always MACed as modified.
// Spec: SPEC-SCP02-042, SPEC-SCP02-043, SPEC-SCP02-044, SPEC-SCP02-045,
// SPEC-SCP02-046, SPEC-SCP02-047.
func (s *session) commandMAC(cla, ins, p1, p2 byte, data []byte) {
	lc, modified := len(data), s.options&MACOnUnmodified == 0 || !s.chained
	if modified {
		lc += MACSize
	}
	if s.chained && s.options&ICVEncryption != 0 {
		s.cmac.ResetEncryptedICV(s.chain)
	} else {
		s.cmac.ResetICV(s.chain)
	}
	s.head = [6]byte{scp.MACClass(cla, modified), ins, p1, p2, byte(lc)}
	s.cmac.Write(s.head[:5])
	s.cmac.Write(data)
	s.cmac.Append(s.tag[:0])
}

// advanceChain makes the C-MAC in s.tag the start of the next one.
func (s *session) advanceChain() { s.chain, s.chained = s.tag, true }

// hasRMAC reports whether responses enter an R-MAC now.
func (s *session) hasRMAC() bool { return s.level&scp.RMAC != 0 || s.silentRMAC }

// openResponse takes a plain command into the R-MAC of its response.
// Spec: SPEC-SCP02-060, SPEC-SCP02-061.
func (s *session) openResponse(c *apdu.Command) {
	s.pending = rmacUnchanged
	s.responseOpen = s.hasRMAC()
	if !s.responseOpen {
		return
	}
	s.rmac.ResetICV(s.responseChain)
	s.head = [6]byte{scp.MACClass(c.CLA, false), c.INS, c.P1, c.P2, byte(len(c.Data))}
	s.rmac.Write(s.head[:5])
	s.rmac.Write(c.Data)
}

// responseMAC computes the R-MAC of a response to the command that
// openResponse took into s.tag.
// Spec: SPEC-SCP02-060, SPEC-SCP02-062.
func (s *session) responseMAC(data, sw []byte) {
	s.head[0] = byte(len(data))
	s.rmac.Write(s.head[:1])
	s.rmac.Write(data)
	s.rmac.Write(sw)
	s.rmac.Append(s.tag[:0])
	s.responseOpen = false
}

// encryptSensitive appends plain under S-DEK in ECB mode. The length is whole
// blocks: the caller has checked.
// Spec: SPEC-SCP02-070.
func (s *session) encryptSensitive(dst, plain []byte) []byte {
	start := len(dst)
	dst = append(dst, plain...)
	for b := dst[start:]; len(b) > 0; b = b[blockSize:] {
		s.dek.Encrypt(b[:blockSize], b[:blockSize])
	}
	return dst
}

// decryptSensitive is the inverse of encryptSensitive.
func (s *session) decryptSensitive(dst, enc []byte) []byte {
	start := len(dst)
	dst = append(dst, enc...)
	for b := dst[start:]; len(b) > 0; b = b[blockSize:] {
		s.dek.Decrypt(b[:blockSize], b[:blockSize])
	}
	return dst
}
