package mno

import (
	"context"
	"errors"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// codeOf is the code of a refusal; "": it is none.
func codeOf(err error) tsmp.Code {
	var e *tsmp.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// simOf is a SIM of this carrier's inventory.
func simOf(r store.Reader, se tsmp.SEID) (s row.SIM, c card, err error) {
	s, found, err := store.SIMs.Get(r, se)
	if err == nil && !found {
		err = tsmp.Refuse(tsmp.CodeUnknownSE, "")
	}
	if err == nil {
		err = read(s.Content, &c)
	}
	return s, c, err
}

// GetDeviceCapabilityProfileId implements tsmp.MNO.
func (m *Manager) GetDeviceCapabilityProfileId(ctx context.Context, _ *tsmp.Call, b *tsmp.GetDeviceCapabilityProfileIdRequest) (a *tsmp.ProfileAnswer, err error) {
	err = m.c.Tenant.View(ctx, func(s *store.Snapshot) error {
		sim, _, err := simOf(s, b.SE)
		if err != nil {
			return err
		}
		device := m.device(sim.Device)
		seen, found, err := store.Devices.Get(s, sim.Device)
		switch {
		case err != nil:
			return err
		case device == nil || !found || seen.SE != b.SE:
			return tsmp.Refuse(tsmp.CodeUnknownDevice, "")
		}
		a = &tsmp.ProfileAnswer{ProfileID: device.ProfileID, AsOf: whole(seen.Seen)}
		return nil
	})
	return a, err
}

// GetSECapabilityProfileId implements tsmp.MNO.
func (m *Manager) GetSECapabilityProfileId(ctx context.Context, _ *tsmp.Call, b *tsmp.GetSECapabilityProfileIdRequest) (a *tsmp.ProfileAnswer, err error) {
	err = m.c.Tenant.View(ctx, func(s *store.Snapshot) error {
		sim, _, err := simOf(s, b.SE)
		if err == nil {
			a = &tsmp.ProfileAnswer{ProfileID: sim.Profile, AsOf: whole(m.c.Now())}
		}
		return err
	})
	return a, err
}

// GetSEMobileSubscriptionIdentifier implements tsmp.MNO.
func (m *Manager) GetSEMobileSubscriptionIdentifier(ctx context.Context, call *tsmp.Call, b *tsmp.GetSEMobileSubscriptionIdentifierRequest) (a *tsmp.SubscriptionAnswer, err error) {
	err = m.serve(ctx, call, "subscription-named", row.Subject{SE: b.SE}, false, func() tsmp.Body { return a }, func(tx *store.Tx) error {
		sim, _, err := simOf(tx, b.SE)
		if err != nil {
			return err
		}
		s, _, err := contractOf(tx, sim.Subscriber)
		switch {
		case err != nil:
			return err
		case s == nil || s.State == row.SubscriberEnded:
			return tsmp.Refuse(tsmp.CodeUnknownSubscriber, "")
		}
		a = &tsmp.SubscriptionAnswer{Status: statusOf(s.State), Since: whole(s.Since)}
		a.Subscriber, err = m.pseudonym(tx, call.Sender, s.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// GetCAInformation implements tsmp.MNO: what the card's maker delivered with it.
func (m *Manager) GetCAInformation(ctx context.Context, _ *tsmp.Call, b *tsmp.GetCAInformationRequest) (a *tsmp.GetCAInformationAnswer, err error) {
	err = m.c.Tenant.View(ctx, func(s *store.Snapshot) error {
		sim, c, err := simOf(s, b.SE)
		if err != nil {
			return err
		}
		if a = m.authority(&sim, &c); a == nil {
			return tsmp.Refuse(tsmp.CodeNoAuthority, "")
		}
		return nil
	})
	return a, err
}

// authority is the controlling authority's domain of a SIM; nil: its kind has none, or
// its certificate or the key that attests was not delivered.
func (m *Manager) authority(sim *row.SIM, c *card) *tsmp.GetCAInformationAnswer {
	k := m.kinds[sim.Profile]
	if k == nil || k.Authority == nil || c.Certificate == nil || c.AttestationKey == ([32]byte{}) {
		return nil
	}
	return &tsmp.GetCAInformationAnswer{AID: k.Authority, Certificate: c.Certificate, AttestationKey: c.AttestationKey}
}
