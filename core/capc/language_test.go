package capc

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkan/core/cap"
	"inkan/spec/req"
)

// languageCase is a Java file of testdata/lang. Its first line says what comes
// of it: "// accepted", with the words applet or int for options, or
// "// refused LINE: part of the error".
type languageCase struct {
	name, text string
	refused    string // empty: accepted
	line       int
	options    string
}

func languageCases(t testing.TB) (list []languageCase) {
	t.Helper()
	names, err := filepath.Glob("testdata/lang/*.java")
	if err != nil || len(names) < 20 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c := languageCase{name: strings.TrimSuffix(filepath.Base(name), ".java"), text: string(text)}
		first, _, _ := strings.Cut(c.text, "\n")
		if rest, ok := strings.CutPrefix(first, "// refused "); ok {
			line, why, _ := strings.Cut(rest, ": ")
			if _, err := fmt.Sscan(line, &c.line); err != nil {
				t.Fatal(name, err)
			}
			c.refused = why
		} else if c.options, ok = strings.CutPrefix(first, "// accepted"); !ok {
			t.Fatal(name, first)
		}
		list = append(list, c)
	}
	return list
}

func (c languageCase) check(t *testing.T, files compiled) {
	t.Helper()
	o := Options{Package: "inkan.lang." + c.name, AID: []byte("inkan"), Version: cap.Version{Major: 1}, Int: strings.Contains(c.options, "int")}
	if strings.Contains(c.options, "applet") {
		o.Applets = []Applet{{[]byte("inkan1"), "Case"}}
	}
	_, err := Convert(files.classes(t, "lang/"+c.name), o)
	if c.refused == "" {
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		return
	}
	if err == nil {
		t.Errorf("%s: converted, want an error with %q", c.name, c.refused)
		return
	}
	for _, e := range err.(Errors) {
		if e.Line == c.line && strings.Contains(e.Error(), c.refused) {
			return
		}
	}
	t.Errorf("%s: %v; want line %d, %q", c.name, err, c.line, c.refused)
}

func TestLanguage(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-006", "SPEC-CAPC-010", "SPEC-CAPC-011", "SPEC-CAPC-013", "SPEC-CAPC-016", "SPEC-CAPC-017", "SPEC-CAPC-032", "SPEC-CAPC-033", "SPEC-CAPC-047")
	files := readJar(t, jar)
	for _, c := range languageCases(t) {
		c.check(t, files)
	}
}

// All reasons are told, each with its place and what to do.
func TestSeveralErrors(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-006")
	_, err := Convert(readJar(t, jar).classes(t, "lang/several"), Options{Package: "inkan.lang.several", AID: []byte("inkan")})
	const want = `inkan/lang/several/Case.f(SS)S, line 5: the dividend may not fit in a short; cast the intermediate result to short
inkan/lang/several/Case.g(SS[B)S, line 6: the array index may not fit in a short; cast the intermediate result to short
inkan/lang/several/Case.h()Ljava/lang/Object;, line 7: string; use a byte array`
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant\n%s", err, want)
	}
}

// convertCase converts a case without options.
func convertCase(t *testing.T, name string) *Result {
	t.Helper()
	r, err := Convert(readJar(t, jar).classes(t, "lang/"+name), Options{Package: "inkan.lang." + name, AID: []byte("inkan")})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// javac adds -32768 as a subtraction of 32768, and the reverse; both have the
// same low 16 bits.
func TestCompound(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-017")
	var got []string
	f := convertCase(t, "compound").File
	for _, m := range f.MethodSpans()[1:] { // behind the constructor
		got = append(got, fmt.Sprintf("%x", f.Method.Info[m.Offset+2:m.End]))
	}
	want := []string{
		"1c118000432f1c78",   // sload_0, sspush -32768, ssub, sstore_0, sload_0, sreturn
		"1c118000412f1c78",   // sadd
		"1c118000435b2f1c78", // ssub, s2b, sstore_0
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s, want %s", got, want)
	}
}

// Without the types of local variables, those of javac's programs are found:
// a slot that two variables have in turn, and shorts that are used as ints, too.
func TestUnnamed(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-018", "SPEC-CAPC-013")
	files := readJar(t, jar)
	for _, name := range []string{"ints", "slots", "foreach"} {
		classes := files.classes(t, "lang/"+name)
		for _, k := range classes {
			for i := range k.Methods {
				if code := k.Methods[i].Code; code != nil {
					code.Variables = nil
				}
			}
		}
		if _, err := Convert(classes, Options{Package: "inkan.lang." + name, AID: []byte("inkan"), Int: name != "foreach"}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A SuperMethodref names the class that calls: two classes that call the same
// method of their superclass share no entry, one that calls it twice does.
func TestSuperCalls(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-051")
	var callers []byte
	for _, k := range convertCase(t, "supers").File.Constants {
		if k.Kind == cap.SuperMethodref {
			callers = append(callers, k.Info[1])
		}
	}
	if len(callers) != 2 || callers[0] == callers[1] {
		t.Errorf("super calls in the classes at %v, want one entry each in two classes", callers)
	}
}

// The image of static fields has references, zeroes and other numbers.
func TestStaticImage(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-022")
	r, err := Convert(readJar(t, jar).classes(t, "lang/statics"), Options{Package: "inkan.lang.statics", AID: []byte("inkan"), Applets: []Applet{{[]byte("inkan1"), "inkan.lang.statics.Case"}}})
	if err != nil {
		t.Fatal(err)
	}
	s := r.File.StaticField
	got := fmt.Sprintf("%d %d %v %d %x", s.ImageSize, s.ReferenceCount, s.Arrays, s.DefaultCount, s.NonDefault)
	if want := "11 3 [{3 [105 110]} {2 [1 0]}] 2 031234"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
