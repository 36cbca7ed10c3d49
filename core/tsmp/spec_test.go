package tsmp

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"inkan/core/tsmp/jws"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

var update = flag.Bool("update", false, "write the generated parts of spec/TSM-PROTOCOL.md")

const document = "../../spec/TSM-PROTOCOL.md"

// section replaces or compares a generated part of spec/TSM-PROTOCOL.md.
func section(t *testing.T, name, want string) {
	t.Helper()
	raw, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- generated: "+name+" -->\n", "<!-- end: "+name+" -->\n"
	pattern := regexp.MustCompile("(?s)" + regexp.QuoteMeta(begin) + ".*?" + regexp.QuoteMeta(end))
	whole := begin + "\n" + strings.TrimSpace(want) + "\n\n" + end
	switch found := pattern.FindString(string(raw)); {
	case found == "":
		t.Fatalf("%s has no part %q", document, name)
	case found == whole:
	case !*update:
		t.Fatalf("part %q of %s is not what the code says; run: go test ./core/tsmp -update", name, document)
	default:
		if err := os.WriteFile(document, []byte(pattern.ReplaceAllLiteralString(string(raw), whole)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func rowTable(rows []Row) string {
	s := "| Member | Type |\n|---|---|\n"
	for _, r := range rows {
		optional := ""
		if r.Optional {
			optional = " (opt.)"
		}
		s += fmt.Sprintf("| `%s` | %s%s |\n", r.Path, r.Type, optional)
	}
	return s
}

func describe(visit func(*members)) []Row {
	m := members{mode: describing, shared: new(walk)}
	visit(&m)
	return m.shared.rows
}

func codes(list []Code) string {
	var out []string
	for _, c := range list {
		out = append(out, "`"+string(c)+"`")
	}
	return strings.Join(out, ", ")
}

// partTables are the functions of a part and their bodies; a body that was shown
// already is named by where.
func partTables(p Part, shown map[string]string) (functions, bodies string) {
	functions = "| Function | From | To | Errors besides those of any request |\n|---|---|---|---|\n"
	table := func(of string, b Body) string {
		name := fmt.Sprintf("%T", b)
		rows := Rows(b)
		if len(rows) == 0 {
			return of + ": no members.\n"
		}
		if before := shown[name]; before != "" {
			return fmt.Sprintf("%s: that of %s.\n", of, before)
		}
		shown[name] = ""
		return of + ":\n\n" + rowTable(rows)
	}
	for _, d := range p.Definitions {
		functions += fmt.Sprintf("| %s | %s | %s | %s |\n", d.Function, strings.Join(d.Senders.names(), ", "), strings.Join(d.Recipients.names(), ", "), codes(d.Errors))
		bodies += fmt.Sprintf("#### %s\n\n%s\n%s\n", d.Function, table("Request", d.Request()), table("Answer", d.Answer()))
		for _, b := range []Body{d.Request(), d.Answer()} {
			if name := fmt.Sprintf("%T", b); shown[name] == "" {
				shown[name] = string(d.Function)
			}
		}
	}
	return functions, bodies
}

func TestDocument(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-006", "SPEC-TSM-PROTOCOL-030")
	section(t, "request", rowTable(describe(new(Request).visit)))
	section(t, "answer", rowTable(describe(new(Answer).visit)))
	shown := map[string]string{}
	for i, p := range Parts() {
		prefix := p.Name + " "
		if i == 0 {
			prefix = ""
		}
		functions, bodies := partTables(p, shown)
		section(t, prefix+"functions", functions)
		section(t, prefix+"bodies", bodies)
	}
	errors := "| Code | Retry | When |\n|---|---|---|\n"
	for _, e := range Catalogue() {
		errors += fmt.Sprintf("| `%s` | %s | %s |\n", e.Code, e.Retry, e.Meaning)
	}
	section(t, "errors", errors)
	registered := "| Section | Functions |\n|---|---|\n"
	for _, r := range Registered() {
		names := make([]string, len(r.Functions))
		for i, f := range r.Functions {
			names[i] = string(f)
		}
		registered += fmt.Sprintf("| %s | %s |\n", r.Section, strings.Join(names, ", "))
	}
	section(t, "registered", registered)
	v := vectors.Load[vector](t, "tsm-protocol.json")[0]
	m, err := jws.Parse([]byte(v.Signed))
	if err != nil {
		t.Fatal(err)
	}
	section(t, "overview", "```\n"+string(m.Payload)+"\n\n"+wrap(v.Signed, 96)+"```\n")
}

func wrap(s string, width int) (out string) {
	for len(s) > width {
		out, s = out+s[:width]+"\n", s[width:]
	}
	return out + s + "\n"
}

// TestCatalogue: codes are unique, of one form, and each is of some function or
// of any request; registered names are no functions.
func TestCatalogue(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-030")
	any := []Code{CodeTooLarge, CodeKey, CodeSignature, CodeMalformed, CodeVersion, CodeFunction, CodeRecipient, CodeNotAuthorised,
		CodeConflict, CodeInProgress, CodeExpired, CodeFuture, CodeOverloaded, CodeInternal}
	used := slices.Clone(any)
	for _, d := range Definitions() {
		used = append(used, d.Errors...)
		for _, c := range d.Errors {
			if _, ok := LookupCode(c); !ok || slices.Contains(any, c) {
				t.Errorf("%s: %s", d.Function, c)
			}
		}
	}
	seen := map[Code]bool{}
	for _, e := range Catalogue() {
		if seen[e.Code] || !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(string(e.Code)) || e.Meaning == "" ||
			e.Retry != RetryNever && e.Retry != RetryNew && e.Retry != RetrySame || !slices.Contains(used, e.Code) {
			t.Errorf("%+v", e)
		}
		seen[e.Code] = true
	}
	for _, r := range Registered() {
		for _, f := range r.Functions {
			if _, ok := Lookup(f); ok {
				t.Errorf("%s is registered and defined", f)
			}
		}
	}
}
