package storm_test

import (
	"fmt"
	"slices"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"

	"pgregory.net/rapid"
)

// through sends a command through the session of a channel; reports is the response
// data in hex, or empty for any.
func (m *machine) through(channel int, cmd []byte, want iso7816.SW, reports string) {
	l := &m.lines[channel]
	out, err := l.host.Transmit(ctx, cmd, nil)
	if err != nil {
		m.t.Fatalf("%X: %v\n%s", cmd, err, m.describe())
	}
	r, err := apdu.DecodeResponse(out)
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Logf("channel %d, secured: %X -> %X %v", channel, cmd, r.Data, r.SW)
	m.expect(fmt.Sprintf("channel %d, secured: %X", channel, cmd), r.SW, want)
	if reports != "" && fmt.Sprintf("%X", r.Data) != reports {
		m.t.Fatalf("channel %d: %X, want %s", channel, r.Data, reports)
	}
}

// live draws a channel with a session that works.
func (m *machine) live() (int, *line, bool) {
	var all []int
	for i := range m.lines {
		if l := &m.lines[i]; l.host != nil && !m.closed(l.at) {
			all = append(all, i)
		}
	}
	if len(all) == 0 {
		return 0, nil, false
	}
	n := rapid.SampledFrom(all).Draw(m.t, "session")
	return n, &m.lines[n], true
}

// wrongMAC changes a protected command: the session is over.
func (m *machine) wrongMAC(*rapid.T) {
	n, l, ok := m.live()
	if !ok {
		return
	}
	b, err := l.host.Host.Wrap(nil, []byte{0x80, 0xCA, 0x00, 0x42, 0x00})
	if err != nil {
		m.t.Fatal(err)
	}
	b[5+rapid.IntRange(0, 7).Draw(m.t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(m.t, "bit")
	_, sw := m.exchange(n, b)
	m.expect("wrong MAC", sw, iso7816.SecurityStatusNotSatisfied)
	l.host = nil
}

// cardStatus takes a step of the card's life cycle.
func (m *machine) cardStatus(*rapid.T) {
	n, l, ok := m.live()
	if !ok {
		return
	}
	states := []gp.LifeCycle{gp.CardLocked, gp.CardSecured}
	if rapid.IntRange(0, 15).Draw(m.t, "end") == 0 {
		states = []gp.LifeCycle{gp.CardTerminated}
	}
	to := rapid.SampledFrom(states).Draw(m.t, "state")
	want := iso7816.ConditionsNotSatisfied
	if !m.refused(l.at, gp.InsSetStatus) {
		want = m.setCard(l.at, to)
	}
	m.through(n, []byte{0x80, 0xF0, 0x80, byte(to), 0x00}[:4], want, "")
}

// appStatus locks or unlocks an application or a domain.
func (m *machine) appStatus(*rapid.T) {
	n, l, ok := m.live()
	if !ok {
		return
	}
	a := rapid.SampledFrom(m.apps).Draw(m.t, "application")
	if a.name == filesApp {
		return
	}
	lock := rapid.Bool().Draw(m.t, "lock")
	want := iso7816.ConditionsNotSatisfied
	if !m.refused(l.at, gp.InsSetStatus) {
		want = m.setApplication(l.at, a, lock)
	}
	state := byte(0x07)
	if lock {
		state = 0x80
	}
	m.through(n, append([]byte{0x80, 0xF0, 0x40, state, byte(len(a.aid))}, a.aid...), want, "")
}

// contactlessStatus activates or deactivates an application.
func (m *machine) contactlessStatus(*rapid.T) {
	n, l, ok := m.live()
	if !ok || l.at.name != issuerApp {
		return
	}
	a := rapid.SampledFrom(m.apps).Draw(m.t, "application")
	if a.name == filesApp || a.name == issuerApp {
		return
	}
	on := rapid.IntRange(0, 2).Draw(m.t, "on") > 0
	want := iso7816.OK
	if m.shut() {
		want = iso7816.ConditionsNotSatisfied
	} else {
		a.contactless = on
	}
	p2 := byte(0)
	if on {
		p2 = 1
	}
	m.through(n, append([]byte{0x80, 0xF0, 0x01, p2, byte(len(a.aid) + 2), 0x4F, byte(len(a.aid))}, a.aid...), want, "")
}

// registry is GET STATUS of domains and applications.
func (m *machine) registry(*rapid.T) {
	n, l, ok := m.live()
	if !ok {
		return
	}
	want := iso7816.OK
	if m.refused(l.at, gp.InsGetStatus) {
		want = iso7816.ConditionsNotSatisfied
	}
	aid := l.at.aid // one entry that the domain sees, so that no 6310 comes
	if l.at.name == issuerApp {
		aid = m.app("carrier").aid
	}
	m.through(n, append([]byte{0x80, 0xF2, 0x40, 0x02, byte(len(aid) + 2), 0x4F, byte(len(aid))}, aid...), want, "")
}

// unknown is an instruction that no domain has.
func (m *machine) unknown(*rapid.T) {
	n, l, ok := m.live()
	if !ok {
		return
	}
	want := iso7816.INSNotSupported
	if m.refused(l.at, 0xFE) {
		want = iso7816.ConditionsNotSatisfied
	}
	m.through(n, []byte{0x80, 0xFE, 0x00, 0x00}, want, "")
}

// second installs another instance in one or two steps, or deletes it.
func (m *machine) second(*rapid.T) {
	n, l, ok := m.live()
	if !ok || l.at.name != issuerApp || m.shut() {
		return
	}
	aid := append(append([]byte(nil), corpusModule.Append(nil)[:8]...), 0x02)
	old := m.app("second")
	send := func(c gp.Command, want iso7816.SW) { m.through(n, encode(c)[0], want, "") }
	name, _ := gp.NewAID(aid)
	switch {
	case old == nil:
		a := &app{name: "second", aid: aid, group: "pin", state: gp.Installed}
		purpose := gp.ForInstall
		if rapid.Bool().Draw(m.t, "selectable") {
			purpose, a.state = gp.ForInstallAndMakeSelectable, gp.Selectable
		}
		send(gp.Install{Purpose: purpose, LoadFile: corpusPackage, Module: corpusModule, Application: name, Parameters: []byte{0xC9, 0}}, iso7816.OK)
		m.apps = append(m.apps, a)
	case old.state == gp.Installed && rapid.Bool().Draw(m.t, "make selectable"):
		send(gp.Install{Purpose: gp.ForMakeSelectable, Application: name}, iso7816.OK)
		old.state = gp.Selectable
	default:
		want := iso7816.OK
		for i := range m.lines {
			if m.lines[i].at == old {
				want = iso7816.ConditionsNotSatisfied
			}
		}
		send(gp.Delete{AID: name}, want)
		if want == iso7816.OK {
			m.apps = slices.DeleteFunc(m.apps, func(a *app) bool { return a == old })
		}
	}
}
