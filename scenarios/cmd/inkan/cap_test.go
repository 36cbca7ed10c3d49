package main

import (
	"encoding/json"
	"strings"
	"testing"
)

const corpus = "../../../spec/corpus/"

func TestCapInspect(t *testing.T) {
	text, err := output(t, "cap", "inspect", "--disassemble", corpus+"arith/arith-305.cap")
	if err != nil || !strings.Contains(text, "javacard/framework") || !strings.Contains(text, "invokevirtual") {
		t.Errorf("%v\n%s", err, text)
	}
	raw, err := output(t, "cap", "inspect", "--json", corpus+"arith/arith-305.cap")
	var i struct{ Package, Format string }
	if err != nil || json.Unmarshal([]byte(raw), &i) != nil || i.Package != "F0696E6B616E4301" || i.Format != "2.1" {
		t.Errorf("%v %+v", err, i)
	}
}

func TestCapVerify(t *testing.T) {
	for line, want := range map[string]int{
		"cap verify " + corpus + "arith/arith-305.cap":                                         0,
		"cap verify " + corpus + "libuser/libuser-305.cap":                                     1,
		"cap verify --lib " + corpus + "lib/lib-305.cap " + corpus + "libuser/libuser-305.cap": 0,
		"cap verify":              2,
		"cap inspect":             2,
		"cap verify nowhere.cap":  1,
		"cap inspect nowhere.cap": 1,
		"cap":                     0,
		"cap foo":                 2,
		"cap link " + corpus + "arith/arith-305.cap":                                                    0,
		"cap link " + corpus + "libuser/libuser-305.cap":                                                1,
		"cap run " + corpus + "arith/arith-305.cap --apdu 8000000002":                                   0,
		"cap run " + corpus + "arith/arith-305.cap --apdu 80g0":                                         2,
		"cap run " + corpus + "libuser/libuser-305.cap":                                                 1,
		"cap run --cref " + corpus + "arith/arith-305.cap --script " + corpus + "arith/vectors.txt":     0,
		"cap run --json --cref " + corpus + "flow/flow-222.cap --script " + corpus + "flow/vectors.txt": 0,
		"cap run " + corpus + "arith/arith-305.cap --script " + corpus + "nowhere.txt":                  1,
		"cap verify --lib nowhere.cap x.cap":                                                            1,
	} {
		if got := run(strings.Fields(line)); got != want {
			t.Errorf("inkan %s: exit code %d, want %d", line, got, want)
		}
	}
}
