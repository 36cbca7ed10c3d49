package vm

// Reasons of TransactionException.
const (
	reasonInProgress    = 1
	reasonNotInProgress = 2
	reasonBufferFull    = 3
	reasonInternal      = 4
)

// Begin opens a transaction. Throws TransactionException IN_PROGRESS.
// Spec: SPEC-JCVM-040.
func (m *Machine) Begin() {
	if m.journal.open {
		m.Throw(m.known.transaction, reasonInProgress)
	}
	m.journal.open = true
}

// Commit makes the open transaction permanent. Throws TransactionException
// NOT_IN_PROGRESS. Spec: SPEC-JCVM-041.
func (m *Machine) Commit() {
	if !m.journal.open {
		m.Throw(m.known.transaction, reasonNotInProgress)
	}
	m.flush()
	m.commit()
}

func (m *Machine) commit() {
	freed := m.journal.freed
	m.closeJournal()
	for _, s := range freed {
		if m.wipe {
			m.wipeSpan(s)
		}
		m.heap.add(s)
	}
	m.journal.freed = freed[:0]
}

// Abort undoes the open transaction: writes are taken back, objects created in
// it are gone and references to them null. Throws TransactionException
// NOT_IN_PROGRESS. Spec: SPEC-JCVM-042, SPEC-JCVM-043.
func (m *Machine) Abort() {
	if !m.journal.open {
		m.Throw(m.known.transaction, reasonNotInProgress)
	}
	m.flush()
	m.abort()
}

func (m *Machine) abort() {
	freed := len(m.journal.freed) > 0
	m.journal.freed = m.journal.freed[:0]
	gone := false
	m.undo(func(block uint32, h header) {
		m.heap.add(span{block, h.size})
		m.accountAt(h.account).bytes -= h.size
		if h.typ < firstSystemType && int(h.handle) < len(m.objects) {
			m.forget(Ref(h.handle))
			gone = true
		}
	})
	m.rebuildRecords()
	if freed {
		m.recount()
	}
	if gone {
		m.clearDangling()
	}
}

// clearDangling sets references to objects that are gone to null wherever they
// can be after an abort: on the stack and in transient arrays.
func (m *Machine) clearDangling() {
	dead := func(r Ref) bool { return r != Null && !m.Exists(r) }
	for i, c := range m.stack[:m.top] {
		if c.isRef() && dead(c.ref()) {
			m.stack[i] = refCell(Null)
		}
	}
	for i := range m.objects {
		o := &m.objects[i]
		if o.ram == nil || o.kind != kindReferences {
			continue
		}
		for at := 0; at+1 < len(o.ram); at += 2 {
			if dead(Ref(o.ram[at])<<8 | Ref(o.ram[at+1])) {
				o.ram[at], o.ram[at+1] = 0, 0
			}
		}
	}
}

// TransactionDepth is 1 while a transaction is open, else 0.
func (m *Machine) TransactionDepth() int {
	if m.journal.open {
		return 1
	}
	return 0
}

// TransactionNumber tells transactions that have written something apart: it is
// the same until such a one ends, by commit or abort, and then one higher.
func (m *Machine) TransactionNumber() uint32 { return m.journal.epoch }

// MaxCommitCapacity is the number of bytes that one write in a transaction can
// change. Spec: SPEC-JCVM-044.
func (m *Machine) MaxCommitCapacity() int { return int(m.journal.end-m.journal.start) - entryBytes }

// MaxDeletions is the number of records that one transaction can delete.
// Spec: SPEC-JCVM-044.
func (m *Machine) MaxDeletions() int {
	return int(m.journal.end-m.journal.start) / (entryBytes + freedBytes)
}

// UnusedCommitCapacity is what is left of it.
func (m *Machine) UnusedCommitCapacity() int {
	return max(0, int(m.journal.end-m.journal.next)-entryBytes)
}

// atomically runs fn within the open transaction, or within one of its own.
// fn reports failure by returning false, which undoes a transaction of its own.
func (m *Machine) atomically(fn func() bool) bool {
	if m.journal.open {
		return fn()
	}
	m.journal.open = true
	if !fn() {
		m.abort()
		return false
	}
	m.commit()
	return true
}

// store writes conditionally: within the open transaction, else at once, and
// atomically in either case. It may throw BUFFER_FULL, before anything is
// written. Spec: SPEC-JCVM-045, SPEC-JCVM-046.
func (m *Machine) store(address uint32, src []byte) {
	if len(src) == 0 {
		return
	}
	m.flush()
	if m.journal.open {
		if !m.logOld(address, len(src)) {
			m.Throw(m.known.transaction, reasonBufferFull)
		}
		m.flash.WriteFor("object", address, src)
		return
	}
	if !m.logged(address, len(src)) {
		m.flash.WriteFor("object", address, src)
		return
	}
	if !m.logOld(address, len(src)) {
		m.Throw(m.known.transaction, reasonBufferFull)
	}
	m.flash.WriteFor("object", address, src)
	m.closeJournal()
}

// logged tells whether a conditional write of n bytes, at least one, needs an
// entry in the journal: in a transaction, or when it touches two pages.
func (m *Machine) logged(address uint32, n int) bool {
	return m.journal.open || (address+uint32(n)-1)/m.pageBytes != address/m.pageBytes
}

// storeNonAtomic writes without the journal.
func (m *Machine) storeNonAtomic(address uint32, src []byte) {
	if len(src) > 0 {
		m.flush()
		m.flash.WriteFor("object", address, src)
	}
}
