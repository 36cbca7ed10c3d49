package project

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"inkan/core/wire"
)

// file is the form of a project file.
type file struct {
	Package string       `json:"package"`
	AID     string       `json:"aid"`
	Version string       `json:"version"`
	Applets []fileApplet `json:"applets"`
	Int     bool         `json:"int"`
	Imports []string     `json:"imports"`
	API     []string     `json:"api"`
}

type fileApplet struct {
	AID   string `json:"aid"`
	Class string `json:"class"`
}

// Parse reads a project file. Errors are *wire.DecodeError.
//
// Spec: SPEC-BUILD-CAP-001, SPEC-BUILD-CAP-002.
func Parse(text []byte) (Project, error) {
	var f file
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return Project{}, jsonError(err, int(decoder.InputOffset()), len(text))
	}
	if _, err := decoder.Token(); err != io.EOF {
		return Project{}, &wire.DecodeError{Format: FileName, Offset: int(decoder.InputOffset()), Want: "end of input", Got: "more"}
	}
	p := Project{Package: strings.ReplaceAll(f.Package, "/", "."), Int: f.Int, Imports: f.Imports}
	var err error
	if f.AID != "" {
		if p.AID, err = ParseAID(f.AID); err != nil {
			return Project{}, fault(text, "aid", f.AID, "5 to 16 bytes in hex")
		}
	}
	if f.Version != "" {
		if p.Version, err = ParseVersion(f.Version); err != nil {
			return Project{}, fault(text, "version", f.Version, `two numbers up to 255, as in "1.0"`)
		}
	}
	for i, a := range f.Applets {
		path := fmt.Sprintf("applets/%d/", i)
		aid, err := ParseAID(a.AID)
		if err != nil {
			return Project{}, fault(text, path+"aid", a.AID, "5 to 16 bytes in hex")
		}
		if a.Class == "" {
			return Project{}, fault(text, path+"class", a.Class, "the name of a class")
		}
		p.Applets = append(p.Applets, Applet{aid, a.Class})
	}
	for i, a := range f.API {
		name, minor, err := ParseAPI(a)
		if err != nil {
			return Project{}, fault(text, fmt.Sprintf("api/%d", i), a, `the name and version of an API package, as in "javacard.framework=1.5"`)
		}
		if p.API == nil {
			p.API = map[string]byte{}
		}
		p.API[name] = minor
	}
	return p, nil
}

// fault is about the value of a field.
func fault(text []byte, path, value, want string) error {
	quoted, _ := json.Marshal(value)
	return &wire.DecodeError{Format: FileName, Path: path, Offset: max(bytes.Index(text, quoted), 0), Want: want, Got: string(quoted)}
}

// jsonError puts package json's error into the form that all decoders have.
func jsonError(err error, at, end int) error {
	e := &wire.DecodeError{Format: FileName, Offset: at, Want: "a JSON object with package, aid, version, applets, int, imports, api", Got: err.Error()}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		e.Offset = int(syntax.Offset)
	case errors.As(err, &kind):
		e.Offset, e.Path = int(kind.Offset), strings.ReplaceAll(kind.Field, ".", "/")
		e.Want, e.Got = "a JSON "+jsonName(kind.Type.Kind().String()), kind.Value
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e.Offset, e.Got = end, "end of input"
	}
	return e
}

// jsonName is the JSON name of a Go kind.
func jsonName(kind string) string {
	switch kind {
	case "bool":
		return "boolean"
	case "slice":
		return "array"
	case "struct":
		return "object"
	}
	return kind
}
