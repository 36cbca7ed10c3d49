// Package mac has the MACs, key derivation, modes and paddings of the secure
// channels: AES-CMAC and the counter-mode KDF over it, AES-CBC without
// allocation, the DES-based MACs, and the 80 00… padding.
//
// It must not know any message of a channel; those are core/scp and below. It
// implements the cryptography of spec/SCP02.md and spec/SCP03.md: RFC 4493,
// NIST SP 800-38A/38B/108r1, ISO/IEC 9797-1.
package mac
