package security

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/mac"
	"inkan/sim/vm"
	"inkan/spec/req"
)

// secretKey makes a symmetric key with a value.
func (c *card) secretKey(typeName string, value []byte) vm.Ref {
	c.Helper()
	key := c.make("buildKey(BSZ)Ljavacard/security/Key;", alg(builder+"."+typeName), short(8*len(value)), short(0))
	c.must(key, "setKey([BS)V", vm.RefWord(c.array(value)), short(0))
	return key
}

// crypt runs update in pieces and doFinal, and returns the whole output.
func (c *card) crypt(t rapid.TB, ref vm.Ref, in []byte, cut int) ([]byte, *vm.Exception) {
	out := c.array(make([]byte, len(in)+256))
	n, e := c.call(ref, "update([BSS[BS)S", words(c.all(in[:cut]), out, 0)...)
	if e != nil {
		return nil, e
	}
	k, e := c.call(ref, "doFinal([BSS[BS)S", words(c.all(in[cut:]), out, int(n))...)
	if e != nil {
		return nil, e
	}
	return c.bytes(out, int(n+k)), nil
}

// blockSuite is a block cipher algorithm and how the standard library does it.
type blockSuite struct {
	alg, typ string
	size     int
	make     func([]byte) (cipher.Block, error)
	cbc      bool
	pad      string
}

var blockSuites = []blockSuite{
	{"ALG_AES_BLOCK_128_CBC_NOPAD", "TYPE_AES", 16, aes.NewCipher, true, ""},
	{"ALG_AES_BLOCK_128_ECB_NOPAD", "TYPE_AES", 32, aes.NewCipher, false, ""},
	{"ALG_AES_CBC_ISO9797_M2", "TYPE_AES", 24, aes.NewCipher, true, "M2"},
	{"ALG_AES_ECB_PKCS5", "TYPE_AES", 16, aes.NewCipher, false, "PKCS5"},
	{"ALG_AES_CBC_ISO9797_M1", "TYPE_AES", 16, aes.NewCipher, true, "M1"},
	{"ALG_DES_CBC_NOPAD", "TYPE_DES", 8, des.NewCipher, true, ""},
	{"ALG_DES_CBC_PKCS5", "TYPE_DES", 16, mac.NewTDES, true, "PKCS5"},
	{"ALG_DES_ECB_ISO9797_M2", "TYPE_DES", 24, mac.NewTDES, false, "M2"},
}

// encrypt is the padded message in the suite's mode, by the standard library.
func (s *blockSuite) encrypt(block cipher.Block, iv, padded []byte) []byte {
	out := bytes.Clone(padded)
	if s.cbc {
		cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, out)
		return out
	}
	for i := 0; i < len(out); i += block.BlockSize() {
		block.Encrypt(out[i:], out[i:])
	}
	return out
}

func TestBlockCiphers(t *testing.T) {
	for _, suite := range blockSuites {
		t.Run(suite.alg, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				c := newCard(t)
				value := rapid.SliceOfN(rapid.Byte(), suite.size, suite.size).Draw(rt, "key")
				block, err := suite.make(value)
				if err != nil {
					t.Fatal(err)
				}
				size := block.BlockSize()
				n := rapid.IntRange(0, 70).Draw(rt, "length")
				if suite.pad == "" {
					n -= n % size
				}
				in := rapid.SliceOfN(rapid.Byte(), n, n).Draw(rt, "message")
				iv := rapid.SliceOfN(rapid.Byte(), size, size).Draw(rt, "iv")
				key := c.secretKey(suite.typ, value)
				ref := c.make("cipher(B)Ljavacardx/crypto/Cipher;", alg(cipherName+"."+suite.alg))
				begin := func(mode int8) {
					if suite.cbc {
						c.must(ref, "init(Ljavacard/security/Key;B[BSS)V", words(key, int(mode), c.all(iv))...)
					} else {
						c.must(ref, "init(Ljavacard/security/Key;B)V", words(key, int(mode))...)
					}
				}
				begin(modeEncrypt)
				cut := rapid.IntRange(0, n).Draw(rt, "cut")
				got, e := c.crypt(rt, ref, in, cut)
				if e != nil {
					t.Fatal(e)
				}
				plain := padded(suite.pad, in, size)
				want := suite.encrypt(block, iv, plain)
				if !bytes.Equal(got, want) {
					rt.Fatalf("%X, want %X", got, want)
				}
				begin(modeDecrypt)
				for _, at := range []int{min(cut, len(got)), len(got)} { // doFinal leaves the cipher as init did
					back, e := c.crypt(rt, ref, got, at)
					if e != nil {
						t.Fatal(e)
					}
					if suite.pad == "M1" {
						in = plain
					}
					if !bytes.Equal(back, in) {
						rt.Fatalf("decrypted %X, want %X", back, in)
					}
				}
			})
		})
	}
}

// padded is an independent reading of the paddings.
func padded(name string, in []byte, size int) []byte {
	out := append([]byte(nil), in...)
	switch name {
	case "M2":
		return mac.AppendPad80(out, 0, size)
	case "PKCS5":
		n := size - len(in)%size
		for range n {
			out = append(out, byte(n))
		}
	case "M1":
		for len(out) == 0 || len(out)%size != 0 {
			out = append(out, 0)
		}
	}
	return out
}

func TestCipherExceptions(t *testing.T) {
	req.Covers(t, "SPEC-TIMING-032", "SPEC-TIMING-033")
	c := newCard(t)
	const init = "init(Ljavacard/security/Key;B)V"
	const doFinal = "doFinal([BSS[BS)S"
	aesKey := c.secretKey("TYPE_AES", make([]byte, 16))
	desKey := c.secretKey("TYPE_DES", make([]byte, 8))
	empty := c.make("buildKey(BSZ)Ljavacard/security/Key;", alg(builder+".TYPE_AES"), short(128), short(0))
	ref := c.make("cipher(B)Ljavacardx/crypto/Cipher;", alg(cipherName+".ALG_AES_BLOCK_128_CBC_NOPAD"))
	in, out := c.all(make([]byte, 15)), c.array(make([]byte, 64))
	c.throws(invalidInit, ref, doFinal, words(in, out, 0)...)
	c.throws(illegalValue, ref, init, words(desKey, int(modeEncrypt))...)
	c.throws(illegalValue, ref, init, words(aesKey, 3)...)
	c.throws(uninitializedKey, ref, init, words(empty, int(modeEncrypt))...)
	c.throws(illegalValue, ref, "init(Ljavacard/security/Key;B[BSS)V", words(aesKey, int(modeEncrypt), c.all(make([]byte, 8)))...)
	c.must(ref, init, words(aesKey, int(modeEncrypt))...)
	c.throws(illegalUse, ref, doFinal, words(in, out, 0)...)
	c.must(aesKey, "clearKey()V")
	c.throws(uninitializedKey, ref, doFinal, words(c.all(make([]byte, 16)), out, 0)...)
	if _, e := c.call(ref, init, words(vm.Null, int(modeEncrypt))...); e == nil || e.Class.Name() != "java/lang/NullPointerException" {
		t.Errorf("null key: %v", e)
	}
	for _, name := range []string{"ALG_RSA_ISO9796", "ALG_RSA_ISO14888", "ALG_KOREAN_SEED_ECB_NOPAD", "ALG_AES_BLOCK_192_CBC_NOPAD", "ALG_AES_CTR"} {
		c.throws(noSuchAlgorithm, c.driver, "cipher(B)Ljavacardx/crypto/Cipher;", alg(cipherName+"."+name))
	}
	c.throws(noSuchAlgorithm, c.driver, "cipher(BB)Ljavacardx/crypto/Cipher;", short(1), short(9))
	c.throws(noSuchAlgorithm, c.driver, "cipher(BB)Ljavacardx/crypto/Cipher;", short(99), short(1))
}

// A output buffer that is too small is an ArrayIndexOutOfBoundsException before
// anything changes.
func TestCipherOutputTooSmall(t *testing.T) {
	c := newCard(t)
	key := c.secretKey("TYPE_AES", make([]byte, 16))
	ref := c.make("cipher(B)Ljavacardx/crypto/Cipher;", alg(cipherName+".ALG_AES_BLOCK_128_ECB_NOPAD"))
	c.must(ref, "init(Ljavacard/security/Key;B)V", words(key, int(modeEncrypt))...)
	small := c.array(make([]byte, 15))
	_, e := c.call(ref, "doFinal([BSS[BS)S", words(c.all(make([]byte, 16)), small, 0)...)
	if e == nil || e.Class.Name() != "java/lang/ArrayIndexOutOfBoundsException" {
		t.Errorf("%v", e)
	}
	if got := c.bytes(small, 15); !bytes.Equal(got, make([]byte, 15)) {
		t.Errorf("%X was written", got)
	}
}
