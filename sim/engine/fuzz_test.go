package engine

import (
	"bytes"
	"testing"
)

// cut splits fuzz input into n parts by leading length bytes.
func cut(b []byte, n int) [][]byte {
	parts := make([][]byte, n)
	for i := range parts {
		if len(b) == 0 {
			break
		}
		size := min(int(b[0]), len(b)-1)
		parts[i], b = b[1:1+size], b[1+size:]
	}
	return parts
}

func join(parts ...[]byte) (out []byte) {
	for _, p := range parts {
		out = append(append(out, byte(len(p))), p...)
	}
	return out
}

// FuzzRSAKey: components that an applet sets, whatever they are, make an error
// or a key with which both forms compute the same in the same time.
func FuzzRSAKey(f *testing.F) {
	k := generated(f, 512, 1)
	f.Add(join(k.P, k.Q, k.DP, k.DQ, k.QInv, []byte{1, 2, 3}))
	f.Add(join(k.P, k.P, k.DP, k.DQ, k.QInv, k.D))
	f.Add(join(k.Q, k.P, k.DP, k.DQ, k.QInv, k.N[:64]))
	f.Add(join(k.P, bytes.Repeat([]byte{0xFF}, 32), []byte{3}, []byte{5}, []byte{7}, []byte{0}))
	f.Fuzz(func(t *testing.T, b []byte) {
		c := cut(b, 6)
		key, err := NewRSACRTKey(512, c[0], c[1], c[2], c[3], c[4])
		if err != nil {
			return
		}
		a, s := rig(Reference())
		x, errA := a.RSAPrivate(key, c[5])
		y, errB := s.RSAPrivate(key, c[5])
		if (errA == nil) != (errB == nil) {
			t.Fatalf("charged %v, stepped %v", errA, errB)
		}
		sameTime(t, a, s)
		if !bytes.Equal(x, y) {
			t.Fatalf("charged %X, stepped %X", x, y)
		}
	})
}

// FuzzCurve: domain parameters and points that an applet sets, whatever they
// are, make errors or results, never a panic or a search without end.
func FuzzCurve(f *testing.F) {
	d := DomainNamed("secp160r1")
	f.Add(join(d.P, d.A, d.B, d.G, d.N, []byte{9}, d.G))
	f.Add(join(d.P, d.A, d.B, d.G, d.P, d.N, d.G))
	d = DomainNamed("secp256r1")
	f.Add(join(d.P, d.A, d.B, d.G, d.N, d.N[:31], d.G))
	f.Add(join([]byte{0xFF, 0xFF, 0xFF, 0xFF}, []byte{0}, []byte{1}, []byte{4, 0, 0, 0, 0, 0, 0, 0, 1}, []byte{0xFF, 0xFF, 0xFF, 0xFF}, []byte{5}))
	f.Fuzz(func(t *testing.T, b []byte) {
		p := cut(b, 7)
		c, err := NewCurve(p[0], p[1], p[2], p[3], p[4])
		if err != nil {
			return
		}
		g, _ := rig(Reference())
		s, w := g.GenerateEC(c)
		g.ECDH(c, p[5], p[6])
		digest := make([]byte, 32)
		if r, v, err := g.ECDSASign(c, 5, s, digest); err == nil {
			g.ECDSAVerify(c, w, digest, r, v)
		}
	})
}

// FuzzUnpad: decrypted blocks, whatever they are, make a message that fits or
// ErrPadding; padding a message again gives it back.
func FuzzUnpad(f *testing.F) {
	g, _ := rig(Reference())
	em, _ := PadPKCS1(64, 2, []byte("message"), g)
	f.Add(em)
	oaep, _ := g.PadOAEP(64, 3, []byte("message"))
	f.Add(oaep)
	pss, _ := g.PadPSS(1024, 3, make([]byte, 20))
	f.Add(pss)
	f.Fuzz(func(t *testing.T, b []byte) {
		g, _ := rig(Reference())
		for _, kind := range []byte{1, 2} {
			if out, err := UnpadPKCS1(b, kind); err == nil && len(out) > len(b)-11 {
				t.Fatalf("%d bytes out of a block of %d", len(out), len(b))
			}
		}
		if out, err := g.UnpadOAEP(3, b); err == nil && len(out) > len(b)-42 {
			t.Fatalf("%d bytes out of a block of %d", len(out), len(b))
		}
		g.VerifyPSS(8*len(b), 3, make([]byte, 20), b)
	})
}
