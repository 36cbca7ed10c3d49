package security

import (
	"bytes"
	"crypto/sha256"
	"hash/crc32"
	"testing"

	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
	"inkan/spec/req"
)

func classOf(name string) *vm.APIClass { return binding.Class(name) }

func TestDigests(t *testing.T) {
	c := newCard(t)
	for value, h := range digests {
		if !resumable(h) && h.Size() == 0 {
			continue
		}
		ref := c.make("digest(B)Ljavacard/security/MessageDigest;", short(int(value)))
		std := h.New()
		std.Write(bytes.Repeat([]byte{7}, 150))
		want := std.Sum(nil)
		for range 2 { // doFinal starts over
			out := c.array(make([]byte, 64))
			c.must(ref, "update([BSS)V", c.all(bytes.Repeat([]byte{7}, 100))...)
			n := c.must(ref, "doFinal([BSS[BS)S", words(c.all(bytes.Repeat([]byte{7}, 50)), out, 0)...)
			if got := c.bytes(out, int(n)); !bytes.Equal(got, want) {
				t.Errorf("%v: %X, want %X", h, got, want)
			}
		}
		if n := c.must(ref, "getLength()B"); int(n) != h.Size() {
			t.Errorf("%v: getLength %d", h, n)
		}
	}
	c.throws(noSuchAlgorithm, c.driver, "digest(B)Ljavacard/security/MessageDigest;", short(99))
}

// A digest resumed from a chaining value gives the digest of the whole.
func TestSetInitialDigest(t *testing.T) {
	c := newCard(t)
	// SHA-256's chaining value after one block of zeros.
	state := []byte{
		0xDA, 0x56, 0x98, 0xBE, 0x17, 0xB9, 0xB4, 0x69, 0x62, 0x33, 0x57, 0x99, 0x77, 0x9F, 0xBE, 0xCA,
		0x8C, 0xE5, 0xD4, 0x91, 0xC0, 0xD2, 0x62, 0x43, 0xBA, 0xFE, 0xF9, 0xEA, 0x18, 0x37, 0xA9, 0xD8,
	}
	ref := c.make("digest(B)Ljavacard/security/MessageDigest;", alg(digestName+".ALG_SHA_256"))
	c.must(ref, "setInitialDigest([BSS[BSS)V", words(c.all(state), c.all([]byte{64}))...)
	out := c.array(make([]byte, 32))
	c.must(ref, "doFinal([BSS[BS)S", words(c.all([]byte("rest")), out, 0)...)
	want := sha256.Sum256(append(make([]byte, 64), "rest"...))
	if got := c.bytes(out, 32); !bytes.Equal(got, want[:]) {
		t.Errorf("%X, want %X", got, want)
	}
	c.throws(illegalValue, ref, "setInitialDigest([BSS[BSS)V", words(c.all(state), c.all([]byte{63}))...)
	c.throws(illegalValue, ref, "setInitialDigest([BSS[BSS)V", words(c.all(state[1:]), c.all([]byte{64}))...)
}

func TestRandomData(t *testing.T) {
	c := newCard(t)
	fill := func(ref vm.Ref) []byte {
		out := c.array(make([]byte, 40))
		if end := c.must(ref, "nextBytes([BSS)S", words(out, 4, 32)...); end != 36 {
			t.Errorf("nextBytes returned %d", end)
		}
		return c.bytes(out, 40)
	}
	pseudo := func() vm.Ref {
		ref := c.make("random(B)Ljavacard/security/RandomData;", short(int(algPseudo)))
		c.must(ref, "setSeed([BSS)V", c.all([]byte("seed"))...)
		return ref
	}
	a, b := fill(pseudo()), fill(pseudo())
	if !bytes.Equal(a, b) || bytes.Equal(a[4:36], make([]byte, 32)) || !bytes.Equal(a[:4], make([]byte, 4)) || !bytes.Equal(a[36:], make([]byte, 4)) {
		t.Errorf("%X %X", a, b)
	}
	secure := c.make("random(B)Ljavacard/security/RandomData;", short(int(algSecure)))
	c.must(secure, "setSeed([BSS)V", c.all([]byte("seed"))...)
	if x := fill(secure); bytes.Equal(x, a) || bytes.Equal(x, fill(secure)) {
		t.Error("secure random data repeats")
	}
	c.throws(illegalValue, secure, "generateData([BSS)V", words(c.array(make([]byte, 8)), 0, 0)...)
	c.throws(noSuchAlgorithm, c.driver, "random(B)Ljavacard/security/RandomData;", short(77))
}

func TestChecksums(t *testing.T) {
	c := newCard(t)
	for name, want := range map[string][]byte{"ALG_ISO3309_CRC16": {0x90, 0x6E}, "ALG_ISO3309_CRC32": nil} {
		ref := c.make("checksum(B)Ljavacard/security/Checksum;", alg(checksumName+"."+name))
		initial := bytes.Repeat([]byte{0xFF}, 4)
		if want == nil {
			v := crc32.ChecksumIEEE([]byte("123456789"))
			want = []byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}
		} else {
			initial = initial[:2]
		}
		c.must(ref, "init([BSS)V", c.all(initial)...)
		c.must(ref, "update([BSS)V", c.all([]byte("1234"))...)
		out := c.array(make([]byte, 4))
		n := c.must(ref, "doFinal([BSS[BS)S", words(c.all([]byte("56789")), out, 0)...)
		if got := c.bytes(out, int(n)); !bytes.Equal(got, want) {
			t.Errorf("%s: %X, want %X", name, got, want)
		}
		c.throws(illegalValue, ref, "init([BSS)V", c.all(make([]byte, 3))...)
	}
}

func TestKeyBuilder(t *testing.T) {
	req.Covers(t, "SPEC-TIMING-032")
	c := newCard(t)
	for _, k := range []struct {
		typ  string
		bits int
		ok   bool
	}{
		{"TYPE_AES", 128, true}, {"TYPE_AES", 129, false}, {"TYPE_DES", 192, true}, {"TYPE_DES", 56, false},
		{"TYPE_RSA_PUBLIC", 4096, true}, {"TYPE_RSA_CRT_PRIVATE_TRANSIENT_RESET", 1024, true}, {"TYPE_RSA_PRIVATE", 1000, false},
		{"TYPE_EC_FP_PRIVATE", 521, true}, {"TYPE_EC_FP_PUBLIC", 257, false}, {"TYPE_DSA_PUBLIC", 1024, false},
		{"TYPE_EC_F2M_PUBLIC", 163, false}, {"TYPE_KOREAN_SEED", 128, false}, {"TYPE_HMAC", 64, true},
	} {
		args := words(alg(builder+"."+k.typ), k.bits, 0)
		if !k.ok {
			c.throws(noSuchAlgorithm, c.driver, "buildKey(BSZ)Ljavacard/security/Key;", args...)
			continue
		}
		key := c.make("buildKey(BSZ)Ljavacard/security/Key;", args...)
		if c.must(key, "getType()B") != int32(constant(builder+"."+k.typ)) || c.must(key, "getSize()S") != int32(k.bits) || c.must(key, "isInitialized()Z") != 0 {
			t.Errorf("%s %d", k.typ, k.bits)
		}
	}
}

// A key with a cipher takes its value encrypted.
func TestKeyEncryption(t *testing.T) {
	c := newCard(t)
	wrap := c.secretKey("TYPE_AES", []byte("wrapping key 123"))
	value := []byte("the key's value!")
	ref := c.make("cipher(B)Ljavacardx/crypto/Cipher;", alg(cipherName+".ALG_AES_BLOCK_128_ECB_NOPAD"))
	c.must(ref, initKey, words(wrap, int(modeEncrypt))...)
	sealed, _ := c.crypt(t, ref, value, 0)
	key := c.make("buildKey(BSZ)Ljavacard/security/Key;", alg(builder+".TYPE_AES"), short(128), short(1))
	c.must(key, "setKeyCipher(Ljavacardx/crypto/Cipher;)V", words(ref)...)
	c.throws(illegalValue, key, "setKey([BS)V", words(c.array(sealed), 0)...) // it encrypts
	c.must(ref, initKey, words(wrap, int(modeDecrypt))...)
	c.must(key, "setKey([BS)V", words(c.array(sealed), 0)...)
	out := c.array(make([]byte, 16))
	c.must(key, "getKey([BS)B", words(out, 0)...)
	if got := c.bytes(out, 16); !bytes.Equal(got, value) {
		t.Errorf("%X", got)
	}
	if vm.Ref(c.must(key, "getKeyCipher()Ljavacardx/crypto/Cipher;")) != ref {
		t.Error("getKeyCipher")
	}
}

func TestOneShot(t *testing.T) {
	c := newCard(t)
	key := c.secretKey("TYPE_AES", make([]byte, 16))
	ref := c.make("oneShot(BB)Ljavacardx/crypto/Cipher$OneShot;", short(int(cipherAESECB)), short(int(padNone)))
	c.must(ref, initKey, words(key, int(modeEncrypt))...)
	out := c.array(make([]byte, 16))
	c.throws(illegalUse, ref, "update([BSS[BS)S", words(c.all(make([]byte, 16)), out, 0)...)
	c.must(ref, "doFinal([BSS[BS)S", words(c.all(make([]byte, 16)), out, 0)...)
	c.must(ref, "close()V")
	c.throws(illegalUse, ref, "doFinal([BSS[BS)S", words(c.all(make([]byte, 16)), out, 0)...)
}
