package trace

import (
	"strings"
	"testing"
)

// TestWhatCounts: which citations satisfy a MUST.
func TestWhatCounts(t *testing.T) {
	imports := "import (\n\t\"testing\"\n\t\"inkan/spec/peer\"\n\t\"inkan/spec/req\"\n\tvec \"inkan/spec/vectors\"\n)\n"
	const cover = `req.Covers(t, "SPEC-X-001")`
	cases := []struct {
		name, file, text string
		want             bool
	}{
		{"plain", "a_test.go", "func TestA(t *testing.T) { " + cover + " }", true},
		{"sub-test", "a_test.go", "func TestA(t *testing.T) { t.Run(\"x\", func(t *testing.T) { " + cover + " }) }", true},
		{"fuzz seeds", "a_test.go", "func FuzzA(t *testing.F) { " + cover + "; t.Fuzz(func(t *testing.T, b []byte) { t.Skip() }) }", true},
		{"another's skip", "a_test.go", "func TestA(t *testing.T) { " + cover + "; r.Skip(3) }", true},
		{"another sub-test skips", "a_test.go", "func TestA(t *testing.T) { t.Run(\"x\", func(t *testing.T) { t.Skip() }); " + cover + " }", true},
		{"recursive", "a_test.go", "func TestA(t *testing.T) { a(); " + cover + " }\nfunc a() { b() }\nfunc b() { a() }", true},
		{"helper", "a_test.go", "func TestA(t *testing.T) { check(t) }\nfunc check(t *testing.T) { " + cover + " }", true},
		{"helper as a value", "a_test.go", "func TestA(t *testing.T) { t.Run(\"x\", check) }\nfunc check(t *testing.T) { " + cover + " }", true},
		{"method", "a_test.go", "func TestA(t *testing.T) { m{}.check(t) }\nfunc (m) check(t *testing.T) { " + cover + " }", true},
		{"table", "a_test.go", "var all = []func(*testing.T){func(t *testing.T) { " + cover + " }}", true},
		{"helper that nobody calls", "a_test.go", "func check(t *testing.T) { " + cover + " }", false},
		{"skip", "a_test.go", "func TestA(t *testing.T) { " + cover + "; t.Skip() }", false},
		{"short", "a_test.go", "func TestA(t *testing.T) { if testing.Short() { t.Skipf(\"slow\") }; " + cover + " }", false},
		{"skip around the sub-test", "a_test.go", "func TestA(t *testing.T) { t.SkipNow(); t.Run(\"x\", func(t *testing.T) { " + cover + " }) }", false},
		{"outer handle", "a_test.go", "func TestA(x *testing.T) { x.Run(\"x\", func(t *testing.T) { " + cover + "; x.Skip() }) }", false},
		{"peer", "a_test.go", "func TestA(t *testing.T) { p := peer.Need(t, \"openssl\"); " + cover + " }", false},
		{"helper skips", "a_test.go", "func TestA(t *testing.T) { one(t); " + cover + " }\nfunc one(t testing.TB) { two(t) }\nfunc two(t testing.TB) { peer.Run(t, nil, \"x\") }", false},
		{"benchmark", "a_test.go", "func BenchmarkA(t *testing.B) { " + cover + " }", false},
		{"other system", "a_windows_test.go", "func TestA(t *testing.T) { " + cover + " }", false},
		{"vector", "a_test.go", "func TestA(t *testing.T) { vec.Load[v](t, \"x.json\") }", true},
		{"vector that nobody loads", "a_test.go", "func TestA(t *testing.T) { vec.Load[v](t, \"y.json\") }", false},
		{"vector behind a skip", "a_test.go", "func TestA(t *testing.T) { t.Skip(); vec.Load[v](t, \"x.json\") }", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			edits := map[string]string{
				"core/p/p_test.go": "package p\n",
				"core/p/" + c.file: "package p\n" + imports + c.text + "\n",
			}
			if strings.Contains(c.text, "Load") {
				edits["spec/vectors/x.json"] = `{"vectors": [{"reqs": ["SPEC-X-001"]}]}`
			}
			_, problems := check(t, edits)
			if got := len(problems) == 0; got != c.want {
				t.Errorf("counts: %v, want %v: %v", got, c.want, problems)
			}
		})
	}
}

func TestBuildTag(t *testing.T) {
	tag := "//go:build slow\n\n"
	_, problems := check(t, map[string]string{"core/p/p_test.go": tag + goodTest})
	if len(problems) != 1 || !strings.HasSuffix(problems[0], "no test cites it but ones that may be skipped or are not run") {
		t.Error(problems)
	}
	if _, problems = check(t, map[string]string{"core/p/p_test.go": strings.Replace(tag, "slow", "!slow", 1) + goodTest}); len(problems) > 0 {
		t.Error(problems)
	}
}

func TestScriptCounts(t *testing.T) {
	script := "reqs: SPEC-X-001\n"
	_, problems := check(t, map[string]string{"core/p/p_test.go": "package p\n", "core/p/testdata/a.txt": script})
	if len(problems) != 1 {
		t.Errorf("a script that nothing runs counts: %v", problems)
	}
	_, problems = check(t, map[string]string{"core/p/p_test.go": "package p\n\nvar _ = \"testdata/*.txt\"\n", "core/p/testdata/a.txt": script})
	if len(problems) > 0 {
		t.Error(problems)
	}
}
