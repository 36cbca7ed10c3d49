package idcards

import (
	"context"
	"crypto/x509"
	"errors"
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

// issue goes from the order to the receipt of the JPKI application.
func (w *making) issue(ctx context.Context) error {
	if err := w.forward(ctx, jpki.AIDInstance); err != nil {
		return err
	}
	w.transfer = perso.Transfer{Card: w.domain, BlockBytes: blockBytes, More: true}
	if w.Attempt > 0 {
		if _, err := w.transfer.Send(ctx, new(perso.Groups).Erase(perso.OrderID{}), nil); err != nil {
			return err
		}
	}
	if err := w.placeOrder(ctx); err != nil {
		return err
	}
	defer w.session.Close()
	for i, role := range w.roles() {
		if err := w.deliver(ctx, role, byte(i+1)); err != nil {
			return fmt.Errorf("%v: %w", role, err)
		}
	}
	return w.activate(ctx)
}

func (w *making) placeOrder(ctx context.Context) (err error) {
	source := entropy.Seeded(w.Seed, fmt.Sprintf("idcards/order %d.%d", w.Number, w.Attempt))
	for w.content == nil {
		var scalar [32]byte
		source.Fill(scalar[:])
		w.content, _ = perso.NewSoftwareKey(1, scalar[:]) // not a scalar once in 2^32
	}
	w.order = perso.Order{Purpose: jpki.PurposeIssue, Origin: jpki.OriginOnCard, Roles: w.Roles, LoadFile: w.loadHash, Counter: 1 + w.Attempt,
		CAKeyVersion: w.content.Version(), CAPoint: w.content.Point()}
	if w.delivered() {
		w.order.Origin = jpki.OriginDelivered
	}
	source.Fill(w.order.ID[:])
	copy(w.order.SIM[:], idcard.CIN(w.Number))
	answer, err := w.transfer.Send(ctx, new(perso.Groups).Order(&w.order), nil)
	if err != nil {
		return err
	}
	s, err := perso.DecodeOrderStatement(answer)
	if err != nil {
		return err
	}
	w.session, err = perso.Open(&w.order, perso.Card{AID: jpki.AIDInstance, Unattested: true}, &s, w.content)
	return err
}

// certificate is that of a role, for a key that the card makes if none is delivered.
func (w *making) certificate(ctx context.Context, role jpki.Role) (certified, error) {
	if c, ok := w.early[role]; ok {
		return c, nil
	}
	answer, err := w.transfer.Send(ctx, new(perso.Groups).Generate(role), nil)
	if err != nil {
		return certified{}, err
	}
	k, err := perso.DecodeKeyStatement(answer)
	if err != nil {
		return certified{}, err
	}
	if k.Role != role {
		return certified{}, errors.New("the card made the other key")
	}
	if err := w.session.VerifyKey(&k); err != nil {
		return certified{}, err
	}
	c, parsed, err := w.certify(ctx, role, k.PublicKey())
	return certified{c, parsed}, err
}

// deliver sends a role's certificates, code and delivered key.
func (w *making) deliver(ctx context.Context, role jpki.Role, sequence byte) error {
	c, err := w.certificate(ctx, role)
	if err != nil {
		return err
	}
	if _, err := w.transfer.Send(ctx, new(perso.Groups).CACertificate(role, c.CA), nil); err != nil {
		return err
	}
	r := &made{certificate: perso.CertificateHash(c.Certificate), code: make([]byte, jpki.CodeLen)}
	fillCode(entropy.Seeded(w.Seed, fmt.Sprintf("idcards/code %d.%d %v", w.Number, w.Attempt, role)), r.code)
	items := []perso.Item{
		{Tag: perso.ItemCertificate.For(role), Value: c.Certificate},
		{Tag: perso.ItemValidity.For(role), Value: c.parsed.NotAfter.UTC().AppendFormat(nil, "20060102150405Z")},
		{Tag: perso.ItemCode.For(role), Value: r.code},
	}
	if w.delivered() {
		parts, err := perso.KeyItems(role, w.Keys[role])
		if err != nil {
			return err
		}
		defer perso.WipeItems(parts)
		items = append(items, parts...)
	}
	envelope, err := w.session.Seal(nil, sequence, items)
	if err != nil {
		return err
	}
	w.done[role] = r
	_, err = w.transfer.Send(ctx, new(perso.Groups).Envelope(envelope), nil)
	return err
}

// fillCode fills a single-use code with characters that a person can type.
func fillCode(source entropy.Source, code []byte) {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRSTUVWX" // 32
	source.Fill(code)
	for i, b := range code {
		code[i] = alphabet[b&31]
	}
}

func (w *making) activate(ctx context.Context) error {
	w.transfer.More = false
	answer, err := w.transfer.Send(ctx, new(perso.Groups).Activate(w.order.ID), nil)
	if err != nil {
		return err
	}
	receipt, err := perso.DecodeReceipt(answer)
	if err != nil {
		return err
	}
	hash := func(role jpki.Role) (h perso.Hash) {
		if r := w.done[role]; r != nil {
			h = r.certificate
		}
		return h
	}
	return w.session.VerifyReceipt(&receipt, hash(jpki.Auth), hash(jpki.Sign))
}
