package vm

import "encoding/binary"

// The accessors below make no firewall check, and trap when the object or the
// place in it does not exist. Offsets and cells count from 0; byte offsets of
// arrays are bytes whatever the element type (big-endian).

// data finds n bytes at an offset of an object's data.
func (m *Machine) data(ref Ref, offset, n int) *object {
	o := m.at(ref)
	if offset < 0 || n < 0 || offset+n > o.dataBytes() {
		panic(trap("access beyond an object"))
	}
	return o
}

// ReadBytes copies an array's bytes.
func (m *Machine) ReadBytes(array Ref, offset int, dst []byte) {
	o := m.data(array, offset, len(dst))
	if o.ram != nil {
		copy(dst, o.ram[offset:])
		return
	}
	m.acc += uint64(m.costs.DataByte) * uint64(len(dst)) << 32
	m.flash.Read(o.at+uint32(offset), dst)
}

// WriteBytes stores bytes in an array; in NVM as one transaction or as part of
// the open one. Throws TransactionException BUFFER_FULL.
func (m *Machine) WriteBytes(array Ref, offset int, src []byte) {
	o := m.data(array, offset, len(src))
	if o.ram != nil {
		copy(o.ram[offset:], src)
		return
	}
	m.store(o.at+uint32(offset), src)
}

// WriteSecret is WriteBytes for an array that holds a secret, which is not to
// outlive the transaction in the journal. Spec: SPEC-JCVM-047.
func (m *Machine) WriteSecret(array Ref, offset int, src []byte) {
	if o := m.data(array, offset, len(src)); o.ram == nil {
		m.flush()
		if m.logged(o.at+uint32(offset), len(src)) && !m.isZero(o.at+uint32(offset), len(src)) {
			m.expectSecrets()
		}
	}
	m.WriteBytes(array, offset, src)
}

// WriteBytesNonAtomic stores bytes outside any transaction.
func (m *Machine) WriteBytesNonAtomic(array Ref, offset int, src []byte) {
	o := m.data(array, offset, len(src))
	if o.ram != nil {
		copy(o.ram[offset:], src)
		return
	}
	m.storeNonAtomic(o.at+uint32(offset), src)
}

// FillNonAtomic sets bytes outside any transaction.
func (m *Machine) FillNonAtomic(array Ref, offset, length int, value byte) {
	o := m.data(array, offset, length)
	if o.ram != nil {
		fill(o.ram[offset:offset+length], value)
		return
	}
	for length > 0 { // to a page's end at a time, so that each is updated once
		at := o.at + uint32(offset)
		n := min(length, int(m.pageBytes-at%m.pageBytes), len(m.scratch))
		fill(m.scratch[:n], value)
		m.storeNonAtomic(at, m.scratch[:n])
		offset, length = offset+n, length-n
	}
}

// fill sets bytes; a loop that only clears is the faster one.
func fill(b []byte, value byte) {
	if value == 0 {
		clear(b)
		return
	}
	for i := range b {
		b[i] = value
	}
}

// cellAt reads a 16-bit cell of an object.
func (m *Machine) cellAt(o *object, i int) uint16 {
	if o.ram != nil {
		return binary.BigEndian.Uint16(o.ram[2*i:])
	}
	m.accesses++
	return m.flash.Aligned16(o.at + 2*uint32(i))
}

// setCellAt writes one, conditionally.
func (m *Machine) setCellAt(o *object, i int, v uint16) {
	if o.ram != nil {
		binary.BigEndian.PutUint16(o.ram[2*i:], v)
		return
	}
	m.scratch[0], m.scratch[1] = byte(v>>8), byte(v)
	m.store(o.at+2*uint32(i), m.scratch[:2])
}

// cellOf finds the cell of an instance that class declares under a number.
func (m *Machine) cellOf(ref Ref, class *APIClass, i int, isRef bool) (*object, int) {
	o, c := m.at(ref), m.apiClasses[class]
	if c == nil || o.kind != kindInstance || !o.class.Is(c) || i < 0 {
		panic(trap("cell of another class"))
	}
	n := class.RefCells
	cell := c.firstCell + i
	if !isRef {
		n, cell = class.DataCells, cell+class.RefCells
	}
	if i >= n {
		panic(trap("no such cell"))
	}
	return o, cell
}

// RefCell reads a reference of the state that class declares in an instance.
func (m *Machine) RefCell(ref Ref, class *APIClass, i int) Ref {
	o, cell := m.cellOf(ref, class, i, true)
	return Ref(m.cellAt(o, cell))
}

// SetRefCell writes one, as part of the open transaction.
func (m *Machine) SetRefCell(ref Ref, class *APIClass, i int, v Ref) {
	o, cell := m.cellOf(ref, class, i, true)
	m.keepable(o, v)
	m.setCellAt(o, cell, uint16(v))
}

// keepable traps when a reference would outlive its object.
func (m *Machine) keepable(o *object, v Ref) {
	if v == Null {
		return
	}
	if w := m.at(v); w.flags&flagRAM != 0 && o.ram == nil {
		panic(trap("persistent reference to an object in RAM"))
	}
}

// DataCell reads a data cell of the state that class declares in an instance.
func (m *Machine) DataCell(ref Ref, class *APIClass, i int) uint16 {
	o, cell := m.cellOf(ref, class, i, false)
	return m.cellAt(o, cell)
}

// SetDataCell writes one, as part of the open transaction.
func (m *Machine) SetDataCell(ref Ref, class *APIClass, i int, v uint16) {
	o, cell := m.cellOf(ref, class, i, false)
	m.setCellAt(o, cell, v)
}

// SetDataCellNonAtomic writes one outside any transaction.
func (m *Machine) SetDataCellNonAtomic(ref Ref, class *APIClass, i int, v uint16) {
	o, cell := m.cellOf(ref, class, i, false)
	if o.ram != nil {
		m.setCellAt(o, cell, v)
		return
	}
	m.scratch[0], m.scratch[1] = byte(v>>8), byte(v)
	m.storeNonAtomic(o.at+2*uint32(cell), m.scratch[:2])
}

// RefElement reads an element of an array of references.
func (m *Machine) RefElement(array Ref, i int) Ref {
	return Ref(m.cellAt(m.element(array, i), i))
}

// SetRefElement writes one, as part of the open transaction.
func (m *Machine) SetRefElement(array Ref, i int, v Ref) {
	o := m.element(array, i)
	m.keepable(o, v)
	m.setCellAt(o, i, uint16(v))
}

func (m *Machine) element(array Ref, i int) *object {
	o := m.at(array)
	if o.kind != kindReferences || i < 0 || i >= int(o.length) {
		panic(trap("no such element"))
	}
	return o
}
