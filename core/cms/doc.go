// Package cms makes, reads and verifies signed data of the Cryptographic Message
// Syntax (RFC 5652) in the one form that applications have: DER, content
// attached, one signer with certificate and signed attributes, RSASSA-PKCS1-v1_5
// with SHA-256.
//
// Whoever signs is a crypto.Signer: a key in memory, an HSM, or a card that is
// given a DigestInfo. The signing time is an argument. Verify says whose
// certificate the signature is of; whether that certificate is good is for the
// caller.
//
// It must not know what is signed, nor any chain of certificates, clock or
// status. It implements the part of spec/APPLICATION.md about signed data.
package cms
