// Package nvm is the card's non-volatile memory: pages with program and erase
// time and wear, over copy-on-write images that fork at no cost.
//
// It must not know what is stored in it; the transaction journal is the
// runtime's. It implements spec/NVM.md.
package nvm

import "io"

// Memory is byte-addressed storage that survives power. Offsets beyond Size
// are the caller's bug and panic. Not for concurrent use.
type Memory interface {
	// Read copies len(dst) bytes from off.
	Read(off uint32, dst []byte)
	// Write stores src at off, page by page in rising order. A power cut
	// leaves each page either as it was or complete. Spec: SPEC-NVM-002.
	Write(off uint32, src []byte)
	// Size is the capacity in bytes.
	Size() uint32
	// Fork is an independent memory with the same content and wear; the two
	// share what neither has written since.
	Fork() Memory
	// Snapshot writes content and wear in the form that Restore reads.
	Snapshot(w io.Writer) error
}
