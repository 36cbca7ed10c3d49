package profile

import "inkan/core/atr"

// historical are the historical bytes of all profiles' cards: compact TLV with card
// service data (31), card capabilities (73: logical channels 0 to 3, assigned by
// the card) and the issuer's data (6x). No known card has them, so that a program
// that knows cards by their ATR asks this one what it is.
var historical = []byte("\x80\x31\xE0\x73\xFE\x21\x13\x65inkan")

// Line is what a card says about its line, as data: see atr.Params, of which it has
// the integers.
type Line struct {
	T0             bool // the carrier's custom: T=0, else T=1
	FI, DI, N      byte // F=512 and D=32 are 9 and 6
	WI             byte // T=0
	IFSC, BWI, CWI byte // T=1
	Supply         byte // clock stop and classes of voltage
}

// Params are the parameters of a line by T=1 or T=0; what is the other protocol's
// has its default. Spec: SPEC-PROFILES-009.
func (l *Line) Params(t0 bool) atr.Params {
	p := atr.Default()
	p.FI, p.DI, p.N, p.Supply = l.FI, l.DI, l.N, atr.Some(l.Supply)
	if t0 {
		p.Protocols, p.WI = []byte{0}, l.WI
		return p
	}
	p.Protocols, p.IFSC, p.BWI, p.CWI = []byte{1}, l.IFSC, l.BWI, l.CWI
	return p
}

// ATR is a card's answer to reset, by T=1 or T=0. Errors are those of parameters
// that ISO/IEC 7816-3 reserves. Spec: SPEC-PROFILES-009.
func (p *Profile) ATR(t0 bool) ([]byte, error) { return atr.Build(p.Line.Params(t0), historical) }
