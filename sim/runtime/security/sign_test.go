package security

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"math/big"
	"testing"

	"inkan/core/mac"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/vm"
	"inkan/spec/req"
)

const (
	initKey  = "init(Ljavacard/security/Key;B)V"
	signAll  = "sign([BSS[BS)S"
	checkAll = "verify([BSS[BSS)Z"
)

// pair makes a generated key pair.
func (c *card) pair(name string, bitCount int) (public, private vm.Ref) {
	c.Helper()
	var ref vm.Ref
	if e := c.Try(func() { ref = c.NewInstance(testContext, classOf("inkan/platform/Pair")) }); e != nil {
		c.Fatal(e)
	}
	c.must(ref, "make(BS)V", alg(pairName+"."+name), short(bitCount))
	c.must(ref, "genKeyPair()V")
	return vm.Ref(c.must(ref, "getPublic()Ljavacard/security/PublicKey;")), vm.Ref(c.must(ref, "getPrivate()Ljavacard/security/PrivateKey;"))
}

// get reads a component.
func (c *card) get(key vm.Ref, name string) []byte {
	c.Helper()
	out := c.array(make([]byte, 600))
	n := c.must(key, "get"+name+"([BS)S", words(out, 0)...)
	return c.bytes(out, int(n))
}

func (c *card) sign(ref, key vm.Ref, message []byte) []byte {
	c.Helper()
	c.must(ref, initKey, words(key, int(modeSign))...)
	out := c.array(make([]byte, 600))
	half := len(message) / 2
	c.must(ref, "update([BSS)V", c.all(message[:half])...)
	n := c.must(ref, signAll, words(c.all(message[half:]), out, 0)...)
	return c.bytes(out, int(n))
}

func (c *card) verify(ref, key vm.Ref, message, signature []byte) bool {
	c.Helper()
	c.must(ref, initKey, words(key, int(modeVerify))...)
	return c.must(ref, checkAll, words(c.all(message), c.all(signature))...) != 0
}

func TestRSASignatures(t *testing.T) {
	c := newCard(t)
	message := bytes.Repeat([]byte("inkan "), 20)
	digest := sha256.Sum256(message)
	for _, name := range []string{"ALG_RSA_CRT", "ALG_RSA"} {
		public, private := c.pair(name, 1024)
		key := &rsa.PublicKey{N: new(big.Int).SetBytes(c.get(public, "Modulus")), E: 65537}
		ref := c.make("signature(B)Ljavacard/security/Signature;", alg(signatureName+".ALG_RSA_SHA_256_PKCS1"))
		sig := c.sign(ref, private, message)
		if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], sig); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !c.verify(ref, public, message, sig) || c.verify(ref, public, message[1:], sig) || c.verify(ref, public, message, sig[1:]) {
			t.Errorf("%s: verify", name)
		}
		pss := c.make("signature(BBB)Ljavacard/security/Signature;", alg(digestName+".ALG_SHA_256"), short(int(sigRSA)), short(int(padPSS)))
		sig = c.sign(pss, private, message)
		if err := rsa.VerifyPSS(key, crypto.SHA256, digest[:], sig, &rsa.PSSOptions{SaltLength: 32}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		sig[5] ^= 1
		if c.verify(pss, public, message, sig) {
			t.Errorf("%s: an altered PSS signature is valid", name)
		}
		c.throws(illegalValue, ref, initKey, words(public, int(modeSign))...)
		c.throws(illegalValue, ref, initKey, words(private, int(modeVerify))...)
	}
}

func TestRSACiphers(t *testing.T) {
	c := newCard(t)
	public, private := c.pair("ALG_RSA_CRT", 1024)
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(c.get(public, "Modulus")), E: 65537}
	message := []byte("a session key")
	for _, padding := range []int8{padPKCS1, padOAEP, padOAEP + 5} { // + SHA-256
		ref := c.make("cipher(BB)Ljavacardx/crypto/Cipher;", short(int(cipherRSA)), short(int(padding)))
		c.must(ref, initKey, words(public, int(modeEncrypt))...)
		sealed, e := c.crypt(t, ref, message, 3)
		if e != nil || len(sealed) != 128 {
			t.Fatal(e, len(sealed))
		}
		c.must(ref, initKey, words(private, int(modeDecrypt))...)
		got, e := c.crypt(t, ref, sealed, 7)
		if e != nil || !bytes.Equal(got, message) {
			t.Errorf("padding %d: %X %v", padding, got, e)
		}
		sealed[9] ^= 1
		if _, e = c.crypt(t, ref, sealed, 0); e == nil || e.Reason != illegalUse {
			t.Errorf("padding %d: altered cipher text: %v", padding, e)
		}
	}
	raw := c.make("cipher(B)Ljavacardx/crypto/Cipher;", alg(cipherName+".ALG_RSA_NOPAD"))
	c.must(raw, initKey, words(private, int(modeDecrypt))...)
	in := make([]byte, 128)
	in[127] = 2
	got, e := c.crypt(t, raw, in, 0)
	back := new(big.Int).Exp(new(big.Int).SetBytes(got), big.NewInt(65537), key.N)
	if e != nil || back.Int64() != 2 {
		t.Errorf("raw: %v %v", back, e)
	}
	above := key.N.FillBytes(make([]byte, 128))
	if _, e = c.crypt(t, raw, above, 0); e == nil || e.Reason != illegalUse {
		t.Errorf("operand equal to the modulus: %v", e)
	}
}

func TestECDSA(t *testing.T) {
	c := newCard(t)
	message := []byte("a message")
	digest := sha256.Sum256(message)
	ref := c.make("signature(B)Ljavacard/security/Signature;", alg(signatureName+".ALG_ECDSA_SHA_256"))
	for _, bitCount := range []int{160, 192, 224, 256, 320, 384, 512, 521} {
		public, private := c.pair("ALG_EC_FP", bitCount)
		sig := c.sign(ref, private, message)
		if n := c.must(ref, "getLength()S"); int(n) < len(sig) {
			t.Errorf("%d bits: signature of %d bytes, getLength %d", bitCount, len(sig), n)
		}
		if !c.verify(ref, public, message, sig) || c.verify(ref, public, message[1:], sig) {
			t.Errorf("%d bits: verify", bitCount)
		}
		if bitCount != 256 {
			continue
		}
		w := c.get(public, "W")
		key := &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).SetBytes(w[1:33]), Y: new(big.Int).SetBytes(w[33:])}
		if !ecdsa.VerifyASN1(key, digest[:], sig) {
			t.Error("the standard library refuses the signature")
		}
		plain := c.make("signature(BBB)Ljavacard/security/Signature;", alg(digestName+".ALG_SHA_256"), short(int(sigPlain)), short(0))
		if sig := c.sign(plain, private, message); len(sig) != 64 || !c.verify(plain, public, message, sig) {
			t.Errorf("plain: %d bytes", len(sig))
		}
		out := c.array(make([]byte, 100))
		c.must(ref, initKey, words(private, int(modeSign))...)
		n := c.must(ref, "signPreComputedHash([BSS[BS)S", words(c.all(digest[:]), out, 0)...)
		if !bytes.Equal(c.bytes(out, int(n)), sig) {
			t.Error("signPreComputedHash differs from sign")
		}
	}
}

func TestKeyAgreement(t *testing.T) {
	c := newCard(t)
	for _, bitCount := range []int{192, 256, 320} {
		p1, s1 := c.pair("ALG_EC_FP", bitCount)
		p2, s2 := c.pair("ALG_EC_FP", bitCount)
		for _, name := range []string{"ALG_EC_SVDP_DH", "ALG_EC_SVDP_DHC", "ALG_EC_SVDP_DH_PLAIN", "ALG_EC_SVDP_DHC_PLAIN", "ALG_EC_SVDP_DH_PLAIN_XY"} {
			ref := c.make("agreement(B)Ljavacard/security/KeyAgreement;", alg(agreementName+"."+name))
			agree := func(private, public vm.Ref) []byte {
				c.must(ref, "init(Ljavacard/security/PrivateKey;)V", vm.RefWord(private))
				out := c.array(make([]byte, 200))
				n := c.must(ref, "generateSecret([BSS[BS)S", words(c.all(c.get(public, "W")), out, 0)...)
				return c.bytes(out, int(n))
			}
			a, b := agree(s1, p2), agree(s2, p1)
			want := map[string]int{"ALG_EC_SVDP_DH": 20, "ALG_EC_SVDP_DHC": 20, "ALG_EC_SVDP_DH_PLAIN_XY": 1 + bitCount/4}[name]
			if want == 0 {
				want = bitCount / 8
			}
			if !bytes.Equal(a, b) || len(a) != want {
				t.Errorf("%s: %X, %X", name, a, b)
			}
			bad := c.get(p1, "W")
			bad[len(bad)-1] ^= 1
			c.throws(illegalValue, ref, "generateSecret([BSS[BS)S", words(c.all(bad), c.array(make([]byte, 200)), 0)...)
		}
	}
	c.throws(noSuchAlgorithm, c.driver, "agreement(B)Ljavacard/security/KeyAgreement;", alg(agreementName+".ALG_DH_PLAIN"))
}

func TestMACs(t *testing.T) {
	c := newCard(t)
	key := []byte("0123456789abcdef")
	for n := range 40 {
		message := bytes.Repeat([]byte{byte(n)}, n)
		check := func(algorithm, typ string, want []byte) {
			t.Helper()
			k := c.secretKey(typ, key)
			ref := c.make("signature(B)Ljavacard/security/Signature;", alg(signatureName+"."+algorithm))
			got := c.sign(ref, k, message)
			if !bytes.Equal(got, want) {
				t.Fatalf("%s of %d bytes: %X, want %X", algorithm, n, got, want)
			}
			if got[0] ^= 1; !c.verify(ref, k, message, want) || c.verify(ref, k, message, got) {
				t.Fatalf("%s of %d bytes: verify", algorithm, n)
			}
		}
		cmac, _ := mac.NewCMAC(key)
		cmac.Write(message)
		check("ALG_AES_CMAC_128", "TYPE_AES", cmac.Append(nil))
		retail, _ := mac.NewRetail(key)
		retail.Write(message)
		check("ALG_DES_MAC8_ISO9797_1_M2_ALG3", "TYPE_DES", retail.Append(nil))
		full, _ := mac.NewTDESMAC(key)
		full.Write(message)
		full.Write([]byte{0x80})
		check("ALG_DES_MAC4_ISO9797_M2", "TYPE_DES", full.Append(nil)[:4])
	}
	key = key[:16]
	k := c.make("buildKey(BSZ)Ljavacard/security/Key;", alg(builder+".TYPE_HMAC"), short(64), short(0))
	c.must(k, "setKey([BSS)V", c.all(key)...)
	ref := c.make("signature(B)Ljavacard/security/Signature;", alg(signatureName+".ALG_HMAC_SHA_256"))
	h := hmac.New(sha256.New, key)
	h.Write([]byte("message"))
	if got := c.sign(ref, k, []byte("message")); !bytes.Equal(got, h.Sum(nil)) {
		t.Errorf("HMAC %X", got)
	}
}

// A reset takes the running operation and transient values, and leaves what
// init was given and persistent keys.
func TestReset(t *testing.T) {
	req.Covers(t, "SPEC-TIMING-031")
	c := newCard(t)
	value := []byte("0123456789abcdef")
	key := c.secretKey("TYPE_AES", value)
	transient := c.make("buildKey(BSZ)Ljavacard/security/Key;", alg(builder+".TYPE_AES_TRANSIENT_RESET"), short(128), short(0))
	c.must(transient, "setKey([BS)V", words(c.array(value), 0)...)
	ref := c.make("cipher(B)Ljavacardx/crypto/Cipher;", alg(cipherName+".ALG_AES_BLOCK_128_CBC_NOPAD"))
	c.must(ref, initKey, words(key, int(modeEncrypt))...)
	other := c.make("cipher(B)Ljavacardx/crypto/Cipher;", alg(cipherName+".ALG_AES_BLOCK_128_CBC_NOPAD"))
	c.must(other, initKey, words(transient, int(modeEncrypt))...)
	first, _ := c.crypt(t, ref, make([]byte, 16), 0)
	c.must(ref, "update([BSS[BS)S", words(c.all(make([]byte, 20)), c.array(make([]byte, 64)), 0)...)

	fork := new(clock.Clock)
	d := start(t, c.flash.ForkOn(fork, nil), fork, c.api)
	if e := c.Reset(); e != nil {
		t.Fatal(e)
	}
	for _, card := range []*card{c, d} {
		again, e := card.crypt(t, ref, make([]byte, 16), 0)
		if e != nil || !bytes.Equal(again, first) {
			t.Errorf("after reset: %X %v, want %X", again, e, first)
		}
		if card.must(transient, "isInitialized()Z") != 0 || card.must(key, "isInitialized()Z") == 0 {
			t.Error("wrong keys are initialised")
		}
		card.throws(uninitializedKey, other, "doFinal([BSS[BS)S", words(card.all(make([]byte, 16)), card.array(make([]byte, 64)), 0)...)
		if card.must(transient, "getType()B") != int32(constant(builder+".TYPE_AES_TRANSIENT_RESET")) || card.must(transient, "getSize()S") != 128 {
			t.Error("type or size of the transient key")
		}
	}
}

// A private operation in the VM costs the same whatever key and data.
func TestSignatureTimeHidesKey(t *testing.T) {
	req.Covers(t, "SPEC-TIMING-012")
	c := newCard(t)
	ref := c.make("signature(B)Ljavacard/security/Signature;", alg(signatureName+".ALG_RSA_SHA_256_PKCS1"))
	var want clock.Ledger
	for i := range 4 {
		_, private := c.pair("ALG_RSA_CRT", 512)
		c.must(ref, initKey, words(private, int(modeSign))...)
		message, out := c.all(bytes.Repeat([]byte{byte(i)}, 32)), c.array(make([]byte, 64))
		before := c.Clock().Ledger()
		c.must(ref, signAll, words(message, out, 0)...)
		got := c.Clock().Ledger().Since(before)
		if i > 0 && got != want {
			t.Errorf("%v, want %v", got, want)
		}
		want = got
	}
	if want[clock.ModExp] != engine.Reference().Multiplier.CRT(8) {
		t.Errorf("%v", want)
	}
}
