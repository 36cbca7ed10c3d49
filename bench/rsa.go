package main

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"math/big"

	"inkan/core/cap"
	"inkan/core/entropy"
	"inkan/core/jcapi"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/vm"
)

var signPromise = Promise{
	Name:       "RSA-2048 CRT: javacard.security.Signature, SHA-256, PKCS#1",
	Baseline:   "the same by crypto/rsa, its key prepared",
	Limit:      1.10,
	AllocLimit: 16, // copies of what goes in and out, and of the key to compare
	Setup:      setupSign,
}

var rawPromise = Promise{
	Name:       "RSA-2048 CRT: javacardx.crypto.Cipher, no padding, decrypt",
	Baseline:   "a signature with this key by crypto/rsa, its key prepared",
	Limit:      1.3,
	AllocLimit: 80, // as above, and big integers, some of them from pools that the race detector empties
	Setup:      setupRaw,
}

const (
	rsaBits  = 2048
	rsaBytes = rsaBits / 8

	builderClass   = "javacard/security/KeyBuilder"
	keyClass       = "javacard/security/RSAPrivateCrtKey"
	signatureClass = "javacard/security/Signature"
	cipherClass    = "javacardx/crypto/Cipher"
)

// Methods of the package.
const (
	buildKey = iota
	getSignature
	getCipher
	sign     // aload signature, in, length of in, out
	decipher // aload cipher, in, length of in, out
)

// constant is the value of a constant of the API.
func constant(class, name string) vm.Word {
	for _, c := range jcapi.ClassByName(class).Constants {
		if c.Name == name {
			return vm.ShortWord(int16(c.Value))
		}
	}
	panic("no constant " + class + "." + name)
}

func newRSACard() (*card, error) {
	constants := []cap.Constant{
		reference(0, builderClass, "buildKey", "(BSZ)Ljavacard/security/Key;"),
		reference(0, signatureClass, "getInstance", "(BZ)Ljavacard/security/Signature;"),
		reference(1, cipherClass, "getInstance", "(BZ)Ljavacardx/crypto/Cipher;"),
		reference(0, signatureClass, "sign", "([BSS[BS)S"),
		reference(1, cipherClass, "doFinal", "([BSS[BS)S"),
	}
	const transform = "aload_0\naload_1\nsconst_0\nsload_2\naload_3\nsconst_0\n"
	return newCard(imports("javacard/security", "javacardx/crypto"), constants,
		method{args: 2, stack: 3, text: "sload_0\nsload_1\nsconst_0\ninvokestatic 0\nareturn"},
		method{args: 1, stack: 2, text: "sload_0\nsconst_0\ninvokestatic 1\nareturn"},
		method{args: 1, stack: 2, text: "sload_0\nsconst_0\ninvokestatic 2\nareturn"},
		method{args: 4, stack: 6, text: transform + "invokevirtual 3\nsreturn"},
		method{args: 4, stack: 6, text: transform + "invokevirtual 4\nsreturn"},
	)
}

// rsaRig is a card with a private key and an object that uses it, and the same
// key for the standard library.
type rsaRig struct {
	*card
	key     vm.Ref
	bareKey *rsa.PrivateKey
}

func newRSARig() (*rsaRig, error) {
	made, bareKey, err := newKey(entropy.Seeded(1, "key"))
	if err != nil {
		return nil, err
	}
	c, err := newRSACard()
	if err != nil {
		return nil, err
	}
	key, err := c.call(buildKey, constant(builderClass, "TYPE_RSA_CRT_PRIVATE"), vm.ShortWord(rsaBits))
	if err != nil {
		return nil, err
	}
	r := &rsaRig{card: c, key: vm.Ref(key), bareKey: bareKey}
	for name, value := range map[string][]byte{"P": made.P, "Q": made.Q, "PQ": made.QInv, "DP1": made.DP, "DQ1": made.DQ} {
		array, err := c.array(value)
		if err == nil {
			err = c.invoke(r.key, keyClass, "set"+name, "([BSS)V", vm.RefWord(array), vm.ShortWord(0), vm.ShortWord(int16(len(value))))
		}
		if err != nil {
			return nil, err
		}
	}
	return r, nil
}

// newKey makes a key that follows from its source, as the chip has it and for
// the standard library, prepared.
func newKey(source entropy.Source) (*engine.GeneratedRSA, *rsa.PrivateKey, error) {
	made, err := engine.New(engine.Reference(), new(clock.Clock), source).GenerateRSA(rsaBits, []byte{1, 0, 1})
	if err != nil {
		return nil, nil, err
	}
	number := func(b []byte) *big.Int { return new(big.Int).SetBytes(b) }
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: number(made.N), E: 65537}, D: number(made.D),
		Primes: []*big.Int{number(made.P), number(made.Q)}}
	key.Precompute()
	return made, key, key.Validate()
}

// transform makes an object ready and the operation that has it work on bytes,
// and result, which reads what the last operation gave.
func (r *rsaRig) transform(get, do int, class, algorithm, mode string, in []byte) (operation func(), result func() []byte, err error) {
	object, err := r.call(get, constant(class, algorithm))
	if err != nil {
		return nil, nil, err
	}
	err = r.invoke(vm.Ref(object), class, "init", "(Ljavacard/security/Key;B)V", vm.RefWord(r.key), constant(class, mode))
	if err != nil {
		return nil, nil, err
	}
	from, err := r.array(in)
	if err != nil {
		return nil, nil, err
	}
	to, err := r.array(make([]byte, rsaBytes))
	if err != nil {
		return nil, nil, err
	}
	args := []vm.Word{vm.RefWord(vm.Ref(object)), vm.RefWord(from), vm.ShortWord(int16(len(in))), vm.RefWord(to)}
	operation = func() {
		if r.must(do, args) != rsaBytes {
			panic(errDiffers)
		}
	}
	result = func() []byte {
		out := make([]byte, rsaBytes)
		r.Machine().ReadBytes(to, 0, out)
		return out
	}
	return operation, result, nil
}

var rsaMessage = bytes.Repeat([]byte{0xA5}, 32)

// bareSign is the baseline of both, leaving its signature in out.
func (r *rsaRig) bareSign(out *[]byte) func() {
	return func() {
		digest := sha256.Sum256(rsaMessage)
		var err error
		if *out, err = rsa.SignPKCS1v15(nil, r.bareKey, crypto.SHA256, digest[:]); err != nil {
			panic(err)
		}
	}
}

func setupSign() (operation, baseline func(), err error) {
	r, err := newRSARig()
	if err != nil {
		return nil, nil, err
	}
	operation, result, err := r.transform(getSignature, sign, signatureClass, "ALG_RSA_SHA_256_PKCS1", "MODE_SIGN", rsaMessage)
	if err != nil {
		return nil, nil, err
	}
	var want []byte
	baseline = r.bareSign(&want)
	operation()
	baseline()
	if !bytes.Equal(result(), want) {
		err = errDiffers
	}
	return operation, baseline, err
}

// setupRaw deciphers the padded block of a signature, which gives the
// signature.
func setupRaw() (operation, baseline func(), err error) {
	r, err := newRSARig()
	if err != nil {
		return nil, nil, err
	}
	digest := sha256.Sum256(rsaMessage)
	block, err := engine.EncodePKCS1(rsaBytes, crypto.SHA256, digest[:])
	if err != nil {
		return nil, nil, err
	}
	operation, result, err := r.transform(getCipher, decipher, cipherClass, "ALG_RSA_NOPAD", "MODE_DECRYPT", block)
	if err != nil {
		return nil, nil, err
	}
	var want []byte
	baseline = r.bareSign(&want)
	operation()
	baseline()
	if !bytes.Equal(result(), want) {
		err = errDiffers
	}
	return operation, baseline, err
}
