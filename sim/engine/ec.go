package engine

import (
	"crypto/elliptic"
	"errors"
	"math/big"

	"inkan/sim/clock"
)

// ErrCurve is domain parameters that are no curve the chip can work with;
// ErrPoint a point that is not on its curve, or at infinity.
var (
	ErrCurve = errors.New("engine: no usable curve")
	ErrPoint = errors.New("engine: point is not on the curve")
)

// Curve is y² = x³ + ax + b over a prime field, with a base point of order N.
type Curve struct {
	P, A, B, GX, GY, N *big.Int
	std                elliptic.Curve // the standard library's, where it has this one
}

// NewCurve checks domain parameters, unsigned; g is an uncompressed point.
// Errors: ErrCurve. Whether p and n are prime is not checked.
func NewCurve(p, a, b, g, n []byte) (*Curve, error) {
	c := &Curve{
		P: new(big.Int).SetBytes(p), A: new(big.Int).SetBytes(a), B: new(big.Int).SetBytes(b), N: new(big.Int).SetBytes(n),
	}
	if c.P.BitLen() < 32 || c.P.BitLen() > 640 || c.P.Bit(0) == 0 || c.N.Bit(0) == 0 || c.N.BitLen() < 32 ||
		c.N.BitLen() > c.P.BitLen()+1 || c.A.Cmp(c.P) >= 0 || c.B.Cmp(c.P) >= 0 {
		return nil, ErrCurve
	}
	var err error
	if c.GX, c.GY, err = c.Point(g); err != nil {
		return nil, ErrCurve
	}
	c.std = standardCurve(c)
	return c, nil
}

func standardCurve(c *Curve) elliptic.Curve {
	a := new(big.Int).Sub(c.P, big.NewInt(3))
	for _, std := range []elliptic.Curve{elliptic.P224(), elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		q := std.Params()
		if q.P.Cmp(c.P) == 0 && q.B.Cmp(c.B) == 0 && q.N.Cmp(c.N) == 0 && a.Cmp(c.A) == 0 &&
			q.Gx.Cmp(c.GX) == 0 && q.Gy.Cmp(c.GY) == 0 {
			return std
		}
	}
	return nil
}

// FieldBytes is the length of a coordinate.
func (c *Curve) FieldBytes() int { return (c.P.BitLen() + 7) / 8 }

// OrderBytes is the length of a scalar.
func (c *Curve) OrderBytes() int { return (c.N.BitLen() + 7) / 8 }

// Point decodes an uncompressed point 04 x y and checks that it is on the
// curve. Errors: ErrPoint.
func (c *Curve) Point(b []byte) (x, y *big.Int, err error) {
	size := c.FieldBytes()
	if len(b) != 1+2*size || b[0] != 4 {
		return nil, nil, ErrPoint
	}
	x, y = new(big.Int).SetBytes(b[1:1+size]), new(big.Int).SetBytes(b[1+size:])
	if x.Cmp(c.P) >= 0 || y.Cmp(c.P) >= 0 || !c.on(x, y) {
		return nil, nil, ErrPoint
	}
	return x, y, nil
}

// Encode is the uncompressed form of a point.
func (c *Curve) Encode(x, y *big.Int) []byte {
	size := c.FieldBytes()
	out := make([]byte, 1+2*size)
	out[0] = 4
	x.FillBytes(out[1 : 1+size])
	y.FillBytes(out[1+size:])
	return out
}

func (c *Curve) on(x, y *big.Int) bool {
	left := new(big.Int).Mul(y, y)
	right := new(big.Int).Mul(x, x)
	right.Add(right, c.A).Mul(right, x).Add(right, c.B)
	return left.Sub(left, right).Mod(left, c.P).Sign() == 0
}

// PointAdd is one complete addition (Renes, Costello, Batina 2016, algorithm
// 1): 17 products and 23 sums, whatever the points.
func (m *Multiplier) PointAdd(s int) uint64 { return 17*m.Product(s) + 23*m.Sum(s) }

// ScalarMult is a point times a scalar of a fixed length in bits: loading a,
// b, x, y, p and the scalar, constants, conversions and 3b, table of 2^k
// points, k doublings and one addition for each digit after the first, and the
// way back to affine coordinates through z^(p-2).
func (m *Multiplier) ScalarMult(s, fieldBits, scalarBits int) uint64 {
	adds := uint64(1)<<m.WindowBits - 2 + uint64(m.Windows(scalarBits)-1)*uint64(m.WindowBits+1)
	in := uint64(5*s+m.Words(scalarBits))*m.Load + m.Prepare(s) + 4*m.Product(s) + 2*m.Sum(s)
	out := m.Power(s, fieldBits) + 4*m.Product(s) + 2*uint64(s)*m.Store
	return in + adds*m.PointAdd(s) + out
}

// ScalarMult is k times a point of the curve, for 0 < k < N, in a time that
// depends on the curve only. ok is false at infinity. Spec: SPEC-TIMING-018.
func (g *Engines) ScalarMult(c *Curve, x, y, k *big.Int) (rx, ry *big.Int, ok bool) {
	m := &g.Chip.Multiplier
	s := m.Words(c.P.BitLen())
	if g.Form == Stepped {
		p := newStepper(m)
		rx, ry, ok = p.scalarMult(c, x, y, k, s)
		g.Clock.Advance(clock.ModExp, p.cycles)
		return rx, ry, ok
	}
	g.Clock.Advance(clock.ModExp, m.ScalarMult(s, c.P.BitLen(), c.N.BitLen()))
	return c.multiply(x, y, k)
}

// multiply is k times a point, uncharged.
func (c *Curve) multiply(x, y, k *big.Int) (rx, ry *big.Int, ok bool) {
	if c.std != nil {
		b := k.FillBytes(make([]byte, c.OrderBytes()))
		if x.Cmp(c.GX) == 0 && y.Cmp(c.GY) == 0 {
			rx, ry = c.std.ScalarBaseMult(b)
		} else {
			rx, ry = c.std.ScalarMult(x, y, b)
		}
		return rx, ry, rx.Sign() != 0 || ry.Sign() != 0
	}
	acc := jacobian{new(big.Int), big.NewInt(1), new(big.Int)}
	base := jacobian{x, y, big.NewInt(1)}
	for i := k.BitLen() - 1; i >= 0; i-- {
		acc = c.double(acc)
		if k.Bit(i) == 1 {
			acc = c.add(acc, base)
		}
	}
	return c.affine(acc)
}

// jacobian is a point (x/z², y/z³); z = 0 is infinity. Host arithmetic of the
// charged form for curves that the standard library lacks.
type jacobian struct{ x, y, z *big.Int }

func (c *Curve) mul(a, b *big.Int) *big.Int {
	r := new(big.Int).Mul(a, b)
	return r.Mod(r, c.P)
}

func (c *Curve) sub(a, b *big.Int) *big.Int {
	r := new(big.Int).Sub(a, b)
	return r.Mod(r, c.P)
}

func (c *Curve) times(a *big.Int, n int64) *big.Int {
	r := new(big.Int).Mul(a, big.NewInt(n))
	return r.Mod(r, c.P)
}

func (c *Curve) double(p jacobian) jacobian {
	if p.z.Sign() == 0 || p.y.Sign() == 0 {
		return jacobian{new(big.Int), big.NewInt(1), new(big.Int)}
	}
	yy := c.mul(p.y, p.y)
	s := c.times(c.mul(p.x, yy), 4)
	zz := c.mul(p.z, p.z)
	m := new(big.Int).Add(c.times(c.mul(p.x, p.x), 3), c.mul(c.A, c.mul(zz, zz)))
	x := c.sub(c.mul(m, m), c.times(s, 2))
	y := c.sub(c.mul(m, c.sub(s, x)), c.times(c.mul(yy, yy), 8))
	return jacobian{x, y, c.times(c.mul(p.y, p.z), 2)}
}

func (c *Curve) add(p, q jacobian) jacobian {
	if p.z.Sign() == 0 {
		return q
	}
	if q.z.Sign() == 0 {
		return p
	}
	pz, qz := c.mul(p.z, p.z), c.mul(q.z, q.z)
	u1, u2 := c.mul(p.x, qz), c.mul(q.x, pz)
	s1, s2 := c.mul(p.y, c.mul(qz, q.z)), c.mul(q.y, c.mul(pz, p.z))
	h, r := c.sub(u2, u1), c.sub(s2, s1)
	if h.Sign() == 0 {
		if r.Sign() == 0 {
			return c.double(p)
		}
		return jacobian{new(big.Int), big.NewInt(1), new(big.Int)}
	}
	hh := c.mul(h, h)
	hhh, v := c.mul(hh, h), c.mul(u1, hh)
	x := c.sub(c.sub(c.mul(r, r), hhh), c.times(v, 2))
	y := c.sub(c.mul(r, c.sub(v, x)), c.mul(s1, hhh))
	return jacobian{x, y, c.mul(h, c.mul(p.z, q.z))}
}

func (c *Curve) affine(p jacobian) (x, y *big.Int, ok bool) {
	if p.z.Sign() == 0 {
		return new(big.Int), new(big.Int), false
	}
	inv := new(big.Int).ModInverse(p.z, c.P)
	if inv == nil {
		return new(big.Int), new(big.Int), false // p is not prime
	}
	ii := c.mul(inv, inv)
	return c.mul(p.x, ii), c.mul(p.y, c.mul(ii, inv)), true
}
