package mno_test

import (
	"bytes"
	"context"
	"slices"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp"
	"inkan/core/scp/scp03"
	"inkan/core/scp/scp80"
	scripts "inkan/core/scp/scp80/remote"
	"inkan/core/sms"
	"inkan/core/tlv"
)

// Keys of all doubles: of the issuer's channel, of packets, of receipts.
var (
	channelKeys = scp.KeySet{Version: 0x30, Enc: fill(0x41), MAC: fill(0x42), DEK: fill(0x43)}
	packetKeys  = scp.KeySet{Version: 0x01, Enc: fill(0x51), MAC: fill(0x52), DEK: fill(0x53)}
	receiptKey  = fill(0x61)
)

func fill(b byte) []byte {
	key := make([]byte, 16)
	for i := range key {
		key[i] = b ^ byte(i*7)
	}
	return key
}

// entry is something in a double's registry.
type entry struct {
	state  gp.LifeCycle
	domain string // that it belongs to; "": the issuer's
	file   bool
	of     string // load file of an application
	rights gp.Privileges
}

// double is a card that carries out what an MNO-TSM sends, on a registry of its own,
// behind real SCP03 and SCP80.
type double struct {
	registry map[string]*entry
	free     uint32
	refuse   map[byte]iso7816.SW // by instruction
	loading  *entry
	loadAID  string
	target   string
	stored   []byte // of STORE DATA to a domain
	agreed   int
	done     []string // commands that were executed

	channel *scp03.Card
	packets *scp80.Card
	inbox   *sms.Reassembler
	counter counter
	submit  int
	seen    map[string]bool // packets
	reused  int             // packets with a counter that another one had
}

type counter uint64

func (c *counter) Load() uint64         { return uint64(*c) }
func (c *counter) Store(v uint64) error { *c = counter(v); return nil }

type sequence struct{}

func (sequence) Load() uint32       { return 0 }
func (sequence) Store(uint32) error { return nil }

func newDouble(seed uint64) *double {
	d := &double{registry: map[string]*entry{}, free: 100_000, refuse: map[byte]iso7816.SW{}, seen: map[string]bool{}}
	var err error
	d.channel, err = scp03.NewCard(scp03.CardConfig{Options: 0x60, AID: gp.AIDIssuerSecurityDomain.Append(nil), Entropy: entropy.Seeded(seed, "double"),
		Keys: func(version byte) (*scp.KeySet, scp.Counter) {
			if version != 0 && version != channelKeys.Version {
				return nil, nil
			}
			return &channelKeys, sequence{}
		}})
	if err != nil {
		panic(err)
	}
	set, err := scp80.NewKeySet(scp80.KeySetConfig{Version: packetKeys.Version, KIc: scp80.Key{Algorithm: scp80.AES, Value: packetKeys.Enc},
		KID: scp80.Key{Algorithm: scp80.AES, Value: packetKeys.MAC}, Counter: &d.counter})
	if err != nil {
		panic(err)
	}
	d.packets = scp80.NewCard(scp80.CardConfig{Keys: keyStore{set}, Applications: anyTAR{}, Policy: scp80.PoRPlain})
	if d.inbox, err = sms.NewReassembler(sms.ReassemblerConfig{Sets: 4, Parts: 8}); err != nil {
		panic(err)
	}
	return d
}

type keyStore struct{ k *scp80.KeySet }

func (k keyStore) KeySet(byte) *scp80.KeySet { return k.k }

type anyTAR struct{}

func (anyTAR) MinimumSecurity(scp80.TAR) (scp80.SPI, bool) {
	return scp80.CC | scp80.CounterHigher, true
}

// Transmit implements apdu.Card for the executor of packets: plain commands.
func (d *double) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	c, err := apdu.DecodeCommand(cmd)
	if err != nil {
		return append(dst, 0x67, 0x00), nil
	}
	data, sw := d.execute(&c)
	return append(append(dst, data...), byte(sw>>8), byte(sw)), nil
}

// relayed is a command through the UI app's channel.
func (d *double) relayed(cmd []byte) []byte {
	if ins := cmd[1]; ins == gp.InsInitializeUpdate || ins == gp.InsExternalAuthenticate {
		return d.channel.Handshake(nil, cmd)
	}
	if cmd[0]&0x0C == 0 {
		out, _ := d.Transmit(context.Background(), cmd, nil)
		return out
	}
	plain, err := d.channel.Unwrap(nil, cmd)
	if err != nil {
		return []byte{0x69, 0x82}
	}
	out, _ := d.Transmit(context.Background(), plain, nil)
	wrapped, err := d.channel.Wrap(nil, out)
	if err != nil {
		return []byte{0x6F, 0x00}
	}
	return wrapped
}

// message is an SMS-DELIVER at the card: the report, or messages of the card.
func (d *double) message(tpdu []byte) (report []byte, submits [][]byte) {
	m, err := sms.DecodeDeliver(tpdu)
	if err != nil {
		panic(err)
	}
	r := sms.DeliverReport{}
	whole, done, err := d.inbox.Add(m.OA, m.UD)
	if err == nil && done {
		_, packet, err := sms.DecodeUserData(whole)
		if err != nil {
			panic(err)
		}
		proof := d.packet(packet)
		parts, err := sms.NewSplitter(proof, sms.IEIResponsePacket, uint16(d.submit), false, sms.MaxUserData)
		if err != nil {
			panic(err)
		}
		if parts.Parts() == 1 {
			r = sms.NewResponseReport(parts.Append(nil, 0))
		} else {
			for i := range parts.Parts() {
				s := sms.NewResponseSubmit(m.OA, parts.Append(nil, i))
				b, err := s.Append(nil)
				if err != nil {
					panic(err)
				}
				submits = append(submits, b)
			}
			d.submit++
		}
	}
	report, err = r.Append(nil)
	if err != nil {
		panic(err)
	}
	return report, submits
}

func (d *double) packet(raw []byte) []byte {
	script, _, err := d.packets.Open(nil, raw)
	if err != nil && !d.seen[string(raw)] {
		d.reused++
	}
	d.seen[string(raw)] = true
	var out []byte
	if err == nil {
		x := scripts.Executor{Card: d, MaxResponse: 1024}
		out, err = x.Expanded(context.Background(), nil, script)
	}
	if err != nil {
		out = nil
	}
	proof, _, err := d.packets.Respond(nil, scp80.StatusOK, out)
	if err != nil {
		panic(err)
	}
	return proof
}

func key(a gp.AID) string { return string(a.Append(nil)) }

func (d *double) execute(c *apdu.Command) ([]byte, iso7816.SW) {
	if sw := d.refuse[c.INS]; sw != 0 {
		return nil, sw
	}
	d.done = append(d.done, string([]byte{c.INS, c.P1}))
	switch c.INS {
	case gp.InsInstall:
		return d.install(c)
	case gp.InsLoad:
		return d.load(c)
	case gp.InsDelete:
		return d.delete(c)
	case gp.InsSetStatus:
		s, err := gp.DecodeSetStatus(c)
		e := d.registry[key(s.AID)]
		if err != nil || e == nil {
			return nil, iso7816.ReferencedDataNotFound
		}
		if e.state = e.state.Unlock(); s.State.Locked() {
			e.state = e.state.Lock()
		}
		return nil, iso7816.OK
	case gp.InsGetStatus:
		return d.status(c)
	case gp.InsGetData:
		r := gp.Resources{Applications: uint32(len(d.registry)), FreeNonVolatileBytes: d.free, FreeVolatileBytes: 4000}
		return r.Append(nil), iso7816.OK
	case gp.InsStoreData:
		return d.store(c)
	}
	return nil, iso7816.INSNotSupported
}

func (d *double) install(c *apdu.Command) ([]byte, iso7816.SW) {
	i, err := gp.DecodeInstall(c)
	if err != nil {
		return nil, gp.StatusOf(err)
	}
	d.loading, d.target, d.stored = nil, "", nil
	switch i.Purpose {
	case gp.ForLoad:
		if d.registry[key(i.LoadFile)] != nil || d.registry[key(i.SecurityDomain)] == nil {
			return nil, iso7816.ConditionsNotSatisfied
		}
		d.loading, d.loadAID = &entry{state: gp.Loaded, domain: key(i.SecurityDomain), file: true}, key(i.LoadFile)
	case gp.ForInstallAndMakeSelectable:
		if d.registry[key(i.Application)] != nil {
			return nil, iso7816.ConditionsNotSatisfied
		}
		if i.LoadFile != gp.AIDSecurityDomainPackage && d.registry[key(i.LoadFile)] == nil {
			return nil, iso7816.ReferencedDataNotFound
		}
		if d.free < 1000 {
			return nil, iso7816.NotEnoughMemory
		}
		d.free -= 1000
		d.registry[key(i.Application)] = &entry{state: gp.Selectable, of: key(i.LoadFile), rights: i.Privileges}
	case gp.ForExtradition:
		e := d.registry[key(i.Application)]
		if e == nil || d.registry[key(i.SecurityDomain)] == nil {
			return nil, iso7816.ReferencedDataNotFound
		}
		e.domain = key(i.SecurityDomain)
	case gp.ForPersonalization:
		if d.registry[key(i.Application)] == nil {
			return nil, iso7816.ReferencedDataNotFound
		}
		d.target = key(i.Application)
	default:
		return nil, iso7816.IncorrectP1P2
	}
	return []byte{0}, iso7816.OK
}

func (d *double) load(c *apdu.Command) ([]byte, iso7816.SW) {
	l, err := gp.DecodeLoad(c)
	switch {
	case err != nil:
		return nil, gp.StatusOf(err)
	case d.loading == nil:
		return nil, iso7816.ConditionsNotSatisfied
	}
	if l.Last {
		d.registry[d.loadAID], d.loading = d.loading, nil
		d.free -= 5000
	}
	return []byte{0}, iso7816.OK
}

func (d *double) delete(c *apdu.Command) ([]byte, iso7816.SW) {
	x, err := gp.DecodeDelete(c)
	if err != nil {
		return nil, gp.StatusOf(err)
	}
	k := key(x.AID)
	e := d.registry[k]
	if e == nil {
		return nil, iso7816.ReferencedDataNotFound
	}
	for name, other := range d.registry {
		switch {
		case other.domain == k, other.of == k && !x.Related:
			return nil, iso7816.ConditionsNotSatisfied
		case other.of == k:
			delete(d.registry, name)
		}
	}
	delete(d.registry, k)
	if d.free += 1000; e.file {
		d.free += 4000
	}
	return []byte{0}, iso7816.OK
}

func (d *double) status(c *apdu.Command) ([]byte, iso7816.SW) {
	g, err := gp.DecodeGetStatus(c)
	if err != nil {
		return nil, gp.StatusOf(err)
	}
	var out []byte
	for name, e := range d.registry {
		aid, _ := gp.NewAID([]byte(name))
		if e.file != (g.Subset == gp.SubsetLoadFiles) || !bytes.HasPrefix([]byte(name), g.AID) {
			continue
		}
		x := gp.Entry{Kind: gp.KindApplication, AID: aid, LifeCycle: e.state, Privileges: e.rights}
		if e.file {
			x.Kind, x.Privileges = gp.KindLoadFile, 0
		}
		if out, err = g.AppendEntry(out, &x); err != nil {
			return nil, iso7816.NoPreciseDiagnosis
		}
	}
	if out == nil {
		return nil, iso7816.ReferencedDataNotFound
	}
	return out, iso7816.OK
}

// store takes a key agreement for a domain, whose answer it makes up, and anything
// for an application.
func (d *double) store(c *apdu.Command) ([]byte, iso7816.SW) {
	s, err := gp.DecodeStoreData(c)
	if err != nil || d.target == "" {
		return nil, iso7816.ConditionsNotSatisfied
	}
	d.stored = append(d.stored, s.Data...)
	if !s.Last {
		return nil, iso7816.OK
	}
	defer func() { d.target, d.stored = "", nil }()
	if d.registry[d.target].of != key(gp.AIDSecurityDomainPackage) {
		return nil, iso7816.OK
	}
	r := tlv.NewDGIReader(d.stored)
	var found []uint16
	for r.Next() {
		found = append(found, r.DGI())
	}
	if r.Err() != nil || !slices.Equal(found, []uint16{gp.DGIConfidentialControl, gp.DGIEphemeralPublicKey}) {
		return nil, iso7816.WrongData
	}
	d.agreed++
	answer := gp.ConfidentialResponse{DerivationRandom: fill(byte(d.agreed)), Receipt: fill(0x77)}
	out, err := answer.Append(nil)
	if err != nil {
		return nil, iso7816.NoPreciseDiagnosis
	}
	return out, iso7816.OK
}
