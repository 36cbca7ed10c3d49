package security

import (
	"fmt"
	"testing"

	"inkan/core/entropy"
	"inkan/core/jcapi"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

// card is a machine with these natives and a driver object through which a test
// calls static ones.
type card struct {
	testing.TB
	*vm.Machine
	host   *binding.Host
	flash  *nvm.Flash
	api    []*vm.APIPackage
	driver vm.Ref
}

// testContext owns the test's objects. It is the platform's: no package is
// loaded.
const testContext = vm.JCRE

// testAPI is the packages in ROM with a driver class.
func testAPI() []*vm.APIPackage {
	t := binding.NewTable()
	t.State("javacard/framework/CardRuntimeException", 0, 1)
	t.State("javacard/framework/CardException", 0, 1)
	Bind(t)
	t.Hidden("inkan/platform/Driver", "")
	t.Hidden("inkan/platform/Pair", pairName)
	t.BindAll("inkan/platform/Pair", map[string]binding.Native{
		"make(BS)V": newPair,
		"join(Ljavacard/security/PublicKey;Ljavacard/security/PrivateKey;)V": joinPair,
	})
	t.BindAll("inkan/platform/Driver", map[string]binding.Native{
		"buildKey(BSZ)Ljavacard/security/Key;": func(c *vm.Call) {
			b, ok := types[c.Byte(0)]
			if !ok {
				fail(c, noSuchAlgorithm)
			}
			c.ReturnRef(build(c, b.kind, int(c.Short(1)), b.event, c.Bool(2)))
		},
		"cipher(B)Ljavacardx/crypto/Cipher;":  func(c *vm.Call) { c.ReturnRef(newCipher(c, platformName, suites[c.Byte(0)], 0)) },
		"cipher(BB)Ljavacardx/crypto/Cipher;": func(c *vm.Call) { c.ReturnRef(newCipher(c, platformName, suite{c.Byte(0), c.Byte(1)}, 0)) },
		"signature(B)Ljavacard/security/Signature;": func(c *vm.Call) {
			c.ReturnRef(newSignature(c, platformSig, schemes[c.Byte(0)], 0))
		},
		"signature(BBB)Ljavacard/security/Signature;": func(c *vm.Call) {
			c.ReturnRef(newSignature(c, platformSig, scheme{c.Byte(0), c.Byte(1), c.Byte(2)}, 0))
		},
		"digest(B)Ljavacard/security/MessageDigest;": func(c *vm.Call) {
			c.ReturnRef(newDigest(c, "inkan/platform/InitializedMessageDigest", c.Byte(0), 0))
		},
		"random(B)Ljavacard/security/RandomData;":      func(c *vm.Call) { c.ReturnRef(newRandom(c, "inkan/platform/RandomData", 0)) },
		"checksum(B)Ljavacard/security/Checksum;":      newChecksum,
		"agreement(B)Ljavacard/security/KeyAgreement;": newAgreement,
		"oneShot(BB)Ljavacardx/crypto/Cipher$OneShot;": func(c *vm.Call) { c.ReturnRef(newCipher(c, cipherName+"$OneShot", suite{c.Byte(0), c.Byte(1)}, 1)) },
	})
	versions := append([]binding.Version{{Name: "java/lang", Major: 1}, {Name: "javacard/framework", Major: 1, Minor: 6}}, Versions...)
	return t.Packages(versions)
}

func newCard(t testing.TB) *card {
	t.Helper()
	k := new(clock.Clock)
	chip := engine.Reference()
	flash, err := nvm.NewFlash(chip.NVM, k, nil)
	if err != nil {
		t.Fatal(err)
	}
	return start(t, flash, k, testAPI())
}

func start(t testing.TB, flash *nvm.Flash, k *clock.Clock, api []*vm.APIPackage) *card {
	t.Helper()
	host := binding.NewHost(engine.New(engine.Reference(), k, entropy.Seeded(5, "card")), nil)
	m, err := vm.New(vm.Config{Flash: flash, Clock: k, API: api, Host: host, Costs: &vm.Costs{}})
	if err != nil {
		t.Fatal(err)
	}
	c := &card{TB: t, Machine: m, host: host, flash: flash, api: api}
	if e := m.Try(func() { c.driver = m.NewTemporary(testContext, binding.Class("inkan/platform/Driver")) }); e != nil {
		t.Fatal(e)
	}
	return c
}

// call calls a method by name and descriptor.
func (c *card) call(ref vm.Ref, method string, args ...vm.Word) (int32, *vm.Exception) {
	c.Helper()
	class := c.ClassOf(ref).API()
	for a := class; a != nil; a = a.Super {
		for token, n := range a.Virtual {
			if n.Name+n.Descriptor == method && n.Func != nil {
				return c.Invoke(testContext, ref, class, token, args...)
			}
		}
	}
	c.Fatalf("%s has no %s", class.Name, method)
	return 0, nil
}

// must is call that throws nothing.
func (c *card) must(ref vm.Ref, method string, args ...vm.Word) int32 {
	c.Helper()
	v, e := c.call(ref, method, args...)
	if e != nil {
		c.Fatalf("%s: %v", method, e)
	}
	return v
}

// make calls the driver.
func (c *card) make(method string, args ...vm.Word) vm.Ref {
	return vm.Ref(c.must(c.driver, method, args...))
}

// throws checks a CryptoException's reason.
func (c *card) throws(reason int16, ref vm.Ref, method string, args ...vm.Word) {
	c.Helper()
	v, e := c.call(ref, method, args...)
	switch {
	case e == nil:
		c.Errorf("%s returned %d, want CryptoException %d", method, v, reason)
	case e.Class == nil || e.Class.API() != classCrypto || e.Reason != reason:
		c.Errorf("%s threw %v, want CryptoException %d", method, e, reason)
	}
}

func short(v int) vm.Word { return vm.ShortWord(int16(v)) }

func alg(name string) vm.Word { return vm.ShortWord(constant(name)) }

// array makes a byte array in RAM with content.
func (c *card) array(b []byte) vm.Ref {
	c.Helper()
	var ref vm.Ref
	if e := c.Try(func() {
		ref = c.NewTemporaryArray(testContext, vm.ByteArray, int16(len(b)))
		c.WriteBytesNonAtomic(ref, 0, b)
	}); e != nil {
		c.Fatal(e)
	}
	return ref
}

func (c *card) bytes(ref vm.Ref, n int) []byte {
	out := make([]byte, n)
	c.ReadBytes(ref, 0, out)
	return out
}

// all is the three arguments of a whole array.
func (c *card) all(b []byte) []vm.Word {
	return []vm.Word{vm.RefWord(c.array(b)), short(0), short(len(b))}
}

func words(lists ...any) (out []vm.Word) {
	for _, l := range lists {
		switch v := l.(type) {
		case vm.Word:
			out = append(out, v)
		case []vm.Word:
			out = append(out, v...)
		case vm.Ref:
			out = append(out, vm.RefWord(v))
		case int:
			out = append(out, short(v))
		default:
			panic(fmt.Sprintf("%T", v))
		}
	}
	return out
}

// Constants come from the API's data.
func TestConstants(t *testing.T) {
	if noSuchAlgorithm != 3 || illegalUse != 5 || algCRC32 != 2 || agreePlainXY != 6 || padM2Retail != 5 {
		t.Error(noSuchAlgorithm, illegalUse, algCRC32, agreePlainXY, padM2Retail)
	}
	if len(suites) != 19 || len(schemes) != 39 || len(digests) != 11 {
		t.Error(len(suites), len(schemes), len(digests))
	}
	if jcapi.ClassByName(signatureName) == nil {
		t.Error("no class")
	}
}
