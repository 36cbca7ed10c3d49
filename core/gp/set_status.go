package gp

import "inkan/core/apdu"

// StatusScope is whose life cycle SET STATUS changes: its P1.
type StatusScope byte

// Scopes (GP Card Specification 2.3.1 table 11-86).
const (
	ScopeIssuerSecurityDomain StatusScope = 0x80 // the card
	ScopeApplication          StatusScope = 0x40 // an application or supplementary security domain
	ScopeDomainAndContent     StatusScope = 0xC0 // a security domain and its associated applications
)

// SetStatus is SET STATUS (GP Card Specification 2.3.1 §11.10): 80 F0 scope
// state, AID without length.
type SetStatus struct {
	Scope StatusScope
	// State is the state control byte. For an application bit 8 locks and a
	// zero bit 8 unlocks, or it is the state to be reached.
	State LifeCycle
	AID   AID // may be zero for the issuer security domain only
}

// APDU implements Command.
func (s SetStatus) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{CLA: ClassGlobalPlatform, INS: InsSetStatus, P1: byte(s.Scope), P2: byte(s.State)}
	if !s.Scope.valid() {
		return c, errValue("SET STATUS", "scope")
	}
	if s.AID.IsZero() && s.Scope != ScopeIssuerSecurityDomain {
		return c, errValue("SET STATUS", "AID")
	}
	c.Data = added(buf, s.AID.Append(buf))
	return c, nil
}

func (s StatusScope) valid() bool {
	return s == ScopeIssuerSecurityDomain || s == ScopeApplication || s == ScopeDomainAndContent
}

// DecodeSetStatus reads SET STATUS. Whether the state can be reached is for
// the card to say. Errors are *wire.DecodeError.
// Spec: SPEC-GP-095, SPEC-GP-096.
func DecodeSetStatus(c *apdu.Command) (SetStatus, error) {
	r := data("SET STATUS", c, IsGlobalPlatformClass, InsSetStatus)
	s := SetStatus{Scope: StatusScope(c.P1), State: LifeCycle(c.P2)}
	if !s.Scope.valid() {
		failP1(&r, "80, 40 or C0", c.P1)
	}
	if s.Scope != ScopeIssuerSecurityDomain {
		someData(&r)
	}
	if r.More() {
		offset := r.Offset()
		s.AID = aidOf(&r, r.Rest(), offset, "AID")
	}
	if r.Err() != nil {
		return SetStatus{}, r.Err()
	}
	return s, nil
}
