package vm

import (
	"encoding/binary"
	"errors"
	"fmt"

	"inkan/core/cap"
	"inkan/sim/clock"
)

// ErrOtherCard is the error of New for a memory that another format, or a card
// with another API in ROM, has written.
var ErrOtherCard = errors.New("vm: the memory is not that of a card with this API")

// boot rebuilds the host's tables from NVM: it ends an interrupted transaction,
// then walks the heap. What an interrupted load or unload left is freed.
// Spec: SPEC-JCVM-012, SPEC-JCVM-013.
func (m *Machine) boot() error {
	m.flash.Read(0, m.scratch[:superBytes])
	if string(m.scratch[:8]) != superMagic {
		for _, b := range m.scratch[:8] {
			if b != 0xFF {
				return ErrOtherCard
			}
		}
		m.format()
	} else if string(m.scratch[:superBytes]) != string(m.superblock()) {
		return ErrOtherCard
	}
	m.openJournal()
	m.undo(func(uint32, header) {})
	if err := m.scanPackages(); err != nil {
		return err
	}
	if err := m.scanObjects(); err != nil {
		return err
	}
	m.rebuildRecords()
	return nil
}

type packageBlocks struct {
	block, statics uint32
	file           *cap.File
}

// scanPackages finds the packages and links them, imported ones first.
func (m *Machine) scanPackages() error {
	found := map[uint16]*packageBlocks{}
	at := func(class uint16) *packageBlocks {
		if found[class] == nil {
			found[class] = &packageBlocks{}
		}
		return found[class]
	}
	blocks := uint64(0)
	err := m.eachBlock(func(block uint32, h header) error {
		blocks++
		switch {
		case h.handle != systemHandle:
		case h.typ == blockPackage:
			at(h.class).block = block
		case h.typ == blockStatics:
			at(h.class).statics = block
		}
		return nil
	})
	m.clock.Advance(clock.Boot, blocks*uint64(m.costs.BootBlock))
	if err != nil {
		return err
	}
	for i, b := range found {
		if b.block == 0 || b.statics == 0 || i >= maxPackages {
			delete(found, i) // an interrupted load or unload: freed with the objects
			continue
		}
		if b.file, err = m.readPackage(b.block); err != nil {
			return err
		}
	}
	return m.linkFound(found)
}

func (m *Machine) readPackage(block uint32) (*cap.File, error) {
	m.flash.Read(block+headerBytes, m.scratch[:4])
	n := binary.BigEndian.Uint32(m.scratch[:4])
	if n > m.headerAt(block).size-headerBytes-4 {
		return nil, fmt.Errorf("vm: package at %06X has the size %d", block, n)
	}
	raw := make([]byte, n)
	m.flash.Read(block+headerBytes+4, raw)
	components, err := cap.SplitRaw(raw)
	if err != nil {
		return nil, err
	}
	return cap.Parse(components)
}

// linkFound links packages until all are; the imports of each come first.
func (m *Machine) linkFound(found map[uint16]*packageBlocks) error {
	var last error
	for len(found) > 0 {
		progress := false
		for i := uint16(0); i < maxPackages; i++ {
			b := found[i]
			if b == nil {
				continue
			}
			p := &Package{file: b.file, index: byte(i)}
			if last = m.place(p, b.block, b.statics); last == nil {
				delete(found, i)
				progress = true
			}
		}
		if !progress {
			return fmt.Errorf("vm: a package on the card does not link: %w", last)
		}
	}
	return nil
}

// scanObjects fills the tables of objects and free blocks.
func (m *Machine) scanObjects() error {
	m.heap.clear()
	return m.eachBlock(func(block uint32, h header) error {
		if h.handle == 0 {
			m.heap.add(span{block, h.size})
			return nil
		}
		m.accountAt(h.account).bytes += h.size
		if h.handle == systemHandle && h.typ >= firstSystemType {
			if h.typ != blockRecord && m.orphan(block, h) {
				m.free(block)
			}
			return nil
		}
		if h.context != 0 && m.PackageOf(Context(h.context)) == nil || h.class>>8 < apiPackage && m.classByID(h.class) == nil {
			m.free(block)
			return nil
		}
		return m.restore(block, h)
	})
}

// orphan tells whether a system block belongs to no package.
func (m *Machine) orphan(block uint32, h header) bool {
	if int(h.class) >= len(m.packages) || m.packages[h.class] == nil {
		return true
	}
	p := m.packages[h.class]
	return block != p.block && block != p.staticBlock
}

// restore makes the host's entry of an object in the heap.
func (m *Machine) restore(block uint32, h header) error {
	damaged := func(what string) error {
		return fmt.Errorf("vm: heap block at %06X: %s", block, what)
	}
	for len(m.objects) <= int(h.handle) {
		m.objects = append(m.objects, object{owner: noOwner})
	}
	o := &m.objects[h.handle]
	if o.kind != kindNone {
		return damaged(fmt.Sprintf("second object with the handle %04X", h.handle))
	}
	n := object{at: block + headerBytes, length: h.length}
	if !m.describe(&n, h) {
		return damaged(fmt.Sprintf("type %02X, class %04X", h.typ, h.class))
	}
	if n.ram == nil && uint32(n.dataBytes()) > h.size-headerBytes {
		return damaged(fmt.Sprintf("%d bytes of data in %d", n.dataBytes(), h.size))
	}
	*o = n
	return nil
}

// describe fills kind, class, owner and RAM of an object from its header.
func (m *Machine) describe(o *object, h header) bool {
	o.owner, o.account = uint16(h.context), h.account
	typ := h.typ
	if typ&(blockReset|blockDeselect) != 0 {
		o.flags |= flagReset
		event := 0
		if typ&blockDeselect != 0 {
			o.flags = flagDeselect
			o.owner |= special
			event = 1
		}
		typ &^= blockReset | blockDeselect
		o.kind = typ
		o.ram = make([]byte, o.dataBytes())
		m.ramUsed[event] += len(o.ram)
		m.accountAt(o.account).ram[event] += uint32(len(o.ram))
	}
	o.kind = typ
	switch {
	case typ == blockInstance:
		o.kind = kindInstance
		o.class = m.classByID(h.class)
		return o.class != nil && !o.class.isInterface && int(h.length) >= o.class.cells
	case typ >= byte(BooleanArray) && typ <= byte(IntArray):
		return h.class == noClass
	case typ == byte(ReferenceArray):
		o.class = m.classByID(h.class)
		return o.class != nil
	}
	return false
}
