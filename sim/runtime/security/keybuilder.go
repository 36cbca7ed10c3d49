package security

import (
	"slices"
	"strings"

	"inkan/core/jcapi"
	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

const builder = "javacard/security/KeyBuilder"

// keySizes are the lengths that each kind is built in.
var keySizes = map[string][]int{
	"DES": {64, 128, 192}, "AES": {128, 192, 256}, "HMAC": {64, 128},
	"EC_FP_PUBLIC": ecSizes, "EC_FP_PRIVATE": ecSizes,
}

var ecSizes = []int{112, 128, 160, 192, 224, 256, 320, 384, 512, 521}

// builtType is a TYPE_ constant.
type builtType struct {
	kind  string
	event vm.Event
}

// types are the key types by TYPE_ constant, algTypes by ALG_TYPE_ constant.
var types, algTypes = keyTypes()

func keyTypes() (map[int8]builtType, map[int8]string) {
	types, algs := map[int8]builtType{}, map[int8]string{}
	for _, k := range jcapi.ClassByName(builder).Constants {
		if name, ok := strings.CutPrefix(k.Name, "ALG_TYPE_"); ok {
			if kinds[name] != nil {
				algs[int8(k.Value)] = name
			}
			continue
		}
		name, ok := strings.CutPrefix(k.Name, "TYPE_")
		if !ok {
			continue
		}
		event := vm.Persistent
		if base, ok := strings.CutSuffix(name, "_TRANSIENT_RESET"); ok {
			name, event = base, vm.ClearOnReset
		} else if base, ok := strings.CutSuffix(name, "_TRANSIENT_DESELECT"); ok {
			name, event = base, vm.ClearOnDeselect
		}
		if kinds[name] != nil {
			types[int8(k.Value)] = builtType{name, event}
		}
	}
	return types, algs
}

// typeConstant is the TYPE_ constant of a kind in a memory; 0: there is none
// (public keys are persistent only in the older form), and then the persistent
// one names it.
func typeConstant(name string, e vm.Event) int8 {
	for value, b := range types {
		if b.kind == name && b.event == e {
			return value
		}
	}
	return typeConstant(name, vm.Persistent)
}

func bindKeyBuilder(t *binding.Table) {
	t.BindAll(builder, map[string]binding.Native{
		"buildKey(BSZ)Ljavacard/security/Key;": func(c *vm.Call) {
			b, ok := types[c.Byte(0)]
			if !ok {
				fail(c, noSuchAlgorithm)
			}
			c.ReturnRef(build(c, b.kind, int(c.Short(1)), b.event, c.Bool(2)))
		},
		"buildKey(BBSZ)Ljavacard/security/Key;": func(c *vm.Call) {
			c.ReturnRef(build(c, algTypes[c.Byte(0)], int(c.Short(2)), memoryType(c, c.Byte(1)), c.Bool(3)))
		},
		"buildKeyWithSharedDomain(BBLjavacard/security/Key;Z)Ljavacard/security/Key;": func(c *vm.Call) {
			fail(c, noSuchAlgorithm) // no key has a domain that others could share
		},
	})
}

// memoryType reads JCSystem.MEMORY_TYPE_ as buildKey takes it.
func memoryType(c *vm.Call, value int8) vm.Event {
	e := vm.Event(value)
	if e != vm.Persistent && e != vm.ClearOnReset && e != vm.ClearOnDeselect {
		fail(c, noSuchAlgorithm)
	}
	return e
}

// build makes a key; what the card can't do is NO_SUCH_ALGORITHM. All keys have
// KeyEncryption, whether or not it was asked for.
func build(c *vm.Call, name string, bitCount int, e vm.Event, _ bool) vm.Ref {
	k := kinds[name]
	if k == nil || !sizeBuilt(name, bitCount) {
		fail(c, noSuchAlgorithm)
	}
	return newKey(c, k, typeConstant(name, e), bitCount, e)
}

// sizeBuilt: RSA in steps of 32 bits from 512 to 4096, the others as listed.
func sizeBuilt(name string, bitCount int) bool {
	if strings.HasPrefix(name, "RSA") {
		return bitCount >= 512 && bitCount <= 4096 && bitCount%32 == 0
	}
	return slices.Contains(keySizes[name], bitCount)
}
