package remote

import (
	"testing"

	"inkan/core/iso7816"
	"inkan/spec/req"
)

// A sequence of STORE DATA that begins again leaves what comes behind it in doubt, and
// has nothing more in doubt than was.
func TestBehindSequence(t *testing.T) {
	req.Covers(t, "SPEC-SCRIPTS-046")
	commands := whole(t, 1) // 6 to 10 are STORE DATA, 11 is DELETE
	for _, c := range []struct{ at, unknown, wantUnknown, wantRedo int }{
		{7, 12, 12, 11}, {10, 12, 12, 11}, {6, 12, 12, 11}, {7, 9, 6, 0}, {7, 8, 6, 0}, {10, 11, 6, 0},
	} {
		r, err := New(domain(1), commands)
		if err != nil {
			t.Fatal(err)
		}
		for r.next < c.at {
			r.executed(okAnswer)
		}
		r.unknown = c.unknown
		r.refused(c.at, iso7816.ReferencedDataNotFound)
		if r.outcome.State != Running || r.next != 6 || r.unknown != c.wantUnknown || r.redo != c.wantRedo || len(r.answers) != 6 {
			t.Errorf("refused at %d, in doubt to %d: %+v, next %d, in doubt to %d, again to %d", c.at, c.unknown, r.outcome, r.next, r.unknown, r.redo)
		}
		if back := again(t, r); back.redo != r.redo {
			t.Error("read again it is another run")
		}
	}
}
