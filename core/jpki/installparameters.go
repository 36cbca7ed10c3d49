package jpki

// Form says which keys an application has.
type Form byte

// Forms.
const (
	FormSIM  Form = 0x01 // the auth key only
	FormCard Form = 0x03 // both keys
)

// Roles are the roles that the form has.
func (f Form) Roles() Role { return Role(f) }

// String is "SIM" or "card".
func (f Form) String() string {
	switch f {
	case FormSIM:
		return "SIM"
	case FormCard:
		return "card"
	}
	return name("form", byte(f))
}

// CertificateAccess says over which interfaces the auth certificate needs the
// auth PIN.
type CertificateAccess byte

// Bits of CertificateAccess.
const (
	PINOnContact     CertificateAccess = 0x01
	PINOnContactless CertificateAccess = 0x02
)

// Policy is the contactless policy.
type Policy byte

// Policies.
const (
	PolicyPhone Policy = 0x00 // off until the holder acts, with tries of its own
	PolicyCard  Policy = 0x01 // always on, with the same tries
)

// AttestationUse says whether statements are signed by the card's authority.
type AttestationUse byte

// Uses of attestation.
const (
	AttestationNone        AttestationUse = 0x00
	AttestationIfAuthority AttestationUse = 0x01 // where the card has an authority
	AttestationNeeded      AttestationUse = 0x02
)

// Tags of install parameters.
const (
	tagForm             = 0x81
	tagCertAccess       = 0x82
	tagPolicy           = 0x83
	tagLabel            = 0x84
	tagAttestation      = 0x85
	tagContactlessTries = 0x86
	tagCertificateBytes = 0x87
)

// Limits of install parameters.
const (
	MaxLabelLen         = 32
	MinCertificateBytes = 256
	MaxCertificateBytes = 4096
)

// InstallParameters are the application's own parameters of INSTALL [for
// install], the value of tag C9 (spec/JPKI-AP.md §Install parameters). Begin
// with Defaults.
type InstallParameters struct {
	Form              Form              // 81
	CertificateAccess CertificateAccess // 82
	Policy            Policy            // 83
	Label             string            // 84, 1 to 32 characters of ASCII 20 to 7E
	Attestation       AttestationUse    // 85
	ContactlessTries  int               // 86, 1 to 15, of the auth PIN under PolicyPhone
	CertificateBytes  int               // 87, size of each certificate file, 256 to 4096
}

// Defaults are the parameters of a form that leaves all others out.
func Defaults(form Form) InstallParameters {
	p := InstallParameters{Form: form, CertificateAccess: PINOnContactless, Policy: PolicyPhone, Label: "JPKIAPSIMTOKEN",
		Attestation: AttestationNeeded, ContactlessTries: 3, CertificateBytes: 2048}
	if form == FormCard {
		p.CertificateAccess, p.Policy, p.Label, p.Attestation = 0, PolicyCard, "JPKIAPICCTOKEN2", AttestationIfAuthority
	}
	return p
}

// fault names what is outside its table; "" when nothing is.
func (p *InstallParameters) fault() string {
	switch {
	case p.Form != FormSIM && p.Form != FormCard:
		return "form"
	case p.CertificateAccess > PINOnContact|PINOnContactless:
		return "certificate access"
	case p.Policy > PolicyCard:
		return "contactless policy"
	case !validLabel(p.Label):
		return "label"
	case p.Attestation > AttestationNeeded:
		return "attestation"
	case p.ContactlessTries < 1 || p.ContactlessTries > 15:
		return "contactless tries"
	case p.CertificateBytes < MinCertificateBytes || p.CertificateBytes > MaxCertificateBytes:
		return "certificate bytes"
	}
	return ""
}

func validLabel(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7E {
			return false
		}
	}
	return len(s) >= 1 && len(s) <= MaxLabelLen
}
