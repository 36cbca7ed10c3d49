package vm

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// Layout of the NVM (spec/JCVM.md §Formats): superblock page, journal, heap.
const (
	superMagic  = "inkanJC\x01"
	superBytes  = 20 // magic(8) journal offset(4) heap offset(4) CRC-32 of the API list(4)
	headerBytes = 12 // of a heap block
	minBlock    = 16
	maxBlock    = 1<<24 - 1
)

// Types of heap blocks.
const (
	blockInstance   = 0
	blockReset      = 0x40 // bit: CLEAR_ON_RESET
	blockDeselect   = 0x80 // bit: CLEAR_ON_DESELECT
	blockPackage    = 0xF0
	blockStatics    = 0xF1
	blockRecord     = 0xF2
	systemHandle    = 0xFFFF
	maxHandle       = 0xFFFE
	noClass         = 0xFFFF
	apiPackage      = 0x80 // bit of the package index of a class in ROM
	maxPackages     = 0x7F
	firstSystemType = 0xF0
)

// header is a heap block's header: account(1) size(3, header included)
// handle(2, 0 free) class(2) type(1) context(1) length(2). A free block's account
// says nothing.
type header struct {
	account       Account
	size          uint32
	handle, class uint16
	typ, context  byte
	length        uint16
}

func (h *header) put(b []byte) {
	binary.BigEndian.PutUint32(b, uint32(h.account)<<24|h.size)
	binary.BigEndian.PutUint16(b[4:], h.handle)
	binary.BigEndian.PutUint16(b[6:], h.class)
	b[8], b[9] = h.typ, h.context
	binary.BigEndian.PutUint16(b[10:], h.length)
}

func (m *Machine) headerAt(at uint32) (h header) {
	b := m.scratch[:headerBytes]
	m.flash.Read(at, b)
	h.account = Account(b[0])
	h.size = binary.BigEndian.Uint32(b) & maxBlock
	h.handle = binary.BigEndian.Uint16(b[4:])
	h.class = binary.BigEndian.Uint16(b[6:])
	h.typ, h.context = b[8], b[9]
	h.length = binary.BigEndian.Uint16(b[10:])
	return h
}

// apiSum identifies the API list, whose order is part of a card's format.
func apiSum(api []*APIPackage) uint32 {
	sum := crc32.NewIEEE()
	for _, p := range api {
		fmt.Fprintf(sum, "%x %d;", p.AID, p.Version.Major)
	}
	return sum.Sum32()
}

// format writes an empty heap and journal and, last, the superblock.
func (m *Machine) format() {
	h := header{size: m.heapEnd - m.heapStart}
	b := make([]byte, max(headerBytes, superBytes))
	if own := m.ownStart(); own < m.heapEnd { // a block of its own
		h.size = m.heapEnd - own
		h.put(b)
		m.flash.WriteFor("format", own, b[:headerBytes])
		h.size = own - m.heapStart
	}
	h.put(b)
	m.flash.WriteFor("format", m.heapStart, b[:headerBytes])
	m.flash.WriteFor("format", m.journalStart, []byte{0, 0, 0, 1})
	m.flash.WriteFor("format", 0, m.superblock())
}

func (m *Machine) superblock() []byte {
	b := append(make([]byte, 0, superBytes), superMagic...)
	b = binary.BigEndian.AppendUint32(b, m.journalStart)
	b = binary.BigEndian.AppendUint32(b, m.heapStart)
	return binary.BigEndian.AppendUint32(b, apiSum(m.cfg.API))
}
