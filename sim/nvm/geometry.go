package nvm

import "fmt"

// Geometry is a memory's size and cost, part of a chip's data. Times are CPU
// cycles; they never depend on content (design decision 6): a page update
// always erases and always programs.
type Geometry struct {
	SizeBytes     uint32 // capacity, a multiple of PageBytes
	PageBytes     uint32 // unit of update, a power of two from 16 to 4096
	EraseCycles   uint64 // erasing one page
	ProgramCycles uint64 // programming one page: set-up and switch-over
	WordBytes     uint32 // unit of programming, a power of two, at most PageBytes
	WordCycles    uint64 // programming one word
}

// Check tells what is wrong with a geometry.
func (g Geometry) Check() error {
	powerOfTwo := func(n uint32) bool { return n != 0 && n&(n-1) == 0 }
	switch {
	case !powerOfTwo(g.PageBytes) || g.PageBytes < 16 || g.PageBytes > chunkBytes:
		return fmt.Errorf("nvm: page of %d bytes: want a power of two from 16 to %d", g.PageBytes, chunkBytes)
	case !powerOfTwo(g.WordBytes) || g.WordBytes > g.PageBytes:
		return fmt.Errorf("nvm: word of %d bytes: want a power of two up to the page's %d", g.WordBytes, g.PageBytes)
	case g.SizeBytes == 0 || g.SizeBytes%g.PageBytes != 0 || g.SizeBytes > MaxSizeBytes:
		return fmt.Errorf("nvm: size of %d bytes: want a multiple of the page's %d up to %d", g.SizeBytes, g.PageBytes, MaxSizeBytes)
	}
	return nil
}

// MaxSizeBytes is the largest memory: 16 MiB, far above any card's.
const MaxSizeBytes = 16 << 20

// words is the number of words that [off, off+n) touches.
func (g *Geometry) words(off, n uint32) uint64 {
	return uint64((off+n-1)/g.WordBytes - off/g.WordBytes + 1)
}
