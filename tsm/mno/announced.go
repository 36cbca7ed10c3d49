package mno

import (
	"context"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// inbox counts what a sender has told.
type inbox struct{ Last uint64 }

// Format implements codec.Row.
func (*inbox) Format() string { return "inbox" }

// Version implements codec.Row.
func (*inbox) Version() byte { return 1 }

// Fields implements codec.Row.
func (i *inbox) Fields(f *codec.Fields) { f.Uint64("last", &i.Last) }

// HandleStartServiceStateChangeNotification implements tsmp.MNO: until the end the
// carrier begins nothing of its own with the instance. Spec: SPEC-MNO-TSM-059.
func (m *Manager) HandleStartServiceStateChangeNotification(ctx context.Context, call *tsmp.Call, b *tsmp.HandleStartServiceStateChangeNotificationRequest) (*tsmp.Acknowledgement, error) {
	return m.heard(ctx, call, "change-announced", b.Reference, b.Notice.Sequence, func(i *instance) { i.Announced = b.Phase })
}

// HandleEndServiceStateChangeNotification implements tsmp.MNO.
func (m *Manager) HandleEndServiceStateChangeNotification(ctx context.Context, call *tsmp.Call, b *tsmp.HandleEndServiceStateChangeNotificationRequest) (*tsmp.Acknowledgement, error) {
	return m.heard(ctx, call, "change-ended", b.Reference, b.Notice.Sequence, func(i *instance) { i.Announced = 0 })
}

// heard takes a notification once, however often it comes.
func (m *Manager) heard(ctx context.Context, call *tsmp.Call, event string, ref tsmp.ServiceReference, sequence uint64, take func(i *instance)) (*tsmp.Acknowledgement, error) {
	err := m.serve(ctx, call, event, row.Subject{Service: ref}, false, func(tx *store.Tx) error {
		var in inbox
		if _, err := kept(tx, inboxID(call.Sender), &in); err != nil {
			return err
		}
		if sequence <= in.Last {
			return nil
		}
		in.Last = sequence
		if err := keep(tx, inboxID(call.Sender), kindInbox, &in); err != nil {
			return err
		}
		if _, _, err := mine(tx, call, ref); err != nil {
			return err
		}
		return changeService(tx, ref, func(_ *row.Service, i *instance) error {
			take(i)
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return &tsmp.Acknowledgement{}, nil
}
