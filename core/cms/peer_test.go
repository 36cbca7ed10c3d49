package cms

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"inkan/spec/peer"
	"inkan/spec/req"
)

// files writes the signer's certificate and key, and another certificate, as PEM.
func files(t *testing.T) (certificate, key, other string) {
	t.Helper()
	one := identities()[0]
	p8, err := x509.MarshalPKCS8PrivateKey(one.key)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("certificate.pem", "CERTIFICATE", one.certificate.Raw), write("key.pem", "PRIVATE KEY", p8),
		write("other.pem", "CERTIFICATE", identities()[1].certificate.Raw)
}

// TestOpensslVerifies: openssl takes what Sign makes, attributes included, and
// gives back the content.
func TestOpensslVerifies(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-010")
	certificate, _, _ := files(t)
	for _, cades := range [][]string{nil, {"-cades"}} {
		m := message()
		m.Others = []*x509.Certificate{identities()[1].certificate}
		args := append([]string{"cms", "-verify", "-inform", "DER", "-binary", "-purpose", "any", "-attime", "1795834800", "-CAfile", certificate, "-partial_chain"}, cades...)
		if out := peer.Run(t, mustSign(t, m), "openssl", args...); !bytes.Equal(out, m.Content) {
			t.Errorf("%q: %q", args, out)
		}
		if _, _, status := peer.Try(t, flip(mustSign(t, m), len(mustSign(t, m))-1), "openssl", args...); status == 0 {
			t.Errorf("%q: a wrong signature was accepted", args)
		}
	}
}

// TestOpensslSigns: Parse and Verify take what openssl makes in DER, and refuse
// what it makes in BER.
func TestOpensslSigns(t *testing.T) {
	req.Covers(t, "SPEC-APPLICATION-014", "SPEC-APPLICATION-001")
	certificate, key, other := files(t)
	base := []string{"cms", "-sign", "-binary", "-nodetach", "-md", "sha256", "-outform", "DER", "-signer", certificate, "-inkey", key}
	for name, extra := range map[string][]string{
		"plain":      nil,
		"cades":      {"-cades", "-nosmimecap", "-econtent_type", "2.999.392.2.99"},
		"key ID":     {"-keyid"},
		"many":       {"-cades", "-certfile", other},
		"no smime":   {"-nosmimecap"},
		"other type": {"-econtent_type", "1.2.3.4"},
	} {
		out := peer.Run(t, []byte("content"), "openssl", append(base, extra...)...)
		s, err := Parse(out)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		c, err := s.Verify()
		if err != nil || !c.Equal(identities()[0].certificate) || string(s.Content) != "content" || s.Signer.SigningTime.IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, extra := range map[string][]string{"streamed": {"-stream"}, "without attributes": {"-noattr"}, "detached": {"-nocerts"}} {
		out := peer.Run(t, []byte("content"), "openssl", append(base, extra...)...)
		if _, err := Parse(out); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
