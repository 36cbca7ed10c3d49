// Package security is the natives of javacard.security and javacardx.crypto:
// keys, ciphers, signatures, digests, key agreement, random data, checksums.
//
// Keys and what init was given live in the card's heap: in the objects' cells
// and in byte arrays that are persistent or transient as the key's type says.
// What is kept beside them on the host is the running state of an operation,
// which a reset loses on a card as well, and prepared keys, which are checked
// against the card's bytes at every use.
//
// It must not know how an algorithm works or what it costs; those are
// sim/engine's. It implements spec/TIMING.md §API methods and the Java Card API
// 3.0.5.
package security
