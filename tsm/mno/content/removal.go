package content

import (
	"inkan/core/apdu"
	"inkan/core/gp"
)

// Removal is what is to go from a card.
type Removal struct {
	Domain    []byte   // the provider's
	Package   []byte   // load file; nil: none is known
	Instances [][]byte // applications
	// Heir is the domain of another service that uses the load file, which is given
	// to it; nil: the load file goes.
	Heir []byte
}

// Commands remove the applications, the load file unless somebody else uses it, and
// the domain. Each may find nothing: see Run. Spec: SPEC-MNO-TSM-050,
// SPEC-MNO-TSM-051.
func (r *Removal) Commands() (commands []apdu.Command, err error) {
	add := func(c apdu.Command, e error) {
		if err == nil {
			commands, err = append(commands, c), e
		}
	}
	remove := func(b []byte, related bool) {
		aid, e := gp.NewAID(b)
		if e != nil {
			add(apdu.Command{}, e)
			return
		}
		add(gp.Delete{AID: aid, Related: related}.APDU(nil))
	}
	for _, b := range r.Instances {
		remove(b, false)
	}
	switch {
	case r.Package != nil && r.Heir != nil:
		add(Extradite(r.Package, r.Heir))
	case r.Package != nil:
		remove(r.Package, true)
	}
	remove(r.Domain, false)
	return commands, err
}

// Lock are the commands that lock applications, or free them. Spec: SPEC-MNO-TSM-048.
func Lock(instances [][]byte, lock bool) (commands []apdu.Command, err error) {
	state := gp.Selectable
	if lock {
		state = gp.Locked
	}
	for _, b := range instances {
		aid, err := gp.NewAID(b)
		if err != nil {
			return nil, err
		}
		c, err := gp.SetStatus{Scope: gp.ScopeApplication, State: state, AID: aid}.APDU(nil)
		if err != nil {
			return nil, err
		}
		commands = append(commands, c)
	}
	return commands, nil
}
