package certificate

import "fmt"

// Kind is what a certificate is for. The zero value is no kind.
type Kind uint8

// The kinds of certificate that the service knows. PhoneSignature has its place
// and its policy, and is not issued.
const (
	CardSignature Kind = iota + 1
	CardAuthentication
	PhoneAuthentication
	PhoneSignature
	SignatureCA
	AuthenticationCA
	OCSPResponder
)

var kindNames = [...]string{
	CardSignature: "card signature", CardAuthentication: "card authentication",
	PhoneAuthentication: "phone authentication", PhoneSignature: "phone signature",
	SignatureCA: "signature CA", AuthenticationCA: "authentication CA", OCSPResponder: "OCSP responder",
}

// String is the kind in words, such as "phone authentication".
func (k Kind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Authority is who issues a kind that only one authority issues: all but
// OCSPResponder, for which it is 0.
func (k Kind) Authority() Authority {
	switch k {
	case CardSignature, PhoneSignature, SignatureCA:
		return SignatureAuthority
	case CardAuthentication, PhoneAuthentication, AuthenticationCA:
		return AuthenticationAuthority
	}
	return 0
}

// Holder reports whether a person holds certificates of the kind, as against the
// service itself.
func (k Kind) Holder() bool {
	return k == CardSignature || k == CardAuthentication || k == PhoneAuthentication || k == PhoneSignature
}

// CA reports whether certificates of the kind are an authority's own.
func (k Kind) CA() bool { return k == SignatureCA || k == AuthenticationCA }

// Authority is one of the two certificate authorities: one name each, under
// which keys succeed each other. The zero value is none.
type Authority uint8

// The authorities.
const (
	SignatureAuthority Authority = iota + 1
	AuthenticationAuthority
)

// Authorities are all of them, in ascending order.
func Authorities() []Authority { return []Authority{SignatureAuthority, AuthenticationAuthority} }

// String is "sign" or "auth": short, lower case, fit for paths and labels.
func (a Authority) String() string {
	switch a {
	case SignatureAuthority:
		return "sign"
	case AuthenticationAuthority:
		return "auth"
	}
	return fmt.Sprintf("Authority(%d)", uint8(a))
}

// ParseAuthority is the inverse of String.
func ParseAuthority(s string) (Authority, error) {
	for _, a := range Authorities() {
		if a.String() == s {
			return a, nil
		}
	}
	return 0, fmt.Errorf("certificate: authority %q: want sign or auth", s)
}

// Kind is the kind of the authority's own certificates.
func (a Authority) Kind() Kind {
	switch a {
	case SignatureAuthority:
		return SignatureCA
	case AuthenticationAuthority:
		return AuthenticationCA
	}
	return 0
}
