package sp

import (
	"reflect"
	"testing"
	"time"

	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/store/codec"
	"inkan/tsm/store/row"
)

// Letters of one instance are one lane, whatever workflow writes them.
func TestLaneOf(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-052")
	ref, phone, id := tsmp.ServiceReference{1}, tsmp.PhoneID{2}, row.WorkflowID{3}
	for want, j := range map[string]job{
		ref.String():   {Reference: ref, Phone: phone},
		phone.String(): {Phone: phone},
		id.String():    {},
	} {
		if got := laneOf(&j, id); got != want {
			t.Errorf("lane %s, want %s", got, want)
		}
	}
}

// A ledger from before there were epochs is read.
func TestOldLedger(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-043")
	old := []byte{1, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 9}
	var l ledger
	if err := l.read(old); err != nil || l != (ledger{Sent: 5, Taken: 9}) {
		t.Errorf("%+v, %v", l, err)
	}
	for n := range old {
		if err := new(ledger).read(old[:n]); err == nil {
			t.Errorf("%d bytes", n)
		}
	}
}

// A holding from before the authority's word was kept is read: what the card was told last
// is not known.
func TestOldHolding(t *testing.T) {
	req.Covers(t, "SPEC-SP-TSM-039")
	kept := holding{App: "app", Busy: row.WorkflowID{1}, Phase: tsmp.PhaseHeld, Profile: "P", Order: []byte{2}, Touched: true, Counter: 3, NotAfter: time.Unix(4, 0).UTC()}
	old, err := codec.Append(nil, holding1{&kept})
	if err != nil {
		t.Fatal(err)
	}
	h := holding{Wanted: tsmp.PhaseHeld, Since: time.Unix(5, 0)}
	kept.Unsure = true
	if err := h.read(old); err != nil || !reflect.DeepEqual(h, kept) {
		t.Errorf("%+v, %v", h, err)
	}
	for n := range old {
		if err := new(holding).read(old[:n]); err == nil {
			t.Errorf("%d bytes", n)
		}
	}
	h.Wanted, h.Since = tsmp.PhaseOperational, time.Unix(6, 0).UTC()
	now, err := codec.Append(nil, &h)
	var again holding
	if err := again.read(now); err != nil || !reflect.DeepEqual(again, h) {
		t.Errorf("%+v, %v", again, err)
	}
	if err != nil {
		t.Error(err)
	}
}
