package ca

import (
	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/tsmp"
)

// nowhere is the office of a municipality that Config.Offices does not have: no
// person is registered with it.
const nowhere = "none"

// office is the municipality that a call is made for; empty: the caller has to do
// with all persons. Spec: SPEC-CA-084.
func (a *Authority) office(call *tsmp.Call) string {
	if call.Role != tsmp.RoleMunicipality || a.config.Offices == nil {
		return ""
	}
	if code, known := a.config.Offices[call.Sender]; known {
		return code
	}
	return nowhere
}

// personOf reads a person whom the caller has to do with. Spec: SPEC-CA-084.
func (a *Authority) personOf(s *registry.Snapshot, call *tsmp.Call, id record.PersonID, otherwise tsmp.Code) (record.Person, error) {
	p, err := s.Person(id)
	if err != nil {
		return p, refusedDesk(err)
	}
	if office := a.office(call); office != "" && p.Municipality.Code != office {
		return p, tsmp.Refuse(otherwise, "")
	}
	return p, nil
}
