package gp

import "strconv"

// SCPOption is a secure channel protocol and its option i.
type SCPOption struct{ Protocol, I byte }

// SecurityDomainParameters is the value of C9 in the installation of a
// supplementary security domain. What is left out is the card's choice.
type SecurityDomainParameters struct {
	SecureChannels       []SCPOption // 81: two bytes for each protocol
	AcceptExtradition    []byte      // 82: whose applications may be extradited to the domain
	AcceptDeletion       []byte      // 83: who may delete it
	Personalized         bool        // 84, empty: personalized from the start
	CASDCapability       []byte      // 86
	AcceptExtraditionOut []byte      // 87: where its applications may be extradited to
	Others
}

var securityDomainTable = []paramField[SecurityDomainParameters]{
	{0x81, func(p *SecurityDomainParameters) ([]byte, error) {
		var b []byte
		for _, s := range p.SecureChannels {
			b = append(b, s.Protocol, s.I)
		}
		return b, nil
	}, setSecureChannels},
	bytesField(0x82, func(p *SecurityDomainParameters) *[]byte { return &p.AcceptExtradition }),
	bytesField(0x83, func(p *SecurityDomainParameters) *[]byte { return &p.AcceptDeletion }),
	{0x84, func(p *SecurityDomainParameters) ([]byte, error) {
		if !p.Personalized {
			return nil, nil
		}
		return []byte{}, nil
	}, func(p *SecurityDomainParameters, value []byte, offset int) error {
		p.Personalized = true
		if len(value) != 0 {
			return paramFault(0x84, offset, "no value", strconv.Itoa(len(value))+" bytes")
		}
		return nil
	}},
	bytesField(0x86, func(p *SecurityDomainParameters) *[]byte { return &p.CASDCapability }),
	bytesField(0x87, func(p *SecurityDomainParameters) *[]byte { return &p.AcceptExtraditionOut }),
}

// setSecureChannels takes 81: whole pairs. Spec: SPEC-GP-CONTENT-089.
func setSecureChannels(p *SecurityDomainParameters, value []byte, offset int) error {
	if len(value) == 0 || len(value)%2 != 0 {
		return paramFault(0x81, offset, "two bytes for each protocol", strconv.Itoa(len(value)))
	}
	for ; len(value) > 0; value = value[2:] {
		p.SecureChannels = append(p.SecureChannels, SCPOption{value[0], value[1]})
	}
	return nil
}

// DecodeSecurityDomainParameters reads the value of C9. Errors are
// *wire.DecodeError. Spec: SPEC-GP-CONTENT-089.
func DecodeSecurityDomainParameters(b []byte) (SecurityDomainParameters, error) {
	var p SecurityDomainParameters
	if err := decodeParams(&p, &p.Others, securityDomainTable, b, 0, "C9"); err != nil {
		return SecurityDomainParameters{}, err
	}
	return p, nil
}

// Append appends the value of C9.
func (p *SecurityDomainParameters) Append(dst []byte) ([]byte, error) {
	return appendParams(dst, p, &p.Others, securityDomainTable)
}
