// Package vectors holds the test vectors of the specs as JSON files, one per
// subject, and loads them into the tests' own types.
//
// It must not know what a vector means. The form of the files is in
// spec/vectors/schema.json and in spec/README.md §Vectors.
package vectors

import (
	"bytes"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

//go:embed *.json
var files embed.FS

// Header is what every vector has; embed it in the vector's own type.
type Header struct {
	Name   string   `json:"name"`           // unique in its file: "pysim/AES128-33"
	Source string   `json:"source"`         // where its values were published: "osmocom/pysim tests/unittests/test_globalplatform.py", or "inkan"
	Reqs   []string `json:"reqs"`           // requirement IDs it verifies
	Fail   string   `json:"fail,omitempty"` // for a negative vector: the failure class expected
	Note   string   `json:"note,omitempty"` // for the reader
}

// Hex is a byte string, written in hex; blanks between bytes are allowed. A
// field that the file leaves out stays nil, "" becomes empty and not nil.
type Hex []byte

// UnmarshalJSON reads the hex form.
func (h *Hex) UnmarshalJSON(b []byte) error {
	var s *string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if s == nil {
		return errors.New("null where hex is wanted; leave the field out instead")
	}
	raw, err := hex.DecodeString(strings.ReplaceAll(*s, " ", ""))
	if err != nil {
		return fmt.Errorf("%q: %w", *s, err)
	}
	*h = raw
	return nil
}

// MarshalJSON writes upper-case hex.
func (h Hex) MarshalJSON() ([]byte, error) {
	return json.Marshal(strings.ToUpper(hex.EncodeToString(h)))
}

// Load reads the vectors of a file ("scp03.json") as values of type T. An
// unknown field or an empty file fails the test. Calls are also read statically
// by //spec:trace_test, so file must be a string literal.
func Load[T any](t testing.TB, file string) []T {
	t.Helper()
	raw, err := files.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all, err := decode[T](raw)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return all
}

// decode reads the content of a file.
func decode[T any](raw []byte) ([]T, error) {
	var f struct {
		Schema  string `json:"$schema"`
		Title   string `json:"title"`
		Vectors []T    `json:"vectors"`
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows the vectors")
	}
	if len(f.Vectors) == 0 {
		return nil, errors.New("no vectors")
	}
	return f.Vectors, nil
}
