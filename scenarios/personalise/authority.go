package personalise

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/jpki"
	"inkan/core/jpki/perso"
)

// CA is a certificate authority as the one who personalises has it: by messages. It
// sees no certificate or code of what it carries. A try that ends early may ask the
// same again.
type CA interface {
	// PlaceOrder gives the order for a load file, as data group ORDER has it.
	PlaceOrder(ctx context.Context, loadFile perso.Hash) (order []byte, err error)
	// Issue gives what the card is to have, for its answers to ORDER and GENERATE.
	Issue(ctx context.Context, order []byte, keys [][]byte) (*Delivery, error)
	// Activate takes the card's receipt.
	Activate(ctx context.Context, receipt []byte) error
}

// Delivery is what the card is to have.
type Delivery struct {
	Authorities map[jpki.Role][]byte // DER of the issuers
	Envelopes   [][]byte             // in their order
	// Codes set the first PINs. The holder's phone has opened them: they do not come
	// past whoever personalises.
	Codes map[jpki.Role][]byte
}

// Format prints how much there is, whatever the verb.
func (d *Delivery) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "delivery of %d envelopes", len(d.Envelopes))
}

// issueBy goes from the order to the receipt of an authority behind messages.
func (r *run) issueBy(ctx context.Context) error {
	raw, err := r.CA.PlaceOrder(ctx, r.LoadHash)
	if err != nil {
		return fmt.Errorf("PlaceOrder: %w", err)
	}
	if r.order, err = perso.DecodeOrder(raw); err != nil {
		return err
	}
	if r.order.Roles != r.Parameters.Form.Roles() || r.order.Origin != r.origin() {
		return fmt.Errorf("an order for %v, keys %v: want %v, %v", r.order.Roles, r.order.Origin, r.Parameters.Form.Roles(), r.origin())
	}
	statement, err := r.send(ctx, "ORDER", "issue, "+r.order.Roles.String(), new(perso.Groups).Order(&r.order))
	if err != nil {
		return err
	}
	var keys [][]byte
	for _, role := range r.roles() {
		r.pairs[role] = new(pair)
		if r.Delivered {
			continue
		}
		key, err := r.send(ctx, "GENERATE "+role.String(), "RSA 2048 on the card", new(perso.Groups).Generate(role))
		if err != nil {
			return err
		}
		keys = append(keys, key)
	}
	d, err := r.CA.Issue(ctx, statement, keys)
	if err != nil {
		return fmt.Errorf("Issue: %w", err)
	}
	return r.carry(ctx, d)
}

// carry brings a delivery to the card and the receipt back.
func (r *run) carry(ctx context.Context, d *Delivery) error {
	for _, role := range r.roles() {
		authority := d.Authorities[role]
		if authority == nil || len(d.Codes[role]) != jpki.CodeLen {
			return errors.New("personalise: a delivery without the authority's certificate or the code of " + role.String())
		}
		r.pairs[role].code = d.Codes[role]
		if _, err := r.send(ctx, "CA CERT "+role.String(), bytesOf(authority), new(perso.Groups).CACertificate(role, authority)); err != nil {
			return err
		}
	}
	for _, envelope := range d.Envelopes {
		if _, err := r.send(ctx, "ENVELOPE", bytesOf(envelope)+", sealed", new(perso.Groups).Envelope(envelope)); err != nil {
			return err
		}
	}
	r.transfer.More = false
	receipt, err := r.send(ctx, "ACTIVATE", "receipt", new(perso.Groups).Activate(r.order.ID))
	if err != nil {
		return err
	}
	if err := r.CA.Activate(ctx, receipt); err != nil {
		return fmt.Errorf("Activate: %w", err)
	}
	return nil
}

// Erase removes keys and certificates that an order put onto a card, and gives the
// card's statement of it.
func Erase(ctx context.Context, c Config, order perso.OrderID) (statement []byte, err error) {
	c.LoadFile = nil
	if err := c.complete(); err != nil {
		return nil, err
	}
	r := newRun(c)
	defer r.close()
	if err := r.connect(ctx); err != nil {
		return nil, err
	}
	r.transfer.More = false
	return r.send(ctx, "ERASE", "", new(perso.Groups).Erase(order))
}
