package main

import (
	"regexp"
	"strings"
	"testing"

	"inkan/spec/req"
)

// The same seed is the same fleet, to the byte.
func TestFleetIsRepeatable(t *testing.T) {
	req.Covers(t, "SPEC-FLEET-001")
	once, err := output(t, "fleet", "--phones", "4", "--seed", "3")
	if err != nil {
		t.Fatal(err)
	}
	again, err := output(t, "fleet", "--phones", "4", "--seed", "3")
	if err != nil || again != once {
		t.Errorf("%v\n%s\n%s", err, once, again)
	}
	if !strings.Contains(once, "download by") || !strings.Contains(once, "seed") {
		t.Errorf("no table:\n%s", once)
	}
}

// One phone of a fleet can live alone.
func TestFleetAlone(t *testing.T) {
	if out, err := output(t, "fleet", "--phones", "1000", "--seed", "3", "--only", "2", "--calm"); err != nil || !regexp.MustCompile(`phones +1 `).MatchString(out) {
		t.Errorf("%v\n%s", err, out)
	}
	for _, wrong := range [][]string{{"--phones", "0"}, {"--phones", "2", "--only", "3"}, {"--only", "-1"}, {"more"}} {
		if _, err := output(t, append([]string{"fleet"}, wrong...)...); err == nil {
			t.Errorf("%v was taken", wrong)
		}
	}
}

// Whoever has the output in a file sees each tenth of a large fleet.
func TestFleetProgress(t *testing.T) {
	var out strings.Builder
	told, end := fleetProgress(&out, 2000)
	for n := 1; n <= 401; n++ {
		told(n)
	}
	end()
	if out.String() != "200 of 2000 phones\n400 of 2000 phones\n" {
		t.Errorf("%q", &out)
	}
}
