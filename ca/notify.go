package ca

import (
	"context"
	"encoding/binary"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	profile "inkan/core/jpki/certificate"
	"inkan/core/tsmp"
)

// notificationLabel keeps call identifiers of notifications apart from all else
// that follows from the secret.
const notificationLabel = "INKAN-NOTIFICATION-1"

// events say what a change of the registry is in a notification.
var events = map[string]tsmp.Event{
	"activate": tsmp.EventSuperseded, "end pending": tsmp.EventPendingEnded,
	"revoke": tsmp.EventRevoked, "revoke phone": tsmp.EventRevoked,
	"suspend": tsmp.EventSuspended, "suspend phone": tsmp.EventSuspended,
	"resume": tsmp.EventResumed, "resume phone": tsmp.EventResumed,
	"issue card": tsmp.EventCardRenewed, "complete certificate": tsmp.EventCardRenewed, "lose card": tsmp.EventCardLost,
	"die": tsmp.EventHolderEnded, "emigrate": tsmp.EventHolderEnded,
}

// Notify tells an SP-TSM everything that it has not acknowledged, in order, and
// ends with the first notification that is not acknowledged. Sent again, a
// notification is another call with the same sequence number. It says how many
// were acknowledged. Spec: SPEC-CA-065.
func (a *Authority) Notify(ctx context.Context, to tsmp.PartyID, peer tsmp.Notified) (acknowledged int, err error) {
	list, err := a.notices(ctx, to)
	if err != nil {
		return 0, err
	}
	for i := range list {
		n := &list[i]
		call := &tsmp.Call{ID: a.notificationID(to, n.Number), Sent: a.config.Registry.Now()}
		if _, err := peer.HandleCertificateStateChangeNotification(ctx, call, notification(n)); err != nil {
			return acknowledged, err
		}
		if err := a.config.Registry.Acknowledge(ctx, string(to), n.Number, registry.Cause{Actor: registry.SPTSM}); err != nil {
			return acknowledged, err
		}
		acknowledged++
	}
	return acknowledged, nil
}

// maxNotices bounds what one Notify sends, and with it what it holds in memory.
const maxNotices = 1000

func (a *Authority) notices(ctx context.Context, to tsmp.PartyID) (list []record.Notice, err error) {
	s, err := a.config.Registry.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	err = s.Notices(string(to), maxNotices, func(n *record.Notice) error {
		list = append(list, *n)
		return nil
	})
	return list, err
}

func notification(n *record.Notice) *tsmp.HandleCertificateStateChangeNotificationRequest {
	event := events[n.Act]
	if event == 0 {
		event = tsmp.EventAuthority
	}
	c := record.Certificate{State: n.State, Since: n.Since, Reason: n.Reason, NotAfter: n.NotAfter}
	return &tsmp.HandleCertificateStateChangeNotificationRequest{Sequence: n.Number, Phone: tsmp.PhoneID(n.Phone), Event: event,
		Certificate: stateRow(&c), Erase: n.Erase && n.State == profile.Revoked}
}

// notificationID names the call of one attempt: attempts are told apart by the
// registry's time, and within a second they are the same call.
func (a *Authority) notificationID(to tsmp.PartyID, number uint64) (id tsmp.CallID) {
	info := binary.BigEndian.AppendUint64([]byte(notificationLabel), number)
	info = binary.BigEndian.AppendUint64(info, uint64(a.config.Registry.Now().Unix()))
	copy(id[:], a.derive(string(info)+string(to), len(id)))
	return id
}
