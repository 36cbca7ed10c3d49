package os

import (
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/tlv"
	"inkan/sim/runtime"
	"inkan/sim/vm"
)

// makeApplet installs an applet, within its memory or not at all: the runtime keeps
// its limits. Spec: SPEC-UICC-OS-033, SPEC-UICC-OS-055, SPEC-UICC-OS-056,
// SPEC-UICC-OS-130.
func (c *Card) makeApplet(e *entry, data []byte) error {
	if len(data) > 255 {
		return iso7816.WrongLength
	}
	limits := e.limits
	if !c.affords(limits) {
		return iso7816.NotEnoughMemory
	}
	e.limits = vm.Limits{}
	instance := e.aid.Append(nil)
	parameters := append([]byte{byte(len(instance))}, instance...)
	parameters = e.privileges.AppendLV(parameters)
	parameters = append(append(parameters, byte(len(data))), data...)
	_, err := c.Card.InstallWithin(limits, e.loadFile.Append(nil), e.module.Append(nil), instance, parameters,
		func(*runtime.Applet) error { return c.put(e) })
	return err
}

// makeDomain installs a supplementary security domain. Spec: SPEC-UICC-OS-034,
// SPEC-UICC-OS-035.
func (c *Card) makeDomain(e *entry, i *gp.Install, p *gp.InstallParameters) error {
	if i.Module != gp.AIDSecurityDomainModule {
		return iso7816.ReferencedDataNotFound
	}
	if !e.privileges.Has(gp.SecurityDomain) {
		return iso7816.WrongData
	}
	e.kind, e.own = gp.KindSecurityDomain, c.nextID()
	e.parameters = p.ApplicationSpecific
	parameters, err := gp.DecodeSecurityDomainParameters(e.parameters)
	if err != nil {
		return err
	}
	if len(e.parameters) > 255 {
		return iso7816.WrongData
	}
	for _, o := range parameters.SecureChannels {
		if o.Protocol != gp.SCP80 && !c.offers(o) {
			return iso7816.WrongData
		}
	}
	if parameters.Personalized && e.state == gp.Selectable {
		e.state = gp.Personalized
	}
	if e.tars == nil && e.aid.Len() >= 15 {
		if b := e.aid.Append(nil); !c.tarInUse([3]byte(b[12:15])) {
			e.tars = append(e.tars, [3]byte(b[12:15]))
		}
	}
	return c.putWithin(e)
}

func (c *Card) offers(o gp.SCPOption) bool {
	for _, p := range c.cfg.Protocols {
		if names(o, p) {
			return true
		}
	}
	return false
}

// States of an application on the contactless interface (Amendment C).
const (
	deactivated byte = 0x00
	activated   byte = 0x01
)

// Tags of the contactless parameters within EF (Amendment C).
const (
	tagContactless        tlv.Tag = 0xA0
	tagContactlessInitial tlv.Tag = 0x81
)

// initialContactless is the activation state that INSTALL asks for: deactivated
// unless EF{A0{81 01}} says otherwise. Spec: SPEC-UICC-OS-075.
func (c *Card) initialContactless(p *gp.InstallParameters) byte {
	if p.System == nil {
		return deactivated
	}
	for _, o := range p.System.Unknown {
		if o.Tag != tagContactless {
			continue
		}
		if v, ok, err := tlv.Find(o.Value, tagContactlessInitial); err == nil && ok && len(v) == 1 && v[0] == activated {
			return activated
		}
	}
	return deactivated
}
