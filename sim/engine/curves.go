package engine

import "encoding/hex"

// Domain are domain parameters as numbers, unsigned, each in its full length.
type Domain struct {
	Name          string
	Bits          int // length of the field's prime
	P, A, B, G, N []byte
	H             int // cofactor
}

// Curve prepares the parameters.
func (d *Domain) Curve() *Curve {
	c, err := NewCurve(d.P, d.A, d.B, d.G, d.N)
	if err != nil {
		panic("engine: " + d.Name + ": " + err.Error()) // tested
	}
	return c
}

// Domains are the named curves: SEC 2 (secp192r1 to secp521r1, secp256k1) and
// RFC 5639 (brainpool r1).
func Domains() []*Domain { return domains }

// DomainNamed finds one, or nil.
func DomainNamed(name string) *Domain {
	for _, d := range domains {
		if d.Name == name {
			return d
		}
	}
	return nil
}

func domain(name string, bitCount int, p, a, b, gx, gy, n string) *Domain {
	raw := func(s string) []byte {
		out, err := hex.DecodeString(s)
		if err != nil {
			panic("engine: " + name + ": " + err.Error())
		}
		return out
	}
	return &Domain{name, bitCount, raw(p), raw(a), raw(b), raw("04" + gx + gy), raw(n), 1}
}
