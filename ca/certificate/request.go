package certificate

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"time"

	profile "inkan/core/jpki/certificate"
)

// Request is what a certificate is to say.
type Request struct {
	Kind      profile.Kind
	Serial    uint64
	PublicKey *rsa.PublicKey
	NotBefore time.Time // whole seconds
	NotAfter  time.Time // whole seconds; SetValidity sets it by the rules

	// Of holders: where the holder lives, and the date of birth, which decides the
	// end of validity.
	Municipality profile.Municipality
	Birth        profile.Date
	// Within is the first end of the card and the card's certificates on which the
	// certificate depends; zero when it depends on none.
	Within time.Time

	Identifier string          // of authentication certificates, see profile.NewIdentifier
	Person     *profile.Person // of signature certificates
}

// SetValidity sets both ends: from a time, without its fraction of a second, to
// what the rules for the kind make of it. Responders get responderDays, or what
// the issuer has left. The issuer is nil for an authority's own certificate.
func (r *Request) SetValidity(from time.Time, issuer *Issuer) {
	r.NotBefore = from.UTC().Truncate(time.Second)
	end := time.Time{}
	if issuer != nil {
		end = issuer.Profile.NotAfter
	}
	switch {
	case r.Kind.Holder():
		r.NotAfter = profile.Earliest(profile.ValidUntil(r.NotBefore, r.Birth), r.Within, end)
	case r.Kind.CA():
		r.NotAfter = profile.CAValidUntil(r.NotBefore)
	default:
		r.NotAfter = profile.Earliest(r.NotBefore.AddDate(0, 0, responderDays), end)
	}
}

// responderDays is how long a responder's certificate is valid.
const responderDays = 90

// subject is the subject's name.
func (r *Request) subject(a profile.Authority) (profile.Name, error) {
	switch r.Kind {
	case profile.CardAuthentication, profile.PhoneAuthentication:
		return profile.AuthenticationSubject(r.Identifier, r.Municipality)
	case profile.CardSignature:
		if r.Person == nil {
			return nil, errors.New("certificate: a signature certificate needs the person's values")
		}
		return profile.SignatureSubject(r.Municipality, r.NotBefore, r.Serial)
	case profile.SignatureCA, profile.AuthenticationCA:
		return a.Name(), nil
	case profile.OCSPResponder:
		return a.ResponderName(), nil
	}
	return nil, fmt.Errorf("certificate: a certificate for %s is not issued", r.Kind)
}

// check refuses what cannot be written at all; the lints judge the rest.
// Spec: SPEC-CERT-PROFILE-034.
func (r *Request) check(a profile.Authority) error {
	switch {
	case r.Kind.Authority() != 0 && r.Kind.Authority() != a:
		return fmt.Errorf("certificate: %s does not issue a certificate for %s", a, r.Kind)
	case r.PublicKey == nil || r.PublicKey.N == nil:
		return errors.New("certificate: the request has no public key")
	case r.PublicKey.N.Sign() <= 0 || r.PublicKey.E <= 0:
		return errors.New("certificate: the public key has a modulus or exponent that is not positive")
	case !wholeSeconds(r.NotBefore) || !wholeSeconds(r.NotAfter):
		return errors.New("certificate: validity: want times of whole seconds in the years 1950 to 9999")
	}
	return nil
}

func wholeSeconds(t time.Time) bool {
	year := t.UTC().Year()
	return t.Nanosecond() == 0 && year >= 1950 && year <= 9999
}
