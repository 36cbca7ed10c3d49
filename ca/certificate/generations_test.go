package certificate_test

import (
	"testing"
	"time"

	"inkan/ca/certificate"
	"inkan/ca/certificate/certificatetest"
	"inkan/ca/keys"
	"inkan/ca/keys/testkeys"
	profile "inkan/core/jpki/certificate"
	"inkan/spec/req"
)

func issuers(t *testing.T, a profile.Authority) []*certificate.Issuer {
	t.Helper()
	var list []*certificate.Issuer
	for n := 1; n <= 3; n++ {
		list = append(list, certificatetest.Issuer(t, a, n))
	}
	return list
}

// TestGenerations: the latest one that is valid signs, each is found by its key.
func TestGenerations(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-036", "SPEC-CERT-PROFILE-044", "SPEC-CERT-PROFILE-045")
	for _, a := range profile.Authorities() {
		list := issuers(t, a)
		g, err := certificate.NewGenerations(list...)
		if err != nil {
			t.Fatal(err)
		}
		for n, i := range list {
			if g.ByKeyID(i.Profile.SubjectKeyID) != i {
				t.Errorf("%s generation %d is not found by its key", a, n+1)
			}
			if string(i.Certificate.RawSubject) != string(list[0].Certificate.RawSubject) {
				t.Errorf("%s generation %d has another name", a, n+1)
			}
			for at, want := range map[time.Time]*certificate.Issuer{i.Profile.NotBefore: i, i.Profile.NotBefore.Add(-time.Second): before(list, n), i.Profile.NotAfter: list[2]} {
				if got, _ := g.Current(at); got != want {
					t.Errorf("%s at %s: another generation", a, at)
				}
			}
		}
		if g.ByKeyID(profile.KeyID{}) != nil {
			t.Error("a generation without key")
		}
		if _, err := g.Current(list[2].Profile.NotAfter.Add(time.Second)); err == nil {
			t.Error("a generation after the end of all")
		}
		checkRekey(t, g, list[2])
	}
}

func before(list []*certificate.Issuer, n int) *certificate.Issuer {
	if n == 0 {
		return nil
	}
	return list[n-1]
}

// checkRekey: up to RekeyDue nobody's certificate ends early by the authority's
// end; a second later somebody's does.
func checkRekey(t *testing.T, g *certificate.Generations, last *certificate.Issuer) {
	t.Helper()
	due := g.RekeyDue()
	for day := profile.DateOf(due).End(); day.After(due.AddDate(-1, 0, 0)); day = day.AddDate(0, 0, -1) {
		if end := profile.ValidUntil(due, profile.Date{Year: 1990, Month: day.Month(), Day: day.Day()}); end.After(last.Profile.NotAfter) {
			t.Fatalf("issued at %s, ends %s", due, end)
		}
	}
	next := due.Add(time.Second)
	birth := profile.DateOf(next)
	birth.Year = 1990
	if end := profile.ValidUntil(next, birth); !end.After(last.Profile.NotAfter) {
		t.Errorf("issued at %s, ends %s: a new generation was not due", next, end)
	}
}

// TestGenerationsRefused: a new generation has a new key, a higher number and a
// later beginning, under the same name.
func TestGenerationsRefused(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-037")
	list := issuers(t, profile.AuthenticationAuthority)
	g, err := certificate.NewGenerations(list[:2]...)
	if err != nil {
		t.Fatal(err)
	}
	self := func(change func(*certificate.Request), generation int) *certificate.Issuer {
		r := certificatetest.AuthorityRequest(profile.AuthenticationAuthority, 3)
		signer := testkeys.Signer(keys.AuthenticationCA, generation)
		r.PublicKey = certificatetest.AuthorityRequest(profile.AuthenticationAuthority, generation).PublicKey
		change(r)
		der, err := certificate.SelfSign(nil, r, signer)
		if err != nil {
			t.Fatal(err)
		}
		i, err := certificate.NewIssuer(der, signer)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	for what, bad := range map[string]*certificate.Issuer{
		"the first one's key": self(func(*certificate.Request) {}, 1),
		"another name":        certificatetest.Issuer(t, profile.SignatureAuthority, 3),
		"a lower number":      self(func(r *certificate.Request) { r.Serial = profile.FirstSerial + 1 }, 3),
		"the same number":     self(func(r *certificate.Request) { r.Serial = list[1].Profile.Serial }, 3),
		"the same beginning":  self(func(r *certificate.Request) { r.SetValidity(list[1].Profile.NotBefore, nil) }, 3),
	} {
		if _, err := g.With(bad); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	more, err := g.With(list[2])
	if err != nil || len(more.All()) != 3 || len(g.All()) != 2 {
		t.Errorf("the third generation: %v", err)
	}
	if _, err := certificate.NewGenerations(); err == nil {
		t.Error("no generation at all is taken")
	}
}
