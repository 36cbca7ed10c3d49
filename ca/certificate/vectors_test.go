package certificate_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"inkan/ca/certificate"
	"inkan/ca/certificate/certificatetest"
	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	profile "inkan/core/jpki/certificate"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

var update = flag.Bool("update", false, "rewrite the vectors of certificates")

// vector is a certificate of the fixture.
type vector struct {
	vectors.Header
	Kind      string      `json:"kind"`
	Authority string      `json:"authority"`
	DER       vectors.Hex `json:"der"`
}

// fixture are all certificates of the fixture by name.
func fixture(t testing.TB) (names []string, all map[string]*vector) {
	t.Helper()
	all = map[string]*vector{}
	add := func(name string, kind profile.Kind, a profile.Authority, der []byte) {
		names = append(names, name)
		all[name] = &vector{Header: vectors.Header{Name: "inkan/" + name, Source: "inkan", Reqs: fixtureRequirements}, Kind: kind.String(), Authority: a.String(), DER: der}
	}
	for _, a := range profile.Authorities() {
		for generation := 1; generation <= 3; generation++ {
			add(a.String()+" generation "+string('0'+rune(generation)), a.Kind(), a, certificatetest.Issuer(t, a, generation).Profile.Raw)
		}
		issuer := certificatetest.Issuer(t, a, 2)
		add(a.String()+" responder", profile.OCSPResponder, a, sign(t, issuer, certificatetest.Request(t, profile.OCSPResponder, issuer, 9)))
	}
	for number, kind := range []profile.Kind{profile.CardSignature, profile.CardAuthentication, profile.PhoneAuthentication} {
		issuer := certificatetest.Issuer(t, kind.Authority(), 2)
		add(kind.String(), kind, kind.Authority(), sign(t, issuer, certificatetest.Request(t, kind, issuer, number+1)))
	}
	return names, all
}

var fixtureRequirements = []string{"SPEC-CERT-PROFILE-040", "SPEC-CERT-PROFILE-041"}

func sign(t testing.TB, i *certificate.Issuer, r *certificate.Request) []byte {
	t.Helper()
	der, err := i.Sign(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// TestVectors compares what is written with the certificates that are checked
// in, and with crypto/x509's reading.
func TestVectors(t *testing.T) {
	names, all := fixture(t)
	if *update {
		list := []any{}
		for _, name := range names {
			list = append(list, all[name])
		}
		rewrite(t, "cert-profile-certificates.json", "Certificates of the test authorities and of holders with test keys", list)
		return // the files are embedded: the next run compares
	}
	loaded := vectors.Load[vector](t, "cert-profile-certificates.json")
	if len(loaded) != len(names) {
		t.Fatalf("%d vectors, want %d", len(loaded), len(names))
	}
	for i, v := range loaded {
		if !bytes.Equal(v.DER, all[names[i]].DER) {
			t.Errorf("%s: not the bytes that are checked in; go test ./ca/certificate -run TestVectors -update writes them", v.Name)
		}
		if _, err := x509.ParseCertificate(v.DER); err != nil {
			t.Errorf("%s: crypto/x509: %v", v.Name, err)
		}
	}
}

// rewrite writes a file of vectors.
func rewrite(t *testing.T, name, title string, list []any) {
	t.Helper()
	file := struct {
		Schema  string `json:"$schema"`
		Title   string `json:"title"`
		Vectors []any  `json:"vectors"`
	}{"schema.json", title, list}
	text, err := json.MarshalIndent(file, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("../../spec/vectors/"+name, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestAppend: what was in dst stays, and an error adds nothing.
func TestAppend(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-034")
	issuer := certificatetest.Issuer(t, profile.AuthenticationAuthority, 2)
	r := certificatetest.Request(t, profile.PhoneAuthentication, issuer, 3)
	before := []byte("before")
	out, err := issuer.Sign(before, r)
	if err != nil || !bytes.HasPrefix(out, before) || !bytes.Equal(out[len(before):], sign(t, issuer, r)) {
		t.Errorf("Sign does not append: %v", err)
	}
	signature := certificatetest.Issuer(t, profile.SignatureAuthority, 2)
	for _, kind := range []profile.Kind{profile.PhoneSignature, profile.PhoneAuthentication, profile.Kind(0), profile.Kind(99)} {
		bad := *r
		bad.Kind = kind
		if out, err := signature.Sign(before, &bad); err == nil || string(out) != "before" {
			t.Errorf("%s: %q, %v", kind, out, err)
		}
	}
	if out, err := certificate.SelfSign(before, r, testkeys.Signer(keys.AuthenticationCA, 1)); err == nil || string(out) != "before" {
		t.Errorf("SelfSign of a holder's: %q, %v", out, err)
	}
}
