package scp02

import (
	"crypto/subtle"

	"inkan/core/mac"
)

// Sizes of the opening exchange, in bytes.
const (
	HostChallengeSize  = 8
	CardChallengeSize  = 6
	CryptogramSize     = 8
	MACSize            = blockSize
	diversificationLen = 10
)

// cryptogram writes the full triple-DES CBC-MAC, IV zero, over the two 8-byte
// halves a and b and a block of padding.
func cryptogram(dst *[CryptogramSize]byte, enc *mac.CBC, a, b *[blockSize]byte) {
	*dst = *a
	enc.Block(dst[:], dst[:])
	subtle.XORBytes(dst[:], dst[:], b[:])
	enc.Block(dst[:], dst[:])
	dst[0] ^= 0x80
	enc.Block(dst[:], dst[:])
}

// setChallenge keeps the sequence counter and the card challenge as the block
// that both cryptograms use.
func (s *session) setChallenge(sequence uint16, challenge *[CardChallengeSize]byte) {
	s.challengeBlock[0], s.challengeBlock[1] = byte(sequence>>8), byte(sequence)
	copy(s.challengeBlock[2:], challenge[:])
}

// cardCryptogram is over host challenge || sequence counter || card challenge.
// Spec: SPEC-SCP02-025.
func (s *session) cardCryptogram(dst *[CryptogramSize]byte, host *[HostChallengeSize]byte) {
	cryptogram(dst, s.enc, host, &s.challengeBlock)
}

// hostCryptogram is over sequence counter || card challenge || host challenge.
// Spec: SPEC-SCP02-026.
func (s *session) hostCryptogram(dst *[CryptogramSize]byte, host *[HostChallengeSize]byte) {
	cryptogram(dst, s.enc, &s.challengeBlock, host)
}

// pseudoRandomChallenge writes the first 6 bytes of the retail MAC under the
// C-MAC session key, ICV zero, over the padded AID of the security domain.
// Spec: SPEC-SCP02-024.
func (s *session) pseudoRandomChallenge(dst *[CardChallengeSize]byte, aid []byte) {
	s.cmac.Reset()
	s.cmac.Write(aid)
	s.cmac.Append(s.tag[:0])
	copy(dst[:], s.tag[:])
}
