package mno

import (
	"context"
	"errors"
	"strconv"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/tsmp"
	"inkan/tsm/hsm"
	"inkan/tsm/mno/content"
	"inkan/tsm/mno/kind"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// GenerateDMToken implements tsmp.MNO: tokens of commands that the declaration covers,
// all of them or none, signed by the key in the HSM.
// Spec: SPEC-MNO-TSM-060 to SPEC-MNO-TSM-062, SPEC-MNO-TSM-066.
func (m *Manager) GenerateDMToken(ctx context.Context, call *tsmp.Call, b *tsmp.GenerateDMTokenRequest) (a *tsmp.GenerateDMTokenAnswer, err error) {
	err = m.serve(ctx, call, "token-given", row.Subject{Service: b.Reference}, false, func() tsmp.Body { return a }, func(tx *store.Tx) error {
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
		inputs := make([][]byte, len(b.Commands))
		for n := range inputs {
			scope := offer.Scope(i.Domain)
			if inputs[n], err = tokenInput(tx, call.Sender, &scope, len(offer.Hashes) > 0, b.Commands[n]); err != nil {
				return at(err, "commands", n)
			}
		}
		a = &tsmp.GenerateDMTokenAnswer{Tokens: make([][]byte, len(inputs))}
		for n := range inputs {
			if a.Tokens[n], err = m.c.HSM.Sign(ctx, k.Token, inputs[n]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// tokenInput is what the token of a command signs, if the scope covers it. agreed: hashes
// of load files were agreed on, and are in the scope.
func tokenInput(r store.Reader, provider tsmp.PartyID, scope *content.Scope, agreed bool, raw []byte) ([]byte, error) {
	command, err := apdu.DecodeCommand(raw)
	if err != nil {
		return nil, tsmp.Refuse(tsmp.CodeTokenRefused, "not a command")
	}
	if !agreed {
		if scope.Hashes, err = verified(r, provider, &command); err != nil {
			return nil, err
		}
	}
	if err := scope.Covers(&command); err != nil {
		return nil, refusedToken(err)
	}
	input, err := gp.TokenInput(nil, command.P1, command.P2, command.Data)
	if err != nil {
		return nil, tsmp.Refuse(tsmp.CodeTokenRefused, err.Error())
	}
	return input, nil
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

// at gives a refusal the path of the element that it is about; other errors stay.
func at(err error, list string, n int) error {
	var refusal *tsmp.Error
	if !errors.As(err, &refusal) {
		return err
	}
	return &tsmp.Error{Code: refusal.Code, Path: "body/" + list + "/" + strconv.Itoa(n), Detail: refusal.Detail}
}

func delegated(s *row.Service) error {
	if s.Model != tsmp.ModelDelegated {
		return tsmp.Refuse(tsmp.CodeNotInModel, s.Model.String())
	}
	return nil
}

// VerifyDMReceipt implements tsmp.MNO: receipts that all verify are evidence of what
// the SP-TSM did on the carrier's card. Spec: SPEC-MNO-TSM-063, SPEC-MNO-TSM-066.
func (m *Manager) VerifyDMReceipt(ctx context.Context, call *tsmp.Call, b *tsmp.VerifyDMReceiptRequest) (a *tsmp.RecordedAnswer, err error) {
	err = m.serve(ctx, call, "receipt-verified", row.Subject{Service: b.Reference}, false, func() tsmp.Body { return a }, func(tx *store.Tx) error {
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
		for n := range b.Receipts {
			valid, err := m.receipt(ctx, &b.Receipts[n], m.kinds[sim.Profile], &c, i.Domain)
			if err != nil {
				return err
			}
			if !valid {
				return at(tsmp.Refuse(tsmp.CodeReceipt, ""), "receipts", n)
			}
		}
		a = &tsmp.RecordedAnswer{RecordedAt: whole(tx.Now())}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// receipt reports whether a receipt is that of its command, in the provider's domain of a
// card of that kind, under the card's receipt key.
func (m *Manager) receipt(ctx context.Context, r *tsmp.DMReceipt, k *kind.Kind, c *card, domain []byte) (bool, error) {
	command, err := apdu.DecodeCommand(r.Command)
	if err != nil || k == nil {
		return false, nil
	}
	operation, err := content.Receipt(&command, domain)
	if err != nil {
		return false, nil
	}
	confirmation, ok, err := gp.DecodeConfirmation(r.Response)
	if err != nil || !ok {
		return false, nil
	}
	if len(c.ReceiptDomain) > 0 && string(confirmation.SecurityDomainData) != string(c.ReceiptDomain) {
		return false, nil
	}
	return hsm.VerifyReceipt(ctx, m.c.HSM, k.ReceiptKey(c.KDD), &confirmation, operation)
}
