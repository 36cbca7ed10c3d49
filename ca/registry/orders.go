package registry

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"time"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// Rate of PIN resets.
const (
	ResetLimit  = 3 // orders in ResetWindow, by phone
	ResetWindow = 24 * time.Hour
)

// OrderRequest asks for an order under an application.
type OrderRequest struct {
	Application record.ApplicationID
	SIM         record.SIM
	Instance    []byte // AID of the instance
	LoadFile    record.Hash
	Attestation []byte // name of the attestation key
	// Content makes what is kept with the order, such as its bytes, once the
	// registry has given ID and counter. It may be nil.
	Content func(o record.Order) ([]byte, error)
}

// PlaceOrder places an order under an open application; an earlier order of the
// application ends, with a pending certificate that came of it. The counter rises
// by one for each order to the same instance on the same SIM. The same call again
// is the same order.
// Spec: SPEC-CA-LIFECYCLE-026, SPEC-CA-LIFECYCLE-027, SPEC-CA-LIFECYCLE-028, SPEC-CA-LIFECYCLE-029.
func (r *Registry) PlaceOrder(ctx context.Context, q OrderRequest, cause Cause) (order record.Order, err error) {
	if len(q.Instance) < 5 || len(q.Instance) > 16 || len(q.Attestation) > MaxName {
		return order, fmt.Errorf("registry: order: AID of %d bytes, attestation key name of %d", len(q.Instance), len(q.Attestation))
	}
	call := record.Hash(sha256.Sum256([]byte(cause.Call)))
	err = r.do(ctx, "place order", &cause, func(a *act) error {
		a.entry.Subject.Application = q.Application
		if cause.Call != "" {
			found, err := a.called(call, &order)
			if err != nil {
				return err
			}
			if found {
				a.unchanged = true
				if order.Application != q.Application || order.SIM != q.SIM || order.Instance != string(q.Instance) || order.LoadFile != q.LoadFile {
					return refuse(DifferentRequest)
				}
				return nil
			}
		}
		app, err := a.openApplication(q.Application)
		if err != nil {
			return err
		}
		if app.SIM != q.SIM {
			return refuse(WrongSIM)
		}
		if err := a.mayOrder(&app); err != nil {
			return err
		}
		order = record.Order{Application: app.ID, Purpose: app.Purpose, Phone: app.Phone, SIM: q.SIM, Instance: string(q.Instance),
			LoadFile: q.LoadFile, Attestation: string(q.Attestation), Call: call, At: a.now, Progress: record.Open}
		return a.placeOrder(&app, &order, &q, cause.Call != "")
	})
	return order, err
}

func (a *act) called(call record.Hash, order *record.Order) (bool, error) {
	value, found, err := a.Get(record.Calls.Key(call[:]), nil)
	if err != nil || !found {
		return false, err
	}
	var id record.OrderID
	copy(id[:], value)
	*order, err = a.order(id)
	return true, err
}

// openApplication reads an application that may go on.
func (a *act) openApplication(id record.ApplicationID) (record.Application, error) {
	app, err := a.application(id)
	if err != nil {
		return app, err
	}
	a.entry.Subject.Person, a.entry.Subject.Phone = app.Person, app.Phone
	if app.Progress != record.Open || a.now.After(app.Deadline) {
		return app, refuse(ApplicationClosed)
	}
	return app, nil
}

// mayOrder checks, once more, what the application was admitted for.
func (a *act) mayOrder(app *record.Application) error {
	switch app.Purpose {
	case record.PurposeIssue:
		_, err := a.eligible(app.Signature)
		return err
	case record.PurposePINReset:
		if _, err := a.signer(app.Signature); err != nil {
			return err
		}
		return a.mayReset(app)
	}
	return refuse(WrongPurpose)
}

// mayReset counts an order for PIN reset. Spec: SPEC-CA-LIFECYCLE-029.
func (a *act) mayReset(app *record.Application) error {
	live, found, err := a.livePhone(app.Person)
	if err != nil {
		return err
	}
	if !found || live.Phone != app.Phone || live.State != certificate.Active {
		return refuse(NotActive)
	}
	phone, err := a.phone(app.Phone)
	if err != nil {
		return err
	}
	if phone.ResetsFrom.IsZero() || a.now.Sub(phone.ResetsFrom) >= ResetWindow {
		phone.ResetsFrom, phone.Resets = a.now, 0
	}
	if phone.Resets >= ResetLimit {
		return refuse(TooManyResets)
	}
	phone.Resets++
	return a.put(record.Phones.Key(phone.ID[:]), &phone)
}

func (a *act) placeOrder(app *record.Application, order *record.Order, q *OrderRequest, called bool) error {
	if app.Order != (record.OrderID{}) {
		if err := a.endOrder(app.Order, certificate.Superseded); err != nil {
			return err
		}
	}
	var counter record.Counter
	key := record.Counters.Key(q.SIM[:], q.Instance)
	if _, err := a.load(key, &counter); err != nil {
		return err
	}
	if counter.Last == math.MaxUint32 {
		return refuse(CounterExhausted)
	}
	counter.Last++
	if err := a.newID(record.Orders, order.ID[:]); err != nil {
		return err
	}
	order.Counter, app.Order = counter.Last, order.ID
	a.entry.Subject.Order = order.ID
	if q.Content != nil {
		content, err := q.Content(*order)
		if err != nil {
			return err
		}
		if len(content) > record.MaxText {
			return fmt.Errorf("registry: order: content of %d bytes, want at most %d", len(content), record.MaxText)
		}
		order.Content = string(content)
	}
	if called {
		if err := a.tx.Put(record.Calls.Key(order.Call[:]), order.ID[:]); err != nil {
			return err
		}
	}
	return errors.Join(a.put(key, &counter), a.put(record.Orders.Key(order.ID[:]), order), a.put(record.Applications.Key(app.ID[:]), app))
}

// FinishOrder notes that the applet has carried out an order for PIN reset; the
// receipt is the evidence.
func (r *Registry) FinishOrder(ctx context.Context, id record.OrderID, cause Cause) error {
	return r.do(ctx, "finish order", &cause, func(a *act) error {
		a.entry.Subject.Order = id
		order, err := a.order(id)
		if err != nil {
			return err
		}
		app, err := a.application(order.Application)
		if err != nil {
			return err
		}
		a.entry.Subject.Application, a.entry.Subject.Person, a.entry.Subject.Phone = app.ID, app.Person, app.Phone
		switch {
		case order.Purpose != record.PurposePINReset:
			return refuse(WrongPurpose)
		case order.Progress == record.Done:
			a.unchanged = true
			return nil
		case order.Progress != record.Open:
			return refuse(OrderClosed)
		}
		return a.closeApplication(&app, record.Done)
	})
}
