package vm

import (
	"encoding/binary"
	"hash/crc32"
)

// The journal is an undo log. Its first page begins with the epoch(4) and a byte
// that is 1 while old bytes of secrets may stand in entries, valid or not:
// whoever ends a transaction then overwrites them. Entries follow from the second
// page on: epoch(4) address(4) length(2) old bytes CRC-32(4) of all before. Length 0 means that a block at the address was
// allocated. Entries are valid while their epoch is the journal's, so that one
// page update (epoch + 1) ends a transaction. Behind the last entry stands the
// complement of the epoch: old bytes that a program once had in its arrays, and
// that it could have given the form of an entry, are never reached.
const entryBytes = 14

type journal struct {
	start, end uint32   // of the entries
	next       uint32   // where the next entry goes
	epoch      uint32   // current
	entries    []uint32 // offsets of valid entries, in order
	open       bool     // a transaction is open
	secret     bool     // entries hold old bytes of secrets
	used       uint32   // end of what was written since secret is set
	buf        []byte
	freed      []span // blocks freed in the open transaction
}

// openJournal reads the epoch and finds the entries that an interrupted
// transaction left.
func (m *Machine) openJournal() {
	j := &m.journal
	j.start, j.end = m.journalStart+m.pageBytes, m.heapStart
	m.flash.Read(m.journalStart, m.scratch[:5])
	j.epoch, j.secret = binary.BigEndian.Uint32(m.scratch[:4]), m.scratch[4] == 1
	j.entries, j.freed, j.open, j.next, j.used = j.entries[:0], j.freed[:0], false, j.start, j.end
	if cap(j.buf) < int(j.end-j.start) {
		j.buf = make([]byte, j.end-j.start)
	}
	for m.validEntry(j.next) {
		j.entries = append(j.entries, j.next)
		j.next += entryBytes + uint32(binary.BigEndian.Uint16(j.buf[8:]))
	}
}

// validEntry reads the entry at an offset into the buffer.
func (m *Machine) validEntry(at uint32) bool {
	j := &m.journal
	if at+entryBytes > j.end {
		return false
	}
	b := j.buf[:10]
	m.flash.Read(at, b)
	n := uint32(binary.BigEndian.Uint16(b[8:]))
	if binary.BigEndian.Uint32(b) != j.epoch || at+entryBytes+n > j.end {
		return false
	}
	b = j.buf[:entryBytes+n]
	m.flash.Read(at, b)
	return crc32.ChecksumIEEE(b[:10+n]) == binary.BigEndian.Uint32(b[10+n:])
}

// logOld appends an entry with the n bytes at an address; 0: a block there is
// about to be allocated. False: it does not fit.
func (m *Machine) logOld(address uint32, n int) bool {
	j := &m.journal
	if n > 0xFFFF || j.next+entryBytes+uint32(n) > j.end {
		return false
	}
	end := j.next + entryBytes + uint32(n)
	var stop [4]byte // no epoch of an entry, so that nothing old behind the new entry is taken for one
	binary.BigEndian.PutUint32(stop[:], ^j.epoch)
	room := min(4, j.end-end)
	if room > 0 && end%m.pageBytes == 0 {
		m.flash.WriteFor("journal", end, stop[:room])
		room = 0
	}
	b := j.buf[:entryBytes+n]
	binary.BigEndian.PutUint32(b, j.epoch)
	binary.BigEndian.PutUint32(b[4:], address)
	binary.BigEndian.PutUint16(b[8:], uint16(n))
	m.flash.Read(address, b[10:10+n])
	binary.BigEndian.PutUint32(b[10+n:], crc32.ChecksumIEEE(b[:10+n]))
	m.flash.WriteFor("journal", j.next, append(b, stop[:room]...))
	j.entries = append(j.entries, j.next)
	j.next = end
	j.used = max(j.used, min(end+4, j.end))
	return true
}

// expectSecrets is said before the first old bytes of a secret come into the
// journal.
func (m *Machine) expectSecrets() {
	j := &m.journal
	if !j.secret {
		m.flash.WriteFor("journal", m.journalStart+4, []byte{1})
		j.secret, j.used = true, min(j.next+4, j.end)
	}
}

// isZero tells whether memory holds nothing.
func (m *Machine) isZero(address uint32, n int) bool {
	b := make([]byte, n)
	m.flash.Read(address, b)
	var all byte
	for _, v := range b {
		all |= v
	}
	return all == 0
}

// wipeJournal overwrites what a transaction that is over left in the journal,
// if it held secrets. It can be cut and repeated. Spec: SPEC-JCVM-047.
func (m *Machine) wipeJournal() {
	j := &m.journal
	if !j.secret {
		return
	}
	zeros := j.buf[:min(m.pageBytes, j.end-j.start)]
	clear(zeros)
	for at := j.start; at < j.used; at += m.pageBytes {
		m.flash.WriteFor("journal", at, zeros[:min(m.pageBytes, j.used-at)])
	}
	m.flash.WriteFor("journal", m.journalStart+4, []byte{0})
	j.secret = false
}

// closeJournal ends the transaction: its entries become invalid.
func (m *Machine) closeJournal() {
	j := &m.journal
	if len(j.entries) > 0 {
		j.epoch++
		binary.BigEndian.PutUint32(m.scratch[:], j.epoch)
		m.flash.WriteFor("journal", m.journalStart, m.scratch[:4])
	}
	j.entries, j.next, j.open = j.entries[:0], j.start, false
	m.wipeJournal()
}

// undo applies the entries backwards and ends the transaction. It can be cut
// and repeated. freed is called for each block that the transaction allocated.
func (m *Machine) undo(freed func(block uint32, h header)) {
	j := &m.journal
	for i := len(j.entries) - 1; i >= 0; i-- {
		m.flash.Read(j.entries[i], m.scratch[:10])
		address := binary.BigEndian.Uint32(m.scratch[4:])
		n := int(binary.BigEndian.Uint16(m.scratch[8:]))
		if n == 0 {
			if h := m.headerAt(address); h.handle != 0 {
				m.flash.WriteFor("undo", address+4, []byte{0, 0})
				freed(address, h)
			}
			continue
		}
		b := j.buf[:n]
		m.flash.Read(j.entries[i]+10, b)
		m.flash.WriteFor("undo", address, b)
	}
	m.closeJournal()
}
