package security

import (
	"inkan/sim/clock"
	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

const causeNative = clock.Native

// kind is what a key type is made of: components in slots of one byte array.
// A slot is two bytes of length, 0 while the component is not set, then room
// for the longest value. Clearing a transient key's array thus uninitialises it.
type kind struct {
	class string // hidden class
	api   string // interface
	parts func(bitCount int) []int
	need  int // slots that make the key initialised; EC leaves K out
}

var kinds = map[string]*kind{
	"DES":             {"DESKey", "DESKey", func(n int) []int { return []int{n / 8} }, 1},
	"AES":             {"AESKey", "AESKey", func(n int) []int { return []int{n / 8} }, 1},
	"HMAC":            {"HMACKey", "HMACKey", func(n int) []int { return []int{hmacRoom} }, 1},
	"RSA_PUBLIC":      {"RSAPublicKey", "RSAPublicKey", func(n int) []int { return []int{n / 8, n / 8} }, 2},
	"RSA_PRIVATE":     {"RSAPrivateKey", "RSAPrivateKey", func(n int) []int { return []int{n / 8, n / 8} }, 2},
	"RSA_CRT_PRIVATE": {"RSAPrivateCrtKey", "RSAPrivateCrtKey", halves, 5},
	"EC_FP_PUBLIC":    {"ECPublicKey", "ECPublicKey", func(n int) []int { return ecParts(n, 1+2*((n+7)/8)) }, 6},
	"EC_FP_PRIVATE":   {"ECPrivateKey", "ECPrivateKey", func(n int) []int { return ecParts(n, (n+8)/8) }, 6},
}

// hmacRoom is the longest HMAC key.
const hmacRoom = 128

func halves(n int) []int {
	h := (n/2 + 7) / 8
	return []int{h, h, h, h, h}
}

// Slots by kind.
const (
	slotSecret                                       = 0
	slotModulus, slotExponent                        = 0, 1
	slotP, slotQ, slotPQ, slotDP1, slotDQ1           = 0, 1, 2, 3, 4
	slotField, slotA, slotB, slotG, slotR, slotValue = 0, 1, 2, 3, 4, 5
	slotK                                            = 6
)

func ecParts(n, value int) []int {
	f := (n + 7) / 8
	return []int{f, f, f, 1 + 2*f, f + 1, value, 2}
}

// Cells of a key.
const (
	keyData   = 0 // reference: array of the slots
	keyCipher = 1 // reference: cipher that values are decrypted with, or null
	keyType   = 0 // TYPE_ constant
	keyBits   = 1
)

// keyOf describes a key object that the platform made. ok is false for null,
// for applets' own classes, and for anything else.
func keyOf(m *vm.Machine, ref vm.Ref) (*kind, bool) {
	if ref == vm.Null || !m.Exists(ref) {
		return nil, false
	}
	k, ok := kindOfClass[m.ClassOf(ref).API()]
	return k, ok
}

var kindOfClass = func() map[*vm.APIClass]*kind {
	out := map[*vm.APIClass]*kind{}
	for _, k := range kinds {
		out[binding.Class("inkan/platform/"+k.class)] = k
	}
	return out
}()

func keyRef(m *vm.Machine, key vm.Ref, i int) vm.Ref { return m.RefCell(key, m.ClassOf(key).API(), i) }

func keyCell(m *vm.Machine, key vm.Ref, i int) uint16 {
	return m.DataCell(key, m.ClassOf(key).API(), i)
}

func bitsOf(m *vm.Machine, key vm.Ref) int { return int(int16(keyCell(m, key, keyBits))) }

func typeOf(m *vm.Machine, key vm.Ref) int8 { return int8(keyCell(m, key, keyType)) }

// slotAt is the offset and room of a slot.
func slotAt(k *kind, bitCount, slot int) (offset, room int) {
	parts := k.parts(bitCount)
	for _, n := range parts[:slot] {
		offset += 2 + n
	}
	return offset, parts[slot]
}

// part is a component's value; nil while it is not set.
func part(m *vm.Machine, key vm.Ref, slot int) []byte {
	k, _ := keyOf(m, key)
	offset, room := slotAt(k, bitsOf(m, key), slot)
	raw := make([]byte, 2+room)
	m.ReadBytes(keyRef(m, key, keyData), offset, raw)
	n := int(raw[0])<<8 | int(raw[1])
	if n == 0 {
		return nil
	}
	return raw[2 : 2+min(n, room)]
}

// setPart stores a component, as part of the open transaction. An applet's
// wrong length has been refused before.
func setPart(m *vm.Machine, key vm.Ref, slot int, value []byte) {
	k, _ := keyOf(m, key)
	offset, room := slotAt(k, bitsOf(m, key), slot)
	raw := make([]byte, 2+room)
	raw[0], raw[1] = byte(len(value)>>8), byte(len(value))
	copy(raw[2:], value)
	m.WriteSecret(keyRef(m, key, keyData), offset, raw)
}

// initialized tells whether all needed components are set.
func initialized(m *vm.Machine, key vm.Ref) bool {
	k, _ := keyOf(m, key)
	for slot := range k.need {
		if part(m, key, slot) == nil {
			return false
		}
	}
	return true
}

// newKey makes a key object whose components have the memory of an event.
func newKey(c *vm.Call, k *kind, keyTypeValue int8, bitCount int, e vm.Event) vm.Ref {
	m := c.Machine()
	size := 0
	for _, n := range k.parts(bitCount) {
		size += 2 + n
	}
	var array vm.Ref
	if e == vm.Persistent {
		array = m.NewArray(c.Context(), vm.ByteArray, int16(size))
	} else {
		array = m.NewTransientArray(c.Context(), vm.ByteArray, int16(size), e)
	}
	class := binding.Class("inkan/platform/" + k.class)
	key := m.NewInstance(c.Context(), class)
	m.SetRefCell(key, class, keyData, array)
	m.SetDataCell(key, class, keyType, uint16(keyTypeValue))
	m.SetDataCell(key, class, keyBits, uint16(bitCount))
	return key
}

// usable is a key given to init: it must be the caller's to use, be one of the
// platform's, and have its value.
func usable(c *vm.Call, key vm.Ref) *kind {
	m := c.Machine()
	if key == vm.Null {
		c.Throw(classNull, 0)
	}
	m.CheckAccess(c.Context(), key)
	k, ok := keyOf(m, key)
	if !ok {
		fail(c, illegalValue)
	}
	if !initialized(m, key) {
		fail(c, uninitializedKey)
	}
	return k
}

// still checks a key again when it is used: a clear event or clearKey may have
// taken its value since init.
func still(c *vm.Call, key vm.Ref) {
	m := c.Machine()
	if key == vm.Null {
		fail(c, invalidInit)
	}
	if !m.Exists(key) || !initialized(m, key) {
		fail(c, uninitializedKey)
	}
}
