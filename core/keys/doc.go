// Package keys is what is known about card keys apart from the channels that
// use them: key types, key version numbers, key check values, and how a
// card's own keys come out of an issuer's master keys.
//
// It must not know any command or channel. It implements spec/KEYS.md
// (GlobalPlatform Card Specification 2.3.1 §11.1.8 and appendix B, Amendments
// B and D).
package keys
