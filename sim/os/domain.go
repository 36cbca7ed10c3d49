package os

import (
	"slices"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp/scp80"
	"inkan/sim/runtime"
)

// domain is what a security domain has in RAM.
type domain struct {
	card     *Card
	id       domainID
	sessions map[int]*session       // by logical channel
	remote   *session               // of scripts over the air
	packets  *scp80.Card            // nil: no secured packet yet
	inUse    map[byte]*scp80.KeySet // of the packet that is executed, by version
}

// domain finds a security domain, whose entry is in the registry.
func (c *Card) domain(id domainID) *domain {
	d := c.domains[id]
	if d == nil {
		d = &domain{card: c, id: id, sessions: map[int]*session{}}
		c.domains[id] = d
	}
	return d
}

// entry is the domain's entry of the registry; that of the issuer's has the
// card's state.
func (d *domain) entry() entry {
	e, _ := d.card.domainEntry(d.id)
	if d.id == issuerID {
		e.state = d.card.state()
	}
	return e
}

func (d *domain) aid() gp.AID { return d.entry().aid }

// has tells whether the domain has a privilege.
func (d *domain) has(p gp.Privileges) bool { return d.entry().privileges.Has(p) }

// protocols are those that the card and the domain's parameters allow.
// Spec: SPEC-UICC-OS-112.
func (d *domain) protocols() []gp.SCPOption {
	own := d.entry()
	wanted := own.domainParameters().SecureChannels
	var all []gp.SCPOption
	for _, p := range d.card.cfg.Protocols {
		if slices.Contains(d.card.cfg.Policy.Refused, p.Protocol) {
			continue
		}
		if len(wanted) == 0 || slices.ContainsFunc(wanted, func(w gp.SCPOption) bool { return names(w, p) }) {
			all = append(all, p)
		}
	}
	return all
}

// names tells whether a protocol in a domain's parameters is one of the card's. An
// i of 00 is any: hosts that learn no i from SCP02 write it.
func names(w, p gp.SCPOption) bool { return w == p || w.Protocol == p.Protocol && w.I == 0 }

// keysFor finds the keys of a secure channel: the domain's own, or as long as it
// has none those of the domain above. Spec: SPEC-UICC-OS-021.
func (d *domain) keysFor(version byte) (owner domainID, v byte, option gp.SCPOption, ok bool) {
	at := d
	for range 64 {
		if v, option, ok = d.card.channelVersion(d, at.id, version); ok {
			return at.id, v, option, true
		}
		if at.id == issuerID || at.id == authorityID && at == d || at.hasChannelKeys() {
			break
		}
		at = d.card.domain(at.entry().domain)
	}
	return 0, 0, gp.SCPOption{}, false
}

// hasChannelKeys tells whether the domain has any keys of secure channels.
func (d *domain) hasChannelKeys() bool {
	for _, k := range d.card.keyList(d.id) {
		if d.card.serves(k.version) {
			return true
		}
	}
	return false
}

// session finds the domain's session on a logical channel.
func (d *domain) session(channel int) *session {
	s := d.sessions[channel]
	if s == nil {
		s = &session{d: d, channel: channel, secure: secure{d: d}}
		d.sessions[channel] = s
	}
	return s
}

// end ends the session on a logical channel, and what hangs on it.
func (d *domain) end(channel int) {
	if s := d.sessions[channel]; s != nil {
		s.end()
		delete(d.sessions, channel)
	}
}

// Name implements runtime.Resident.
func (d *domain) Name() []byte { return d.aid().Append(nil) }

var (
	_ runtime.Resident        = (*domain)(nil)
	_ runtime.CommandSelector = (*domain)(nil)
)

// Select answers the file control information. Spec: SPEC-UICC-OS-012,
// SPEC-UICC-OS-013, SPEC-UICC-OS-111.
func (d *domain) Select(dst []byte, channel int) ([]byte, iso7816.SW) {
	d.end(channel)
	e := d.entry()
	recognition := d.recognition()
	recognition.Version = nil
	f := gp.FCI{AID: e.aid, Recognition: recognition.Append(nil), MaxCommandData: d.card.cfg.MaxData}
	if d.id == issuerID && e.state == gp.CardLocked {
		return f.Append(dst), iso7816.FileDeactivated
	}
	return f.Append(dst), iso7816.OK
}

// Deselect implements runtime.Resident.
func (d *domain) Deselect(channel int) { d.end(channel) }

// recognition is the card recognition data, with the domain's protocols.
// Spec: SPEC-UICC-OS-012.
func (d *domain) recognition() gp.Recognition {
	r := gp.Recognition{Universal: true, Version: []byte{2, 3, 1}, Identification: true}
	for _, p := range d.protocols() {
		r.Channels = append(r.Channels, gp.SecureChannel{Protocol: p.Protocol, Options: []byte{p.I}})
	}
	if d.otaVersions() {
		r.Channels = append(r.Channels, gp.SecureChannel{Protocol: gp.SCP80, Options: []byte{0}})
	}
	return r
}

// SelectCommand is Select with the P2 of the command, which may ask for nothing.
func (d *domain) SelectCommand(dst []byte, cmd *apdu.Command, channel int) ([]byte, iso7816.SW) {
	n := len(dst)
	out, sw := d.Select(dst, channel)
	if gp.SelectReturn(cmd.P2&0x0C) == gp.ReturnNothing {
		out = out[:n]
	}
	return out, sw
}
