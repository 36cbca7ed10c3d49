package os

import (
	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/tlv"
)

// scopeContactless is the P1 of SET STATUS that changes an application's state on
// the contactless interface (Amendment C).
const scopeContactless = 0x01

// setStatus is SET STATUS. Spec: SPEC-UICC-OS-072, SPEC-UICC-OS-073,
// SPEC-UICC-OS-074, SPEC-UICC-OS-076.
func (s *session) setStatus(cmd *apdu.Command) error {
	c := s.d.card
	if cmd.P1 == scopeContactless && c.cfg.Contactless {
		if c.state() == gp.CardLocked {
			return iso7816.ConditionsNotSatisfied
		}
		return s.setContactless(cmd)
	}
	k, err := gp.DecodeSetStatus(cmd)
	if err != nil {
		return err
	}
	if c.state() == gp.CardLocked && k.Scope != gp.ScopeIssuerSecurityDomain {
		return iso7816.ConditionsNotSatisfied
	}
	if k.Scope == gp.ScopeIssuerSecurityDomain {
		return s.setCard(&k)
	}
	e, err := s.owns(k.AID, gp.GlobalLock)
	if err != nil {
		return err
	}
	if e.kind == gp.KindLoadFile || e.isDomain() && e.own <= authorityID {
		return iso7816.ConditionsNotSatisfied
	}
	if k.Scope == gp.ScopeApplication {
		return s.setApplication(&e, k.State)
	}
	if !e.isDomain() {
		return iso7816.ReferencedDataNotFound
	}
	all := append(c.list(func(o *entry) bool { return o.kind != gp.KindLoadFile && o.own != e.own && c.within(o, e.own) }), e)
	return c.transaction(func() error {
		for i := range all {
			lock := k.State.Locked()
			if all[i].state.Locked() == lock {
				continue
			}
			if err := s.setApplication(&all[i], k.State); err != nil {
				return err
			}
		}
		return nil
	})
}

// setCard changes the card's life cycle.
func (s *session) setCard(k *gp.SetStatus) error {
	c := s.d.card
	now := c.state()
	need := gp.Privileges(0)
	switch {
	case k.State == gp.CardTerminated:
		need = gp.CardTerminate
	case k.State == gp.CardLocked || now == gp.CardLocked:
		need = gp.CardLock
	case s.d.id != issuerID:
		return errRights
	}
	if !s.d.has(need) || !gp.KindIssuerSecurityDomain.CanBecome(now, k.State) {
		return iso7816.ConditionsNotSatisfied
	}
	return c.setState(k.State)
}

// setApplication locks, unlocks, or takes the step to a state. A domain cannot
// lock itself out: another one unlocks it.
func (s *session) setApplication(e *entry, state gp.LifeCycle) error {
	own := e.isDomain() && e.own == s.d.id
	switch {
	case state.Locked():
		if e.state.Locked() {
			return iso7816.ConditionsNotSatisfied
		}
		e.state = e.state.Lock()
		s.d.card.locking = true
	case e.state.Locked():
		if own {
			return iso7816.ConditionsNotSatisfied
		}
		e.state = e.state.Unlock()
	case e.isDomain() && state == gp.Personalized && e.state == gp.Selectable:
		e.state = state
	default:
		return iso7816.ConditionsNotSatisfied
	}
	return s.d.card.put(e)
}

// setContactless activates or deactivates an application on the contactless
// interface: P2 01 or 00, data 4F AID. Spec: SPEC-UICC-OS-076.
func (s *session) setContactless(cmd *apdu.Command) error {
	if cmd.P2 > activated {
		return iso7816.IncorrectP1P2
	}
	b, ok, err := tlv.Find(cmd.Data, 0x4F)
	if err != nil || !ok {
		return iso7816.WrongData
	}
	aid, err := gp.NewAID(b)
	if err != nil {
		return iso7816.WrongData
	}
	e, err := s.owns(aid, gp.ContactlessActivation)
	if err != nil {
		return err
	}
	if e.kind == gp.KindLoadFile {
		return iso7816.ConditionsNotSatisfied
	}
	e.contactless = cmd.P2
	return s.d.card.put(&e)
}
