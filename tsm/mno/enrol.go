package mno

import (
	"context"

	"inkan/core/gp"
	"inkan/core/scp/confidential"
	"inkan/core/tsmp"
	"inkan/tsm/mno/content"
	"inkan/tsm/remote"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// EnrollSSDOwnerCertificate implements tsmp.MNO: it carries the owner's ephemeral
// key to its domain, and the card's part of the agreement back, of which it can
// compute nothing. Spec: SPEC-MNO-TSM-043, SPEC-MNO-TSM-044.
func (m *Manager) EnrollSSDOwnerCertificate(ctx context.Context, call *tsmp.Call, b *tsmp.EnrollSSDOwnerCertificateRequest) (a *tsmp.ActionAnswer, err error) {
	err = m.serve(ctx, call, "key-agreement-ordered", row.Subject{Service: b.Reference}, false, func() tsmp.Body { return a }, func(tx *store.Tx) error {
		s, i, err := mine(tx, call, b.Reference)
		if err != nil {
			return err
		}
		if a, err = repeated(tx, call); err != nil || a != nil {
			return err
		}
		if err := first(idle(&s, &i), in(&s, tsmp.ServiceDeployed), current(tx, &s, &i)); err != nil {
			return err
		}
		commands, err := m.agreement(tx, s.SE, i.Domain, b.Bearers, &tsmp.Owner{Control: b.Control, PublicKey: b.PublicKey})
		if err != nil {
			return err
		}
		if err := acting(tx, call, b.Reference); err != nil {
			return err
		}
		a, err = m.begin(ctx, tx, &order{call: call, kind: kindEnrol, service: &s, bearers: b.Bearers, commands: commands})
		return err
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// agreement are the commands of a key agreement, which is refused where the SIM's kind has
// no controlling authority. It may be done twice where the card adds its own random bytes:
// the answer that comes is then of the last one.
func (m *Manager) agreement(r store.Reader, se tsmp.SEID, domain []byte, bearers []tsmp.Bearer, o *tsmp.Owner) ([]remote.Command, error) {
	sim, _, err := simOf(r, se)
	if err != nil {
		return nil, err
	}
	if k := m.kinds[sim.Profile]; k == nil || k.Authority == nil {
		return nil, tsmp.Refuse(tsmp.CodeNoAuthority, "")
	}
	if err := content.CheckTemplates(o.Control, o.PublicKey); err != nil {
		return nil, tsmp.Refuse(tsmp.CodeTemplate, err.Error())
	}
	control, err := gp.DecodeConfidentialControl(o.Control)
	if err != nil {
		return nil, err
	}
	plan, err := confidential.PlanOf(&control)
	if err != nil {
		return nil, tsmp.Refuse(tsmp.CodeTemplate, err.Error())
	}
	dataBytes, err := m.dataBytes(r, se, bearers)
	if err != nil {
		return nil, err
	}
	list, err := content.Agree(domain, o.Control, o.PublicKey, dataBytes)
	if err != nil {
		return nil, err
	}
	commands, err := content.Run(list...)
	if err == nil && plan.Random {
		commands = content.Repeatable(commands)
	}
	return commands, err
}
