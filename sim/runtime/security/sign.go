package security

import (
	"math/big"

	"inkan/sim/engine"
	"inkan/sim/vm"
)

// preparedCurve is a key's domain parameters, checked, with the bytes that they
// were made of.
type preparedCurve struct {
	raw   string
	curve *engine.Curve
}

// curveOf is the curve of an EC key. Parameters that make no curve are
// ILLEGAL_VALUE.
func curveOf(c *vm.Call, key vm.Ref) *engine.Curve {
	m := c.Machine()
	slots := [5][]byte{}
	raw := ""
	for i, slot := range []int{slotField, slotA, slotB, slotG, slotR} {
		slots[i] = part(m, key, slot)
		raw += string(slots[i])
	}
	if p, ok := m.HostValue(key).(*preparedCurve); ok && p.raw == raw {
		return p.curve
	}
	curve, err := engine.NewCurve(slots[0], slots[1], slots[2], slots[3], slots[4])
	if err != nil {
		fail(c, illegalValue)
	}
	m.SetHostValue(key, &preparedCurve{raw, curve})
	return curve
}

func signRSA(c *vm.Call, s scheme, key vm.Ref, digest []byte) []byte {
	g, k := engines(c), rsaKey(c, key)
	if s.padding == padPKCS1 {
		out, err := g.SignPKCS1(k, hashOf(s.digest), digest)
		if err != nil {
			fail(c, illegalUse)
		}
		return out
	}
	em, err := g.PadPSS(k.Bits(), hashOf(s.digest), digest)
	if err != nil {
		fail(c, illegalUse)
	}
	out, err := g.RSAPrivate(k, em)
	if err != nil {
		fail(c, illegalUse)
	}
	return out
}

func verifyRSA(c *vm.Call, s scheme, key vm.Ref, digest, signature []byte) bool {
	m, g := c.Machine(), engines(c)
	if len(signature) != bitsOf(m, key)/8 {
		return false
	}
	em, err := g.RSAPublic(part(m, key, slotModulus), part(m, key, slotExponent), signature)
	if err != nil {
		return false
	}
	if s.padding == padPSS {
		return g.VerifyPSS(bitsOf(m, key), hashOf(s.digest), digest, em)
	}
	want, err := engine.EncodePKCS1(len(em), hashOf(s.digest), digest)
	return err == nil && equal(em, want)
}

// signEC gives r and s in DER, or plain: two numbers of the order's length.
func signEC(c *vm.Call, s scheme, key vm.Ref, digest []byte) []byte {
	curve := curveOf(c, key)
	checkOutput(c, c.Ref(3), c.Short(4), 0)
	secret := part(c.Machine(), key, slotValue)
	defer clear(secret)
	r, v, err := engines(c).ECDSASign(curve, hashOf(s.digest), secret, digest)
	if err != nil {
		fail(c, illegalValue)
	}
	if s.cipher == sigPlain {
		n := curve.OrderBytes()
		return append(r.FillBytes(make([]byte, n)), v.FillBytes(make([]byte, n))...)
	}
	return derSignature(r, v)
}

func verifyEC(c *vm.Call, s scheme, key vm.Ref, digest, signature []byte) bool {
	curve := curveOf(c, key)
	var r, v *big.Int
	if s.cipher == sigPlain {
		n := curve.OrderBytes()
		if len(signature) != 2*n {
			return false
		}
		r, v = new(big.Int).SetBytes(signature[:n]), new(big.Int).SetBytes(signature[n:])
	} else {
		var ok bool
		if r, v, ok = parseSignature(signature); !ok {
			return false
		}
	}
	return engines(c).ECDSAVerify(curve, part(c.Machine(), key, slotValue), digest, r, v)
}

// longestECDSA is the longest signature with an order of n bytes.
func longestECDSA(s scheme, n int) int {
	if s.cipher == sigPlain {
		return 2 * n
	}
	content := 2 * (2 + n + 1)
	if content > 127 {
		return content + 3
	}
	return content + 2
}

// derSignature is SEQUENCE { INTEGER r, INTEGER s } (X9.62).
func derSignature(r, s *big.Int) []byte {
	content := append(derInteger(r), derInteger(s)...)
	head := []byte{0x30, byte(len(content))}
	if len(content) > 127 {
		head = []byte{0x30, 0x81, byte(len(content))}
	}
	return append(head, content...)
}

func derInteger(v *big.Int) []byte {
	b := v.Bytes()
	if len(b) == 0 || b[0]&0x80 != 0 {
		b = append([]byte{0}, b...)
	}
	return append([]byte{2, byte(len(b))}, b...)
}

// parseSignature reads DER strictly: each signature has one encoding.
func parseSignature(b []byte) (r, s *big.Int, ok bool) {
	read := func(b []byte) (*big.Int, []byte) {
		if len(b) < 3 || b[0] != 2 || int(b[1]) > len(b)-2 || b[1] == 0 {
			return nil, nil
		}
		return new(big.Int).SetBytes(b[2 : 2+int(b[1])]), b[2+int(b[1]):]
	}
	body := b
	switch {
	case len(b) > 3 && b[0] == 0x30 && b[1] == 0x81:
		body = b[3:]
	case len(b) > 2 && b[0] == 0x30:
		body = b[2:]
	default:
		return nil, nil, false
	}
	r, rest := read(body)
	if r == nil {
		return nil, nil, false
	}
	if s, _ = read(rest); s == nil {
		return nil, nil, false
	}
	return r, s, string(derSignature(r, s)) == string(b)
}
