package keys

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/entropy"
	"inkan/core/wire"
	"inkan/spec/req"
)

func sample(t testing.TB) []byte {
	der, err := seal([]byte("thirty-two bytes of content here"), []byte("passphrase"), entropy.Seeded(1, "pbes2"))
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestContainerParameters(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-040", "SPEC-CA-KEYS-042")
	random := entropy.Seeded(1, "pbes2")
	var seen []*encryptedKey
	for range 2 {
		der, err := seal([]byte("content"), []byte("passphrase"), random)
		if err != nil {
			t.Fatal(err)
		}
		k, err := parseEncryptedKey(der)
		if err != nil {
			t.Fatal(err)
		}
		if k.n != 16384 || k.r != 8 || k.p != 5 || len(k.salt) != 16 || len(k.iv) != 16 {
			t.Errorf("N %d, r %d, p %d, salt of %d bytes", k.n, k.r, k.p, len(k.salt))
		}
		seen = append(seen, k)
	}
	if bytes.Equal(seen[0].salt, seen[1].salt) || bytes.Equal(seen[0].iv, seen[1].iv) {
		t.Error("two files share salt or IV")
	}
	der := sample(t)
	if got, err := open(der, []byte("passphrase")); err != nil || string(got) != "thirty-two bytes of content here" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := open(der, []byte("passphrasf")); !errors.Is(err, ErrPassphrase) || got != nil {
		t.Errorf("wrong passphrase: %q, %v", got, err)
	}
	der[len(der)-17] ^= 1 // the last block's padding
	if got, err := open(der, []byte("passphrase")); !errors.Is(err, ErrPassphrase) || got != nil {
		t.Errorf("damaged: %q, %v", got, err)
	}
}

func TestContainerMalformed(t *testing.T) {
	req.Covers(t, "SPEC-CA-KEYS-041")
	good := sample(t)
	var malformed *wire.DecodeError
	for end := range good {
		if _, err := parseEncryptedKey(good[:end]); !errors.As(err, &malformed) || malformed.Offset > end {
			t.Fatalf("cut at %d: %v", end, err)
		}
	}
	if _, err := parseEncryptedKey(append(bytes.Clone(good), 0)); !errors.As(err, &malformed) || malformed.Offset != len(good) {
		t.Error(err)
	}
	for name, change := range map[string]func(*encryptedKey){
		"N no power of two": func(k *encryptedKey) { k.n = 16383 },
		"N one":             func(k *encryptedKey) { k.n = 1 },
		"N negative":        func(k *encryptedKey) { k.n = -16384 },
		"memory":            func(k *encryptedKey) { k.n = 1 << 17 },
		"memory by r":       func(k *encryptedKey) { k.r = 33 },
		"overflow":          func(k *encryptedKey) { k.n, k.r = 1<<62, 1<<62 },
		"r":                 func(k *encryptedKey) { k.r = 0 },
		"p":                 func(k *encryptedKey) { k.p = 17 },
		"p zero":            func(k *encryptedKey) { k.p = 0 },
		"IV":                func(k *encryptedKey) { k.iv = k.iv[:15] },
		"cryptogram":        func(k *encryptedKey) { k.cryptogram = k.cryptogram[:15] },
		"no cryptogram":     func(k *encryptedKey) { k.cryptogram = nil },
	} {
		k, err := parseEncryptedKey(good)
		if err != nil {
			t.Fatal(err)
		}
		change(k)
		der, err := k.marshal()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := open(der, []byte("passphrase")); !errors.As(err, &malformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, oid := range [][]byte{{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05, 0x0D}, {0xDA, 0x47, 0x04, 0x0B}, {0x65, 0x03, 0x04, 0x01, 0x2A}} {
		other := bytes.Clone(good)
		at := bytes.Index(other, oid)
		other[at+len(oid)-1]++
		if _, err := parseEncryptedKey(other); !errors.As(err, &malformed) || malformed.Path != "algorithm" {
			t.Errorf("%X: %v", oid, err)
		}
	}
}

func FuzzEncryptedKey(f *testing.F) {
	f.Add(sample(f))
	f.Add([]byte{0x30, 0x00})
	f.Fuzz(func(t *testing.T, der []byte) {
		k, err := parseEncryptedKey(der)
		if err != nil {
			if malformed := (*wire.DecodeError)(nil); !errors.As(err, &malformed) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		again, err := k.marshal()
		if err != nil {
			t.Fatal(err)
		}
		if reread, err := parseEncryptedKey(again); err != nil || !bytes.Equal(reread.cryptogram, k.cryptogram) || reread.n != k.n {
			t.Fatalf("written again: %v", err)
		}
	})
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"version":1,"number":1,"time":"2026-11-28T00:00:00Z","place":"p","purpose":"q","persons":[{"name":"A","part":"b"}],"keys":[{"name":"content-01","algorithm":"p-256","fingerprint":"` +
		"0000000000000000000000000000000000000000000000000000000000000000" + `"}],"printed":[]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ParseRecord(text)
		if err != nil {
			return
		}
		again, err := r.encode()
		if err != nil {
			t.Skip() // a year that RFC 3339 does not have
		}
		if _, err := ParseRecord(again); err != nil {
			t.Fatal(err)
		}
	})
}
