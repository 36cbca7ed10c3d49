// Package jws signs messages with the compact serialisation of JSON Web Signature
// (RFC 7515), in a narrow profile: a header of exactly alg, kid and typ, and the
// algorithms EdDSA with Ed25519 (RFC 8037) and ES256 (RFC 7518 §3.4). The type
// separates what is signed from everything else that the same key may sign.
//
// It must not know what a message means, nor whose a key is. It implements
// spec/TSM-PROTOCOL.md §Signed messages.
package jws
