package nvm

// chunkBytes is the unit in which images share content on the host. It says
// nothing about the card: pages are smaller.
const chunkBytes = 4096

// erased is the value of a byte that was never programmed.
const erased = 0xFF

type chunk [chunkBytes]byte

var blank = func() *chunk {
	c := new(chunk)
	for i := range c {
		c[i] = erased
	}
	return c
}()

// image is copy-on-write content: chunks that are shared until written.
type image struct {
	size   uint32
	chunks []*chunk
	owned  []bool // whether the chunk is this image's alone
}

func newImage(size uint32) image {
	n := (size + chunkBytes - 1) / chunkBytes
	m := image{size: size, chunks: make([]*chunk, n), owned: make([]bool, n)}
	for i := range m.chunks {
		m.chunks[i] = blank
	}
	return m
}

// fork shares all chunks between both images from now on.
func (m *image) fork() image {
	clear(m.owned)
	return image{size: m.size, chunks: append([]*chunk(nil), m.chunks...), owned: make([]bool, len(m.owned))}
}

func (m *image) read(off uint32, dst []byte) {
	m.check(off, len(dst))
	for len(dst) > 0 {
		n := copy(dst, m.chunks[off/chunkBytes][off%chunkBytes:])
		dst, off = dst[n:], off+uint32(n)
	}
}

func (m *image) write(off uint32, src []byte) {
	m.check(off, len(src))
	for len(src) > 0 {
		i := off / chunkBytes
		if !m.owned[i] {
			c := *m.chunks[i]
			m.chunks[i], m.owned[i] = &c, true
		}
		n := copy(m.chunks[i][off%chunkBytes:], src)
		src, off = src[n:], off+uint32(n)
	}
}

func (m *image) check(off uint32, n int) {
	if uint64(off)+uint64(n) > uint64(m.size) {
		panic("nvm: access beyond the memory")
	}
}
