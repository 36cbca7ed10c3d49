package ca

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
)

// MaxOrders is how many orders one application may have.
const MaxOrders = 10

// PlaceOrder makes the order for a card.
// Spec: SPEC-CA-030, SPEC-CA-031, SPEC-CA-032, SPEC-CA-034.
func (a *Authority) PlaceOrder(ctx context.Context, call *tsmp.Call, q *tsmp.PlaceOrderRequest) (*tsmp.PlaceOrderAnswer, error) {
	if err := a.admitted(q); err != nil {
		return nil, err
	}
	if err := a.attested(q.SIM, q.AttestationKey); err != nil {
		return nil, err
	}
	order, err := a.config.Registry.PlaceOrder(ctx, registry.OrderRequest{
		Application: record.ApplicationID(q.ApplicationID), Sender: string(call.Sender), SIM: q.SIM, Instance: q.InstanceAID,
		LoadFile: record.Hash(q.LoadFileHash), Attestation: attestationName(q.AttestationKey), Content: a.orderBytes,
		Most: MaxOrders,
	}, a.cause(call))
	if err != nil {
		return nil, refused(err)
	}
	return placed(&order), nil
}

func placed(order *record.Order) *tsmp.PlaceOrderAnswer {
	return &tsmp.PlaceOrderAnswer{OrderID: perso.OrderID(order.ID), Order: []byte(order.Content), OrderUntil: order.Deadline}
}

// admitted checks that the order is for the applet whose keys stay inside: the
// card's authority attests whatever instance asks it, a service manager's own too.
// Spec: SPEC-CA-032.
func (a *Authority) admitted(q *tsmp.PlaceOrderRequest) error {
	if !bytes.Equal(q.InstanceAID, jpki.AIDInstance.Append(nil)) {
		return tsmp.Refuse(tsmp.CodeAIDNotPermitted, "")
	}
	if !a.admits(q.LoadFileHash) {
		return tsmp.Refuse(tsmp.CodeLoadFile, "")
	}
	return nil
}

// attested checks that the key of the SIM's authority is known, or that none is
// needed. Spec: SPEC-CA-031, SPEC-CA-033.
func (a *Authority) attested(sim [16]byte, id perso.Hash) error {
	if id == (perso.Hash{}) && a.config.Unattested {
		inventory, knows := a.config.Attestation.(Attesting)
		if knows && inventory.Attests(sim) {
			return tsmp.Refuse(tsmp.CodeUnknownAttestation, "left out")
		}
		return nil
	}
	if a.attestation(sim, id) == nil {
		return tsmp.Refuse(tsmp.CodeUnknownAttestation, "")
	}
	return nil
}

// attestationName is how the registry names an attestation key; empty is none.
func attestationName(id perso.Hash) []byte {
	if id == (perso.Hash{}) {
		return nil
	}
	return id[:]
}

// orderBytes encodes an order that the registry is about to place, for the
// newest content key.
func (a *Authority) orderBytes(r record.Order) ([]byte, error) {
	return encode(&r, a.config.Content[len(a.config.Content)-1])
}

func encode(r *record.Order, key perso.ContentKey) ([]byte, error) {
	o := perso.Order{Purpose: jpki.PurposeIssue, Origin: jpki.Origin(r.Origin), Roles: jpki.Auth, ID: perso.OrderID(r.ID), SIM: r.SIM,
		LoadFile: perso.Hash(r.LoadFile), Counter: r.Counter, CAKeyVersion: key.Version(), CAPoint: key.Point()}
	if r.Purpose == record.PurposePINReset {
		o.Purpose = jpki.PurposePINReset
	}
	return o.Append(nil)
}

// placedOrder is an order with what the authority needs to go on with it.
type placedOrder struct {
	record.Order
	order perso.Order
	card  perso.Card
	key   perso.ContentKey
}

// loadOrder reads an order of a sender. Spec: SPEC-CA-013.
func (a *Authority) loadOrder(s *registry.Snapshot, call *tsmp.Call, id perso.OrderID) (p placedOrder, err error) {
	if p.Order, err = s.Order(record.OrderID(id)); err != nil {
		return p, refused(err)
	}
	if p.Sender != string(call.Sender) {
		return p, tsmp.Refuse(tsmp.CodeUnknownOrder, "")
	}
	if p.order, err = perso.DecodeOrder([]byte(p.Content)); err != nil {
		return p, fmt.Errorf("ca: order %s: %w", p.ID, err)
	}
	if p.key = a.content(p.order.CAKeyVersion); p.key == nil {
		return p, fmt.Errorf("ca: order %s: content key version %d is gone", p.ID, p.order.CAKeyVersion)
	}
	if p.card.AID, err = gp.NewAID([]byte(p.Instance)); err != nil {
		return p, fmt.Errorf("ca: order %s: %w", p.ID, err)
	}
	var name perso.Hash
	copy(name[:], p.Attestation)
	p.card.Authority = a.attestation(p.SIM, name)
	p.card.Unattested = p.Attestation == ""
	if p.card.Authority == nil && !p.card.Unattested {
		return p, tsmp.Refuse(tsmp.CodeUnknownAttestation, "")
	}
	return p, nil
}

// session opens the order with the card's answer to it. Sessions are not kept:
// the same statement gives the same keys again.
func (p *placedOrder) session(statement []byte) (*perso.Session, error) {
	st, err := perso.DecodeOrderStatement(statement)
	if err != nil {
		return nil, tsmp.Refuse(tsmp.CodeStatementMalformed, "order statement")
	}
	session, err := perso.Open(&p.order, p.card, &st, p.key)
	return session, statementFault(err)
}

// admits tells whether a load file is on the authority's list, where it has one.
func (a *Authority) admits(loadFile perso.Hash) bool {
	return a.config.LoadFiles == nil || slices.Contains(a.config.LoadFiles, loadFile)
}
