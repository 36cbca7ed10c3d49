package disasm

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkan/core/cap"
	"inkan/core/jcvm/asm"
	"inkan/core/wire"
	"inkan/spec/req"
)

func open(t testing.TB, name string) *cap.File {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := cap.Open(raw)
	if err != nil {
		t.Fatal(name, err)
	}
	return f
}

// The text of every corpus package, assembled again method by method, is its
// bytecode, with and without Descriptor.
func TestCorpusAssemblesAgain(t *testing.T) {
	req.Covers(t, "SPEC-CAP-030", "SPEC-CAP-031", "SPEC-CAP-032", "SPEC-CAP-033", "SPEC-CAP-040")
	names, _ := filepath.Glob("../../../spec/corpus/*/*-[23]*.cap")
	if len(names) != 36 {
		t.Fatalf("%d packages", len(names))
	}
	for _, name := range names {
		f := open(t, name)
		checkText(t, name, f)
		g, err := cap.Open(f.LoadFile(nil, false))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Package(g); err != nil {
			t.Errorf("%s without Descriptor: %v", name, err)
		}
	}
}

func checkText(t *testing.T, name string, f *cap.File) {
	t.Helper()
	text, err := Package(f)
	if err != nil {
		t.Fatal(name, err)
	}
	again, _ := Package(f)
	if text != again {
		t.Errorf("%s: two texts", name)
	}
	parts := strings.Split(text, "\n\n")
	spans := f.MethodSpans()
	if len(parts) != len(spans) {
		t.Fatalf("%s: %d texts of %d methods", name, len(parts), len(spans))
	}
	for i, s := range spans {
		h, _ := f.Method.HeaderAt(s.Offset)
		var code strings.Builder
		for line := range strings.Lines(parts[i]) {
			if !strings.HasPrefix(line, "method ") && !strings.HasPrefix(line, "  handler") {
				code.WriteString(line)
			}
		}
		b, err := asm.Assemble(code.String())
		if want := f.Method.Info[h.Code:s.End]; err != nil || !bytes.Equal(b, want) {
			t.Errorf("%s method %04X: %x, %v; want %x\n%s", name, s.Offset, b, err, want, parts[i])
		}
	}
}

// Names of the platform, of libraries and of own members.
func TestNames(t *testing.T) {
	req.Covers(t, "SPEC-CAP-033")
	text, err := Package(open(t, "../../../spec/corpus/libuser/libuser-305.cap"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"; install method of applet F0696E6B616E430C01\n",
		".process(Ljavacard/framework/APDU;)V\n",
		"; public static class ", " ([BSB)V\n",
		"; javacard/framework/APDU.getBuffer()[B\n",
		"; javacard/framework/ISOException.throwIt(S)V\n",
		"; F0696E6B616E430B/class 1.virtual ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
	if t.Failed() {
		fmt.Println(text)
	}
}

func FuzzPackage(f *testing.F) {
	names, _ := filepath.Glob("../../../spec/corpus/*/*-305.cap")
	for _, name := range names {
		file := open(f, name)
		f.Add(file.LoadFile(nil, true))
		f.Add(file.LoadFile(nil, false))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := cap.Open(b)
		if err != nil {
			return
		}
		if _, err := Package(file); err != nil {
			var e *wire.DecodeError
			if !errors.As(err, &e) {
				t.Fatalf("%T", err)
			}
		}
	})
}
