package crl_test

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkan/ca/status/double"
	"inkan/core/jpki/certificate"
	"inkan/spec/peer"
	"inkan/spec/req"
)

// TestOpenSSL: openssl reads a list, verifies it, and judges certificates by it.
func TestOpenSSL(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-010", "SPEC-STATUS-012", "SPEC-STATUS-014", "SPEC-STATUS-017")
	at := []string{"-attime", "1795838400"} // an hour after the list
	folder := t.TempDir()
	put := func(name, kind string, der ...[]byte) string {
		var text []byte
		for _, one := range der {
			text = append(text, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: one})...)
		}
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	der := write(t, 0, list(kiyose), walk(entry{0x01000001, noon, certificate.KeyCompromise}, entry{0x01000002, noon, certificate.CertificateHold}))
	authorities := put("ca.pem", "CERTIFICATE", issuer.Certificate.Raw)
	lists := put("crl.pem", "X509 CRL", der, write(t, 0, list(certificate.CAList), walk()))

	out, stderr, code := peer.Try(t, der, "openssl", "crl", "-inform", "DER", "-CAfile", authorities, "-noout", "-text", "-nameopt", "RFC2253")
	if code != 0 || !strings.Contains(string(stderr), "verify OK") {
		t.Fatalf("openssl crl: %d, %s", code, stderr)
	}
	for _, want := range []string{"Version 2", "X509v3 Issuing Distribution Point: critical", "CN = Kiyose-shi CRLDP", "Serial Number: 01000001", "Key Compromise", "Certificate Hold", "X509v3 CRL Number: \n                7"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("openssl crl does not print %q:\n%s", want, out)
		}
	}
	for _, c := range []struct {
		holder *x509.Certificate
		code   int
		text   string
	}{
		{double.Holder(issuer, 0x01000001, kiyose), 2, "certificate revoked"},
		{double.Holder(issuer, 0x01000002, kiyose), 2, "certificate revoked"},
		{double.Holder(issuer, 0x01000003, kiyose), 0, "OK"},
		{double.Holder(issuer, 0x01000003, partitions[2]), 2, "different CRL scope"},
	} {
		path := put("holder.pem", "CERTIFICATE", c.holder.Raw)
		args := append(at, "-CAfile", authorities, "-CRLfile", lists, "-crl_check_all", "-x509_strict", path)
		out, stderr, code := peer.Try(t, nil, "openssl", append([]string{"verify"}, args...)...)
		if code != c.code || !strings.Contains(string(out)+string(stderr), c.text) {
			t.Errorf("serial %x: %d, %s%s; want %d, %s", c.holder.SerialNumber, code, out, stderr, c.code, c.text)
		}
	}
}
