package ca

import (
	"context"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/jpki"
	profile "inkan/core/jpki/certificate"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
)

// Revoke ends a service instance. Spec: SPEC-CA-060, SPEC-CA-061.
func (a *Authority) Revoke(ctx context.Context, call *tsmp.Call, q *tsmp.RevokeRequest) (*tsmp.StateAnswer, error) {
	return a.turn(ctx, call, q.Phone, q.Cause, func(t registry.Turn, cause registry.Cause) error {
		return a.config.Registry.RevokePhone(ctx, t, q.Reason, cause)
	})
}

// Suspend holds a service instance's certificate. Spec: SPEC-CA-060.
func (a *Authority) Suspend(ctx context.Context, call *tsmp.Call, q *tsmp.SuspendRequest) (*tsmp.StateAnswer, error) {
	return a.turn(ctx, call, q.Phone, q.Cause, func(t registry.Turn, cause registry.Cause) error {
		return a.config.Registry.SuspendPhone(ctx, t, cause)
	})
}

// Resume lifts a suspension: with the holder's signature, or by the desk that may.
// Spec: SPEC-CA-060, SPEC-CA-063.
func (a *Authority) Resume(ctx context.Context, call *tsmp.Call, q *tsmp.ResumeRequest) (*tsmp.StateAnswer, error) {
	if q.Cause.Ground != tsmp.GroundApplication && q.Cause.Ground != tsmp.GroundAuthority {
		return nil, tsmp.Refuse(tsmp.CodeGround, "")
	}
	return a.turn(ctx, call, q.Phone, q.Cause, func(t registry.Turn, cause registry.Cause) error {
		return a.config.Registry.ResumePhone(ctx, t, cause)
	})
}

// turn changes the state of a service instance and answers what it is then. That a
// caller may give the ground was looked at where messages come in; callers in this
// process come here. Spec: SPEC-CA-066.
func (a *Authority) turn(ctx context.Context, call *tsmp.Call, phone tsmp.PhoneID, c tsmp.Cause, change func(registry.Turn, registry.Cause) error) (*tsmp.StateAnswer, error) {
	if !c.Ground.From(call.Role) || (c.Ground == tsmp.GroundApplication) != (c.ApplicationID != tsmp.ApplicationID{}) {
		return nil, tsmp.Refuse(tsmp.CodeNotAuthorised, "ground")
	}
	cause := a.cause(call)
	if c.Ground == tsmp.GroundApplication {
		cause.Actor = registry.Holder
	}
	t := registry.Turn{Phone: record.PhoneID(phone), Application: record.ApplicationID(c.ApplicationID), Sender: owner(call)}
	if err := change(t, cause); err != nil {
		return nil, refused(err)
	}
	return a.stateOf(ctx, phone)
}

// owner is the SP-TSM whose service instances a caller may name; empty for
// callers that may name all. Spec: SPEC-CA-013.
func owner(call *tsmp.Call) string {
	if call.Role == tsmp.RoleHelpDesk || call.Role == tsmp.RoleMunicipality {
		return ""
	}
	return string(call.Sender)
}

// GetCertificateStatus says what a service instance's certificate is.
func (a *Authority) GetCertificateStatus(ctx context.Context, call *tsmp.Call, q *tsmp.GetCertificateStatusRequest) (*tsmp.StateAnswer, error) {
	s, err := a.config.Registry.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if _, err := a.phoneOf(s, call, q.Phone); err != nil {
		return nil, err
	}
	return stateIn(s, q.Phone)
}

// phoneOf reads a service instance that the caller may name.
func (a *Authority) phoneOf(s *registry.Snapshot, call *tsmp.Call, id tsmp.PhoneID) (record.Phone, error) {
	phone, err := s.Phone(record.PhoneID(id))
	if err != nil {
		return phone, refused(err)
	}
	if who := owner(call); who != "" && phone.Sender != who {
		return phone, tsmp.Refuse(tsmp.CodeUnknownPhone, "")
	}
	_, err = a.personOf(s, call, phone.Person, tsmp.CodeUnknownPhone)
	return phone, err
}

func (a *Authority) stateOf(ctx context.Context, id tsmp.PhoneID) (*tsmp.StateAnswer, error) {
	s, err := a.config.Registry.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return stateIn(s, id)
}

// stateIn is the state of the last certificate that was issued for an instance:
// earlier ones of the same application never became active.
func stateIn(s *registry.Snapshot, id tsmp.PhoneID) (*tsmp.StateAnswer, error) {
	list, err := s.OfPhone(record.PhoneID(id))
	if err != nil || len(list) == 0 {
		return &tsmp.StateAnswer{}, err
	}
	c := &list[len(list)-1]
	return &tsmp.StateAnswer{Certificates: []tsmp.CertificateState{stateRow(c)}}, nil
}

func stateRow(c *record.Certificate) tsmp.CertificateState {
	row := tsmp.CertificateState{Role: jpki.Auth, State: c.State, Since: c.Since, NotAfter: c.NotAfter}
	if c.State == profile.Suspended || c.State == profile.Revoked {
		row.Reason = c.Reason
	}
	return row
}

// ReportErase takes the card's statement that keys and certificates are erased.
// Spec: SPEC-CA-064.
func (a *Authority) ReportErase(ctx context.Context, call *tsmp.Call, q *tsmp.ReportEraseRequest) (*tsmp.ReportEraseAnswer, error) {
	s, err := a.config.Registry.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	phone, err := a.phoneOf(s, call, q.Phone)
	if err != nil {
		return nil, err
	}
	if err := a.verifyErase(s, &phone, q.Statement); err != nil {
		return nil, err
	}
	if err := a.config.Registry.ReportErase(ctx, phone.ID, q.Statement, a.cause(call)); err != nil {
		return nil, refused(err)
	}
	after, err := a.config.Registry.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer after.Close()
	if phone, err = after.Phone(phone.ID); err != nil {
		return nil, err
	}
	return &tsmp.ReportEraseAnswer{RecordedAt: phone.Erased}, nil
}

// verifyErase checks the statement against the orders of the instance, of which
// it names one.
func (a *Authority) verifyErase(s *registry.Snapshot, phone *record.Phone, statement []byte) error {
	e, err := perso.DecodeEraseStatement(statement)
	if err != nil {
		return tsmp.Refuse(tsmp.CodeStatementMalformed, "erase statement")
	}
	found := false
	err = s.OrdersOf(phone.ID, func(o *record.Order) error {
		if sum([]byte(o.Content)) != e.OrderHash {
			return nil
		}
		order, err := a.loadOrder(s, &tsmp.Call{Sender: tsmp.PartyID(phone.Sender)}, perso.OrderID(o.ID))
		if err != nil {
			return err
		}
		found = true
		return statementFault(order.card.VerifyErase(&order.order, &e))
	})
	if err == nil && !found {
		err = tsmp.Refuse(tsmp.CodeStatementMismatch, "no order of the instance")
	}
	return err
}
