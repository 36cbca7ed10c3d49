package observe_test

import (
	"testing"

	"inkan/core/observe"
)

// deaf ignores bytecodes, and says so.
type deaf struct{ observe.Nop }

func (deaf) NoBytecodes() {}

func TestWantsBytecodes(t *testing.T) {
	all := new(observe.Recorder)
	for name, c := range map[string]struct {
		o    observe.Observer
		want bool
	}{
		"none": {nil, false}, "deaf": {deaf{}, false}, "all": {all, true}, "an ignorant one": {observe.Nop{}, true},
		"two deaf": {observe.Multi(deaf{}, deaf{}), false}, "one of two": {observe.Multi(deaf{}, all), true},
	} {
		if got := observe.WantsBytecodes(c.o); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
