package invariant

import "testing"

func TestCheck(t *testing.T) {
	Check(true, "never seen")
	defer func() {
		got := recover()
		if Enabled && got != "invariant broken: one is two" || !Enabled && got != nil {
			t.Errorf("enabled %t: %v", Enabled, got)
		}
	}()
	Check(1 == 2, "one is two")
}
