package personalise

import (
	"bytes"
	"strings"
	"testing"

	"inkan/sim/clock"
	"inkan/sim/profile"
	"inkan/spec/req"
)

// Over a line a personalisation has the same commands and writes; each step's time
// has the line's, and the causes of each are all of it.
func TestOverLine(t *testing.T) {
	req.Covers(t, "SPEC-PROFILES-015", "SPEC-TRANSPORT-023")
	without, err := onModel(t, ModelConfig{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, t0 := range []bool{false, true} {
		r, err := onModel(t, ModelConfig{Slot: new(profile.Slot), T0: t0}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Steps) != len(without.Steps) {
			t.Fatalf("%d steps, without a line %d", len(r.Steps), len(without.Steps))
		}
		for i := range r.Steps {
			s, plain := &r.Steps[i], &without.Steps[i]
			sum, line := uint64(0), s.Causes[clock.Line.String()]
			for _, n := range s.Causes {
				sum += n
			}
			if sum != s.Cycles || line == 0 || s.Commands != plain.Commands || s.NVM.Writes != plain.NVM.Writes || s.Milliseconds <= plain.Milliseconds {
				t.Errorf("T=0 %v, %s: %+v, without a line %+v", t0, s.Name, s.Figures, plain.Figures)
			}
		}
		overLineText(t, r, t0)
	}
	var b bytes.Buffer
	if err := without.Write(&b); err != nil || strings.Contains(b.String(), "Line: ") {
		t.Errorf("%v, a line in\n%s", err, &b)
	}
}

func overLineText(t *testing.T, r *Report, t0 bool) {
	t.Helper()
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	want := "Line: T=1, 250000 bit/s at 4000000 Hz\n"
	if t0 {
		want = strings.Replace(want, "T=1", "T=0", 1)
	}
	for _, w := range []string{want, "· line", "\n         line  ", "··········"} {
		if !strings.Contains(b.String(), w) {
			t.Errorf("no %q in\n%s", w, &b)
		}
	}
	kinds := r.Total.Kinds()
	if last := kinds[len(kinds)-1]; last.Name != "line" || last.Milliseconds < 100 || (&Figures{}).Kinds() != nil {
		t.Errorf("%+v", kinds)
	}
}
