package lint

import (
	"crypto/rsa"
	"time"

	"inkan/core/jpki/certificate"
)

// Context is what a certificate has to agree with and does not have in it.
type Context struct {
	Kind      certificate.Kind
	Authority certificate.Authority // whose name is signed with
	// Issuer is the generation that is to sign; nil for its own certificate.
	Issuer *certificate.Certificate
	// PublicKey is the key that was asked for.
	PublicKey *rsa.PublicKey
	// Municipality and Birth are the holder's; without meaning for others.
	Municipality certificate.Municipality
	Birth        certificate.Date
	// Within is the first end of the card and the card's certificates on which the
	// certificate depends; zero when it depends on none.
	Within time.Time
}

// Finding is a requirement that is not met.
type Finding struct {
	Requirement string // "SPEC-CERT-PROFILE-017"
	Lint        string // the lint's name: "keyUsage"
	Text        string // what is wrong, without personal data
}

// String has the form "SPEC-CERT-PROFILE-017 keyUsage: want 03020780".
func (f Finding) String() string { return f.Requirement + " " + f.Lint + ": " + f.Text }

// Lint judges one requirement.
type Lint struct {
	Requirement string
	Name        string
	check       func(*view, *Context) string // "" when all is well
}

// Lints are all of them in the order of their requirements.
func Lints() []Lint { return append([]Lint(nil), lints...) }

// wellFormed is the lint that comes before all others: nothing else can be said
// of bytes that are no TBSCertificate.
var wellFormed = Lint{Requirement: "SPEC-CERT-PROFILE-032", Name: "wellFormed"}

// Check runs all lints on a TBSCertificate; nil when it may be signed.
// Spec: SPEC-CERT-PROFILE-032.
func Check(tbs []byte, c *Context) []Finding {
	v, text := read(tbs)
	if text != "" {
		return []Finding{{wellFormed.Requirement, wellFormed.Name, text}}
	}
	var findings []Finding
	for _, l := range lints {
		if text := l.check(v, c); text != "" {
			findings = append(findings, Finding{l.Requirement, l.Name, text})
		}
	}
	return findings
}
