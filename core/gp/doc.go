// Package gp is the vocabulary of the GlobalPlatform Card Specification 2.3.1
// for both ends of the pipe: one struct per instruction, which a host encodes
// and a card decodes, its response, which a card encodes and a host decodes,
// and the names that both share (AIDs, privileges, life cycles, registry
// entries, data objects).
//
// Host: fill the struct, call APDU, transmit, decode the response. Card: call
// the DecodeXxx of the instruction; StatusOf turns its error into the status
// word to answer. Slices in decoded structs are borrowed from the input.
//
// It must not know where keys are kept, secure-channel cryptography (package
// scp), or how a card stores or decides anything; key types are those of package
// keys. It implements spec/GP.md and spec/GP-CONTENT.md.
package gp
