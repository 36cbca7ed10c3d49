package fault

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

func TestCodes(t *testing.T) {
	all := Codes()
	if len(slices.Compact(slices.Sorted(slices.Values(all)))) != len(all) {
		t.Error("two faults have one code")
	}
	cause := errors.New("cause")
	err := fmt.Errorf("x: %w", Wrap(NoChannel, "detail", cause))
	if !errors.Is(err, New(NoChannel, "")) || errors.Is(err, New(NoApplication, "")) || !errors.Is(err, cause) {
		t.Error("Is")
	}
	if got := Wrap(NoChannel, "detail", cause).Error(); got != "HS-303: detail: cause" {
		t.Error(got)
	}
	if New(NoNFC, "").Error() != "HS-401" {
		t.Error("without detail")
	}
}
