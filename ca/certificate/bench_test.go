package certificate_test

import (
	"crypto"
	"crypto/sha256"
	"testing"

	"inkan/ca/certificate/certificatetest"
	"inkan/ca/lint"
	profile "inkan/core/jpki/certificate"
)

// BenchmarkRSA is the bare signature that BenchmarkSign is compared with.
func BenchmarkRSA(b *testing.B) {
	issuer := certificatetest.Issuer(b, profile.AuthenticationAuthority, 2)
	digest := sha256.Sum256(nil)
	for b.Loop() {
		if _, err := issuer.Signer.Sign(nil, digest[:], crypto.SHA256); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSign signs a phone's certificate: TBS, lints, signature, its check.
func BenchmarkSign(b *testing.B) {
	issuer := certificatetest.Issuer(b, profile.AuthenticationAuthority, 2)
	r := certificatetest.Request(b, profile.PhoneAuthentication, issuer, 1)
	var der []byte
	for b.Loop() {
		var err error
		if der, err = issuer.Sign(der[:0], r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTBS writes a phone's certificate.
func BenchmarkTBS(b *testing.B) {
	issuer := certificatetest.Issuer(b, profile.AuthenticationAuthority, 2)
	r := certificatetest.Request(b, profile.PhoneAuthentication, issuer, 1)
	var tbs []byte
	for b.Loop() {
		var err error
		if tbs, err = issuer.TBS(tbs[:0], r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLint judges it.
func BenchmarkLint(b *testing.B) {
	issuer := certificatetest.Issuer(b, profile.AuthenticationAuthority, 2)
	r := certificatetest.Request(b, profile.PhoneAuthentication, issuer, 1)
	tbs, err := issuer.TBS(nil, r)
	if err != nil {
		b.Fatal(err)
	}
	c := &lint.Context{Kind: r.Kind, Authority: issuer.Authority, Issuer: issuer.Profile, PublicKey: r.PublicKey, Municipality: r.Municipality, Birth: r.Birth}
	for b.Loop() {
		if findings := lint.Check(tbs, c); findings != nil {
			b.Fatal(findings)
		}
	}
}

// BenchmarkParse reads it.
func BenchmarkParse(b *testing.B) {
	issuer := certificatetest.Issuer(b, profile.AuthenticationAuthority, 2)
	der := sign(b, issuer, certificatetest.Request(b, profile.PhoneAuthentication, issuer, 1))
	for b.Loop() {
		if _, err := profile.Parse(der); err != nil {
			b.Fatal(err)
		}
	}
}
