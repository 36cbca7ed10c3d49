package sp

import (
	"testing"

	"inkan/core/tsmp"
	"inkan/spec/req"
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
