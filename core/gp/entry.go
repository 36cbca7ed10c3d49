package gp

import "fmt"

// Entry is an entry of the GlobalPlatform registry (GP Card Specification
// 2.3.1 §6.5, §11.4.3): an application, a security domain or a load file.
type Entry struct {
	Kind       Kind
	AID        AID // zero only when a card reports an entry without one
	LifeCycle  LifeCycle
	Privileges Privileges // none for load files
	LoadFile   AID        // of applications: where they come from; zero when unknown
	Module     AID        // of applications: the executable module; not reported by GET STATUS
	// SecurityDomain is the associated security domain; zero when unknown.
	SecurityDomain AID
	// ImplicitSelection has the implicit selection parameters: bit 8
	// contactless, bit 7 contact, bits 5–1 the logical channel.
	ImplicitSelection []byte
	Version           []byte // of load files: major, minor in Java Card
	Modules           []AID  // of load files
	// Contactless is the second life-cycle byte of Amendment C (00
	// deactivated, 01 activated, 80 non-activatable), when HasContactless.
	Contactless    byte
	HasContactless bool
}

// reset empties the entry and keeps the capacity of its slices.
func (e *Entry) reset() {
	*e = Entry{
		ImplicitSelection: e.ImplicitSelection[:0],
		Version:           e.Version[:0],
		Modules:           e.Modules[:0],
	}
}

// Check reports what no card's registry may contain.
// Spec: SPEC-GP-040, SPEC-GP-041, SPEC-GP-042.
func (e *Entry) Check() error {
	switch {
	case e.AID.IsZero():
		return fmt.Errorf("gp: registry: %v without AID", e.Kind)
	case !e.Kind.Valid(e.LifeCycle):
		return fmt.Errorf("gp: registry: %v %v: life cycle %02X", e.Kind, e.AID, byte(e.LifeCycle))
	}
	if err := e.Privileges.Check(); err != nil {
		return fmt.Errorf("gp: registry: %v %v: %w", e.Kind, e.AID, err)
	}
	isDomain := e.Kind == KindIssuerSecurityDomain || e.Kind == KindSecurityDomain
	switch {
	case isDomain != e.Privileges.Has(SecurityDomain):
		return fmt.Errorf("gp: registry: %v %v: privileges %v", e.Kind, e.AID, e.Privileges)
	case e.Kind == KindLoadFile && e.Privileges != 0:
		return fmt.Errorf("gp: registry: load file %v: privileges %v", e.AID, e.Privileges)
	case e.Kind != KindLoadFile && len(e.Modules) > 0:
		return fmt.Errorf("gp: registry: %v %v: has modules", e.Kind, e.AID)
	}
	return nil
}
