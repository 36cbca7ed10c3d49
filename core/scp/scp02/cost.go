package scp02

import "inkan/core/scp"

// DESCount counts block operations of the DES engine.
type DESCount struct {
	Single int // single DES
	Triple int // triple DES, each three single ones in hardware without EDE
}

// Plus is the sum.
func (n DESCount) Plus(m DESCount) DESCount {
	return DESCount{n.Single + m.Single, n.Triple + m.Triple}
}

// CommandCost counts what one side does to protect, or verify and decrypt, a
// command with dataBytes of plain data: for the C-MAC one single DES per whole
// block of header, Lc and data and one for the encrypted ICV, and one triple
// DES at its end; for the encryption one triple DES per padded block.
// Spec: SPEC-SCP02-100.
func CommandCost(i Options, level scp.Level, dataBytes int) (n DESCount) {
	if level&scp.CMAC == 0 {
		return n
	}
	n = DESCount{Single: (5 + dataBytes) / blockSize, Triple: 1}
	if i&ICVEncryption != 0 {
		n.Single++
	}
	if level&scp.CDecryption != 0 && dataBytes > 0 {
		n.Triple += dataBytes/blockSize + 1
	}
	return n
}

// ResponseCost counts what one side does for the R-MAC of a response with
// dataBytes of data to a command with commandBytes of plain data.
// Spec: SPEC-SCP02-101.
func ResponseCost(level scp.Level, commandBytes, dataBytes int) DESCount {
	if level&scp.RMAC == 0 {
		return DESCount{}
	}
	return DESCount{Single: (8 + commandBytes + dataBytes) / blockSize, Triple: 1}
}

// OpeningCost counts what the card does from INITIALIZE UPDATE to the end of
// EXTERNAL AUTHENTICATE: two triple DES per session key, three per cryptogram,
// the pseudo-random challenge over an AID of aidBytes where the option has it,
// and the first C-MAC, whose ICV is not encrypted.
// Spec: SPEC-SCP02-102.
func OpeningCost(i Options, aidBytes int) DESCount {
	n := DESCount{Single: (5 + CryptogramSize) / blockSize, Triple: 3*2 + 2*3 + 1}
	if i&ResponseMAC != 0 {
		n.Triple += 2
	}
	if i&PseudoRandom != 0 {
		n = n.Plus(DESCount{Single: aidBytes / blockSize, Triple: 1})
	}
	return n
}
