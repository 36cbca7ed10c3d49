package os

import (
	"inkan/core/cap"
	"inkan/core/gp"
)

// Load stores and links a package given as a CAP file in any of its forms, as the
// issuer's domain would, without a command: for making cards.
func (c *Card) Load(file []byte) error {
	f, err := cap.Open(file)
	if err != nil {
		return err
	}
	aid, err := gp.NewAID(f.Header.Package.AID)
	if err != nil {
		return err
	}
	return c.guarded(func() error {
		s := c.domain(issuerID).session(0)
		if err := s.forLoad(&gp.Install{Purpose: gp.ForLoad, LoadFile: aid}, &gp.InstallParameters{}, false, nil); err != nil {
			return err
		}
		l := s.loading
		s.loading = nil
		l.content = f.LoadFile(nil, true)
		return l.finish()
	})
}

// Install creates an instance of a module of a loaded package, or a security
// domain, and makes it selectable, as the issuer's domain would, without a
// command. parameters is the parameters field of INSTALL.
func (c *Card) Install(loadFile, module, instance gp.AID, p gp.Privileges, parameters []byte) error {
	return c.guarded(func() error {
		decoded, err := gp.DecodeInstallParameters(parameters)
		if err != nil {
			return err
		}
		_, err = c.domain(issuerID).session(0).makeInstance(&gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: loadFile, Module: module,
			Application: instance, Privileges: p, Parameters: parameters}, &decoded)
		return err
	})
}
