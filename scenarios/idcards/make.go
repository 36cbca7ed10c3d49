package idcards

import (
	"context"
	"crypto/x509"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/jpki/basic"
	"inkan/core/jpki/perso"
	"inkan/core/scp"
	"inkan/sim/idcard"
)

// Make makes a card and personalises it: a new copy of the body, in a contact
// reader, powered and reset at the end, with randomness of the order's seed. Errors
// name the step.
func (m *Maker) Make(ctx context.Context, o Order) (*idcard.Card, error) {
	return m.MakeWith(ctx, o, idcard.Parts{Entropy: entropy.Seeded(o.Seed, fmt.Sprintf("idcards/card %d", o.Number))})
}

// MakeWith is Make with other parts; their memory is the body's, their number the
// order's.
func (m *Maker) MakeWith(ctx context.Context, o Order, parts idcard.Parts) (*idcard.Card, error) {
	parts.Number = o.Number
	card, err := m.Body(parts)
	if err != nil {
		return nil, err
	}
	if err := m.Personalise(ctx, card, o); err != nil {
		return nil, err
	}
	_, err = card.Reset(ctx, false)
	return card, err
}

// making is one card on its way.
type making struct {
	Order
	card     apdu.Card
	domain   *scp.Secured
	hasOwn   bool // keys are the card's own already
	entropy  entropy.Source
	loadHash perso.Hash

	content  *perso.SoftwareKey // the CA's
	order    perso.Order
	session  *perso.Session
	transfer perso.Transfer
	sequence byte // of the last envelope
	done     map[jpki.Role]*made
	common   *basic.Data
	text     *basic.Data
	early    map[jpki.Role]certified
}

// made is what a role has got.
type made struct {
	certificate perso.Hash
	code        []byte
}

// certified is a certificate that was looked at.
type certified struct {
	Certified
	parsed *x509.Certificate
}

// Personalise does all of an order on a body over any transport: the JPKI
// application, the basic applications, the domain's own keys, the first PINs.
// Spec: SPEC-IDCARD-016, SPEC-IDCARD-019.
func (m *Maker) Personalise(ctx context.Context, card apdu.Card, o Order) error {
	if err := o.complete(); err != nil {
		return err
	}
	if o.Signer == nil {
		signer, err := m.testSigner()
		if err != nil {
			return err
		}
		o.Signer = signer
	}
	w := &making{Order: o, card: card, entropy: m.entropy, loadHash: m.loadHash, done: map[jpki.Role]*made{}, early: map[jpki.Role]certified{}}
	for _, stage := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"content", w.prepare}, {"certificates", w.certifyDelivered}, {"channel", w.connect}, {"JPKI", w.issue}, {"basic applications", w.basics},
		{"domain", w.own}, {"hand-over", w.handOver},
	} {
		if err := stage.do(ctx); err != nil {
			w.close()
			return fmt.Errorf("idcards: card %d, %s: %w", o.Number, stage.name, err)
		}
	}
	return nil
}

// certifyDelivered has the certificates of keys that are there, before anything is
// sent. Spec: SPEC-IDCARD-017.
func (w *making) certifyDelivered(ctx context.Context) error {
	if !w.delivered() {
		return nil
	}
	for _, role := range w.roles() {
		c, parsed, err := w.certify(ctx, role, &w.Keys[role].PublicKey)
		if err != nil {
			return err
		}
		w.early[role] = certified{c, parsed}
	}
	return nil
}

// connect opens the channel, by the batch's keys, or by the card's own where an attempt
// before got that far.
func (w *making) connect(ctx context.Context) (err error) {
	keys := idcard.BatchKeys()
	defer keys.Wipe()
	if w.domain, err = open(ctx, w.card, &keys, w.entropy); err == nil || w.Attempt == 0 {
		return err
	}
	own, failed := idcard.Keys(w.Number)
	if failed != nil {
		return failed
	}
	defer own.Wipe()
	w.domain, err = open(ctx, w.card, &own, w.entropy)
	w.hasOwn = err == nil
	return err
}

func (w *making) close() {
	if w.domain != nil {
		w.domain.Host.Close()
	}
}

// forward has the domain forward what follows to an application.
func (w *making) forward(ctx context.Context, to gp.AID) error {
	_, err := gp.Exchange(ctx, w.domain, gp.Install{Purpose: gp.ForPersonalization, Application: to}, nil)
	return err
}
