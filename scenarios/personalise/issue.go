package personalise

import (
	"context"
	"fmt"
	"time"

	"inkan/core/entropy"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
)

// send sends data groups as one step and gives their answer.
func (r *run) send(ctx context.Context, name, detail string, g *perso.Groups) (answer []byte, err error) {
	err = r.step(ctx, name, detail, func(ctx context.Context) error {
		answer, err = r.transfer.Send(ctx, g, nil)
		return err
	})
	return answer, err
}

// issue goes from the order to the receipt.
func (r *run) issue(ctx context.Context) error {
	if err := r.placeOrder(ctx); err != nil {
		return err
	}
	defer r.session.Close()
	for _, role := range r.roles() {
		if err := r.makeKey(ctx, role); err != nil {
			return err
		}
		if err := r.deliver(ctx, role); err != nil {
			return err
		}
	}
	return r.activate(ctx)
}

func (r *run) placeOrder(ctx context.Context) error {
	r.order = perso.Order{Purpose: jpki.PurposeIssue, Origin: r.origin(), Roles: r.Parameters.Form.Roles(), LoadFile: r.LoadHash,
		Counter: 1, CAKeyVersion: r.ca.Version(), CAPoint: r.ca.Point()}
	source := entropy.Seeded(r.Seed, "personaliser/order")
	source.Fill(r.order.ID[:])
	copy(r.order.SIM[:], r.SIM)
	answer, err := r.send(ctx, "ORDER", "issue, "+r.order.Roles.String(), new(perso.Groups).Order(&r.order))
	if err != nil {
		return err
	}
	s, err := perso.DecodeOrderStatement(answer)
	if err != nil {
		return err
	}
	r.session, err = perso.Open(&r.order, r.cardOf(), &s, r.ca)
	return err
}

// makeKey has the card make a key, unless the authority did.
func (r *run) makeKey(ctx context.Context, role jpki.Role) error {
	p := r.pairs[role]
	if r.Delivered {
		return nil
	}
	answer, err := r.send(ctx, "GENERATE "+role.String(), "RSA 2048 on the card", new(perso.Groups).Generate(role))
	if err != nil {
		return err
	}
	k, err := perso.DecodeKeyStatement(answer)
	if err != nil {
		return err
	}
	if k.Role != role {
		return fmt.Errorf("GENERATE %v: the card says %v", role, k.Role)
	}
	p.public = k.PublicKey()
	return r.session.VerifyKey(&k)
}

// deliver issues the certificate and sends it with all that belongs to it.
func (r *run) deliver(ctx context.Context, role jpki.Role) error {
	p := r.pairs[role]
	var notAfter time.Time
	var err error
	if p.certificate, notAfter, err = p.authority.Issue(p.public, demoSubject(r.Parameters.Form, role), r.Now); err != nil {
		return err
	}
	authority := p.authority.Certificate.Raw
	if _, err := r.send(ctx, "CA CERT "+role.String(), bytesOf(authority), new(perso.Groups).CACertificate(role, authority)); err != nil {
		return err
	}
	items := []perso.Item{
		{Tag: perso.ItemCertificate.For(role), Value: p.certificate},
		{Tag: perso.ItemValidity.For(role), Value: notAfter.AppendFormat(nil, "20060102150405Z")},
		{Tag: perso.ItemCode.For(role), Value: p.code},
	}
	detail := "certificate, code"
	if p.private != nil {
		parts, err := perso.KeyItems(role, p.private)
		if err != nil {
			return err
		}
		defer perso.WipeItems(parts)
		items, p.private, detail = append(items, parts...), nil, "key, certificate, code"
	}
	r.sequence++
	envelope, err := r.session.Seal(nil, r.sequence, items)
	if err != nil {
		return err
	}
	_, err = r.send(ctx, "ENVELOPE "+role.String(), detail, new(perso.Groups).Envelope(envelope))
	return err
}

func (r *run) activate(ctx context.Context) error {
	r.transfer.More = false
	answer, err := r.send(ctx, "ACTIVATE", "receipt", new(perso.Groups).Activate(r.order.ID))
	if err != nil {
		return err
	}
	receipt, err := perso.DecodeReceipt(answer)
	if err != nil {
		return err
	}
	hash := func(role jpki.Role) (h perso.Hash) {
		if p := r.pairs[role]; p != nil {
			h = perso.CertificateHash(p.certificate)
		}
		return h
	}
	return r.session.VerifyReceipt(&receipt, hash(jpki.Auth), hash(jpki.Sign))
}

func bytesOf(b []byte) string { return Grouped(uint64(len(b))) + " bytes" }
