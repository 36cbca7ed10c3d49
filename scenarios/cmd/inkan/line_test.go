package main

import (
	"strings"
	"testing"

	"inkan/spec/req"
)

// With --line the cycles and the table have the line's time; on a profile's card,
// too.
func TestLine(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-015")
	file := jpkiCAP(t)
	for line, want := range map[string][]string{
		"--personalise --delivered --line t0":                   {"Line: T=0, 250000 bit/s", "inkan-sim-33 at 33 MHz", " line  "},
		"--personalise --delivered --line t1 --profile akebono": {"Line: T=1, 250000 bit/s", "inkan-eeprom-60 at 60 MHz", "SCP02 with the issuer's domain"},
		"--personalise --delivered --line t0 --profile hayate":  {"Line: T=0", "SCP03 with the domain F0696E6B616E5350", "SIGN auth"},
		"--personalise --delivered --profile minato":            {"SIGN auth"},
	} {
		text, err := output(t, append([]string{"cap", "run", file}, strings.Fields(line)...)...)
		for _, w := range want {
			if err != nil || !strings.Contains(text, w) {
				t.Errorf("%s: %v, no %q in\n%s", line, err, w, text)
			}
		}
		if !strings.Contains(line, "--line") && strings.Contains(text, "Line: ") {
			t.Errorf("%s: a line in\n%s", line, text)
		}
	}
	for _, protocol := range []string{"t0", "t1"} {
		text, err := output(t, "cap", "run", corpus+"pin/pin-305.cap", "--line", protocol, "--apdu", "8030000006")
		if err != nil || !strings.Contains(text, "< 0300020000009000") || !strings.Contains(text, "line ") {
			t.Errorf("%v\n%s", err, text)
		}
	}
}

func TestLineUsage(t *testing.T) {
	file := jpkiCAP(t)
	for line, want := range map[string]int{
		"cap run X --line t2": 2, "cap run X --line": 2, "cap run X --personalise --line x": 2, "cap run X --profile test": 2,
		"cap run X --personalise --profile nobody": 2, "cap run X --personalise --profile test --scp 2": 2,
		"cap run X --personalise --profile test --chip inkan-sim-33": 2, "cap run X --personalise --profile test --own-channel": 2,
	} {
		if got := run(strings.Fields(strings.ReplaceAll(line, "X", file))); got != want {
			t.Errorf("inkan %s: exit code %d, want %d", line, got, want)
		}
	}
}
