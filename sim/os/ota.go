package os

import (
	"context"
	"crypto/cipher"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/scp/scp80"
	"inkan/core/scp/scp80/remote"
	"inkan/sim/usim"
)

// Response is the answer to a secured packet.
type Response struct {
	Packet []byte       // response packet from RPL on; empty: none is to be sent
	Status scp80.Status // of the packet
	Submit bool         // to be sent by SMS-SUBMIT
}

// receiver is the Card as the UICC hands short messages to it.
type receiver Card

var _ usim.OTA = (*receiver)(nil)

// Deliver implements usim.OTA: messages that are no secured packets are accepted
// and forgotten. Spec: SPEC-UICC-OS-090.
func (r *receiver) Deliver(dst []byte, m *usim.Message) ([]byte, usim.Receipt) {
	if !m.Secured {
		return dst, usim.Receipt{}
	}
	out := (*Card)(r).packet(m.Body)
	receipt := usim.Receipt{Submit: out.Submit}
	if out.Status != scp80.StatusOK {
		receipt.Outcome = usim.Refused
	}
	return append(dst, out.Packet...), receipt
}

// Receive takes a secured command packet, from CPL on, as a bearer brings it: for
// bearers that are no ENVELOPE. An error means that the card has no power.
func (c *Card) Receive(packet []byte) (out Response, err error) {
	err = c.guarded(func() error {
		out = c.packet(packet)
		return nil
	})
	return out, err
}

// packet verifies a packet with the keys of the domain that its TAR is for,
// executes the script and answers. Spec: SPEC-UICC-OS-091 to SPEC-UICC-OS-095.
func (c *Card) packet(raw []byte) Response {
	header, err := scp80.DecodeCommandHeader(raw)
	if err != nil {
		return Response{Status: scp80.StatusSecurityError}
	}
	d := c.domain(c.addressee(header.TAR))
	if d.packets == nil {
		d.packets = scp80.NewCard(scp80.CardConfig{Keys: (*otaKeys)(d), Applications: (*otaApplications)(c), Policy: c.cfg.Policy.PoR,
			Observer: c.cfg.Observer})
	}
	d.charge(&header, len(raw))
	defer d.letGo()
	script, cmd, err := d.packets.Open(nil, raw)
	defer clear(script)
	status := scp80.StatusOK
	var data []byte
	if refused, ok := err.(scp80.Status); ok {
		status = refused
	} else if err != nil {
		return Response{Status: scp80.StatusSecurityError}
	} else {
		data, status = c.execute(d, &cmd, script)
	}
	out, due, err := d.packets.Respond(nil, status, data)
	if err != nil || !due {
		return Response{Status: status}
	}
	d.charge(&header, len(out))
	return Response{Packet: out, Status: status, Submit: cmd.SPI&scp80.PoRSubmit != 0}
}

// letGo ends the use of the keys that a packet was checked with.
func (d *domain) letGo() {
	for version, set := range d.inUse {
		set.Wipe()
		delete(d.inUse, version)
	}
}

// charge spends what ciphering and checking a packet takes.
func (d *domain) charge(h *scp80.Command, sizeBytes int) {
	owner := d.packetKeys()
	for i, r := range []scp80.KeyReference{h.KIc, h.KID} {
		if k := d.card.key(owner, r.Version(), byte(i+1)); k != nil {
			d.card.chargeCipher(k, sizeBytes)
			k.wipe()
		}
	}
}

// execute runs a script: of remote file management, or in the targeted domain.
func (c *Card) execute(d *domain, cmd *scp80.Command, script []byte) ([]byte, scp80.Status) {
	if c.state() == gp.CardTerminated || c.state() == gp.CardLocked {
		return nil, scp80.StatusSecurityError
	}
	x := remote.Executor{MaxResponse: 1024}
	outgoing := remote.Outgoing(remote.ManagementCommands)
	if files := c.remoteFiles(cmd.TAR); files != nil {
		r := c.uicc.NewRemote(files.Access, files.ADF)
		if r.Begin() != nil {
			return nil, scp80.StatusTARUnknown
		}
		x.Card, outgoing = r, remote.FileCommands
	} else {
		p, ok := d.newPacket(cmd)
		if !ok {
			return nil, scp80.StatusSecurityError
		}
		defer p.end()
		x.Card = p
	}
	var out []byte
	var err error
	if len(script) > 0 && (script[0] == 0xAA || script[0] == 0xAE) {
		out, err = x.Expanded(context.Background(), nil, script)
	} else {
		out, err = x.Compact(context.Background(), nil, script, outgoing)
	}
	if err != nil {
		return nil, scp80.StatusSecurityError
	}
	return out, scp80.StatusOK
}

// packet is a secured packet whose script a domain executes: an apdu.Card.
type packet struct {
	s             *session
	authenticated bool
	level         scp.Level
	dek           cipher.Block // KIK; nil: the version has none
	dekBlock      int
	waiting       []byte // response data for GET RESPONSE
}

// newPacket begins a script in a domain. A load and a personalisation that
// another script began go on.
func (d *domain) newPacket(cmd *scp80.Command) (*packet, bool) {
	if d.remote == nil {
		d.remote = &session{d: d, channel: -1, secure: secure{d: d}}
	}
	p := &packet{s: d.remote, authenticated: cmd.Authenticated, level: levelOf(cmd.SPI, cmd.Authenticated), dekBlock: gp.DEKBlockAES}
	version := cmd.KID.Version()
	if version == 0 {
		version = cmd.KIc.Version()
	}
	if k := d.card.key(d.packetKeys(), version, byte(keys.IDDEK)); k != nil {
		defer k.wipe()
		var err error
		if k.values[0].Type.IsDES() {
			p.dekBlock = gp.DEKBlockDES
			p.dek, err = d.card.Engines().TDES(k.values[0].Value)
		} else {
			p.dek, err = d.card.Engines().AES(k.values[0].Value)
		}
		if err != nil {
			return nil, false
		}
	}
	d.remote.remote = p
	return p, true
}

func (p *packet) end() {
	p.s.remote, p.dek = nil, nil
	clear(p.waiting)
}

// decrypt deciphers sensitive data under KIK: AES-CBC with a zero initial value,
// or triple DES in ECB mode. Spec: SPEC-UICC-OS-096.
func (p *packet) decrypt(dst, src []byte) ([]byte, error) {
	if p.dek == nil || len(src) == 0 || len(src)%p.dekBlock != 0 {
		return dst, iso7816.WrongData
	}
	n := len(dst)
	dst = append(dst, src...)
	if p.dekBlock == gp.DEKBlockAES {
		cipher.NewCBCDecrypter(p.dek, make([]byte, gp.DEKBlockAES)).CryptBlocks(dst[n:], dst[n:])
		return dst, nil
	}
	for at := n; at < len(dst); at += p.dekBlock {
		p.dek.Decrypt(dst[at:], dst[at:])
	}
	return dst, nil
}

// encrypt is the inverse of decrypt.
func (p *packet) encrypt(dst, src []byte) ([]byte, error) {
	if p.dek == nil || len(src) == 0 || len(src)%p.dekBlock != 0 {
		return dst, iso7816.WrongData
	}
	n := len(dst)
	dst = append(dst, src...)
	if p.dekBlock == gp.DEKBlockAES {
		cipher.NewCBCEncrypter(p.dek, make([]byte, gp.DEKBlockAES)).CryptBlocks(dst[n:], dst[n:])
		return dst, nil
	}
	for at := n; at < len(dst); at += p.dekBlock {
		p.dek.Encrypt(dst[at:], dst[at:])
	}
	return dst, nil
}

// Transmit implements apdu.Card: a command of the script. Response data to a
// command that has data and no Le waits for GET RESPONSE. Commands that change
// the card need a packet with a cryptographic checksum.
// Spec: SPEC-UICC-OS-093, SPEC-UICC-OS-094.
func (p *packet) Transmit(_ context.Context, raw, dst []byte) ([]byte, error) {
	cmd, err := apdu.DecodeCommand(raw)
	if err != nil {
		return status(dst, iso7816.WrongLength), nil
	}
	if cmd.INS == gp.InsGetResponse {
		n := min(max(cmd.Ne, 1), len(p.waiting))
		if n == 0 {
			return status(dst, iso7816.INSNotSupported), nil
		}
		dst = append(dst, p.waiting[:n]...)
		if p.waiting = p.waiting[n:]; len(p.waiting) > 0 {
			return status(dst, available(len(p.waiting))), nil
		}
		return status(dst, iso7816.OK), nil
	}
	p.waiting = nil
	data, sw := p.command(&cmd)
	if len(data) > 0 && sw == iso7816.OK && len(cmd.Data) > 0 && cmd.Ne == 0 {
		p.waiting = append([]byte(nil), data...)
		return status(dst, available(len(data))), nil
	}
	return status(append(dst, data...), sw), nil
}

func (p *packet) command(cmd *apdu.Command) ([]byte, iso7816.SW) {
	read := cmd.INS == gp.InsGetData || cmd.INS == gp.InsGetDataOdd
	switch {
	case !gp.IsGlobalPlatformClass(cmd.CLA) && !gp.IsInterindustryClass(cmd.CLA):
		return nil, iso7816.CLANotSupported
	case !read && !commands[cmd.INS]:
		return nil, iso7816.INSNotSupported
	case !read && !p.authenticated:
		return nil, iso7816.SecurityStatusNotSatisfied
	}
	return p.s.execute(nil, cmd)
}

// otaKeys is a domain's keys of SCP80.
type otaKeys domain

// packetKeys is the domain whose keys protect packets for this one: itself, or as long
// as it has no keys of any kind the one above. Spec: SPEC-UICC-OS-141.
func (d *domain) packetKeys() domainID {
	at := d
	for range 64 {
		if at.id <= authorityID || at.otaVersions() || at.hasChannelKeys() {
			break
		}
		at = d.card.domain(at.entry().domain)
	}
	return at.id
}

// KeySet implements scp80.KeyStore. A set serves until the packet is answered, whatever
// its script does to the keys. Spec: SPEC-UICC-OS-092, SPEC-UICC-OS-142.
func (o *otaKeys) KeySet(version byte) *scp80.KeySet {
	d := (*domain)(o)
	set := d.inUse[version]
	if set == nil {
		if set = o.find(version); set != nil {
			if d.inUse == nil {
				d.inUse = map[byte]*scp80.KeySet{}
			}
			d.inUse[version] = set
		}
	}
	return set
}

// find makes the set with a version of the keys as they are.
func (o *otaKeys) find(version byte) *scp80.KeySet {
	d := (*domain)(o)
	c, owner := d.card, d.packetKeys()
	if keys.UseOf(version) != keys.UseSCP80 {
		return nil
	}
	cfg := scp80.KeySetConfig{Version: version, Counter: otaCounter{c, owner, version}, AllowDES: c.cfg.Policy.AllowDES}
	for i, place := range []*scp80.Key{&cfg.KIc, &cfg.KID} {
		k := c.key(owner, version, byte(i+1))
		if k == nil {
			continue
		}
		defer k.wipe()
		*place = scp80.Key{Algorithm: otaAlgorithm(k.values[0]), Value: k.values[0].Value}
	}
	if cfg.KIc.Value == nil && cfg.KID.Value == nil {
		return nil
	}
	set, err := scp80.NewKeySet(cfg)
	if err != nil {
		return nil
	}
	return set
}

func otaAlgorithm(v gp.KeyValue) scp80.Algorithm {
	switch {
	case v.Type == keys.AES:
		return scp80.AES
	case len(v.Value) == 8:
		return scp80.DES
	case len(v.Value) == 24:
		return scp80.TDES3
	}
	return scp80.TDES2
}

// otaApplications knows who can be addressed.
type otaApplications Card

// MinimumSecurity implements scp80.Applications. Spec: SPEC-UICC-OS-091,
// SPEC-UICC-OS-125.
func (o *otaApplications) MinimumSecurity(tar scp80.TAR) (scp80.SPI, bool) {
	c := (*Card)(o)
	if f := c.remoteFiles(tar); f != nil {
		if e, ok := c.entry(f.Domain); ok && e.state.Locked() {
			return 0, false
		}
		if f.Minimum != 0 {
			return f.Minimum, true
		}
		return c.cfg.Policy.MinimumSPI, true
	}
	e, ok := c.tarOwner(tar)
	if !ok || !e.isDomain() || e.state.Locked() || e.own != issuerID && e.state < gp.Selectable {
		return 0, false
	}
	if e.minimum != 0 {
		return e.minimum, true
	}
	return c.cfg.Policy.MinimumSPI, true
}

// tarOwner is the entry with a TAR.
func (c *Card) tarOwner(tar scp80.TAR) (found entry, ok bool) {
	c.entries(func(e *entry) {
		for _, t := range e.tars {
			if t == tar {
				found, ok = *e, true
			}
		}
	})
	return found, ok
}

// tarInUse tells whether a TAR names anything.
func (c *Card) tarInUse(tar scp80.TAR) bool {
	_, ok := c.tarOwner(tar)
	return ok || c.remoteFiles(tar) != nil
}

// addressee is the domain whose keys protect packets for a TAR: the domain itself,
// that of an application, and the issuer's for TARs that nobody has.
func (c *Card) addressee(tar scp80.TAR) domainID {
	if f := c.remoteFiles(tar); f != nil {
		if e, ok := c.entry(f.Domain); ok && e.isDomain() {
			return e.own
		}
		return issuerID
	}
	e, ok := c.tarOwner(tar)
	switch {
	case !ok:
		return issuerID
	case e.isDomain():
		return e.own
	}
	return e.domain
}

// remoteFiles is the application of remote file management with a TAR, or nil.
func (c *Card) remoteFiles(tar scp80.TAR) *RemoteFiles {
	for i := range c.cfg.Remote {
		if f := &c.cfg.Remote[i]; f.TAR == tar && c.uicc != nil {
			return f
		}
	}
	return nil
}
