package casd_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"inkan/core/gp"
	"inkan/core/scp/confidential/casd"
	"inkan/core/tlv"
	"inkan/core/wire"
	"inkan/spec/req"
)

func scalar(label string) []byte {
	s := sha256.Sum256([]byte(label))
	return s[:]
}

func maker(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar("maker"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sample(t testing.TB) *casd.Certificate {
	t.Helper()
	k, err := ecdh.P256().NewPrivateKey(scalar("card"))
	if err != nil {
		t.Fatal(err)
	}
	c := &casd.Certificate{Serial: []byte{0x01, 0x02}, Maker: []byte("MAKER"), Card: [16]byte{0x98, 0x81, 0x11}, Effective: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC),
		Expires: time.Date(2046, 11, 27, 0, 0, 0, 0, time.UTC), Attestation: sha256.Sum256([]byte("key")), Agreement: k.PublicKey().Bytes()}
	if err := c.Sign(maker(t)); err != nil {
		t.Fatal(err)
	}
	return c
}

// vector is the encoding of the sample: RFC 6979 makes the signature follow from it.
const vector = "9302010242054d414b45525f201098811100000000000000000000000000950200805f2504202611285f24042046112753202c70e12b7a0646f92279" +
	"f427c7b38e7334d8e5389cff167a1dc30e73f826b6837f4946b041046b629db600c80fc9c3c35e45af897e4e73b99bfb1562efcd47df0d0965a8afbd" +
	"9d7daf808ccd2980f7ff125c9be1968c08cf470e6767f84f3f6ab4d3520fcec4f001005f3740cf5840798141dd2244bfdac0088798a099e349b04977" +
	"9f5ad62e903c5070230c3fa78707f1016173ab156d46745b8180d05cc5cf3d8a5474377120c3d9921d63"

// TestCertificate decodes, encodes, cuts and lengthens a certificate.
func TestCertificate(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-010")
	c := sample(t)
	b, err := c.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(b); got != vector {
		t.Errorf("encoding %s", got)
	}
	again, err := casd.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := again.Append(nil); err != nil || !bytes.Equal(out, b) {
		t.Errorf("%X, %v", out, err)
	}
	var d *wire.DecodeError
	for n := range b {
		if _, err := casd.Decode(b[:n]); !errors.As(err, &d) {
			t.Errorf("%d bytes of it: %v", n, err)
		}
	}
	if _, err := casd.Decode(append(b[:len(b):len(b)], 0x53, 0x00)); !errors.As(err, &d) {
		t.Errorf("one object more: %v", err)
	}
}

// object is one of the certificate's, to be spoilt.
type object struct {
	tag   tlv.Tag
	value []byte
}

// TestMalformed has each object wrong.
func TestMalformed(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-010")
	b, err := sample(t).Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	split := func() (list []object) {
		for r := tlv.NewReader(b); r.Next(); {
			list = append(list, object{r.Tag(), bytes.Clone(r.Value())})
		}
		return list
	}
	names := []tlv.Tag{0x93, 0x42, 0x5F20, 0x95, 0x5F25, 0x5F24, 0x53, 0x7F49, 0x5F37}
	for name, spoil := range map[string]func([]object) []object{
		"no serial number":          func(o []object) []object { o[0].value = nil; return o },
		"17 bytes of it":            func(o []object) []object { o[0].value = make([]byte, 17); return o },
		"no maker":                  func(o []object) []object { return append(o[:1], o[2:]...) },
		"15 bytes of card":          func(o []object) []object { o[2].value = o[2].value[1:]; return o },
		"usage of signatures":       func(o []object) []object { o[3].value[1] = 0x82; return o },
		"month 13":                  func(o []object) []object { o[4].value[2] = 0x13; return o },
		"digit A":                   func(o []object) []object { o[5].value[3] = 0x0A; return o },
		"expires before":            func(o []object) []object { o[5].value[1] = 0x10; return o },
		"31 bytes of hash":          func(o []object) []object { o[6].value = o[6].value[1:]; return o },
		"point off the curve":       func(o []object) []object { o[7].value[40]++; return o },
		"point of 33 bytes":         func(o []object) []object { o[7].value = tlv.Append(nil, 0xB0, make([]byte, 33)); return o },
		"no parameters":             func(o []object) []object { o[7].value = o[7].value[:67]; return o },
		"63 bytes of signature":     func(o []object) []object { o[8].value = o[8].value[1:]; return o },
		"serial number after maker": func(o []object) []object { o[0], o[1] = o[1], o[0]; return o },
	} {
		objects := split()
		for i := range objects {
			if objects[i].tag != names[i] {
				t.Fatalf("object %d is %v", i, objects[i].tag)
			}
		}
		var out []byte
		for _, o := range spoil(objects) {
			out = tlv.Append(out, o.tag, o.value)
		}
		var d *wire.DecodeError
		if _, err := casd.Decode(out); !errors.As(err, &d) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestVerify believes makers that are known, of the card, within the period.
func TestVerify(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-011")
	c := sample(t)
	known := []casd.Maker{{Name: []byte("OTHER"), Key: &maker(t).PublicKey}, {Name: []byte("MAKER"), Key: &maker(t).PublicKey}}
	first, last := c.Effective, c.Expires.Add(24*time.Hour-time.Second)
	for _, now := range []time.Time{first, last} {
		if err := c.Verify(known, c.Card, now); err != nil {
			t.Errorf("at %v: %v", now, err)
		}
	}
	for _, now := range []time.Time{first.Add(-time.Second), last.Add(time.Second)} {
		if err := c.Verify(known, c.Card, now); !errors.Is(err, casd.ErrPeriod) {
			t.Errorf("at %v: %v", now, err)
		}
	}
	if err := c.Verify(known[:1], c.Card, first); !errors.Is(err, casd.ErrMaker) {
		t.Errorf("without the maker: %v", err)
	}
	if err := c.Verify(known, [16]byte{1}, first); !errors.Is(err, casd.ErrCard) {
		t.Errorf("of another card: %v", err)
	}
	for i, spoil := range []func(*casd.Certificate){func(c *casd.Certificate) { c.Serial = []byte{9} }, func(c *casd.Certificate) { c.Attestation[0]++ },
		func(c *casd.Certificate) { c.Expires = c.Expires.AddDate(1, 0, 0) }, func(c *casd.Certificate) { c.Signature[63]++ }, func(c *casd.Certificate) { c.Signature = nil }} {
		other := *c
		other.Signature = bytes.Clone(c.Signature)
		spoil(&other)
		if err := other.Verify(known, c.Card, first); !errors.Is(err, casd.ErrSignature) {
			t.Errorf("spoilt %d: %v", i, err)
		}
	}
}

// TestSignRefuses has certificates that cannot be written.
func TestSignRefuses(t *testing.T) {
	for i, spoil := range []func(*casd.Certificate){func(c *casd.Certificate) { c.Serial = nil }, func(c *casd.Certificate) { c.Maker = make([]byte, 17) },
		func(c *casd.Certificate) { c.Agreement[9]++ }, func(c *casd.Certificate) { c.Expires = c.Effective.AddDate(0, 0, -1) }} {
		c := sample(t)
		spoil(c)
		if err := c.Sign(maker(t)); err == nil {
			t.Errorf("spoilt %d: signed", i)
		}
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P384(), append(scalar("a"), scalar("b")[:16]...))
	if err != nil {
		t.Fatal(err)
	}
	if err := sample(t).Sign(key); err == nil {
		t.Error("signed by a key on P-384")
	}
}

// FuzzDecode: what is decoded encodes to the same bytes.
func FuzzDecode(f *testing.F) {
	b, err := sample(f).Append(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(b[:40])
	f.Add(tlv.Append(nil, gp.TagCertificate, b))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := casd.Decode(b)
		if err != nil {
			var d *wire.DecodeError
			if !errors.As(err, &d) {
				t.Fatalf("%v is no DecodeError", err)
			}
			return
		}
		if again, err := c.Append(nil); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%X, %v", again, err)
		}
	})
}
