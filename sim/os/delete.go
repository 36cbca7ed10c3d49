package os

import (
	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/sim/runtime"
)

// delete is DELETE of card content or of keys. Spec: SPEC-UICC-OS-046 to
// SPEC-UICC-OS-049.
func (s *session) delete(dst []byte, cmd *apdu.Command) ([]byte, error) {
	k, err := gp.DecodeDelete(cmd)
	if err != nil {
		return dst, err
	}
	if k.AID.IsZero() {
		return gp.AppendNoConfirmation(dst), s.deleteKeys(&k)
	}
	delegated := false
	if len(k.Token) > 0 || !s.d.has(gp.GlobalDelete) {
		if delegated, err = s.manages(cmd, k.Token); err != nil {
			return dst, err
		}
	}
	token, err := s.tokenOf(&k)
	if err != nil {
		return dst, err
	}
	e, err := s.owns(k.AID, gp.GlobalDelete)
	if err != nil {
		return dst, err
	}
	s.quit()
	switch e.kind {
	case gp.KindApplication:
		err = s.d.card.deleteApplet(&e)
	case gp.KindLoadFile:
		err = s.deleteLoadFile(&e, k.Related)
	case gp.KindSecurityDomain:
		err = s.deleteDomain(&e)
	default:
		err = iso7816.ConditionsNotSatisfied
	}
	if err != nil {
		return dst, err
	}
	return s.confirm(dst, gp.DeleteReceipt(k.AID), delegated, token)
}

// unregister removes the entry of an applet: within the transaction of its
// deletion.
func (c *Card) unregister(a *runtime.Applet) error {
	if e, ok := c.entry(aidOf(a.AID)); ok {
		c.forget(&e)
	}
	c.authority.Forget(a.AID)
	return nil
}

func (c *Card) deleteApplet(e *entry) error {
	a := c.Applet(e.aid.Append(nil))
	if a == nil {
		return iso7816.ReferencedDataNotFound
	}
	return c.Card.DeleteApplets([]*runtime.Applet{a}, c.unregister)
}

// deleteLoadFile removes a load file, with related also the applications of it.
func (s *session) deleteLoadFile(e *entry, related bool) error {
	c := s.d.card
	p := c.Machine().PackageByAID(e.aid.Append(nil))
	if p == nil {
		return iso7816.ReferencedDataNotFound
	}
	var applets []*runtime.Applet
	for _, a := range c.Applets() {
		if !related || a.Context != p.Context() {
			continue
		}
		if _, err := s.owns(aidOf(a.AID), gp.GlobalDelete); err != nil {
			return iso7816.ConditionsNotSatisfied
		}
		applets = append(applets, a)
	}
	if err := c.Card.DeletePackage(p, applets, c.unregister); err != nil {
		return err
	}
	c.forget(e)
	return nil
}

// deleteDomain removes a security domain that nothing is associated with, and
// erases its keys. Spec: SPEC-UICC-OS-048.
func (s *session) deleteDomain(e *entry) error {
	c := s.d.card
	if e.own == authorityID || e.own == s.d.id || c.SelectedOn(e.aid.Append(nil)) > 0 {
		return iso7816.ConditionsNotSatisfied
	}
	if p := e.domainParameters(); !accepts(p.AcceptDeletion) && s.d.id != issuerID {
		return iso7816.ConditionsNotSatisfied
	}
	if len(c.list(func(o *entry) bool { return o.domain == e.own })) > 0 {
		return iso7816.ConditionsNotSatisfied
	}
	err := c.eraseKeys(func() error {
		c.forgetDomain(e.own)
		c.forget(e)
		return nil
	})
	if err == nil {
		c.unbound(e)
		delete(c.domains, e.own)
	}
	return err
}

// deleteKeys removes keys of the domain by identifier, version or both.
// Spec: SPEC-UICC-OS-049.
func (s *session) deleteKeys(k *gp.Delete) error {
	c := s.d.card
	if s.d.id == authorityID {
		return iso7816.ConditionsNotSatisfied
	}
	var gone []storedKey
	for _, stored := range c.keyList(s.d.id) {
		if (!k.HasKeyID || stored.id == k.KeyID) && (!k.HasKeyVersion || stored.version == k.KeyVersion) {
			gone = append(gone, stored)
		}
	}
	if len(gone) == 0 {
		return iso7816.ReferencedDataNotFound
	}
	err := c.eraseKeys(func() error {
		for _, g := range gone {
			c.Machine().DeleteRecord(recordKey, keyID(s.d.id, g.version, g.id))
		}
		for _, g := range gone {
			c.deleteVersion(s.d.id, g.version)
		}
		return s.d.manageable()
	})
	if err != nil {
		return err
	}
	c.endChannels(s.d.id, 0, s)
	return nil
}
