package engine

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"inkan/spec/peer"
)

// Every named curve: prime field and order, base point of that order, and the
// standard library's arithmetic where it has the curve.
func TestDomains(t *testing.T) {
	std := 0
	for _, d := range Domains() {
		c := d.Curve()
		if c.P.BitLen() != d.Bits || !c.P.ProbablyPrime(20) || !c.N.ProbablyPrime(20) {
			t.Errorf("%s: sizes or primes", d.Name)
		}
		n1 := new(big.Int).Sub(c.N, big.NewInt(1))
		x, y, ok := c.multiply(c.GX, c.GY, n1)
		if !ok || x.Cmp(c.GX) != 0 || new(big.Int).Add(y, c.GY).Cmp(c.P) != 0 {
			t.Errorf("%s: (n-1)G is not -G", d.Name)
		}
		if c.std != nil {
			std++
		}
	}
	if std != 4 || DomainNamed("none") != nil {
		t.Errorf("%d curves of the standard library, want 4", std)
	}
}

// The standard library and the host's own arithmetic agree, also where
// additions meet equal and opposite points.
func TestArithmeticAgainstStandardLibrary(t *testing.T) {
	for _, name := range []string{"secp224r1", "secp256r1", "secp384r1", "secp521r1"} {
		c := DomainNamed(name).Curve()
		own := *c
		own.std = nil
		for _, k := range []int64{1, 2, 3, 4, 5, 1 << 40, 987654321987654321} {
			x, y, _ := c.multiply(c.GX, c.GY, big.NewInt(k))
			u, v, _ := own.multiply(c.GX, c.GY, big.NewInt(k))
			if x.Cmp(u) != 0 || y.Cmp(v) != 0 {
				t.Errorf("%s: %d G", name, k)
			}
		}
	}
}

// ECDSA with RFC 6979 nonces is what crypto/ecdsa gives for a nil reader.
func TestECDSAAgainstStandardLibrary(t *testing.T) {
	for name, curve := range map[string]elliptic.Curve{"secp256r1": elliptic.P256(), "secp384r1": elliptic.P384(), "secp521r1": elliptic.P521()} {
		g, _ := rig(Reference())
		c := DomainNamed(name).Curve()
		for _, alg := range []crypto.Hash{crypto.SHA256, crypto.SHA512} {
			s, w := g.GenerateEC(c)
			digest := g.Hash(alg, nil, s)
			r, v, err := g.ECDSASign(c, alg, s, digest)
			if err != nil || !g.ECDSAVerify(c, w, digest, r, v) {
				t.Fatalf("%s: %v", name, err)
			}
			x, y, _ := c.Point(w)
			key := &ecdsa.PrivateKey{PublicKey: ecdsa.PublicKey{Curve: curve, X: x, Y: y}, D: new(big.Int).SetBytes(s)}
			der, err := key.Sign(nil, digest, alg)
			if err != nil || !bytes.Contains(der, v.Bytes()) || !bytes.Contains(der, r.Bytes()) {
				t.Errorf("%s %v: the standard library signs otherwise: %v", name, alg, err)
			}
			digest[0] ^= 1
			if g.ECDSAVerify(c, w, digest, r, v) || g.ECDSAVerify(c, w, digest, new(big.Int), v) || g.ECDSAVerify(c, w, digest, r, c.N) {
				t.Errorf("%s: a wrong signature is valid", name)
			}
		}
	}
}

func TestCurveRefuses(t *testing.T) {
	d := DomainNamed("secp256r1")
	off := bytes.Clone(d.G)
	off[64] ^= 1
	for name, p := range map[string][5][]byte{
		"point off the curve": {d.P, d.A, d.B, off, d.N}, "even field": {append(bytes.Clone(d.P[:31]), 0xFE), d.A, d.B, d.G, d.N},
		"a not below p": {d.P, d.P, d.B, d.G, d.N}, "short point": {d.P, d.A, d.B, d.G[:64], d.N}, "no order": {d.P, d.A, d.B, d.G, nil},
	} {
		if _, err := NewCurve(p[0], p[1], p[2], p[3], p[4]); err != ErrCurve {
			t.Errorf("%s: %v", name, err)
		}
	}
	g, c := New(Reference(), nil, nil), d.Curve()
	for _, s := range [][]byte{nil, make([]byte, 32), d.N} {
		if _, _, err := g.ECDH(c, s, d.G); err != ErrKey {
			t.Errorf("scalar %X: %v", s, err)
		}
	}
	if _, _, err := g.ECDH(c, []byte{1}, off); err != ErrPoint {
		t.Errorf("point off the curve: %v", err)
	}
}

// OpenSSL makes a key on a brainpool curve and agrees on the public point.
func TestScalarMultAgainstOpenSSL(t *testing.T) {
	for _, name := range []string{"brainpoolP256r1", "brainpoolP512r1", "secp256k1", "brainpoolP160r1"} {
		c := DomainNamed(name).Curve()
		out := peer.Run(t, nil, "openssl", "ecparam", "-name", name, "-genkey", "-noout", "-outform", "DER")
		// SEQUENCE { 1, OCTET STRING key, [0] curve, [1] BIT STRING point }
		size := c.OrderBytes()
		at := bytes.Index(out, []byte{4, byte(size)})
		if at < 0 {
			t.Fatalf("%s: no private key in %d bytes", name, len(out))
		}
		key, point := out[at+2:at+2+size], out[len(out)-1-2*c.FieldBytes():]
		x, y, ok := c.multiply(c.GX, c.GY, new(big.Int).SetBytes(key))
		if !ok || !bytes.Equal(c.Encode(x, y), point) {
			t.Errorf("%s: OpenSSL has another public point", name)
		}
	}
}

// OpenSSL reads what PSS and OAEP padding make, and the other way round.
func TestPaddingAgainstOpenSSL(t *testing.T) {
	gen := generated(t, 1024, 3)
	key := crtKey(t, 1024, gen)
	dir := t.TempDir()
	der := derRSA(gen)
	path := filepath.Join(dir, "key.der")
	if err := os.WriteFile(path, der, 0o600); err != nil {
		t.Fatal(err)
	}
	g, _ := rig(Reference())
	for _, alg := range []string{"sha1", "sha256"} {
		h := map[string]crypto.Hash{"sha1": crypto.SHA1, "sha256": crypto.SHA256}[alg]
		sealed := peer.Run(t, []byte("secret"), "openssl", "pkeyutl", "-encrypt", "-inkey", path, "-keyform", "DER",
			"-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:"+alg, "-pkeyopt", "rsa_mgf1_md:"+alg)
		em, err := g.RSAPrivate(key, sealed)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := g.UnpadOAEP(h, em); err != nil || string(got) != "secret" {
			t.Errorf("%s: %q %v", alg, got, err)
		}
		digest := g.Hash(h, nil, []byte("message"))
		sig := peer.Run(t, digest, "openssl", "pkeyutl", "-sign", "-inkey", path, "-keyform", "DER", "-pkeyopt", "digest:"+alg,
			"-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:digest")
		em, err = g.RSAPublic(gen.N, gen.E, sig)
		if err != nil || !g.VerifyPSS(1024, h, digest, em) {
			t.Errorf("%s: OpenSSL's PSS signature does not verify: %v", alg, err)
		}
	}
}

// derRSA is PKCS#1's RSAPrivateKey.
func derRSA(k *GeneratedRSA) []byte {
	length := func(n int) []byte {
		if n < 128 {
			return []byte{byte(n)}
		}
		return []byte{0x82, byte(n >> 8), byte(n)}
	}
	var body []byte
	for _, v := range [][]byte{{0}, k.N, k.E, k.D, k.P, k.Q, k.DP, k.DQ, k.QInv} {
		v = append([]byte{0}, v...)
		for len(v) > 1 && v[0] == 0 && v[1] < 0x80 {
			v = v[1:]
		}
		body = append(append(append(body, 2), length(len(v))...), v...)
	}
	return append(append([]byte{0x30}, length(len(body))...), body...)
}

func TestNothingSecretIsPrinted(t *testing.T) {
	gen := generated(t, 512, 3)
	g, s := rig(Reference())
	key := crtKey(t, 512, gen)
	a, _ := g.AES(make([]byte, 16))
	b, _ := s.AES(make([]byte, 16))
	d, _ := s.DES(make([]byte, 8))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		if got := fmt.Sprintf(verb, key); got != "RSA private key of 512 bits" {
			t.Errorf("%s: %s", verb, got)
		}
		for _, block := range []any{a, b, d} {
			if got := fmt.Sprintf(verb, block); got != "cipher of an engine" {
				t.Errorf("%s: %s", verb, got)
			}
		}
		if got := fmt.Sprintf(verb, gen); got != "generated RSA key" {
			t.Errorf("%s: %s", verb, got)
		}
	}
}
