package classfile

import (
	"archive/zip"
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inkan/core/wire"
	"inkan/spec/req"
)

// hello is a class file that is written out: class p/A with a field F = 7 and
// a method m()V with a switch, two locals and a handler.
const hello = `CAFEBABE 0000 0034 0017
	01 0003 702F41 07 0001 01 0010 6A6176612F6C616E672F4F626A656374 07 0003
	01 0001 46 01 0001 53 01 000D 436F6E7374616E7456616C7565 03 00000007
	01 0001 6D 01 0003 282956 01 0004 436F6465 01 000F 4C696E654E756D6265725461626C65
	01 0012 4C6F63616C5661726961626C655461626C65 01 0001 78 01 0006 412E6A617661 01 000A 536F7572636546696C65
	01 000D 537461636B4D61705461626C65 03 00011170 01 0010 426F6F7473747261704D6574686F6473 01 000C 496E6E6572436C6173736573 01 000A 457863657074696F6E73
	01 0005 702F412442
	0021 0002 0004 0000
	0001 0018 0005 0006 0001 0007 00000002 0008
	0001 0009 0009 000A 0002
	000B 00000063 0001 0002 0000002A
	03 3C 1B AB 00000011 00000001 00000005 00000014 84 01 FF B1 C4 84 0001 0100 A7 0003 1212 57 B1 00 00 00 00 00
	0001 0000 0002 0018 0004
	0003 000C 00000006 0001 0000 0003
	000D 0000000C 0001 0002 0028 000E 0006 0001
	0011 00000001 FF
	0015 00000004 0001 0004
	0004 0010 00000002 000F 0013 00000002 0001 0011 00000001 FF 0014 0000000A 0001 0002 0000 0000 0008`

func bytesOf(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// corpusJar has class files that javac wrote.
const corpusJar = "../capc/testdata/corpus.jar"

func jarFiles(t testing.TB) map[string][]byte {
	t.Helper()
	raw, err := os.ReadFile(corpusJar)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func TestParse(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-001")
	c, err := Parse(bytesOf(t, hello))
	if err != nil {
		t.Fatal(err)
	}
	m := c.Methods[0]
	code := m.Code
	c.Methods = nil
	want := &Class{Major: 52, Access: AccPublic | 0x20, Name: "p/A", Super: "java/lang/Object", SourceFile: "A.java", Bootstraps: 1,
		Fields:       []Field{{AccStatic | AccFinal, "F", "S", &Constant{Tag: Integer, Int: 7}}},
		InnerClasses: []InnerClass{{"p/A", AccStatic}}}
	if d := cmp.Diff(want, c); d != "" {
		t.Error(d)
	}
	if m.Name != "m" || m.Descriptor != "()V" || len(m.Exceptions) != 1 || m.Exceptions[0] != "java/lang/Object" {
		t.Errorf("%+v", m)
	}
	instructions := code.Instructions
	code.Instructions = nil
	if d := cmp.Diff(&Code{MaxStack: 1, MaxLocals: 2, Length: 42, Handlers: []Handler{{0, 2, 24, "java/lang/Object"}}, Lines: []Line{{0, 3}},
		Variables: []LocalVariable{{2, 42, "x", "S", 1}}}, code); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]Instruction{
		{Op: OpIconst0, Length: 1}, {Op: OpIstore0 + 1, PC: 1, Length: 1, Local: 1}, {Op: OpIload0 + 1, PC: 2, Length: 1, Local: 1},
		{Op: OpLookupswitch, PC: 3, Length: 17, Target: 20, Cases: []Case{{5, 23}}},
	}, instructions[:4]); d != "" {
		t.Error(d)
	}
}

// Every class file of the corpus is read, and none of its beginnings is.
func TestCorpus(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-001", "SPEC-CAPC-002")
	files := jarFiles(t)
	if len(files) < 120 {
		t.Fatalf("%d files", len(files))
	}
	for name, raw := range files {
		c, err := Parse(raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if path.Base(c.Name)+".class" != path.Base(name) {
			t.Errorf("%s: %s", name, c.Name)
		}
		if len(raw) > 2000 {
			continue
		}
		for n := range raw {
			if _, err := Parse(raw[:n]); err == nil {
				t.Errorf("%s: accepted when cut to %d bytes", name, n)
			}
		}
		if _, err := Parse(append(raw[:len(raw):len(raw)], 0)); err == nil {
			t.Errorf("%s: accepted with a byte behind", name)
		}
	}
}

func TestRefuses(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-002")
	for _, c := range []struct{ from, to, want string }{
		{"CAFEBABE", "CAFEBABF", "magic at offset 0: want CAFEBABE, got CAFEBABF"},
		{"0000 0034", "0000 0046", "major_version at offset 6: want 45 to 69, got 70"},
		{"07 0001 01", "07 0002 01", "want the index of a constant with tag 1, got 2"},
		{"0021 0002", "0021 0001", "this_class at offset"},
		{"01 0001 53", "01 0001 58", `field/descriptor_index at offset`},
		{"282956", "292856", "method/descriptor_index at offset"},
		{"0001 0000 0002 0018", "0001 0000 0002 0004", "Code/exception_table at offset"},
		{"0001 0000 0002 0018", "0001 0002 0002 0018", "Code/exception_table at offset"},
		{"00000001 00000005 00000014", "0FFFFFFF 00000005 00000014", "npairs"},
		{"00000005 00000014", "00000005 00000013", "Code/code/branch at offset"},
		{"C4 84", "C4 03", "Code/code/wide at offset"},
		{"A7 0003", "FF 0003", "opcode at offset"},
	} {
		text := strings.Replace(hello, c.from, c.to, 1)
		if text == hello {
			t.Fatalf("%q is not there", c.from)
		}
		_, err := Parse(bytesOf(t, text))
		var e *wire.DecodeError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s for %s: %v, want %s", c.to, c.from, err, c.want)
		}
	}
}

func TestSignature(t *testing.T) {
	params, result, ok := Signature("([BLa/B;S)[I")
	if d := cmp.Diff([]string{"[B", "La/B;", "S"}, params); d != "" || result != "[I" || !ok {
		t.Error(d, result, ok)
	}
	for _, bad := range []string{"", "(", "()", "()X", "(V)V", "(L;)V", "()[V", "([)V", "()VV", "S"} {
		if _, _, ok := Signature(bad); ok {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestOpcodes(t *testing.T) {
	for op, want := range map[Opcode]string{0: "nop", OpInvokedynamic: "invokedynamic", OpJsrW: "jsr_w", 0xCA: "undefined_ca"} {
		if op.String() != want {
			t.Errorf("%02X is %s, want %s", byte(op), op, want)
		}
	}
	if OpGoto != 0xA7 || OpPutfield != 0xB5 || OpJsrW != 0xC9 {
		t.Error("opcodes have other numbers")
	}
}

// Parse refuses what it does not return whole, and ends for every input.
func FuzzParse(f *testing.F) {
	f.Add(bytesOf(f, hello))
	for name, raw := range jarFiles(f) {
		if strings.HasPrefix(name, "boundary/s") || strings.HasPrefix(name, "lang/") {
			f.Add(raw)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Parse(b)
		if err != nil {
			var e *wire.DecodeError
			if !errors.As(err, &e) {
				t.Fatalf("%T", err)
			}
			return
		}
		for i := range c.Methods {
			code := c.Methods[i].Code
			if code == nil {
				continue
			}
			at := map[int]bool{}
			for _, in := range code.Instructions {
				at[in.PC] = true
			}
			for j := range code.Instructions {
				for _, target := range code.Instructions[j].targets() {
					if !at[target] {
						t.Fatalf("a branch to %d", target)
					}
				}
			}
		}
	})
}
