package oracle

import (
	"bytes"

	"inkan/core/apdu"
	"inkan/core/iso7816"
)

// Levels of a session.
const (
	levelMAC         = 0x01
	levelResponseMAC = 0x10
)

// Data groups.
const (
	dgiOrder    = 0xB001
	dgiGenerate = 0xB002
	dgiEnvelope = 0xB003
	dgiCACert   = 0xB004
	dgiActivate = 0xB005
	dgiSuspend  = 0xB006
	dgiResume   = 0xB007
	dgiErase    = 0xB008
	dgiState    = 0xB009
	dgiAnswer   = 0xB0FF
)

// blocks is a sequence of STORE DATA blocks; the zero value is none.
type blocks struct {
	open bool
	next int    // the number that the next block has
	held []byte // of a data group that is not complete
}

// noSession is STORE DATA without a session. Spec: SPEC-PERSO-002.
func (m *Model) noSession(*apdu.Command) *Expected {
	e := m.refuse(iso7816.SecurityStatusNotSatisfied)
	e.Next.blocks = blocks{}
	return e
}

// Store is what STORE DATA is answered that came through a secure channel with
// a level (as in EXTERNAL AUTHENTICATE) and is plain now: forwarded by the
// security domain, or in a session that the application opened.
// Spec: SPEC-PERSO-001 to SPEC-PERSO-011.
func (m *Model) Store(level, p1, p2 byte, data []byte) *Expected {
	next := m.Clone()
	fail := func(sw iso7816.SW) *Expected {
		next.blocks = blocks{}
		return &Expected{SW: sw, Next: next}
	}
	switch {
	case m.phone():
		return fail(iso7816.ConditionsNotSatisfied)
	case level&levelMAC == 0:
		return fail(iso7816.SecurityStatusNotSatisfied)
	case p1&0x7E != 0x08:
		return fail(iso7816.IncorrectP1P2)
	case p2 != 0 && (!m.blocks.open || m.blocks.next != int(p2)):
		return fail(iso7816.IncorrectP1P2)
	}
	held := []byte(nil)
	if p2 != 0 {
		held = m.blocks.held
	}
	e := next.groups(level, append(bytes.Clone(held), data...), len(held), p1&0x80 != 0)
	if e.SW != iso7816.OK || p1&0x80 != 0 {
		e.Next.blocks = blocks{}
		return e
	}
	e.Next.blocks.open, e.Next.blocks.next = true, int(p2)+1
	return e
}

// groups executes the data groups that are complete, and holds the rest. The
// first before bytes came with blocks before. Spec: SPEC-PERSO-006 to
// SPEC-PERSO-011.
func (m *Model) groups(level byte, rest []byte, before int, last bool) *Expected {
	e := m.done(nil)
	var torn []*Model
	for {
		g, sw := m.header(rest)
		if sw == iso7816.OK && g.complete && (g.dgi == dgiEnvelope || g.dgi == dgiCACert) {
			if m.answer != nil {
				m.answer = nil
				e = m.done(nil)
			}
		}
		if sw != iso7816.OK {
			return &Expected{SW: sw, Next: m, Torn: torn}
		}
		if !g.complete || len(rest) < g.header+g.length {
			break
		}
		value := rest[g.header : g.header+g.length]
		rest = rest[g.header+g.length:]
		torn = append(torn, m.Clone())
		e = m.execute(level, g.dgi, value)
		torn = append(torn, e.Torn...)
		if e.SW != iso7816.OK {
			return &Expected{SW: e.SW, Next: e.Next, Torn: torn}
		}
		m = e.Next
	}
	if last && len(rest) > 0 {
		return &Expected{SW: iso7816.WrongData, Next: m, Torn: torn}
	}
	m.blocks.held = rest
	e.Next, e.Torn = m, torn
	return e
}

// group is the header of a data group.
type group struct {
	dgi      uint16
	length   int
	header   int  // bytes
	complete bool // the header
}

// header reads the header of a data group and refuses what is known by it.
// Spec: SPEC-PERSO-009, SPEC-PERSO-013.
func (m *Model) header(b []byte) (group, iso7816.SW) {
	g := group{header: 3}
	if len(b) >= 3 && b[2] == 0xFF {
		g.header = 5
	}
	if len(b) < g.header {
		return g, iso7816.OK
	}
	g.complete = true
	g.dgi, g.length = uint16(b[0])<<8|uint16(b[1]), int(b[2])
	if g.header == 5 {
		g.length = int(b[3])<<8 | int(b[4])
	}
	known, right, held := m.lengths(g.dgi, g.length)
	switch {
	case !known:
		return g, iso7816.ReferencedDataNotFound
	case g.header == 5 && g.length < 255:
		return g, iso7816.WrongData
	case !held:
		return g, iso7816.NotEnoughMemory
	case !right:
		return g, iso7816.WrongData
	}
	return g, iso7816.OK
}

// lengths tells whether a DGI is known, whether its value can have a length,
// and whether the card can hold that.
func (m *Model) lengths(dgi uint16, n int) (known, right, held bool) {
	exact := func(want int) (bool, bool, bool) { return true, n == want, true }
	switch dgi {
	case dgiOrder:
		return exact(138)
	case dgiGenerate:
		return exact(1)
	case dgiEnvelope:
		cipher := n - 18
		return true, cipher >= 16 && cipher%16 == 0, cipher <= m.par.FileBytes+1024
	case dgiCACert:
		return true, n >= 2, n-1 <= m.par.FileBytes
	case dgiActivate, dgiSuspend, dgiResume, dgiErase:
		return exact(16)
	case dgiState:
		return exact(0)
	case dgiAnswer:
		return exact(2)
	}
	return false, false, false
}

// execute executes a data group. Spec: SPEC-PERSO-003.
func (m *Model) execute(level byte, dgi uint16, v []byte) *Expected {
	weak := level&levelResponseMAC == 0 && !m.attests()
	if weak && (dgi == dgiOrder || dgi == dgiGenerate || dgi == dgiErase) {
		return m.refuse(iso7816.SecurityStatusNotSatisfied)
	}
	switch dgi {
	case dgiOrder:
		return m.takeOrder(v)
	case dgiGenerate:
		return m.generate(v[0])
	case dgiEnvelope:
		return m.envelope(v)
	case dgiCACert:
		return m.caCert(v[0], v[1:])
	case dgiActivate:
		return m.activate(v)
	case dgiSuspend:
		return m.suspend(v, 0x06, PhaseSuspended)
	case dgiResume:
		return m.suspend(v, 0x07, PhaseActive)
	case dgiErase:
		return m.erase(v)
	case dgiState:
		return m.give(m.stateStatement())
	}
	return m.more(int(v[0])<<8 | int(v[1]))
}
