package security

import (
	"strings"

	"inkan/core/jcapi"
	"inkan/sim/engine"
	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

// Versions are the packages that Bind fills, of Java Card 3.0.5.
var Versions = []binding.Version{
	{Name: "javacard/security", Major: 1, Minor: 6},
	{Name: "javacardx/crypto", Major: 1, Minor: 6},
}

// Bind binds the natives and declares the platform's own classes.
func Bind(t *binding.Table) {
	for _, bind := range []func(*binding.Table){
		bindException, bindKeys, bindKeyBuilder, bindKeyPair, bindDigest, bindRandom, bindCipher, bindSignature,
		bindAgreement, bindChecksum,
	} {
		bind(t)
	}
}

// Reasons of CryptoException.
var (
	illegalValue     = constant("javacard/security/CryptoException.ILLEGAL_VALUE")
	uninitializedKey = constant("javacard/security/CryptoException.UNINITIALIZED_KEY")
	noSuchAlgorithm  = constant("javacard/security/CryptoException.NO_SUCH_ALGORITHM")
	invalidInit      = constant("javacard/security/CryptoException.INVALID_INIT")
	illegalUse       = constant("javacard/security/CryptoException.ILLEGAL_USE")
)

var (
	classCrypto      = binding.Class("javacard/security/CryptoException")
	classCardRuntime = binding.Class("javacard/framework/CardRuntimeException")
	classNull        = binding.Class("java/lang/NullPointerException")
)

// constant is the value of a constant of the API, by class and name.
func constant(name string) int16 {
	at := strings.LastIndexByte(name, '.')
	class := jcapi.ClassByName(name[:at])
	for _, c := range class.Constants {
		if c.Name == name[at+1:] {
			return int16(c.Value)
		}
	}
	panic("security: no constant " + name)
}

// byteConstant is constant for the byte types.
func byteConstant(name string) int8 { return int8(constant(name)) }

func fail(c *vm.Call, reason int16) { c.Throw(classCrypto, reason) }

func bindException(t *binding.Table) {
	const name = "javacard/security/CryptoException"
	t.Bind(name+".<init>(S)V", func(c *vm.Call) { c.Machine().SetDataCell(c.This(), classCardRuntime, 0, uint16(c.Short(0))) })
	t.Bind(name+".throwIt(S)V", func(c *vm.Call) { fail(c, c.Short(0)) })
}

// input reads the caller's bytes after the checks that the API prescribes.
func input(c *vm.Call, array vm.Ref, offset, length int16) []byte {
	c.Range(array, offset, length)
	b := make([]byte, length)
	c.Machine().ReadBytes(array, int(offset), b)
	binding.Work(c, len(b))
	return b
}

// output writes a result. Cipher text and signatures are not part of the
// caller's transaction.
func output(c *vm.Call, array vm.Ref, offset int16, b []byte) {
	c.Range(array, offset, int16(len(b)))
	c.Machine().WriteBytesNonAtomic(array, int(offset), b)
	binding.Work(c, len(b))
}

// checkOutput checks the caller's buffer before work is done.
func checkOutput(c *vm.Call, array vm.Ref, offset int16, n int) { c.Range(array, offset, int16(n)) }

func engines(c *vm.Call) *engine.Engines { return binding.Engines(c) }

// setUp charges a cipher engine's set-up for one API call.
func setUp(c *vm.Call) {
	g := engines(c)
	g.Clock.Advance(causeNative, g.Chip.CPU.CipherCall)
}
