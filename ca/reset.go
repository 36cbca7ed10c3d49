package ca

import (
	"context"
	"fmt"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
)

// OrderPINReset makes the order whose challenge the holder will sign.
// Spec: SPEC-CA-070.
func (a *Authority) OrderPINReset(ctx context.Context, call *tsmp.Call, q *tsmp.OrderPINResetRequest) (*tsmp.PlaceOrderAnswer, error) {
	order, err := a.config.Registry.PlaceReset(ctx, registry.ResetRequest{Phone: record.PhoneID(q.Phone), Sender: string(call.Sender), Content: a.resetBytes}, a.cause(call))
	if err != nil {
		return nil, refused(err)
	}
	return placed(&order), nil
}

// resetBytes encodes an order for a PIN reset: under the content key of the issue,
// which alone may reset it (SPEC-PERSO-080).
func (a *Authority) resetBytes(r, issue record.Order) ([]byte, error) {
	before, err := perso.DecodeOrder([]byte(issue.Content))
	if err != nil {
		return nil, fmt.Errorf("ca: order %s: %w", issue.ID, err)
	}
	key := a.content(before.CAKeyVersion)
	if key == nil {
		return nil, fmt.Errorf("ca: order %s: content key version %d is gone", issue.ID, before.CAKeyVersion)
	}
	return encode(&r, key)
}

// SealPINReset makes the envelope that sets the code on the card, for the holder
// who signed the order's challenge. The same request again is answered with the
// same bytes. Spec: SPEC-CA-071, SPEC-CA-072.
func (a *Authority) SealPINReset(ctx context.Context, call *tsmp.Call, q *tsmp.SealPINResetRequest) (*tsmp.SealPINResetAnswer, error) {
	s, err := a.config.Registry.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	order, err := a.loadOrder(s, call, q.OrderID)
	if err != nil {
		return nil, err
	}
	if order.Purpose != record.PurposePINReset {
		return nil, tsmp.Refuse(tsmp.CodeApplicationPurpose, "order for an issue")
	}
	input := inputOf(q.OrderStatement, q.ApplicationID[:])
	if order.Progress == record.Open {
		sealed, err := a.sealReset(s, &order, q, input)
		if err != nil {
			return nil, err
		}
		reset := registry.ResetCompletion{Order: order.ID, Application: record.ApplicationID(q.ApplicationID), Sender: string(call.Sender), Sealed: sealed}
		cause := a.cause(call)
		cause.Evidence = append(cause.Evidence, registry.Evidence{Name: "order statement", Bytes: q.OrderStatement})
		if order.Order, err = a.config.Registry.CompleteReset(ctx, reset, cause); err != nil {
			return nil, refused(err)
		}
	}
	if order.Sealed == "" {
		return nil, tsmp.Refuse(tsmp.CodeOrderClosed, "")
	}
	k, err := parseKept([]byte(order.Sealed))
	if err != nil {
		return nil, err
	}
	if k.input != input {
		return nil, tsmp.Refuse(tsmp.CodeStatementMismatch, "sealed for another statement or application")
	}
	return &tsmp.SealPINResetAnswer{Envelope: k.envelope, HolderCode: k.reply}, nil
}

// sealReset checks that the holder signed the challenge of this order, and seals
// a new code.
func (a *Authority) sealReset(s *registry.Snapshot, order *placedOrder, q *tsmp.SealPINResetRequest, input [32]byte) ([]byte, error) {
	app, err := s.Application(record.ApplicationID(q.ApplicationID))
	if err != nil {
		return nil, refused(err)
	}
	if app.Sender != order.Sender {
		return nil, tsmp.Refuse(tsmp.CodeUnknownApplication, "")
	}
	if app.Purpose != record.PurposePINReset || app.Phone != order.Phone {
		return nil, tsmp.Refuse(tsmp.CodeApplicationPurpose, "")
	}
	signed, err := recorded(s, &app)
	if err != nil {
		return nil, err
	}
	session, err := order.session(q.OrderStatement)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	challenge := session.Challenge()
	hash := order.order.Hash()
	if signed.Order != (application.OrderProof{Hash: hash, Challenge: challenge}) {
		return nil, tsmp.Refuse(tsmp.CodeChallengeMismatch, "")
	}
	code := a.newCode(jpki.Auth)
	defer clear(code.Code[:])
	k := kept{input: input, statement: q.OrderStatement}
	items := []perso.Item{{Tag: perso.ItemChallenge, Value: challenge[:]}, {Tag: perso.ItemCode, Value: code.Code[:]}}
	if k.envelope, err = session.Seal(nil, 1, items); err != nil {
		return nil, err
	}
	if k.reply, err = signed.SealReply(order.key, hash, []application.HolderCode{code}); err != nil {
		return nil, err
	}
	return k.append(nil), nil
}
