package gp

import (
	"inkan/core/apdu"
	"inkan/core/wire"
)

// InstallPurpose is what an INSTALL is for: bits 7–1 of its P1.
type InstallPurpose byte

// Purposes (GP Card Specification 2.3.1 table 11-40).
const (
	ForLoad                     InstallPurpose = 0x02
	ForInstall                  InstallPurpose = 0x04
	ForMakeSelectable           InstallPurpose = 0x08
	ForInstallAndMakeSelectable InstallPurpose = 0x0C
	ForLoadInstallSelectable    InstallPurpose = 0x0E // combined process; see InstallStage
	ForExtradition              InstallPurpose = 0x10
	ForPersonalization          InstallPurpose = 0x20
	ForRegistryUpdate           InstallPurpose = 0x40
)

var installPurposeNames = map[InstallPurpose]string{
	ForLoad: "for load", ForInstall: "for install", ForMakeSelectable: "for make selectable",
	ForInstallAndMakeSelectable: "for install and make selectable",
	ForLoadInstallSelectable:    "for load, install and make selectable",
	ForExtradition:              "for extradition", ForPersonalization: "for personalization",
	ForRegistryUpdate: "for registry update",
}

// String is the purpose in the standard's words.
func (p InstallPurpose) String() string {
	if s, ok := installPurposeNames[p]; ok {
		return s
	}
	return hexByte(byte(p))
}

// InstallStage is the P2 of INSTALL: where in the combined load, install and
// make selectable process it stands.
type InstallStage byte

// Stages. CombinedBegin carries the fields of ForLoad, CombinedEnd those of
// ForInstallAndMakeSelectable.
const (
	StageNone     InstallStage = 0x00
	CombinedBegin InstallStage = 0x01
	CombinedEnd   InstallStage = 0x03
)

// Install is INSTALL (GP Card Specification 2.3.1 §11.5): 80 E6 purpose stage.
// Which fields it has depends on the purpose:
//
//	for load                    LoadFile, SecurityDomain, Hash, Parameters, Token
//	for install (and make …)    LoadFile, Module, Application, Privileges, Parameters, Token
//	for make selectable         Application, Privileges, Parameters, Token
//	for extradition             SecurityDomain, Application, Parameters, Token
//	for registry update         SecurityDomain, Application, Privileges, Parameters, Token
//	for personalization         Application
//
// A field that the purpose does not have is left empty.
type Install struct {
	Purpose        InstallPurpose
	Stage          InstallStage // other than none only for ForLoadInstallSelectable
	LoadFile       AID
	SecurityDomain AID // for load: zero means the selected one; for registry update: zero keeps it
	Module         AID
	Application    AID // the instance; for extradition also a load file
	Hash           []byte
	Privileges     Privileges
	// HasPrivileges is whether the field has a length other than zero: for
	// registry update, and for make selectable, none there keeps them.
	HasPrivileges bool
	Parameters    []byte
	Token         []byte
}

// installField is one field of the data field, in the order of the purpose.
type installField byte

const (
	fieldEmpty installField = iota // 00
	fieldLoadFile
	fieldOptionalLoadFile
	fieldOptionalModule
	fieldSecurityDomain
	fieldOptionalSecurityDomain
	fieldApplication
	fieldOptionalApplication
	fieldHash
	fieldPrivileges
	fieldParameters
	fieldToken
)

// installLayouts has the layouts (GP Card Specification 2.3.1 tables 11-43 to
// 11-48). The token, where there is one, is last.
var installLayouts = map[InstallPurpose][]installField{
	ForLoad:            {fieldLoadFile, fieldOptionalSecurityDomain, fieldHash, fieldParameters, fieldToken},
	ForInstall:         {fieldOptionalLoadFile, fieldOptionalModule, fieldApplication, fieldPrivileges, fieldParameters, fieldToken},
	ForMakeSelectable:  {fieldEmpty, fieldEmpty, fieldApplication, fieldPrivileges, fieldParameters, fieldToken},
	ForExtradition:     {fieldSecurityDomain, fieldEmpty, fieldApplication, fieldEmpty, fieldParameters, fieldToken},
	ForRegistryUpdate:  {fieldOptionalSecurityDomain, fieldEmpty, fieldOptionalApplication, fieldPrivileges, fieldParameters, fieldToken},
	ForPersonalization: {fieldEmpty, fieldEmpty, fieldApplication, fieldEmpty, fieldEmpty, fieldEmpty},
}

// layout is the fields of purpose and stage; nil when there is no such INSTALL.
func (p InstallPurpose) layout(stage InstallStage) []installField {
	switch {
	case p == ForLoadInstallSelectable && stage == CombinedBegin:
		return installLayouts[ForLoad]
	case p == ForLoadInstallSelectable && stage == CombinedEnd:
		return installLayouts[ForInstall]
	case stage != StageNone:
		return nil
	case p == ForInstallAndMakeSelectable:
		return installLayouts[ForInstall]
	}
	return installLayouts[p]
}

// APDU implements Command. A data field of more than 255 bytes has Extended
// set; Split makes short commands of it.
func (i Install) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{CLA: ClassGlobalPlatform, INS: InsInstall, P1: byte(i.Purpose), P2: byte(i.Stage), Ne: apdu.MaxShortNe}
	out, err := i.appendFields(buf, true)
	if err != nil {
		return c, err
	}
	c.Data = added(buf, out)
	c.Extended = len(c.Data) > apdu.MaxShortData
	return c, nil
}

// Unsigned is the command without its token field, the form that AddToken
// signs and completes. Spec: SPEC-GP-104.
func (i *Install) Unsigned(buf []byte) (apdu.Command, error) {
	c := apdu.Command{CLA: ClassGlobalPlatform, INS: InsInstall, P1: byte(i.Purpose), P2: byte(i.Stage), Ne: apdu.MaxShortNe}
	out, err := i.AppendWithoutToken(buf)
	if err != nil {
		return c, err
	}
	c.Data = added(buf, out)
	c.Extended = len(c.Data) > apdu.MaxShortData
	return c, nil
}

// AppendWithoutToken appends the data field up to and without the length of
// the token: what comes behind P1, P2 and Lc in the bytes that a token signs.
// A card verifies the bytes that it received instead (SplitToken), because a
// length has more than one coding. Spec: SPEC-GP-104.
func (i *Install) AppendWithoutToken(dst []byte) ([]byte, error) {
	return i.appendFields(dst, false)
}

// DecodeInstall reads INSTALL. A chain of INSTALL commands is joined first
// (Joiner). Slices are borrowed. Errors are *wire.DecodeError.
// Spec: SPEC-GP-100, SPEC-GP-101, SPEC-GP-102, SPEC-GP-103.
func DecodeInstall(c *apdu.Command) (Install, error) {
	r := data("INSTALL", c, IsGlobalPlatformClass, InsInstall)
	i := Install{Purpose: InstallPurpose(c.P1), Stage: InstallStage(c.P2)}
	layout := i.decodeLayout(&r, c)
	someData(&r)
	for _, f := range layout {
		if r.Err() != nil {
			break
		}
		i.read(f, &r)
	}
	if err := r.End(); err != nil {
		return Install{}, err
	}
	return i, nil
}

func (i *Install) decodeLayout(r *wire.Reader, c *apdu.Command) []installField {
	layout := i.Purpose.layout(i.Stage)
	if layout != nil {
		return layout
	}
	if i.Purpose == ForLoadInstallSelectable || installPurposeNames[i.Purpose] != "" {
		failP2(r, "a stage of the purpose", c.P2)
	} else {
		failP1(r, "02, 04, 08, 0C, 0E, 10, 20 or 40", c.P1)
	}
	return nil
}
