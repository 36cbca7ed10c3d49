package registry

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"

	"inkan/ca/registry/record"
	"inkan/core/jpki/certificate"
)

// OrderRequest asks for an order under an application.
type OrderRequest struct {
	Application record.ApplicationID
	Sender      string // the service manager that asks
	SIM         record.SIM
	Instance    []byte // AID of the instance
	LoadFile    record.Hash
	Attestation []byte // name of the attestation key
	Most        int    // how many orders the application may have; 0: any number
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
				if q.Sender != "" && order.Sender != q.Sender {
					return refuse(UnknownApplication)
				}
				if order.Application != q.Application || order.SIM != q.SIM || order.Instance != string(q.Instance) || order.LoadFile != q.LoadFile {
					return refuse(DifferentRequest)
				}
				return nil
			}
		}
		app, err := a.openApplication(q.Application, q.Sender)
		if err != nil {
			return err
		}
		if app.SIM != q.SIM {
			return refuse(WrongSIM)
		}
		if !app.Purpose.Issues() {
			return refuse(WrongPurpose)
		}
		if _, err := a.eligible(app.Signature); err != nil {
			return err
		}
		if err := a.mayOrder(app.Phone, q.Most); err != nil {
			return err
		}
		order = record.Order{Application: app.ID, Purpose: app.Purpose, Origin: app.Origin, Sender: app.Sender, Phone: app.Phone, SIM: q.SIM,
			Instance: string(q.Instance), LoadFile: q.LoadFile, Attestation: string(q.Attestation), Call: call, At: a.now,
			Deadline: app.Deadline, Progress: record.Open}
		return a.placeOrder(&app, &order, q.Content, cause.Call != "")
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

// openApplication reads an application that may go on; to a service manager
// another one's does not exist. Spec: SPEC-CA-LIFECYCLE-080.
func (a *act) openApplication(id record.ApplicationID, sender string) (record.Application, error) {
	app, err := a.application(id)
	if err == nil && sender != "" && app.Sender != sender {
		err = refuse(UnknownApplication)
	}
	if err != nil {
		return app, err
	}
	a.entry.Subject.Person, a.entry.Subject.Phone = app.Person, app.Phone
	if app.Progress != record.Open || a.now.After(app.Deadline) {
		return app, refuse(ApplicationClosed)
	}
	return app, nil
}

// placeOrder ends the application's earlier order and writes the new one.
func (a *act) placeOrder(app *record.Application, order *record.Order, content func(record.Order) ([]byte, error), called bool) error {
	if app.Order != (record.OrderID{}) {
		if err := a.endOrder(app.Order, certificate.Superseded); err != nil {
			return err
		}
	}
	if err := a.writeOrder(order, content, called); err != nil {
		return err
	}
	app.Order = order.ID
	return a.put(record.Applications.Key(app.ID[:]), app)
}

// writeOrder gives an order its identifier and counter and writes it.
// Spec: SPEC-CA-LIFECYCLE-027.
func (a *act) writeOrder(order *record.Order, make func(record.Order) ([]byte, error), called bool) error {
	var counter record.Counter
	key := record.Counters.Key(order.SIM[:], []byte(order.Instance))
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
	order.Counter = counter.Last
	a.entry.Subject.Order = order.ID
	if make != nil {
		content, err := make(*order)
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
	return errors.Join(a.put(key, &counter), a.mark(record.OrdersOf.Key(order.Phone[:], order.ID[:])), a.put(record.Orders.Key(order.ID[:]), order))
}
