package nvm

import (
	"inkan/core/observe"
	"inkan/sim/clock"
)

// Flash is a Memory that costs time and wears out, and whose updates a power
// cut can prevent.
type Flash struct {
	geometry Geometry
	clock    *clock.Clock
	observer observe.Observer
	image    image
	wear     []uint32 // updates per page
	before   func(page uint32)
	event    observe.NVMWrite // reused, so that listening allocates nothing
}

// NewFlash makes an erased memory that spends its time on k. The observer may
// be nil.
func NewFlash(g Geometry, k *clock.Clock, o observe.Observer) (*Flash, error) {
	if err := g.Check(); err != nil {
		return nil, err
	}
	return &Flash{
		geometry: g,
		clock:    k,
		observer: o,
		image:    newImage(g.SizeBytes),
		wear:     make([]uint32, g.SizeBytes/g.PageBytes),
	}, nil
}

// Geometry is the memory's size and cost.
func (f *Flash) Geometry() Geometry { return f.geometry }

// Size is the capacity in bytes.
func (f *Flash) Size() uint32 { return f.geometry.SizeBytes }

// Wear is how often a page was updated.
func (f *Flash) Wear(page uint32) uint32 { return f.wear[page] }

// Writes is the number of page updates in the memory's life.
func (f *Flash) Writes() uint64 {
	var n uint64
	for _, w := range f.wear {
		n += uint64(w)
	}
	return n
}

// Read copies len(dst) bytes from off. It costs no time here: what a fetch
// costs is the CPU's matter.
func (f *Flash) Read(off uint32, dst []byte) { f.image.read(off, dst) }

// Byte reads one byte.
func (f *Flash) Byte(off uint32) byte {
	return f.image.chunks[off/chunkBytes][off%chunkBytes]
}

// Uint16 reads two bytes, big-endian.
func (f *Flash) Uint16(off uint32) uint16 {
	i := off % chunkBytes
	if i == chunkBytes-1 {
		return f.split16(off)
	}
	c := f.image.chunks[off/chunkBytes]
	return uint16(c[i])<<8 | uint16(c[i+1])
}

// Aligned16 is Uint16 at an even offset (of an odd one the lowest bit is
// ignored): small enough to be inlined.
func (f *Flash) Aligned16(off uint32) uint16 {
	c, i := f.image.chunks[off/chunkBytes], off%chunkBytes&^1
	return uint16(c[i])<<8 | uint16(c[i+1])
}

// split16 is Uint16 across a chunk's end.
func (f *Flash) split16(off uint32) uint16 {
	return uint16(f.Byte(off))<<8 | uint16(f.Byte(off+1))
}

// BeforeUpdate has fn called before each page update, when all earlier ones
// are complete: the place to Fork and see what a power cut would leave there.
// nil takes it back.
func (f *Flash) BeforeUpdate(fn func(page uint32)) { f.before = fn }

// Write updates the pages that [off, off+len(src)) touches, in rising order.
// Each is erased and programmed in the chip's time and then switched over at
// once: a power cut leaves it as it was. Spec: SPEC-NVM-002, SPEC-NVM-003,
// SPEC-NVM-004.
func (f *Flash) Write(off uint32, src []byte) { f.WriteFor("", off, src) }

// WriteFor is Write with the reason that observers are told, a constant.
func (f *Flash) WriteFor(cause string, off uint32, src []byte) {
	f.image.check(off, len(src))
	for len(src) > 0 {
		n := min(f.geometry.PageBytes-off%f.geometry.PageBytes, uint32(len(src)))
		f.update(cause, off, src[:n])
		src, off = src[n:], off+n
	}
}

// update stores src within one page.
func (f *Flash) update(cause string, off uint32, src []byte) {
	page := off / f.geometry.PageBytes
	if f.before != nil {
		f.before(page)
	}
	f.clock.Advance(clock.NVMErase, f.geometry.EraseCycles)
	words := f.geometry.words(off, uint32(len(src)))
	program := f.geometry.ProgramCycles + words*f.geometry.WordCycles
	f.clock.Advance(clock.NVMProgram, program)
	f.image.write(off, src)
	f.wear[page]++
	if f.observer != nil {
		f.event = observe.NVMWrite{Cycle: f.clock.Now(), Offset: off, Size: uint32(len(src)), Erased: true,
			Cause: cause, Cost: f.geometry.EraseCycles + program}
		f.observer.NVM(&f.event)
	}
}

// Fork is ForkOn with a clock of its own that starts at zero.
func (f *Flash) Fork() Memory { return f.ForkOn(new(clock.Clock), nil) }

// ForkOn is an independent memory with the same content and wear on another
// clock. It costs the host one pointer for each 4 KiB, and the wear counters.
func (f *Flash) ForkOn(k *clock.Clock, o observe.Observer) *Flash {
	return &Flash{
		geometry: f.geometry,
		clock:    k,
		observer: o,
		image:    f.image.fork(),
		wear:     append([]uint32(nil), f.wear...),
	}
}
