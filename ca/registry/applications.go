package registry

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"inkan/ca/registry/record"
)

// Terms of the procedures.
const (
	// Freshness is how old an applicant's signature may be, and how far it may
	// lie ahead of the registry's time.
	Freshness = 10 * time.Minute
	// ApplicationTerm is how long an application is open.
	ApplicationTerm = 24 * time.Hour
	// PendingTerm is how long a reservation or a pending certificate lasts.
	PendingTerm = 24 * time.Hour
)

// ApplicationRequest is what an applicant has signed, verified by the caller.
type ApplicationRequest struct {
	Purpose record.Purpose
	Origin  record.Origin // for an issue or transfer
	Sender  string        // the service manager that brought it
	// Signature is the serial of the card's signature certificate that verifies
	// the signature.
	Signature uint64
	SIM       record.SIM     // zero where the application names none
	Phone     record.PhoneID // that the purpose is about; zero for an issue
	Nonce     []byte         // used once
	SignedAt  time.Time
	Signed    []byte // the signed application itself: evidence, and its identity
}

func (q *ApplicationRequest) check() error {
	issue := q.Purpose.Issues()
	switch {
	case q.Purpose < record.PurposeIssue || q.Purpose > record.PurposeSuspensionLift:
		return fmt.Errorf("registry: application: purpose %d", q.Purpose)
	case len(q.Sender) > MaxName || strings.ContainsRune(q.Sender, 0):
		return fmt.Errorf("registry: application: sender of %d bytes, want at most %d and none that is 00", len(q.Sender), MaxName)
	case issue && q.Origin != record.OnCard && q.Origin != record.Delivered, !issue && q.Origin != 0:
		return fmt.Errorf("registry: application: key origin %d for purpose %d", q.Origin, q.Purpose)
	case (q.Purpose == record.PurposeIssue) != (q.Phone == record.PhoneID{}):
		return errors.New("registry: application: a phone is named except for an issue")
	case issue && q.SIM == record.SIM{}:
		return errors.New("registry: application: an issue names a SIM")
	case len(q.Nonce) < 8 || len(q.Nonce) > MaxName:
		return fmt.Errorf("registry: application: nonce of %d bytes, want 8 to %d", len(q.Nonce), MaxName)
	case len(q.Signed) == 0:
		return errors.New("registry: application: not signed")
	}
	return nil
}

// RegisterApplication takes an application whose signature the caller has
// verified. The same signed application again is the same application to the
// service manager that brought it, and a used nonce to any other; another one for
// issue ends the person's earlier one.
// Spec: SPEC-CA-LIFECYCLE-020, SPEC-CA-LIFECYCLE-021, SPEC-CA-LIFECYCLE-023, SPEC-CA-LIFECYCLE-024, SPEC-CA-LIFECYCLE-090.
func (r *Registry) RegisterApplication(ctx context.Context, q ApplicationRequest, cause Cause) (app record.Application, err error) {
	if err := q.check(); err != nil {
		return app, err
	}
	cause.Evidence = append([]Evidence{{"application", q.Signed}}, cause.Evidence...)
	err = r.do(ctx, "register application", &cause, func(a *act) error {
		hash := record.Hash(sha256.Sum256(q.Signed))
		var found bool
		if app, found, err = a.signed(hash); err != nil {
			return err
		}
		if found {
			a.unchanged = true
			return refuseIf(app.Sender != q.Sender, NonceUsed)
		}
		p, err := a.signer(q.Signature)
		if err != nil {
			return err
		}
		if age := a.now.Sub(q.SignedAt); age > Freshness || age < -Freshness {
			return refuse(Stale)
		}
		if q.Purpose.Issues() {
			p, err = a.eligible(q.Signature)
		}
		if err == nil && q.Purpose != record.PurposeIssue {
			err = a.owns(&p, &q)
		}
		if err != nil {
			return err
		}
		app = record.Application{Purpose: q.Purpose, Origin: q.Origin, Person: p.person.ID, Sender: q.Sender, Phone: q.Phone, SIM: q.SIM,
			Signature: q.Signature, Evidence: hash, SignedAt: q.SignedAt.UTC().Truncate(time.Second), At: a.now, Deadline: a.now.Add(ApplicationTerm), Progress: record.Open}
		if err := errors.Join(a.newID(record.Applications, app.ID[:]), a.useNonce(q.Nonce, &app.ID)); err != nil {
			return err
		}
		return a.putApplication(&app)
	})
	return app, err
}

// signed finds an application by the hash of what was signed.
func (r reader) signed(hash record.Hash) (app record.Application, found bool, err error) {
	var id record.ApplicationID
	value, found, err := r.Get(record.Signed.Key(hash[:]), nil)
	if err != nil || !found {
		return app, false, err
	}
	copy(id[:], value)
	app, err = r.application(id)
	return app, true, err
}

// owns checks that the phone that an application is about is the applicant's, of
// the same service manager, and in the SIM that the application names, if it names
// one; a transfer names the new one.
func (a *act) owns(p *parents, q *ApplicationRequest) error {
	phone, err := a.phoneOf(q.Phone, q.Sender)
	switch {
	case err != nil:
		return err
	case phone.Person != p.person.ID:
		return refuse(WrongHolder)
	case q.Purpose != record.PurposeTransfer && q.SIM != record.SIM{} && phone.SIM != q.SIM:
		return refuse(WrongSIM)
	case q.Purpose == record.PurposeTransfer:
		return a.replaceable(&phone)
	}
	return nil
}

// replaceable checks that a phone has a live certificate that a transfer may end.
func (a *act) replaceable(phone *record.Phone) error {
	live, err := a.livePhone(phone.Person)
	if err == nil && live.Phone != phone.ID {
		err = refuse(NotActive)
	}
	return err
}

// phoneOf reads a service instance; to a service manager another one's does not
// exist. No name is whoever may name all. Spec: SPEC-CA-LIFECYCLE-080.
func (a *act) phoneOf(id record.PhoneID, sender string) (record.Phone, error) {
	phone, err := a.phone(id)
	if err == nil && sender != "" && phone.Sender != sender {
		err = refuse(UnknownPhone)
	}
	return phone, err
}

func (a *act) useNonce(nonce []byte, id *record.ApplicationID) error {
	hash := sha256.Sum256(nonce)
	key := record.Nonces.Key(hash[:])
	used, err := a.Has(key)
	if err != nil {
		return err
	}
	if used {
		return refuse(NonceUsed)
	}
	return a.put(key, &record.NonceUse{Application: *id})
}

// putApplication writes a new application; one for issue opens a phone and takes
// the place of the person's earlier one.
func (a *act) putApplication(app *record.Application) error {
	if app.Purpose.Issues() {
		app.Replaces = app.Phone // zero but for a transfer
		if err := a.endApplication(app.Person); err != nil {
			return err
		}
		person, err := a.person(app.Person)
		if err != nil {
			return err
		}
		if err := a.newID(record.Phones, app.Phone[:]); err != nil {
			return err
		}
		phone := record.Phone{ID: app.Phone, Person: app.Person, Sender: app.Sender, SIM: app.SIM, Since: a.now, Erasure: record.ErasureNotDue}
		person.Application = app.ID
		if err := errors.Join(a.put(record.Phones.Key(phone.ID[:]), &phone), a.put(record.Persons.Key(person.ID[:]), &person)); err != nil {
			return err
		}
	}
	a.entry.Subject.Application, a.entry.Subject.Phone = app.ID, app.Phone
	return errors.Join(a.tx.Put(record.Signed.Key(app.Evidence[:]), app.ID[:]), a.put(record.Applications.Key(app.ID[:]), app))
}

// CancelApplication ends an open application and what has come of it: the
// applicant has withdrawn, or subscription or SIM have changed.
// Spec: SPEC-CA-LIFECYCLE-025.
func (r *Registry) CancelApplication(ctx context.Context, id record.ApplicationID, cause Cause) error {
	return r.do(ctx, "cancel application", &cause, func(a *act) error {
		a.entry.Subject.Application = id
		app, err := a.application(id)
		if err != nil {
			return err
		}
		a.entry.Subject.Person, a.entry.Subject.Phone = app.Person, app.Phone
		switch {
		case app.Progress == record.Ended:
			a.unchanged = true
			return nil
		case app.Progress == record.Done:
			return refuse(ApplicationClosed)
		case app.Purpose.Issues():
			return a.endApplication(app.Person)
		}
		app.Progress = record.Ended // it has no order
		return a.put(record.Applications.Key(app.ID[:]), &app)
	})
}
