package jcs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/tsmp/jcs"
	"inkan/core/wire"
	"inkan/spec/req"
)

// TestCanonical: what comes in, in any form, goes out in one.
func TestCanonical(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-005")
	for in, want := range map[string]string{
		" { \"b\" : [ 1 , true ,\tfalse ] ,\r\n\"a\":\"x\" } ": `{"a":"x","b":[1,true,false]}`,
		`{"a10":1,"a1":2,"B":3,"a":4}`:                         `{"B":3,"a":4,"a1":2,"a10":1}`,
		`"\u00e9\u0041\/\ud83d\ude00\u001f\n\"\\"`:             "\"éA/😀\\u001f\\n\\\"\\\\\"",
		"\"\x7f\u2028\"":    "\"\x7f\u2028\"",
		"[]":                "[]",
		"{}":                "{}",
		"0":                 "0",
		"-9007199254740991": "-9007199254740991",
		`"\b\f\t\r\u000b"`:  `"\b\f\t\r\u000b"`,
	} {
		n, err := jcs.Parse("X", []byte(in))
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if got := string(jcs.Append(nil, &n)); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestFaults(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-001", "SPEC-TSM-PROTOCOL-002", "SPEC-TSM-PROTOCOL-003", "SPEC-TSM-PROTOCOL-004")
	deep := strings.Repeat("[", jcs.MaxDepth+1)
	for in, want := range map[string]string{
		"":                          "X: at offset 0: want an object, array, string, integer, true or false, got end of input",
		"null":                      "X: at offset 0: want an object, array, string, integer, true or false, got another byte",
		`{"a":null}`:                "X: a at offset 5: want an object, array, string, integer, true or false, got another byte",
		`{"a":1,"b":{"a":1,"a":2}}`: "X: b/a at offset 18: want each name once, got it again",
		`{"a":1,"\u0061":1}`:        "X: a at offset 7: want each name once, got it again",
		`[1,2.5]`:                   "X: 1 at offset 4: want an integer, got a fraction or exponent",
		`1e3`:                       "X: at offset 1: want an integer, got a fraction or exponent",
		`01`:                        "X: at offset 0: want an integer in its shortest form, got another form",
		`-0`:                        "X: at offset 0: want an integer in its shortest form, got another form",
		`-01`:                       "X: at offset 0: want an integer in its shortest form, got another form",
		`-`:                         "X: at offset 0: want an integer of at most 53 bits, got another number",
		`9007199254740992`:          "X: at offset 0: want an integer of at most 53 bits, got another number",
		`99999999999999999999`:      "X: at offset 0: want an integer of at most 53 bits, got another number",
		`+1`:                        "X: at offset 0: want an object, array, string, integer, true or false, got another byte",
		`{"a":1} x`:                 "X: at offset 8: want end of input, got 1 byte",
		`{"a":1,}`:                  "X: at offset 7: want a name in quotation marks, got another byte",
		`{"a" 1}`:                   "X: a at offset 5: want \":\", got another byte",
		`{a:1}`:                     "X: at offset 1: want a name in quotation marks, got another byte",
		`{"":1}`:                    "X: at offset 1: want a name of 1 to 64 letters and digits, got another",
		`{"a/b":1}`:                 "X: at offset 1: want a name of 1 to 64 letters and digits, got another",
		`[1,]`:                      "X: 1 at offset 3: want an object, array, string, integer, true or false, got another byte",
		`[1 2]`:                     "X: at offset 3: want ',' or ']', got another byte",
		`[1`:                        "X: at offset 2: want ',' or ']', got end of input",
		"\"a\nb\"":                  "X: at offset 2: want a quotation mark, got another byte",
		`"abc`:                      "X: at offset 4: want a quotation mark, got end of input",
		`"\x"`:                      "X: at offset 1: want an escape of JSON, got another",
		`"\ud800"`:                  "X: at offset 1: want a character, got another escape",
		`"\ud800\u0041"`:            "X: at offset 1: want a character, got another escape",
		`"\ude00"`:                  "X: at offset 1: want a character, got another escape",
		`"\u12"`:                    "X: at offset 1: want a character, got another escape",
		"\"\xff\"":                  "X: at offset 1: want UTF-8, got another byte",
		"\ufeff{}":                  "X: at offset 0: want an object, array, string, integer, true or false, got another byte",
		"True":                      "X: at offset 0: want an object, array, string, integer, true or false, got another byte",
		deep:                        "X: 0/0/0/0/0/0/0/0 at offset 8: want at most 8 levels, got more",
		"[" + strings.Repeat("1,", jcs.MaxItems) + "1]": "X: at offset 8193: want at most 4096 items, got more",
	} {
		_, err := jcs.Parse("X", []byte(in))
		if err == nil || err.Error() != want {
			t.Errorf("%.40s: %v, want %s", in, err, want)
		}
	}
	many := "{"
	for i := range jcs.MaxMembers + 1 {
		many += `"a` + strings.Repeat("b", i%60) + strings.Repeat("c", i/60) + `":1,`
	}
	if _, err := jcs.Parse("X", []byte(many)); err == nil || !strings.Contains(err.Error(), "at most 64 members") {
		t.Errorf("members: %v", err)
	}
}

// draw makes any node.
func draw(t *rapid.T, depth int) jcs.Node {
	kinds := []jcs.Kind{jcs.String, jcs.Integer, jcs.Boolean}
	if depth > 0 {
		kinds = append(kinds, jcs.Object, jcs.Array)
	}
	n := jcs.Node{Kind: rapid.SampledFrom(kinds).Draw(t, "kind")}
	switch n.Kind {
	case jcs.String:
		n.Text = rapid.String().Draw(t, "text")
	case jcs.Integer:
		n.Int = rapid.Int64Range(-jcs.MaxInteger, jcs.MaxInteger).Draw(t, "integer")
	case jcs.Boolean:
		n.Bool = rapid.Bool().Draw(t, "boolean")
	case jcs.Array:
		for range rapid.IntRange(0, 4).Draw(t, "items") {
			n.Items = append(n.Items, draw(t, depth-1))
		}
	case jcs.Object:
		for _, name := range rapid.SliceOfNDistinct(rapid.StringMatching(`[a-zA-Z0-9]{1,8}`), 0, 4, rapid.ID[string]).Draw(t, "names") {
			n.Members = append(n.Members, jcs.Member{Name: name, Value: draw(t, depth-1)})
		}
	}
	return n
}

// TestAny: any tree is written so that encoding/json reads the same, and comes
// back.
func TestAny(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-005", "SPEC-TSM-PROTOCOL-001")
	rapid.Check(t, func(t *rapid.T) {
		n := draw(t, 4)
		b := jcs.Append(nil, &n)
		if !json.Valid(b) {
			t.Fatalf("not JSON: %s", b)
		}
		back, err := jcs.Parse("X", b)
		if err != nil {
			t.Fatalf("%v: %s", err, b)
		}
		if again := jcs.Append(nil, &back); !bytes.Equal(again, b) {
			t.Fatalf("%s\n%s", b, again)
		}
		for i := range b {
			if _, err := jcs.Parse("X", b[:i]); err == nil && n.Kind != jcs.Integer {
				t.Fatalf("cut at %d: accepted: %s", i, b)
			}
		}
	})
}

// FuzzParse: what is accepted is JSON for encoding/json as well, and stable; what
// is refused is a fault within the input.
func FuzzParse(f *testing.F) {
	req.Covers(f, "SPEC-TSM-PROTOCOL-001", "SPEC-TSM-PROTOCOL-004")
	for _, s := range []string{`{"a":[1,true,"x\u00e9\ud83d\ude00"]}`, `[[[[[[[[1]]]]]]]]`, `{"a":1,"a":2}`, `-0`, `"\ud800"`, ` 12 `, `{"b":{"c":{}},"a":-5}`, "\"\xff\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := jcs.Parse("X", b)
		var fault *wire.DecodeError
		switch {
		case err != nil && (!errors.As(err, &fault) || fault.Offset < 0 || fault.Offset > len(b)):
			t.Fatal(err)
		case err != nil:
			return
		case !json.Valid(b):
			t.Fatalf("accepted, and no JSON: %q", b)
		}
		canonical := jcs.Append(nil, &n)
		back, err := jcs.Parse("X", canonical)
		if err != nil || !bytes.Equal(jcs.Append(nil, &back), canonical) {
			t.Fatalf("%v: %q", err, canonical)
		}
		var ours, theirs any
		if json.Unmarshal(canonical, &ours) != nil || json.Unmarshal(b, &theirs) != nil || !equal(ours, theirs) {
			t.Fatalf("%q and %q are not the same", b, canonical)
		}
	})
}

func equal(a, b any) bool {
	x, errA := json.Marshal(a)
	y, errB := json.Marshal(b)
	return errA == nil && errB == nil && bytes.Equal(x, y)
}
