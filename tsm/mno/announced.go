package mno

import (
	"context"

	"inkan/core/tsmp"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// inbox counts what a sender has told.
type inbox struct {
	Last  uint64
	Epoch uint64 // of the sender, in which that was
}

// Format implements codec.Row.
func (*inbox) Format() string { return "inbox" }

// Version implements codec.Row.
func (*inbox) Version() byte { return 2 }

// Fields implements codec.Row.
func (i *inbox) Fields(f *codec.Fields) {
	f.Uint64("last", &i.Last)
	f.Uint64("epoch", &i.Epoch)
}

// inbox1 is an inbox from before there were epochs.
type inbox1 struct{ *inbox }

// Version implements codec.Row.
func (inbox1) Version() byte { return 1 }

// Fields implements codec.Row.
func (i inbox1) Fields(f *codec.Fields) { f.Uint64("last", &i.Last) }

// inboxOf is a sender's inbox, of either version. Spec: SPEC-MNO-TSM-019.
func inboxOf(r store.Reader, sender tsmp.PartyID) (in inbox, err error) {
	w, found, err := store.Workflows.Get(r, inboxID(sender))
	switch {
	case err != nil || !found:
		return in, err
	case len(w.Data) > 0 && w.Data[0] == (inbox1{}).Version():
		return in, codec.Decode(w.Data, inbox1{&in})
	}
	return in, codec.Decode(w.Data, &in)
}

// HandleStartServiceStateChangeNotification implements tsmp.MNO: until the end the
// carrier begins nothing of its own with the instance. Spec: SPEC-MNO-TSM-059.
func (m *Manager) HandleStartServiceStateChangeNotification(ctx context.Context, call *tsmp.Call, b *tsmp.HandleStartServiceStateChangeNotificationRequest) (*tsmp.Acknowledgement, error) {
	return m.heard(ctx, call, "change-announced", b.Reference, b.Notice, func(i *instance) { i.Announced = b.Phase })
}

// HandleEndServiceStateChangeNotification implements tsmp.MNO.
func (m *Manager) HandleEndServiceStateChangeNotification(ctx context.Context, call *tsmp.Call, b *tsmp.HandleEndServiceStateChangeNotificationRequest) (*tsmp.Acknowledgement, error) {
	return m.heard(ctx, call, "change-ended", b.Reference, b.Notice, func(i *instance) { i.Announced = 0 })
}

// heard takes a notification once, however often it comes; one of an epoch that is over
// changes nothing. Spec: SPEC-MNO-TSM-019.
func (m *Manager) heard(ctx context.Context, call *tsmp.Call, event string, ref tsmp.ServiceReference, n tsmp.Notice, take func(i *instance)) (*tsmp.Acknowledgement, error) {
	err := m.serve(ctx, call, event, row.Subject{Service: ref}, false, func() tsmp.Body { return new(tsmp.Acknowledgement) }, func(tx *store.Tx) error {
		in, err := inboxOf(tx, call.Sender)
		if err != nil || n.Epoch < in.Epoch || n.Epoch == in.Epoch && n.Sequence <= in.Last {
			return err
		}
		in.Last, in.Epoch = n.Sequence, n.Epoch
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
