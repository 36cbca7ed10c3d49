package ca

import (
	"context"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	profile "inkan/core/jpki/certificate"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
)

// Activate takes the card's receipt: in one commit the new certificate is active
// and the person's earlier one is revoked. Spec: SPEC-CA-050, SPEC-CA-051.
func (a *Authority) Activate(ctx context.Context, call *tsmp.Call, q *tsmp.ActivateRequest) (*tsmp.ActivateAnswer, error) {
	s, err := a.config.Registry.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	order, err := a.loadOrder(s, call, q.OrderID)
	if err != nil {
		return nil, err
	}
	if order.Serial == 0 {
		return nil, tsmp.Refuse(tsmp.CodeWrongState, "nothing was issued")
	}
	row, err := s.Certificate(profile.AuthenticationAuthority, order.Serial)
	if err != nil {
		return nil, err
	}
	if row.State == profile.Pending {
		if err := a.verifyReceipt(s, &order, q.Receipt); err != nil {
			return nil, err
		}
	} else if err := activatedBefore(s, &row, q.Receipt); err != nil {
		return nil, err
	}
	active, err := a.config.Registry.Activate(ctx, order.Serial, q.Receipt, a.cause(call))
	if err != nil {
		return nil, refused(err)
	}
	return a.activated(ctx, &active)
}

// verifyReceipt checks the receipt of a pending certificate: the statement that
// the card's keys follow from is kept with what was issued.
func (a *Authority) verifyReceipt(s *registry.Snapshot, order *placedOrder, receipt []byte) error {
	r, err := perso.DecodeReceipt(receipt)
	if err != nil {
		return tsmp.Refuse(tsmp.CodeStatementMalformed, "receipt")
	}
	row, k, err := keptOf(s, order)
	if err != nil {
		return err
	}
	session, err := order.session(k.statement)
	if err != nil {
		return err
	}
	defer session.Close()
	return statementFault(session.VerifyReceipt(&r, perso.Hash(row.DER), perso.Hash{}))
}

// activatedBefore admits the very receipt that activated a certificate, and says
// of any other what has become of the certificate.
func activatedBefore(s *registry.Snapshot, row *record.Certificate, receipt []byte) error {
	switch {
	case row.State == profile.Revoked && s.At().After(row.Deadline) && row.Receipt == (record.Hash{}):
		return tsmp.Refuse(tsmp.CodePendingExpired, "")
	case row.State == profile.Revoked:
		return tsmp.Refuse(tsmp.CodeOrderClosed, "")
	case row.Receipt != sum(receipt):
		return tsmp.Refuse(tsmp.CodeReceipt, "")
	}
	return nil
}

// activated is the answer about an active certificate: whose place it took is what
// was revoked as superseded in the same commit.
func (a *Authority) activated(ctx context.Context, c *record.Certificate) (*tsmp.ActivateAnswer, error) {
	s, err := a.config.Registry.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	answer := &tsmp.ActivateAnswer{ActivatedAt: c.Activated}
	list, err := s.OfPerson(c.Person)
	if err != nil {
		return nil, err
	}
	for i := range list {
		old := &list[i]
		if old.Kind == c.Kind && old.Serial < c.Serial && old.Reason == profile.Superseded && !old.Activated.IsZero() && old.Since.Equal(c.Activated) {
			answer.Superseded = tsmp.PhoneID(old.Phone)
		}
	}
	return answer, nil
}
