package exp

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inkan/core/wire"
	"inkan/spec/vectors"
)

type vector struct {
	vectors.Header
	File    vectors.Hex
	Package string
	Members []string // "class.member descriptor token [value]"
}

func TestVectors(t *testing.T) {
	for _, v := range vectors.Load[vector](t, "cap-export.json") {
		t.Run(v.Name, func(t *testing.T) {
			f, err := Parse(v.File)
			if v.Fail != "" {
				var e *wire.DecodeError
				if !errors.As(err, &e) || !strings.Contains(err.Error(), v.Fail) {
					t.Errorf("%v, want %s", err, v.Fail)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if f.Name(f.ThisIndex) != v.Package {
				t.Errorf("package %q", f.Name(f.ThisIndex))
			}
			if d := cmp.Diff(v.Members, members(f)); d != "" {
				t.Error(d)
			}
			again := f.Append(nil)
			if !bytes.Equal(again, v.File) {
				t.Errorf("%x, want %x", again, v.File)
			}
			for n := range v.File {
				if _, err := Parse(v.File[:n]); err == nil {
					t.Errorf("accepted when cut to %d bytes", n)
				}
			}
			if _, err := Parse(append(again, 0)); err == nil {
				t.Error("accepted with a byte behind")
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, v := range vectors.Load[vector](f, "cap-export.json") {
		f.Add([]byte(v.File))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Parse(b)
		if err != nil {
			var e *wire.DecodeError
			if !errors.As(err, &e) {
				t.Fatalf("%T", err)
			}
			return
		}
		members(file)
		if again := file.Append(nil); !bytes.Equal(again, b) {
			t.Errorf("%x, want %x", again, b)
		}
	})
}
