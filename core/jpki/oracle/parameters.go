package oracle

import "inkan/core/iso7816"

// Forms of the application, and sets of roles: 01 auth, 02 sign.
const (
	formSIM  = 0x01
	formCard = 0x03
)

// Policies of the contactless interface.
const (
	policyPhone = 0x00
	policyCard  = 0x01
)

// Uses of attestation, parameter 85.
const (
	attestNever  = 0x00
	attestNeeded = 0x02
)

// Parameters are the install parameters with their defaults filled in
// (spec/JPKI-AP.md §Install parameters).
type Parameters struct {
	Form             byte   // 01 SIM, 03 card
	Protected        byte   // EF 000A needs the auth PIN: b1 on contact, b2 on contactless
	Policy           byte   // 00 phone, 01 card
	Label            string // 1 to 32 characters
	Attestation      byte   // 00 none, 01 where possible, 02 needed
	ContactlessTries byte   // of the auth PIN under policy 00
	FileBytes        int    // of each certificate file
}

// ParseParameters reads install parameters. The error is 6A80.
// Spec: SPEC-JPKI-AP-007.
func ParseParameters(b []byte) (Parameters, error) {
	p := Parameters{Form: formSIM, Policy: 0xFF, Protected: 0xFF, Attestation: 0xFF, ContactlessTries: 3, FileBytes: 2048}
	seen := map[byte]bool{}
	for len(b) > 0 {
		if len(b) < 2 || len(b) < 2+int(b[1]) || seen[b[0]] || !p.set(b[0], b[2:2+int(b[1])]) {
			return Parameters{}, iso7816.WrongData
		}
		seen[b[0]] = true
		b = b[2+int(b[1]):]
	}
	fill := func(field *byte, sim, card byte) {
		if *field == 0xFF {
			*field = sim
			if p.Form == formCard {
				*field = card
			}
		}
	}
	fill(&p.Protected, 0x02, 0x00)
	fill(&p.Policy, policyPhone, policyCard)
	fill(&p.Attestation, attestNeeded, 0x01)
	if p.Label == "" {
		p.Label = "JPKIAPSIMTOKEN"
		if p.Form == formCard {
			p.Label = "JPKIAPICCTOKEN2"
		}
	}
	return p, nil
}

// set takes one element; false: a wrong tag, length or value.
func (p *Parameters) set(tag byte, v []byte) bool {
	switch tag {
	case 0x84:
		for _, c := range v {
			if c < 0x20 || c > 0x7E {
				return false
			}
		}
		p.Label = string(v)
		return len(v) >= 1 && len(v) <= 32
	case 0x87:
		if len(v) != 2 {
			return false
		}
		p.FileBytes = int(v[0])<<8 | int(v[1])
		return p.FileBytes >= 256 && p.FileBytes <= 4096
	}
	if len(v) != 1 {
		return false
	}
	switch tag {
	case 0x81:
		p.Form = v[0]
		return v[0] == formSIM || v[0] == formCard
	case 0x82:
		p.Protected = v[0]
		return v[0] <= 3
	case 0x83:
		p.Policy = v[0]
		return v[0] <= policyCard
	case 0x85:
		p.Attestation = v[0]
		return v[0] <= attestNeeded
	case 0x86:
		p.ContactlessTries = v[0]
		return v[0] >= 1 && v[0] <= 15
	}
	return false
}
