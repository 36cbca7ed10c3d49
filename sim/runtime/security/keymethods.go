package security

import (
	"slices"

	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

// part methods by interface: name of the component and its slot.
var components = map[string]map[string]int{
	"RSAPublicKey":     {"Modulus": slotModulus, "Exponent": slotExponent},
	"RSAPrivateKey":    {"Modulus": slotModulus, "Exponent": slotExponent},
	"RSAPrivateCrtKey": {"P": slotP, "Q": slotQ, "PQ": slotPQ, "DP1": slotDP1, "DQ1": slotDQ1},
	"ECPublicKey":      {"A": slotA, "B": slotB, "G": slotG, "R": slotR, "W": slotValue},
	"ECPrivateKey":     {"A": slotA, "B": slotB, "G": slotG, "R": slotR, "S": slotValue},
}

// bindKeys makes the key classes.
func bindKeys(t *binding.Table) {
	var names []string
	for name := range kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		k := kinds[name]
		class := "inkan/platform/" + k.class
		t.State(class, 2, 2)
		t.Hidden(class, "", "javacard/security/"+k.api, "javacardx/crypto/KeyEncryption")
		t.BindAll(class, map[string]binding.Native{
			"getSize()S":       func(c *vm.Call) { c.ReturnShort(int16(bitsOf(c.Machine(), c.This()))) },
			"getType()B":       func(c *vm.Call) { c.ReturnByte(typeOf(c.Machine(), c.This())) },
			"isInitialized()Z": func(c *vm.Call) { c.ReturnBool(initialized(c.Machine(), c.This())) },
			"clearKey()V":      clearKey,
			"getKeyCipher()Ljavacardx/crypto/Cipher;": func(c *vm.Call) {
				c.ReturnRef(keyRef(c.Machine(), c.This(), keyCipher))
			},
			"setKeyCipher(Ljavacardx/crypto/Cipher;)V": func(c *vm.Call) {
				c.Machine().SetRefCell(c.This(), binding.Class(class), keyCipher, c.Ref(0))
			},
		})
		for part, slot := range components[k.api] {
			t.Bind(class+".get"+part+"([BS)S", func(c *vm.Call) { c.ReturnShort(getPart(c, slot)) })
			t.Bind(class+".set"+part+"([BSS)V", func(c *vm.Call) { setValue(c, slot, c.Short(2)) })
		}
	}
	bindSecretKeys(t)
	bindECKeys(t)
}

func bindSecretKeys(t *binding.Table) {
	for _, name := range []string{"DESKey", "AESKey"} {
		t.BindAll("inkan/platform/"+name, map[string]binding.Native{
			"getKey([BS)B": func(c *vm.Call) { c.ReturnByte(int8(getPart(c, slotSecret))) },
			"setKey([BS)V": func(c *vm.Call) { setValue(c, slotSecret, int16(bitsOf(c.Machine(), c.This())/8)) },
		})
	}
	t.BindAll("inkan/platform/HMACKey", map[string]binding.Native{
		"getKey([BS)B":  func(c *vm.Call) { c.ReturnByte(int8(getPart(c, slotSecret))) },
		"setKey([BSS)V": func(c *vm.Call) { setValue(c, slotSecret, c.Short(2)) },
	})
}

func bindECKeys(t *binding.Table) {
	for _, name := range []string{"ECPublicKey", "ECPrivateKey"} {
		t.BindAll("inkan/platform/"+name, map[string]binding.Native{
			"getField([BS)S":    func(c *vm.Call) { c.ReturnShort(getPart(c, slotField)) },
			"setFieldFP([BSS)V": func(c *vm.Call) { setValue(c, slotField, c.Short(2)) },
			"setFieldF2M(S)V":   func(c *vm.Call) { fail(c, noSuchAlgorithm) },
			"setFieldF2M(SSS)V": func(c *vm.Call) { fail(c, noSuchAlgorithm) },
			"setK(S)V":          setCofactor,
			"getK()S":           getCofactor,
			"copyDomainParametersFrom(Ljavacard/security/ECKey;)V": copyDomain,
		})
	}
}

// clearKey overwrites all components with zeros.
func clearKey(c *vm.Call) {
	m := c.Machine()
	array := keyRef(m, c.This(), keyData)
	m.WriteSecret(array, 0, make([]byte, m.ArrayLength(array)))
	m.SetHostValue(c.This(), nil)
}

// getPart writes a component and returns its length.
func getPart(c *vm.Call, slot int) int16 {
	b := part(c.Machine(), c.This(), slot)
	if b == nil {
		fail(c, uninitializedKey)
	}
	output(c, c.Ref(0), c.Short(1), b)
	return int16(len(b))
}

// setValue sets a component from the caller's bytes, decrypted if the key has a
// cipher. What does not fit the key throws ILLEGAL_VALUE.
func setValue(c *vm.Call, slot int, length int16) {
	m, key := c.Machine(), c.This()
	b := input(c, c.Ref(0), c.Short(1), length)
	if cipher := keyRef(m, key, keyCipher); cipher != vm.Null {
		b = unwrap(c, cipher, b)
	}
	k, _ := keyOf(m, key)
	bitCount := bitsOf(m, key)
	_, room := slotAt(k, bitCount, slot)
	for len(b) > room && b[0] == 0 {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > room || !fits(k, bitCount, slot, b) {
		fail(c, illegalValue)
	}
	setPart(m, key, slot, b)
	m.SetHostValue(key, nil)
}

// fits checks a component's length beyond the room: secrets and moduli are
// complete, points uncompressed.
func fits(k *kind, bitCount, slot int, b []byte) bool {
	switch {
	case k.api == "DESKey" || k.api == "AESKey":
		return len(b) == bitCount/8
	case (k.api == "RSAPublicKey" || k.api == "RSAPrivateKey") && slot == slotModulus:
		return len(b) == bitCount/8 && b[0]&0x80 != 0
	case (k.api == "ECPublicKey" && slot == slotValue || k.class[:2] == "EC" && slot == slotG):
		return len(b)%2 == 1 && b[0] == 4
	}
	return true
}

func setCofactor(c *vm.Call) {
	k := uint16(c.Short(0))
	setPart(c.Machine(), c.This(), slotK, []byte{byte(k >> 8), byte(k)})
}

// getCofactor is 1 when it was not set.
func getCofactor(c *vm.Call) {
	b := part(c.Machine(), c.This(), slotK)
	if b == nil {
		fail(c, uninitializedKey)
	}
	c.ReturnShort(int16(b[0])<<8 | int16(b[1]))
}

// copyDomain copies field, A, B, G, R and K of another key.
func copyDomain(c *vm.Call) {
	m, from, to := c.Machine(), c.Ref(0), c.This()
	m.CheckAccess(c.Context(), from)
	k, ok := keyOf(m, from)
	if !ok || k.class[:2] != "EC" {
		fail(c, illegalValue)
	}
	own, _ := keyOf(m, to)
	for _, slot := range []int{slotField, slotA, slotB, slotG, slotR, slotK} {
		b := part(m, from, slot)
		if b == nil && slot != slotK {
			fail(c, uninitializedKey)
		}
		if _, room := slotAt(own, bitsOf(m, to), slot); len(b) > room {
			fail(c, illegalValue)
		}
		if b != nil {
			setPart(m, to, slot, b)
		}
	}
	m.SetHostValue(to, nil)
}
