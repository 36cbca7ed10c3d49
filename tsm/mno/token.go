package mno

import (
	"context"
	"errors"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/tsmp"
	"inkan/tsm/hsm"
	"inkan/tsm/mno/content"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// GenerateDMToken implements tsmp.MNO: a token of a command that the declaration
// covers, signed by the key in the HSM. Spec: SPEC-MNO-TSM-060 to SPEC-MNO-TSM-062.
func (m *Manager) GenerateDMToken(ctx context.Context, call *tsmp.Call, b *tsmp.GenerateDMTokenRequest) (a *tsmp.GenerateDMTokenAnswer, err error) {
	err = m.serve(ctx, call, "token-given", row.Subject{Service: b.Reference}, false, func(tx *store.Tx) error {
		s, i, err := mine(tx, call, b.Reference)
		if err != nil {
			return err
		}
		if err := first(delegated(&s), in(&s, tsmp.ServiceDeployed, tsmp.ServiceSuspended), current(tx, &s, &i)); err != nil {
			return err
		}
		sim, _, err := simOf(tx, s.SE)
		if err != nil {
			return err
		}
		k, offer := m.kinds[sim.Profile], m.offer(call.Sender, s.Name)
		if k == nil || offer == nil {
			return tsmp.Refuse(tsmp.CodeNotInModel, "")
		}
		command, err := apdu.DecodeCommand(b.Command)
		if err != nil {
			return tsmp.Refuse(tsmp.CodeTokenRefused, "not a command")
		}
		scope := offer.Scope(i.Domain)
		if len(offer.Hashes) == 0 {
			if scope.Hashes, err = verified(tx, call.Sender, &command); err != nil {
				return err
			}
		}
		if err := scope.Covers(&command); err != nil {
			return refusedToken(err)
		}
		input, err := gp.TokenInput(nil, command.P1, command.P2, command.Data)
		if err != nil {
			return tsmp.Refuse(tsmp.CodeTokenRefused, err.Error())
		}
		a = new(tsmp.GenerateDMTokenAnswer)
		a.Token, err = m.c.HSM.Sign(ctx, k.Token, input)
		return err
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// verified is the hash of the load file that a command is to load, where the carrier has
// that file, and so has verified the provider's signature of it: the hash in the command
// says nothing of one. Spec: SPEC-MNO-TSM-065.
func verified(r store.Reader, provider tsmp.PartyID, c *apdu.Command) ([][32]byte, error) {
	hash, ok := content.LoadHash(c)
	if !ok {
		return nil, nil
	}
	found, err := kept(r, loadFileID(provider, hash), new(keptFile))
	if err != nil || !found {
		return nil, err
	}
	return [][32]byte{hash}, nil
}

func refusedToken(err error) error {
	var e *content.Error
	if errors.As(err, &e) && e.AID {
		return tsmp.Refuse(tsmp.CodeAIDNotPermitted, e.What)
	}
	return tsmp.Refuse(tsmp.CodeTokenRefused, err.Error())
}

func delegated(s *row.Service) error {
	if s.Model != tsmp.ModelDelegated {
		return tsmp.Refuse(tsmp.CodeNotInModel, s.Model.String())
	}
	return nil
}

// VerifyDMReceipt implements tsmp.MNO: a receipt that verifies is evidence of what
// the SP-TSM did on the carrier's card. Spec: SPEC-MNO-TSM-063.
func (m *Manager) VerifyDMReceipt(ctx context.Context, call *tsmp.Call, b *tsmp.VerifyDMReceiptRequest) (a *tsmp.RecordedAnswer, err error) {
	err = m.serve(ctx, call, "receipt-verified", row.Subject{Service: b.Reference}, false, func(tx *store.Tx) error {
		s, i, err := mine(tx, call, b.Reference)
		if err != nil {
			return err
		}
		if err := delegated(&s); err != nil {
			return err
		}
		sim, c, err := simOf(tx, s.SE)
		if err != nil {
			return err
		}
		invalid := tsmp.Refuse(tsmp.CodeReceipt, "")
		k := m.kinds[sim.Profile]
		command, err := apdu.DecodeCommand(b.Command)
		if err != nil || k == nil {
			return invalid
		}
		operation, err := content.Receipt(&command, i.Domain)
		if err != nil {
			return invalid
		}
		confirmation, ok, err := gp.DecodeConfirmation(b.Response)
		if err != nil || !ok {
			return invalid
		}
		if len(c.ReceiptDomain) > 0 && string(confirmation.SecurityDomainData) != string(c.ReceiptDomain) {
			return invalid
		}
		valid, err := hsm.VerifyReceipt(ctx, m.c.HSM, k.ReceiptKey(c.KDD), &confirmation, operation)
		if err != nil {
			return err
		}
		if !valid {
			return invalid
		}
		a = &tsmp.RecordedAnswer{RecordedAt: whole(tx.Now())}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}
