package mno_test

import (
	"testing"

	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/store"
)

// TestRestored: an MNO-TSM that goes back to a backup numbers its notifications in another
// epoch, with numbers that the SP-TSM has had; and takes those of an SP-TSM's later epoch,
// whatever their numbers, and none of an earlier one.
func TestRestored(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-093", "SPEC-MNO-TSM-019")
	w := newWorld(t)
	c := w.customer(1)
	ref := w.deploy(c, 1, tsmp.ModelSimple)
	block := func() tsmp.Notice {
		t.Helper()
		must(t, w.mno.Desk("clerk").BlockSIM(ctx, c.se))
		w.run()
		must(t, w.mno.Desk("clerk").FreeSIM(ctx, c.se))
		w.run()
		told := w.told[spName]
		return noticeOf(told[len(told)-1])
	}
	first := block()
	_, err := w.store.Backup(ctx, "backup")
	must(t, err)
	second := block()
	w.end()
	must(t, w.store.Close())
	must(t, w.fs.RemoveAll("store"))
	s, _, err := store.Restore(ctx, store.Options{Path: "store", FS: w.fs, Now: w.clock}, "backup", "operator")
	must(t, err)
	must(t, s.Close())
	w.open()
	third := block()
	if first.Epoch != 0 || second.Epoch != 0 || third.Sequence > second.Sequence || third.Epoch < uint64(w.now.Unix()) {
		t.Errorf("told %+v, %+v, and after the restoring %+v", first, second, third)
	}
	w.check()

	sp := w.as(spName)
	announce := func(epoch, n uint64, phase tsmp.Phase) {
		t.Helper()
		_, err := sp.HandleStartServiceStateChangeNotification(ctx, w.call(), &tsmp.HandleStartServiceStateChangeNotificationRequest{
			Notice: tsmp.Notice{Epoch: epoch, Sequence: n, At: w.now}, Reference: ref, Phase: phase})
		must(t, err)
	}
	end := func(epoch, n uint64) {
		t.Helper()
		_, err := sp.HandleEndServiceStateChangeNotification(ctx, w.call(), &tsmp.HandleEndServiceStateChangeNotificationRequest{
			Notice: tsmp.Notice{Epoch: epoch, Sequence: n, At: w.now}, Reference: ref, Phase: tsmp.PhaseHeld, Succeeded: true})
		must(t, err)
	}
	asked := func() bool { // the carrier asks the card only while nothing is announced
		t.Helper()
		before := len(c.card.done)
		w.pass(2e9)
		_, err := sp.GetSDFreeMemory(ctx, w.call(), &tsmp.GetSDFreeMemoryRequest{Reference: ref, MaxAge: 1})
		wantCode(t, err, tsmp.CodeAuditPending)
		w.run()
		return len(c.card.done) != before
	}
	announce(0, 9, tsmp.PhaseHeld)
	announce(5, 2, tsmp.PhaseHeld) // another epoch, a lower number
	end(0, 10)                     // of the one that is over
	end(5, 2)
	if asked() {
		t.Error("an end of an old epoch, or with an old number, was taken")
	}
	end(5, 3)
	if !asked() {
		t.Error("the end of the new epoch was not taken")
	}
}
