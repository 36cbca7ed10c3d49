package vm

import (
	"errors"
	"fmt"
	"slices"
)

// Account says for whom memory of the card is taken: an applet instance, or
// whoever else the platform gave one. 0 is the card itself: packages, the
// platform's records and objects. The number stands in each heap block, so that
// what an account has is known after any boot.
//
// Code takes memory for the account of the object by which its context was
// entered; a call within a context changes nothing.
type Account uint8

// Limit bounds the memory that an account takes of one kind, in bytes.
type Limit struct {
	Quota    uint32 // the most it may have; 0: not bounded
	Reserved uint32 // what is kept for it: no other account can take it
}

// Limits are an account's. Non-volatile memory counts by heap blocks, headers
// included; volatile memory by the elements of transient arrays, of which Quota
// bounds the sum and Reserved is kept for either event.
type Limits struct{ NonVolatile, Volatile Limit }

// Usage is what an account has, in the units of Limits.
type Usage struct {
	NonVolatile     uint32
	Reset, Deselect uint32 // CLEAR_ON_RESET and CLEAR_ON_DESELECT arrays
}

// account is what the machine knows of one.
type account struct {
	limits Limits
	bytes  uint32    // heap blocks
	ram    [2]uint32 // by event: CLEAR_ON_RESET, CLEAR_ON_DESELECT
}

// keptBytes is what is kept of the heap for an account and not yet taken.
func (a *account) keptBytes() uint32 {
	return a.limits.NonVolatile.Reserved - min(a.limits.NonVolatile.Reserved, a.bytes)
}

// keptRAM is keptBytes of the arrays of an event.
func (a *account) keptRAM(event int) uint32 {
	return a.limits.Volatile.Reserved - min(a.limits.Volatile.Reserved, a.ram[event])
}

// accountAt is the machine's entry of an account.
func (m *Machine) accountAt(a Account) *account {
	for len(m.accounts) <= int(a) {
		m.accounts = append(m.accounts, account{})
	}
	return &m.accounts[a]
}

// SetLimits bounds an account until the next reset, from which on the platform
// has to say it again. What the account has already stays. Account 0 has no
// limits. Spec: SPEC-JCVM-080, SPEC-JCVM-082.
func (m *Machine) SetLimits(a Account, l Limits) {
	if a == 0 {
		panic("vm: limits of the card's own account")
	}
	m.accountAt(a).limits = l
	m.limited = false
	for i := range m.accounts {
		m.limited = m.limited || m.accounts[i].limits != Limits{}
	}
}

// Usage is what an account has. Spec: SPEC-JCVM-083.
func (m *Machine) Usage(a Account) Usage {
	if int(a) >= len(m.accounts) {
		return Usage{}
	}
	e := &m.accounts[a]
	return Usage{e.bytes, e.ram[0], e.ram[1]}
}

// FreeAccount is the lowest account that has nothing and no limits; 0: none.
func (m *Machine) FreeAccount() Account {
	for a := Account(1); a != 0; a++ {
		if int(a) >= len(m.accounts) || m.accounts[a] == (account{}) {
			return a
		}
	}
	return 0
}

// AccountOf is the account that an object was made for.
func (m *Machine) AccountOf(ref Ref) Account { return m.at(ref).account }

// ActiveAccount is whom code takes memory for now; 0: the platform runs.
func (m *Machine) ActiveAccount() Account {
	if m.depth < 0 {
		return 0
	}
	return m.frames[m.depth].account
}

// payer is the account of a new object: none for the card's own objects, and for
// those that the platform makes by itself.
func (m *Machine) payer(owner Context) Account {
	if owner == JCRE || m.depth < 0 || m.frames[m.depth].context != owner {
		return 0
	}
	return m.frames[m.depth].account
}

// admits tells whether an account may take a heap block that stands for one of
// replaced bytes. Spec: SPEC-JCVM-080, SPEC-JCVM-082.
func (m *Machine) admits(a Account, size, replaced uint32) bool {
	if size <= replaced {
		return true
	}
	size -= replaced
	room := int64(m.heap.bytes)
	if !m.ownRecord {
		room = int64(m.frontBytes())
	}
	if !m.limited {
		return int64(size) <= room
	}
	own := m.accountAt(a)
	if q := own.limits.NonVolatile.Quota; q > 0 && uint64(own.bytes)+uint64(size) > uint64(q) {
		return false
	}
	return size <= own.keptBytes() || int64(size) <= room-m.keptForOthers(a, Persistent)
}

// admitsRAM is admits for n bytes of transient arrays. Spec: SPEC-JCVM-081,
// SPEC-JCVM-082.
func (m *Machine) admitsRAM(a Account, e Event, n int) bool {
	if n > m.FreeTransientBytes(e) {
		return false
	}
	if !m.limited || n == 0 {
		return true
	}
	own := m.accountAt(a)
	if q := own.limits.Volatile.Quota; q > 0 && uint64(own.ram[0])+uint64(own.ram[1])+uint64(n) > uint64(q) {
		return false
	}
	return n <= int(own.keptRAM(e.pool())) || int64(n) <= int64(m.FreeTransientBytes(e))-m.keptForOthers(a, e)
}

// keptForOthers is what is kept, and not yet taken, for all accounts but one.
func (m *Machine) keptForOthers(a Account, e Event) (n int64) {
	for i := range m.accounts {
		if Account(i) == a {
			continue
		}
		if e == Persistent {
			n += int64(m.accounts[i].keptBytes())
		} else {
			n += int64(m.accounts[i].keptRAM(e.pool()))
		}
	}
	return n
}

// pool is the index of an event's RAM.
func (e Event) pool() int {
	if e == ClearOnDeselect {
		return 1
	}
	return 0
}

// UnreservedBytes is the memory that is free and kept for nobody: of the heap, or
// of the RAM for arrays of an event. Spec: SPEC-JCVM-084.
func (m *Machine) UnreservedBytes(e Event) int {
	n := m.frontBytes()
	if e != Persistent {
		n = m.FreeTransientBytes(e)
	}
	return max(0, n-int(m.keptForOthers(0, e)))
}

// AvailableBytes is the largest data of one object that the running code can make
// now: an array in the heap, or one that an event clears. Spec: SPEC-JCVM-084.
func (m *Machine) AvailableBytes(e Event) int {
	a := m.ActiveAccount()
	own := m.accountAt(a)
	if e == Persistent {
		n := min(m.FreeBytes(), max(int(own.keptBytes()), m.frontBytes()-int(m.keptForOthers(a, e))))
		if q := own.limits.NonVolatile.Quota; q > 0 {
			n = min(n, int(q)-int(own.bytes))
		}
		return max(0, min(m.largestBefore(m.ownStart()), n&^3-headerBytes))
	}
	n := m.FreeTransientBytes(e)
	n = min(n, max(int(own.keptRAM(e.pool())), n-int(m.keptForOthers(a, e))))
	if q := own.limits.Volatile.Quota; q > 0 {
		n = min(n, int(q)-int(own.ram[0]+own.ram[1]))
	}
	return max(0, n)
}

// recount counts what the accounts have of the heap, block by block: after an
// abort, which gives freed blocks back.
func (m *Machine) recount() {
	for i := range m.accounts {
		m.accounts[i].bytes = 0
	}
	m.eachBlock(func(_ uint32, h header) error {
		if h.handle != 0 {
			m.accountAt(h.account).bytes += h.size
		}
		return nil
	})
}

// Audit compares what the machine knows of its memory with a walk over the whole
// heap: free blocks, and what each account has. Spec: SPEC-JCVM-083.
func (m *Machine) Audit() error {
	want := make([]account, len(m.accounts))
	var free []span
	var foreign error
	err := m.eachBlock(func(at uint32, h header) error {
		switch {
		case h.handle == 0:
			free = append(free, span{at, h.size})
		case int(h.account) >= len(want):
			foreign = fmt.Errorf("vm: heap block at %06X: account %d, of which nothing is known", at, h.account)
		default:
			want[h.account].bytes += h.size
		}
		return nil
	})
	if err = errors.Join(err, foreign); err != nil {
		return err
	}
	for i := range m.objects {
		if o := &m.objects[i]; o.flags&(flagReset|flagDeselect) != 0 {
			want[o.account].ram[m.TransientEvent(Ref(i)).pool()] += uint32(len(o.ram))
		}
	}
	var ram [2]int
	for i := range want {
		want[i].limits = m.accounts[i].limits
		if want[i] != m.accounts[i] {
			return fmt.Errorf("vm: account %d: %+v, the heap says %+v", i, m.accounts[i], want[i])
		}
		ram[0], ram[1] = ram[0]+int(want[i].ram[0]), ram[1]+int(want[i].ram[1])
	}
	if ram != m.ramUsed {
		return fmt.Errorf("vm: transient arrays take %d bytes, the objects say %d", m.ramUsed, ram)
	}
	sum := 0
	for _, s := range m.heap.free {
		sum += int(s.size)
	}
	if !m.journal.open && !slices.Equal(free, m.heap.free) || sum != m.heap.bytes {
		return fmt.Errorf("vm: free blocks %v, %d bytes, the heap says %v", m.heap.free, m.heap.bytes, free)
	}
	return nil
}
