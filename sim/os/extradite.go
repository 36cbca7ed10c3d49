package os

import (
	"inkan/core/gp"
	"inkan/core/iso7816"
)

// accepts is what a domain's parameter of acceptance says: absent or anything but
// 00 is yes. Spec: SPEC-UICC-OS-038.
func accepts(parameter []byte) bool { return len(parameter) == 0 || parameter[0] != 0 }

// extradite is INSTALL [for extradition]: of an application, a domain or a load
// file to another security domain. Spec: SPEC-UICC-OS-037, SPEC-UICC-OS-038.
func (s *session) extradite(i *gp.Install) (gp.ReceiptContext, error) {
	receipt, err := s.move(i.Application, i.SecurityDomain)
	if err == nil {
		s.d.card.endChannels(issuerID, 0, s)
	}
	return receipt, err
}

func (s *session) move(what, to gp.AID) (gp.ReceiptContext, error) {
	c := s.d.card
	e, err := s.owns(what, 0)
	if err != nil {
		return gp.ReceiptContext{}, err
	}
	if c.alias(to.Append(nil)) {
		to = c.domain(issuerID).aid()
	}
	target, ok := c.entry(to)
	if !ok || !target.isDomain() {
		return gp.ReceiptContext{}, iso7816.ReferencedDataNotFound
	}
	from, _ := c.domainEntry(e.domain)
	receipt := gp.ExtraditionReceipt(from.aid, e.aid, target.aid)
	inside := e.isDomain() && (target.own == e.own || c.within(&target, e.own))
	if e.kind == gp.KindIssuerSecurityDomain || e.isDomain() && e.own == authorityID || inside || target.own == authorityID ||
		target.kind == gp.KindSecurityDomain && (target.state.Locked() || target.state < gp.Selectable) {
		return receipt, iso7816.ConditionsNotSatisfied
	}
	in, out := target.domainParameters(), from.domainParameters()
	if !accepts(in.AcceptExtradition) || from.own != issuerID && !accepts(out.AcceptExtraditionOut) {
		return receipt, iso7816.ConditionsNotSatisfied
	}
	e.domain = target.own
	return receipt, c.put(&e)
}

// update is INSTALL [for registry update]: privileges, the associated domain,
// implicit selection. Spec: SPEC-UICC-OS-039, SPEC-UICC-OS-140.
func (s *session) update(i *gp.Install, p *gp.InstallParameters) (gp.ReceiptContext, error) {
	c := s.d.card
	aid := i.Application
	if aid.IsZero() {
		aid = s.d.aid()
	}
	e, err := s.owns(aid, gp.GlobalRegistry)
	if err != nil {
		return gp.ReceiptContext{}, err
	}
	if e.kind == gp.KindLoadFile || e.isDomain() && (e.own == authorityID || e.own == issuerID && s.d.id != issuerID) {
		return gp.ReceiptContext{}, iso7816.ConditionsNotSatisfied
	}
	if i.HasPrivileges {
		if i.Privileges.Check() != nil || i.Privileges.Has(gp.SecurityDomain) != e.isDomain() {
			return gp.ReceiptContext{}, iso7816.WrongData
		}
		before := e.privileges
		e.privileges = i.Privileges
		if e.privileges&^before != 0 {
			if err := s.mayGrant(&e); err != nil {
				return gp.ReceiptContext{}, err
			}
		}
	}
	if p.System != nil && len(p.System.ImplicitSelection) > 0 {
		e.implicit = p.System.ImplicitSelection
	}
	receipt := gp.RegistryUpdateReceipt(s.d.aid(), e.aid, e.privileges.Bytes())
	err = c.transaction(func() error {
		if err := c.put(&e); err != nil {
			return err
		}
		if i.SecurityDomain.IsZero() {
			return nil
		}
		_, err := s.move(e.aid, i.SecurityDomain)
		return err
	})
	if err == nil {
		c.endChannels(issuerID, 0, s)
	}
	return receipt, err
}
