package sp

import (
	"context"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// HandleMobileSubscriptionIdentifierChangedNotification implements tsmp.SPNotified: the
// contract is another one for this side. Spec: SPEC-SP-TSM-031.
func (m *Manager) HandleMobileSubscriptionIdentifierChangedNotification(ctx context.Context, call *tsmp.Call, q *tsmp.HandleMobileSubscriptionIdentifierChangedNotificationRequest) (*tsmp.Acknowledgement, error) {
	return m.notice(ctx, call, q.Notice, "subscription-changed", row.Subject{}, func(tx *store.Tx) error {
		return m.endSubscriber(ctx, tx, call, q.Subscriber)
	})
}

// HandleMobileSubscriptionStatusChangeNotification implements tsmp.SPNotified.
// Spec: SPEC-SP-TSM-031.
func (m *Manager) HandleMobileSubscriptionStatusChangeNotification(ctx context.Context, call *tsmp.Call, q *tsmp.HandleMobileSubscriptionStatusChangeNotificationRequest) (*tsmp.Acknowledgement, error) {
	return m.notice(ctx, call, q.Notice, "subscription-"+q.Status.String(), row.Subject{}, func(tx *store.Tx) error {
		if q.Status != tsmp.SubscriptionEnded {
			return m.wakeSubscriber(tx, call, q.Subscriber)
		}
		return m.endSubscriber(ctx, tx, call, q.Subscriber)
	})
}

// HandleSERenewalNotification implements tsmp.SPNotified: the SIM of before is out of
// reach for good. Spec: SPEC-SP-TSM-031.
func (m *Manager) HandleSERenewalNotification(ctx context.Context, call *tsmp.Call, q *tsmp.HandleSERenewalNotificationRequest) (*tsmp.Acknowledgement, error) {
	return m.notice(ctx, call, q.Notice, "sim-renewed", row.Subject{SE: q.SE}, func(tx *store.Tx) error {
		return m.endSE(ctx, tx, call, q.SE)
	})
}

// HandleSEMobileSubscriptionChangedNotification implements tsmp.SPNotified: whoever has
// the SIM now is somebody else. Spec: SPEC-SP-TSM-031.
func (m *Manager) HandleSEMobileSubscriptionChangedNotification(ctx context.Context, call *tsmp.Call, q *tsmp.HandleSEMobileSubscriptionChangedNotificationRequest) (*tsmp.Acknowledgement, error) {
	return m.notice(ctx, call, q.Notice, "sim-of-another-subscription", row.Subject{SE: q.SE}, func(tx *store.Tx) error {
		return m.endSE(ctx, tx, call, q.SE)
	})
}

// HandleSEStatusChangeNotification implements tsmp.SPNotified: a blocked SIM holds its
// certificate, a retired one ends it.
func (m *Manager) HandleSEStatusChangeNotification(ctx context.Context, call *tsmp.Call, q *tsmp.HandleSEStatusChangeNotificationRequest) (*tsmp.Acknowledgement, error) {
	return m.notice(ctx, call, q.Notice, "sim-"+q.Status.String(), row.Subject{SE: q.SE}, func(tx *store.Tx) error {
		switch q.Status {
		case tsmp.SERetired:
			return m.endSE(ctx, tx, call, q.SE)
		case tsmp.SEBlocked:
			return m.holdSE(ctx, tx, call, q.SE)
		}
		return m.wake(tx, q.SE)
	})
}

// HandleSEDeviceStatusChangeNotification implements tsmp.SPNotified: of a lost phone the
// certificate is held; that it was found again lifts nothing, since the holder has to
// sign for it. Spec: SPEC-SP-TSM-033.
func (m *Manager) HandleSEDeviceStatusChangeNotification(ctx context.Context, call *tsmp.Call, q *tsmp.HandleSEDeviceStatusChangeNotificationRequest) (*tsmp.Acknowledgement, error) {
	return m.notice(ctx, call, q.Notice, "device-"+q.Status.String(), row.Subject{SE: q.SE}, func(tx *store.Tx) error {
		if q.Status == tsmp.DeviceInUse {
			return m.wake(tx, q.SE)
		}
		if err := m.endApplications(ctx, tx, call, q.SE, time.Time{}); err != nil {
			return err
		}
		return m.holdSE(ctx, tx, call, q.SE)
	})
}

// HandleSEDeviceChangedNotification implements tsmp.SPNotified: what is under way was
// begun on another phone and ends, what is on the SIM stays; an application that began after
// the change, of which a late notice tells, is of the new one. A card that could not be
// reached is tried again. Spec: SPEC-SP-TSM-034, SPEC-SP-TSM-036.
func (m *Manager) HandleSEDeviceChangedNotification(ctx context.Context, call *tsmp.Call, q *tsmp.HandleSEDeviceChangedNotificationRequest) (*tsmp.Acknowledgement, error) {
	return m.notice(ctx, call, q.Notice, "device-changed", row.Subject{SE: q.SE}, func(tx *store.Tx) error {
		if err := m.endApplications(ctx, tx, call, q.SE, q.Notice.At.Add(time.Second)); err != nil { // it is in whole seconds
			return err
		}
		return m.wake(tx, q.SE)
	})
}

// HandleServiceEnvironmentChangeNotification implements tsmp.SPNotified: what waits for
// the SIM tries again.
func (m *Manager) HandleServiceEnvironmentChangeNotification(ctx context.Context, call *tsmp.Call, q *tsmp.HandleServiceEnvironmentChangeNotificationRequest) (*tsmp.Acknowledgement, error) {
	s, err := m.instance(ctx, call, q.Reference)
	if err != nil {
		return nil, err
	}
	return m.notice(ctx, call, q.Notice, "environment-"+q.Change.String(), row.Subject{Service: s.Reference, SE: s.SE}, func(tx *store.Tx) error {
		return m.wake(tx, s.SE)
	})
}

// HandleStartServiceStateChangeNotification implements tsmp.SPNotified. That nothing is
// begun meanwhile the carrier sees to itself, with action-in-progress.
func (m *Manager) HandleStartServiceStateChangeNotification(ctx context.Context, call *tsmp.Call, q *tsmp.HandleStartServiceStateChangeNotificationRequest) (*tsmp.Acknowledgement, error) {
	s, err := m.instance(ctx, call, q.Reference)
	if err != nil {
		return nil, err
	}
	return m.notice(ctx, call, q.Notice, "carrier-begins-"+q.Phase.String(), row.Subject{Service: s.Reference, SE: s.SE},
		func(*store.Tx) error { return nil })
}

// HandleEndServiceStateChangeNotification implements tsmp.SPNotified: a carrier that has
// removed an instance on its own has ended it.
func (m *Manager) HandleEndServiceStateChangeNotification(ctx context.Context, call *tsmp.Call, q *tsmp.HandleEndServiceStateChangeNotificationRequest) (*tsmp.Acknowledgement, error) {
	s, err := m.instance(ctx, call, q.Reference)
	if err != nil {
		return nil, err
	}
	return m.notice(ctx, call, q.Notice, "carrier-ends-"+q.Phase.String(), row.Subject{Service: s.Reference, SE: s.SE}, func(tx *store.Tx) error {
		if q.Phase != tsmp.PhaseRemoved || !q.Succeeded || s.State == tsmp.ServiceTerminated {
			return m.wake(tx, s.SE)
		}
		return m.removed(ctx, tx, call, &s)
	})
}

// removed notes that a carrier has removed an instance.
func (m *Manager) removed(ctx context.Context, tx *store.Tx, call *tsmp.Call, s *row.Service) error {
	w, err := m.busy(tx, s)
	if err != nil {
		return err
	}
	if w.State.Live() && (w.Kind == kindErase || w.Kind == kindRevoke) {
		return m.on(ctx, tx, w.ID, func(f *flow) error {
			if f.at().name != "terminate" {
				return nil // the authority is asked first
			}
			f.by(call)
			return f.gone(tsmp.ServiceTerminated)
		})
	}
	return m.orphanService(ctx, tx, call, s, tsmp.ServiceTerminated)
}

// ofCarrier are the service instances of a carrier's SIM or subscription that are there.
func (m *Manager) ofCarrier(call *tsmp.Call, scan func(func(*row.Service) error) error) (list []row.Service, err error) {
	err = scan(func(s *row.Service) error {
		if s.Peer == call.Sender && s.State != tsmp.ServiceTerminated && s.State != tsmp.ServiceOrphaned {
			list = append(list, *s)
		}
		return nil
	})
	return list, err
}

func (m *Manager) endSubscriber(ctx context.Context, tx *store.Tx, call *tsmp.Call, who tsmp.Subscriber) error {
	list, err := m.ofCarrier(call, func(do func(*row.Service) error) error { return store.ServicesOfSubscriber.Scan(tx, who, do) })
	for i := range list {
		if err == nil {
			err = m.endSE(ctx, tx, call, list[i].SE)
		}
	}
	return err
}

func (m *Manager) wakeSubscriber(tx *store.Tx, call *tsmp.Call, who tsmp.Subscriber) error {
	list, err := m.ofCarrier(call, func(do func(*row.Service) error) error { return store.ServicesOfSubscriber.Scan(tx, who, do) })
	for i := range list {
		if err == nil {
			err = m.wake(tx, list[i].SE)
		}
	}
	return err
}

// endSE ends what there is and what is under way for a SIM that is not the one of the
// orders any more: the authority is told, nothing moves to another SIM or contract.
// Spec: SPEC-SP-TSM-031.
func (m *Manager) endSE(ctx context.Context, tx *store.Tx, call *tsmp.Call, se tsmp.SEID) error {
	if err := m.endApplications(ctx, tx, call, se, time.Time{}); err != nil {
		return err
	}
	list, err := m.ofCarrier(call, func(do func(*row.Service) error) error { return store.ServicesOfSE.Scan(tx, se, do) })
	for i := range list {
		if err == nil {
			err = m.orphanService(ctx, tx, call, &list[i], tsmp.ServiceOrphaned)
		}
	}
	return err
}

// endApplications ends the applications for a SIM of the carrier's that are under way; but
// for those that began at a time or later, where it is not zero.
func (m *Manager) endApplications(ctx context.Context, tx *store.Tx, call *tsmp.Call, se tsmp.SEID, from time.Time) error {
	var open []row.WorkflowID
	err := store.ApplicationsOfSE.Scan(tx, se, func(a *row.Application) error {
		if !a.Progress.Open() || a.Carrier != call.Sender || !from.IsZero() && !a.At.Before(from) {
			return nil
		}
		var e session
		err := codec.Decode(a.Content, &e)
		if kindOf(e.Purpose) == kindIssue || kindOf(e.Purpose) == kindReset {
			open = append(open, e.Workflow)
		}
		return err
	})
	for _, id := range open {
		if err == nil {
			err = m.on(ctx, tx, id, func(f *flow) error {
				f.by(call)
				return f.orphan(tsmp.CodeSubscriberChanged)
			})
		}
	}
	return err
}

// orphanService has the authority end what is on a card that is out of reach for good.
func (m *Manager) orphanService(ctx context.Context, tx *store.Tx, call *tsmp.Call, s *row.Service, state tsmp.ServiceState) error {
	w, err := m.busy(tx, s)
	if err != nil {
		return err
	}
	if w.State.Live() {
		if err := m.on(ctx, tx, w.ID, func(f *flow) error {
			f.by(call)
			return f.overtaken(tsmp.CodeSubscriberChanged)
		}); err != nil {
			return err
		}
	}
	err = store.Services.Change(tx, s.Reference, func(s *row.Service) error {
		s.State, s.Domain, s.Keys, s.Since, s.Action = state, tsmp.DomainAbsent, nil, tx.Now(), tsmp.CallID{}
		return nil
	})
	if err != nil {
		return err
	}
	return m.revoke(tx, &job{Phone: s.Phone, Ground: tsmp.GroundSubscription, Case: call.ID.String(), Reason: reasonCessation})
}

// holdSE holds what is in use on a SIM. What is held may be about to be freed.
func (m *Manager) holdSE(ctx context.Context, tx *store.Tx, call *tsmp.Call, se tsmp.SEID) error {
	list, err := m.ofCarrier(call, func(do func(*row.Service) error) error { return store.ServicesOfSE.Scan(tx, se, do) })
	for i := range list {
		if err != nil {
			return err
		}
		var h holding
		if err = h.read(list[i].Content); err == nil && h.used() {
			j := m.jobOf(tx, &list[i], list[i].Phone)
			j.Ground, j.Case = tsmp.GroundSubscription, call.ID.String()
			err = m.launch(ctx, tx, kindHold, j, phaseFor)
		}
	}
	return err
}
