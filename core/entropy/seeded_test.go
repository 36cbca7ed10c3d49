package entropy

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"inkan/spec/req"
	"inkan/spec/vectors"
)

type seededVector struct {
	vectors.Header
	Seed  uint64      `json:"seed"`
	Label string      `json:"label"`
	Key   vectors.Hex `json:"key"`
	Parts []struct {
		Offset int         `json:"offset"`
		Bytes  vectors.Hex `json:"bytes"`
	} `json:"parts"`
}

// TestSeededVectors holds golden values: every build has to give them.
func TestSeededVectors(t *testing.T) {
	for _, v := range vectors.Load[seededVector](t, "entropy.json") {
		t.Run(v.Name, func(t *testing.T) {
			if key := seededKey(v.Seed, v.Label); !bytes.Equal(key[:], v.Key) {
				t.Errorf("key %X, want %X", key, v.Key)
			}
			for _, p := range v.Parts {
				got := take(Seeded(v.Seed, v.Label), p.Offset+len(p.Bytes))[p.Offset:]
				if !bytes.Equal(got, p.Bytes) {
					t.Errorf("bytes from %d: %X, want %X", p.Offset, got, p.Bytes)
				}
			}
		})
	}
}

func take(s Source, n int) []byte {
	b := bytes.Repeat([]byte{0xA5}, n) // Fill overwrites, whatever was there
	s.Fill(b)
	return b
}

func TestSeededInPieces(t *testing.T) {
	req.Covers(t, "SPEC-ENTROPY-001", "SPEC-ENTROPY-003")
	rapid.Check(t, func(t *rapid.T) {
		seed, label := rapid.Uint64().Draw(t, "seed"), rapid.String().Draw(t, "label")
		sizes := rapid.SliceOfN(rapid.IntRange(0, 700), 0, 20).Draw(t, "sizes")
		s := Seeded(seed, label)
		var got []byte
		for _, n := range sizes {
			got = append(got, take(s, n)...)
		}
		if want := take(Seeded(seed, label), len(got)); !bytes.Equal(got, want) {
			t.Fatalf("pieces of %v differ from the whole", sizes)
		}
	})
}

func TestStreamsAreSeparate(t *testing.T) {
	req.Covers(t, "SPEC-ENTROPY-004", "SPEC-ENTROPY-008")
	seen := map[string]string{}
	for _, seed := range []uint64{0, 1, 2, 1 << 56, 1<<64 - 1} {
		for _, label := range []string{"", "a", "A", "a\x00", "card", "card/1", "card/2", "\x00\x00"} {
			id := fmt.Sprintf("%d %q", seed, label)
			head := string(take(Seeded(seed, label), 16))
			if other, ok := seen[head]; ok {
				t.Errorf("%s and %s give the same stream", id, other)
			}
			seen[head] = id
		}
	}
	a, b := Seeded(1, "a"), Seeded(1, "b")
	whole := take(Seeded(1, "b"), 40)
	first := take(b, 20)
	take(a, 1000)
	if !bytes.Equal(append(first, take(b, 20)...), whole) {
		t.Error("taking from one stream changed another")
	}
}

func TestSeededAllocatesNothing(t *testing.T) {
	s, b := Seeded(1, "x"), make([]byte, 24)
	if n := testing.AllocsPerRun(100, func() { s.Fill(b) }); n != 0 {
		t.Errorf("%v allocations per Fill", n)
	}
}

func TestSeededPrintsHowToRepeat(t *testing.T) {
	s := Seeded(7, "card")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if got := fmt.Sprintf(verb, s); got != `Seeded(7, "card")` {
			t.Errorf("%s: %s", verb, got)
		}
	}
}

func BenchmarkSeededChallenge(b *testing.B) {
	s, buf := Seeded(1, "x"), make([]byte, 8)
	b.ReportAllocs()
	for b.Loop() {
		s.Fill(buf)
	}
}
