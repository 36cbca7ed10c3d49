package cap

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"inkan/core/wire"
	"inkan/spec/vectors"
)

// codecs decode a component's info and encode it again.
var codecs = map[string]func(Version, []byte) ([]byte, error){
	"Header": func(_ Version, b []byte) ([]byte, error) { h, err := decodeHeader(b); return h.appendInfo(nil), err },
	"Directory": func(v Version, b []byte) ([]byte, error) {
		d, err := decodeDirectory(b, v)
		return d.appendInfo(nil), err
	},
	"Applet": func(_ Version, b []byte) ([]byte, error) {
		a, err := decodeApplets(b)
		return appendApplets(nil, a), err
	},
	"Import": func(_ Version, b []byte) ([]byte, error) {
		p, err := decodeImports(b)
		return appendImports(nil, p), err
	},
	"ConstantPool": func(_ Version, b []byte) ([]byte, error) {
		c, err := decodeConstants(b)
		return appendConstants(nil, c), err
	},
	"Class": func(v Version, b []byte) ([]byte, error) {
		c, err := decodeClass(b, v)
		return c.appendInfo(nil, v), err
	},
	"Method": func(_ Version, b []byte) ([]byte, error) { m, err := decodeMethod(b); return m.encodeHandlers(), err },
	"StaticField": func(_ Version, b []byte) ([]byte, error) {
		s, err := decodeStaticField(b)
		return s.appendInfo(nil), err
	},
	"RefLocation": func(_ Version, b []byte) ([]byte, error) {
		l, err := decodeRefLocation(b)
		return l.appendInfo(nil), err
	},
	"Export": func(_ Version, b []byte) ([]byte, error) { e, err := decodeExport(b); return e.appendInfo(nil), err },
	"Descriptor": func(_ Version, b []byte) ([]byte, error) {
		d, err := decodeDescriptor(b)
		return d.appendInfo(nil), err
	},
}

// encodeHandlers encodes the handlers anew and takes the methods as they stand.
func (m *MethodComponent) encodeHandlers() []byte {
	return append(AppendHandlers(nil, m.Handlers), m.Info[min(m.CodeStart(), len(m.Info)):]...)
}

var format21, format22 = Version{2, 1}, Version{2, 2}

// open components may be shorter or longer by themselves: their parts have no
// count. Only the Directory tells that bytes are missing.
var open = []string{"Method", "Descriptor", "Class"}

type componentVector struct {
	vectors.Header
	Component string
	Info      vectors.Hex
}

func TestComponentVectors(t *testing.T) {
	for _, v := range vectors.Load[componentVector](t, "cap.json") {
		t.Run(v.Name, func(t *testing.T) {
			again, err := codecs[v.Component](format21, v.Info)
			if v.Fail != "" {
				var e *wire.DecodeError
				if !errors.As(err, &e) || !strings.Contains(err.Error(), v.Fail) {
					t.Errorf("%v, want %s", err, v.Fail)
				}
				return
			}
			if err != nil || !bytes.Equal(again, v.Info) {
				t.Fatalf("%x, %v; want %x", again, err, v.Info)
			}
			if slices.Contains(open, v.Component) {
				return
			}
			for n := range v.Info {
				if _, err := codecs[v.Component](format21, v.Info[:n]); err == nil {
					t.Errorf("accepted when cut to %d bytes", n)
				}
			}
			if _, err := codecs[v.Component](format21, append(slices.Clone(v.Info), 0)); err == nil {
				t.Error("accepted with a byte behind")
			}
		})
	}
}

// FuzzComponent decodes each component's info in both formats. What is accepted
// is encoded to the same bytes.
func FuzzComponent(f *testing.F) {
	names := make([]string, 0, len(codecs))
	for name := range codecs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range corpusFiles(f) {
		for _, c := range corpusComponents(f, name) {
			f.Add(byte(slices.Index(names, c.Tag.String())), false, c.Info)
		}
	}
	f.Fuzz(func(t *testing.T, which byte, later bool, b []byte) {
		name, format := names[int(which)%len(names)], format21
		if later {
			format = format22
		}
		again, err := codecs[name](format, b)
		var e *wire.DecodeError
		switch {
		case err == nil && !bytes.Equal(again, b):
			t.Errorf("%s: %x, want %x", name, again, b)
		case err != nil && !errors.As(err, &e):
			t.Errorf("%s: %T", name, err)
		}
	})
}

func corpusComponents(t testing.TB, name string) []Component {
	t.Helper()
	f, err := openFile(name)
	if err != nil {
		t.Fatal(name, err)
	}
	return f.Components()
}
