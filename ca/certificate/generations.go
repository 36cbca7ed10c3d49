package certificate

import (
	"errors"
	"fmt"
	"slices"
	"time"

	profile "inkan/core/jpki/certificate"
)

// Generations are the generations of one authority, the earliest first. They do
// not change; With makes others.
type Generations struct {
	issuers []*Issuer
}

// NewGenerations takes them in their order.
func NewGenerations(issuers ...*Issuer) (*Generations, error) {
	g := new(Generations)
	for _, i := range issuers {
		var err error
		if g, err = g.With(i); err != nil {
			return nil, err
		}
	}
	if len(g.issuers) == 0 {
		return nil, errors.New("certificate: an authority without any generation")
	}
	return g, nil
}

// With returns the generations and one more. Spec: SPEC-CERT-PROFILE-037.
func (g *Generations) With(next *Issuer) (*Generations, error) {
	for _, former := range g.issuers {
		a, b := former.Profile, next.Profile
		switch {
		case a.Authority != b.Authority:
			return nil, fmt.Errorf("certificate: generation of %s among those of %s", b.Authority, a.Authority)
		case a.PublicKey.Equal(b.PublicKey):
			return nil, fmt.Errorf("certificate: generation %d of %s has the key of a former one", len(g.issuers)+1, b.Authority)
		case b.Serial <= a.Serial:
			return nil, fmt.Errorf("certificate: generation %d of %s: serial number %#x, want more than %#x", len(g.issuers)+1, b.Authority, b.Serial, a.Serial)
		case !b.NotBefore.After(a.NotBefore):
			return nil, fmt.Errorf("certificate: generation %d of %s does not begin after the former", len(g.issuers)+1, b.Authority)
		}
	}
	return &Generations{append(slices.Clip(g.issuers), next)}, nil
}

// All are the generations, the earliest first.
func (g *Generations) All() []*Issuer { return slices.Clone(g.issuers) }

// Current is the one that signs at a time. Spec: SPEC-CERT-PROFILE-044.
func (g *Generations) Current(at time.Time) (*Issuer, error) {
	for _, i := range slices.Backward(g.issuers) {
		if i.Profile.Valid(at) {
			return i, nil
		}
	}
	return nil, fmt.Errorf("certificate: no generation is valid at %s", at.UTC().Format(time.RFC3339))
}

// ByKeyID is the one with a key identifier; nil when none has it.
func (g *Generations) ByKeyID(id profile.KeyID) *Issuer {
	for _, i := range g.issuers {
		if i.Profile.SubjectKeyID == id {
			return i
		}
	}
	return nil
}

// fullYears is the longest life of a holder's certificate.
const fullYears = 5

// RekeyDue is the time from which a new generation has to be there, so that no
// holder's certificate ends early. Spec: SPEC-CERT-PROFILE-045.
func (g *Generations) RekeyDue() time.Time {
	last := g.issuers[len(g.issuers)-1].Profile.NotAfter
	return last.AddDate(-fullYears, 0, 0)
}
