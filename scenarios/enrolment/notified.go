package enrolment

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/tsmp"
)

// inbox is where the SP-TSM takes the authority's notifications.
type inbox struct {
	handler *tsmp.Handler
	keys    tsmp.Keys
	got     []tsmp.HandleCertificateStateChangeNotificationRequest
}

// HandleCertificateStateChangeNotification implements tsmp.Notified.
func (b *inbox) HandleCertificateStateChangeNotification(_ context.Context, _ *tsmp.Call, q *tsmp.HandleCertificateStateChangeNotificationRequest) (*tsmp.Acknowledgement, error) {
	b.got = append(b.got, *q)
	return &tsmp.Acknowledgement{}, nil
}

// notify has the authority tell the SP-TSM what it does not know yet.
func (w *World) notify(ctx context.Context) error {
	return w.step("authority", "tells the service manager what has changed (HandleCertificateStateChangeNotification)", func(s *Step) error {
		caller := &tsmp.Caller{Identity: w.CA.Handler.Identity, Peer: SPTSM, Keys: w.told.keys, Exchange: w.report.recorded(w.told.handler.Handle)}
		before := len(w.told.got)
		if _, err := w.CA.Notify(ctx, SPTSM, tsmp.RemoteNotified{Caller: caller}); err != nil {
			return err
		}
		for _, n := range w.told.got[before:] {
			erase := ""
			if n.Erase {
				erase = ", to be erased"
			}
			s.note("%d: %v: instance %s is %s%s", n.Sequence, n.Event, short(n.Phone), stateText(n.Certificate.State, n.Certificate.Reason), erase)
		}
		if len(w.told.got) == before {
			return errors.New("there is nothing to tell")
		}
		return nil
	})
}

// refusalOf is what the authority has refused.
func refusalOf(err error) (string, bool) {
	var e *tsmp.Error
	if !errors.As(err, &e) {
		return "", false
	}
	if e.Detail == "" {
		return string(e.Code), true
	}
	return fmt.Sprintf("%s (%s)", e.Code, e.Detail), true
}
