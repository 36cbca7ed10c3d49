package os

import (
	"bytes"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp"
	"inkan/sim/runtime"
)

// platform is the Card as the runtime sees it.
type platform Card

var (
	_ runtime.Platform = (*platform)(nil)
	_ runtime.Overlay  = (*platform)(nil)
)

func (p *platform) os() *Card { return (*Card)(p) }

// Attach implements runtime.Platform.
func (p *platform) Attach(card *runtime.Card) { p.Card = card }

// Booted implements runtime.Platform.
func (p *platform) Booted() {
	if e := p.Machine().Try(func() { p.bootError = p.os().boot() }); e != nil {
		p.bootError = iso7816.NoPreciseDiagnosis
	}
}

// Resident finds a security domain by its AID, then one by the beginning of it,
// the issuer's first; then an application of the UICC, but for a contactless
// interface. Spec: SPEC-UICC-OS-010, SPEC-UICC-OS-011, SPEC-UICC-OS-136.
func (p *platform) Resident(name []byte) runtime.Resident {
	c := p.os()
	domains := c.list(func(e *entry) bool { return e.isDomain() })
	state := c.state()
	issuer := c.domain(issuerID)
	if len(name) == 0 {
		return issuer
	}
	var partial *entry
	for i := range domains {
		e := &domains[i]
		if e.own == issuerID && (matches(e, name) || c.alias(name)) {
			return issuer
		}
	}
	for i := range domains {
		e := &domains[i]
		if e.own == issuerID || state == gp.CardLocked || state == gp.CardTerminated || !c.mayBeSelected(e) {
			continue
		}
		if bytes.Equal(e.aid.Append(nil), name) {
			return c.domain(e.own)
		}
		if partial == nil && c.partial(e.aid, name) {
			partial = e
		}
	}
	for i := range domains {
		if e := &domains[i]; e.own == issuerID && c.partial(e.aid, name) {
			return issuer
		}
	}
	for _, a := range c.cfg.Issuer.Aliases {
		if c.partial(a, name) {
			return issuer
		}
	}
	if partial != nil {
		return c.domain(partial.own)
	}
	if c.uicc != nil && state != gp.CardLocked && state != gp.CardTerminated && !c.Contactless() {
		return c.uicc.Resident(name)
	}
	return nil
}

func matches(e *entry, name []byte) bool { return bytes.Equal(e.aid.Append(nil), name) }

func (c *Card) partial(aid gp.AID, name []byte) bool {
	return len(name) >= gp.MinAIDLen && !c.cfg.Options.NoPartialSelect && aid.HasPrefix(name)
}

func (c *Card) alias(name []byte) bool {
	for _, a := range c.cfg.Issuer.Aliases {
		if bytes.Equal(a.Append(nil), name) {
			return true
		}
	}
	return false
}

// Default is the applet with the privilege, else the UICC's file system, else the
// issuer security domain. Spec: SPEC-UICC-OS-014.
func (p *platform) Default() ([]byte, runtime.Resident) {
	c := p.os()
	var resident runtime.Resident = c.domain(issuerID)
	if state := c.state(); state == gp.CardLocked || state == gp.CardTerminated {
		return nil, resident
	}
	if c.uicc != nil && !c.Contactless() {
		resident = c.uicc.Default()
	}
	var applet []byte
	c.entries(func(e *entry) {
		if e.kind == gp.KindApplication && e.privileges.Has(gp.CardReset) {
			applet = e.aid.Append(nil)
		}
	})
	return applet, resident
}

// mayBeSelected is what an entry's own state allows on the interface that the
// command came by. Spec: SPEC-UICC-OS-070, SPEC-UICC-OS-075.
func (c *Card) mayBeSelected(e *entry) bool {
	if c.cfg.Contactless && c.Contactless() && e.contactless != activated {
		return false
	}
	return e.state >= gp.Selectable && !e.state.Locked()
}

// MaySelect implements runtime.Platform.
func (p *platform) MaySelect(a *runtime.Applet) bool {
	c := p.os()
	e, ok := c.entry(aidOf(a.AID))
	state := c.state()
	return ok && c.mayBeSelected(&e) && state != gp.CardLocked && state != gp.CardTerminated
}

// aidOf converts an AID that the card has accepted.
func aidOf(b []byte) gp.AID {
	aid, _ := gp.NewAID(b)
	return aid
}

// domainOf is the domain that an applet is associated with.
func (c *Card) domainOf(a *runtime.Applet) *domain {
	e, ok := c.entry(aidOf(a.AID))
	if !ok {
		return nil
	}
	return c.domain(e.domain)
}

// Deselected ends the secure channel that the applet may have opened: that of the
// domain that it was associated with then, which need not be the present one.
// Spec: SPEC-UICC-OS-118.
func (p *platform) Deselected(_ *runtime.Applet, channel int) {
	for _, d := range p.domains {
		d.end(channel)
	}
}

// SecureChannel implements runtime.Platform.
func (p *platform) SecureChannel(a *runtime.Applet) runtime.SecureChannel {
	d := p.os().domainOf(a)
	if d == nil {
		return nil
	}
	if d.remote != nil && d.remote.remote != nil {
		return packetChannel{d.remote.remote}
	}
	return &d.session(p.Channel()).secure
}

// Privileges implements runtime.Platform.
func (p *platform) Privileges(a *runtime.Applet) [3]byte {
	e, _ := p.os().entry(aidOf(a.AID))
	return e.privileges.Bytes()
}

// LifeCycle implements runtime.Platform.
func (p *platform) LifeCycle(a *runtime.Applet) byte {
	e, _ := p.os().entry(aidOf(a.AID))
	return byte(e.state)
}

// SetLifeCycle lets an applet set its own application-specific states and lock
// itself; an applet with Global Lock may lock others. Spec: SPEC-RUNTIME-087.
func (p *platform) SetLifeCycle(by, a *runtime.Applet, state byte) bool {
	c := p.os()
	e, ok := c.entry(aidOf(a.AID))
	if !ok || e.state.Locked() {
		return false
	}
	if state == 0x80 || state == byte(e.state)|0x80 {
		rights, _ := c.entry(aidOf(by.AID))
		if by != a && !rights.privileges.Has(gp.GlobalLock) {
			return false
		}
		e.state = e.state.Lock()
		c.locking = true
		return c.put(&e) == nil
	}
	if by != a || state&0x87 != 0x07 {
		return false
	}
	e.state = gp.LifeCycle(state)
	return c.put(&e) == nil
}

// CardState implements runtime.Platform.
func (p *platform) CardState() byte { return byte(p.os().state()) }

// SetCardState implements runtime.Platform.
func (p *platform) SetCardState(by *runtime.Applet, state byte) bool {
	c := p.os()
	e, _ := c.entry(aidOf(by.AID))
	need := gp.CardLock
	if gp.LifeCycle(state) == gp.CardTerminated {
		need = gp.CardTerminate
	}
	return e.privileges.Has(need) && gp.KindIssuerSecurityDomain.CanBecome(c.state(), gp.LifeCycle(state)) &&
		c.setState(gp.LifeCycle(state)) == nil
}

// SetHistoricalBytes is refused: the ATR is the configuration's.
func (p *platform) SetHistoricalBytes(*runtime.Applet, []byte) bool { return false }

// Service implements runtime.Platform.
func (p *platform) Service(_ *runtime.Applet, provider []byte, name uint16) runtime.GlobalService {
	return p.authority.Find(provider, name)
}

// CVM is none: the card has no global PIN beside the UICC's.
func (p *platform) CVM(byte) runtime.CVM { return nil }

// Finish implements runtime.Overlay. A status word that an R-MAC covers stays.
// Spec: SPEC-UICC-OS-016.
func (p *platform) Finish(sw iso7816.SW) iso7816.SW {
	if p.uicc == nil {
		return sw
	}
	for _, d := range p.domains {
		if s := d.sessions[p.Channel()]; s != nil && s.secure.IsOpen() && s.secure.Level()&scp.RMAC != 0 {
			return sw
		}
	}
	return p.uicc.Status(sw)
}

// Opened implements runtime.Overlay.
func (p *platform) Opened(from, channel int) {
	if p.uicc != nil {
		p.uicc.OpenChannel(from, channel)
	}
}
