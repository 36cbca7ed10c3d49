package mac_test

import (
	"bytes"
	"crypto/cipher"
	"crypto/des"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/mac"
	"inkan/spec/vectors"
)

// oracleRetail is the retail MAC in the words of ISO/IEC 9797-1 algorithm 3:
// CBC with K1, then decrypt with K2 and encrypt with K1.
func oracleRetail(key, icv, msg []byte) []byte {
	k1, _ := des.NewCipher(key[:8])
	k2, _ := des.NewCipher(key[8:])
	padded := append(bytes.Clone(msg), 0x80)
	for len(padded)%8 != 0 {
		padded = append(padded, 0)
	}
	cipher.NewCBCEncrypter(k1, icv).CryptBlocks(padded, padded)
	last := padded[len(padded)-8:]
	k2.Decrypt(last, last)
	k1.Encrypt(last, last)
	return last
}

func TestRetailIsAlgorithm3(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "key")
		icv := [8]byte(rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "icv"))
		msg := rapid.SliceOfN(rapid.Byte(), 0, 80).Draw(t, "msg")
		m, err := mac.NewRetail(key)
		if err != nil {
			t.Fatal(err)
		}
		m.ResetICV(icv)
		writeSplit(t, m, msg)
		if got, want := m.Append(nil), oracleRetail(key, icv[:], msg); !bytes.Equal(got, want) {
			t.Fatalf("got %x, want %x", got, want)
		}
		m.Write(msg)
		if got, want := m.Append(nil), oracleRetail(key, make([]byte, 8), msg); !bytes.Equal(got, want) {
			t.Fatalf("Append did not reset: got %x, want %x", got, want)
		}
		k1, _ := des.NewCipher(key[:8])
		enc := make([]byte, 8)
		k1.Encrypt(enc, icv[:])
		m.ResetEncryptedICV(icv)
		m.Write(msg)
		if got, want := m.Append(nil), oracleRetail(key, enc, msg); !bytes.Equal(got, want) {
			t.Fatalf("encrypted ICV: got %x, want %x", got, want)
		}
	})
}

func TestRetailVectors(t *testing.T) {
	type vector struct {
		vectors.Header
		Key     vectors.Hex `json:"key"`
		ICV     vectors.Hex `json:"icv"`
		Message vectors.Hex `json:"message"`
		MAC     vectors.Hex `json:"mac"`
	}
	for _, v := range vectors.Load[vector](t, "retailmac.json") {
		m, err := mac.NewRetail(v.Key)
		if err != nil {
			t.Fatal(err)
		}
		if len(v.ICV) > 0 {
			m.ResetICV([8]byte(v.ICV))
		}
		m.Write(v.Message)
		if got := m.Append(nil); !bytes.Equal(got, v.MAC) {
			t.Errorf("%s: got %X, want %X", v.Name, got, v.MAC)
		}
	}
}

func BenchmarkRetail251(b *testing.B) {
	m, err := mac.NewRetail(make([]byte, 16))
	if err != nil {
		b.Fatal(err)
	}
	msg, out := make([]byte, 251), make([]byte, 0, 8)
	b.ReportAllocs()
	for b.Loop() {
		m.Write(msg)
		out = m.Append(out[:0])
	}
}

// BenchmarkRetail251Bare is the block operations that BenchmarkRetail251 cannot do without.
func BenchmarkRetail251Bare(b *testing.B) {
	single, _ := des.NewCipher(make([]byte, 8))
	triple, _ := des.NewTripleDESCipher(make([]byte, 24))
	buf := make([]byte, 8)
	for b.Loop() {
		for range 251 / 8 {
			single.Encrypt(buf, buf)
		}
		triple.Encrypt(buf, buf)
	}
}
