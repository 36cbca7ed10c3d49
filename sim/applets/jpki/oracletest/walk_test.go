package oracletest

import (
	"bytes"

	"inkan/core/iso7816"
	"inkan/core/jpki/oracle"
)

// walk runs a program on a new instance.
func walk(t fatal, s *setting, steps []uint64, covered *coverage, cuts bool) *driver {
	t.Helper()
	d := newDriver(t, s, covered)
	for _, seed := range steps {
		d.step(newChoice(seed), cuts)
	}
	d.probe()
	return d
}

// step does one thing: what leads on, half of the time.
func (d *driver) step(c choice, cuts bool) {
	d.t.Helper()
	if cuts && c.one(3) {
		d.cut = &cut{at: c.n(1 << 20), skip: c.n(4)}
	}
	defer func() { d.cut = nil }()
	switch n := c.n(100); {
	case n < 45:
		d.onward(c)
	case n < 78:
		d.atEdge(c)
	case n < 82:
		d.reset()
	case n < 86:
		d.media(!d.over)
	case n < 89:
		d.selects(c)
	case n < 90:
		d.burn(c)
	default:
		d.groups(c, d.anyGroups(c))
	}
}

// atEdge sends a command to the application, selected before if need be.
func (d *driver) atEdge(c choice) {
	d.t.Helper()
	if !d.applied {
		d.selectApplication(pick(c, byte(0x0C), 0x00, 0x04))
	}
	for range 1 + c.n(5) {
		if d.applied || d.none {
			d.edge(c)
		}
	}
}

// burn tries wrong PINs or codes until nothing is left, and goes on.
func (d *driver) burn(c choice) {
	d.t.Helper()
	d.selectApplication(0x0C)
	role := d.role(c)
	wrong := command(0, 0x20, 0, 0x98+3*(role-1), []byte("NOTIT7"), -1)
	if c.one(2) {
		pin := []string{"1111", "WRONG6"}[role-1]
		wrong = command(0, 0x2C, 0, 0x98+3*(role-1), []byte("NOTTHECODE00"+pin), -1)
	}
	for range 3 + c.n(4) {
		d.send(wrong)
	}
	d.edge(c)
}

// selects selects the application or the domain.
func (d *driver) selects(c choice) {
	d.t.Helper()
	if c.one(4) {
		d.selectDomain()
		return
	}
	d.selectApplication(pick(c, byte(0x0C), 0x0C, 0x00, 0x04, 0x08, 0x0E))
}

// onward does what an issue needs next.
func (d *driver) onward(c choice) {
	d.t.Helper()
	m := d.model()
	open := m.Open()
	if open != nil && open.Point == nil { // the answer was not read: again
		d.groups(c, group(0xB001, open.Order))
		return
	}
	switch m.Phase() {
	case oracle.PhaseEmpty:
		d.groups(c, group(0xB001, d.order(c, 1)))
	case oracle.PhaseOrdered:
		d.fill(c, open)
	case oracle.PhaseActive:
		d.use(c, open)
	case oracle.PhaseSuspended:
		d.groups(c, group(pick(c, uint16(0xB007), 0xB007, 0xB006, 0xB008, 0xB005), m.IssueID()))
	}
}

// fill brings what the open issue lacks.
func (d *driver) fill(c choice, open *oracle.Open) {
	d.t.Helper()
	m := d.model()
	has := m.Content()
	role := byte(c.n(2))
	complete := true
	for r := range 2 {
		complete = complete && (open.Order[3]>>r&1 == 0 || has>>(4*r)&0xF == 0xF)
	}
	switch {
	case complete && !c.one(4):
		d.groups(c, group(0xB005, m.IssueID()))
	case open.Order[2] == 1 && open.Order[3]>>role&1 != 0 && has>>(4*role)&1 == 0:
		first, ok := d.groups(c, group(0xB002, []byte{role + 1}))
		if ok {
			d.drain(c, first)
		}
	case open.Order[2] == 1 && c.one(4):
		d.groups(c, group(0xB002, []byte{byte(c.n(4))}))
	case c.one(5):
		d.groups(c, group(0xB004, append([]byte{role + 1, 0x30}, c.bytes(pick(c, 1, 400, 900))...)))
	default:
		d.groups(c, group(0xB003, d.envelope(c, open)))
	}
}

// use does something with an active application.
func (d *driver) use(c choice, open *oracle.Open) {
	d.t.Helper()
	m := d.model()
	role := d.role(c)
	if pin, _ := m.PIN(role); pin == nil && m.Code(role) != nil && !d.over {
		d.selectApplication(0x0C)
		d.send(command(0, 0x2C, 0, 0x98+3*(role-1), append(m.Code(role), d.plant(d.newPIN(c, role))...), -1))
		return
	}
	switch {
	case open != nil && !c.one(3):
		d.groups(c, group(0xB003, d.envelope(c, open)))
	case c.one(6):
		d.groups(c, group(0xB001, d.order(c, 2)))
	case c.one(8):
		d.groups(c, group(pick(c, uint16(0xB005), 0xB006, 0xB007, 0xB008), m.IssueID()))
	default:
		d.useKey(c, role)
	}
}

// useKey verifies a PIN and signs, at times by the contactless interface.
func (d *driver) useKey(c choice, role byte) {
	d.t.Helper()
	if !d.applied {
		d.selectApplication(0x0C)
	}
	verify := func() {
		if pin, _ := d.model().PIN(role); pin != nil {
			d.send(command(0, 0x20, 0, 0x98+3*(role-1), pin, -1))
		}
	}
	if d.over || !c.one(5) {
		verify()
	}
	if !d.over && c.one(2) && d.applied {
		d.send(command(0x80, 0x44, byte(1+c.n(2)), 0, nil, -1))
		d.media(true)
		if c.one(2) {
			d.selectApplication(0x0C)
		}
		if c.one(2) {
			verify()
		}
	}
	for range 1 + c.n(3) {
		d.send(command(0x80, 0x2A, 2, 0x97+3*(role-1), c.bytes(32), 0))
	}
	d.send(command(0, 0xB0, 0x8A, 0, nil, 0))
}

// anyGroups are one to three data groups of any kind.
func (d *driver) anyGroups(c choice) []byte {
	m := d.model()
	id := m.IssueID()
	if id == nil || c.one(4) {
		id = pick(c, make([]byte, 16), c.bytes(16))
	}
	var all []byte
	for range 1 + c.n(3) {
		var g []byte
		switch c.n(14) {
		case 0:
			g = group(0xB001, d.order(c, byte(1+c.n(2))))
		case 1:
			if m.Parameters().Form == 1 || c.one(4) { // making keys takes its time
				g = group(0xB002, []byte{byte(c.n(4))})
			}
		case 2:
			if open := m.Open(); open != nil && open.Point != nil {
				g = group(0xB003, d.envelope(c, open))
			} else {
				g = group(0xB003, c.bytes(34))
			}
		case 3:
			g = group(0xB004, c.bytes(pick(c, 2, 40, m.Parameters().FileBytes+1)))
			g[len(g)-1] |= 1
		case 4:
			if last := d.lastEnvelope; last != nil {
				g = group(0xB003, last)
			}
		case 5, 6:
			g = group(uint16(0xB005+c.n(4)), id)
		case 7, 8, 9:
			g = group(0xB009, nil)
		case 10:
			g = group(0xB0FF, []byte{0, byte(c.n(256))})
		case 11: // lengths that are none
			g = pick(c, group(uint16(0xB001+c.n(9)), c.bytes(c.n(300))), []byte{0xB0, 0x09, 0xFF, 0, 0}, []byte{0xB0, 0x04, 0xFF, 0x20, 0},
				[]byte{0xB0, 0x03, 0xFF, 0xFF, 0xF0}, []byte{0xB0, 0x08, 0xFF, 0, 16})
		case 12: // no DGI of the table
			g = pick(c, group(0xB000, nil), group(0xB00A, c.bytes(3)), group(0xB0FE, c.bytes(2)), group(0x8010, c.bytes(4)), group(0x7000, nil))
		case 13: // the open order again, or nearly
			if open := m.Open(); open != nil {
				if c.one(3) {
					open.Order[4+c.n(16)] ^= 1
				}
				g = group(0xB001, open.Order)
			}
		}
		all = append(all, g...)
	}
	if len(all) == 0 || c.one(20) {
		all = append(all, 0xB0)
	}
	return all
}

// probe compares what can be asked, at the end of a walk.
func (d *driver) probe() {
	d.t.Helper()
	d.cut = nil
	d.reset()
	d.selectApplication(0x00)
	d.send(command(0x80, 0xCA, 0xDF, 0x30, nil, 0))
	for _, sfi := range []byte{0x98, 0x9B} {
		d.send(command(0, 0x20, 0, sfi, nil, -1))
	}
	for _, ef := range []byte{1, 2, 6, 8, 10, 11} {
		d.send(command(0, 0xB0, 0x80|ef, 0, nil, 0))
	}
	d.send(command(0x80, 0xCA, 0xDF, 0x31, nil, 0))
	if d.model().Phase() == oracle.PhaseEmpty {
		d.erased()
	}
	d.openOwn(0x33)
	d.store(0x88, 0, group(0xB009, nil))
	if got := d.lifeCycle(); !bytes.Equal(got, []byte{d.model().LifeCycle()}) {
		d.fail("the life cycle is %X, expected %02X", got, d.model().LifeCycle())
	}
}

// sw is the status word of a response APDU.
func sw(response []byte) iso7816.SW {
	n := len(response) - 2
	return iso7816.SW(response[n])<<8 | iso7816.SW(response[n+1])
}
