package vm

import (
	"slices"
)

// A record's data is: kind, length of the identifier, identifier, data.

// PutRecord stores or replaces a record of the platform under a kind and an
// identifier of up to 255 bytes: at once, or with the open transaction.
// References in it are not seen by the collector. It counts for the account of
// the record that it replaces, or for the card's own. Error: ErrNoMemory.
// Spec: SPEC-JCVM-014.
func (m *Machine) PutRecord(kind byte, id, data []byte) error {
	a := Account(0)
	if block, ok := m.records[string(append([]byte{kind, byte(len(id))}, id...))]; ok {
		a = m.headerAt(block).account
	}
	return m.PutRecordFor(a, kind, id, data)
}

// PutOwnRecord is PutRecord of what the platform cannot do without: it may take the
// memory that Config.OwnBytes keeps from everything else. Spec: SPEC-JCVM-086.
func (m *Machine) PutOwnRecord(kind byte, id, data []byte) error {
	m.ownRecord = true
	defer func() { m.ownRecord = false }()
	return m.PutRecord(kind, id, data)
}

// PutRecordFor is PutRecord for an account.
func (m *Machine) PutRecordFor(a Account, kind byte, id, data []byte) error {
	if len(id) > 255 {
		panic("vm: identifier of a record longer than 255 bytes")
	}
	raw := append(append([]byte{kind, byte(len(id))}, id...), data...)
	h := header{account: a, handle: systemHandle, class: noClass, typ: blockRecord, length: uint16(len(raw))}
	if len(raw) > 0xFFFF {
		return ErrNoMemory
	}
	key := string(raw[:2+len(id)])
	old, exists := m.records[key]
	var block, replaced uint32
	if exists {
		if o := m.headerAt(old); o.account == a {
			replaced = o.size
		}
	}
	m.changeRecords()
	ok := m.atomically(func() (ok bool) {
		if block, ok = m.allocate(h, len(raw), raw, replaced); ok && exists {
			ok = m.free(old)
		}
		return ok
	})
	if !ok {
		return ErrNoMemory
	}
	m.records[key] = block
	return nil
}

// DeleteRecord removes a record, if it is there, at once or with the open
// transaction.
func (m *Machine) DeleteRecord(kind byte, id []byte) {
	key := string(append([]byte{kind, byte(len(id))}, id...))
	if block, ok := m.records[key]; ok {
		m.changeRecords()
		if !m.free(block) {
			m.Throw(m.known.transaction, reasonBufferFull)
		}
		delete(m.records, key)
	}
}

// Record is a copy of a record's data.
func (m *Machine) Record(kind byte, id []byte) (data []byte, ok bool) {
	block, ok := m.records[string(append([]byte{kind, byte(len(id))}, id...))]
	if !ok {
		return nil, false
	}
	return m.rawRecord(block)[2+len(id):], true
}

// AppendRecord is Record that appends the data to dst, without an allocation where
// that has room.
func (m *Machine) AppendRecord(dst []byte, kind byte, id []byte) ([]byte, bool) {
	block, ok := m.records[string(append([]byte{kind, byte(len(id))}, id...))]
	if !ok {
		return dst, false
	}
	skip := 2 + len(id)
	from := len(dst)
	dst = append(dst, make([]byte, int(m.headerAt(block).length)-skip)...)
	m.flash.Read(block+headerBytes+uint32(skip), dst[from:])
	return dst, true
}

// EachRecord calls fn for all records of a kind, in the order of identifiers.
func (m *Machine) EachRecord(kind byte, fn func(id, data []byte)) {
	var keys []string
	for k := range m.records {
		if k[0] == kind {
			keys = append(keys, k[2:])
		}
	}
	slices.Sort(keys)
	for _, id := range keys {
		data, ok := m.Record(kind, []byte(id))
		if ok {
			fn([]byte(id), data)
		}
	}
}

func (m *Machine) rawRecord(block uint32) []byte {
	raw := make([]byte, m.headerAt(block).length)
	m.flash.Read(block+headerBytes, raw)
	return raw
}

// RecordsNumber is another one after every change of the records, also by an abort
// or a reset, and never 0: what was read from them is the same while it is.
func (m *Machine) RecordsNumber() uint64 { return m.recordsNumber }

func (m *Machine) changeRecords() {
	m.recordsChanged = true
	m.recordsNumber++
}

// rebuildRecords finds the records, after a boot or an abort that may have
// changed them.
func (m *Machine) rebuildRecords() {
	if m.records != nil && !m.recordsChanged {
		return
	}
	m.changeRecords()
	m.records, m.recordsChanged = map[string]uint32{}, false
	m.eachBlock(func(block uint32, h header) error {
		if h.handle == systemHandle && h.typ == blockRecord {
			if raw := m.rawRecord(block); len(raw) >= 2 && len(raw) >= 2+int(raw[1]) {
				m.records[string(raw[:2+int(raw[1])])] = block
			}
		}
		return nil
	})
}
