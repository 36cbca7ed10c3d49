package foreignhosts

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"math/big"
	"testing"

	"inkan/core/keys"
	system "inkan/sim/os"
	"inkan/spec/req"
)

// proToken is GlobalPlatformPro's token under an RSA key of 1024 bits.
func proToken(t testing.TB, key *rsa.PrivateKey, p1 byte, data []byte) []byte {
	t.Helper()
	sum := sha1.Sum(append([]byte{p1, 0, byte(len(data))}, data...))
	token, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA1, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// proReceipt checks a receipt as GlobalPlatformPro does: the response has a length,
// the receipt with its own, and confirmation data, which are signed before the
// context.
func proReceipt(t testing.TB, key, response, context []byte) {
	t.Helper()
	if len(response) < 20 || int(response[0]) != len(response)-1 || response[1] != 16 {
		t.Fatalf("confirmation %X", response)
	}
	if want := aesMAC(t, key, append(bytes.Clone(response[18:]), context...)); !bytes.Equal(want, response[2:18]) {
		t.Errorf("receipt %X, want %X", response[2:18], want)
	}
}

// TestProDelegated is GlobalPlatformPro with --dm-key and --receipt-key in a domain
// with Delegated Management.
func TestProDelegated(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-050", "SPEC-UICC-OS-051", "SPEC-UICC-OS-052", "SPEC-UICC-OS-054", "SPEC-UICC-OS-110", "SPEC-GP-CONTENT-040")
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for _, number := range [][]byte{nil, {0x45}} {
		proDelegated(t, key, newCard(t, system.Config{Issuer: system.Issuer{CIN: number}}), number)
	}
}

// proDelegated loads, installs and deletes by tokens. A card without a number to
// name it gives no receipts.
func proDelegated(t *testing.T, key *rsa.PrivateKey, l *line, number []byte) {
	l.say(t, "00A4040000", 0x9000)
	c := l.connect(t, 0, cmac, sameKeys(testKey), true)
	n := object("A1", key.N.FillBytes(make([]byte, 128)))
	c.send(t, 0xD8, 0, 1, append(append([]byte{0x70}, n...), unhex(t, "A00301000100")...), 0x9000)
	receiptKey := bytes.Repeat([]byte{0x71}, 16)
	c.send(t, 0xD8, 0, 1, append([]byte{0x71}, c.proKey(t, keys.AES, receiptKey)...), 0x9000)
	confirmed := func(response, context []byte) {
		t.Helper()
		if number != nil {
			proReceipt(t, receiptKey, response, context)
		} else if !bytes.Equal(response, []byte{0}) {
			t.Errorf("confirmation %X", response)
		}
	}
	c.send(t, 0xE6, 0x0C, 0, append(lv(unhex(t, "A0000001515350"), unhex(t, "A000000151535041"), unhex(t, domainAID), []byte{0xA0}, []byte{0xC9, 0}), 0), 0x9000)
	l.say(t, "00A4040009"+domainAID+"00", 0x9000)
	c = l.connect(t, 0, cmac, sameKeys(testKey), true)
	code := content(t)
	hash := sha1.Sum(code)
	load := lv(unhex(t, packageAID), unhex(t, domainAID), hash[:], nil)
	c.send(t, 0xE6, 0x02, 0, append(bytes.Clone(load), 0), 0x6985)
	c.send(t, 0xE6, 0x02, 0, append(append(bytes.Clone(load), 0x81, 0x80), make([]byte, 128)...), 0x6982)
	c.send(t, 0xE6, 0x02, 0, append(append(bytes.Clone(load), 0x81, 0x80), proToken(t, key, 2, load)...), 0x9000)
	var out []byte
	file := object("C4", code)
	for number := byte(0); len(file) > 0; number++ {
		size, p1 := min(247, len(file)), byte(0)
		if size == len(file) {
			p1 = 0x80
		}
		out = c.send(t, 0xE8, p1, number, file[:size], 0x9000)
		file = file[size:]
	}
	confirmed(out, lv(unhex(t, packageAID), unhex(t, domainAID)))
	install := lv(unhex(t, packageAID), unhex(t, moduleAID), unhex(t, moduleAID), []byte{0}, []byte{0xC9, 0})
	out = c.send(t, 0xE6, 0x0C, 0, append(append(bytes.Clone(install), 0x80), proToken(t, key, 0x0C, install)...), 0x9000)
	confirmed(out, lv(unhex(t, packageAID), unhex(t, moduleAID)))
	gone := object("4F", unhex(t, moduleAID))
	out = c.send(t, 0xE4, 0, 0, append(append(bytes.Clone(gone), 0x9E, 0x81, 0x80), proToken(t, key, 0, gone)...), 0x9000)
	confirmed(out, lv(unhex(t, moduleAID)))
}

// TestProSigned is GlobalPlatformPro's --dap-key, with an RSA and an EC key, for a
// domain with DAP Verification.
func TestProSigned(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-042", "SPEC-UICC-OS-043", "SPEC-GP-CONTENT-022")
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := ec.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	code := content(t)
	first, second := sha1.Sum(code), sha256.Sum256(code)
	for name, k := range map[string]struct {
		key, hash []byte
		sign      func() []byte
	}{
		"RSA": {append(object("A1", small.N.FillBytes(make([]byte, 128))), unhex(t, "A00301000100")...), first[:], func() []byte {
			sum := sha1.Sum(first[:])
			s, _ := rsa.SignPKCS1v15(rand.Reader, small, crypto.SHA1, sum[:])
			return s
		}},
		"EC": {append(object("B0", point), unhex(t, "F0010000")...), second[:], func() []byte {
			sum := sha256.Sum256(second[:])
			r, s, _ := ecdsa.Sign(rand.Reader, ec, sum[:])
			return bytes.Join([][]byte{fill(r), fill(s)}, nil)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newCard(t, system.Config{})
			l.say(t, "00A4040000", 0x9000)
			c := l.connect(t, 0, cmac, sameKeys(testKey), true)
			c.send(t, 0xE6, 0x0C, 0, append(lv(unhex(t, "A0000001515350"), unhex(t, "A000000151535041"), unhex(t, domainAID), []byte{0xC0}, []byte{0xC9, 0}), 0), 0x9000)
			l.say(t, "00A4040009"+domainAID+"00", 0x9000)
			own := l.connect(t, 0, cmac, sameKeys(testKey), true)
			own.send(t, 0xD8, 0, 1, append([]byte{0x73}, k.key...), 0x9000)
			l.say(t, "00A4040000", 0x9000)
			c = l.connect(t, 0, cmac, sameKeys(testKey), true)
			send := func(signature []byte, last uint16) {
				t.Helper()
				c.send(t, 0xE6, 0x02, 0, append(lv(unhex(t, packageAID), unhex(t, domainAID), k.hash, nil), 0), 0x9000)
				file := append(object("E2", append(object("4F", unhex(t, domainAID)), object("C3", signature)...)), object("C4", code)...)
				for number := byte(0); len(file) > 0; number++ {
					size, p1, want := min(247, len(file)), byte(0), uint16(0x9000)
					if size == len(file) {
						p1, want = 0x80, last
					}
					c.send(t, 0xE8, p1, number, file[:size], want)
					file = file[size:]
				}
			}
			send(make([]byte, len(k.sign())), 0x6982)
			send(k.sign(), 0x9000)
		})
	}
}

// fill is a number of a signature on P-256.
func fill(n *big.Int) []byte { return n.FillBytes(make([]byte, 32)) }
