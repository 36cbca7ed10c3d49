package transport

import "inkan/core/apdu"

// Choice is which protocol a reader wants.
type Choice uint8

// The choices. A reader that wants a protocol that the card does not offer takes
// what it offers first.
const (
	FirstOffered Choice = iota
	WantT0
	WantT1
)

// Reader is what a reader does where the standard leaves it a choice. The zero
// value takes the card's first protocol at the rate that TA1 indicates, and tells
// a card with T=1 that it takes 254 bytes.
type Reader struct {
	Protocol     Choice
	KeepRate     bool // stay at the default rate, 372 clocks
	StrictAnswer bool // refuse an answer that begins later than 40,000 clocks after the reset
	IFSD         byte // T=1: 0: 254; 32: it is not negotiated
	NAD          byte // T=1: source and destination node addresses
	T0           apdu.T0Options
	MaxWaits     int // NULL bytes or extensions of one command; 0: 65536
	MaxResponse  int // T=1: longest response APDU; 0: 65538
}

func (r *Reader) fill() {
	if r.IFSD == 0 {
		r.IFSD = maxInformation
	}
	if r.MaxWaits == 0 {
		r.MaxWaits = 1 << 16
	}
	if r.MaxResponse == 0 {
		r.MaxResponse = apdu.MaxExtendedNe + 2
	}
}

// choose gives the protocol and the rate to use by the card's offers, and whether
// it takes a PPS to get there. Spec: SPEC-TRANSPORT-012, SPEC-TRANSPORT-013.
func (r *Reader) choose(t *timing) (protocol, rate byte, negotiate, ok bool) {
	p := &t.p
	indicated := p.FI<<4 | p.DI
	if p.Specific {
		if p.Implicit {
			indicated = defaultRate
		}
		return p.Protocol, indicated, false, p.Protocol <= 1
	}
	protocol = 0xFF
	for _, offer := range p.Protocols {
		if offer <= 1 && (protocol > 1 || r.wants(offer)) {
			protocol = offer
		}
	}
	rate = indicated
	if r.KeepRate {
		rate = defaultRate
	}
	return protocol, rate, rate != defaultRate || protocol != p.Protocols[0], protocol <= 1
}

// wants tells whether the reader prefers an offer to the first one.
func (r *Reader) wants(offer byte) bool {
	return r.Protocol == WantT0 && offer == 0 || r.Protocol == WantT1 && offer == 1
}
