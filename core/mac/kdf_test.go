package mac

import (
	"bytes"
	"testing"

	"inkan/spec/req"
	"inkan/spec/vectors"
)

type kdfVector struct {
	vectors.Header
	Key          vectors.Hex `json:"key"`
	CounterBytes int         `json:"counter_bytes"`
	Before       vectors.Hex `json:"before"` // fixed input before the counter
	After        vectors.Hex `json:"after"`  // fixed input after it
	Output       vectors.Hex `json:"output"`
}

func TestKDFVectors(t *testing.T) {
	req.Covers(t, "SPEC-SCP03-021")
	for _, v := range vectors.Load[kdfVector](t, "kdf.json") {
		t.Run(v.Name, func(t *testing.T) {
			k, err := NewKDF(v.Key)
			if err != nil {
				t.Fatal(err)
			}
			got := make([]byte, len(v.Output))
			if err := k.Counter(got, v.CounterBytes, v.Before, v.After); err != nil || !bytes.Equal(got, v.Output) {
				t.Errorf("%X, %v; want %X", got, err, v.Output)
			}
			if v.CounterBytes == 1 {
				clear(got)
				if err := DeriveCounter(got, v.Key, v.Before, v.After); err != nil || !bytes.Equal(got, v.Output) {
					t.Errorf("DeriveCounter %X, %v; want %X", got, err, v.Output)
				}
			}
			if len(v.Before) == 15 {
				clear(got)
				if err := k.GlobalPlatform(got, v.Before[11], v.After); err != nil || !bytes.Equal(got, v.Output) {
					t.Errorf("GlobalPlatform %X, %v; want %X", got, err, v.Output)
				}
			}
		})
	}
}

func TestKDFLimits(t *testing.T) {
	k, _ := NewKDF(make([]byte, 16))
	for _, c := range []struct {
		size, counterBytes int
		ok                 bool
	}{{0, 1, true}, {255 * 16, 1, true}, {255*16 + 1, 1, false}, {256 * 16, 2, true}, {16, 0, false}, {16, 5, false}} {
		if err := k.Counter(make([]byte, c.size), c.counterBytes, nil, nil); (err == nil) != c.ok {
			t.Errorf("%d bytes with a counter of %d: %v", c.size, c.counterBytes, err)
		}
	}
	if err := DeriveCounter(make([]byte, 16), make([]byte, 15), nil, nil); err == nil {
		t.Error("a key of 15 bytes is taken")
	}
}
