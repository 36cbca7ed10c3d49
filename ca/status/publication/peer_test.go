package publication_test

import (
	"encoding/base64"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inkan/ca/status/double"
	"inkan/core/jpki/certificate"
	"inkan/spec/peer"
	"inkan/spec/req"
)

// TestOpenSSLClient: openssl asks by POST over the loopback, with nonce and
// without, with both hashes, for several certificates; and by GET in two steps.
func TestOpenSSLClient(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-034", "SPEC-STATUS-036", "SPEC-STATUS-037", "SPEC-STATUS-039", "SPEC-STATUS-050")
	s := newSite(t, time.Now)
	ca := pemFile(t, "CERTIFICATE", s.auth.Certificate.Raw)
	holder := func(serial uint64) string {
		return pemFile(t, "CERTIFICATE", double.Holder(s.auth, serial, kiyose).Raw)
	}
	good, bad, unknown := holder(active), holder(revoked), holder(absent)
	run := func(args ...string) string {
		t.Helper()
		out, stderr, code := peer.Try(t, nil, "openssl", append([]string{"ocsp", "-CAfile", ca, "-issuer", ca}, args...)...)
		if code != 0 || !strings.Contains(string(stderr), "Response verify OK") {
			t.Fatalf("openssl ocsp %q: %d\n%s%s", args, code, out, stderr)
		}
		if strings.Contains(string(stderr), "WARNING") {
			t.Errorf("openssl ocsp %q: %s", args, stderr)
		}
		return string(out)
	}
	want := func(out string, lines ...string) {
		t.Helper()
		for _, line := range lines {
			if !strings.Contains(out, line) {
				t.Errorf("openssl does not print %q:\n%s", line, out)
			}
		}
	}
	at := s.url + "/auth"
	want(run("-url", at, "-cert", good), good+": good", "Next Update:")
	want(run("-url", at, "-cert", bad, "-no_nonce"), bad+": revoked", "Reason: keyCompromise", "Revocation Time:")
	want(run("-url", at, "-cert", unknown, "-no_nonce"), unknown+": unknown")
	want(run("-url", at, "-sha256", "-cert", good, "-cert", bad, "-cert", unknown), good+": good", bad+": revoked", unknown+": unknown")

	request, response := filepath.Join(t.TempDir(), "req.der"), filepath.Join(t.TempDir(), "resp.der")
	peer.Run(t, nil, "openssl", "ocsp", "-issuer", ca, "-cert", bad, "-no_nonce", "-reqout", request)
	der, err := os.ReadFile(request)
	if err != nil {
		t.Fatal(err)
	}
	code, _, body := s.get(t, "/auth/"+url.QueryEscape(base64.StdEncoding.EncodeToString(der)))
	if err := os.WriteFile(response, body, 0o600); err != nil || code != 200 {
		t.Fatal(code, err)
	}
	want(run("-no_nonce", "-reqin", request, "-respin", response, "-cert", bad), bad+": revoked")
}

// TestOpenSSLVerify: openssl judges certificates by the lists that the server
// gives.
func TestOpenSSLVerify(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-014", "SPEC-STATUS-015", "SPEC-STATUS-026")
	s := newSite(t, time.Now)
	_, _, municipality := s.get(t, certificate.CRLPath(auth, kiyose))
	_, _, authorities := s.get(t, certificate.CRLPath(auth, certificate.CAList))
	_, _, ca := s.get(t, "/ca/authca01.cer")
	lists, trusted := pemFile(t, "X509 CRL", municipality, authorities), pemFile(t, "CERTIFICATE", ca)
	for serial, want := range map[uint64]string{active: ": OK", revoked: "certificate revoked"} {
		path := pemFile(t, "CERTIFICATE", double.Holder(s.auth, serial, kiyose).Raw)
		out, stderr, _ := peer.Try(t, nil, "openssl", "verify", "-CAfile", trusted, "-CRLfile", lists, "-crl_check_all", "-x509_strict", path)
		if !strings.Contains(string(out)+string(stderr), want) {
			t.Errorf("serial %d: %s%s, want %s", serial, out, stderr, want)
		}
	}
}
