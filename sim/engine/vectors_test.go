package engine

import (
	"bytes"
	"crypto"
	"crypto/cipher"
	"testing"

	"inkan/spec/req"
	"inkan/spec/vectors"
)

type engineVector struct {
	vectors.Header
	Engine string      `json:"engine"`
	Key    vectors.Hex `json:"key"`
	Input  vectors.Hex `json:"input"`
	Output vectors.Hex `json:"output"`
	Cycles uint64      `json:"cycles"`
}

// run computes a vector in one form.
func (v *engineVector) run(t *testing.T, g *Engines) []byte {
	switch v.Engine {
	case "AES", "DES":
		make1 := g.AES
		if v.Engine == "DES" {
			make1 = g.DES
		}
		var b cipher.Block
		var err error
		if b, err = make1(v.Key); err != nil {
			t.Fatal(err)
		}
		out := make([]byte, len(v.Input))
		b.Encrypt(out, v.Input)
		return out
	case "ECDSA P-256 SHA-256":
		c := DomainNamed("secp256r1").Curve()
		digest := crypto.SHA256.New()
		digest.Write(v.Input)
		r, s, err := g.ECDSASign(c, crypto.SHA256, v.Key, digest.Sum(nil))
		if err != nil {
			t.Fatal(err)
		}
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
	for _, h := range hashAlgorithms {
		if h.String() == v.Engine {
			return g.Hash(h, nil, v.Input)
		}
	}
	t.Fatalf("no engine %s", v.Engine)
	return nil
}

func TestVectors(t *testing.T) {
	for _, v := range vectors.Load[engineVector](t, "engine.json") {
		t.Run(v.Name, func(t *testing.T) {
			a, b := rig(Reference())
			for _, g := range []*Engines{a, b} {
				if got := v.run(t, g); !bytes.Equal(got, v.Output) {
					t.Errorf("%X, want %X", got, v.Output)
				}
			}
			sameTime(t, a, b)
			if v.Cycles != 0 && a.Clock.Now() != v.Cycles {
				t.Errorf("%d cycles, want %d", a.Clock.Now(), v.Cycles)
			}
		})
	}
}

func TestRandomBytes(t *testing.T) {
	req.Covers(t, "SPEC-TIMING-016")
	a, b := rig(Reference())
	x, y := make([]byte, 33), make([]byte, 33)
	a.Fill(x)
	b.Source.Fill(y)
	if want := uint64(600 + 9*512); !bytes.Equal(x, y) || a.Clock.Now() != want {
		t.Errorf("%X in %d cycles, want %X in %d", x, a.Clock.Now(), y, want)
	}
}

func TestCheckRefuses(t *testing.T) {
	req.Covers(t, "SPEC-TIMING-002")
	for name, spoil := range map[string]func(*Chip){
		"clock": func(c *Chip) { c.ClockHz = 0 }, "word": func(c *Chip) { c.Multiplier.WordBits = 64 },
		"window 0": func(c *Chip) { c.Multiplier.WindowBits = 0 }, "window 7": func(c *Chip) { c.Multiplier.WindowBits = 7 },
		"memory": func(c *Chip) { c.NVM.PageBytes = 3 }, "primes": func(c *Chip) { c.Primes.TrialPrimes = 5000 },
	} {
		c := *Reference()
		if spoil(&c); c.Check() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
