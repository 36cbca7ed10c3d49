package storm_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp"
	"inkan/sim/clock"
	cardos "inkan/sim/os"
	"inkan/spec/req"

	"pgregory.net/rapid"
)

// machine plays the oracle against a card.
type machine struct {
	*edge
	*world
	t    *rapid.T
	card *cardos.Card
	seed uint64
}

// exchange sends a command in clear on a channel.
func (m *machine) exchange(channel int, cmd []byte) (data []byte, sw iso7816.SW) {
	b := append([]byte(nil), cmd...)
	b[0] |= byte(channel)
	return m.raw(b)
}

func (m *machine) raw(b []byte) ([]byte, iso7816.SW) {
	out, err := m.card.Transmit(context.Background(), b, nil)
	if err != nil {
		m.t.Fatalf("%X: %v", b, err)
	}
	r, err := apdu.DecodeResponse(out)
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Logf("%X -> %X %v", b, r.Data, r.SW)
	return r.Data, r.SW
}

func (m *machine) expect(what string, got, want iso7816.SW) {
	if got != want {
		m.t.Fatalf("%s: %v, want %v\n%s", what, got, want, m.describe())
	}
}

func (m *machine) describe() (s string) {
	s = fmt.Sprintf("card %02X, contacts %v\n", byte(m.edge.card), m.contacts)
	for i, l := range m.lines {
		if l.open {
			s += fmt.Sprintf("channel %d: %s, session %v, stale %v\n", i, l.at.name, l.host != nil, l.stale)
		}
	}
	for _, a := range m.apps {
		s += fmt.Sprintf("%s %02X %v\n", a.name, byte(a.state), a.contactless)
	}
	return s
}

func (m *machine) channel() int { return rapid.IntRange(0, 3).Draw(m.t, "channel") }

// selects sends SELECT by a whole name, a part of it, or for the next one.
func (m *machine) selects(*rapid.T) {
	channel := m.channel()
	name := rapid.SampledFrom(m.apps).Draw(m.t, "application").aid
	if rapid.IntRange(0, 3).Draw(m.t, "part") == 0 {
		name = name[:rapid.IntRange(5, len(name)).Draw(m.t, "length")]
	} else if rapid.IntRange(0, 5).Draw(m.t, "other") == 0 {
		name = rapid.SampledFrom([][]byte{{}, {0xA0, 0, 0, 0, 3, 0, 0, 0}, {0xA0, 0, 0, 0, 3}, {0xF0, 1, 2, 3, 4, 5}, {0xA0, 0, 0, 1, 0x51}}).Draw(m.t, "name")
	}
	next := len(name) > 0 && rapid.IntRange(0, 4).Draw(m.t, "next") == 0
	cmd := append([]byte{0, 0xA4, 4, 0, byte(len(name))}, name...)
	if next {
		cmd[3] = 2
	}
	if len(name) == 0 {
		cmd = cmd[:4]
	}
	cmd = append(cmd, 0)
	l := &m.lines[channel]
	_, sw := m.exchange(channel, cmd)
	if !l.open {
		m.expect("SELECT", sw, iso7816.LogicalChannelNotSupported)
		return
	}
	a := m.resolve(name, next, channel)
	switch {
	case a == nil:
		if l.at.domain && !m.closed(l.at) {
			m.expect("SELECT of nothing", sw, iso7816.FileNotFound)
		} else if sw.Normal() && !(l.at.name == filesApp && bytes.HasPrefix(l.at.aid, name)) { // the UICC looks among its own
			m.t.Fatalf("SELECT of nothing: %v\n%s", sw, m.describe())
		}
	case m.busy(a, channel):
		m.expect("SELECT of "+a.name, sw, iso7816.AppletSelectFailed)
	default:
		want := iso7816.OK
		if a.name == issuerApp && m.edge.card == gp.CardLocked {
			want = iso7816.FileDeactivated
		}
		m.expect("SELECT of "+a.name, sw, want)
		*l = line{open: true, at: a}
	}
}

// manage opens or closes a channel.
func (m *machine) manage(*rapid.T) {
	from, n := m.channel(), m.channel()
	if rapid.Bool().Draw(m.t, "close") {
		_, sw := m.exchange(from, []byte{0, 0x70, 0x80, byte(n)})
		switch {
		case !m.lines[from].open:
			m.expect("MANAGE CHANNEL", sw, iso7816.LogicalChannelNotSupported)
		case n == 0:
			m.expect("close", sw, iso7816.FunctionNotSupported)
		case !m.lines[n].open:
			m.expect("close", sw, iso7816.WarningStateUnchanged)
		default:
			m.expect("close", sw, iso7816.OK)
			m.lines[n] = line{}
		}
		return
	}
	data, sw := m.exchange(from, []byte{0, 0x70, 0, byte(n), 1})
	if !m.lines[from].open {
		m.expect("MANAGE CHANNEL", sw, iso7816.LogicalChannelNotSupported)
		return
	}
	free := n
	if n == 0 {
		for free = 1; free < 4 && m.lines[free].open; free++ {
		}
	}
	at := m.lines[from].at
	if from == 0 {
		at = m.standard()
	}
	switch {
	case free == 4:
		m.expect("open", sw, iso7816.FunctionNotSupported)
	case m.lines[free].open:
		m.expect("open", sw, iso7816.IncorrectP1P2)
	case !at.resident && (!at.selectable(m.edge) || m.busy(at, free)):
		m.expect("open", sw, iso7816.AppletSelectFailed)
	default:
		m.expect("open", sw, iso7816.OK)
		if n == 0 && (len(data) != 1 || int(data[0]) != free) {
			m.t.Fatalf("open: %X, want %d", data, free)
		}
		m.lines[free] = line{open: true, at: at}
	}
}

// media is contacts or a contactless interface for the next commands.
func (m *machine) media(*rapid.T) {
	m.contacts = rapid.Bool().Draw(m.t, "contacts")
	p := byte(0x01)
	if !m.contacts {
		p = 0x81
	}
	if err := m.card.Interface(p); err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) powers(*rapid.T) {
	if _, err := m.card.Reset(context.Background(), rapid.Bool().Draw(m.t, "warm")); err != nil {
		m.t.Fatal(err)
	}
	m.reset()
}

// opens opens a session with the domain of a channel, or fails to.
func (m *machine) opens(*rapid.T) {
	channel := m.channel()
	l := &m.lines[channel]
	if !l.open || !l.at.domain || l.at.reports == "" {
		return
	}
	o := opening{keys: map[string]*scp.KeySet{"provider": &m.provider, "carrier": &m.carrier}[l.at.name]}
	if o.keys == nil {
		o.keys = rapid.SampledFrom([]*scp.KeySet{&m.issuer03, &m.issuer02}).Draw(m.t, "keys")
	}
	o.level = rapid.SampledFrom([]scp.Level{0x01, 0x03, 0x11, 0x33}).Draw(m.t, "level")
	if o.keys.Version>>4 == 2 {
		o.level &= 3
	}
	if rapid.IntRange(0, 5).Draw(m.t, "wrong") == 0 {
		wrong := *o.keys
		wrong.Enc, wrong.MAC = make([]byte, 16), make([]byte, 16)
		o.keys = &wrong
	}
	m.seed++
	o.seed = m.seed
	allowed := !m.closed(l.at) && !m.refused(l.at, gp.InsInitializeUpdate)
	wrong := o.keys.Enc[0] == 0 && o.keys.Enc[1] == 0
	host, err := m.handshake(onChannel{m.card, byte(channel)}, o)
	if (err == nil) != (allowed && !wrong) {
		m.t.Fatalf("channel with %s: %v\n%s", l.at.name, err, m.describe())
	}
	if allowed {
		l.host, l.stale = host, false
	}
}

// insecure sends commands that need a session without one, or without its MAC.
func (m *machine) insecure(*rapid.T) {
	channel := m.channel()
	l := &m.lines[channel]
	if !l.open || !l.at.domain {
		return
	}
	ins := rapid.SampledFrom([]byte{gp.InsInstall, gp.InsLoad, gp.InsDelete, gp.InsPutKey, gp.InsStoreData, gp.InsSetStatus, gp.InsGetStatus}).Draw(m.t, "INS")
	_, sw := m.exchange(channel, []byte{0x80, ins, 0x80, 0x00, 0x02, 0x4F, 0x00})
	if m.closed(l.at) || m.refused(l.at, ins) {
		m.expect("without session", sw, iso7816.ConditionsNotSatisfied)
		return
	}
	m.expect("without session", sw, iso7816.SecurityStatusNotSatisfied)
	l.host, l.stale = nil, false
}

// check compares what is selected on each channel with what answers.
func (m *machine) check(*rapid.T) {
	for i := range m.lines {
		l := &m.lines[i]
		probe := []byte{0x80, 0xCA, 0x00, 0x42, 0x00}
		if l.host != nil && !m.closed(l.at) {
			m.through(i, probe, iso7816.OK, l.at.reports)
			continue
		}
		data, sw := m.exchange(i, probe)
		switch {
		case !l.open:
			m.expect("closed channel", sw, iso7816.LogicalChannelNotSupported)
		case m.closed(l.at):
			m.expect("shut card", sw, iso7816.ConditionsNotSatisfied)
			l.stale, l.host = l.stale || l.host != nil, nil
		case l.stale:
			m.expect("lost session", sw, iso7816.SecurityStatusNotSatisfied)
			l.stale = false
		case l.at.domain:
			want := iso7816.OK
			if l.at.reports == "" {
				want = iso7816.ReferencedDataNotFound
			}
			if m.expect("probe", sw, want); fmt.Sprintf("%X", data) != l.at.reports {
				m.t.Fatalf("channel %d: %X, want %s\n%s", i, data, l.at.name, m.describe())
			}
		default:
			m.identify(i, l.at)
		}
	}
}

// identify asks an applet, or the files, for what only they answer.
func (m *machine) identify(channel int, a *app) {
	for name, cmd := range map[string][]byte{"pin": {0x80, 0x30, 0, 0, 6}, "jpki": {0x80, 0xCA, 0xDF, 0x30, 0}, "ara": {0x80, 0xCA, 0xFF, 0x40, 0}, filesApp: {0x80, 0xF2, 0, 0, 0}} {
		own := a.group == name || a.name == name
		if _, sw := m.exchange(channel, cmd); (sw == iso7816.OK) != own {
			m.t.Fatalf("channel %d: %s's command is answered %v by %s\n%s", channel, name, sw, a.name, m.describe())
		}
	}
}

// TestEdge plays selections, channels, sessions and life cycles against an oracle.
func TestEdge(t *testing.T) {
	req.Covers(t, "SPEC-UICC-OS-010", "SPEC-UICC-OS-011", "SPEC-UICC-OS-013", "SPEC-UICC-OS-014", "SPEC-UICC-OS-128", "SPEC-UICC-OS-031", "SPEC-UICC-OS-070",
		"SPEC-UICC-OS-071", "SPEC-UICC-OS-072", "SPEC-UICC-OS-073", "SPEC-UICC-OS-075", "SPEC-UICC-OS-076", "SPEC-UICC-OS-077", "SPEC-UICC-OS-098",
		"SPEC-RUNTIME-026", "SPEC-RUNTIME-027", "SPEC-RUNTIME-033", "SPEC-RUNTIME-034")
	w, err := master()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		k := new(clock.Clock)
		card, err := w.boot(w.flash.ForkOn(k, nil), k, 0x01)
		if err != nil {
			r.Fatal(err)
		}
		m := &machine{edge: newEdge(), world: w, t: r, card: card}
		r.Repeat(map[string]func(*rapid.T){"select": m.selects, "select again": m.selects, "manage channel": m.manage, "interface": m.media, "reset": m.powers,
			"open": m.opens, "open again": m.opens, "insecure": m.insecure, "wrong MAC": m.wrongMAC, "card": m.cardStatus, "lock": m.appStatus,
			"contactless": m.contactlessStatus, "status": m.registry, "unknown": m.unknown, "second": m.second, "": m.check})
	})
}
