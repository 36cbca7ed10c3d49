package bare

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"math/big"
	"testing"

	"inkan/sim/engine"
	"inkan/spec/req"
)

// component is code that calls a setter of several keys with the command data
// when P1 is a number.
func component(class string, keys []string, names ...string) string {
	text := "aload_2\nsconst_2\nbaload\nstableswitch unknown 0 " + fmt.Sprint(len(names)-1)
	for _, name := range names {
		text += " " + class + name
	}
	text += "\n"
	for _, name := range names {
		text += class + name + ":\n"
		for i, key := range keys {
			c := class
			if len(keys) == 2 {
				c = []string{"ECPublicKey", "ECPrivateKey"}[i]
			}
			text += key + "checkcast 0 {" + c + "}\naload_2\nsconst_5\nsload_3\ninvokeinterface 4 {" + c + "} {" + c + "!set" + name + "([BSS)V}\n"
		}
		text += "return\n"
	}
	return text
}

const (
	getPublic  = "getstatic_a {#4}\ninvokevirtual {KeyPair.getPublic()Ljavacard/security/PublicKey;}\n"
	getPrivate = "getstatic_a {#4}\ninvokevirtual {KeyPair.getPrivate()Ljavacard/security/PrivateKey;}\n"
)

// pkiApplet does what an applet with a key and a certificate does: long-lived
// objects, keys made and delivered, its own padding.
var pkiApplet = source{
	fields: 8,
	install: keyPair(0, 2, 2048) + keyPair(4, 5, 256) + `
    bspush 6
    sspush 2048
    sconst_0
    invokestatic {KeyBuilder.buildKey(BSZ)Ljavacard/security/Key;}
    putstatic_a {#1}
    bspush 15
    sspush 256
    sconst_0
    invokestatic {KeyBuilder.buildKey(BSZ)Ljavacard/security/Key;}
    putstatic_a {#2}
    sconst_4
    sconst_0
    invokestatic {MessageDigest.getInstance(BZ)Ljavacard/security/MessageDigest;}
    putstatic_a {#3}
    bspush 12
    sconst_0
    invokestatic {Cipher.getInstance(BZ)Ljavacardx/crypto/Cipher;}
    putstatic_a {#5}
    sspush 256
    sconst_1
    invokestatic {JCSystem.makeTransientByteArray(SB)[B}
    putstatic_a {#6}
    sconst_3
    sconst_0
    invokestatic {KeyAgreement.getInstance(BZ)Ljavacard/security/KeyAgreement;}
    putstatic_a {#7}`,
	process: `
    aload_2
    sconst_1
    baload
    slookupswitch unknown 0x10:generate 0x11:modulus 0x12:sign 0x13:set 0x14:delivered 0x15:domain 0x16:ecgenerate 0x17:agree 0x18:setkey 0x19:crypt 0x1A:digest 0x1B:clear 0x1C:deletion 0x1D:point
generate:
    getstatic_a {#0}
    invokevirtual {KeyPair.genKeyPair()V}
    return
modulus:
    getstatic_a {#0}
    invokevirtual {KeyPair.getPublic()Ljavacard/security/PublicKey;}
    checkcast 0 {RSAPublicKey}
    aload_2
    sconst_0
    invokeinterface 3 {RSAPublicKey} {RSAPublicKey!getModulus([BS)S}
    goto_w send
sign:
    getstatic_a {#0}
    invokevirtual {KeyPair.getPrivate()Ljavacard/security/PrivateKey;}
    astore 4
    goto apply
delivered:
    getstatic_a {#1}
    checkcast 0 {PrivateKey}
    astore 4
apply:
    getstatic_a {#5}
    aload 4
    aload_2
    sconst_2
    baload
    invokevirtual {Cipher.init(Ljavacard/security/Key;B)V}
    getstatic_a {#6}
    sconst_0
    sspush 256
    sconst_m1
    invokestatic {Util.arrayFillNonAtomic([BSSB)S}
    pop
    getstatic_a {#6}
    sconst_0
    sconst_1
    invokestatic {Util.setShort([BSS)S}
    pop
    getstatic_a {#6}
    sspush 255
    sload_3
    ssub
    sconst_0
    bastore
    aload_2
    sconst_5
    getstatic_a {#6}
    sspush 256
    sload_3
    ssub
    sload_3
    invokestatic {Util.arrayCopyNonAtomic([BS[BSS)S}
    pop
    getstatic_a {#5}
    getstatic_a {#6}
    sconst_0
    sspush 256
    aload_2
    sconst_0
    invokevirtual {Cipher.doFinal([BSS[BS)S}
    goto_w send
set:
` + component("RSAPrivateCrtKey", []string{"getstatic_a {#1}\n"}, "P", "Q", "PQ", "DP1", "DQ1") + `
domain:
` + component("ECKey", []string{getPublic, getPrivate}, "FieldFP", "A", "B", "G", "R") + `
ecgenerate:
    getstatic_a {#4}
    invokevirtual {KeyPair.genKeyPair()V}
    return
point:
    ` + getPublic + `
    checkcast 0 {ECPublicKey}
    aload_2
    sconst_0
    invokeinterface 3 {ECPublicKey} {ECPublicKey!getW([BS)S}
    goto_w send
agree:
    getstatic_a {#7}
    ` + getPrivate + `
    invokevirtual {KeyAgreement.init(Ljavacard/security/PrivateKey;)V}
    getstatic_a {#7}
    aload_2
    sconst_5
    sload_3
    aload_2
    sconst_0
    invokevirtual {KeyAgreement.generateSecret([BSS[BS)S}
    goto_w send
setkey:
    getstatic_a {#2}
    aload_2
    sconst_5
    invokeinterface 3 {AESKey} {AESKey!setKey([BS)V}
    return
crypt:
    aload_2
    sconst_2
    baload
    sconst_0
    invokestatic {Cipher.getInstance(BZ)Ljavacardx/crypto/Cipher;}
    astore 4
    aload 4
    getstatic_a {#2}
    aload_2
    sconst_3
    baload
    invokevirtual {Cipher.init(Ljavacard/security/Key;B)V}
    aload 4
    aload_2
    sconst_5
    sload_3
    aload_2
    sconst_0
    invokevirtual {Cipher.doFinal([BSS[BS)S}
    goto_w send
digest:
    getstatic_a {#3}
    aload_2
    sconst_5
    sload_3
    aload_2
    sconst_2
    baload
    ifne last
    invokevirtual {MessageDigest.update([BSS)V}
    return
last:
    aload_2
    sconst_0
    invokevirtual {MessageDigest.doFinal([BSS[BS)S}
    goto_w send
clear:
    getstatic_a {#2}
    invokeinterface 1 {AESKey} {AESKey!clearKey()V}
    aload_2
    sconst_0
    getstatic_a {#2}
    invokeinterface 1 {AESKey} {AESKey!isInitialized()Z}
    bastore
    sconst_1
    goto_w send
deletion:
    aload_2
    sconst_0
    invokestatic {JCSystem.isObjectDeletionSupported()Z}
    bastore
    bspush 100
    newarray 11
    pop
    invokestatic {JCSystem.requestObjectDeletion()V}
    sconst_1
send:
    sstore 4
    aload_1
    sconst_0
    sload 4
    invokevirtual {APDU.setOutgoingAndSend(SS)V}
    return
unknown:
    sspush 0x6D00
    invokestatic {ISOException.throwIt(S)V}
    return`,
}

// say sends data with P1 and P2 and wants 9000.
func say(t *testing.T, card *Card, ins, p1, p2 byte, data ...byte) []byte {
	t.Helper()
	cmd := append([]byte{0x80, ins, p1, p2, byte(len(data))}, data...)
	if len(data) == 0 {
		cmd = cmd[:4]
	}
	got, err := card.Transmit(ctx, append(cmd, 0), nil)
	if err != nil || !bytes.HasSuffix(got, []byte{0x90, 0}) {
		t.Fatalf("INS %02X: %X, %v", ins, got, err)
	}
	return got[:len(got)-2]
}

// TestPKIRSA signs with a key made on the card and with a delivered one, padding
// done by the applet, in both modes of Cipher.
func TestPKIRSA(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-110", "SPEC-RUNTIME-111")
	card := pkiApplet.run(t)
	exchanges(t, card, selectPersonal)
	say(t, card, 0x10, 0, 0)
	digest := sha256.Sum256([]byte("message"))
	info := append(unhex(t, "3031300D060960864801650304020105000420"), digest[:]...)
	made := &rsa.PublicKey{N: new(big.Int).SetBytes(say(t, card, 0x11, 0, 0)), E: 65537}
	if made.N.BitLen() != 2048 {
		t.Fatalf("modulus of %d bits", made.N.BitLen())
	}
	g := engine.New(card.cfg.Chip, card.Clock(), card.cfg.Entropy)
	k, err := g.GenerateRSA(2048, []byte{1, 0, 1})
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range [][]byte{k.P, k.Q, k.QInv, k.DP, k.DQ} {
		say(t, card, 0x13, byte(i), 0, b...)
	}
	delivered := &rsa.PublicKey{N: new(big.Int).SetBytes(k.N), E: 65537}
	for _, mode := range []byte{1, 2} {
		for ins, public := range map[byte]*rsa.PublicKey{0x12: made, 0x14: delivered} {
			if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], say(t, card, ins, mode, 0, info...)); err != nil {
				t.Errorf("INS %02X, mode %d: %v", ins, mode, err)
			}
		}
	}
}

// TestPKIEC agrees on a key over explicit parameters.
func TestPKIEC(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-110", "SPEC-RUNTIME-111")
	card := pkiApplet.run(t)
	exchanges(t, card, selectPersonal)
	d := engine.DomainNamed("secp256r1")
	for i, b := range [][]byte{d.P, d.A, d.B, d.G, d.N} {
		say(t, card, 0x15, byte(i), 0, b...)
	}
	say(t, card, 0x16, 0, 0)
	peer, err := ecdh.P256().NewPublicKey(say(t, card, 0x1D, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	host, err := ecdh.P256().NewPrivateKey(bytes.Repeat([]byte{9}, 32))
	if err != nil {
		t.Fatal(err)
	}
	want, _ := host.ECDH(peer)
	if got := say(t, card, 0x17, 0, 0, host.PublicKey().Bytes()...); !bytes.Equal(got, want) {
		t.Errorf("shared secret %X, want %X", got, want)
	}
}

// TestPKISecret: AES-256 in both modes, a digest that goes on from command to
// command, a key that is cleared, objects that are collected.
func TestPKISecret(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-110", "SPEC-RUNTIME-111")
	card := pkiApplet.run(t)
	exchanges(t, card, selectPersonal)
	key, plain := bytes.Repeat([]byte{0x5C}, 32), bytes.Repeat([]byte("0123456789abcdef"), 3)
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	cbc, ecb := make([]byte, 48), make([]byte, 48)
	cipher.NewCBCEncrypter(block, make([]byte, 16)).CryptBlocks(cbc, plain)
	for i := 0; i < 48; i += 16 {
		block.Encrypt(ecb[i:], plain[i:])
	}
	say(t, card, 0x18, 0, 0, key...)
	for alg, want := range map[byte][]byte{13: cbc, 14: ecb} {
		if got := say(t, card, 0x19, alg, 2, plain...); !bytes.Equal(got, want) {
			t.Errorf("%d: %X, want %X", alg, got, want)
		}
		if got := say(t, card, 0x19, alg, 1, want...); !bytes.Equal(got, plain) {
			t.Errorf("%d decrypts to %X", alg, got)
		}
	}
	if got := say(t, card, 0x1B, 0, 0); got[0] != 0 {
		t.Error("a cleared key is initialised")
	}
	exchanges(t, card, "80190D0210"+"00000000000000000000000000000000"+"00 -> 6F00") // UNINITIALIZED_KEY
	say(t, card, 0x1A, 0, 0, plain...)
	say(t, card, 0x1A, 0, 0, plain[:7]...)
	want := sha256.Sum256(append(append(bytes.Clone(plain), plain[:7]...), 'x'))
	if got := say(t, card, 0x1A, 1, 0, 'x'); !bytes.Equal(got, want[:]) {
		t.Errorf("digest %X, want %X", got, want)
	}
	say(t, card, 0x1C, 0, 0)
	free := card.Machine().FreeBytes()
	for range 3 {
		if got := say(t, card, 0x1C, 0, 0); got[0] != 1 || card.Machine().FreeBytes() != free {
			t.Errorf("object deletion: %X, %d bytes free, %d before", got, card.Machine().FreeBytes(), free)
		}
	}
}
