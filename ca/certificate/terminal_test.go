package certificate_test

import (
	"bytes"
	"crypto/rsa"
	"errors"
	"testing"

	"inkan/ca/certificate"
	"inkan/ca/certificate/certificatetest"
	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	profile "inkan/core/jpki/certificate"
	"inkan/core/jpki/certificate/cvc"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

type cvcVector struct {
	vectors.Header
	Certificate vectors.Hex `json:"certificate"`
}

// TestTerminalVectors compares what is signed with what is checked in.
func TestTerminalVectors(t *testing.T) {
	issuer := certificatetest.TerminalCA(t)
	own, err := issuer.Certificate.Sign(nil, issuer.Signer)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err := issuer.Sign(nil, certificatetest.Terminal())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]byte{"inkan/terminal CA": own, "inkan/terminal": terminal}
	if *update {
		reqs := []string{"SPEC-CERT-PROFILE-050", "SPEC-CERT-PROFILE-052"}
		write := []any{}
		for _, name := range []string{"inkan/terminal CA", "inkan/terminal"} {
			write = append(write, cvcVector{vectors.Header{Name: name, Source: "inkan", Reqs: reqs}, want[name]})
		}
		rewrite(t, "cert-profile-cvc.json", "Card-verifiable certificates of a terminal CA and a terminal with test keys", write)
		return
	}
	loaded := vectors.Load[cvcVector](t, "cert-profile-cvc.json")
	for _, v := range loaded {
		if !bytes.Equal(v.Certificate, want[v.Name]) {
			t.Errorf("%s: not the bytes that are checked in", v.Name)
		}
	}
	if len(loaded) != len(want) {
		t.Errorf("%d vectors, want %d", len(loaded), len(want))
	}
}

// TestTerminalRefused: no terminal gets more than its CA has.
func TestTerminalRefused(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-053")
	issuer := certificatetest.TerminalCA(t)
	signer := &counting{Signer: issuer.Signer}
	own := *issuer.Certificate
	own.Purposes = cvc.InsuranceDesk | cvc.Admission
	limited, err := certificate.NewTerminalIssuer(&own, signer)
	if err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*cvc.Certificate){
		"a purpose more": func(c *cvc.Certificate) { c.Purposes = cvc.InsuranceDesk | cvc.MunicipalCounter },
		"a day before": func(c *cvc.Certificate) {
			c.Purposes, c.Effective = cvc.Admission, profile.Date{Year: 2026, Month: 3, Day: 31}
		},
		"a day after": func(c *cvc.Certificate) {
			c.Purposes, c.Expires = cvc.Admission, profile.Date{Year: 2036, Month: 4, Day: 1}
		},
		"no holder":         func(c *cvc.Certificate) { c.Purposes, c.Holder = cvc.Admission, "" },
		"no key":            func(c *cvc.Certificate) { c.Purposes, c.PublicKey = cvc.Admission, nil },
		"a role of neither": func(c *cvc.Certificate) { c.Purposes, c.Role = cvc.Admission, 0x40 },
		"not a purpose":     func(c *cvc.Certificate) { c.Purposes = 0x08 },
		"the year 2100":     func(c *cvc.Certificate) { c.Role, c.Purposes, c.Expires.Year = cvc.TerminalCA, cvc.Admission, 2100 },
		"dates exchanged":   func(c *cvc.Certificate) { c.Purposes, c.Effective, c.Expires = cvc.Admission, c.Expires, c.Effective },
	} {
		c := certificatetest.Terminal()
		change(c)
		if out, err := limited.Sign([]byte("before"), c); err == nil || string(out) != "before" || signer.uses != 0 {
			t.Errorf("%s: %d bytes, %v, key used %d times", what, len(out), err, signer.uses)
		}
	}
	if _, err := certificate.NewTerminalIssuer(certificatetest.Terminal(), testkeys.Holder(12)); err == nil {
		t.Error("a terminal signs")
	}
	if _, err := certificate.NewTerminalIssuer(&own, testkeys.Holder(12)); err == nil {
		t.Error("another key signs")
	}
	signer.change = func(s []byte) ([]byte, error) { s[0] ^= 1; return s, nil }
	good := certificatetest.Terminal()
	good.Purposes = cvc.Admission
	if _, err := limited.Sign(nil, good); err == nil {
		t.Error("a wrong signature leaves")
	}
}

// TestTerminalChain: the next generation of the terminal CA by its former key,
// and a terminal under it.
func TestTerminalChain(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-054", "SPEC-CERT-PROFILE-055", "SPEC-CERT-PROFILE-056")
	first := certificatetest.TerminalCA(t)
	day := certificatetest.Terminal().Effective
	signer := testkeys.Signer(keys.TerminalCA, 2)
	link := *first.Certificate
	link.Holder, link.PublicKey, link.Purposes = "JPINKANT00002", signer.Public().(*rsa.PublicKey), cvc.InsuranceDesk|cvc.Admission
	if _, err := first.Sign(nil, &link); err != nil {
		t.Fatal(err)
	}
	if p, err := cvc.VerifyNext(&link, first.Certificate, day); err != nil || p != cvc.InsuranceDesk|cvc.Admission {
		t.Errorf("next generation: %s, %v", p, err)
	}
	second, err := certificate.NewTerminalIssuer(&link, signer)
	if err != nil {
		t.Fatal(err)
	}
	terminal := certificatetest.Terminal()
	terminal.Purposes = cvc.Admission
	if _, err := second.Sign(nil, terminal); err != nil {
		t.Fatal(err)
	}
	if p, err := cvc.Verify(terminal, &link, day); err != nil || p != cvc.Admission {
		t.Errorf("terminal: %s, %v", p, err)
	}
	for what, try := range map[string]func() error{
		"terminal under the first CA":   func() error { _, err := cvc.Verify(terminal, first.Certificate, day); return err },
		"terminal under itself":         func() error { _, err := cvc.Verify(terminal, terminal, day); return err },
		"CA as a terminal":              func() error { _, err := cvc.Verify(&link, first.Certificate, day); return err },
		"terminal as a next generation": func() error { _, err := cvc.VerifyNext(terminal, &link, day); return err },
		"next generation of a terminal": func() error { _, err := cvc.VerifyNext(&link, terminal, day); return err },
	} {
		var untrusted *cvc.Untrusted
		if err := try(); !errors.As(err, &untrusted) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
