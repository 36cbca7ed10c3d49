package keys

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Role is what a key of the certificate authority is for. One key has one role.
type Role uint8

// The roles. Spec: SPEC-CA-KEYS-001.
const (
	// SignatureCA signs certificates, CRLs and the list of authorities of the
	// authority for digital signature.
	SignatureCA Role = iota + 1
	// AuthenticationCA does so for user authentication, cards and phones alike.
	AuthenticationCA
	// SignatureOCSP signs the status answers about the signature authority's
	// certificates.
	SignatureOCSP
	// AuthenticationOCSP signs those about the authentication authority's.
	AuthenticationOCSP
	// TerminalCA signs card-verifiable certificates of terminals.
	TerminalCA
	// Content is the static key pair of content encryption. It signs nothing.
	Content
	// Request signs the authority's messages to the other parties.
	Request
	roleEnd
)

var roleNames = [roleEnd]string{
	SignatureCA: "signature-ca", AuthenticationCA: "authentication-ca", SignatureOCSP: "signature-ocsp",
	AuthenticationOCSP: "authentication-ocsp", TerminalCA: "terminal-ca", Content: "content", Request: "request",
}

// Roles returns all roles in order.
func Roles() []Role {
	var roles []Role
	for r := SignatureCA; r < roleEnd; r++ {
		roles = append(roles, r)
	}
	return roles
}

// String is the role's name in file names and records: "authentication-ca".
func (r Role) String() string {
	if r == 0 || r >= roleEnd {
		return fmt.Sprintf("role %d", uint8(r))
	}
	return roleNames[r]
}

// Algorithm is the kind of key that the role has.
func (r Role) Algorithm() Algorithm {
	if r == Content || r == Request {
		return P256
	}
	return RSA2048
}

// Algorithm is a kind of key.
type Algorithm string

// The kinds of keys in use.
const (
	RSA2048 Algorithm = "rsa-2048" // exponent 65537
	P256    Algorithm = "p-256"    // NIST P-256: for key agreement, or for signatures (ES256)
)

// MaxGeneration is the highest generation of a key: a content key's is one byte
// of the applet's order.
const MaxGeneration = 255

// Name is one key: the role and its generation, from 1. A content key's
// generation is its version (spec/PERSO.md).
type Name struct {
	Role       Role
	Generation int
}

// String is the form of file names and records: "authentication-ca-02".
func (n Name) String() string { return fmt.Sprintf("%s-%02d", n.Role, n.Generation) }

// MarshalText is String. It fails for a name that ParseName would not read.
func (n Name) MarshalText() ([]byte, error) {
	if n.Role == 0 || n.Role >= roleEnd || n.Generation < 1 || n.Generation > MaxGeneration {
		return nil, fmt.Errorf("keys: no name of a key: %s", n)
	}
	return []byte(n.String()), nil
}

// UnmarshalText is ParseName.
func (n *Name) UnmarshalText(text []byte) (err error) {
	*n, err = ParseName(string(text))
	return err
}

// Compare orders names by role, then generation, as slices.SortFunc wants it.
func (n Name) Compare(other Name) int {
	return cmp.Or(cmp.Compare(n.Role, other.Role), cmp.Compare(n.Generation, other.Generation))
}

// ParseName reads what String writes, and nothing else: the generation has two
// digits, three from 100 on. Spec: SPEC-CA-KEYS-002.
func ParseName(s string) (Name, error) {
	if cut := strings.LastIndexByte(s, '-'); cut > 0 {
		generation, err := strconv.Atoi(s[cut+1:])
		for _, role := range Roles() {
			n := Name{role, generation}
			if err == nil && generation >= 1 && generation <= MaxGeneration && n.String() == s {
				return n, nil
			}
		}
	}
	return Name{}, fmt.Errorf("keys: %q is no name of a key: want a role and a generation of 01 to %d, such as %s", s, MaxGeneration, Name{AuthenticationCA, 1})
}
