package security

import (
	"crypto"
	"strings"

	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

const signatureName = "javacard/security/Signature"

var (
	classSignature = binding.Class(signatureName)
	modeSign       = byteConstant(signatureName + ".MODE_SIGN")
	modeVerify     = byteConstant(signatureName + ".MODE_VERIFY")

	sigDESMAC4 = byteConstant(signatureName + ".SIG_CIPHER_DES_MAC4")
	sigDESMAC8 = byteConstant(signatureName + ".SIG_CIPHER_DES_MAC8")
	sigRSA     = byteConstant(signatureName + ".SIG_CIPHER_RSA")
	sigECDSA   = byteConstant(signatureName + ".SIG_CIPHER_ECDSA")
	sigPlain   = byteConstant(signatureName + ".SIG_CIPHER_ECDSA_PLAIN")
	sigAESMAC  = byteConstant(signatureName + ".SIG_CIPHER_AES_MAC128")
	sigCMAC    = byteConstant(signatureName + ".SIG_CIPHER_AES_CMAC128")
	sigHMAC    = byteConstant(signatureName + ".SIG_CIPHER_HMAC")
)

// scheme is what a signature object computes, by constants of MessageDigest,
// Signature and Cipher.
type scheme struct{ digest, cipher, padding int8 }

// schemes are the schemes by ALG_ constant of Signature.
var schemes = makeSchemes()

func makeSchemes() map[int8]scheme {
	out := map[int8]scheme{}
	add := func(alg string, s scheme) { out[byteConstant(signatureName+".ALG_"+alg)] = s }
	for _, hash := range []string{"SHA", "SHA_224", "SHA_256", "SHA_384", "SHA_512", "MD5", "RIPEMD160"} {
		digest := byteConstant(digestName + ".ALG_" + hash)
		add("RSA_"+hash+"_PKCS1", scheme{digest, sigRSA, padPKCS1})
		add("RSA_"+hash+"_PKCS1_PSS", scheme{digest, sigRSA, padPSS})
		if strings.HasPrefix(hash, "SHA") {
			add("ECDSA_"+hash, scheme{digest, sigECDSA, padNull})
		}
		if hash != "SHA_224" { // there is no constant for it
			add("HMAC_"+hmacName(hash), scheme{digest, sigHMAC, padNull})
		}
	}
	for size, cipher := range map[string]int8{"4": sigDESMAC4, "8": sigDESMAC8} {
		for name, padding := range map[string]int8{"NOPAD": padNone, "ISO9797_M1": padM1, "ISO9797_M2": padM2, "PKCS5": padPKCS5,
			"ISO9797_1_M1_ALG3": padM1Retail, "ISO9797_1_M2_ALG3": padM2Retail} {
			add("DES_MAC"+size+"_"+name, scheme{0, cipher, padding})
		}
	}
	add("AES_MAC_128_NOPAD", scheme{0, sigAESMAC, padNone})
	add("AES_CMAC_128", scheme{0, sigCMAC, padNone})
	return out
}

// hmacName is a hash function's name in HMAC constants.
func hmacName(hash string) string {
	if hash == "SHA" {
		return "SHA1"
	}
	return hash
}

// exists tells whether the platform has a scheme. CMAC is asked for with any
// padding that programs use for it.
func (s scheme) exists() bool {
	hash, hashed := digests[s.digest]
	switch s.cipher {
	case sigDESMAC4, sigDESMAC8:
		switch s.padding {
		case padNone, padM1, padM2, padPKCS5, padM1Retail, padM2Retail:
			return s.digest == 0
		}
	case sigAESMAC:
		return s.digest == 0 && s.padding == padNone
	case sigCMAC:
		return s.digest == 0 && (s.padding == padNone || s.padding == padNull || s.padding == padM2)
	case sigRSA:
		return hashed && hash.Size() != 0 && (s.padding == padPKCS1 && !isSHA3(hash) || s.padding == padPSS)
	case sigECDSA, sigPlain:
		return hashed && (s.padding == padNull || s.padding == padNone)
	case sigHMAC:
		return hashed && (s.padding == padNull || s.padding == padNone)
	}
	return false
}

func isSHA3(h crypto.Hash) bool { return h >= crypto.SHA3_224 && h <= crypto.SHA3_512 }

func (s scheme) algorithm() int8 {
	for alg, t := range schemes {
		if s == t {
			return alg
		}
	}
	return 0
}

// takes tells whether a scheme works with a kind of key in a mode.
func (s scheme) takes(k *kind, mode int8) bool {
	switch s.cipher {
	case sigDESMAC4, sigDESMAC8:
		return k.api == "DESKey"
	case sigAESMAC, sigCMAC:
		return k.api == "AESKey"
	case sigHMAC:
		return k.api == "HMACKey"
	case sigRSA:
		return k.api == "RSAPublicKey" && mode == modeVerify || strings.HasPrefix(k.api, "RSAPrivate") && mode == modeSign
	}
	return k.api == "ECPublicKey" && mode == modeVerify || k.api == "ECPrivateKey" && mode == modeSign
}

// block is the block size of a MAC; 0: the message is hashed.
func (s scheme) block() int {
	switch s.cipher {
	case sigDESMAC4, sigDESMAC8:
		return 8
	case sigAESMAC, sigCMAC:
		return 16
	}
	return 0
}

// Cells of a signature; those from signatureMode on are what init was given.
const (
	signatureKey    = 0 // reference
	signatureDigest = 0
	signatureSuite  = 1 // cipher and padding, a byte each
	signatureOpen   = 2
	signatureMode   = 3
	signatureCells  = 4
	platformSig     = "inkan/platform/Signature"
)

func bindSignature(t *binding.Table) {
	t.State(signatureName, 2, signatureCells)
	t.Bind(signatureName+".<init>()V", func(*vm.Call) {})
	t.Hidden(platformSig, signatureName)
	t.BindAll(signatureName, map[string]binding.Native{
		"getInstance(BZ)Ljavacard/security/Signature;": func(c *vm.Call) {
			c.ReturnRef(newSignature(c, platformSig, schemes[c.Byte(0)], 0))
		},
		"getInstance(BBBZ)Ljavacard/security/Signature;": func(c *vm.Call) {
			c.ReturnRef(newSignature(c, platformSig, scheme{c.Byte(0), c.Byte(1), c.Byte(2)}, 0))
		},
	})
	t.BindAll(signatureName+"$OneShot", map[string]binding.Native{
		"open(BBB)Ljavacard/security/Signature$OneShot;": func(c *vm.Call) {
			c.ReturnRef(newSignature(c, signatureName+"$OneShot", scheme{c.Byte(0), c.Byte(1), c.Byte(2)}, 1))
		},
		"close()V": func(c *vm.Call) { closeOneShot(c, classSignature, signatureOpen) },
	})
	for _, class := range []string{platformSig, signatureName + "$OneShot"} {
		t.BindAll(class, map[string]binding.Native{
			"getAlgorithm()B":                     func(c *vm.Call) { c.ReturnByte(schemeOf(c).algorithm()) },
			"getMessageDigestAlgorithm()B":        func(c *vm.Call) { c.ReturnByte(schemeOf(c).digest) },
			"getCipherAlgorithm()B":               func(c *vm.Call) { c.ReturnByte(schemeOf(c).cipher) },
			"getPaddingAlgorithm()B":              func(c *vm.Call) { c.ReturnByte(schemeOf(c).padding) },
			"getLength()S":                        signatureLength,
			"init(Ljavacard/security/Key;B)V":     func(c *vm.Call) { initSignature(c, nil) },
			"init(Ljavacard/security/Key;B[BSS)V": func(c *vm.Call) { initSignature(c, input(c, c.Ref(2), c.Short(3), c.Short(4))) },
			"update([BSS)V":                       updateSignature,
			"sign([BSS[BS)S":                      func(c *vm.Call) { sign(c, false) },
			"signPreComputedHash([BSS[BS)S":       func(c *vm.Call) { sign(c, true) },
			"verify([BSS[BSS)Z":                   func(c *vm.Call) { verify(c, false) },
			"verifyPreComputedHash([BSS[BSS)Z":    func(c *vm.Call) { verify(c, true) },
			"setInitialDigest([BSS[BSS)V":         setInitialDigest,
		})
	}
}

func schemeOf(c *vm.Call) scheme {
	refuseClosed(c, classSignature, signatureOpen)
	m := c.Machine()
	v := m.DataCell(c.This(), classSignature, signatureSuite)
	return scheme{int8(m.DataCell(c.This(), classSignature, signatureDigest)), int8(v >> 8), int8(v)}
}

func newSignature(c *vm.Call, class string, s scheme, open uint16) vm.Ref {
	if !s.exists() {
		fail(c, noSuchAlgorithm)
	}
	m := c.Machine()
	ref := m.NewInstance(c.Context(), binding.Class(class))
	m.SetDataCell(ref, classSignature, signatureDigest, uint16(s.digest))
	m.SetDataCell(ref, classSignature, signatureSuite, uint16(uint8(s.cipher))<<8|uint16(uint8(s.padding)))
	if open != 0 {
		m.SetDataCell(ref, classSignature, signatureOpen, open)
	}
	return ref
}

// initSignature is as initCipher; an initial vector is for MACs with CBC.
func initSignature(c *vm.Call, iv []byte) {
	s := schemeOf(c)
	key, mode := c.Ref(0), c.Byte(1)
	k := usable(c, key)
	if mode != modeSign && mode != modeVerify || !s.takes(k, mode) {
		fail(c, illegalValue)
	}
	if len(iv) > 0 && (len(iv) != s.block() || s.cipher == sigCMAC) {
		fail(c, illegalValue)
	}
	if s.padding >= padM1Retail && s.padding <= padM2Retail && s.block() == 8 && bitsOf(c.Machine(), key) != 128 {
		fail(c, illegalValue)
	}
	setInit(c.Machine(), c.This(), classSignature, signatureMode, key, mode, iv)
}

// initializedFor is the key of an initialised object, checked again; wrong mode
// is ILLEGAL_USE, none INVALID_INIT.
func initializedFor(c *vm.Call, mode int8) vm.Ref {
	m := c.Machine()
	schemeOf(c)
	set := int8(m.DataCell(c.This(), classSignature, signatureMode))
	if set == 0 {
		fail(c, invalidInit)
	}
	if mode != 0 && set != mode {
		fail(c, illegalUse)
	}
	key := m.RefCell(c.This(), classSignature, signatureKey)
	still(c, key)
	return key
}

// signatureLength is the longest result: of ECDSA, the longest DER encoding.
func signatureLength(c *vm.Call) {
	s, m := schemeOf(c), c.Machine()
	switch s.cipher {
	case sigDESMAC4:
		c.ReturnShort(4)
		return
	case sigDESMAC8:
		c.ReturnShort(8)
		return
	case sigAESMAC, sigCMAC:
		c.ReturnShort(16)
		return
	case sigHMAC:
		c.ReturnShort(int16(hashOf(s.digest).Size()))
		return
	}
	key := initializedFor(c, 0)
	if s.cipher == sigRSA {
		c.ReturnShort(int16(bitsOf(m, key) / 8))
		return
	}
	c.ReturnShort(int16(longestECDSA(s, len(part(m, key, slotR)))))
}

func updateSignature(c *vm.Call) {
	refuseOneShot(c, classSignature, signatureOpen)
	key := initializedFor(c, 0)
	messageOf(c, key).add(c, input(c, c.Ref(0), c.Short(1), c.Short(2)))
}

func setInitialDigest(c *vm.Call) {
	key, s := initializedFor(c, 0), schemeOf(c)
	if s.cipher == sigHMAC || s.block() != 0 {
		fail(c, illegalUse)
	}
	if !resumable(hashOf(s.digest)) {
		fail(c, illegalUse)
	}
	state := input(c, c.Ref(0), c.Short(1), c.Short(2))
	resume(c, messageOf(c, key).digest, state, input(c, c.Ref(3), c.Short(4), c.Short(5)))
}

// sign computes over the rest of the message, or over a digest that the caller
// made, and leaves the object as init left it.
func sign(c *vm.Call, precomputed bool) {
	m, s := c.Machine(), schemeOf(c)
	key := initializedFor(c, modeSign)
	in := input(c, c.Ref(0), c.Short(1), c.Short(2))
	value := s.value(c, key, in, precomputed)
	setUp(c)
	var out []byte
	switch s.cipher {
	case sigRSA:
		checkOutput(c, c.Ref(3), c.Short(4), bitsOf(m, key)/8)
		out = signRSA(c, s, key, value)
	case sigECDSA, sigPlain:
		out = signEC(c, s, key, value)
	default:
		out = value
	}
	output(c, c.Ref(3), c.Short(4), out)
	m.SetHostValue(c.This(), nil)
	c.ReturnShort(int16(len(out)))
}

func verify(c *vm.Call, precomputed bool) {
	m, s := c.Machine(), schemeOf(c)
	key := initializedFor(c, modeVerify)
	in := input(c, c.Ref(0), c.Short(1), c.Short(2))
	signature := input(c, c.Ref(3), c.Short(4), c.Short(5))
	value := s.value(c, key, in, precomputed)
	setUp(c)
	m.SetHostValue(c.This(), nil)
	switch s.cipher {
	case sigRSA:
		c.ReturnBool(verifyRSA(c, s, key, value, signature))
	case sigECDSA, sigPlain:
		c.ReturnBool(verifyEC(c, s, key, value, signature))
	default:
		c.ReturnBool(equal(value, signature))
	}
}

// value is the digest or MAC of the whole message.
func (s scheme) value(c *vm.Call, key vm.Ref, in []byte, precomputed bool) []byte {
	if !precomputed {
		msg := messageOf(c, key)
		msg.add(c, in)
		return msg.finish(c, s, key)
	}
	if s.block() != 0 || s.cipher == sigHMAC || len(in) != hashOf(s.digest).Size() {
		fail(c, illegalUse)
	}
	return in
}
