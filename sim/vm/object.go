package vm

// Kinds of objects on the host; arrays have their ArrayType.
const (
	kindNone       = 0
	kindInstance   = 1
	kindReferences = uint8(ReferenceArray)
)

// Flags of objects.
const (
	flagReset     = 1 << iota // CLEAR_ON_RESET
	flagDeselect              // CLEAR_ON_DESELECT
	flagEntry                 // JCRE entry point
	flagTemporary             // references to it can't be stored
	flagGlobal                // global array
	flagRAM                   // in RAM altogether
	flagMarked                // reached by the collector
)

// special is set in an object's owner when equality of contexts does not
// decide about access.
const special = 0x100

// object is the host's cache of a heap block.
type object struct {
	at      uint32 // of the data in NVM, behind the header
	length  uint16 // elements, or cells of an instance
	owner   uint16 // context; with the bit special
	kind    uint8
	flags   uint8
	account Account
	class   *Class // of an instance; of an array of references its element class
	ram     []byte // the data, when it is in RAM
}

func (o *object) context() Context { return Context(o.owner) }

// elementBytes is the size of an element by array type.
func elementBytes(kind uint8) int {
	switch ArrayType(kind) {
	case BooleanArray, ByteArray:
		return 1
	case IntArray:
		return 4
	}
	return 2
}

// dataBytes is the size of an object's data.
func (o *object) dataBytes() int {
	return int(o.length) * elementBytes(o.kind)
}

// newHandle finds the lowest free handle; 0 if there is none.
func (m *Machine) newHandle() Ref {
	for h := m.lowest; h < len(m.objects); h++ {
		if m.objects[h].kind == kindNone {
			m.lowest = h + 1
			return Ref(h)
		}
	}
	if len(m.objects) > maxHandle {
		return Null
	}
	m.objects = append(m.objects, object{owner: noOwner})
	m.lowest = len(m.objects)
	return Ref(len(m.objects) - 1)
}

// forget drops the host's knowledge of an object.
func (m *Machine) forget(r Ref) {
	o := &m.objects[r]
	if o.flags&(flagReset|flagDeselect) != 0 {
		pool := 0
		if o.flags&flagDeselect != 0 {
			pool = 1
		}
		m.ramUsed[pool] -= len(o.ram)
		m.accountAt(o.account).ram[pool] -= uint32(len(o.ram))
	}
	*o = object{owner: noOwner}
	m.lowest = min(m.lowest, int(r))
	delete(m.hostValues, r)
	delete(m.roots, r)
}

// noOwner is the owner of a handle without object: no context equals it.
const noOwner = 0xFFFF

// Exists tells whether a reference names an object.
func (m *Machine) Exists(ref Ref) bool {
	return int(ref) < len(m.objects) && m.objects[ref].kind != kindNone
}

// at is the object of a reference that a native or the platform gave; it traps
// when there is none.
func (m *Machine) at(ref Ref) *object {
	if !m.Exists(ref) {
		panic(trap("reference to nothing"))
	}
	return &m.objects[ref]
}

// ClassOf is an object's class; of an array, java/lang/Object's.
func (m *Machine) ClassOf(ref Ref) *Class {
	if o := m.at(ref); o.kind == kindInstance {
		return o.class
	}
	return m.known.object
}

// Owner is the context that owns an object.
func (m *Machine) Owner(ref Ref) Context { return m.at(ref).context() }

// ArrayTypeOf is an array's element type; 0: no array.
func (m *Machine) ArrayTypeOf(ref Ref) ArrayType {
	if o := m.at(ref); o.kind != kindInstance {
		return ArrayType(o.kind)
	}
	return 0
}

// ArrayLength is the number of an array's elements.
func (m *Machine) ArrayLength(ref Ref) int16 { return int16(m.at(ref).length) }

// TransientEvent is what clears an object, Persistent for one in NVM.
func (m *Machine) TransientEvent(ref Ref) Event {
	switch o := m.at(ref); {
	case o.flags&flagDeselect != 0:
		return ClearOnDeselect
	case o.ram != nil:
		return ClearOnReset
	}
	return Persistent
}

// MarkEntryPoint makes an object a JCRE entry point: any context may call its
// methods. References to a temporary one can't be stored in fields or arrays.
// The mark lasts until reset.
func (m *Machine) MarkEntryPoint(ref Ref, temporary bool) {
	o := m.at(ref)
	o.flags |= flagEntry
	if temporary {
		o.flags |= flagTemporary
	}
	o.owner |= special
}

// MarkGlobalArray makes an array accessible to all contexts; references to it
// can't be stored. The mark lasts until reset.
func (m *Machine) MarkGlobalArray(ref Ref) {
	o := m.at(ref)
	o.flags |= flagGlobal | flagTemporary
	o.owner |= special
}

// HostValue is what SetHostValue attached to an object, or nil: a cache of
// something computed from the card's content (a prepared key). It is dropped
// with the object and at reset; its owner must check that it is still true.
func (m *Machine) HostValue(ref Ref) any { return m.hostValues[ref] }

// SetHostValue attaches a value to an object.
func (m *Machine) SetHostValue(ref Ref, v any) {
	if m.hostValues == nil {
		m.hostValues = map[Ref]any{}
	}
	m.hostValues[ref] = v
}

// AddRoot keeps an object and what it refers to until reset or RemoveRoot.
func (m *Machine) AddRoot(ref Ref) {
	if m.roots == nil {
		m.roots = map[Ref]int{}
	}
	m.roots[ref]++
}

// RemoveRoot takes one AddRoot back.
func (m *Machine) RemoveRoot(ref Ref) {
	if m.roots[ref]--; m.roots[ref] <= 0 {
		delete(m.roots, ref)
	}
}
