package vectors

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"unicode/utf8"
)

// schema is the part of JSON Schema 2020-12 that schema.json uses. A keyword
// that is not here fails the test that reads it.
type schema struct {
	Schema               string            `json:"$schema"`
	Title                string            `json:"title"`
	Type                 string            `json:"type"`
	Const                *string           `json:"const"`
	Required             []string          `json:"required"`
	AdditionalProperties *bool             `json:"additionalProperties"`
	Properties           map[string]schema `json:"properties"`
	Items                *schema           `json:"items"`
	MinItems             int               `json:"minItems"`
	MinLength            int               `json:"minLength"`
	Pattern              string            `json:"pattern"`
}

// check appends to faults what is wrong with a value at a path.
func (s *schema) check(path string, v any, faults []string) []string {
	fault := func(format string, args ...any) {
		faults = append(faults, path+": "+fmt.Sprintf(format, args...))
	}
	if s.Const != nil && v != any(*s.Const) {
		fault("is %v, want %q", v, *s.Const)
	}
	switch v := v.(type) {
	case map[string]any:
		if s.Type != "" && s.Type != "object" {
			fault("is an object, want %s", s.Type)
		}
		return s.checkObject(path, v, faults)
	case []any:
		if s.Type != "" && s.Type != "array" {
			fault("is an array, want %s", s.Type)
		}
		if len(v) < s.MinItems {
			fault("has %d items, want at least %d", len(v), s.MinItems)
		}
		for i := range v {
			if s.Items != nil {
				faults = s.Items.check(fmt.Sprintf("%s[%d]", path, i), v[i], faults)
			}
		}
	case string:
		if s.Type != "" && s.Type != "string" {
			fault("is a string, want %s", s.Type)
		}
		if utf8.RuneCountInString(v) < s.MinLength {
			fault("is %q, shorter than %d", v, s.MinLength)
		}
		if s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(v) {
			fault("%q does not match %s", v, s.Pattern)
		}
	default:
		if s.Type != "" {
			fault("is %v, want %s", v, s.Type)
		}
	}
	return faults
}

func (s *schema) checkObject(path string, v map[string]any, faults []string) []string {
	for _, name := range s.Required {
		if _, ok := v[name]; !ok {
			faults = append(faults, path+": lacks "+name)
		}
	}
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		p, known := s.Properties[name]
		switch {
		case known:
			faults = p.check(path+"."+name, v[name], faults)
		case s.AdditionalProperties != nil && !*s.AdditionalProperties:
			faults = append(faults, path+": has the unknown field "+name)
		}
	}
	return faults
}

func readSchema(t *testing.T) *schema {
	t.Helper()
	raw, err := files.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		t.Fatalf("schema.json: %v", err)
	}
	return &s
}

// faults says what is wrong with a file: against the schema, and what a schema
// can't say.
func (s *schema) faults(raw []byte) []string {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return []string{err.Error()}
	}
	all := s.check("$", v, nil)
	if len(all) > 0 {
		return all
	}
	seen := map[string]bool{}
	for i, v := range v.(map[string]any)["vectors"].([]any) {
		name := v.(map[string]any)["name"].(string)
		if seen[name] {
			all = append(all, fmt.Sprintf("$.vectors[%d]: second vector with the name %q", i, name))
		}
		seen[name] = true
	}
	return all
}

func TestFilesKeepTheSchema(t *testing.T) {
	s := readSchema(t)
	entries, err := files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() == "schema.json" {
			continue
		}
		raw, err := files.ReadFile(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range s.faults(raw) {
			t.Errorf("%s: %s", e.Name(), f)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	s := readSchema(t)
	const one = `{"name": "n", "source": "inkan", "reqs": ["SPEC-X-001"], "own": {"a": [1, null, true]}}`
	const good = `{"$schema": "schema.json", "title": "t", "vectors": [` + one + `]}`
	if f := s.faults([]byte(good)); f != nil {
		t.Fatal(f)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"no JSON", good, "[", "unexpected end of JSON input"},
		{"an array", good, "[]", "$: is an array, want object"},
		{"other schema", "schema.json", "other.json", `$.$schema: is other.json, want "schema.json"`},
		{"no title", `"title": "t", `, "", "$: lacks title"},
		{"title is a number", `"title": "t"`, `"title": 1`, "$.title: is 1, want string"},
		{"unknown field", `"title"`, `"more": 1, "title"`, "$: has the unknown field more"},
		{"no vectors", one, "", "$.vectors: has 0 items, want at least 1"},
		{"vectors is text", "[" + one + "]", `"x"`, "$.vectors: is a string, want array"},
		{"vector is text", one, `"x"`, "$.vectors[0]: is a string, want object"},
		{"no name", `"name": "n", `, "", "$.vectors[0]: lacks name"},
		{"empty name", `"n"`, `""`, `$.vectors[0].name: is "", shorter than 1`},
		{"name twice", one, one + ", " + one, `$.vectors[1]: second vector with the name "n"`},
		{"no source", `"source": "inkan", `, "", "$.vectors[0]: lacks source"},
		{"no reqs", `, "reqs": ["SPEC-X-001"]`, "", "$.vectors[0]: lacks reqs"},
		{"empty reqs", `"SPEC-X-001"`, "", "$.vectors[0].reqs: has 0 items, want at least 1"},
		{"reqs is an object", `["SPEC-X-001"]`, "{}", "$.vectors[0].reqs: is an object, want array"},
		{"malformed ID", "SPEC-X-001", "SPEC-X-1", `$.vectors[0].reqs[0]: "SPEC-X-1" does not match ^SPEC-`},
		{"fail is a flag", `"own"`, `"fail": true, "own"`, "$.vectors[0].fail: is true, want string"},
	} {
		got := s.faults([]byte(strings.Replace(good, c.old, c.new, 1)))
		if !slices.ContainsFunc(got, func(f string) bool { return strings.HasPrefix(f, c.want) }) {
			t.Errorf("%s: got %v, want %q", c.name, got, c.want)
		}
	}
}
