// Package scp03 is the AES secure channel SCP03, both sides: Handshake and
// Host off the card, Card on it. A Card answers INITIALIZE UPDATE and EXTERNAL
// AUTHENTICATE; after that both sides wrap and unwrap APDUs without allocating.
//
// It must not know any other instruction, nor where keys and counters are
// kept. It implements spec/SCP03.md (GlobalPlatform Card Specification
// Amendment D 1.2).
package scp03
