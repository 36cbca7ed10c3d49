package gp

import (
	"fmt"
	"strconv"
	"strings"

	"inkan/core/wire"
)

// Privileges is the set of privileges of an application: its three bytes,
// first byte highest (GP Card Specification 2.3.1 §11.1.2, Amendment C).
type Privileges uint32

// Privileges.
const (
	SecurityDomain                      Privileges = 0x800000
	DAPVerification                     Privileges = 0x400000
	DelegatedManagement                 Privileges = 0x200000
	CardLock                            Privileges = 0x100000
	CardTerminate                       Privileges = 0x080000
	CardReset                           Privileges = 0x040000 // default selected
	CVMManagement                       Privileges = 0x020000
	MandatedDAPVerification             Privileges = 0x010000
	TrustedPath                         Privileges = 0x008000
	AuthorizedManagement                Privileges = 0x004000
	TokenVerification                   Privileges = 0x002000
	GlobalDelete                        Privileges = 0x001000
	GlobalLock                          Privileges = 0x000800
	GlobalRegistry                      Privileges = 0x000400
	FinalApplication                    Privileges = 0x000200
	GlobalService                       Privileges = 0x000100
	ReceiptGeneration                   Privileges = 0x000080
	CipheredLoadFile                    Privileges = 0x000040
	ContactlessActivation               Privileges = 0x000020
	ContactlessSelfActivationPrivileges            = 0x000010
	reservedPrivileges                  Privileges = 0x00000F
	privilegesMask                      Privileges = 0xFFFFFF
)

// privilegeNames has the names in the order of their bits, first byte first.
var privilegeNames = [24]string{
	"SecurityDomain", "DAPVerification", "DelegatedManagement", "CardLock",
	"CardTerminate", "CardReset", "CVMManagement", "MandatedDAPVerification",
	"TrustedPath", "AuthorizedManagement", "TokenVerification", "GlobalDelete",
	"GlobalLock", "GlobalRegistry", "FinalApplication", "GlobalService",
	"ReceiptGeneration", "CipheredLoadFile", "ContactlessActivation", "ContactlessSelfActivation",
	"RFU4", "RFU3", "RFU2", "RFU1",
}

// Has reports whether all of the given privileges are in the set.
func (p Privileges) Has(q Privileges) bool { return p&q == q }

// String is the names joined by "+", or "none".
func (p Privileges) String() string {
	if p&privilegesMask == 0 {
		return "none"
	}
	var names []string
	for i, name := range privilegeNames {
		if p&(1<<(23-i)) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, "+")
}

// Bytes is the three-byte coding.
func (p Privileges) Bytes() [3]byte { return [3]byte{byte(p >> 16), byte(p >> 8), byte(p)} }

// Append appends the shortest coding: one byte when the second and third are
// zero, else three. Spec: SPEC-GP-021.
func (p Privileges) Append(dst []byte) []byte {
	if p&0xFFFF == 0 {
		return append(dst, byte(p>>16))
	}
	return append(dst, byte(p>>16), byte(p>>8), byte(p))
}

// AppendLV appends the length of the shortest coding and the coding.
func (p Privileges) AppendLV(dst []byte) []byte {
	at := len(dst)
	dst = p.Append(append(dst, 0))
	dst[at] = byte(len(dst) - at - 1)
	return dst
}

// DecodePrivileges reads the coding of zero (none), one or three bytes. Errors
// are *wire.DecodeError. Spec: SPEC-GP-020.
func DecodePrivileges(b []byte) (Privileges, error) {
	r := wire.NewReader("privileges", b)
	p := privilegesOf(&r, b, 0, "")
	return p, r.Err()
}

// privilegesOf makes privileges of bytes that r has read.
func privilegesOf(r *wire.Reader, b []byte, offset int, path string) Privileges {
	if r.Err() != nil {
		return 0
	}
	switch len(b) {
	case 0:
		return 0
	case 1:
		return Privileges(b[0]) << 16
	case 3:
		return Privileges(b[0])<<16 | Privileges(b[1])<<8 | Privileges(b[2])
	}
	r.FailAt(offset, path, "privileges of 0, 1 or 3 bytes", strconv.Itoa(len(b)))
	return 0
}

// needsSecurityDomain are the privileges that only a security domain has
// (GP Card Specification 2.3.1 §6.6.2).
const needsSecurityDomain = DAPVerification | DelegatedManagement | MandatedDAPVerification |
	AuthorizedManagement | TokenVerification | ReceiptGeneration | CipheredLoadFile

// Check reports a combination that the specification does not allow.
// Spec: SPEC-GP-022, SPEC-GP-023, SPEC-GP-024, SPEC-GP-025.
func (p Privileges) Check() error {
	if q := p & (reservedPrivileges | ^privilegesMask); q != 0 {
		return fmt.Errorf("gp: privileges: reserved bits %06X", uint32(q))
	}
	if q := p & needsSecurityDomain; q != 0 && !p.Has(SecurityDomain) {
		return fmt.Errorf("gp: privileges: %v without SecurityDomain", q)
	}
	if p.Has(MandatedDAPVerification) && !p.Has(DAPVerification) {
		return fmt.Errorf("gp: privileges: MandatedDAPVerification without DAPVerification")
	}
	if p.Has(DelegatedManagement | AuthorizedManagement) {
		return fmt.Errorf("gp: privileges: DelegatedManagement with AuthorizedManagement")
	}
	return nil
}
