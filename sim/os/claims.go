package os

import (
	"bytes"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/sim/runtime"
	"inkan/sim/usim"
)

// Claims gives the commands of the toolkit session to the UICC. On a locked or
// terminated card it gives to nobody what is not for the issuer's domain, and on any
// card what is for an applet that was locked while it was selected, or comes by a
// contactless interface for what may not be selected there.
// Spec: SPEC-UICC-OS-015, SPEC-UICC-OS-071, SPEC-UICC-OS-119, SPEC-UICC-OS-121,
// SPEC-UICC-OS-136, SPEC-UICC-OS-137.
func (p *platform) Claims(cmd *apdu.Command, channel int) runtime.Resident {
	c := p.os()
	if state := c.state(); state == gp.CardLocked || state == gp.CardTerminated {
		if c.SelectedResident(channel) == runtime.Resident(c.domain(issuerID)) || p.finds(cmd) {
			return nil
		}
		return closed{}
	}
	if (c.lockedSelected(channel) || c.outOfReach(channel)) && !p.finds(cmd) {
		return closed{}
	}
	if p.uicc != nil && usim.IsToolkit(cmd) && !c.Contactless() {
		return p.uicc.Default()
	}
	return nil
}

// lockedSelected tells whether the applet that is selected on a channel is locked.
// Only one that was locked since the card was reset can be.
func (c *Card) lockedSelected(channel int) bool {
	if !c.locking {
		return false
	}
	a := c.SelectedApplet(channel)
	if a == nil {
		return false
	}
	e, ok := c.entry(aidOf(a.AID))
	return ok && e.state.Locked()
}

// outOfReach tells whether a command came by a contactless interface, and the
// contacts have selected what may not be selected there: the UICC, or an application
// that is not activated.
func (c *Card) outOfReach(channel int) bool {
	if !c.Contactless() {
		return false
	}
	if r := c.SelectedResident(channel); r != nil {
		d, ok := r.(*domain)
		return !ok || c.cfg.Contactless && d.entry().contactless != activated
	}
	a := c.SelectedApplet(channel)
	if a == nil || !c.cfg.Contactless {
		return false
	}
	e, ok := c.entry(aidOf(a.AID))
	return !ok || e.contactless != activated
}

// selectsName tells whether a command is a SELECT by name that the runtime takes
// when an application is found: if there is none, it is the selected one's to answer.
func selectsName(cmd *apdu.Command) bool {
	class := cmd.Class()
	return !class.Proprietary() && class.SecureMessaging() == apdu.NoSecureMessaging && cmd.INS == iso7816.INSSelect &&
		cmd.P1 == 0x04 && cmd.P2&0xF3 == 0 && len(cmd.Data) <= 16
}

// finds tells whether a command selects another application by its name.
func (p *platform) finds(cmd *apdu.Command) bool {
	if next := *cmd; cmd.P2&0xF3 == 0x02 {
		next.P2 = 0
		return selectsName(&next) && p.findsNext(cmd.Data)
	}
	if !selectsName(cmd) {
		return false
	}
	for _, a := range p.Applets() {
		partial := len(cmd.Data) >= gp.MinAIDLen && !p.cfg.Options.NoPartialSelect && bytes.HasPrefix(a.AID, cmd.Data)
		if (partial || bytes.Equal(a.AID, cmd.Data)) && p.MaySelect(a) {
			return true
		}
	}
	return p.Resident(cmd.Data) != nil
}

// findsNext tells whether an applet behind the selected one has a name.
func (p *platform) findsNext(name []byte) bool {
	selected := p.SelectedApplet(p.Channel())
	behind := selected == nil
	for _, a := range p.Applets() {
		if behind && !p.cfg.Options.NoPartialSelect && bytes.HasPrefix(a.AID, name) && p.MaySelect(a) {
			return true
		}
		behind = behind || a == selected
	}
	return false
}

// closed is who answers in place of an application that is locked, or of any on a
// card that is locked or terminated.
type closed struct{}

// Name implements runtime.Resident.
func (closed) Name() []byte { return nil }

// Select implements runtime.Resident.
func (closed) Select(dst []byte, _ int) ([]byte, iso7816.SW) {
	return dst, iso7816.ConditionsNotSatisfied
}

// Deselect implements runtime.Resident.
func (closed) Deselect(int) {}

// Process implements runtime.Resident.
func (closed) Process(dst []byte, cmd *apdu.Command, _ []byte, _ int) ([]byte, iso7816.SW) {
	if selectsName(cmd) {
		return dst, iso7816.FileNotFound
	}
	return dst, iso7816.ConditionsNotSatisfied
}
