package vm

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// zeros is what new data is filled from; it is only read.
var zeros [32768]byte

// span is a free block.
type span struct{ at, size uint32 }

// heap is the host's list of free blocks, in the order of their addresses.
type heap struct {
	free  []span
	bytes int // in all of them
}

func (h *heap) clear() { h.free, h.bytes = h.free[:0], 0 }

func (h *heap) add(s span) {
	h.bytes += int(s.size)
	i, _ := slices.BinarySearchFunc(h.free, s, func(a, b span) int { return int(a.at) - int(b.at) })
	h.free = slices.Insert(h.free, i, s)
}

// fit finds the first free block with at least size bytes before an address, or with
// exact one in which a block of that size can be made; -1: none.
func (h *heap) fit(size uint32, exact bool, end uint32) int {
	for i, s := range h.free {
		if s.size >= size && s.at+size <= end && (!exact || blockSize(s, size) == size) {
			return i
		}
	}
	return -1
}

// merge joins neighbouring free blocks, each by one atomic write of a size.
func (m *Machine) merge() {
	out := m.heap.free[:0]
	for i := 0; i < len(m.heap.free); {
		s := m.heap.free[i]
		for i++; i < len(m.heap.free) && m.heap.free[i].at == s.at+s.size && m.heap.free[i].at != m.ownStart(); i++ {
			s.size += m.heap.free[i].size
		}
		if h := m.headerAt(s.at); h.size != s.size {
			binary.BigEndian.PutUint32(m.scratch[:], s.size)
			m.flash.WriteFor("heap", s.at, m.scratch[:4])
		}
		out = append(out, s)
	}
	m.heap.free = out
}

// allocate makes a block with the header h (without size) and dataBytes of
// data: zero, or a copy of data. It is in the heap with the last write and not
// before. In a transaction it is undone with it. False: no memory, or none for
// the account; the block may stand for one of replaced bytes, freed behind it.
// Spec: SPEC-JCVM-010, SPEC-JCVM-011.
func (m *Machine) allocate(h header, dataBytes int, data []byte, replaced uint32) (at uint32, ok bool) {
	size := (uint32(headerBytes+dataBytes) + 3) &^ 3
	i := m.choose(h.account, size, m.ownRecord || size <= replaced)
	if i < 0 {
		return 0, false
	}
	s := m.heap.free[i]
	if !m.admits(h.account, blockSize(s, size), replaced) {
		return 0, false
	}
	m.flush()
	if m.journal.open && !m.logOld(s.at, 0) {
		return 0, false
	}
	m.fill(s.at+headerBytes, dataBytes, data)
	h.size = blockSize(s, size)
	if h.size == size && s.size > size {
		rest := span{s.at + size, s.size - size}
		binary.BigEndian.PutUint32(m.scratch[:], rest.size)
		m.scratch[4], m.scratch[5] = 0, 0
		m.flash.WriteFor("heap", rest.at, m.scratch[:6])
		m.heap.free[i] = rest
	} else {
		m.heap.free = slices.Delete(m.heap.free, i, i+1)
	}
	m.heap.bytes -= int(h.size)
	m.writeHeader(s.at, &h)
	m.accountAt(h.account).bytes += h.size
	return s.at, true
}

// blockSize is the size of a block that is made in a free one: what would be left
// of that may be too small for a block.
func blockSize(s span, size uint32) uint32 {
	if s.size-size >= minBlock {
		return size
	}
	return s.size
}

// choose finds a free block with at least size bytes, or -1. An account with a
// quota gets no byte more than it asks for while there is a place for that. What is
// the card's own lies at the end of the heap, in one piece, for what may take it.
// It comes last, but before what is kept for an account. Spec: SPEC-JCVM-082,
// SPEC-JCVM-087.
func (m *Machine) choose(a Account, size uint32, own bool) int {
	if own && m.limited && int64(size) > int64(m.frontBytes())-m.keptForOthers(a, Persistent) {
		for i, s := range m.heap.free {
			if s.at >= m.ownStart() && s.size >= size {
				return i
			}
		}
	}
	bounded := m.limited && m.accountAt(a).limits.NonVolatile.Quota > 0
	end := m.heapEnd
	if !own {
		end = m.ownStart()
	}
	i := m.heap.fit(size, bounded, end)
	if i < 0 {
		m.merge()
		i = m.heap.fit(size, bounded, end)
	}
	if i < 0 && bounded {
		i = m.heap.fit(size, false, end)
	}
	return i
}

// ownStart is where the memory begins that is the card's own.
func (m *Machine) ownStart() uint32 {
	return m.heapEnd - min(uint32(m.cfg.OwnBytes)&^3, (m.heapEnd-m.heapStart)/2)
}

// frontBytes is the free memory before it.
func (m *Machine) frontBytes() int {
	n := uint32(0)
	for _, s := range m.heap.free {
		if own := m.ownStart(); s.at < own {
			n += min(s.size, own-s.at)
		}
	}
	return int(n)
}

// fill writes the data of a new block.
func (m *Machine) fill(at uint32, n int, data []byte) {
	if data != nil {
		m.flash.WriteFor("heap", at, data)
		return
	}
	for n > 0 {
		k := min(n, len(zeros))
		m.flash.WriteFor("heap", at, zeros[:k])
		at, n = at+uint32(k), n-k
	}
}

// writeHeader writes a header so that a cut leaves a free block of the old or
// the new size, or the whole header: a header that crosses a page's end is
// written with its handle last.
func (m *Machine) writeHeader(at uint32, h *header) {
	buf := m.headerBuf[:]
	h.put(buf)
	switch m.pageBytes - at%m.pageBytes {
	case 4: // size | handle, class, type, context, length
		m.flash.WriteFor("heap", at, buf[:4])
		m.flash.WriteFor("heap", at+4, buf[4:])
	case 8: // size, handle, class | type, context, length
		m.flash.WriteFor("heap", at+8, buf[8:])
		m.flash.WriteFor("heap", at, buf[:8])
	default:
		m.flash.WriteFor("heap", at, buf)
	}
}

// freedBytes is how many bytes of a block's header change when it is free again.
const freedBytes = 2

// free gives a block back: one atomic write, or with the open transaction.
func (m *Machine) free(block uint32) bool {
	h := m.headerAt(block)
	m.flush()
	s := span{block, h.size}
	if m.journal.open {
		if !m.logOld(block+4, freedBytes) {
			return false
		}
		m.journal.freed = append(m.journal.freed, s)
	} else {
		m.heap.add(s)
	}
	m.flash.WriteFor("heap", block+4, zeros[:freedBytes])
	m.accountAt(h.account).bytes -= h.size
	if m.wipe && !m.journal.open {
		m.wipeSpan(s)
	}
	return true
}

// eachBlock walks the heap. Errors name the place where it is damaged.
func (m *Machine) eachBlock(fn func(at uint32, h header) error) error {
	for at := m.heapStart; at < m.heapEnd; {
		h := m.headerAt(at)
		if h.size < headerBytes || h.size%4 != 0 || h.size > m.heapEnd-at {
			return fmt.Errorf("vm: heap block at %06X has the size %d", at, h.size)
		}
		if err := fn(at, h); err != nil {
			return err
		}
		at += h.size
	}
	return nil
}

// FreeBytes is the free NVM, block headers included; LargestFreeBytes the
// largest object data that fits.
func (m *Machine) FreeBytes() int { return m.heap.bytes }

// LargestFreeBytes is explained at FreeBytes.
func (m *Machine) LargestFreeBytes() int { return m.largestBefore(m.heapEnd) }

// largestBefore is the largest object data that fits before an address.
func (m *Machine) largestBefore(limit uint32) int {
	largest, run, end := 0, 0, uint32(0)
	for _, s := range m.heap.free {
		if s.at != end {
			run = 0
		}
		end = s.at + s.size
		run += int(min(end, max(limit, s.at)) - s.at)
		largest = max(largest, run)
	}
	return max(0, largest-headerBytes)
}
