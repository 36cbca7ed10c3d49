package runtime

import (
	"encoding/binary"

	"inkan/core/wire"
	"inkan/sim/vm"
)

// AppendLimits appends limits as records have them, 16 bytes: quota and reserved
// bytes of non-volatile memory, then of volatile memory.
func AppendLimits(dst []byte, l vm.Limits) []byte {
	for _, n := range []uint32{l.NonVolatile.Quota, l.NonVolatile.Reserved, l.Volatile.Quota, l.Volatile.Reserved} {
		dst = binary.BigEndian.AppendUint32(dst, n)
	}
	return dst
}

// DecodeLimits reads what AppendLimits wrote. Errors are the reader's.
func DecodeLimits(r *wire.Reader) (l vm.Limits) {
	for _, n := range []*uint32{&l.NonVolatile.Quota, &l.NonVolatile.Reserved, &l.Volatile.Quota, &l.Volatile.Reserved} {
		*n = uint32(r.Uint16("limit"))<<16 | uint32(r.Uint16("limit"))
	}
	return l
}

// keeps is ErrMemory unless what limits reserve is free and kept for nobody: of
// RAM, for arrays of either event.
func keeps(m *vm.Machine, l vm.Limits) error {
	if int64(l.NonVolatile.Reserved) > int64(m.UnreservedBytes(vm.Persistent)) ||
		int64(l.Volatile.Reserved) > int64(min(m.UnreservedBytes(vm.ClearOnReset), m.UnreservedBytes(vm.ClearOnDeselect))) {
		return ErrMemory
	}
	return nil
}

// bound tells the machine an applet's limits: at its installation and at each boot.
// Spec: SPEC-RUNTIME-170.
func (a *Applet) bound(m *vm.Machine) {
	if a.Account != 0 {
		m.SetLimits(a.Account, a.Limits)
	}
}

// unbound takes limits back. What an applet that is gone has left, because others
// refer to it, still counts for its account, which no other applet gets.
func unbound(m *vm.Machine, a vm.Account) {
	if a != 0 {
		m.SetLimits(a, vm.Limits{})
	}
}
