package idcards

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/sim/idcard"
)

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
	for _, role := range w.roles() {
		if err := w.deliver(ctx, role); err != nil {
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
func (w *making) deliver(ctx context.Context, role jpki.Role) error {
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
	w.done[role] = r
	if !w.delivered() {
		return w.send(ctx, items)
	}
	parts, err := perso.KeyItems(role, w.Keys[role])
	if err != nil {
		return err
	}
	defer perso.WipeItems(parts)
	whole := append(items, parts...)
	if perso.CiphertextLen(itemsLen(whole)) <= perso.MaxCiphertextLen {
		return w.send(ctx, whole)
	}
	if err := w.send(ctx, items); err != nil { // a long certificate comes by itself
		return err
	}
	return w.send(ctx, parts)
}

// itemsLen is the length of items as they are coded: tag, two bytes of length, value.
func itemsLen(items []perso.Item) (n int) {
	for _, i := range items {
		n += 3 + len(i.Value)
	}
	return n
}

// send sends items in the next envelope.
func (w *making) send(ctx context.Context, items []perso.Item) error {
	w.sequence++
	envelope, err := w.session.Seal(nil, w.sequence, items)
	if err != nil {
		return err
	}
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
