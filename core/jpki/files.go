package jpki

// EF is an elementary file by its identifier. All have a short identifier too.
type EF uint16

// Elementary files (spec/JPKI-AP.md §Elementary files).
const (
	EFSignCertificate   EF = 0x0001
	EFSignCACertificate EF = 0x0002
	EFTokenInformation  EF = 0x0006
	EFAvailability      EF = 0x0008
	EFAuthCertificate   EF = 0x000A
	EFAuthCACertificate EF = 0x000B
	EFAuthKey           EF = 0x0017
	EFAuthPIN           EF = 0x0018
	EFSignKey           EF = 0x001A
	EFSignPIN           EF = 0x001B
)

var fileNames = map[EF]string{
	EFSignCertificate: "sign certificate", EFSignCACertificate: "sign CA certificate",
	EFTokenInformation: "token information", EFAvailability: "certificate availability",
	EFAuthCertificate: "auth certificate", EFAuthCACertificate: "auth CA certificate",
	EFAuthKey: "auth key", EFAuthPIN: "auth PIN", EFSignKey: "sign key", EFSignPIN: "sign PIN",
}

// String is the identifier and what the file has.
func (f EF) String() string {
	s := "EF " + hexByte(byte(f>>8)) + hexByte(byte(f))
	if n := fileNames[f]; n != "" {
		s += " (" + n + ")"
	}
	return s
}

// SFI is the short identifier, 01 to 1E; 00 when the file can have none.
func (f EF) SFI() byte {
	if f > 0x1E {
		return 0
	}
	return byte(f)
}

// In reports whether an application of this form has the file.
func (f EF) In(form Form) bool {
	switch f {
	case EFSignCertificate, EFSignCACertificate, EFSignKey:
		return form == FormCard
	}
	return fileNames[f] != ""
}

// Reference names the file of a PIN or key in the P2 of a command.
type Reference byte

// Current is the reference to the file that was selected last.
const Current Reference = 0x80

// Reference names the file by its short identifier, which also makes it the
// current one.
func (f EF) Reference() Reference { return Reference(0x80 | f.SFI()) }

// valid reports whether the card edge knows such a reference: 80 to 9E.
func (r Reference) valid() bool { return r >= 0x80 && r <= 0x9E }
