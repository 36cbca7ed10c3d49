package vm

// WipeFreed runs fn, and overwrites with zeros the content of each block that it
// gives back and commits: of records that hold secrets. A power cut may leave
// some of it: see WipeFree.
func (m *Machine) WipeFreed(fn func()) {
	before := m.wipe
	m.wipe = true
	defer func() { m.wipe = before }()
	fn()
}

// wipeSpan overwrites what is behind the header of a free block.
func (m *Machine) wipeSpan(s span) {
	if s.size <= headerBytes {
		return
	}
	at, n := s.at+headerBytes, int(s.size-headerBytes)
	buf := make([]byte, 64)
	for n > 0 {
		k := min(n, len(buf))
		m.flash.Read(at, buf[:k])
		for i := range buf[:k] {
			if buf[i] != 0 && buf[i] != 0xFF {
				m.fill(at, k, nil)
				break
			}
		}
		at, n = at+uint32(k), n-k
	}
}

// WipeFree overwrites the content of all free blocks: for a platform that a
// power cut interrupted within WipeFreed.
func (m *Machine) WipeFree() {
	m.flush()
	for _, s := range append([]span(nil), m.heap.free...) {
		m.wipeSpan(s)
	}
}
