package capfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkan/core/ara"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/sim/applets/aram"
	"inkan/sim/clock"
	"inkan/sim/profile"
	"inkan/spec/req"
)

// overLine makes a session whose card is in a reader.
func overLine(t *testing.T, t0, cref bool, names ...string) *Session {
	t.Helper()
	s, err := NewSession(names, cref, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Insert(profile.Slot{}, t0); err != nil {
		t.Fatal(err)
	}
	return s
}

// Applets with reading instructions of their own answer over a line as they do
// without one, and the cycles of each command are those of its causes.
func TestScriptOverLine(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-015", "SPEC-PROFILES-017")
	for _, t0 := range []bool{false, true} {
		for _, name := range []string{"arith", "pin"} {
			s := overLine(t, t0, true, corpus+"/"+name+"/"+name+"-305.cap")
			text, err := os.ReadFile(corpus + "/" + name + "/vectors.txt")
			if err != nil {
				t.Fatal(err)
			}
			steps, err := s.Script(string(text))
			if err != nil || Failures(steps) > 0 || len(steps) < 50 {
				t.Errorf("%s, T=0 %v: %d steps, %d failures, %v", name, t0, len(steps), Failures(steps), err)
			}
			for i := range steps {
				sum := uint64(0)
				for _, n := range steps[i].Causes {
					sum += n
				}
				if sum != steps[i].Cycles || steps[i].What == "apdu" && steps[i].Causes[clock.Line.String()] == 0 {
					t.Fatalf("%s: %+v: the causes have %d cycles", name, steps[i], sum)
				}
			}
		}
	}
}

// The access rule application, whose GET DATA takes data, is read by both protocols.
func TestAccessRulesOverLine(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-016")
	file := filepath.Join(t.TempDir(), "aram.cap")
	if err := os.WriteFile(file, aram.CAP, 0o600); err != nil {
		t.Fatal(err)
	}
	rights, err := ara.GetSpecific(ara.Target{AIDRef: ara.NamedApplication, AID: jpki.AIDInstance, AppHash: make([]byte, 20)})
	if err != nil {
		t.Fatal(err)
	}
	config, all := ara.GetConfig(ara.Version{Major: 1, Minor: 1}), ara.GetAll()
	var raw [][]byte
	for _, c := range []gp.GetData{rights, config, all, ara.GetRefreshTag()} {
		command, err := c.APDU(nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := command.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		raw = append(raw, b)
	}
	answers := func(s *Session) (all []string) {
		for _, step := range s.Run(nil, raw) {
			if step.Failed() {
				t.Fatalf("%+v", step)
			}
			if step.What == "apdu" {
				all = append(all, step.Response)
			}
		}
		return all
	}
	plain, err := NewSession([]string{file}, false, false)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join(answers(plain), " ")
	for i, sw := range []string{"9000", "6A88", "9000", "9000", "9000"} { // SELECT first; there is no rule
		if got := strings.Fields(want)[i]; !strings.HasSuffix(got, sw) {
			t.Errorf("without a line: %s, want …%s", got, sw)
		}
	}
	for _, t0 := range []bool{false, true} {
		got := strings.Join(answers(overLine(t, t0, false, file)), " ")
		if got != want {
			t.Errorf("T=0 %v: %s\nwithout a line: %s", t0, got, want)
		}
	}
}
