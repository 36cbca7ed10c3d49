package oracle

import (
	"bytes"
	"fmt"

	"inkan/core/iso7816"
)

// Expected is what a command has to be answered.
type Expected struct {
	SW   iso7816.SW
	Next *Model // the state afterwards, once Match was called

	// Torn are further states that a loss of power within the command may
	// leave, but for the reset itself.
	Torn []*Model

	data  []byte                               // exact, where check is nil
	check func(next *Model, data []byte) error // learns into next
	free  bool                                 // the application's answer is not this model's
}

// Match compares a response APDU; the error says what differs, and shows no
// data that is not in the response. It is called once.
func (e *Expected) Match(response []byte) error {
	if e.free {
		return nil
	}
	if len(response) < 2 {
		return fmt.Errorf("oracle: a response of %d bytes", len(response))
	}
	n := len(response) - 2
	data, sw := response[:n], iso7816.SW(response[n])<<8|iso7816.SW(response[n+1])
	switch {
	case sw != e.SW:
		return fmt.Errorf("oracle: status word %04X, expected %04X", uint16(sw), uint16(e.SW))
	case e.check != nil:
		return e.check(e.Next, data)
	case !bytes.Equal(data, e.data):
		return fmt.Errorf("oracle: %d bytes %X, expected %d bytes %s", len(data), data, len(e.data), difference(data, e.data))
	}
	return nil
}

// difference says where two byte strings begin to differ.
func difference(got, want []byte) string {
	n := 0
	for n < len(got) && n < len(want) && got[n] == want[n] {
		n++
	}
	return fmt.Sprintf("(equal for %d)", n)
}

// AfterCut are the states that the card may be in after it lost power within
// the command that e is expected of, before being m, and was reset.
// Spec: SPEC-JPKI-AP-091, SPEC-PERSO-060.
func (m *Model) AfterCut(e *Expected) []*Model {
	states := []*Model{m.Clone(), e.Next.Clone()}
	for _, t := range e.Torn {
		states = append(states, t.Clone())
	}
	for _, s := range states {
		s.Reset(false)
	}
	return states
}

// refuse is a status word without data that changes nothing.
func (m *Model) refuse(sw iso7816.SW) *Expected { return &Expected{SW: sw, Next: m.Clone()} }

// done is 9000 with exact data and a new state.
func (m *Model) done(data []byte) *Expected { return &Expected{SW: iso7816.OK, Next: m, data: data} }

// tries is the status word of a counter.
func tries(n int) iso7816.SW { return 0x63C0 | iso7816.SW(n) }
