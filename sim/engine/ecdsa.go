package engine

import (
	"crypto"
	"crypto/hmac"
	"math/big"

	"inkan/sim/clock"
)

// InverseModN is what an ECDSA signature costs beside its scalar
// multiplication: constants of the order n, the nonce inverted by Fermat's
// theorem, five conversions and products, one sum.
func (m *Multiplier) InverseModN(orderBits int) uint64 {
	s := m.Words(orderBits)
	return uint64(4*s)*m.Load + m.Prepare(s) + m.Power(s, orderBits) + 7*m.Product(s) + m.Sum(s) + uint64(s)*m.Store
}

// Generate makes a key pair: the scalar from bits(n)+64 random bits
// (FIPS 186-5 A.2.1), the point uncompressed.
func (g *Engines) GenerateEC(c *Curve) (s, w []byte) {
	buf := make([]byte, (c.N.BitLen()+64+7)/8)
	g.Fill(buf)
	one := big.NewInt(1)
	k := new(big.Int).SetBytes(buf)
	k.Mod(k, new(big.Int).Sub(c.N, one)).Add(k, one)
	clear(buf)
	x, y, _ := g.ScalarMult(c, c.GX, c.GY, k)
	return k.FillBytes(make([]byte, c.OrderBytes())), c.Encode(x, y)
}

// scalar reads a private key: 0 < d < n.
func (c *Curve) scalar(b []byte) (*big.Int, error) {
	d := new(big.Int).SetBytes(b)
	if d.Sign() == 0 || d.Cmp(c.N) >= 0 {
		return nil, ErrKey
	}
	return d, nil
}

// ECDH is the shared point of a private key and an uncompressed point. Errors:
// ErrKey, ErrPoint (not on the curve, or the product is infinity).
func (g *Engines) ECDH(c *Curve, s, w []byte) (x, y []byte, err error) {
	d, err := c.scalar(s)
	if err != nil {
		return nil, nil, err
	}
	px, py, err := c.Point(w)
	if err != nil {
		return nil, nil, err
	}
	rx, ry, ok := g.ScalarMult(c, px, py, d)
	if !ok {
		return nil, nil, ErrPoint
	}
	size := c.FieldBytes()
	return rx.FillBytes(make([]byte, size)), ry.FillBytes(make([]byte, size)), nil
}

// ECDSASign signs a digest with the nonce of RFC 6979 §3.2 for the hash
// function alg; r and s as numbers. The time is that of a chip that draws its
// nonce: bits(n)+64 random bits, one scalar multiplication, one inversion
// modulo n. Error: ErrKey. Spec: SPEC-TIMING-018.
func (g *Engines) ECDSASign(c *Curve, alg crypto.Hash, key, digest []byte) (r, s *big.Int, err error) {
	d, err := c.scalar(key)
	if err != nil {
		return nil, nil, err
	}
	z := c.hashToInt(digest)
	nonce := newNonce(c, alg, key, z)
	g.Clock.Advance(clock.Random, g.Chip.Random.Bytes((c.N.BitLen()+64+7)/8))
	g.Clock.Advance(clock.ModExp, g.Chip.Multiplier.InverseModN(c.N.BitLen()))
	for try := range maxNonces {
		k := nonce.next()
		var x *big.Int
		var ok bool
		if try == 0 {
			x, _, ok = g.ScalarMult(c, c.GX, c.GY, k)
		} else { // r or s was zero: never seen with curves of a useful size
			x, _, ok = c.multiply(c.GX, c.GY, k)
		}
		r = new(big.Int).Mod(x, c.N)
		s = new(big.Int).Mul(r, d)
		s.Add(s, z).Mod(s, c.N)
		inv := new(big.Int).ModInverse(k, c.N)
		if !ok || inv == nil {
			return nil, nil, ErrKey // n is not prime
		}
		s.Mul(s, inv).Mod(s, c.N)
		if r.Sign() != 0 && s.Sign() != 0 {
			return r, s, nil
		}
	}
	return nil, nil, ErrKey
}

// maxNonces bounds the search for a nonce on parameters that are no curve.
const maxNonces = 64

// ECDSAVerify checks a signature: one inversion, two scalar multiplications
// and one addition, whatever r and s. All of it is public.
func (g *Engines) ECDSAVerify(c *Curve, w, digest []byte, r, s *big.Int) bool {
	qx, qy, err := c.Point(w)
	if err != nil || r.Sign() <= 0 || s.Sign() <= 0 || r.Cmp(c.N) >= 0 || s.Cmp(c.N) >= 0 {
		return false
	}
	inv := new(big.Int).ModInverse(s, c.N)
	m := &g.Chip.Multiplier
	g.Clock.Advance(clock.ModExp, m.InverseModN(c.N.BitLen())+m.PointAdd(m.Words(c.P.BitLen())))
	if inv == nil {
		return false
	}
	u1 := c.hashToInt(digest)
	u1.Mul(u1, inv).Mod(u1, c.N)
	u2 := new(big.Int).Mul(r, inv)
	u2.Mod(u2, c.N)
	x1, y1, ok1 := g.ScalarMult(c, c.GX, c.GY, u1)
	x2, y2, ok2 := g.ScalarMult(c, qx, qy, u2)
	sum := c.add(toJacobian(x1, y1, ok1), toJacobian(x2, y2, ok2))
	x, _, ok := c.affine(sum)
	return ok && x.Mod(x, c.N).Cmp(r) == 0
}

func toJacobian(x, y *big.Int, ok bool) jacobian {
	if !ok {
		return jacobian{new(big.Int), big.NewInt(1), new(big.Int)}
	}
	return jacobian{x, y, big.NewInt(1)}
}

// hashToInt takes the leftmost bits(n) bits of a digest, modulo n.
func (c *Curve) hashToInt(digest []byte) *big.Int {
	z := bits2int(c, digest)
	return z.Mod(z, c.N)
}

func bits2int(c *Curve, b []byte) *big.Int {
	z := new(big.Int).SetBytes(b)
	if excess := 8*len(b) - c.N.BitLen(); excess > 0 {
		z.Rsh(z, uint(excess))
	}
	return z
}

// nonce is the generator of RFC 6979 §3.2.
type nonce struct {
	c    *Curve
	alg  crypto.Hash
	k, v []byte
}

func newNonce(c *Curve, alg crypto.Hash, key []byte, z *big.Int) *nonce {
	size := c.OrderBytes()
	n := &nonce{c: c, alg: alg, k: make([]byte, alg.Size()), v: make([]byte, alg.Size())}
	for i := range n.v {
		n.v[i] = 1
	}
	x := new(big.Int).SetBytes(key).FillBytes(make([]byte, size))
	h := z.FillBytes(make([]byte, size))
	for _, b := range []byte{0, 1} {
		n.k = n.mac(n.v, []byte{b}, x, h)
		n.v = n.mac(n.v)
	}
	return n
}

func (n *nonce) mac(parts ...[]byte) []byte {
	m := hmac.New(n.alg.New, n.k)
	for _, p := range parts {
		m.Write(p)
	}
	return m.Sum(nil)
}

// next is the next k with 0 < k < n.
func (n *nonce) next() *big.Int {
	for {
		var t []byte
		for 8*len(t) < n.c.N.BitLen() {
			n.v = n.mac(n.v)
			t = append(t, n.v...)
		}
		k := bits2int(n.c, t[:n.c.OrderBytes()])
		ok := k.Sign() != 0 && k.Cmp(n.c.N) < 0
		n.k = n.mac(n.v, []byte{0})
		n.v = n.mac(n.v)
		if ok {
			return k
		}
	}
}
