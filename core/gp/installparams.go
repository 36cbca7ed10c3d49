package gp

import "inkan/core/tlv"

// Tags of the parameters field of INSTALL (GP Card Specification 2.3.1 tables
// 11-48 and 11-49, ETSI TS 102 226 §8.2.1.3).
const (
	TagApplicationParameters tlv.Tag = 0xC9
	TagSystemParameters      tlv.Tag = 0xEF
	TagUICCParameters        tlv.Tag = 0xEA
	TagTokenControl          tlv.Tag = 0xB6
)

// InstallParameters is the parameters field of INSTALL, of [for load] and of
// the others alike. Absent parts are nil; C9 may be there and empty. Slices
// are borrowed.
type InstallParameters struct {
	ApplicationSpecific []byte // C9: passed to the application, or to a security domain (SecurityDomainParameters)
	System              *SystemParameters
	UICC                *UICCParameters
	Token               *TokenControl
	Others
}

var installFieldsTable = []paramField[InstallParameters]{
	bytesField(TagApplicationParameters, func(p *InstallParameters) *[]byte { return &p.ApplicationSpecific }),
	nestedField(TagSystemParameters, func(p *InstallParameters) **SystemParameters { return &p.System },
		decodeSystemParameters, (*SystemParameters).Append),
	nestedField(TagUICCParameters, func(p *InstallParameters) **UICCParameters { return &p.UICC },
		decodeUICCParameters, (*UICCParameters).Append),
	nestedField(TagTokenControl, func(p *InstallParameters) **TokenControl { return &p.Token },
		decodeTokenControl, (*TokenControl).Append),
}

// nestedField is a typed object whose value is a structure of its own.
func nestedField[T, S any](tag tlv.Tag, at func(*T) **S, decode func(*S, []byte, int) error, encode func(*S, []byte) ([]byte, error)) paramField[T] {
	return paramField[T]{tag,
		func(t *T) ([]byte, error) {
			if *at(t) == nil {
				return nil, nil
			}
			return encode(*at(t), make([]byte, 0, 32))
		},
		func(t *T, value []byte, offset int) error {
			*at(t) = new(S)
			return decode(*at(t), value, offset)
		},
	}
}

// DecodeInstallParameters reads a parameters field. No bytes are no
// parameters. Errors are *wire.DecodeError.
// Spec: SPEC-GP-CONTENT-080, SPEC-GP-CONTENT-081, SPEC-GP-CONTENT-082.
func DecodeInstallParameters(b []byte) (InstallParameters, error) {
	var p InstallParameters
	err := decodeParams(&p, &p.Others, installFieldsTable, b, 0, "")
	if err != nil {
		return InstallParameters{}, err
	}
	return p, nil
}

// Append appends the parameters field. Spec: SPEC-GP-CONTENT-081.
func (p *InstallParameters) Append(dst []byte) ([]byte, error) {
	return appendParams(dst, p, &p.Others, installFieldsTable)
}

// TokenControl is the control reference template B6: which domain may use the
// token of the command (GP Card Specification 2.3.1 table 11-51).
type TokenControl struct {
	SecurityDomainProvider []byte // 42: issuer identification number
	SecurityDomainImage    []byte // 45: card image number
	ApplicationProvider    []byte // 5F20
	TokenIdentifier        []byte // 93
	Others
}

var tokenControlTable = []paramField[TokenControl]{
	bytesField(0x42, func(p *TokenControl) *[]byte { return &p.SecurityDomainProvider }),
	bytesField(0x45, func(p *TokenControl) *[]byte { return &p.SecurityDomainImage }),
	bytesField(0x5F20, func(p *TokenControl) *[]byte { return &p.ApplicationProvider }),
	bytesField(0x93, func(p *TokenControl) *[]byte { return &p.TokenIdentifier }),
}

func decodeTokenControl(p *TokenControl, value []byte, offset int) error {
	return decodeParams(p, &p.Others, tokenControlTable, value, offset, "B6")
}

// Append appends the value of B6.
func (p *TokenControl) Append(dst []byte) ([]byte, error) {
	return appendParams(dst, p, &p.Others, tokenControlTable)
}
