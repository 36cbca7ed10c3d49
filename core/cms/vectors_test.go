package cms

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"strconv"
	"strings"
	"testing"

	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

type vector struct {
	vectors.Header
	Key         vectors.Hex `json:"key,omitempty"` // PKCS #8
	Certificate vectors.Hex `json:"certificate,omitempty"`
	ContentType string      `json:"contentType,omitempty"`
	Content     vectors.Hex `json:"content,omitempty"`
	Signed      vectors.Hex `json:"signed"`
}

var failures = map[string]error{"signature": ErrSignature, "digest": ErrDigest, "content type": ErrContentType, "certificate": ErrSignerCertificate}

func TestVectors(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-001", "SPEC-APPLICATION-002", "SPEC-APPLICATION-010", "SPEC-APPLICATION-011", "SPEC-APPLICATION-014", "SPEC-APPLICATION-015")
	for _, v := range vectors.Load[vector](t, "cms.json") {
		s, err := Parse(v.Signed)
		var fault *wire.DecodeError
		switch {
		case v.Fail == "malformed" && errors.As(err, &fault):
			continue
		case v.Fail == "malformed" || err != nil:
			t.Errorf("%s: %v", v.Name, err)
			continue
		}
		c, err := s.Verify()
		switch want := failures[v.Fail]; {
		case v.Fail != "" && want == nil || !errors.Is(err, want):
			t.Errorf("%s: %v, want %s", v.Name, err, v.Fail)
		case v.Fail == "" && (!bytes.Equal(c.Raw, v.Certificate) || !bytes.Equal(s.Content, v.Content) || s.ContentType.String() != v.ContentType):
			t.Errorf("%s: %+v", v.Name, s)
		case v.Fail == "":
			v.signAgain(t)
		}
	}
}

// signAgain makes the vector's bytes of its key.
func (v *vector) signAgain(t *testing.T) {
	t.Helper()
	key, err := x509.ParsePKCS8PrivateKey(v.Key)
	if err != nil {
		t.Fatal(err)
	}
	m := message()
	m.Signer = key.(crypto.Signer)
	if m.Certificate, err = x509.ParseCertificate(v.Certificate); err != nil {
		t.Fatal(err)
	}
	m.Content, m.ContentType = v.Content, oid(t, v.ContentType)
	if b := mustSign(t, m); !bytes.Equal(b, v.Signed) {
		t.Errorf("%s: signed again\n%X", v.Name, b)
	}
}

func oid(t *testing.T, s string) (id asn1.ObjectIdentifier) {
	t.Helper()
	for _, arc := range strings.Split(s, ".") {
		n, err := strconv.Atoi(arc)
		if err != nil {
			t.Fatal(err)
		}
		id = append(id, n)
	}
	return id
}
