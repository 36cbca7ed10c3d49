package cap

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"inkan/core/wire"
	"inkan/spec/req"
)

func openFile(name string) (*File, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return Open(raw)
}

// Any component of a whole file that is cut anywhere, or has a byte behind, is
// refused, except Debug, which nothing states the size of in format 2.1.
func TestCutComponents(t *testing.T) {
	req.Covers(t, "SPEC-CAP-004")
	for _, name := range []string{"lib/lib-305", "libuser/libuser-222", "intops/intops-305", "except/except-305"} {
		components := corpusComponents(t, corpus+"/"+name+".cap")
		for i, whole := range components {
			for n := range whole.Info {
				components[i].Info = whole.Info[:n]
				if _, err := Parse(components); err == nil {
					t.Errorf("%s: %s accepted when cut to %d bytes", name, whole.Tag, n)
				}
			}
			components[i].Info = append(slices.Clone(whole.Info), 0)
			if _, err := Parse(components); err == nil {
				t.Errorf("%s: %s accepted with a byte behind", name, whole.Tag)
			}
			components[i] = whole
		}
	}
}

func TestComponentsOfAFile(t *testing.T) {
	req.Covers(t, "SPEC-CAP-001", "SPEC-CAP-002", "SPEC-CAP-003", "SPEC-CAP-004", "SPEC-CAP-005", "SPEC-CAP-006")
	all := func() []Component { return corpusComponents(t, corpus+"/lib/lib-305.cap") }
	without := func(tag Tag) []Component {
		return slices.DeleteFunc(all(), func(c Component) bool { return c.Tag == tag })
	}
	reversed := all()
	slices.Reverse(reversed)
	later := all()
	later[0].Info = slices.Clone(later[0].Info)
	later[0].Info[4] = 3
	later = append(later, Component{TagStaticResources, []byte{}})
	wrong := all()
	wrong[1].Info = slices.Clone(wrong[1].Info)
	wrong[1].Info[29]++ // applet count
	custom := corpusComponentsWithCustom(t)
	for _, c := range []struct {
		name       string
		components []Component
		want       string
	}{
		{"as written", all(), ""},
		{"any order", reversed, ""},
		{"no Descriptor", without(TagDescriptor), ""},
		{"Debug in 2.1", append(all(), Component{TagDebug, []byte{1, 2, 3}}), ""},
		{"custom", custom, ""},
		{"custom that the Directory has not", append(all(), Component{200, []byte{1}}), "CAP Directory: custom at offset 30: want Custom200 of 1 bytes, got none"},
		{"twice", append(all(), all()[3]), "CAP ConstantPool: at offset 0: want one component of this kind, got two"},
		{"no Method", without(TagMethod), "CAP Method: at offset 0: want the component, got none"},
		{"no Export", without(TagExport), "component_sizes/Export at offset 18: want 0"},
		{"format 2.3", later, "CAP Header: Header/format at offset 4: want CAP format 2.1 or 2.2; later ones, of Java Card 3.1 on, have components that are not supported, got 2.3"},
		{"tag 13", append(all(), Component{TagStaticResources, []byte{}}), "tag at offset 0: want 1 to 12, or 128 to 255, got 13"},
		{"tag 127", append(all(), Component{127, []byte{}}), "tag at offset 0: want 1 to 12, or 128 to 255, got 127"},
		{"applet count", wrong, "applet_count at offset 29: want 0, got 1"},
	} {
		_, err := Parse(c.components)
		var e *wire.DecodeError
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (!errors.As(err, &e) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func corpusComponentsWithCustom(t *testing.T) []Component {
	f, err := openFile(corpus + "/lib/lib-305.cap")
	if err != nil {
		t.Fatal(err)
	}
	f.Custom = []Component{{200, []byte{1, 2}}}
	f.Directory.Custom = []CustomSize{{200, 2, []byte("inkan")}}
	f.FillDirectory()
	return f.Components()
}

// archive writes a ZIP file of entries, name and content in turn.
func archive(t testing.TB, entries ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		if err := addMember(z, entries[i], []byte(entries[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestContainers(t *testing.T) {
	req.Covers(t, "SPEC-CAP-007", "SPEC-CAP-008")
	import0 := "\x04\x00\x01\x00"
	long := string(make([]byte, 70000))
	for _, c := range []struct {
		name string
		raw  []byte
		want string
	}{
		{"not a ZIP", []byte("PK rest"), "CAP file: at offset 0: want a ZIP file"},
		{"no components", archive(t, "META-INF/MANIFEST.MF", "x"), "want files javacard/*.cap, got none"},
		{"two packages", archive(t, "a/javacard/Import.cap", import0, "b/javacard/Import.cap", import0), "want one package, a/javacard/, got b/javacard/"},
		{"twice", archive(t, "a/javacard/Import.cap", import0, "a/javacard/import.cap", import0), "want one component of this kind, got two"},
		{"same name", archive(t, "a/javacard/Import.cap", import0, "a/javacard/Import.cap", import0), "want one component of this kind, got two"},
		{"another name", archive(t, "a/javacard/Export.cap", import0), "want the name Import.cap, got Export.cap"},
		{"two in one", archive(t, "a/javacard/Import.cap", import0+import0), "want one component, got 2"},
		{"too long", archive(t, "a/javacard/Import.cap", long), "longer than 65538 bytes"},
		{"cut component", archive(t, "a/javacard/Import.cap", "\x04\x00"), "a/javacard/Import.cap/Import/size at offset 1: want 2 bytes, got 1 left"},
		{"empty", nil, "CAP components: at offset 0: want a component, got nothing"},
		{"tag 0", []byte{0, 0, 0}, "tag at offset 0: want a component's tag, got 00"},
		{"cut raw", []byte{1, 0, 5, 1}, "Header at offset 3: want 5 bytes, got 1 left"},
	} {
		_, err := Open(c.raw)
		var e *wire.DecodeError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// A small file that unpacks to much is refused without unpacking it.
func TestZIPBomb(t *testing.T) {
	req.Covers(t, "SPEC-CAP-008")
	entries := []string{"a/javacard/Import.cap", string(make([]byte, 64<<20))}
	for i := range 1000 {
		entries = append(entries, fmt.Sprintf("a/javacard/%d.cap", i), "\x80\x00\x00")
	}
	for _, raw := range [][]byte{archive(t, entries[:2]...), archive(t, entries[2:]...)} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := Open(raw); err == nil {
			t.Error("accepted")
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 2<<20 {
			t.Errorf("%d bytes allocated for a file of %d", n, len(raw))
		}
	}
}

// The load file has the components in their order, Descriptor only if asked,
// Debug never.
func TestLoadOrder(t *testing.T) {
	req.Covers(t, "SPEC-CAP-009")
	f, err := openFile(corpus + "/lib/lib-305.cap")
	if err != nil {
		t.Fatal(err)
	}
	f.Debug = []byte{1}
	for descriptor, want := range map[bool][]Tag{false: {1, 2, 4, 6, 7, 8, 10, 5, 9}, true: {1, 2, 4, 6, 7, 8, 10, 5, 9, 11}} {
		components, err := SplitRaw(f.LoadFile(nil, descriptor))
		if err != nil {
			t.Fatal(err)
		}
		var got []Tag
		for _, c := range components {
			got = append(got, c.Tag)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
}

// FuzzOpen opens anything. What is accepted survives both containers.
func FuzzOpen(f *testing.F) {
	for _, name := range corpusFiles(f)[:8] {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		file, _ := Open(raw)
		f.Add(raw)
		f.Add(file.LoadFile(nil, true))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Open(b)
		if err != nil {
			var e *wire.DecodeError
			if !errors.As(err, &e) {
				t.Fatalf("%T", err)
			}
			return
		}
		components := file.Components()
		again, err := Parse(components)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range again.Components() {
			if !bytes.Equal(c.Info, components[i].Info) {
				t.Errorf("%s: %x, then %x", c.Tag, components[i].Info, c.Info)
			}
		}
		for _, s := range file.MethodSpans() {
			if _, err := file.Method.HeaderAt(s.Offset); err != nil {
				continue
			}
		}
		var z bytes.Buffer
		if err := file.WriteZIP(&z, "a"); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(z.Bytes()); err != nil {
			t.Fatal(err)
		}
	})
}
