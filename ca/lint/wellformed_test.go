package lint_test

import (
	"testing"

	"inkan/ca/lint"
	profile "inkan/core/jpki/certificate"
	"inkan/core/jpki/certificate/dertree"
	"inkan/spec/req"
)

// TestWellFormed: whatever is no TBSCertificate has this finding and no other.
func TestWellFormed(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-032")
	for _, kind := range kinds {
		s := good(t, kind)
		tbs := s.tbs.Encode()
		check := func(what string, b []byte) {
			findings := lint.Check(b, s.context)
			if len(findings) != 1 || findings[0].Requirement != "SPEC-CERT-PROFILE-032" {
				t.Errorf("%s, %s: %v", kind, what, findings)
			}
		}
		for n := range tbs {
			check("cut short", tbs[:n])
		}
		check("a byte more", append(tbs[:len(tbs):len(tbs)], 0))
		for field := range s.tbs.Children {
			less := &dertree.Node{Tag: s.tbs.Tag}
			less.Children = append(less.Children, s.tbs.Children[:field]...)
			less.Children = append(less.Children, s.tbs.Children[field+1:]...)
			check("a field less", less.Encode())
		}
		more := &dertree.Node{Tag: s.tbs.Tag, Children: append(s.tbs.Children[:8:8], s.tbs.Children[0])}
		check("a field more", more.Encode())
	}
}

// TestOneRequirementOneLint: no requirement has two lints, no name is used twice.
func TestOneRequirementOneLint(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range lint.Lints() {
		if seen[l.Requirement] || seen[l.Name] {
			t.Errorf("%s %s occurs twice", l.Requirement, l.Name)
		}
		seen[l.Requirement], seen[l.Name] = true, true
	}
}

// FuzzCheck: no bytes make a lint panic.
func FuzzCheck(f *testing.F) {
	var t testing.T
	contexts := map[profile.Kind]*lint.Context{}
	for i, kind := range kinds {
		s := good(&t, kind)
		contexts[kind] = s.context
		f.Add(uint8(i), s.tbs.Encode())
	}
	f.Fuzz(func(t *testing.T, kind uint8, tbs []byte) {
		c := contexts[kinds[int(kind)%len(kinds)]]
		lint.Check(tbs, c)
		other := *c
		other.Kind, other.Issuer = profile.Kind(kind), nil
		lint.Check(tbs, &other)
	})
}
