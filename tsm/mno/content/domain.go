package content

import (
	"fmt"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/scp/scp80"
	"inkan/core/tsmp"
)

// Privileges are those of the provider's domain in a model.
// Spec: SPEC-MNO-TSM-040.
func Privileges(m tsmp.Model) gp.Privileges {
	switch m {
	case tsmp.ModelDelegated:
		return gp.SecurityDomain | gp.DelegatedManagement
	case tsmp.ModelAuthorised:
		return gp.SecurityDomain | gp.AuthorizedManagement
	}
	return gp.SecurityDomain
}

// LeastProtection of packets for the provider's domain: a checksum by a key,
// ciphering, a counter that is higher each time.
const LeastProtection = scp80.CC | scp80.Cipher | scp80.CounterHigher

// MakeDomain is the command with which the issuer's domain makes the provider's:
// with the model's privileges, its TAR and its quotas. It has no keys of its own,
// and the issuer's open its channel until it has. Spec: SPEC-MNO-TSM-040,
// SPEC-MNO-TSM-041.
func MakeDomain(m tsmp.Model, d *tsmp.DomainSpec) (apdu.Command, error) {
	aid, err := gp.NewAID(d.AID)
	if err != nil {
		return apdu.Command{}, err
	}
	p := gp.InstallParameters{ApplicationSpecific: []byte{}}
	if d.NonVolatile > 0 || d.Volatile > 0 {
		p.System = new(gp.SystemParameters)
		if d.NonVolatile > 0 {
			p.System.NonVolatileReserved = gp.NewMemorySize(uint32(d.NonVolatile))
		}
		if d.Volatile > 0 {
			p.System.VolatileReserved = gp.NewMemorySize(uint32(d.Volatile))
		}
	}
	if d.TAR != nil {
		const least = LeastProtection
		toolkit := gp.ToolkitParameters{Priority: 1, SecurityLevel: []byte{1, byte(least >> 8)}, TARs: [][3]byte{[3]byte(d.TAR)}}
		value, err := toolkit.AppendUICC(nil)
		if err != nil {
			return apdu.Command{}, err
		}
		p.UICC = &gp.UICCParameters{Toolkit: value}
	}
	parameters, err := p.Append(nil)
	if err != nil {
		return apdu.Command{}, err
	}
	return gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: gp.AIDSecurityDomainPackage, Module: gp.AIDSecurityDomainModule,
		Application: aid, Privileges: Privileges(m), Parameters: parameters}.APDU(nil)
}

// Agree are the commands that bring the provider's ephemeral key to its domain, by
// way of the issuer's: the answer to the last one is the card's part of the
// agreement. Spec: SPEC-MNO-TSM-043.
func Agree(domain, control, publicKey []byte, dataBytes int) ([]apdu.Command, error) {
	aid, err := gp.NewAID(domain)
	if err != nil {
		return nil, err
	}
	naming, err := gp.Install{Purpose: gp.ForPersonalization, Application: aid}.APDU(nil)
	if err != nil {
		return nil, err
	}
	data := appendDGI(nil, gp.DGIConfidentialControl, control)
	data = appendDGI(data, gp.DGIEphemeralPublicKey, publicKey)
	blocks, err := gp.StoreDataBlocks(data, dataBytes, gp.StoreData{Structure: gp.StructureDGI, MayRespond: true})
	if err != nil {
		return nil, err
	}
	commands := []apdu.Command{naming}
	for b := range blocks {
		c, err := b.APDU(nil)
		if err != nil {
			return nil, err
		}
		commands = append(commands, c)
	}
	return commands, nil
}

func appendDGI(dst []byte, dgi uint16, value []byte) []byte {
	dst = append(dst, byte(dgi>>8), byte(dgi))
	if len(value) < 0xFF {
		dst = append(dst, byte(len(value)))
	} else {
		dst = append(dst, 0xFF, byte(len(value)>>8), byte(len(value)))
	}
	return append(dst, value...)
}

// CheckTemplates refuses templates of a key agreement that are malformed or of
// another scenario. Spec: SPEC-MNO-TSM-044.
func CheckTemplates(control, publicKey []byte) error {
	c, err := gp.DecodeConfidentialControl(control)
	if err != nil {
		return err
	}
	if c.Scenario != gp.ScenarioKeyAgree {
		return fmt.Errorf("scenario %02X, want %02X", c.Scenario, gp.ScenarioKeyAgree)
	}
	_, err = gp.DecodeEphemeralPublicKey(publicKey)
	return err
}
