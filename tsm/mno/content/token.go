package content

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
)

// Scope is what a declaration covers on a card.
type Scope struct {
	Domain    []byte
	Packages  [][]byte // load files that were agreed on
	Modules   [][]byte
	Instances [][]byte
	// Hashes are those of load files that were agreed on, or whose signature the carrier
	// has verified: no other one gets a token.
	Hashes [][32]byte
}

// Error is why a command has no token.
type Error struct {
	AID  bool // an identifier is none that was agreed on; else the command is none that tokens are given for
	What string
}

// Error is the reason.
func (e *Error) Error() string { return "content: " + e.What }

func has(list [][]byte, a gp.AID) bool {
	return slices.ContainsFunc(list, func(b []byte) bool { return bytes.Equal(b, a.Append(nil)) })
}

// Covers refuses, with an *Error, a command that the declaration does not cover:
// only the provider's load file, into its domain, its application out of it, with
// privileges and parameters that reach no further, and the deletion of both.
// Spec: SPEC-MNO-TSM-060, SPEC-MNO-TSM-061, SPEC-MNO-TSM-064, SPEC-MNO-TSM-065.
func (s *Scope) Covers(c *apdu.Command) error {
	refuse := func(format string, args ...any) error { return &Error{What: fmt.Sprintf(format, args...)} }
	other := func(what string, a gp.AID) error { return &Error{AID: true, What: what + " " + a.String()} }
	switch {
	case c.CLA != gp.ClassGlobalPlatform:
		return refuse("class %02X", c.CLA)
	case c.INS != gp.InsInstall && c.INS != gp.InsDelete:
		return refuse("instruction %02X", c.INS)
	}
	whole := complete(c)
	switch _, token, err := gp.SplitToken(&whole); {
	case err != nil:
		return refuse("%v", err)
	case len(token) > 0:
		return refuse("it has a token")
	}
	if c.INS == gp.InsDelete {
		d, err := gp.DecodeDelete(c)
		switch {
		case err != nil:
			return refuse("%v", err)
		case d.HasKeyID || d.HasKeyVersion:
			return refuse("deletion of keys")
		case !has(s.Packages, d.AID) && !has(s.Instances, d.AID):
			return other("deletion of", d.AID)
		}
		return nil
	}
	return s.install(&whole, refuse, other)
}

// complete is a command as the decoder has it: INSTALL with a token field of no
// length.
func complete(c *apdu.Command) apdu.Command {
	whole := *c
	if c.INS == gp.InsInstall {
		whole.Data = append(slices.Clone(c.Data), 0)
	}
	return whole
}

func (s *Scope) install(c *apdu.Command, refuse func(string, ...any) error, other func(string, gp.AID) error) error {
	i, err := gp.DecodeInstall(c)
	if err != nil {
		return refuse("%v", err)
	}
	switch i.Purpose {
	case gp.ForLoad:
		switch {
		case !has(s.Packages, i.LoadFile):
			return other("load file", i.LoadFile)
		case !i.SecurityDomain.IsZero() && !has([][]byte{s.Domain}, i.SecurityDomain):
			return other("domain", i.SecurityDomain)
		case !slices.ContainsFunc(s.Hashes, func(h [32]byte) bool { return bytes.Equal(h[:], i.Hash) }):
			return refuse("a load file with another hash")
		}
	case gp.ForInstall, gp.ForInstallAndMakeSelectable:
		switch {
		case !has(s.Packages, i.LoadFile):
			return other("load file", i.LoadFile)
		case !has(s.Modules, i.Module):
			return other("module", i.Module)
		case !has(s.Instances, i.Application):
			return other("application", i.Application)
		}
	case gp.ForMakeSelectable:
		if !has(s.Instances, i.Application) {
			return other("application", i.Application)
		}
	default:
		return refuse("INSTALL %v", i.Purpose)
	}
	if err := CheckPrivileges(i.Privileges.Append(nil)); err != nil {
		return refuse("%v", err)
	}
	if err := CheckParameters(i.Parameters); err != nil {
		return refuse("%v", err)
	}
	return nil
}

// CheckParameters refuses parameters of an INSTALL that give an application or load file
// more than memory and what it is told itself: access to the SIM's files, toolkit, TARs,
// global services, implicit selection, and whatever is not known.
// Spec: SPEC-MNO-TSM-064.
func CheckParameters(b []byte) error {
	p, err := gp.DecodeInstallParameters(b)
	if err != nil {
		return err
	}
	bare := gp.InstallParameters{ApplicationSpecific: p.ApplicationSpecific}
	if x := p.System; x != nil {
		bare.System = &gp.SystemParameters{NonVolatileCode: x.NonVolatileCode, Volatile: x.Volatile, NonVolatile: x.NonVolatile,
			VolatileReserved: x.VolatileReserved, NonVolatileReserved: x.NonVolatileReserved}
	}
	least, err := bare.Append(nil)
	if err != nil {
		return err
	}
	if all, err := p.Append(nil); err != nil || !bytes.Equal(all, least) {
		return errors.New("parameters that reach beyond the application")
	}
	return nil
}

// LoadHash is the hash in an INSTALL [for load] without token.
func LoadHash(c *apdu.Command) (hash [32]byte, ok bool) {
	whole := complete(c)
	i, err := gp.DecodeInstall(&whole)
	if err != nil || c.INS != gp.InsInstall || i.Purpose != gp.ForLoad || len(i.Hash) != len(hash) {
		return hash, false
	}
	return [32]byte(i.Hash), true
}

// Receipt is the context of the receipt that a card gives to a command with a
// token. LOAD's command is its INSTALL [for load].
func Receipt(c *apdu.Command, domain []byte) (gp.ReceiptContext, error) {
	to, err := gp.NewAID(domain)
	if err != nil {
		return gp.ReceiptContext{}, err
	}
	if c.INS == gp.InsDelete {
		d, err := gp.DecodeDelete(c)
		return gp.DeleteReceipt(d.AID), err
	}
	if c.INS != gp.InsInstall {
		return gp.ReceiptContext{}, iso7816.INSNotSupported
	}
	whole := complete(c)
	i, err := gp.DecodeInstall(&whole)
	if err != nil {
		return gp.ReceiptContext{}, err
	}
	switch i.Purpose {
	case gp.ForLoad:
		if !i.SecurityDomain.IsZero() {
			to = i.SecurityDomain
		}
		return gp.LoadReceipt(i.LoadFile, to), nil
	case gp.ForInstall, gp.ForInstallAndMakeSelectable, gp.ForMakeSelectable:
		return gp.InstallReceipt(i.LoadFile, i.Application), nil
	}
	return gp.ReceiptContext{}, iso7816.IncorrectP1P2
}
