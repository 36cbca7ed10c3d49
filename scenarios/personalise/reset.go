package personalise

import (
	"context"
	"fmt"

	"inkan/core/jpki"
	"inkan/core/jpki/perso"
)

// Sealed is what comes of a card's answer to an order for PIN reset: what is sent to
// the card, and the codes, which the holder's phone has opened.
type Sealed struct {
	Envelope []byte
	Codes    map[jpki.Role][]byte
}

// Format prints how long the envelope is, whatever the verb.
func (s *Sealed) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "sealed codes of %d bytes", len(s.Envelope))
}

// ResetPINs brings an authority's order for PIN reset to a card, has seal answer what
// the card says to it, and brings the codes there; the holder sets the PINs with them.
func ResetPINs(ctx context.Context, c Config, order []byte, seal func(ctx context.Context, statement []byte) (*Sealed, error)) (*Report, error) {
	c.LoadFile = nil
	if err := c.complete(); err != nil {
		return nil, err
	}
	o, err := perso.DecodeOrder(order)
	if err != nil {
		return nil, err
	}
	if o.Purpose != jpki.PurposePINReset {
		return nil, fmt.Errorf("personalise: an order for %v, want a PIN reset", o.Purpose)
	}
	r := newRun(c)
	defer r.close()
	if err := r.connect(ctx); err != nil {
		return r.report, err
	}
	statement, err := r.send(ctx, "ORDER", "PIN reset, "+o.Roles.String(), new(perso.Groups).Order(&o))
	if err != nil {
		return r.report, err
	}
	sealed, err := seal(ctx, statement)
	if err != nil {
		return r.report, err
	}
	for _, role := range r.roles() {
		r.pairs[role] = &pair{code: sealed.Codes[role]}
	}
	r.transfer.More = false
	if _, err := r.send(ctx, "ENVELOPE", "codes", new(perso.Groups).Envelope(sealed.Envelope)); err != nil {
		return r.report, err
	}
	return r.report, r.useCodes(ctx)
}
