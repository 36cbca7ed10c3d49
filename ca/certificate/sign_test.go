package certificate_test

import (
	"crypto"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"inkan/ca/certificate"
	"inkan/ca/certificate/certificatetest"
	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	profile "inkan/core/jpki/certificate"
	"inkan/spec/req"
)

// counting is a signer that counts its uses and may change the signature.
type counting struct {
	crypto.Signer
	uses   int
	change func([]byte) ([]byte, error)
}

func (c *counting) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	c.uses++
	signature, err := c.Signer.Sign(rand, digest, opts)
	if err == nil && c.change != nil {
		return c.change(signature)
	}
	return signature, err
}

// withCounter is the second generation with a counting signer.
func withCounter(t *testing.T, a profile.Authority) (*certificate.Issuer, *counting) {
	t.Helper()
	issuer := certificatetest.Issuer(t, a, 2)
	counter := &counting{Signer: issuer.Signer}
	counted, err := certificate.NewIssuer(issuer.Profile.Raw, counter)
	if err != nil {
		t.Fatal(err)
	}
	return counted, counter
}

// TestRefused: all findings are said, and the key is not used.
func TestRefused(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-031")
	issuer, counter := withCounter(t, profile.AuthenticationAuthority)
	r := certificatetest.Request(t, profile.PhoneAuthentication, issuer, 1)
	r.Serial = 5
	r.NotAfter = r.NotAfter.Add(time.Second)
	r.Within = r.NotBefore
	out, err := issuer.Sign([]byte("before"), r)
	var refused *certificate.Refused
	if !errors.As(err, &refused) || string(out) != "before" {
		t.Fatalf("%q, %v", out, err)
	}
	var found []string
	for _, f := range refused.Findings {
		found = append(found, f.Requirement)
		if !strings.Contains(err.Error(), f.String()) {
			t.Errorf("%s is not in the error's text", f)
		}
	}
	if want := []string{"SPEC-CERT-PROFILE-002", "SPEC-CERT-PROFILE-009", "SPEC-CERT-PROFILE-011"}; !slices.Equal(found, want) {
		t.Errorf("findings of %v, want %v", found, want)
	}
	if counter.uses != 0 {
		t.Errorf("the key was used %d times", counter.uses)
	}
}

// TestRefusedSelf: the same for an authority's own certificate.
func TestRefusedSelf(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-031")
	counter := &counting{Signer: testkeys.Signer(keys.SignatureCA, 1)}
	r := certificatetest.AuthorityRequest(profile.SignatureAuthority, 1)
	r.NotAfter = r.NotAfter.AddDate(1, 0, 0)
	var refused *certificate.Refused
	if _, err := certificate.SelfSign(nil, r, counter); !errors.As(err, &refused) || len(refused.Findings) != 1 || counter.uses != 0 {
		t.Errorf("%v, key used %d times", err, counter.uses)
	}
}

// TestFaultySigner: a wrong signature, another length or an error of the signer
// gives no certificate.
func TestFaultySigner(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-033")
	issuer, counter := withCounter(t, profile.SignatureAuthority)
	r := certificatetest.Request(t, profile.CardSignature, issuer, 1)
	for what, change := range map[string]func([]byte) ([]byte, error){
		"a bit":    func(s []byte) ([]byte, error) { s[100] ^= 1; return s, nil },
		"a length": func(s []byte) ([]byte, error) { return s[1:], nil },
		"nothing":  func([]byte) ([]byte, error) { return nil, nil },
		"an error": func([]byte) ([]byte, error) { return nil, errors.New("no token in the slot") },
	} {
		counter.change = change
		if out, err := issuer.Sign([]byte("before"), r); err == nil || string(out) != "before" {
			t.Errorf("%s: %q, %v", what, out, err)
		} else if what == "an error" && !strings.Contains(err.Error(), "no token") {
			t.Errorf("the signer's error is lost: %v", err)
		}
	}
	counter.change = func(s []byte) ([]byte, error) { s[100] ^= 1; return s, nil }
	memory := certificatetest.Issuer(t, profile.SignatureAuthority, 2)
	for what, signer := range map[string]crypto.Signer{"a faulty one": counter, "another key": certificatetest.Issuer(t, profile.SignatureAuthority, 1).Signer} {
		changed := *memory
		changed.Signer = signer
		if out, err := changed.Sign([]byte("before"), r); err == nil || string(out) != "before" {
			t.Errorf("%s in the place of a key in memory: %q, %v", what, out, err)
		}
	}
}

// TestUnwritable: requests of which no certificate can be written.
func TestUnwritable(t *testing.T) {
	issuer := certificatetest.Issuer(t, profile.AuthenticationAuthority, 2)
	for what, change := range map[string]func(*certificate.Request){
		"no key":                func(r *certificate.Request) { r.PublicKey = nil },
		"half a second":         func(r *certificate.Request) { r.NotBefore = r.NotBefore.Add(time.Second / 2) },
		"no times":              func(r *certificate.Request) { r.NotBefore, r.NotAfter = time.Time{}, time.Time{} },
		"a bad identifier":      func(r *certificate.Request) { r.Identifier = "short" },
		"no municipality":       func(r *certificate.Request) { r.Municipality = profile.Municipality{} },
		"the other authority's": func(r *certificate.Request) { r.Kind = profile.CardSignature },
		"a new authority's":     func(r *certificate.Request) { r.Kind = profile.SignatureCA },
		"the year 10000":        func(r *certificate.Request) { r.NotAfter = r.NotAfter.AddDate(9000, 0, 0) },
	} {
		r := certificatetest.Request(t, profile.CardAuthentication, issuer, 1)
		change(r)
		if out, err := issuer.Sign(nil, r); err == nil {
			t.Errorf("%s: %d bytes", what, len(out))
		}
	}
	signature := certificatetest.Issuer(t, profile.SignatureAuthority, 2)
	r := certificatetest.Request(t, profile.CardSignature, signature, 1)
	r.Person = nil
	if _, err := signature.Sign(nil, r); err == nil {
		t.Error("a signature certificate of nobody")
	}
}

// TestNewIssuer refuses what is no authority's certificate, and foreign keys.
func TestNewIssuer(t *testing.T) {
	auth := certificatetest.Issuer(t, profile.AuthenticationAuthority, 2)
	if _, err := certificate.NewIssuer(auth.Profile.Raw, testkeys.Signer(keys.AuthenticationCA, 1)); err == nil {
		t.Error("the key of another generation is taken")
	}
	holder := sign(t, auth, certificatetest.Request(t, profile.CardAuthentication, auth, 1))
	if _, err := certificate.NewIssuer(holder, testkeys.Holder(1)); err == nil {
		t.Error("a holder's certificate is taken")
	}
	forged := slices.Clone(auth.Profile.Raw)
	forged[len(forged)-1] ^= 1
	if _, err := certificate.NewIssuer(forged, auth.Signer); err == nil {
		t.Error("a wrong signature is taken")
	}
	if _, err := certificate.NewIssuer(forged[1:], auth.Signer); err == nil {
		t.Error("no DER is taken")
	}
}

// TestSetValidity: what ends first decides.
func TestSetValidity(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-011", "SPEC-CERT-PROFILE-012")
	first := certificatetest.Issuer(t, profile.AuthenticationAuthority, 1)
	r := certificatetest.Request(t, profile.PhoneAuthentication, first, 1)
	if !r.NotAfter.Equal(first.Profile.NotAfter) {
		t.Errorf("ends %s, want the issuer's end", r.NotAfter)
	}
	sign(t, first, r)
	r.Within = time.Date(2027, 5, 5, 14, 59, 59, 0, time.UTC)
	r.SetValidity(certificatetest.Issued.Add(time.Second/2), first)
	if !r.NotAfter.Equal(r.Within) || !r.NotBefore.Equal(certificatetest.Issued) {
		t.Errorf("from %s to %s", r.NotBefore, r.NotAfter)
	}
	sign(t, first, r)
}

// TestCentury: times up to 2049 are UTCTime, later ones GeneralizedTime, within
// one certificate too.
func TestCentury(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-008", "SPEC-CERT-PROFILE-013")
	signer := testkeys.Signer(keys.SignatureCA, 1)
	r := certificatetest.AuthorityRequest(profile.SignatureAuthority, 1)
	for from, want := range map[time.Time]string{
		time.Date(2039, 12, 31, 14, 59, 59, 0, time.UTC): "\x17\x0D391231145959Z\x17\x0D491230145959Z",
		time.Date(2040, 1, 1, 15, 0, 0, 0, time.UTC):     "\x17\x0D400101150000Z\x18\x0F20500101145959Z",
		time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC):      "\x18\x0F20500101000000Z\x18\x0F20591231145959Z",
	} {
		r.SetValidity(from, nil)
		der, err := certificate.SelfSign(nil, r, signer)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(der), want) {
			t.Errorf("from %s: want %q in it", from, want)
		}
		c, err := profile.Parse(der)
		if err != nil || !c.NotBefore.Equal(from) || !c.NotAfter.Equal(r.NotAfter) {
			t.Errorf("from %s: %v", from, err)
		}
	}
}
