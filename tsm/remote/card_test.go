package remote

import (
	"bytes"
	"context"
	"testing"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/scp/scp03"
	"inkan/core/scp/scp80"
	scripts "inkan/core/scp/scp80/remote"
	"inkan/core/tsmp"
	"inkan/tsm/hsm"
)

// card is a double: one domain with a registry, that takes packets and sessions.
type card struct {
	apps, files map[gp.AID]bool
	versions    map[byte]bool
	stored      []byte        // of STORE DATA, the last whole sequence
	log         []byte        // instructions executed
	refuse      map[byte]byte // instruction: low byte of 6A that it is answered

	packets *place80
	session *scp03.Card
	keys    scp.KeySet
	counter hold

	cuts         int
	tampered     int
	air, channel lost // what a power cut or a lost channel takes
}

// lost is what hangs on packets or on a session.
type lost struct {
	file   gp.AID
	blocks int // of a load; 0: none
	named  bool
	data   []byte
	number int
}

type place80 struct{ receiver *scp80.Card }

type hold uint64

func (h *hold) Load() uint64 { return uint64(*h) }
func (h *hold) Store(v uint64) error {
	*h = hold(v)
	return nil
}

type held32 uint32

func (h *held32) Load() uint32 { return uint32(*h) }
func (h *held32) Store(v uint32) error {
	*h = held32(v)
	return nil
}

func value(n byte) []byte { return bytes.Repeat([]byte{n}, 16) }

var (
	packetKeys  = scp.KeySet{Version: 1, Enc: value(0xA1), MAC: value(0xA2), DEK: value(0xA3)}
	channelKeys = scp.KeySet{Version: 0x30, Enc: value(0xB1), MAC: value(0xB2), DEK: value(0xB3)}
)

// newCard is a double, and newModule a module that has its keys.
func newCard(t testing.TB) *card {
	t.Helper()
	c := &card{apps: map[gp.AID]bool{}, files: map[gp.AID]bool{}, versions: map[byte]bool{1: true, 0x30: true}, refuse: map[byte]byte{}}
	set, err := scp80.NewKeySet(scp80.KeySetConfig{Version: 1, KIc: scp80.Key{Algorithm: scp80.AES, Value: packetKeys.Enc}, KID: scp80.Key{Algorithm: scp80.AES, Value: packetKeys.MAC}, Counter: &c.counter})
	if err != nil {
		t.Fatal(err)
	}
	c.packets = &place80{scp80.NewCard(scp80.CardConfig{Keys: sets{set}, Applications: sets{}})}
	c.session, err = scp03.NewCard(scp03.CardConfig{Options: 0x60, Entropy: entropy.Seeded(5, "card"),
		Keys: func(v byte) (*scp.KeySet, scp.Counter) {
			if v != channelKeys.Version {
				return nil, nil
			}
			return &channelKeys, new(held32)
		}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

type sets struct{ set *scp80.KeySet }

func (s sets) KeySet(byte) *scp80.KeySet                   { return s.set }
func (s sets) MinimumSecurity(scp80.TAR) (scp80.SPI, bool) { return 0, true }

func newModule(t testing.TB) *hsm.Software {
	t.Helper()
	m, err := hsm.NewSoftware(hsm.Config{Label: "hsm", KEK: make([]byte, hsm.KEKBytes), Entropy: entropy.Seeded(6, "hsm")})
	if err != nil {
		t.Fatal(err)
	}
	for label, master := range map[string]hsm.Master{
		"packets": {Use: hsm.UseSCP80, Type: keys.AES, Method: keys.None, Keys: packetKeys},
		"channel": {Use: hsm.UseSCP03, Type: keys.AES, Method: keys.None, Keys: channelKeys},
	} {
		if err := m.AddMaster(label, master); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// domain is the double's.
func domain(format scripts.Format) Domain {
	kdd := make([]byte, keys.KDDSize)
	return Domain{AID: gp.AIDIssuerSecurityDomain, Format: format, BlockBytes: 16, Parts: 3, Level: scp.CMAC | scp.CDecryption | scp.RMAC, Commands: 5,
		PacketKeys:  hsm.KeyRef{Use: hsm.UseSCP80, Version: 1, Master: "packets", Diversification: kdd},
		ChannelKeys: hsm.KeyRef{Use: hsm.UseSCP03, Version: 0x30, Master: "channel", Diversification: kdd}}
}

// power is lost: what is in RAM goes.
func (c *card) power() {
	c.air = lost{}
	c.close()
}

// cut is power that is lost, less often than a run gives a load up.
func (c *card) cut() {
	if c.cuts++; c.cuts < maxAgain {
		c.power()
	}
}

// close ends the relay's channel.
func (c *card) close() {
	c.session.Close()
	c.channel = lost{}
}

// via executes the commands of a packet.
type via struct {
	c *card
	l *lost
}

// Transmit implements apdu.Card.
func (v via) Transmit(_ context.Context, raw, dst []byte) ([]byte, error) {
	cmd, err := apdu.DecodeCommand(raw)
	if err != nil {
		return dst, err
	}
	r := v.c.execute(&cmd, v.l)
	return r.Append(dst), nil
}

// receive takes a packet.
func (c *card) receive(t testing.TB, packet []byte) [][]byte {
	t.Helper()
	script, _, err := c.packets.receiver.Open(nil, packet)
	status, data := scp80.StatusOK, []byte(nil)
	if s, ok := err.(scp80.Status); ok {
		status = s
	} else if err != nil {
		t.Fatal(err)
	} else {
		x := scripts.Executor{Card: via{c, &c.air}}
		if script[0] == 0xAA {
			data, err = x.Expanded(t.Context(), nil, script)
		} else {
			data, err = x.Compact(t.Context(), nil, script, scripts.ManagementCommands)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	proof, due, err := c.packets.receiver.Respond(nil, status, data)
	if err != nil || !due {
		return nil
	}
	return [][]byte{proof}
}

// transmit takes a command of the relay's channel.
func (c *card) transmit(raw []byte) []byte {
	if raw[1] == scp.InsInitializeUpdate || raw[1] == scp.InsExternalAuthenticate {
		c.channel = lost{}
		return c.session.Handshake(nil, raw)
	}
	plain, err := c.session.Unwrap(nil, raw)
	if err != nil {
		c.close()
		return []byte{0x69, 0x82}
	}
	cmd, _ := apdu.DecodeCommand(plain)
	r := c.execute(&cmd, &c.channel)
	wrapped, err := c.session.Wrap(nil, r.Append(nil))
	if err != nil {
		return []byte{0x6F, 0}
	}
	return wrapped
}

func (c *card) execute(cmd *apdu.Command, l *lost) apdu.Response {
	c.log = append(c.log, cmd.INS)
	if low, ok := c.refuse[cmd.INS]; ok {
		return apdu.Response{SW: 0x6A00 | iso7816.SW(low)}
	}
	switch cmd.INS {
	case gp.InsGetStatus:
		return c.status(cmd)
	case gp.InsGetData:
		return apdu.Response{Data: []byte{0x01, 0x02}, SW: iso7816.OK}
	case gp.InsInstall:
		return c.install(cmd, l)
	case gp.InsLoad:
		if l.blocks == 0 || cmd.P2 != byte(l.blocks-1) {
			*l = lost{}
			return apdu.Response{SW: iso7816.ConditionsNotSatisfied}
		}
		if l.blocks++; cmd.P1&0x80 != 0 {
			c.files[l.file] = true
			*l = lost{}
		}
		return apdu.Response{SW: iso7816.OK}
	case gp.InsDelete:
		d, _ := gp.DecodeDelete(cmd)
		from := c.apps
		if d.Related {
			from = c.files
		}
		if !from[d.AID] {
			return apdu.Response{SW: iso7816.ReferencedDataNotFound}
		}
		delete(from, d.AID)
		return apdu.Response{Data: []byte{0}, SW: iso7816.OK}
	case gp.InsStoreData:
		return c.store(cmd, l)
	}
	return apdu.Response{SW: iso7816.INSNotSupported}
}

func (c *card) status(cmd *apdu.Command) apdu.Response {
	q, err := gp.DecodeGetStatus(cmd)
	if err != nil {
		return apdu.Response{SW: iso7816.WrongData}
	}
	aid, _ := gp.NewAID(q.AID)
	there := c.apps[aid]
	if q.Subset == gp.SubsetLoadFiles {
		there = c.files[aid]
	}
	if !there {
		return apdu.Response{SW: iso7816.ReferencedDataNotFound}
	}
	kind := gp.KindApplication
	if q.Subset == gp.SubsetLoadFiles {
		kind = gp.KindLoadFile
	}
	out, err := q.AppendEntry(nil, &gp.Entry{AID: aid, Kind: kind, LifeCycle: gp.Selectable})
	if err != nil {
		return apdu.Response{SW: iso7816.NoPreciseDiagnosis}
	}
	return apdu.Response{Data: out, SW: iso7816.OK}
}

func (c *card) install(cmd *apdu.Command, l *lost) apdu.Response {
	i, err := gp.DecodeInstall(cmd)
	switch {
	case err != nil:
		return apdu.Response{SW: iso7816.WrongData}
	case i.Purpose == gp.ForLoad && c.files[i.LoadFile], i.Purpose == gp.ForInstallAndMakeSelectable && c.apps[i.Application]:
		return apdu.Response{SW: iso7816.ConditionsNotSatisfied}
	case i.Purpose == gp.ForLoad:
		*l = lost{file: i.LoadFile, blocks: 1}
	case i.Purpose == gp.ForPersonalization:
		*l = lost{named: true}
	case i.Purpose == gp.ForInstallAndMakeSelectable:
		*l = lost{}
		c.apps[i.Application] = true
	default:
		return apdu.Response{SW: iso7816.WrongData}
	}
	return apdu.Response{SW: iso7816.OK}
}

func (c *card) store(cmd *apdu.Command, l *lost) apdu.Response {
	if cmd.P2 == 0 {
		l.number, l.data = 0, nil
	}
	if !l.named || cmd.P2 != byte(l.number) {
		return apdu.Response{SW: iso7816.ConditionsNotSatisfied}
	}
	l.number++
	l.data = append(l.data, cmd.Data...)
	if cmd.P1&0x80 != 0 {
		c.stored = l.data
		*l = lost{}
	}
	return apdu.Response{Data: []byte{cmd.P2}, SW: iso7816.OK}
}

var (
	app  = gp.MustAID("A000000003010101")
	file = gp.MustAID("A0000000030101")
)

func of(t testing.TB, commands ...gp.Command) []Command {
	t.Helper()
	list, err := Of(commands...)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// whole is a sequence with everything that a run knows of.
func whole(t testing.TB, blocks int) []Command {
	t.Helper()
	list := of(t, gp.GetData{Tag: gp.TagKeyInformation}, gp.Delete{AID: file, Related: true}, gp.Install{Purpose: gp.ForLoad, LoadFile: file, SecurityDomain: gp.AIDIssuerSecurityDomain})
	list[1].Accept = []iso7816.SW{iso7816.ReferencedDataNotFound}
	for i := range blocks {
		list = append(list, of(t, gp.Load{Number: byte(i), Last: i == blocks-1, Data: bytes.Repeat([]byte{byte(i)}, 100)})...)
	}
	list = append(list, of(t, gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: file, Module: app, Application: app, Parameters: []byte{0xC9, 0}},
		gp.Install{Purpose: gp.ForPersonalization, Application: app})...)
	for i := range 5 {
		store := of(t, gp.StoreData{Number: byte(i), Last: i == 4, MayRespond: i%2 == 0, Structure: gp.StructureDGI, Data: bytes.Repeat([]byte{byte(i)}, 60)})[0]
		store.Repeat = true
		list = append(list, store)
	}
	return append(list, of(t, gp.Delete{AID: app})...)
}

// deliver brings a script to the double, undisturbed.
func (c *card) deliver(t testing.TB, s Script) (a Answer) {
	t.Helper()
	if s.Form == tsmp.FormPackets {
		a.Proofs = c.receive(t, s.Items[0])
		return a
	}
	for _, item := range s.Items {
		answer := c.transmit(item)
		a.Responses = append(a.Responses, answer)
		if failed(answer) {
			break
		}
	}
	return a
}
