package content

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/tsmp"
)

// LoadFile is a load file that was looked at: the content that its hash is of, and
// the providers' signatures.
type LoadFile struct {
	Hash    [32]byte // SHA-256 of Content
	Content []byte   // value of C4
	DAPs    []gp.DAPBlock
}

// What is wrong with a load file.
var (
	ErrHash = errors.New("content: the load file has another hash")
	ErrDAP  = errors.New("content: no signature of the provider verifies")
)

// OpenLoadFile reads a load file and verifies its hash and a signature of the
// provider's. verifier nil: none is demanded. Spec: SPEC-MNO-TSM-045.
func OpenLoadFile(raw []byte, hash [32]byte, verifier gp.ContentVerifier) (*LoadFile, error) {
	f, err := gp.DecodeLoadFile(raw)
	if err != nil {
		return nil, err
	}
	if f.Ciphered || sha256.Sum256(f.Content) != hash {
		return nil, ErrHash
	}
	if verifier != nil {
		verified := false
		for i := range f.DAPs {
			verified = verified || f.DAPs[i].Verify(hash[:], verifier)
		}
		if !verified {
			return nil, ErrDAP
		}
	}
	return &LoadFile{Hash: hash, Content: f.Content, DAPs: f.DAPs}, nil
}

// Load are the commands with which the issuer's domain loads a load file into the
// provider's. The signatures stay behind: this domain verifies none, and a card
// refuses what nobody asked it to verify. Spec: SPEC-MNO-TSM-042.
func Load(f *LoadFile, packageAID, domain []byte, dataBytes int) ([]apdu.Command, error) {
	file, err := gp.NewAID(packageAID)
	if err != nil {
		return nil, err
	}
	to, err := gp.NewAID(domain)
	if err != nil {
		return nil, err
	}
	first, err := gp.Install{Purpose: gp.ForLoad, LoadFile: file, SecurityDomain: to, Hash: f.Hash[:]}.APDU(nil)
	if err != nil {
		return nil, err
	}
	raw, err := (&gp.LoadFile{Content: f.Content}).Append(nil)
	if err != nil {
		return nil, err
	}
	blocks, err := gp.LoadBlocks(raw, dataBytes)
	if err != nil {
		return nil, err
	}
	commands := []apdu.Command{first}
	for b := range blocks {
		c, err := b.APDU(nil)
		if err != nil {
			return nil, err
		}
		commands = append(commands, c)
	}
	return commands, nil
}

// Install are the commands with which the issuer's domain makes an instance and
// gives it to the provider's. Spec: SPEC-MNO-TSM-042.
func Install(packageAID, moduleAID, instanceAID, privileges, parameters, domain []byte) ([]apdu.Command, error) {
	i := gp.Install{Purpose: gp.ForInstallAndMakeSelectable}
	to, err := gp.NewAID(domain)
	if err != nil {
		return nil, err
	}
	if i.LoadFile, err = gp.NewAID(packageAID); err != nil {
		return nil, err
	}
	if i.Module, err = gp.NewAID(moduleAID); err != nil {
		return nil, err
	}
	if i.Application, err = gp.NewAID(instanceAID); err != nil {
		return nil, err
	}
	if i.Privileges, err = gp.DecodePrivileges(privileges); err != nil {
		return nil, err
	}
	p := gp.InstallParameters{ApplicationSpecific: append([]byte{}, parameters...)}
	if i.Parameters, err = p.Append(nil); err != nil {
		return nil, err
	}
	install, err := i.APDU(nil)
	if err != nil {
		return nil, err
	}
	give, err := Extradite(instanceAID, to.Append(nil))
	return []apdu.Command{install, give}, err
}

// Extradite gives an application or load file to a domain.
func Extradite(what, domain []byte) (apdu.Command, error) {
	a, err := gp.NewAID(what)
	if err != nil {
		return apdu.Command{}, err
	}
	to, err := gp.NewAID(domain)
	if err != nil {
		return apdu.Command{}, err
	}
	return gp.Install{Purpose: gp.ForExtradition, SecurityDomain: to, Application: a}.APDU(nil)
}

// allowed are the privileges that a provider may ask for its application.
const allowed = gp.CardReset | gp.ContactlessActivation | gp.ContactlessSelfActivationPrivileges

// CheckPrivileges refuses privileges of an application that reach beyond it.
// Spec: SPEC-MNO-TSM-046.
func CheckPrivileges(b []byte) error {
	p, err := gp.DecodePrivileges(b)
	if err != nil {
		return err
	}
	if extra := p &^ (allowed &^ gp.CardReset); extra != 0 {
		return fmt.Errorf("privileges %v", extra)
	}
	return nil
}

// Operation are the commands of one operation of simple mode.
func Operation(o *tsmp.SEOperation, domain []byte, dataBytes int) ([]apdu.Command, error) {
	aid, err := gp.NewAID(o.AID)
	if err != nil {
		return nil, err
	}
	one := func(c gp.Command) ([]apdu.Command, error) {
		cmd, err := c.APDU(nil)
		return []apdu.Command{cmd}, err
	}
	switch o.Kind {
	case tsmp.OperationInstall:
		return Install(o.PackageAID, o.ModuleAID, o.AID, o.Privileges, o.Parameters, domain)
	case tsmp.OperationMakeSelectable:
		return one(gp.Install{Purpose: gp.ForMakeSelectable, Application: aid})
	case tsmp.OperationLock:
		return one(gp.SetStatus{Scope: gp.ScopeApplication, State: gp.Locked, AID: aid})
	case tsmp.OperationUnlock:
		return one(gp.SetStatus{Scope: gp.ScopeApplication, State: gp.Selectable, AID: aid})
	case tsmp.OperationDelete:
		return one(gp.Delete{AID: aid})
	}
	return personalise(aid, o.Data)
}

// personalise forwards data to an application as it came, block by block.
func personalise(aid gp.AID, data [][]byte) ([]apdu.Command, error) {
	naming, err := gp.Install{Purpose: gp.ForPersonalization, Application: aid}.APDU(nil)
	commands := []apdu.Command{naming}
	for i, d := range data {
		if err != nil {
			break
		}
		var c apdu.Command
		c, err = gp.StoreData{Last: i == len(data)-1, Structure: gp.StructureDGI, MayRespond: true, Number: byte(i), Data: d}.APDU(nil)
		commands = append(commands, c)
	}
	return commands, err
}
