package lint

import (
	"time"

	tag "golang.org/x/crypto/cryptobyte/asn1"

	"inkan/core/jpki/certificate"
)

// layouts of the two types of time.
var layouts = map[tag.Tag]string{tag.UTCTime: "060102150405Z", tag.GeneralizedTime: "20060102150405Z"}

// generalizedYears begin here.
const generalizedYears = 2050

// when reads a time of either type in its full form.
func when(e element) (time.Time, bool) {
	layout := layouts[e.tag]
	t, err := time.Parse(layout, string(e.content))
	return t, err == nil && len(e.content) == len(layout)
}

// timeForm is how times are written. Spec: SPEC-CERT-PROFILE-008.
func timeForm(v *view, _ *Context) string {
	for _, e := range []element{v.notBefore, v.notAfter} {
		t, ok := when(e)
		if !ok {
			return "want seconds and Z"
		}
		if general := e.tag == tag.GeneralizedTime; general != (t.Year() >= generalizedYears) {
			return "want UTCTime to 2049 and GeneralizedTime from 2050"
		}
	}
	return ""
}

// span is the validity; ok is false when timeForm has something to say.
func (v *view) span() (from, to time.Time, ok bool) {
	from, one := when(v.notBefore)
	to, two := when(v.notAfter)
	return from, to, one && two
}

// birthday is the end of a holder's certificate. Spec: SPEC-CERT-PROFILE-009.
func birthday(v *view, c *Context) string {
	from, to, ok := v.span()
	if !c.Kind.Holder() || !ok {
		return ""
	}
	if !c.Birth.Valid() || c.Birth.After(certificate.DateOf(from)) {
		return "no date of birth before notBefore was given"
	}
	natural := certificate.ValidUntil(from, c.Birth)
	end := certificate.Earliest(natural, c.Within)
	if c.Issuer != nil {
		end = certificate.Earliest(end, c.Issuer.NotAfter)
	}
	if to.After(natural) || to.Before(end) {
		return "want notAfter at " + end.Format(time.RFC3339) + ", the fifth birthday or what ends before it"
	}
	return ""
}

// within is the end of what a holder's certificate depends on.
// Spec: SPEC-CERT-PROFILE-011.
func within(v *view, c *Context) string {
	_, to, ok := v.span()
	if ok && c.Kind.Holder() && !c.Within.IsZero() && to.After(c.Within) {
		return "want notAfter at most " + c.Within.UTC().Format(time.RFC3339) + ", the end of the card or its certificates"
	}
	return ""
}

// withinIssuer is the validity of the issuer. Spec: SPEC-CERT-PROFILE-012.
func withinIssuer(v *view, c *Context) string {
	from, to, ok := v.span()
	if !ok {
		return ""
	}
	if to.Before(from) {
		return "notAfter is before notBefore"
	}
	if c.Issuer == nil {
		if !c.Kind.CA() {
			return "no issuer was given"
		}
		return ""
	}
	if from.Before(c.Issuer.NotBefore) || to.After(c.Issuer.NotAfter) {
		return "want it within the issuer's validity"
	}
	return ""
}

// authorityEnd is the end of an authority's certificate.
// Spec: SPEC-CERT-PROFILE-013.
func authorityEnd(v *view, c *Context) string {
	from, to, ok := v.span()
	if want := certificate.CAValidUntil(from); ok && c.Kind.CA() && !to.Equal(want) {
		return "want notAfter at " + want.Format(time.RFC3339)
	}
	return ""
}

// responderDays is how long a responder's certificate may be valid.
const responderDays = 92

// responderSpan is the length of a responder's validity.
// Spec: SPEC-CERT-PROFILE-035.
func responderSpan(v *view, c *Context) string {
	from, to, ok := v.span()
	if ok && c.Kind == certificate.OCSPResponder && to.Sub(from) > responderDays*24*time.Hour {
		return "want at most 92 days"
	}
	return ""
}
