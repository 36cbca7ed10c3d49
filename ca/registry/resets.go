package registry

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// Rate and term of PIN resets.
const (
	ResetLimit  = 3 // orders in ResetWindow, by phone
	ResetWindow = 24 * time.Hour
	ResetTerm   = 10 * time.Minute
)

// MaxSealed bounds what is kept of a PIN reset, in bytes.
const MaxSealed = 8 << 10

// ResetRequest asks for an order to reset the PIN of a phone.
type ResetRequest struct {
	Phone  record.PhoneID
	Sender string // the service manager that asks
	// Content makes what is kept with the order from it and from the order that
	// the active certificate came of.
	Content func(o, issue record.Order) ([]byte, error)
}

// PlaceReset places an order to reset the PIN of a phone with an active
// certificate: for the SIM, instance and load file of the order that the
// certificate came of. An earlier one that is open ends. The same call again is
// the same order. Spec: SPEC-CA-LIFECYCLE-029, SPEC-CA-LIFECYCLE-081.
func (r *Registry) PlaceReset(ctx context.Context, q ResetRequest, cause Cause) (order record.Order, err error) {
	call := record.Hash(sha256.Sum256([]byte(cause.Call)))
	err = r.do(ctx, "place reset", &cause, func(a *act) error {
		a.entry.Subject.Phone = q.Phone
		if cause.Call != "" {
			found, err := a.called(call, &order)
			if err != nil {
				return err
			}
			if found {
				a.unchanged = true
				if q.Sender != "" && order.Sender != q.Sender {
					return refuse(UnknownPhone)
				}
				return refuseIf(order.Phone != q.Phone || order.Purpose != record.PurposePINReset, DifferentRequest)
			}
		}
		phone, err := a.phoneOf(q.Phone, q.Sender)
		if err != nil {
			return err
		}
		a.entry.Subject.Person = phone.Person
		issue, err := a.mayReset(&phone)
		if err != nil {
			return err
		}
		order = record.Order{Purpose: record.PurposePINReset, Sender: phone.Sender, Phone: phone.ID, SIM: issue.SIM, Instance: issue.Instance,
			LoadFile: issue.LoadFile, Attestation: issue.Attestation, Call: call, At: a.now, Deadline: a.now.Add(ResetTerm), Progress: record.Open}
		content := func(o record.Order) ([]byte, error) { return nil, nil }
		if q.Content != nil {
			content = func(o record.Order) ([]byte, error) { return q.Content(o, issue) }
		}
		if err := a.writeOrder(&order, content, cause.Call != ""); err != nil {
			return err
		}
		phone.Reset = order.ID
		return a.put(record.Phones.Key(phone.ID[:]), &phone)
	})
	return order, err
}

// mayReset counts an order for PIN reset, ends the one that is open, and gives the
// order that the active certificate came of. The caller writes the phone.
// Spec: SPEC-CA-LIFECYCLE-029.
func (a *act) mayReset(phone *record.Phone) (issue record.Order, err error) {
	live, err := a.livePhone(phone.Person)
	if err != nil {
		return issue, err
	}
	if live.Phone != phone.ID || live.State != certificate.Active {
		return issue, refuse(NotActive)
	}
	if phone.ResetsFrom.IsZero() || a.now.Sub(phone.ResetsFrom) >= ResetWindow {
		phone.ResetsFrom, phone.Resets = a.now, 0
	}
	if phone.Resets >= ResetLimit {
		return issue, refuse(TooManyResets)
	}
	phone.Resets++
	if phone.Reset != (record.OrderID{}) {
		if err := a.endOrder(phone.Reset, certificate.Superseded); err != nil {
			return issue, err
		}
	}
	return a.order(live.Order)
}

// ResetCompletion is what was sealed for an order to reset a PIN.
type ResetCompletion struct {
	Order       record.OrderID
	Application record.ApplicationID // with which the holder signed the challenge
	Sender      string
	Sealed      []byte // opaque; it stays with the order
}

// CompleteReset uses up the holder's application for a PIN reset and keeps what
// was sealed. The first completion stays: what is returned has it.
// Spec: SPEC-CA-LIFECYCLE-082, SPEC-CA-LIFECYCLE-083.
func (r *Registry) CompleteReset(ctx context.Context, q ResetCompletion, cause Cause) (order record.Order, err error) {
	if len(q.Sealed) == 0 || len(q.Sealed) > MaxSealed {
		return order, fmt.Errorf("registry: reset: %d bytes sealed, want 1 to %d", len(q.Sealed), MaxSealed)
	}
	err = r.do(ctx, "complete reset", &cause, func(a *act) error {
		a.entry.Subject.Order = q.Order
		if order, err = a.order(q.Order); err != nil {
			return err
		}
		a.entry.Subject.Phone = order.Phone
		switch {
		case q.Sender != "" && order.Sender != q.Sender:
			return refuse(UnknownOrder)
		case order.Purpose != record.PurposePINReset:
			return refuse(WrongPurpose)
		case order.Progress == record.Done && order.Application == q.Application:
			a.unchanged = true
			return nil
		case order.Progress != record.Open:
			return refuse(OrderClosed)
		case a.now.After(order.Deadline):
			return refuse(OrderExpired)
		}
		app, err := a.useApplication(q.Application, q.Sender, record.PurposePINReset, order.Phone)
		if err != nil {
			return err
		}
		if _, err := a.signer(app.Signature); err != nil {
			return err
		}
		live, err := a.livePhone(app.Person)
		if err != nil {
			return err
		}
		if live.Phone != order.Phone || live.State != certificate.Active {
			return refuse(NotActive)
		}
		order.Application, order.Progress, order.Sealed = app.ID, record.Done, string(q.Sealed)
		return a.put(record.Orders.Key(order.ID[:]), &order)
	})
	return order, err
}
