package atr

import (
	"errors"
	"fmt"
)

// Params is what an answer to reset says about the line, with the standard's
// defaults for what it leaves out.
type Params struct {
	FI, DI byte // TA1: clock rate conversion and baud rate adjustment; 1, 1
	N      byte // TC1: extra guard time in etu; 255: the least there is
	// Protocols are T of the offers in their order, 15 left out; at least one.
	Protocols []byte
	// Specific says that the card does not negotiate (TA2): it speaks Protocol, at
	// the rate of FI and DI unless Implicit.
	Specific bool
	Protocol byte
	Implicit bool

	WI       byte // TC2, T=0: waiting time integer, 1 to 255; 10
	IFSC     byte // TA3, T=1: information field size of the card, 1 to 254; 32
	BWI, CWI byte // TB3, T=1: block and character waiting time integers, 0 to 9 and 0 to 15; 4, 13
	CRC      bool // TC3, T=1: check by CRC instead of LRC

	// Supply is TA of T=15: clock stop (b8 b7) and classes of operating conditions;
	// absent: no clock stop, class A.
	Supply Byte
}

// Default is what an answer says that leaves everything out.
func Default() Params {
	return Params{FI: 1, DI: 1, Protocols: []byte{0}, WI: 10, IFSC: 32, BWI: 4, CWI: 13}
}

// Params reads the line's parameters. It refuses reserved values, whose meaning
// nobody knows. Spec: SPEC-TRANSPORT-004, SPEC-TRANSPORT-005.
func (a *ATR) Params() (Params, error) {
	p := Default()
	if len(a.Groups) == 0 {
		return p, nil
	}
	first := a.Groups[0]
	if first.TA.Present {
		p.FI, p.DI = first.TA.Value>>4, first.TA.Value&0x0F
	}
	if first.TC.Present {
		p.N = first.TC.Value
	}
	p.Protocols = nil
	for _, t := range []byte{a.First(), 0, 1} { // the first offer first
		if a.Offers(t) && (len(p.Protocols) == 0 || p.Protocols[0] != t) {
			p.Protocols = append(p.Protocols, t)
		}
	}
	if len(a.Groups) > 1 {
		if second := a.Groups[1]; second.TC.Present {
			p.WI = second.TC.Value
		}
		if ta2 := a.Groups[1].TA; ta2.Present {
			p.Specific, p.Protocol, p.Implicit = true, ta2.Value&0x0F, ta2.Value&0x10 != 0
		}
	}
	a.blockParams(&p)
	if g, ok := a.specific(15); ok {
		p.Supply = g.TA
	}
	return p, p.Check()
}

func (a *ATR) blockParams(p *Params) {
	g, ok := a.specific(1)
	if !ok {
		return
	}
	if g.TA.Present {
		p.IFSC = g.TA.Value
	}
	if g.TB.Present {
		p.BWI, p.CWI = g.TB.Value>>4, g.TB.Value&0x0F
	}
	if g.TC.Present {
		p.CRC = g.TC.Value&1 != 0
	}
}

// Check refuses what ISO/IEC 7816-3 reserves or excludes. Spec: SPEC-TRANSPORT-005.
func (p *Params) Check() error {
	switch {
	case F(p.FI) == 0:
		return fmt.Errorf("atr: FI %X is reserved", p.FI)
	case D(p.DI) == 0:
		return fmt.Errorf("atr: DI %X is reserved", p.DI)
	case len(p.Protocols) == 0:
		return errors.New("atr: no transmission protocol is offered")
	case p.WI == 0:
		return errors.New("atr: WI 0 is reserved")
	case p.IFSC == 0 || p.IFSC == 255:
		return fmt.Errorf("atr: IFSC %d: want 1 to 254", p.IFSC)
	case p.BWI > 9:
		return fmt.Errorf("atr: BWI %d is reserved", p.BWI)
	case p.CWI > 15:
		return fmt.Errorf("atr: CWI %d: want 0 to 15", p.CWI)
	case p.offers(1) && p.N != 255 && 1<<p.CWI <= int(p.N):
		return fmt.Errorf("atr: CWI %d leaves no time for an extra guard time of %d", p.CWI, p.N)
	}
	return nil
}

func (p *Params) offers(t byte) bool {
	for _, o := range p.Protocols {
		if o == t {
			return true
		}
	}
	return false
}

// New makes an answer to reset that says p: what equals the default is left out,
// but for TA3 and TB3 of a card with T=1. It fails where p.Check does.
// Spec: SPEC-TRANSPORT-006.
func New(p Params, historical []byte) (*ATR, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	a := &ATR{Groups: []Group{{}}, Historical: historical}
	if p.FI != 1 || p.DI != 1 {
		a.Groups[0].TA = Some(p.FI<<4 | p.DI)
	}
	if p.N != 0 {
		a.Groups[0].TC = Some(p.N)
	}
	blocks := p.offers(1)
	if len(p.Protocols) == 1 && p.Protocols[0] == 0 && !p.Specific && p.WI == 10 && !p.Supply.Present {
		return a, nil
	}
	second := Group{T: p.Protocols[0]}
	if p.Specific {
		mode := p.Protocol & 0x0F
		if p.Implicit {
			mode |= 0x10
		}
		second.TA = Some(mode)
	}
	if p.WI != 10 {
		second.TC = Some(p.WI)
	}
	a.Groups = append(a.Groups, second)
	for _, t := range p.Protocols[1:] {
		if t != 1 {
			a.Groups = append(a.Groups, Group{T: t})
		}
	}
	if blocks {
		g := Group{T: 1, TA: Some(p.IFSC), TB: Some(p.BWI<<4 | p.CWI)}
		if p.CRC {
			g.TC = Some(1)
		}
		a.Groups = append(a.Groups, g)
	}
	if p.Supply.Present {
		a.Groups = append(a.Groups, Group{T: 15, TA: p.Supply})
	}
	return a, nil
}

// Build makes the bytes of an answer to reset that says p; see New and
// ATR.Append.
func Build(p Params, historical []byte) ([]byte, error) {
	a, err := New(p, historical)
	if err != nil {
		return nil, err
	}
	return a.Append(nil)
}
