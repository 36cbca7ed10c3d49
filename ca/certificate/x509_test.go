package certificate_test

import (
	"crypto/x509"
	"strings"
	"testing"

	"inkan/ca/certificate/certificatetest"
	profile "inkan/core/jpki/certificate"
	"inkan/spec/req"
)

// TestX509 has crypto/x509 build the chain: to the one generation that signed,
// among three of one name, with no critical extension that it does not know.
func TestX509(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-022", "SPEC-CERT-PROFILE-023", "SPEC-CERT-PROFILE-044")
	roots := map[string]*x509.CertPool{}
	for _, a := range profile.Authorities() {
		roots[a.String()] = x509.NewCertPool()
		for n := 1; n <= 3; n++ {
			roots[a.String()].AddCert(certificatetest.Issuer(t, a, n).Certificate)
		}
	}
	names, all := fixture(t)
	for _, name := range names {
		v := all[name]
		c, err := x509.ParseCertificate(v.DER)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.UnhandledCriticalExtensions) != 0 {
			t.Errorf("%s: crypto/x509 does not know %v", name, c.UnhandledCriticalExtensions)
		}
		if strings.Contains(name, "generation") {
			continue
		}
		chains, err := c.Verify(x509.VerifyOptions{Roots: roots[v.Authority], CurrentTime: certificatetest.Issued, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
		if err != nil || len(chains) != 1 || len(chains[0]) != 2 {
			t.Errorf("%s: %d chains, %v", name, len(chains), err)
			continue
		}
		if got := chains[0][1].SerialNumber.Uint64(); got != 0x0133C349 {
			t.Errorf("%s: chain to %#x, want the second generation", name, got)
		}
	}
}

// TestConcurrent: several goroutines sign with one issuer and get the same bytes.
func TestConcurrent(t *testing.T) {
	issuer := certificatetest.Issuer(t, profile.AuthenticationAuthority, 2)
	want := string(sign(t, issuer, certificatetest.Request(t, profile.PhoneAuthentication, issuer, 1)))
	got := make(chan string)
	for range 4 {
		r := certificatetest.Request(t, profile.PhoneAuthentication, issuer, 1)
		go func() {
			der, err := issuer.Sign(nil, r)
			if err != nil {
				t.Error(err)
			}
			got <- string(der)
		}()
	}
	for range 4 {
		if <-got != want {
			t.Error("other bytes")
		}
	}
}
