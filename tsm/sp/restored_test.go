package sp_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"inkan/core/jpki/certificate"
	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/store"
)

// backup makes one of the SP-TSM's store.
func (w *world) backup() {
	w.t.Helper()
	_, err := w.store.Backup(ctx, "backup")
	must(w.t, err)
}

// goBack loses the store and goes on with what the backup has.
func (w *world) goBack() {
	w.t.Helper()
	must(w.t, w.store.Close())
	must(w.t, w.disk.RemoveAll("store"))
	s, _, err := store.Restore(ctx, store.Options{Path: "store", FS: w.disk, Now: w.config.Now}, "backup", "operator")
	must(w.t, err)
	must(w.t, s.Close())
	w.boot(w.disk)
}

// asked is how often carriers were asked for the state of an instance.
func (w *world) asked() (n int) {
	w.t.Helper()
	for _, sealed := range w.sent {
		r, _, err := tsmp.ReadSealed(sealed)
		if err == nil && r.Function == tsmp.GetServiceState {
			n++
		}
	}
	return n
}

// epochs keeps the notices that a carrier is told.
type epochs struct {
	*carrier
	notices []tsmp.Notice
}

func (e *epochs) HandleStartServiceStateChangeNotification(_ context.Context, _ *tsmp.Call, q *tsmp.HandleStartServiceStateChangeNotificationRequest) (*tsmp.Acknowledgement, error) {
	e.notices = append(e.notices, q.Notice)
	return &tsmp.Acknowledgement{}, nil
}

// TestRestored: an SP-TSM that goes back to a backup numbers its notifications in another
// epoch, asks carriers about all that it knows, and ends what has ended meanwhile. Nothing
// is issued a second time, and what was issued meanwhile is not active twice.
func TestRestored(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-044", "SPEC-TSM-PROTOCOL-093")
	w, ended := enrolled(t)
	stays, later := w.holds(1, 2, mnoName), w.holds(2, 3, mnoName)
	stays.enrol()
	w.backup()
	if _, err := ended.call(tsmp.ReportEvent, &tsmp.ReportEventRequest{Phone: ended.phone, Event: tsmp.PhoneDisposed}); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Hour)
	later.enrol()
	issued := w.ca.called(tsmp.Issue)
	if w.instance(ended.phone).State != tsmp.ServiceTerminated || ended.sim().phase != "" {
		t.Fatal("it was not disposed of")
	}
	w.now = w.now.Add(time.Hour)
	asked := w.asked()
	w.goBack()
	if w.instance(ended.phone).State != tsmp.ServiceDeployed {
		t.Fatal("the backup is not of before")
	}
	w.pass(time.Hour)
	if n := w.asked() - asked; n != 2 {
		t.Errorf("%d questions about 2 instances", n)
	}
	if i := w.instance(ended.phone); i.State != tsmp.ServiceTerminated || w.instance(stays.phone).State != tsmp.ServiceDeployed {
		t.Errorf("ended: %+v", i)
	}
	events := w.events()
	for _, want := range []string{store.EventRestored, "party-asked-about-all", "service-ended-at-carrier"} {
		if !slices.Contains(events, want) {
			t.Errorf("no event %s", want)
		}
	}
	if n := w.ca.called(tsmp.Issue); n != issued {
		t.Errorf("%d issues more", n-issued)
	}
	must(t, w.restart())
	w.pass(time.Hour)
	if n := w.asked() - asked; n != 2 {
		t.Errorf("%d questions after another start", n)
	}
	told := &epochs{carrier: ended.carrier}
	w.handlers[mnoName].Service = tsmp.MNOService(told)
	before := len(ended.carrier.told)
	if _, err := stays.call(tsmp.ReportEvent, &tsmp.ReportEventRequest{Phone: stays.phone, Event: tsmp.PhoneLost}); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Hour)
	if len(told.notices) != 1 || told.notices[0].Epoch < uint64(w.now.Add(-10*time.Hour).Unix()) || told.notices[0].Sequence > uint64(before) {
		t.Errorf("told: %+v after %d", told.notices, before)
	}
	if _, err := w.store.Check(ctx); err != nil {
		t.Error(err)
	}
}

// TestCarrierRestored: a carrier that goes back to a backup is believed what it says in its
// new epoch, though its numbers are lower, nothing of the old one any more, and is asked
// about all instances; what it has forgotten is an event for operators.
func TestCarrierRestored(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-043", "SPEC-SP-TSM-045")
	w, h := enrolled(t)
	forgotten := w.holds(1, 2, mnoName)
	forgotten.enrol()
	late := h.carrier.sequence + 1
	h.carrier.sequence = 0
	delete(h.carrier.services, w.instance(forgotten.phone).Reference)
	tell := func(epoch uint64, s tsmp.SEStatus) {
		h.carrier.epoch = epoch
		h.carrier.notify(func(n tsmp.Notice) tsmp.Body {
			return &tsmp.HandleSEStatusChangeNotificationRequest{Notice: n, SE: h.se, Status: s}
		})
		w.pass(time.Minute)
	}
	tell(7, tsmp.SEBlocked)
	if i := w.instance(h.phone); i.Phase != tsmp.PhaseHeld || w.ca.phones[h.phone].state != certificate.Suspended {
		t.Fatalf("%+v", i)
	}
	events := w.events()
	if !slices.Contains(events, "party-restored") || slices.Contains(events, "notification-gap") || !slices.Contains(events, "service-unknown-to-party") ||
		!slices.Contains(events, "party-asked-about-all") {
		t.Errorf("events: %v", events)
	}
	taken := h.carrier.sequence
	h.carrier.sequence = late
	for _, old := range []uint64{0, 6} {
		tell(old, tsmp.SERetired)
	}
	h.carrier.sequence = 0
	tell(7, tsmp.SERetired)
	if i := w.instance(h.phone); i.State != tsmp.ServiceDeployed {
		t.Errorf("what is of an old epoch, or was taken, has ended it: %+v", i)
	}
	h.carrier.sequence = taken
	tell(7, tsmp.SERetired)
	if i := w.instance(h.phone); i.State != tsmp.ServiceOrphaned {
		t.Errorf("%+v", i)
	}
}
