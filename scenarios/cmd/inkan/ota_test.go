package main

import (
	"encoding/json"
	"strings"
	"testing"

	"inkan/scenarios/overtheair"
	"inkan/spec/req"
)

func TestOTA(t *testing.T) {
	req.Covers(t, "SPEC-OTA-033")
	line := []string{"ota", "--profile", "akebono", "--loss", "10", "--delivered", "--seed", "3"}
	text, err := output(t, line...)
	for _, want := range []string{"Akebono Mobile", "compact scripts", "10 % lost", "DELETE", "SIGN auth", "nvm-program", "parameters, not measured", "On the card"} {
		if err != nil || !strings.Contains(text, want) {
			t.Fatalf("%v, no %q in\n%s", err, want, text)
		}
	}
	if again, err := output(t, line...); err != nil || again != text {
		t.Errorf("%v, the same seed says something else:\n%s", err, again)
	}
	text, err = output(t, append(line, "--format", "expanded", "--json")...)
	if err != nil {
		t.Fatal(err)
	}
	var r overtheair.Report
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	if r.Format != "expanded" || r.Total.Traffic.Lost == 0 || r.Total.Card.Cycles == 0 || len(r.Issued) != 1 {
		t.Errorf("%+v", r.Total)
	}
}

func TestOTAUsage(t *testing.T) {
	for line, want := range map[string]int{
		"ota alice": 2, "ota --profile nobody": 2, "ota --loss 101": 2, "ota --late -1": 2, "ota --parts 1": 2, "ota --parts 9": 2, "ota --format short": 2,
		"ota --number 100000000": 2, "ota --loss 100": 1,
	} {
		if got := run(strings.Fields(line)); got != want {
			t.Errorf("inkan %s: exit code %d, want %d", line, got, want)
		}
	}
}
