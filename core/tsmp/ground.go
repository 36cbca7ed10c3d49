package tsmp

import "slices"

// groundsOf are the grounds that a sender may give. Spec: SPEC-TSM-PROTOCOL-031.
func groundsOf(sender Role) []Ground {
	switch sender {
	case RoleSPTSM:
		return []Ground{GroundApplication, GroundSubscription, GroundService}
	case RoleHelpDesk:
		return []Ground{GroundHotline}
	case RoleMunicipality:
		return []Ground{GroundAuthority}
	}
	return nil
}

// From reports whether a sender of a role may give the ground.
// Spec: SPEC-TSM-PROTOCOL-031.
func (g Ground) From(sender Role) bool { return slices.Contains(groundsOf(sender), g) }

// causeOf is the cause in a request that has one.
func causeOf(b Body) *Cause {
	switch b := b.(type) {
	case *RevokeRequest:
		return &b.Cause
	case *SuspendRequest:
		return &b.Cause
	case *ResumeRequest:
		return &b.Cause
	case *HoldCardRequest:
		return &b.Cause
	case *LiftCardRequest:
		return &b.Cause
	}
	return nil
}

// mayAsk reports whether a sender may give the request's ground.
func mayAsk(sender Role, b Body) bool {
	c := causeOf(b)
	return c == nil || c.Ground.From(sender)
}
