package bare

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"inkan/sim/clock"
	"inkan/spec/req"
)

// cryptoApplet uses the cryptography that public applets use most, the way they
// use it: key pairs and a key in static fields, algorithm objects per command.
var cryptoApplet = source{
	fields: 4,
	install: keyPair(0, 2, 1024) + keyPair(1, 5, 256) + `
    bspush 15
    sspush 128
    sconst_0
    invokestatic {KeyBuilder.buildKey(BSZ)Ljavacard/security/Key;}
    checkcast 0 {AESKey}
    putstatic_a {#2}
    new {OwnerPIN}
    dup
    sconst_3
    bspush 8
    invokespecial {OwnerPIN.<init>(BB)V}
    putstatic_a {#3}
    getstatic_a {#3}
    aload_0
    sload_1
    bspush 4
    invokevirtual {OwnerPIN.update([BSB)V}`,
	process: `
    aload_2
    sconst_1
    baload
    slookupswitch unknown 0x10:generate 0x11:modulus 0x12:sign 0x13:point 0x14:ecsign 0x15:agree 0x16:setkey 0x17:encrypt 0x18:hash 0x19:decrypt 0x1A:random 0x1B:pin 0x1C:derive
generate:
    getstatic_a {#0}
    invokevirtual {KeyPair.genKeyPair()V}
    getstatic_a {#1}
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
point:
    getstatic_a {#1}
    invokevirtual {KeyPair.getPublic()Ljavacard/security/PublicKey;}
    checkcast 0 {ECPublicKey}
    aload_2
    sconst_0
    invokeinterface 3 {ECPublicKey} {ECPublicKey!getW([BS)S}
    goto_w send
sign:
    bspush 40
    sconst_0
    invokestatic {Signature.getInstance(BZ)Ljavacard/security/Signature;}
    astore 4
    aload 4
    getstatic_a {#0}
    goto_w signwith
ecsign:
    bspush 33
    sconst_0
    invokestatic {Signature.getInstance(BZ)Ljavacard/security/Signature;}
    astore 4
    aload 4
    getstatic_a {#1}
signwith:
    invokevirtual {KeyPair.getPrivate()Ljavacard/security/PrivateKey;}
    sconst_1
    invokevirtual {Signature.init(Ljavacard/security/Key;B)V}
    aload 4
    aload_2
    sconst_5
    sload_3
    aload_2
    sconst_0
    invokevirtual {Signature.sign([BSS[BS)S}
    goto_w send
agree:
    sconst_3
    goto_w agreewith
derive:
    sconst_1
agreewith:
    sconst_0
    invokestatic {KeyAgreement.getInstance(BZ)Ljavacard/security/KeyAgreement;}
    astore 4
    aload 4
    getstatic_a {#1}
    invokevirtual {KeyPair.getPrivate()Ljavacard/security/PrivateKey;}
    invokevirtual {KeyAgreement.init(Ljavacard/security/PrivateKey;)V}
    aload 4
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
encrypt:
    bspush 13
    sconst_0
    invokestatic {Cipher.getInstance(BZ)Ljavacardx/crypto/Cipher;}
    astore 4
    aload 4
    getstatic_a {#2}
    sconst_2
    invokevirtual {Cipher.init(Ljavacard/security/Key;B)V}
    goto_w crypt
decrypt:
    bspush 10
    sconst_0
    invokestatic {Cipher.getInstance(BZ)Ljavacardx/crypto/Cipher;}
    astore 4
    aload 4
    getstatic_a {#0}
    invokevirtual {KeyPair.getPrivate()Ljavacard/security/PrivateKey;}
    sconst_1
    invokevirtual {Cipher.init(Ljavacard/security/Key;B)V}
crypt:
    aload 4
    aload_2
    sconst_5
    sload_3
    aload_2
    sconst_0
    invokevirtual {Cipher.doFinal([BSS[BS)S}
    goto_w send
hash:
    sconst_4
    sconst_0
    invokestatic {MessageDigest.getInstance(BZ)Ljavacard/security/MessageDigest;}
    aload_2
    sconst_5
    sload_3
    aload_2
    sconst_0
    invokevirtual {MessageDigest.doFinal([BSS[BS)S}
    goto_w send
random:
    sconst_2
    invokestatic {RandomData.getInstance(B)Ljavacard/security/RandomData;}
    aload_2
    sconst_0
    bspush 16
    invokevirtual {RandomData.generateData([BSS)V}
    bspush 16
    goto_w send
pin:
    aload_2
    sconst_0
    getstatic_a {#3}
    aload_2
    sconst_5
    sload_3
    s2b
    invokevirtual {OwnerPIN.check([BSB)Z}
    bastore
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

// keyPair is code that puts a new key pair into a static field.
func keyPair(field, algorithm, bits int) string {
	return fmt.Sprintf("new {KeyPair}\ndup\nbspush %d\nsspush %d\ninvokespecial {KeyPair.<init>(BS)V}\nputstatic_a {#%d}\n", algorithm, bits, field)
}

// ask sends data to the selected applet and wants 9000.
func ask(t testing.TB, card *Card, ins byte, data ...byte) []byte {
	t.Helper()
	cmd := []byte{0x80, ins, 0, 0}
	if len(data) > 0 {
		cmd = append(append(cmd, byte(len(data))), data...)
	}
	got, err := card.Transmit(ctx, append(cmd, 0), nil)
	if err != nil || !bytes.HasSuffix(got, []byte{0x90, 0}) {
		t.Fatalf("INS %02X: %X, %v", ins, got, err)
	}
	return got[:len(got)-2]
}

// TestCrypto compares what an applet computes with the Go standard library.
func TestCrypto(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-110", "SPEC-RUNTIME-111")
	card := cryptoApplet.run(t)
	exchanges(t, card, "00A4040008"+strings.ToUpper(hex.EncodeToString(append(bytes.Clone(sourceAID), 1)))+" -> 9000")
	ask(t, card, 0x10)
	message := []byte("put the Japanese JPKI user-authentication key into a SIM card")
	digest := sha256.Sum256(message)

	public := &rsa.PublicKey{N: new(big.Int).SetBytes(ask(t, card, 0x11)), E: 65537}
	if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], ask(t, card, 0x12, message...)); err != nil {
		t.Errorf("RSA signature: %v", err)
	}
	padded := append(append([]byte{2}, bytes.Repeat([]byte{0x77}, 125-len(message))...), append([]byte{0}, message...)...)
	ciphertext := make([]byte, 128)
	new(big.Int).Exp(new(big.Int).SetBytes(padded), big.NewInt(65537), public.N).FillBytes(ciphertext)
	if got := ask(t, card, 0x19, ciphertext...); !bytes.Equal(got, message) {
		t.Errorf("RSA decryption: %X", got)
	}

	w := ask(t, card, 0x13)
	point := &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).SetBytes(w[1:33]), Y: new(big.Int).SetBytes(w[33:])}
	if !ecdsa.VerifyASN1(point, digest[:], ask(t, card, 0x14, message...)) {
		t.Error("ECDSA signature is wrong")
	}
	host, err := ecdh.P256().NewPrivateKey(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	peer, err := ecdh.P256().NewPublicKey(w)
	if err != nil {
		t.Fatal(err)
	}
	secret, _ := host.ECDH(peer)
	if got := ask(t, card, 0x15, host.PublicKey().Bytes()...); !bytes.Equal(got, secret) {
		t.Errorf("ECDH: %X, want %X", got, secret)
	}
	hashed := sha1.Sum(secret)
	if got := ask(t, card, 0x1C, host.PublicKey().Bytes()...); !bytes.Equal(got, hashed[:]) {
		t.Errorf("ECDH with SHA-1: %X, want %X", got, hashed)
	}

	key := bytes.Repeat([]byte{0xA5}, 16)
	block, _ := aes.NewCipher(key)
	want := make([]byte, 48)
	cipher.NewCBCEncrypter(block, make([]byte, 16)).CryptBlocks(want, message[:48])
	ask(t, card, 0x16, key...)
	if got := ask(t, card, 0x17, message[:48]...); !bytes.Equal(got, want) {
		t.Errorf("AES CBC: %X, want %X", got, want)
	}
	if got := ask(t, card, 0x18, message...); !bytes.Equal(got, digest[:]) {
		t.Errorf("SHA-256: %X", got)
	}
	if a, b := ask(t, card, 0x1A), ask(t, card, 0x1A); len(a) != 16 || bytes.Equal(a, b) {
		t.Errorf("random: %X %X", a, b)
	}
	if k := card.Clock(); k.Ledger().Sum() != k.Now() {
		t.Errorf("ledger %d, clock %d", k.Ledger().Sum(), k.Now())
	}
}

// TestSecretsInCycles: what a command costs does not tell a PIN, nor a key. The
// applet makes its algorithm objects anew for each command, so that they lie
// elsewhere in the NVM and cost other page updates: these are left out.
func TestSecretsInCycles(t *testing.T) {
	cycles := func(card *Card, ins byte, data ...byte) (n uint64) {
		before := card.Clock().Ledger()
		ask(t, card, ins, data...)
		for cause, spent := range card.Clock().Ledger().Since(before) {
			if c := clock.Cause(cause); ins == 0x1B || c != clock.NVMErase && c != clock.NVMProgram {
				n += spent
			}
		}
		return n
	}
	card := cryptoApplet.run(t)
	exchanges(t, card, "00A4040008"+strings.ToUpper(hex.EncodeToString(append(bytes.Clone(sourceAID), 1)))+" -> 9000")
	// install's parameters begin with the instance AID: the PIN is 08 F0 69 6E.
	right := []byte{8, 0xF0, 'i', 'n'}
	var first uint64
	for i := range right {
		ask(t, card, 0x1B, right...)
		wrong := bytes.Clone(right)
		wrong[i] ^= 0x5A
		if n := cycles(card, 0x1B, wrong...); first == 0 {
			first = n
		} else if n != first {
			t.Errorf("PIN wrong in byte %d: %d cycles, in byte 0: %d", i, n, first)
		}
	}
	var aes uint64
	for _, b := range []byte{0, 1, 0x80, 0xFF} {
		ask(t, card, 0x16, bytes.Repeat([]byte{b}, 16)...)
		if n := cycles(card, 0x17, make([]byte, 16)...); aes == 0 {
			aes = n
		} else if n != aes {
			t.Errorf("AES with key %02X..: %d cycles, with 00..: %d", b, n, aes)
		}
	}
	counts := [2]map[uint64]int{{}, {}}
	for range 4 {
		ask(t, card, 0x10)
		counts[0][cycles(card, 0x12, 1, 2, 3)]++
		w := ask(t, card, 0x13)
		counts[1][cycles(card, 0x15, w...)]++
	}
	for i, what := range []string{"RSA signature", "ECDH"} {
		if len(counts[i]) != 1 {
			t.Errorf("cycles of %s depend on the key: %v", what, counts[i])
		}
	}
}
