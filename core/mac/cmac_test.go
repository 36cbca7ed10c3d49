package mac

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"inkan/spec/req"
	"inkan/spec/vectors"
	"pgregory.net/rapid"
)

type cmacVector struct {
	vectors.Header
	Key     vectors.Hex `json:"key"`
	L       vectors.Hex `json:"l"` // AES(key, 0)
	K1      vectors.Hex `json:"k1"`
	K2      vectors.Hex `json:"k2"`
	Message vectors.Hex `json:"message"`
	MAC     vectors.Hex `json:"mac"`
}

func TestCMACVectors(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-020")
	for _, v := range vectors.Load[cmacVector](t, "cmac.json") {
		t.Run(v.Name, func(t *testing.T) {
			m, err := NewCMAC(v.Key)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(m.k1[:], v.K1) || !bytes.Equal(m.k2[:], v.K2) {
				t.Errorf("subkeys %X %X, want %X %X", m.k1, m.k2, v.K1, v.K2)
			}
			m.Write(v.Message)
			if got := m.Append(nil); !bytes.Equal(got, v.MAC) {
				t.Errorf("MAC %X, want %X", got, v.MAC)
			}
			if got := m.Append(nil); !bytes.Equal(got, v.MAC) {
				t.Errorf("second Append %X, want %X: the state must stay", got, v.MAC)
			}
		})
	}
}

// In whatever pieces a message is written, the MAC is that of the whole, also
// when MACs are taken in between.
func TestCMACPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "key")
		message := rapid.SliceOfN(rapid.Byte(), 0, 700).Draw(t, "message")
		whole, _ := NewCMAC(key)
		whole.Write(message)
		want := whole.Append(nil)

		m, _ := NewCMAC(key)
		m.Write([]byte("left over"))
		m.Reset()
		for rest := message; len(rest) > 0; {
			k := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			if n, err := m.Write(rest[:k]); n != k || err != nil {
				t.Fatalf("Write %d, %v", n, err)
			}
			m.Append(nil)
			rest = rest[k:]
		}
		if got := m.Append(nil); !bytes.Equal(got, want) {
			t.Fatalf("%X in pieces, %X whole", got, want)
		}
		if len(message) >= 16 {
			m.Chain(message[:16])
			m.Write(message[16:])
			if got := m.Append(nil); !bytes.Equal(got, want) {
				t.Fatalf("%X chained, %X whole", got, want)
			}
		}
	})
}

func TestKeyLengths(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-005")
	for n := range 40 {
		key := make([]byte, n)
		_, cmac := NewCMAC(key)
		_, cbc := NewCBC(key)
		_, kdf := NewKDF(key)
		if good := n == 16 || n == 24 || n == 32; (cmac == nil) != good || (cbc == nil) != good || (kdf == nil) != good {
			t.Errorf("key of %d bytes: %v, %v, %v", n, cmac, cbc, kdf)
		}
	}
}

func TestWipeAndFormat(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-081")
	key := bytes.Repeat([]byte{0xA5}, 16)
	m, _ := NewCMAC(key)
	m.Write(key)
	m.Append(nil)
	c, _ := NewCBC(key)
	k, _ := NewKDF(key)
	single, _ := NewTDESMAC(key)
	retail, _ := NewRetail(key)
	for _, v := range []any{m, c, k, *m, *c, *k, *single, *retail} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%s"} {
			if s := fmt.Sprintf(verb, v); len(s) > 7 || strings.ContainsAny(s, "0123456789") {
				t.Errorf("%s of %T prints %q", verb, v, s)
			}
		}
	}
	m.Wipe()
	c.Wipe()
	c.Wipe()
	k.Wipe()
	if m.k1 != zeroIV || m.k2 != zeroIV || m.x != zeroIV || m.last != zeroIV || m.scratch != [16 * BlockSize]byte{} || m.block != nil {
		t.Error("Wipe leaves state")
	}
}

func TestNoAllocation(t *testing.T) {
	m, _ := NewCMAC(make([]byte, 32))
	c, _ := NewCBC(make([]byte, 32))
	buf, iv := make([]byte, 256), make([]byte, 16)
	var tag [16]byte
	if n := testing.AllocsPerRun(100, func() {
		m.Chain(iv)
		m.Write(buf)
		m.Append(tag[:0])
		c.Encrypt(buf, buf, iv)
		c.Decrypt(buf, buf, iv)
		c.Block(tag[:], tag[:])
		Unpad80(buf)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
