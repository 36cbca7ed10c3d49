package vm

// newObject makes an object in NVM with a header (without size and handle)
// and zero data, or a copy of data. Null: no memory.
func (m *Machine) newObject(h header, data []byte) Ref {
	r := m.newHandle()
	if r == Null {
		return Null
	}
	h.handle = uint16(r)
	o := object{length: h.length}
	if !m.describe(&o, h) {
		panic("vm: newObject of an undescribed type")
	}
	bytes := 0
	if o.ram == nil {
		bytes = o.dataBytes()
	}
	m.objects[r] = o // so that forget gives its RAM back
	m.acc += uint64(m.costs.Allocate)
	block, ok := m.allocate(h, bytes, data, 0)
	if !ok {
		m.forget(r)
		return Null
	}
	m.objects[r].at = block + headerBytes
	return r
}

// create is newObject, for the account that pays for it, that throws
// SystemException NO_RESOURCE.
func (m *Machine) create(h header) Ref {
	h.account = m.payer(Context(h.context))
	r := m.newObject(h, nil)
	if r == Null {
		m.Throw(m.known.system, reasonNoResource)
	}
	return r
}

// NewInstance creates an object owned by a context, all cells zero. Throws
// SystemException NO_RESOURCE.
func (m *Machine) NewInstance(owner Context, class *APIClass) Ref {
	c := m.apiClasses[class]
	return m.create(instanceHeader(owner, c))
}

func instanceHeader(owner Context, c *Class) header {
	return header{class: c.id, typ: blockInstance, context: byte(owner), length: uint16(c.cells)}
}

// NewArray creates a persistent array of a primitive type. Throws
// NegativeArraySizeException, SystemException NO_RESOURCE.
func (m *Machine) NewArray(owner Context, t ArrayType, length int16) Ref {
	return m.newArray(owner, t, nil, length, Persistent)
}

// NewReferenceArray creates an array of references to objects of a class.
// Throws like NewTransientArray.
func (m *Machine) NewReferenceArray(owner Context, class *APIClass, length int16, e Event) Ref {
	return m.newArray(owner, ReferenceArray, m.apiClasses[class], length, e)
}

// NewTransientArray creates an array of a primitive type whose elements are in
// RAM. Throws NegativeArraySizeException, SystemException NO_TRANSIENT_SPACE,
// NO_RESOURCE, ILLEGAL_VALUE (of the event), and ILLEGAL_TRANSIENT for
// CLEAR_ON_DESELECT when owner is not the selected context. Spec: SPEC-JCVM-050.
func (m *Machine) NewTransientArray(owner Context, t ArrayType, length int16, e Event) Ref {
	if e != ClearOnReset && e != ClearOnDeselect {
		m.Throw(m.known.system, reasonIllegalValue)
	}
	return m.newArray(owner, t, nil, length, e)
}

func (m *Machine) newArray(owner Context, t ArrayType, element *Class, length int16, e Event) Ref {
	if length < 0 {
		m.Throw(m.known.negative, 0)
	}
	h := header{class: noClass, typ: byte(t), context: byte(owner), length: uint16(length)}
	if t == ReferenceArray {
		h.class = element.id
	}
	switch e {
	case Persistent:
		return m.create(h)
	case ClearOnReset:
		h.typ |= blockReset
	case ClearOnDeselect:
		h.typ |= blockDeselect
		if owner != m.selected && owner != JCRE {
			m.Throw(m.known.system, reasonIllegalTransient)
		}
	}
	if !m.admitsRAM(m.payer(owner), e, int(length)*elementBytes(uint8(t))) {
		m.Throw(m.known.system, reasonNoTransientSpace)
	}
	return m.create(h)
}

// FreeTransientBytes is the free RAM for arrays of an event.
func (m *Machine) FreeTransientBytes(e Event) int {
	if e == ClearOnDeselect {
		return m.cfg.DeselectBytes - m.ramUsed[1]
	}
	return m.cfg.ResetBytes - m.ramUsed[0]
}

// NewTemporary creates an instance that is in RAM altogether: it lasts until
// reset and is never collected. The card's entry points are such.
func (m *Machine) NewTemporary(owner Context, class *APIClass) Ref {
	c := m.apiClasses[class]
	return m.temporary(object{length: uint16(c.cells), owner: uint16(owner), kind: kindInstance, flags: flagRAM, class: c})
}

// NewTemporaryArray creates an array that is in RAM altogether: the APDU
// buffer.
func (m *Machine) NewTemporaryArray(owner Context, t ArrayType, length int16) Ref {
	o := object{length: uint16(length), owner: uint16(owner), kind: uint8(t), flags: flagRAM}
	if t == ReferenceArray {
		o.class = m.known.object
	}
	return m.temporary(o)
}

// temporary can't be named by persistent references: they would dangle after a
// reset.
func (m *Machine) temporary(o object) Ref {
	r := m.newHandle()
	if r == Null {
		panic(trap("no handle for an object in RAM"))
	}
	o.ram = make([]byte, o.dataBytes())
	m.objects[r] = o
	return r
}
