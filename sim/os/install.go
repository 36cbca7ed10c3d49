package os

import (
	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp/scp80"
)

// combined is what the begin of a combined load, install and make selectable
// announced.
type combined struct{ loadFile gp.AID }

// install is INSTALL in all its forms. It ends a load and a personalisation under
// way, whatever becomes of it. Spec: SPEC-UICC-OS-032.
func (s *session) install(dst []byte, cmd *apdu.Command) ([]byte, error) {
	under := s.combined
	s.quit()
	i, err := gp.DecodeInstall(cmd)
	if err != nil {
		return dst, err
	}
	if i.Purpose == gp.ForPersonalization {
		return gp.AppendNoConfirmation(dst), s.forPersonalization(&i)
	}
	delegated, err := s.manages(cmd, i.Token)
	if err != nil {
		return dst, err
	}
	parameters, err := gp.DecodeInstallParameters(i.Parameters)
	if err != nil {
		return dst, err
	}
	token, err := s.tokenFor(i.Token, parameters.Token)
	if err != nil {
		return dst, err
	}
	var receipt gp.ReceiptContext
	switch i.Purpose {
	case gp.ForLoad:
		return gp.AppendNoConfirmation(dst), s.forLoad(&i, &parameters, delegated, token)
	case gp.ForInstall, gp.ForInstallAndMakeSelectable:
		receipt, err = s.makeInstance(&i, &parameters)
	case gp.ForMakeSelectable:
		receipt, err = s.makeSelectable(&i, &parameters)
	case gp.ForExtradition:
		receipt, err = s.extradite(&i)
	case gp.ForRegistryUpdate:
		receipt, err = s.update(&i, &parameters)
	case gp.ForLoadInstallSelectable:
		if i.Stage == gp.CombinedBegin {
			s.combined = &combined{i.LoadFile}
			return gp.AppendNoConfirmation(dst), s.forLoad(&i, &parameters, delegated, token)
		}
		if i.Stage != gp.CombinedEnd || under == nil || under.loadFile != i.LoadFile {
			return dst, iso7816.ConditionsNotSatisfied
		}
		receipt, err = s.makeInstance(&i, &parameters)
	default:
		err = iso7816.IncorrectP1P2
	}
	if err != nil {
		return dst, err
	}
	return s.confirm(dst, receipt, delegated, token)
}

// makeInstance is INSTALL [for install], with or without [make selectable]: of an
// applet or of a security domain.
func (s *session) makeInstance(i *gp.Install, p *gp.InstallParameters) (gp.ReceiptContext, error) {
	c := s.d.card
	e := entry{aid: i.Application, kind: gp.KindApplication, state: gp.Installed, privileges: i.Privileges, domain: s.d.id,
		loadFile: i.LoadFile, module: i.Module, contactless: c.initialContactless(p)}
	if e.aid.IsZero() {
		e.aid = i.Module
	}
	if i.Purpose != gp.ForInstall {
		e.state = gp.Selectable
	}
	if err := i.Privileges.Check(); err != nil {
		return gp.ReceiptContext{}, iso7816.WrongData
	}
	if c.inUse(e.aid) {
		return gp.ReceiptContext{}, iso7816.ConditionsNotSatisfied
	}
	if err := s.describe(&e, p); err != nil {
		return gp.ReceiptContext{}, err
	}
	if err := s.mayGrant(&e); err != nil {
		return gp.ReceiptContext{}, err
	}
	receipt := gp.InstallReceipt(i.LoadFile, e.aid)
	if i.LoadFile == gp.AIDSecurityDomainPackage {
		return receipt, c.makeDomain(&e, i, p)
	}
	if e.privileges.Has(gp.SecurityDomain) {
		return receipt, iso7816.WrongData
	}
	if file, ok := c.entry(i.LoadFile); !ok || !c.available(&file, s.d.id) {
		return receipt, iso7816.ReferencedDataNotFound
	}
	return receipt, c.makeApplet(&e, p.ApplicationSpecific)
}

// available tells whether a domain may make instances of a load file: one of its
// own, of a domain below it, or of a domain above it.
func (c *Card) available(file *entry, id domainID) bool {
	if c.within(file, id) {
		return true
	}
	d, ok := c.domainEntry(id)
	return ok && (c.within(&d, file.domain) || file.domain == issuerID)
}

// mayGrant keeps privileges that the card has once or that reach beyond a domain
// from those that do not manage the card. Spec: SPEC-UICC-OS-036.
func (s *session) mayGrant(e *entry) error {
	const reaching = gp.CardLock | gp.CardTerminate | gp.AuthorizedManagement | gp.TokenVerification | gp.GlobalDelete |
		gp.GlobalLock | gp.GlobalRegistry | gp.FinalApplication | gp.ReceiptGeneration | gp.MandatedDAPVerification | gp.CardReset |
		gp.ContactlessActivation
	own := s.d.entry().privileges
	byToken := !own.Has(gp.AuthorizedManagement) // the token covers the privileges
	if s.d.id == issuerID || byToken || e.privileges&reaching&^own == 0 {
		return s.d.card.defaultSelected(e)
	}
	return errRights
}

// defaultSelected refuses a second application that a reset selects.
func (c *Card) defaultSelected(e *entry) error {
	if !e.privileges.Has(gp.CardReset) {
		return nil
	}
	for _, other := range c.list(func(o *entry) bool { return o.privileges.Has(gp.CardReset) }) {
		if other.aid != e.aid {
			return iso7816.ConditionsNotSatisfied
		}
	}
	return nil
}

// describe takes what the parameters say about an entry.
func (s *session) describe(e *entry, p *gp.InstallParameters) error {
	if p.System != nil {
		e.implicit = p.System.ImplicitSelection
		var err error
		if e.limits, err = limitsOf(p.System); err != nil {
			return err
		}
	}
	toolkit, err := toolkitOf(p)
	if err != nil {
		return err
	}
	for _, t := range toolkit.TARs {
		if s.d.card.tarInUse(t) {
			return iso7816.WrongData
		}
		e.tars = append(e.tars, t)
	}
	if n := len(toolkit.SecurityLevel); n >= 2 && int(toolkit.SecurityLevel[0]) == 1 {
		e.minimum = scp80.SPI(toolkit.SecurityLevel[1]) << 8
	}
	if len(e.tars) > 20 || len(e.implicit) > 20 {
		return iso7816.WrongData
	}
	return nil
}

// toolkitOf is the toolkit parameters of either form.
func toolkitOf(p *gp.InstallParameters) (gp.ToolkitParameters, error) {
	switch {
	case p.UICC != nil && len(p.UICC.Toolkit) > 0:
		return gp.DecodeUICCToolkit(p.UICC.Toolkit)
	case p.System != nil && len(p.System.SIMToolkit) > 0:
		sim, err := gp.DecodeSIMParameters(p.System.SIMToolkit)
		return sim.ToolkitParameters, err
	}
	return gp.ToolkitParameters{}, nil
}

// makeSelectable is INSTALL [for make selectable].
func (s *session) makeSelectable(i *gp.Install, p *gp.InstallParameters) (gp.ReceiptContext, error) {
	e, err := s.owns(i.Application, 0)
	if err != nil {
		return gp.ReceiptContext{}, err
	}
	again := i.HasPrivileges && e.state >= gp.Selectable && !e.state.Locked() // how hosts choose the default application
	if e.kind == gp.KindLoadFile || e.isDomain() && e.own <= authorityID || e.state != gp.Installed && !again {
		return gp.ReceiptContext{}, iso7816.ConditionsNotSatisfied
	}
	if i.HasPrivileges {
		if i.Privileges.Check() != nil || i.Privileges.Has(gp.SecurityDomain) != e.isDomain() {
			return gp.ReceiptContext{}, iso7816.WrongData
		}
		e.privileges = i.Privileges
		if err := s.mayGrant(&e); err != nil {
			return gp.ReceiptContext{}, err
		}
	}
	if p.System != nil && len(p.System.ImplicitSelection) > 0 {
		e.implicit = p.System.ImplicitSelection
	}
	if !again {
		e.state = gp.Selectable
	}
	return gp.InstallReceipt(e.loadFile, e.aid), s.d.card.put(&e)
}
