package os

import (
	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/tlv"
	"inkan/sim/vm"
)

// getData is GET DATA, which needs no secure channel. Spec: SPEC-UICC-OS-065.
func (s *session) getData(dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	g, err := gp.DecodeGetData(cmd)
	if err != nil {
		return dst, gp.StatusOf(err)
	}
	n := len(dst)
	out, sw := s.object(dst, &g)
	if sw != iso7816.OK {
		return out[:n], sw
	}
	return out, sw
}

func (s *session) object(dst []byte, g *gp.GetData) ([]byte, iso7816.SW) {
	d, c := s.d, s.d.card
	switch g.Tag {
	case gp.TagCardData:
		r := d.recognition()
		return r.AppendCardData(dst), iso7816.OK
	case gp.TagCardCapability:
		p := d.capability()
		return p.Append(dst), iso7816.OK
	case gp.TagKeyInformation:
		return d.keyInformation(dst)
	case gp.TagSequenceCounter:
		return d.counterObject(dst)
	case gp.TagConfirmationCounter:
		return gp.AppendCounter(dst, g.Tag, uint32(c.confirmations(d.id)), 2), iso7816.OK
	case gp.TagSecurityLevel:
		return tlv.Append(dst, g.Tag, []byte{byte(s.secure.Level())}), iso7816.OK
	case gp.TagDiversificationData:
		kdd := c.kdd(d.id)
		return tlv.Append(dst, g.Tag, kdd[:]), iso7816.OK
	case gp.TagCPLC:
		if d.id != issuerID {
			return dst, iso7816.ReferencedDataNotFound
		}
		return c.appendCPLC(dst), iso7816.OK
	case gp.TagExtendedResources:
		r := c.resources()
		return r.Append(dst), iso7816.OK
	case gp.TagApplications:
		if !s.secure.IsOpen() && (s.remote == nil || !s.remote.authenticated) {
			return dst, iso7816.SecurityStatusNotSatisfied
		}
		return s.applications(dst)
	case gp.TagCertificate:
		if d.id == authorityID && c.cfg.Authority.Certificate != nil {
			return append(dst, c.cfg.Authority.Certificate...), iso7816.OK
		}
	}
	if v, ok := c.object(d.id, uint32(g.Tag)); ok && readable(g.Tag) {
		return tlv.Append(dst, g.Tag, v), iso7816.OK
	}
	return dst, iso7816.ReferencedDataNotFound
}

// counterObject is the sequence counter of the default key version: two bytes for
// SCP02, three for SCP03.
func (d *domain) counterObject(dst []byte) ([]byte, iso7816.SW) {
	owner, version, option, ok := d.keysFor(0)
	if !ok {
		return dst, iso7816.ReferencedDataNotFound
	}
	size := 3
	if option.Protocol == gp.SCP02 {
		size = 2
	}
	return gp.AppendCounter(dst, gp.TagSequenceCounter, sequence{d.card, owner, version}.Load(), size), iso7816.OK
}

// kdd is the key diversification data of a domain: its own, or the card's.
func (c *Card) kdd(id domainID) [10]byte {
	if v, ok := c.object(id, uint32(gp.TagDiversificationData)); ok && len(v) == keys.KDDSize {
		return [10]byte(v)
	}
	if v, ok := c.object(issuerID, uint32(gp.TagDiversificationData)); ok && len(v) == keys.KDDSize {
		return [10]byte(v)
	}
	return c.cfg.Issuer.KDD
}

// keyInformation is the key information template, without any value.
func (d *domain) keyInformation(dst []byte) ([]byte, iso7816.SW) {
	var list []gp.KeyInformation
	for _, k := range d.card.keyList(d.id) {
		info := gp.KeyInformation{KeyID: k.id, KeyVersion: k.version, Extended: k.extended, Usage: k.usage, Access: k.access}
		for _, v := range k.values {
			info.Extended = info.Extended || len(v.Value) > 255
			info.Components = append(info.Components, gp.KeyInformationComponent{Type: v.Type, SizeBytes: len(v.Value)})
		}
		list = append(list, info)
	}
	out, err := gp.AppendKeyInformation(dst, list)
	if err != nil {
		return dst, iso7816.NoPreciseDiagnosis
	}
	return out, iso7816.OK
}

// applications is the list of applications that the domain may see.
func (s *session) applications(dst []byte) ([]byte, iso7816.SW) {
	var aids []gp.AID
	for _, e := range s.listed(&gp.GetStatus{Subset: gp.SubsetApplications}) {
		aids = append(aids, e.AID)
	}
	if len(aids) == 0 {
		return dst, iso7816.ReferencedDataNotFound
	}
	return gp.AppendApplications(dst, aids), iso7816.OK
}

// resources are the card's: free memory, and how many applications there are.
func (c *Card) resources() gp.Resources {
	n := c.list(func(e *entry) bool { return e.kind == gp.KindApplication || e.kind == gp.KindSecurityDomain })
	return gp.Resources{Applications: uint32(len(n)), FreeNonVolatileBytes: uint32(c.free()), FreeVolatileBytes: uint32(c.Machine().UnreservedBytes(vm.ClearOnReset))}
}

// capability is the card capability information.
func (d *domain) capability() gp.Capability {
	p := gp.Capability{Hashes: []byte{1, 2, 3, 4}, LoadFileCiphers: 0x02 | 0x04 | 0x08, KeyParameters: []byte{0, 1, 2}}
	all := []byte{0xFF, 0xF0, 0xF0}
	p.SSDPrivileges, p.ApplicationPrivileges = all, []byte{0x1E, 0x03, 0x30}
	signatures := gp.Signatures{0xFF, 0x03}
	p.Tokens, p.DAPs, p.Receipts = signatures, signatures, gp.Signatures{0x3C}
	for _, o := range d.protocols() {
		channel := gp.SCPCapability{Protocol: o.Protocol, Options: []byte{o.I}}
		if o.Protocol == gp.SCP03 {
			channel.Keys = 0x07
		}
		p.Channels = append(p.Channels, channel)
	}
	if d.otaVersions() {
		p.Channels = append(p.Channels, gp.SCPCapability{Protocol: gp.SCP80, Options: []byte{0}})
	}
	return p
}

// otaVersions tells whether the domain has keys of SCP80.
func (d *domain) otaVersions() bool {
	for _, k := range d.card.keyList(d.id) {
		if keys.UseOf(k.version) == keys.UseSCP80 {
			return true
		}
	}
	return false
}
