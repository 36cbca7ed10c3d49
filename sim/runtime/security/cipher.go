package security

import (
	"strings"

	"inkan/core/jcapi"
	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

const cipherName = "javacardx/crypto/Cipher"

var (
	classCipher = binding.Class(cipherName)
	modeDecrypt = byteConstant(cipherName + ".MODE_DECRYPT")
	modeEncrypt = byteConstant(cipherName + ".MODE_ENCRYPT")
)

// suite is what a cipher object computes, by CIPHER_ and PAD_ constant.
type suite struct{ cipher, padding int8 }

// Families of CIPHER_ constants.
var (
	cipherAESCBC = byteConstant(cipherName + ".CIPHER_AES_CBC")
	cipherAESECB = byteConstant(cipherName + ".CIPHER_AES_ECB")
	cipherDESCBC = byteConstant(cipherName + ".CIPHER_DES_CBC")
	cipherDESECB = byteConstant(cipherName + ".CIPHER_DES_ECB")
	cipherRSA    = byteConstant(cipherName + ".CIPHER_RSA")
)

// suiteNames are the ALG_ constants that there are, as cipher and padding.
var suiteNames = map[string]string{
	"DES_CBC_NOPAD": "DES_CBC NOPAD", "DES_CBC_ISO9797_M1": "DES_CBC ISO9797_M1", "DES_CBC_ISO9797_M2": "DES_CBC ISO9797_M2",
	"DES_CBC_PKCS5": "DES_CBC PKCS5", "DES_ECB_NOPAD": "DES_ECB NOPAD", "DES_ECB_ISO9797_M1": "DES_ECB ISO9797_M1",
	"DES_ECB_ISO9797_M2": "DES_ECB ISO9797_M2", "DES_ECB_PKCS5": "DES_ECB PKCS5",
	"AES_BLOCK_128_CBC_NOPAD": "AES_CBC NOPAD", "AES_BLOCK_128_ECB_NOPAD": "AES_ECB NOPAD",
	"AES_CBC_ISO9797_M1": "AES_CBC ISO9797_M1", "AES_CBC_ISO9797_M2": "AES_CBC ISO9797_M2", "AES_CBC_PKCS5": "AES_CBC PKCS5",
	"AES_ECB_ISO9797_M1": "AES_ECB ISO9797_M1", "AES_ECB_ISO9797_M2": "AES_ECB ISO9797_M2", "AES_ECB_PKCS5": "AES_ECB PKCS5",
	"RSA_NOPAD": "RSA NOPAD", "RSA_PKCS1": "RSA PKCS1", "RSA_PKCS1_OAEP": "RSA PKCS1_OAEP",
}

// suites are the suites by ALG_ constant.
var suites = func() map[int8]suite {
	out := map[int8]suite{}
	for alg, name := range suiteNames {
		cipher, padding, _ := strings.Cut(name, " ")
		out[byteConstant(cipherName+".ALG_"+alg)] = suite{
			byteConstant(cipherName + ".CIPHER_" + cipher), byteConstant(cipherName + ".PAD_" + padding),
		}
	}
	return out
}()

// oaepHashes are the MessageDigest constants of the PAD_PKCS1_OAEP_ paddings.
var oaepHashes = func() map[int8]int8 {
	out := map[int8]int8{padOAEP: byteConstant(digestName + ".ALG_SHA")}
	for _, k := range jcapi.ClassByName(cipherName).Constants {
		if name, ok := strings.CutPrefix(k.Name, "PAD_PKCS1_OAEP_SHA"); ok {
			if !strings.HasPrefix(name, "3_") {
				name = "_" + name
			}
			out[int8(k.Value)] = byteConstant(digestName + ".ALG_SHA" + name)
		}
	}
	return out
}()

// exists tells whether the platform has a suite.
func (s suite) exists() bool {
	switch s.cipher {
	case cipherAESCBC, cipherAESECB, cipherDESCBC, cipherDESECB:
		return s.padding == padNone || s.padding == padM1 || s.padding == padM2 || s.padding == padPKCS5
	case cipherRSA:
		_, oaep := oaepHashes[s.padding]
		return s.padding == padNone || s.padding == padPKCS1 || oaep
	}
	return false
}

// algorithm is the suite's ALG_ constant, or 0.
func (s suite) algorithm() int8 {
	for alg, t := range suites {
		if s == t {
			return alg
		}
	}
	return 0
}

// Cells of a cipher; those from cipherMode on are what init was given.
const (
	cipherKey    = 0 // reference
	cipherSuite  = 0 // CIPHER_ and PAD_ constant, a byte each
	cipherOpen   = 1 // OneShot: see digestOpen
	cipherMode   = 2 // 0: not initialised
	cipherCells  = 3
	platformName = "inkan/platform/Cipher"
)

func bindCipher(t *binding.Table) {
	t.State(cipherName, 2, cipherCells)
	t.Bind(cipherName+".<init>()V", func(*vm.Call) {})
	t.Hidden(platformName, cipherName)
	t.BindAll(cipherName, map[string]binding.Native{
		"getInstance(BZ)Ljavacardx/crypto/Cipher;": func(c *vm.Call) {
			c.ReturnRef(newCipher(c, platformName, suites[c.Byte(0)], 0))
		},
		"getInstance(BBZ)Ljavacardx/crypto/Cipher;": func(c *vm.Call) {
			c.ReturnRef(newCipher(c, platformName, suite{c.Byte(0), c.Byte(1)}, 0))
		},
	})
	t.BindAll(cipherName+"$OneShot", map[string]binding.Native{
		"open(BB)Ljavacardx/crypto/Cipher$OneShot;": func(c *vm.Call) {
			c.ReturnRef(newCipher(c, cipherName+"$OneShot", suite{c.Byte(0), c.Byte(1)}, 1))
		},
		"close()V": func(c *vm.Call) { closeOneShot(c, classCipher, cipherOpen) },
	})
	for _, class := range []string{platformName, cipherName + "$OneShot"} {
		t.BindAll(class, map[string]binding.Native{
			"getAlgorithm()B":                     func(c *vm.Call) { c.ReturnByte(suiteOf(c).algorithm()) },
			"getCipherAlgorithm()B":               func(c *vm.Call) { c.ReturnByte(suiteOf(c).cipher) },
			"getPaddingAlgorithm()B":              func(c *vm.Call) { c.ReturnByte(suiteOf(c).padding) },
			"init(Ljavacard/security/Key;B)V":     func(c *vm.Call) { initCipher(c, nil) },
			"init(Ljavacard/security/Key;B[BSS)V": func(c *vm.Call) { initCipher(c, input(c, c.Ref(2), c.Short(3), c.Short(4))) },
			"update([BSS[BS)S":                    func(c *vm.Call) { crypt(c, false) },
			"doFinal([BSS[BS)S":                   func(c *vm.Call) { crypt(c, true) },
		})
	}
}

func suiteOf(c *vm.Call) suite {
	refuseClosed(c, classCipher, cipherOpen)
	return suiteIn(c.Machine(), c.This())
}

func suiteIn(m *vm.Machine, ref vm.Ref) suite {
	v := m.DataCell(ref, classCipher, cipherSuite)
	return suite{int8(v >> 8), int8(v)}
}

func newCipher(c *vm.Call, class string, s suite, open uint16) vm.Ref {
	if !s.exists() {
		fail(c, noSuchAlgorithm)
	}
	m := c.Machine()
	ref := m.NewInstance(c.Context(), binding.Class(class))
	m.SetDataCell(ref, classCipher, cipherSuite, uint16(uint8(s.cipher))<<8|uint16(uint8(s.padding)))
	if open != 0 {
		m.SetDataCell(ref, classCipher, cipherOpen, open)
	}
	return ref
}

// blockSize of a suite; 0: RSA.
func (s suite) blockSize() int {
	switch s.cipher {
	case cipherAESCBC, cipherAESECB:
		return 16
	case cipherDESCBC, cipherDESECB:
		return 8
	}
	return 0
}

func (s suite) chained() bool { return s.cipher == cipherAESCBC || s.cipher == cipherDESCBC }

// takes tells whether a suite works with a kind of key in a mode.
func (s suite) takes(k *kind, _ int8) bool {
	switch s.blockSize() {
	case 16:
		return k.api == "AESKey"
	case 8:
		return k.api == "DESKey"
	}
	return strings.HasPrefix(k.api, "RSA")
}

// initCipher remembers key, mode and initial vector: ILLEGAL_VALUE for a mode,
// a key or a vector that does not fit, UNINITIALIZED_KEY for a key without
// value.
func initCipher(c *vm.Call, iv []byte) {
	m, s := c.Machine(), suiteOf(c)
	key, mode := c.Ref(0), c.Byte(1)
	k := usable(c, key)
	if mode != modeDecrypt && mode != modeEncrypt || !s.takes(k, mode) {
		fail(c, illegalValue)
	}
	if len(iv) > 0 && (!s.chained() || len(iv) != s.blockSize()) {
		fail(c, illegalValue)
	}
	setInit(m, c.This(), classCipher, cipherMode, key, mode, iv)
}

// setInit writes what init was given; what has the value stays. An initial
// vector is kept in an array of its own, made when the first one comes, so that
// writing it is one page update.
func setInit(m *vm.Machine, this vm.Ref, class *vm.APIClass, at int, key vm.Ref, mode int8, iv []byte) {
	if m.RefCell(this, class, 0) != key {
		m.SetRefCell(this, class, 0, key)
	}
	if m.DataCell(this, class, at) != uint16(mode) {
		m.SetDataCell(this, class, at, uint16(mode))
	}
	padded := append(make([]byte, 0, ivRoom), iv...)[:ivRoom]
	if old := ivIn(m, this, class, ivRoom); string(old) != string(padded) {
		array := m.RefCell(this, class, ivArray)
		if array == vm.Null {
			array = m.NewArray(m.Owner(this), vm.ByteArray, ivRoom)
			m.SetRefCell(this, class, ivArray, array)
		}
		m.WriteBytes(array, 0, padded)
	}
	m.SetHostValue(this, nil)
}

// ivRoom is the longest initial vector; ivArray the reference cell of ciphers
// and signatures with the array, null while none was given.
const (
	ivRoom  = 16
	ivArray = 1
)

// ivIn is the initial vector's first n bytes, zeros without one.
func ivIn(m *vm.Machine, this vm.Ref, class *vm.APIClass, n int) []byte {
	out := make([]byte, ivRoom)
	if array := m.RefCell(this, class, ivArray); array != vm.Null {
		m.ReadBytes(array, 0, out)
	}
	return out[:n]
}
