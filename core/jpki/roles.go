package jpki

// Role is a key pair of the application, or a set of them as their sum.
type Role byte

// Roles (spec/PERSO.md §Parties and notation).
const (
	Auth Role = 0x01 // user authentication, 利用者証明用
	Sign Role = 0x02 // signature, 署名用
	Both Role = Auth | Sign
)

// Has reports whether the set has all of the other.
func (r Role) Has(other Role) bool { return r&other == other }

// Single reports whether it is one role and no set.
func (r Role) Single() bool { return r == Auth || r == Sign }

// String is "auth", "sign" or "auth+sign".
func (r Role) String() string {
	switch r {
	case Auth:
		return "auth"
	case Sign:
		return "sign"
	case Both:
		return "auth+sign"
	}
	return name("role", byte(r))
}

// PIN is the role's PIN file. The zero EF when it is no single role, as with
// the following methods.
func (r Role) PIN() EF { return r.file(EFAuthPIN, EFSignPIN) }

// Key is the role's key file.
func (r Role) Key() EF { return r.file(EFAuthKey, EFSignKey) }

// Certificate is the file of the role's certificate.
func (r Role) Certificate() EF { return r.file(EFAuthCertificate, EFSignCertificate) }

// CACertificate is the file of the certificate of the role's issuer.
func (r Role) CACertificate() EF { return r.file(EFAuthCACertificate, EFSignCACertificate) }

func (r Role) file(auth, sign EF) EF {
	switch r {
	case Auth:
		return auth
	case Sign:
		return sign
	}
	return 0
}

// Phase is the application's state (spec/JPKI-AP.md §Parties and notation).
type Phase byte

// Phases.
const (
	Empty     Phase = 0x00 // nothing issued
	Ordered   Phase = 0x01 // an issue is open
	Active    Phase = 0x03 // usable
	Suspended Phase = 0x07 // content is there, not usable
)

var phaseNames = map[Phase]string{Empty: "EMPTY", Ordered: "ORDERED", Active: "ACTIVE", Suspended: "SUSPENDED"}

// Valid reports whether there is such a phase.
func (p Phase) Valid() bool { return phaseNames[p] != "" }

// String is the phase's name in the specification.
func (p Phase) String() string {
	if s := phaseNames[p]; s != "" {
		return s
	}
	return name("phase", byte(p))
}

// Purpose is what an order is for.
type Purpose byte

// Purposes. An envelope's type is its order's purpose.
const (
	PurposeNone     Purpose = 0x00 // in a statement: no open order
	PurposeIssue    Purpose = 0x01
	PurposePINReset Purpose = 0x02
)

// String is the purpose in words.
func (p Purpose) String() string {
	switch p {
	case PurposeNone:
		return "none"
	case PurposeIssue:
		return "issue"
	case PurposePINReset:
		return "PIN reset"
	}
	return name("purpose", byte(p))
}

// Origin is where a key comes from.
type Origin byte

// Origins.
const (
	OriginNone      Origin = 0x00 // a PIN reset has none
	OriginOnCard    Origin = 0x01 // the card generates it
	OriginDelivered Origin = 0x02 // the CA does
)

// String is the origin in words.
func (o Origin) String() string {
	switch o {
	case OriginNone:
		return "none"
	case OriginOnCard:
		return "on the card"
	case OriginDelivered:
		return "delivered"
	}
	return name("origin", byte(o))
}
