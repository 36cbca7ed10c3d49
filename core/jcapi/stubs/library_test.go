package stubs

import (
	"errors"
	"strings"
	"testing"

	"inkan/core/cap/exp"
	"inkan/core/wire"
	"inkan/spec/peer"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// pool builds the constants of an export file.
type pool struct{ *exp.File }

func (p pool) add(c exp.Constant) uint16 {
	p.Constants = append(p.Constants, c)
	return uint16(len(p.Constants) - 1)
}

func (p pool) utf8(s string) uint16 { return p.add(exp.Constant{Tag: exp.Utf8, Text: s}) }

func (p pool) classes(names ...string) (list []uint16) {
	for _, n := range names {
		list = append(list, p.add(exp.Constant{Tag: exp.Classref, NameIndex: p.utf8(n)}))
	}
	return list
}

func (p pool) class(flags uint16, name string, supers, interfaces []uint16, methods ...string) *exp.Class {
	c := exp.Class{AccessFlags: flags, NameIndex: p.classes(name)[0], Supers: supers, Interfaces: interfaces}
	for _, m := range methods {
		access := uint16(1)
		if flags&0x200 != 0 {
			access = 0x401
		} else if strings.HasPrefix(m, "throwIt") {
			access = 9
		}
		at := strings.IndexByte(m, '(')
		c.Methods = append(c.Methods, exp.Method{AccessFlags: access, NameIndex: p.utf8(m[:at]), DescriptorIndex: p.utf8(m[at:])})
	}
	p.Classes = append(p.Classes, c)
	return &p.Classes[len(p.Classes)-1]
}

func (p pool) field(c *exp.Class, flags uint16, name, descriptor string, constant bool) {
	f := exp.Field{AccessFlags: flags, NameIndex: p.utf8(name), DescriptorIndex: p.utf8(descriptor)}
	if constant {
		value := p.add(exp.Constant{Tag: exp.Integer, Value: -2})
		f.Attributes = []exp.Attribute{{NameIndex: p.utf8("ConstantValue"), Info: []byte{byte(value >> 8), byte(value)}}}
	}
	c.Fields = append(c.Fields, f)
}

// library exports an interface, a class, a subclass whose superclasses come in
// no order, and a checked exception.
func library() pool {
	p := pool{&exp.File{}}
	p.ThisIndex = p.add(exp.Constant{Tag: exp.Package, NameIndex: p.utf8("a/lib")})
	p.class(0x601, "a/lib/Face", p.classes("java/lang/Object"), nil, "look(S)Z")
	base := p.class(1, "a/lib/Base", p.classes("java/lang/Object"), nil, "<init>(S)V", "sum([BLa/lib/Base;)S")
	p.field(base, 0x19, "K", "B", true)
	p.field(base, 0x19, "later", "S", false)
	p.field(base, 4, "own", "[S", false)
	p.class(0x11, "a/lib/Sub", p.classes("java/lang/Object", "a/lib/Base"), p.classes("a/lib/Face"), "<init>()V", "sum([BLa/lib/Base;)S", "look(S)Z")
	p.class(1, "a/lib/Bad", p.classes("java/lang/Object", "javacard/framework/UserException", "java/lang/Exception", "javacard/framework/CardException", "java/lang/Throwable"), nil, "<init>(S)V", "throwIt(S)V")
	return p
}

func TestLibrary(t *testing.T) {
	req.Covers(t, "SPEC-STUBS-007")
	sources, err := Library(library().File)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"a/lib/Bad.java":  "package a.lib;\n\npublic class Bad extends javacard.framework.UserException {\n\tpublic Bad(short p0) {}\n\tpublic static void throwIt(short p0) throws a.lib.Bad {}\n}\n",
		"a/lib/Base.java": "package a.lib;\n\npublic class Base {\n\tpublic static final byte K = (byte) -2;\n\tpublic static short later = 0;\n\tprotected short[] own = null;\n\tpublic Base(short p0) {}\n\tpublic short sum(byte[] p0, a.lib.Base p1) { return 0; }\n}\n",
		"a/lib/Face.java": "package a.lib;\n\npublic interface Face {\n\tboolean look(short p0);\n}\n",
		"a/lib/Sub.java":  "package a.lib;\n\npublic final class Sub extends a.lib.Base implements a.lib.Face {\n\tpublic Sub() { super((short) 0); }\n\tpublic boolean look(short p0) { return false; }\n}\n",
	}
	if len(sources) != len(want) {
		t.Errorf("%d files", len(sources))
	}
	for _, s := range sources {
		if want[s.Path] != s.Text {
			t.Errorf("%s:\n%s", s.Path, s.Text)
		}
	}
}

func TestLibraryJavac(t *testing.T) {
	peer.Need(t, "javac")
	sources, err := Library(library().File)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, s := range append(sources, Sources()...) {
		write(t, dir+"/"+s.Path, s.Text)
	}
	user := t.TempDir() + "/User.java"
	write(t, user, `class User { short f(a.lib.Sub s) throws a.lib.Bad { a.lib.Bad.throwIt(a.lib.Base.K); return s.sum(null, s); } }`)
	peer.Run(t, nil, "javac", append(Arguments(dir, "", t.TempDir()), user)...)
}

// Names come from outside and go into source text and paths.
func TestLibraryRefusesNames(t *testing.T) {
	req.Covers(t, "SPEC-STUBS-008")
	for text, broken := range map[string]string{
		"a/lib": "a/../lib", "a/lib/Sub": "a/lib/Sub {}", "a/lib/Face": "b/lib/Face", "sum": "sum()", "([BLa/lib/Base;)S": "([BLa/lib/Base {;)S",
		"look": "", "K": "K = 1, L", "[S": "[J", "javacard/framework/UserException": "x y",
	} {
		f := library()
		for i := range f.Constants {
			if f.Constants[i].Tag == exp.Utf8 && f.Constants[i].Text == text {
				f.Constants[i].Text = broken
			}
		}
		_, err := Library(f.File)
		var decode *wire.DecodeError
		if !errors.As(err, &decode) {
			t.Errorf("%q for %q: %v", broken, text, err)
		}
	}
}

type exportVector struct {
	vectors.Header
	File    vectors.Hex
	Package string
	Members []string
}

func FuzzLibrary(f *testing.F) {
	f.Add(library().File.Append(nil))
	for _, v := range vectors.Load[exportVector](f, "cap-export.json") {
		f.Add([]byte(v.File))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := exp.Parse(b)
		if err != nil {
			return
		}
		sources, err := Library(file)
		var decode *wire.DecodeError
		if err != nil && !errors.As(err, &decode) {
			t.Fatalf("%T", err)
		}
		for _, s := range sources {
			if strings.Contains(s.Path, "..") || strings.HasPrefix(s.Path, "/") {
				t.Fatal(s.Path)
			}
		}
	})
}
