package oracle

import "bytes"

// Open is what whoever drives the model has to know of the open order to go on
// with it.
type Open struct {
	Order     []byte // as it was sent
	Point     []byte // the card's ephemeral point; nil: not read yet
	Challenge []byte // nil: not read yet
	Sequence  byte   // of the last envelope
}

// Open is the open order; nil: there is none.
func (m *Model) Open() *Open {
	if m.open == nil {
		return nil
	}
	return &Open{Order: bytes.Clone(m.open.raw), Point: m.ephemeral, Challenge: m.challenge, Sequence: m.sequence}
}

// IssueID is the order ID of the issue; nil: there was none.
func (m *Model) IssueID() []byte {
	if m.issue == nil {
		return nil
	}
	return bytes.Clone(m.issue.id)
}

// IssueCA is the CA key version and point of the order that made the issue; nil:
// there was none.
func (m *Model) IssueCA() []byte {
	if m.issue == nil {
		return nil
	}
	return bytes.Clone(m.issue.raw[72:])
}

// Highest is the highest order counter.
func (m *Model) Highest() uint32 { return m.highest }

// Contactless is the contactless state.
func (m *Model) Contactless() byte { return m.state }

// Content is what is there, as in statement 09.
func (m *Model) Content() byte {
	var has byte
	for role, c := range m.roles {
		for i, there := range []bool{c.key != nil, c.cert != nil, c.end != nil, c.code != nil} {
			if there {
				has |= 1 << (4*role + i)
			}
		}
	}
	return has
}

// PIN is the PIN of a role, 1 auth or 2 sign; nil: none is set. Tries are those
// over contact and over contactless.
func (m *Model) PIN(role byte) (pin []byte, tries [2]int) {
	c := m.roles[role-1]
	return bytes.Clone(c.pin), c.tries
}

// Code is the pending code of a role; nil: none.
func (m *Model) Code(role byte) []byte { return bytes.Clone(m.roles[role-1].code) }

// Exact tells whether the data that is expected is known to the byte.
func (e *Expected) Exact() bool { return e.check == nil && !e.free }
