package capfile

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkan/core/cap"
)

// Scripts of the corpus, run from files, give the recorded answers.
func TestScript(t *testing.T) {
	for _, names := range [][]string{{"arith"}, {"lib", "libuser"}, {"server", "client"}, {"multi"}} {
		var files []string
		for _, n := range names {
			files = append(files, corpus+"/"+n+"/"+n+"-305.cap")
		}
		s, err := NewSession(files, true, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(corpus + "/" + names[len(names)-1] + "/vectors.txt")
		if err != nil {
			t.Fatal(err)
		}
		steps, err := s.Script(string(text))
		if err != nil || Failures(steps) > 0 || len(steps) < 50 {
			var b bytes.Buffer
			_ = WriteSteps(&b, steps)
			t.Errorf("%v: %d steps, %d failures, %v\n%s", names, len(steps), Failures(steps), err, &b)
		}
	}
}

func TestRun(t *testing.T) {
	s, err := NewSession([]string{corpus + "/arith/arith-305.cap"}, false, false)
	if err != nil {
		t.Fatal(err)
	}
	steps := s.Run(nil, [][]byte{{0x80, 0xFF, 0, 0, 0}})
	if len(steps) != 4 || steps[2].Response != "09F0696E6B616E4301019000" && !strings.HasSuffix(steps[2].Response, "9000") || Failures(steps) != 0 {
		t.Errorf("%+v", steps)
	}
	for _, st := range steps {
		sum := uint64(0)
		for _, n := range st.Causes {
			sum += n
		}
		if sum != st.Cycles || sum == 0 {
			t.Errorf("%s: %d cycles, %d by cause", st.What, st.Cycles, sum)
		}
	}
}

// A package whose library is not there is not linked, and says what is missing.
func TestLinkMissing(t *testing.T) {
	s, err := NewSession([]string{corpus + "/libuser/libuser-305.cap"}, false, false)
	if err != nil {
		t.Fatal(err)
	}
	steps := s.Link()
	var b bytes.Buffer
	if err := WriteSteps(&b, steps); err != nil {
		t.Fatal(err)
	}
	if Failures(steps) != 1 || len(steps[0].Missing) == 0 || !strings.Contains(b.String(), "F0696E6B616E430B") {
		t.Errorf("%s", &b)
	}
	if s.Verify() == nil {
		t.Error("the verifier accepts it")
	}
}

func TestScriptRefuses(t *testing.T) {
	s, err := NewSession(nil, false, false)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"00A4": "", "zz": "line 1: encoding/hex", "\n# load foo": "line 2: no file is called foo", "# create 0g": "line 1: encoding/hex", "# a remark": "",
	} {
		_, err := s.Script(text)
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// What the verifier refuses is loaded by a session that is told to, and by no other.
func TestUnverified(t *testing.T) {
	raw, err := os.ReadFile(corpus + "/arith/arith-305.cap")
	if err != nil {
		t.Fatal(err)
	}
	f, err := cap.Open(raw)
	if err != nil {
		t.Fatal(err)
	}
	f.Method.Info[len(f.Method.Info)-1] = 0x3B // pop, and the code ends
	name := filepath.Join(t.TempDir(), "bad.cap")
	if err := os.WriteFile(name, f.LoadFile(nil, true), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, unverified := range []bool{false, true} {
		s, err := NewSession([]string{name}, false, unverified)
		if err != nil {
			t.Fatal(err)
		}
		if steps := s.Link(); steps[0].Failed() == unverified {
			t.Errorf("unverified %v: %+v", unverified, steps)
		}
	}
}
