package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"inkan/scenarios/report"
	"inkan/scenarios/report/sample"
	"inkan/spec/req"
)

// written is the page of a run.
func written(t rapid.TB, r *report.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func madeUp(t testing.TB, c sample.Config) *report.Run {
	t.Helper()
	r, err := sample.Run(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// element is one of a page, with the names of its attributes.
type element struct {
	Name  string
	Attrs []xml.Attr
}

func (e *element) attr(name string) (string, bool) {
	i := slices.IndexFunc(e.Attrs, func(a xml.Attr) bool { return a.Name.Local == name })
	if i < 0 {
		return "", false
	}
	return e.Attrs[i].Value, true
}

// parsed are a page's elements in their order, and its text. It fails for what is not
// well-formed.
func parsed(t testing.TB, page string) (elements []element, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	var b strings.Builder
	for {
		token, err := d.Token()
		if err == io.EOF {
			return elements, b.String()
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			elements = append(elements, element{token.Name.Local, token.Attr})
		case xml.CharData:
			b.Write(token)
		case xml.Comment, xml.ProcInst:
			t.Fatalf("%T", token)
		}
	}
}

// What is in the record is in the page, without any script having run.
func TestContents(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-032", "SPEC-REPORT-002", "SPEC-REPORT-024")
	r := madeUp(t, sample.Config{})
	page := written(t, r)
	if again := written(t, madeUp(t, sample.Config{})); again != page {
		t.Error("the same run gives two pages")
	}
	elements, text := parsed(t, page)
	has := func(what, s string) {
		if !strings.Contains(text, s) {
			t.Errorf("%s is missing: %q", what, s)
		}
	}
	for _, s := range r.Steps {
		has("heading", s.Heading.English)
		has("heading", s.Heading.Japanese)
		has("text", s.Text)
	}
	for _, m := range r.Messages {
		has("function", m.Function)
		has("digest", m.Request.SHA256)
	}
	for _, a := range r.APDUs {
		has("command", a.Name)
		has("meaning", a.Meaning)
	}
	for _, c := range r.Certificates {
		has("serial", c.Serial)
		has("PEM", c.PEM())
		if c.State != "" {
			has("state", c.State+" in step "+strconv.Itoa(c.Step))
		}
	}
	for _, s := range r.Screens {
		has("screen", s.Text.Japanese)
	}
	for _, a := range r.Audit {
		has("event", a.Event)
	}
	count := map[string]int{}
	for _, e := range elements {
		class, _ := e.attr("class")
		count[e.Name+" "+class]++
		if e.Name == "details" && class != "card trail" {
			if _, open := e.attr("open"); open {
				t.Error("details are open at the beginning")
			}
		}
	}
	if count["details a"] != len(r.APDUs) || count["details m"] != len(r.Messages) || count["svg chart"] != len(r.Steps) || count["svg timeline"] != 1 {
		t.Errorf("%v", count)
	}
	if d := cmp.Diff(1, count["script "]); d != "" {
		t.Error("scripts", d)
	}
	for _, secret := range sample.Secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%s is in the page", secret)
		}
	}
}

// Nothing in the page refers to anything outside it.
func TestSelfContained(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-030")
	page := written(t, hostile("https://evil.example/x.js"))
	elements, _ := parsed(t, page)
	for _, e := range elements {
		for _, a := range e.Attrs {
			switch a.Name.Local {
			case "href":
				if !strings.HasPrefix(a.Value, "#") {
					t.Errorf("%s refers to %q", e.Name, a.Value)
				}
			case "src", "srcset", "action", "formaction", "data", "background", "poster", "cite", "ping", "manifest", "xlink":
				t.Errorf("%s has %s", e.Name, a.Name.Local)
			case "style":
				if strings.ContainsAny(a.Value, "(;") {
					t.Errorf("style %q", a.Value)
				}
			}
		}
		if slices.Contains([]string{"link", "iframe", "object", "embed", "img", "image", "use", "base", "form", "foreignObject"}, e.Name) {
			t.Errorf("an element %s", e.Name)
		}
	}
	for _, s := range []string{"url(", "@import", "@font-face"} {
		if strings.Contains(style, s) {
			t.Errorf("the styles have %s", s)
		}
	}
	digest := sha256.Sum256([]byte(script))
	want := "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(digest[:]) + "'"
	i := slices.IndexFunc(elements, func(e element) bool { v, _ := e.attr("http-equiv"); return v == "Content-Security-Policy" })
	if i < 0 {
		t.Fatal("no policy")
	}
	if got, _ := elements[i].attr("content"); got != want {
		t.Errorf("policy %q", got)
	}
	_, after, _ := strings.Cut(page, "<script>")
	if got, _, _ := strings.Cut(after, "</script>"); got != script {
		t.Error("the script is not the one of the policy")
	}
}

// hostile is a run all of whose texts are one.
func hostile(text string) *report.Run {
	r := new(report.Run)
	fill(reflect.ValueOf(r).Elem(), text)
	for i := range r.Steps {
		r.Steps[i].Number, r.Steps[i].Outcome = i+1, report.Refused
	}
	kinds := report.CostKinds()
	for i := range r.Ledger {
		r.Ledger[i].Kind, r.Ledger[i].Took = kinds[i], time.Second
	}
	r.Outcome = report.Done
	return r
}

// fill sets every text below a value, and gives slices two elements.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint64:
		v.SetUint(1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(text))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), text)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), text)
		}
	}
}

// forms are texts that would change a page that does not escape them.
var forms = []string{
	`</script><script>alert(1)</script>`, `"><svg onload="alert(1)">`, `' onclick='alert(1)`, `</style><b>`, `<!-- `, `]]>`, `&amp;&lt;&#60;&quot;`,
	`{{.}}{{end}}`, `javascript:alert(1)`, "`${alert(1)}`", "\u2028\u2029", "</details></li></svg>", "\uFFFD印<ruby>",
}

func TestEscaped(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-031")
	names := func(elements []element) (out []string) {
		for _, e := range elements {
			line := e.Name
			for _, a := range e.Attrs {
				line += " " + a.Name.Local
			}
			out = append(out, line)
		}
		return out
	}
	want, _ := parsed(t, written(t, hostile("harmless")))
	if len(want) < 150 {
		t.Fatalf("%d elements", len(want))
	}
	for _, s := range forms {
		got, text := parsed(t, written(t, hostile(s)))
		if d := cmp.Diff(names(want), names(got)); d != "" {
			t.Errorf("%q changes the page:\n%s", s, d)
		}
		if !strings.Contains(text, s) {
			t.Errorf("%q is not in the page's text", s)
		}
	}
}

// An empty run has a page too.
func TestEmpty(t *testing.T) {
	if _, text := parsed(t, written(t, &report.Run{Story: "nothing"})); !strings.Contains(text, "nothing") {
		t.Error(text)
	}
}

func TestSize(t *testing.T) {
	req.Covers(t, "SPEC-REPORT-033")
	r := madeUp(t, sample.Config{Blocks: 5000})
	if n := len(r.APDUs); n < 5000 {
		t.Fatalf("%d commands", n)
	}
	page := written(t, r)
	if len(page) > 4<<20 {
		t.Errorf("%d bytes", len(page))
	}
	t.Logf("%d commands, %d bytes", len(r.APDUs), len(page))
}

// A writer's error is that of Write.
func TestWriterFails(t *testing.T) {
	if err := Write(failing{}, madeUp(t, sample.Config{})); err != io.ErrShortWrite {
		t.Error(err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
