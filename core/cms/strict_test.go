package cms

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"inkan/core/wire"
	"inkan/spec/req"
)

// node is an element that can be changed and encoded again, lengths included.
type node struct {
	tag   byte
	leaf  []byte
	inner []*node
}

func tree(t testing.TB, b []byte) (all []*node) {
	t.Helper()
	for len(b) > 0 {
		head, n := 2, int(b[1])
		if b[1] > 0x80 {
			head, n = 2+int(b[1]&0x7F), 0
			for _, c := range b[2:head] {
				n = n<<8 | int(c)
			}
		}
		e := &node{tag: b[0]}
		if body := b[head : head+n]; b[0]&0x20 != 0 {
			e.inner = tree(t, body)
		} else {
			e.leaf = body
		}
		all, b = append(all, e), b[head+n:]
	}
	return all
}

func (n *node) encode() []byte {
	body := n.leaf
	for _, i := range n.inner {
		body = append(bytes.Clone(body), i.encode()...)
	}
	switch l := len(body); {
	case l < 0x80:
		return append([]byte{n.tag, byte(l)}, body...)
	case l < 0x100:
		return append([]byte{n.tag, 0x81, byte(l)}, body...)
	default:
		return append([]byte{n.tag, 0x82, byte(l >> 8), byte(l)}, body...)
	}
}

func (n *node) at(path ...int) *node {
	for _, i := range path {
		n = n.inner[i]
	}
	return n
}

// TestShape: each part that the form does not have is refused, by its name.
func TestShape(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-011", "SPEC-APPLICATION-012", "SPEC-APPLICATION-013", "SPEC-APPLICATION-001", "SPEC-APPLICATION-003")
	// contentInfo 1,0: signedData with version, digestAlgorithms, encapContentInfo,
	// certificates, signerInfos; 4,0: version, sid, digest, attributes, algorithm,
	// signature.
	cases := map[string]struct {
		change func(data *node)
		path   string
	}{
		"version 1":           {func(d *node) { d.at(0).leaf = []byte{1} }, "version"},
		"signer's version 3":  {func(d *node) { d.at(4, 0, 0).leaf = []byte{3} }, "signerInfo/version"},
		"SHA-1":               {func(d *node) { d.at(1, 0, 0).leaf = []byte{0x2B, 14, 3, 2, 26} }, "digestAlgorithms"},
		"no digest":           {func(d *node) { d.at(1).inner = nil }, "digestAlgorithms"},
		"detached":            {func(d *node) { d.at(2).inner = d.at(2).inner[:1] }, "encapContentInfo/eContent"},
		"no certificates":     {func(d *node) { d.inner = slices.Delete(d.inner, 3, 4) }, "certificates"},
		"empty certificates":  {func(d *node) { d.at(3).inner = nil }, "certificates"},
		"same twice":          {func(d *node) { d.at(3).inner = append(d.at(3).inner, d.at(3, 0)) }, "certificates/1"},
		"no certificate":      {func(d *node) { d.at(3, 0).inner = d.at(3, 0).inner[:2] }, "certificates/0"},
		"lists":               {func(d *node) { d.inner = slices.Insert(d.inner, 4, &node{tag: 0xA1}) }, "crls"},
		"two signers":         {func(d *node) { d.at(4).inner = append(d.at(4).inner, d.at(4, 0)) }, "signerInfos"},
		"no signer":           {func(d *node) { d.at(4).inner = nil }, "signerInfos"},
		"unsigned attributes": {func(d *node) { d.at(4, 0).inner = append(d.at(4, 0).inner, &node{tag: 0xA1}) }, "unsignedAttrs"},
		"other algorithm":     {func(d *node) { d.at(4, 0, 4, 0).leaf = []byte{0x2A, 3} }, "signatureAlgorithm"},
		"no parameters":       {func(d *node) { d.at(4, 0, 4).inner = d.at(4, 0, 4).inner[:1] }, "signatureAlgorithm"},
		"short signature":     {func(d *node) { d.at(4, 0, 5).leaf = make([]byte, 128) }, "signature"},
		"attribute order":     {func(d *node) { slices.Reverse(d.at(4, 0, 3).inner) }, "signedAttrs"},
		"attribute missing":   {func(d *node) { d.at(4, 0, 3).inner = d.at(4, 0, 3).inner[:1] }, "signedAttrs"},
		"two values": {func(d *node) {
			a := d.at(4, 0, 3, 0, 1)
			a.inner = append(a.inner, a.inner[0])
		}, "signedAttrs/0"},
		"general time": {func(d *node) {
			v := d.at(4, 0, 3, 1, 1, 0)
			v.tag, v.leaf = 0x18, append([]byte("20"), v.leaf...)
		}, "signedAttrs/1/values/signingTime"},
		"hash algorithm": {func(d *node) {
			id := d.at(4, 0, 3, 3, 1, 0, 0, 0)
			id.inner = append([]*node{{tag: 0x30, inner: []*node{{tag: 6, leaf: []byte{0x2A, 3}}}}}, id.inner...)
		}, "essCertIDv2/hashAlgorithm"},
		"after": {func(d *node) { d.inner = append(d.inner, &node{tag: 5}) }, "signedData"},
	}
	for name, c := range cases {
		top := tree(t, mustSign(t, message()))[0]
		c.change(top.at(1, 0))
		_, err := Parse(top.encode())
		var fault *wire.DecodeError
		if !errors.As(err, &fault) || !strings.Contains(fault.Path, c.path) {
			t.Errorf("%s: %v, want it at %s", name, err, c.path)
		}
	}
}

func TestLimits(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-012", "SPEC-APPLICATION-013")
	refused := func(name string, top *node, want string) {
		t.Helper()
		_, err := Parse(top.encode())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	top := tree(t, mustSign(t, message()))[0]
	set := top.at(1, 0, 3)
	for i := range MaxCertificates {
		c := tree(t, set.at(0).encode())[0]
		c.at(0, 1).leaf = []byte{0x70, byte(i)} // its serial number
		set.inner = append(set.inner, c)
	}
	slices.SortFunc(set.inner, func(a, b *node) int { return bytes.Compare(a.encode(), b.encode()) })
	refused("certificates", top, "at most 8 certificates")

	top = tree(t, mustSign(t, message()))[0]
	attributes := top.at(1, 0, 4, 0, 3)
	for i := range 16 {
		attributes.inner = append(attributes.inner, &node{tag: 0x30, inner: []*node{{tag: 6, leaf: []byte{0x2A, byte(i)}}, {tag: 0x31, inner: []*node{{tag: 5}}}}})
	}
	slices.SortFunc(attributes.inner, func(a, b *node) int { return bytes.Compare(a.encode(), b.encode()) })
	refused("attributes", top, "at most 16")

	top = tree(t, mustSign(t, message()))[0]
	attributes = top.at(1, 0, 4, 0, 3)
	twice := tree(t, attributes.at(0).encode())[0]
	attributes.inner = append(attributes.inner, twice)
	twice.at(1, 0).leaf = append([]byte{0x7F}, twice.at(1, 0).leaf[1:]...)
	slices.SortFunc(attributes.inner, func(a, b *node) int { return bytes.Compare(a.encode(), b.encode()) })
	refused("twice", top, "each attribute once")

	if _, err := Parse(make([]byte, MaxLen+1)); err == nil || !strings.Contains(err.Error(), "at most 65536 bytes") {
		t.Errorf("length: %v", err)
	}
}

// TestIndefinite: the usual BER of streaming writers is refused for what it is.
func TestIndefinite(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-001")
	b := mustSign(t, message())
	ber := append(append([]byte{0x30, 0x80}, b[4:]...), 0, 0)
	_, err := Parse(ber)
	const want = "CMS: contentInfo at offset 1: want a definite length (DER), got an indefinite one (BER)"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
