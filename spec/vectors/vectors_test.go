package vectors

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type sample struct {
	Header
	A Hex `json:"a"`
	B Hex `json:"b"`
}

const sampleFile = `{"$schema": "schema.json", "title": "t", "vectors": [
	{"name": "n", "source": "inkan", "reqs": ["SPEC-X-001"], "fail": "f", "a": "01 ab\u0020CD"}]}`

func TestDecode(t *testing.T) {
	got, err := decode[sample]([]byte(sampleFile))
	want := []sample{{Header: Header{Name: "n", Source: "inkan", Reqs: []string{"SPEC-X-001"}, Fail: "f"}, A: Hex{1, 0xAB, 0xCD}}}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(d, err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, change := range map[string][2]string{
		"unknown field": {`"a"`, `"c"`},
		"odd hex":       {"CD", "C"},
		"no hex":        {"CD", "XY"},
		"null":          {`"01 ab\u0020CD"`, "null"},
		"number":        {`"01 ab\u0020CD"`, "17"},
		"trailing data": {"}]}", "}]} {}"},
		"no vectors":    {sampleFile, `{"vectors": []}`},
		"no JSON":       {sampleFile, ""},
	} {
		if _, err := decode[sample]([]byte(strings.Replace(sampleFile, change[0], change[1], 1))); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestHexRoundTrip(t *testing.T) {
	for _, h := range []Hex{{}, {0}, {0xDE, 0xAD}} {
		raw, err := json.Marshal(h)
		var again Hex
		if err == nil {
			err = json.Unmarshal(raw, &again)
		}
		if err != nil || again == nil || !cmp.Equal(h, again) {
			t.Errorf("%v became %s and %v (%v)", h, raw, again, err)
		}
	}
}
