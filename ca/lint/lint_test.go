package lint_test

import (
	"bytes"
	"math/big"
	"slices"
	"testing"
	"time"

	tag "golang.org/x/crypto/cryptobyte/asn1"

	"inkan/ca/certificate"
	"inkan/ca/certificate/certificatetest"
	"inkan/ca/keys/testkeys"
	"inkan/ca/lint"
	profile "inkan/core/jpki/certificate"
	"inkan/core/jpki/certificate/dertree"
	"inkan/spec/req"
)

// subject is a certificate before it is signed, and what it is compared with.
type subject struct {
	tbs     *dertree.Node
	context *lint.Context
}

// good makes the TBSCertificate of a kind as the CA writes it.
func good(t *testing.T, kind profile.Kind) *subject {
	t.Helper()
	if kind.CA() {
		r := certificatetest.AuthorityRequest(kind.Authority(), 2)
		own := certificatetest.Issuer(t, kind.Authority(), 2).Profile
		return &subject{dertree.ParseTBS(t, own.TBS), &lint.Context{Kind: kind, Authority: kind.Authority(), PublicKey: r.PublicKey}}
	}
	a := kind.Authority()
	if a == 0 {
		a = profile.AuthenticationAuthority
	}
	issuer := certificatetest.Issuer(t, a, 2)
	r := certificatetest.Request(t, kind, issuer, 1)
	return &subject{tree(t, issuer, r), contextOf(issuer, r)}
}

func tree(t *testing.T, issuer *certificate.Issuer, r *certificate.Request) *dertree.Node {
	t.Helper()
	tbs, err := issuer.TBS(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	return dertree.ParseTBS(t, tbs)
}

func contextOf(issuer *certificate.Issuer, r *certificate.Request) *lint.Context {
	return &lint.Context{Kind: r.Kind, Authority: issuer.Authority, Issuer: issuer.Profile, PublicKey: r.PublicKey,
		Municipality: r.Municipality, Birth: r.Birth, Within: r.Within}
}

var kinds = []profile.Kind{profile.CardSignature, profile.CardAuthentication, profile.PhoneAuthentication,
	profile.SignatureCA, profile.AuthenticationCA, profile.OCSPResponder}

// TestGood: what the CA writes has no findings.
func TestGood(t *testing.T) {
	for _, kind := range kinds {
		s := good(t, kind)
		if findings := lint.Check(s.tbs.Encode(), s.context); findings != nil {
			t.Errorf("%s: %v", kind, findings)
		}
	}
}

// fault is one deviation and the one lint that has to say so.
type fault struct {
	lint string // the lint's name
	kind profile.Kind
	what string
	make func(*subject)
}

// TestFaults makes one fault at a time: exactly the lint of its requirement
// fires. Every lint has a fault.
func TestFaults(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-001", "SPEC-CERT-PROFILE-002", "SPEC-CERT-PROFILE-003", "SPEC-CERT-PROFILE-004", "SPEC-CERT-PROFILE-005",
		"SPEC-CERT-PROFILE-006", "SPEC-CERT-PROFILE-007", "SPEC-CERT-PROFILE-008", "SPEC-CERT-PROFILE-009", "SPEC-CERT-PROFILE-011",
		"SPEC-CERT-PROFILE-012", "SPEC-CERT-PROFILE-013", "SPEC-CERT-PROFILE-014", "SPEC-CERT-PROFILE-015", "SPEC-CERT-PROFILE-017",
		"SPEC-CERT-PROFILE-018", "SPEC-CERT-PROFILE-019", "SPEC-CERT-PROFILE-020", "SPEC-CERT-PROFILE-021", "SPEC-CERT-PROFILE-022",
		"SPEC-CERT-PROFILE-023", "SPEC-CERT-PROFILE-024", "SPEC-CERT-PROFILE-025", "SPEC-CERT-PROFILE-026", "SPEC-CERT-PROFILE-027",
		"SPEC-CERT-PROFILE-028", "SPEC-CERT-PROFILE-029", "SPEC-CERT-PROFILE-030", "SPEC-CERT-PROFILE-034", "SPEC-CERT-PROFILE-035",
		"SPEC-CERT-PROFILE-036", "SPEC-CERT-PROFILE-039")
	requirement := map[string]string{}
	for _, l := range lint.Lints() {
		requirement[l.Name] = l.Requirement
	}
	covered := map[string]bool{}
	for _, f := range slices.Concat(fieldFaults, validityFaults, extensionFaults, valueFaults) {
		s := good(t, f.kind)
		before := s.tbs.Encode()
		was := *s.context
		f.make(s)
		if bytes.Equal(before, s.tbs.Encode()) && was == *s.context {
			t.Errorf("%s of %s: %s: nothing was changed", f.lint, f.kind, f.what)
		}
		findings := lint.Check(s.tbs.Encode(), s.context)
		if len(findings) != 1 || findings[0].Lint != f.lint || findings[0].Requirement != requirement[f.lint] || findings[0].Text == "" {
			t.Errorf("%s of %s: %s: findings %v", f.lint, f.kind, f.what, findings)
		}
		covered[f.lint] = true
	}
	for name := range requirement {
		if !covered[name] {
			t.Errorf("no fault for lint %s", name)
		}
	}
}

// utc writes a time as UTCTime.
func utc(n *dertree.Node, at time.Time) {
	n.Tag, n.Value = tag.UTCTime, []byte(at.UTC().Format("060102150405Z"))
}

// otherKey has a small modulus.
func otherKey(s *subject) {
	k := *s.context.PublicKey
	k.N = new(big.Int).Rsh(k.N, 1)
	s.context.PublicKey = &k
}

var fieldFaults = []fault{
	{"version", profile.CardAuthentication, "version 2", func(s *subject) { s.tbs.At(dertree.Version, 0).Value[0] = 1 }},
	{"serialNumber", profile.CardAuthentication, "three bytes", func(s *subject) { s.tbs.At(dertree.Serial).Value = []byte{1, 2, 3} }},
	{"serialNumber", profile.PhoneAuthentication, "negative", func(s *subject) { s.tbs.At(dertree.Serial).Value[0] |= 0x80 }},
	{"serialNumber", profile.PhoneAuthentication, "leading zero", func(s *subject) { s.tbs.At(dertree.Serial).Value = []byte{0, 1, 2, 3} }},
	{"serialNumber", profile.OCSPResponder, "five bytes", func(s *subject) { s.tbs.At(dertree.Serial).Value = []byte{1, 1, 2, 3, 4} }},
	{"signature", profile.CardSignature, "SHA-1", func(s *subject) { s.tbs.At(dertree.Signature, 0).Value[8] = 5 }},
	{"signature", profile.CardSignature, "no parameters", func(s *subject) { c := s.tbs.At(dertree.Signature); c.Children = c.Children[:1] }},
	{"nameForm", profile.CardAuthentication, "PrintableString CN", func(s *subject) { s.tbs.At(dertree.Subject, 1, 0, 1).Tag = tag.PrintableString }},
	{"nameForm", profile.CardSignature, "UTF8String country", func(s *subject) { s.tbs.At(dertree.Subject, 0, 0, 1).Tag = tag.UTF8String }},
	{"nameForm", profile.CardSignature, "two attributes in one relative name", func(s *subject) {
		n := s.tbs.At(dertree.Subject)
		n.At(1).Children = append(n.At(1).Children, n.At(2).Children...)
		n.Children = slices.Delete(n.Children, 2, 3)
	}},
	{"nameForm", profile.CardAuthentication, "PrintableString in a distribution point", func(s *subject) { s.tbs.Content(4).At(0, 0, 0, 0, 0, 5, 0, 1).Tag = tag.PrintableString }},
	{"nameForm", profile.SignatureCA, "T61String in subjectAltName", func(s *subject) { s.tbs.Content(1).At(0, 0, 3, 0, 1).Tag = tag.T61String }},
	{"issuer", profile.CardAuthentication, "another unit", func(s *subject) { s.tbs.At(dertree.Issuer, 3, 0, 1).Value[0]++ }},
	{"issuer", profile.OCSPResponder, "signed with a responder's certificate", func(s *subject) {
		issuer := *s.context.Issuer
		issuer.Kind = profile.OCSPResponder
		s.context.Issuer = &issuer
	}},
	{"subjectPublicKeyInfo", profile.CardAuthentication, "no parameters", func(s *subject) { c := s.tbs.At(dertree.Key, 0); c.Children = c.Children[:1] }},
	{"subjectPublicKeyInfo", profile.CardSignature, "not the key asked for", func(s *subject) { s.context.PublicKey = &testkeys.Holder(2).PublicKey }},
	{"subjectPublicKeyInfo", profile.PhoneAuthentication, "2047 bits asked for", otherKey},
	{"authenticationSubject", profile.CardAuthentication, "lower case", func(s *subject) { s.tbs.At(dertree.Subject, 1, 0, 1).Value[0] = 'a' }},
	{"authenticationSubject", profile.PhoneAuthentication, "another municipality", func(s *subject) { s.tbs.At(dertree.Subject, 1, 0, 1).Value[14] = '4' }},
	{"authenticationSubject", profile.PhoneAuthentication, "another suffix", func(s *subject) { s.tbs.At(dertree.Subject, 1, 0, 1).Value[22] = 'B' }},
	{"signatureSubject", profile.CardSignature, "another second", func(s *subject) { s.tbs.At(dertree.Subject, 3, 0, 1).Value[13] ^= 1 }},
	{"signatureSubject", profile.CardSignature, "another serial number", func(s *subject) { s.tbs.At(dertree.Subject, 3, 0, 1).Value[27] ^= 1 }},
	{"signatureSubject", profile.CardSignature, "prefecture and municipality exchanged", func(s *subject) {
		s.tbs.At(dertree.Subject).Swap(1, 2)
	}},
	{"serviceSubject", profile.AuthenticationCA, "another name", func(s *subject) { s.tbs.At(dertree.Subject, 1, 0, 1).Value[0]++ }},
	{"serviceSubject", profile.OCSPResponder, "the authority's name", func(s *subject) { s.tbs.Children[dertree.Subject] = s.tbs.Children[dertree.Issuer] }},
	{"phoneSignature", profile.CardSignature, "the kind that is not issued", makePhoneSignature},
}

// makePhoneSignature changes a card's signature certificate into what a phone's
// would be.
func makePhoneSignature(s *subject) {
	s.context.Kind = profile.PhoneSignature
	policy := s.tbs.Content(2).At(0, 0)
	policy.Value[len(policy.Value)-1] = 40
}

var validityFaults = []fault{
	{"timeForm", profile.CardAuthentication, "GeneralizedTime too early", func(s *subject) {
		n := s.tbs.At(dertree.Validity, 1)
		n.Tag, n.Value = tag.GeneralizedTime, append([]byte("20"), n.Value...)
	}},
	{"timeForm", profile.CardAuthentication, "offset from UTC", func(s *subject) { s.tbs.At(dertree.Validity, 0).Value = []byte("261128120405+0900") }},
	{"timeForm", profile.OCSPResponder, "no seconds", func(s *subject) { s.tbs.At(dertree.Validity, 0).Value = []byte("2611280304Z") }},
	{"birthday", profile.CardAuthentication, "a day more", func(s *subject) { utc(s.tbs.At(dertree.Validity, 1), time.Date(2031, 2, 18, 14, 59, 59, 0, time.UTC)) }},
	{"birthday", profile.PhoneAuthentication, "a second less", func(s *subject) { utc(s.tbs.At(dertree.Validity, 1), time.Date(2031, 2, 17, 14, 59, 58, 0, time.UTC)) }},
	{"birthday", profile.CardSignature, "the fourth birthday", func(s *subject) { utc(s.tbs.At(dertree.Validity, 1), time.Date(2030, 2, 17, 14, 59, 59, 0, time.UTC)) }},
	{"birthday", profile.CardAuthentication, "no date of birth", func(s *subject) { s.context.Birth = profile.Date{} }},
	{"birthday", profile.PhoneAuthentication, "born later", func(s *subject) { s.context.Birth = profile.Date{Year: 2027, Month: 2, Day: 17} }},
	{"within", profile.PhoneAuthentication, "beyond the card", func(s *subject) { s.context.Within = time.Date(2031, 2, 17, 14, 59, 58, 0, time.UTC) }},
	{"withinIssuer", profile.CardAuthentication, "beyond the issuer", func(s *subject) { s.issuerEnds(time.Date(2031, 2, 17, 14, 59, 58, 0, time.UTC)) }},
	{"withinIssuer", profile.OCSPResponder, "beyond the issuer", func(s *subject) { s.issuerEnds(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)) }},
	{"withinIssuer", profile.OCSPResponder, "before the issuer", func(s *subject) {
		issuer := *s.context.Issuer
		issuer.NotBefore = certificatetest.Issued.Add(time.Second)
		s.context.Issuer = &issuer
	}},
	{"withinIssuer", profile.OCSPResponder, "ends before it begins", func(s *subject) { utc(s.tbs.At(dertree.Validity, 1), certificatetest.Issued.Add(-time.Second)) }},
	{"withinIssuer", profile.OCSPResponder, "no issuer", func(s *subject) { s.context.Issuer = nil }},
	{"authorityEnd", profile.SignatureCA, "the anniversary itself", func(s *subject) { utc(s.tbs.At(dertree.Validity, 1), time.Date(2033, 4, 15, 14, 59, 59, 0, time.UTC)) }},
	{"responderSpan", profile.OCSPResponder, "a second more than 92 days", func(s *subject) {
		utc(s.tbs.At(dertree.Validity, 1), certificatetest.Issued.AddDate(0, 0, 92).Add(time.Second))
	}},
}

// issuerEnds gives the issuer another end.
func (s *subject) issuerEnds(at time.Time) {
	issuer := *s.context.Issuer
	issuer.NotAfter = at
	s.context.Issuer = &issuer
}
