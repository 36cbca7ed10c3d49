package engine

import (
	"bytes"
	"crypto"
	"crypto/cipher"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/entropy"
	"inkan/sim/clock"
	"inkan/spec/req"
)

// rig is one card's engines in each form, on clocks of their own.
func rig(c *Chip) (charged, stepped *Engines) {
	charged = New(c, new(clock.Clock), entropy.Seeded(1, "engine"))
	stepped = New(c, new(clock.Clock), entropy.Seeded(1, "engine"))
	stepped.Form = Stepped
	return charged, stepped
}

// sameTime fails unless both clocks stand at the same cycle, and each ledger's
// sum is its clock.
func sameTime(t rapid.TB, a, b *Engines) {
	t.Helper()
	if a.Clock.Ledger() != b.Clock.Ledger() || a.Clock.Ledger().Sum() != a.Clock.Now() {
		t.Fatalf("charged: %v; stepped: %v", a.Clock.Ledger(), b.Clock.Ledger())
	}
}

// anyChip draws a documented chip, sometimes with another multiplier.
func anyChip(t *rapid.T) *Chip {
	c := *rapid.SampledFrom(Chips()).Draw(t, "chip")
	c.Multiplier.WordBits = rapid.SampledFrom([]int{8, 16, 32}).Draw(t, "word")
	c.Multiplier.WindowBits = rapid.IntRange(1, 6).Draw(t, "window")
	c.Multiplier.MAC = rapid.Uint64Range(1, 9).Draw(t, "mac")
	return &c
}

func number(t *rapid.T, bitCount int, label string) *big.Int {
	b := rapid.SliceOfN(rapid.Byte(), (bitCount+7)/8, (bitCount+7)/8).Draw(t, label)
	if rapid.IntRange(0, 9).Draw(t, label+" extreme") == 0 { // runs of ones find lost carries
		for i := range b {
			b[i] = 0xFF
		}
	}
	x := new(big.Int).SetBytes(b)
	return x.Rsh(x, uint(8*len(b)-bitCount))
}

func TestExpStepped(t *testing.T) {
	req.Covers(t, "SPEC-TIMING-010", "SPEC-TIMING-011")
	rapid.Check(t, func(t *rapid.T) {
		a, b := rig(anyChip(t))
		size := rapid.IntRange(8, 300).Draw(t, "bits")
		n := number(t, size, "n")
		n.SetBit(n, 0, 1).SetBit(n, size-1, 1)
		x := number(t, size, "x")
		x.Mod(x, n)
		e := number(t, rapid.IntRange(1, size).Draw(t, "exponent bits"), "e")
		va, errA := a.Exp(x, e, n, size)
		vb, errB := b.Exp(x, e, n, size)
		if errA != nil || errB != nil || va.Cmp(vb) != 0 {
			t.Fatalf("charged %v %v, stepped %v %v", va, errA, vb, errB)
		}
		sameTime(t, a, b)
		if e.Sign() > 0 {
			va, _ = a.PublicExp(x, e, n)
			vb, _ = b.PublicExp(x, e, n)
			if va.Cmp(vb) != 0 {
				t.Fatalf("public: charged %v, stepped %v", va, vb)
			}
			sameTime(t, a, b)
		}
	})
}

func TestExpRefuses(t *testing.T) {
	g, _ := rig(Reference())
	n := big.NewInt(101)
	for _, c := range [][4]int64{{5, 3, 100, 8}, {101, 3, 101, 8}, {5, 256, 101, 8}, {-1, 3, 101, 8}, {5, -1, 101, 8}, {0, 1, 1, 8}, {0, 1, -7, 8}} {
		if _, err := g.Exp(big.NewInt(c[0]), big.NewInt(c[1]), big.NewInt(c[2]), int(c[3])); err == nil {
			t.Errorf("%v was accepted", c)
		}
	}
	if _, err := g.PublicExp(n, big.NewInt(3), n); err == nil {
		t.Error("base equal to the modulus was accepted")
	}
	if _, err := g.PublicExp(bigInt(5), new(big.Int), n); err == nil {
		t.Error("exponent 0 was accepted")
	}
	if g.Clock.Now() != 0 {
		t.Error("a refused operation cost time")
	}
}

func bigInt(v int64) *big.Int { return big.NewInt(v) }

// generated makes a key of a size.
func generated(t testing.TB, bitCount int, seed uint64) *GeneratedRSA {
	g := New(Reference(), new(clock.Clock), entropy.Seeded(seed, "rsa"))
	k, err := g.GenerateRSA(bitCount, []byte{1, 0, 1})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func crtKey(t testing.TB, bitCount int, k *GeneratedRSA) *RSAKey {
	t.Helper()
	key, err := NewRSACRTKey(bitCount, k.P, k.Q, k.DP, k.DQ, k.QInv)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Whole RSA-2048 signatures, executed word by word.
func TestRSASignatureStepped(t *testing.T) {
	req.Covers(t, "SPEC-TIMING-011", "SPEC-TIMING-012")
	gen := generated(t, 2048, 7)
	key := crtKey(t, 2048, gen)
	digest := bytes.Repeat([]byte{0xA5}, 32)
	var first uint64
	for _, chip := range Chips() {
		a, b := rig(chip)
		sa, errA := a.SignPKCS1(key, crypto.SHA256, digest)
		sb, errB := b.SignPKCS1(key, crypto.SHA256, digest)
		if errA != nil || errB != nil || !bytes.Equal(sa, sb) {
			t.Fatalf("%s: signatures differ: %v %v", chip.Name, errA, errB)
		}
		sameTime(t, a, b)
		if first == a.Clock.Now() {
			t.Error("both chips take the same time")
		}
		first = a.Clock.Now()
		em, err := a.RSAPublic(gen.N, gen.E, sa)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := padPKCS1Signature(256, crypto.SHA256, digest)
		if !bytes.Equal(em, want) {
			t.Errorf("%s: %X", chip.Name, em)
		}
	}
}

func TestRSARawStepped(t *testing.T) {
	for _, bitCount := range []int{512, 736, 1024} {
		gen := generated(t, bitCount, uint64(bitCount))
		crt := crtKey(t, bitCount, gen)
		plain, err := NewRSAKey(bitCount, gen.N, gen.D)
		if err != nil {
			t.Fatal(err)
		}
		a, b := rig(Reference())
		runs := 0
		check := rapid.MakeCheck(func(t *rapid.T) {
			if runs++; runs > 2048/bitCount {
				return
			}
			x := number(t, bitCount-1, "x").FillBytes(make([]byte, (bitCount+7)/8))
			if runs == 1 { // a signature's block has a way of its own
				x, _ = PadPKCS1(len(x), 1, x[:rapid.IntRange(0, len(x)-11).Draw(t, "length")], nil)
			}
			var results [][]byte
			for _, g := range []*Engines{a, b} {
				for _, k := range []*RSAKey{crt, plain} {
					y, err := g.RSAPrivate(k, x)
					if err != nil {
						t.Fatal(err)
					}
					results = append(results, y)
				}
			}
			for _, y := range results[1:] {
				if !bytes.Equal(y, results[0]) {
					t.Fatalf("%d bits: results differ", bitCount)
				}
			}
			back, err := a.RSAPublic(gen.N, gen.E, results[0])
			if err != nil || !bytes.Equal(back, x) {
				t.Fatalf("%d bits: public operation does not undo it: %v", bitCount, err)
			}
			b.RSAPublic(gen.N, gen.E, results[0])
			sameTime(t, a, b)
		})
		check(t)
	}
}

func TestBlockCiphersStepped(t *testing.T) {
	req.Covers(t, "SPEC-TIMING-013", "SPEC-TIMING-014")
	type maker func(*Engines, []byte) (cipher.Block, error)
	for _, c := range []struct {
		name string
		size int
		make maker
	}{
		{"AES-128", 16, (*Engines).AES}, {"AES-192", 24, (*Engines).AES}, {"AES-256", 32, (*Engines).AES},
		{"DES", 8, (*Engines).DES}, {"3DES-2", 16, (*Engines).TDES}, {"3DES-3", 24, (*Engines).TDES},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := rig(Reference())
			rapid.Check(t, func(t *rapid.T) {
				key := rapid.SliceOfN(rapid.Byte(), c.size, c.size).Draw(t, "key")
				x, errX := c.make(a, key)
				y, errY := c.make(b, key)
				if errX != nil || errY != nil || x.BlockSize() != y.BlockSize() {
					t.Fatal(errX, errY)
				}
				size := x.BlockSize()
				in := rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "block")
				p, q, r := make([]byte, size), make([]byte, size), make([]byte, size)
				x.Encrypt(p, in)
				y.Encrypt(q, in)
				y.Decrypt(r, q)
				x.Decrypt(q, p)
				if !bytes.Equal(r, in) || !bytes.Equal(q, in) {
					t.Fatalf("decrypted %X and %X, want %X", r, q, in)
				}
				y.Encrypt(q, in)
				x.Encrypt(p, in)
				if !bytes.Equal(p, q) {
					t.Fatalf("charged %X, stepped %X", p, q)
				}
				sameTime(t, a, b)
			})
			if _, err := c.make(a, make([]byte, 7)); err == nil {
				t.Error("a key of 7 bytes was accepted")
			}
		})
	}
}

func TestHashesStepped(t *testing.T) {
	req.Covers(t, "SPEC-TIMING-015")
	for _, alg := range hashAlgorithms {
		t.Run(alg.String(), func(t *testing.T) {
			a, b := rig(Reference())
			rapid.Check(t, func(t *rapid.T) {
				parts := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 150), 0, 4).Draw(t, "parts")
				va, vb := a.Hash(alg, nil, parts...), b.Hash(alg, nil, parts...)
				h := alg.New()
				h.Write(bytes.Join(parts, nil))
				if !bytes.Equal(va, vb) || !bytes.Equal(va, h.Sum(nil)) {
					t.Fatalf("charged %X, stepped %X", va, vb)
				}
				sameTime(t, a, b)
			})
			d := a.NewDigest(alg)
			d.Write(make([]byte, 1000))
			before := a.Clock.Now()
			d.Reset()
			if got := d.Sum(nil); !bytes.Equal(got, b.Hash(alg, nil)) || a.Clock.Now() == before {
				t.Error("a digest after Reset")
			}
		})
	}
}

// Every length pays for exactly the blocks of its padded message.
func TestHashBlocks(t *testing.T) {
	for _, alg := range hashAlgorithms {
		for n := range 300 {
			g, _ := rig(Reference())
			g.Hash(alg, nil, make([]byte, n))
			if got, want := g.Clock.Now(), Blocks(alg, uint64(n))*g.Chip.Hash.Block(alg); got != want {
				t.Fatalf("%v of %d bytes: %d cycles, want %d", alg, n, got, want)
			}
		}
	}
	for n, want := range map[uint64]uint64{0: 1, 55: 1, 56: 2, 64: 2, 119: 2, 120: 3} {
		if got := Blocks(crypto.SHA256, n); got != want {
			t.Errorf("SHA-256 of %d bytes: %d blocks, want %d", n, got, want)
		}
	}
}

func TestScalarMultStepped(t *testing.T) {
	req.Covers(t, "SPEC-TIMING-018")
	for _, name := range []string{"secp192r1", "secp256r1", "secp521r1", "secp256k1", "brainpoolP320r1", "secp160r1"} {
		t.Run(name, func(t *testing.T) {
			c := DomainNamed(name).Curve()
			a, b := rig(EEPROMCard())
			n1 := new(big.Int).Sub(c.N, big.NewInt(1))
			s, _ := a.GenerateEC(c)
			b.GenerateEC(c)
			for _, k := range []*big.Int{big.NewInt(1), big.NewInt(2), big.NewInt(17), n1, new(big.Int).SetBytes(s)} {
				xa, ya, okA := a.ScalarMult(c, c.GX, c.GY, k)
				xb, yb, okB := b.ScalarMult(c, c.GX, c.GY, k)
				if xa.Cmp(xb) != 0 || ya.Cmp(yb) != 0 || !okA || !okB {
					t.Fatalf("%d times G: charged (%X,%X), stepped (%X,%X)", k, xa, ya, xb, yb)
				}
				sameTime(t, a, b)
			}
			xa, ya, okA := a.ScalarMult(c, c.GX, c.GY, c.N)
			xb, yb, okB := b.ScalarMult(c, c.GX, c.GY, c.N)
			if okA || okB || xa.Cmp(xb) != 0 || ya.Cmp(yb) != 0 {
				t.Errorf("n times G is not infinity: %v %v", okA, okB)
			}
		})
	}
}
