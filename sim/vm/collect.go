package vm

import "inkan/sim/clock"

// RequestObjectDeletion asks for a collection when the platform next calls
// CollectIfRequested.
func (m *Machine) RequestObjectDeletion() { m.requested = true }

// CollectIfRequested collects when somebody asked; between commands.
func (m *Machine) CollectIfRequested() {
	if m.requested {
		m.Collect()
	}
}

// Collect deletes all objects that no root reaches, and returns how many. It
// must be called between commands: outside natives and transactions. Roots are
// static fields, AddRoot, Config.Roots and objects in RAM. A power cut leaves
// some of them undeleted. Spec: SPEC-JCVM-015, SPEC-JCVM-016.
func (m *Machine) Collect() int {
	if m.journal.open || m.depth >= 0 {
		panic("vm: Collect inside a transaction or a call")
	}
	m.requested = false
	m.mark(nil)
	n := m.sweep(func(o *object) bool { return o.flags&(flagMarked|flagRAM) == 0 })
	m.unmark()
	return n
}

// AnyReachable tells whether a root reaches one of some objects: what Collect
// would not delete. It must be called between commands, too.
func (m *Machine) AnyReachable(refs []Ref) bool {
	m.mark(nil)
	reached := false
	for _, r := range refs {
		reached = reached || m.Exists(r) && m.objects[r].flags&flagMarked != 0
	}
	m.unmark()
	return reached
}

// mark sets flagMarked on everything that is reachable, not counting the
// static fields of one package.
func (m *Machine) mark(without *Package) {
	var grey []Ref
	visit := func(r Ref) {
		if r != Null && m.Exists(r) && m.objects[r].flags&flagMarked == 0 {
			m.objects[r].flags |= flagMarked
			grey = append(grey, r)
		}
	}
	m.eachRoot(without, visit)
	marked := uint64(0)
	for len(grey) > 0 {
		r := grey[len(grey)-1]
		grey = grey[:len(grey)-1]
		m.eachReference(&m.objects[r], visit)
		marked++
	}
	m.clock.Advance(clock.Collect, marked*uint64(m.costs.MarkObject))
}

func (m *Machine) eachRoot(without *Package, visit func(Ref)) {
	for r := range m.roots {
		visit(r)
	}
	for i := range m.objects {
		if m.objects[i].flags&flagRAM != 0 {
			visit(Ref(i))
		}
	}
	for _, p := range m.packages {
		if p == nil || p == without {
			continue
		}
		for i := range uint32(p.file.StaticField.ReferenceCount) {
			visit(Ref(m.flash.Uint16(p.statics + 2*i)))
		}
	}
	for _, c := range m.stack[:m.top] {
		if c.isRef() {
			visit(c.ref())
		}
	}
	if m.cfg.Roots != nil {
		m.cfg.Roots(visit)
	}
}

// eachReference visits what an object refers to.
func (m *Machine) eachReference(o *object, visit func(Ref)) {
	switch o.kind {
	case kindReferences:
		for i := range int(o.length) {
			visit(Ref(m.rawCell(o, i)))
		}
	case kindInstance:
		for i, isRef := range o.class.refs {
			if isRef {
				visit(Ref(m.rawCell(o, i)))
			}
		}
	}
}

// rawCell is cellAt without the cost of a bytecode's access.
func (m *Machine) rawCell(o *object, i int) uint16 {
	if o.ram != nil {
		return uint16(o.ram[2*i])<<8 | uint16(o.ram[2*i+1])
	}
	return m.flash.Aligned16(o.at + 2*uint32(i))
}

func (m *Machine) unmark() {
	for i := range m.objects {
		m.objects[i].flags &^= flagMarked
	}
}

// sweep deletes the objects for which dead says so, each by one atomic write.
func (m *Machine) sweep(dead func(*object) bool) int {
	n := 0
	m.clock.Advance(clock.Collect, uint64(len(m.objects))*uint64(m.costs.SweepBlock))
	for i := range m.objects {
		o := &m.objects[i]
		if o.kind == kindNone || !dead(o) {
			continue
		}
		if o.flags&flagRAM == 0 {
			m.free(o.at - headerBytes)
		}
		m.forget(Ref(i))
		n++
	}
	return n
}
