package vm

// Access rules of JCRE 3.0.5 §6.2.8. Each function gives the exception class
// to throw, or nil when access is allowed; a dangling reference traps.

// denied decides about content: array elements and length, instance fields
// (§6.2.8.2, §6.2.8.3). Spec: SPEC-JCVM-030, SPEC-JCVM-031, SPEC-JCVM-032.
func (m *Machine) denied(ref Ref, ctx Context) *APIClass {
	if ref == Null {
		return m.known.null
	}
	o := m.at(ref)
	if o.flags&flagDeselect != 0 && ctx != JCRE && ctx != m.selected {
		return m.known.security
	}
	if o.context() == ctx || ctx == JCRE || o.flags&flagGlobal != 0 {
		return nil
	}
	return m.known.security
}

// deniedCall decides about a virtual method (§6.2.8.4) or, with an interface,
// an interface method (§6.2.8.5, §6.2.8.6), and about throwing (iface nil,
// §6.2.8.7). Spec: SPEC-JCVM-033, SPEC-JCVM-034, SPEC-JCVM-035.
func (m *Machine) deniedCall(ref Ref, ctx Context, iface *Class) *APIClass {
	if ref == Null {
		return m.known.null
	}
	o := m.at(ref)
	if o.context() == ctx || ctx == JCRE || o.flags&flagEntry != 0 {
		return nil
	}
	if iface != nil && iface.isShareable && o.kind == kindInstance && o.class.shareable() {
		return nil
	}
	return m.known.security
}

// deniedType decides about checkcast and instanceof (§6.2.8.8 to §6.2.8.10);
// the target is nil for an array type. Spec: SPEC-JCVM-036.
func (m *Machine) deniedType(ref Ref, ctx Context, target *Class) *APIClass {
	o := m.at(ref)
	if o.kind != kindInstance {
		return m.denied(ref, ctx)
	}
	if target != nil && !target.isInterface {
		target = nil
	}
	return m.deniedCall(ref, ctx, target)
}

// unstorable tells whether a reference may not be stored in a field or an
// array by a context: one of a temporary entry point or a global array
// (§6.2.8.1 to §6.2.8.3). Spec: SPEC-JCVM-037.
func (m *Machine) unstorable(ref Ref, ctx Context) bool {
	return ref != Null && m.at(ref).flags&(flagTemporary|flagRAM) != 0 && (ctx != JCRE || m.objects[ref].flags&flagRAM != 0)
}

// CheckAccess throws NullPointerException for null and SecurityException when
// the firewall keeps ctx from an object's content.
func (m *Machine) CheckAccess(ctx Context, ref Ref) {
	m.checks++
	if c := m.denied(ref, ctx); c != nil {
		m.Throw(c, 0)
	}
}

// CheckRange is Call.Range for any context.
func (m *Machine) CheckRange(ctx Context, array Ref, offset, length int16) {
	m.CheckAccess(ctx, array)
	o := m.at(array)
	if o.kind == kindInstance {
		panic(trap("an instance as an array"))
	}
	if offset < 0 || length < 0 || int(offset)+int(length) > int(o.length) {
		m.Throw(m.known.bounds, 0)
	}
}
