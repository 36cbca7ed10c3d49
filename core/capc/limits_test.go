package capc

import (
	"fmt"
	"strings"
	"testing"

	"inkan/core/cap"
	"inkan/core/cap/exp"
	"inkan/core/classfile"
	"inkan/core/jcvm"
	"inkan/spec/req"
)

// built is a class made without a compiler: with a constructor that does nothing.
func built(name string, methods ...classfile.Method) *classfile.Class {
	super := &classfile.Constant{Tag: classfile.MethodRef, Class: "java/lang/Object", Name: "<init>", Descriptor: "()V"}
	init := made("<init>", "()V", classfile.AccPublic, 1, 1,
		classfile.Instruction{Op: classfile.OpAload0}, classfile.Instruction{Op: classfile.OpInvokespecial, Constant: super}, classfile.Instruction{Op: classfile.OpReturn})
	return &classfile.Class{Major: 52, Access: classfile.AccPublic, Name: name, Super: "java/lang/Object", Methods: append([]classfile.Method{init}, methods...)}
}

// made makes a method of instructions of one byte each.
func made(name, desc string, access, stack, locals uint16, list ...classfile.Instruction) classfile.Method {
	for i := range list {
		list[i].PC, list[i].Length = i, 1
	}
	return classfile.Method{Access: access, Name: name, Descriptor: desc, Code: &classfile.Code{MaxStack: stack, MaxLocals: locals, Length: len(list), Instructions: list}}
}

func ret() classfile.Instruction { return classfile.Instruction{Op: classfile.OpReturn} }

// many are n public methods that do nothing.
func many(n int) (list []classfile.Method) {
	for i := range n {
		list = append(list, made(fmt.Sprintf("m%d", i), "()V", classfile.AccPublic, 0, 1, ret()))
	}
	return list
}

// long is a method with n times two instructions that leave nothing.
func long(n int) classfile.Method {
	var list []classfile.Instruction
	for range n {
		list = append(list, classfile.Instruction{Op: classfile.OpIconst0}, classfile.Instruction{Op: classfile.OpPop})
	}
	return made("m", "()V", classfile.AccPublic, 1, 1, append(list, ret())...)
}

// deep is a method with n values on the stack.
func deep(n int) classfile.Method {
	var list []classfile.Instruction
	for range n {
		list = append(list, classfile.Instruction{Op: classfile.OpIconst0})
	}
	return made("m", "()V", classfile.AccPublic, uint16(n), 1, append(list, ret())...)
}

// withFields is a class with n short fields.
func withFields(n int) *classfile.Class {
	k := built("p/C")
	for i := range n {
		k.Fields = append(k.Fields, classfile.Field{Name: fmt.Sprintf("f%d", i), Descriptor: "S"})
	}
	return k
}

func TestLimits(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-015")
	for _, c := range []struct {
		name   string
		class  func(n int) *classfile.Class
		limit  int
		reason string
	}{
		{"virtual methods", func(n int) *classfile.Class { return built("p/C", many(n)...) }, 127, "more than 128 virtual methods"},
		{"fields", withFields, 255, "256 words of instance fields"},
		{"stack", func(n int) *classfile.Class { return built("p/C", deep(n)) }, 255, "too many values on the stack"},
		{"code", func(n int) *classfile.Class { return built("p/C", long(n)) }, 16383, "32769 bytes of code"},
		{"arguments", func(n int) *classfile.Class {
			return built("p/C", made("m", "("+strings.Repeat("S", n)+")V", classfile.AccPublic, 0, uint16(n+1), ret()))
		}, 254, "256 words of arguments"},
		{"locals", func(n int) *classfile.Class {
			return built("p/C", made("m", "()V", classfile.AccPublic, 0, uint16(n), ret()))
		}, 255, "256 words of local variables"},
	} {
		o := Options{Package: "p", AID: []byte("inkan")}
		if _, err := Convert([]*classfile.Class{c.class(c.limit)}, o); err != nil {
			t.Errorf("%s, %d: %v", c.name, c.limit, err)
		}
		if _, err := Convert([]*classfile.Class{c.class(c.limit + 1)}, o); err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s, %d: %v, want %s", c.name, c.limit+1, err, c.reason)
		}
	}
}

// Fields whose constants have indices above 255 are accessed by the wide forms,
// also those of this.
func TestWideFields(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-055")
	var classes []*classfile.Class
	var list []classfile.Instruction
	for _, name := range []string{"p/A", "p/B"} {
		k := withFields(150)
		k.Name = name
		for i := range k.Fields {
			ref := &classfile.Constant{Tag: classfile.FieldRef, Class: name, Name: k.Fields[i].Name, Descriptor: "S"}
			object := classfile.Instruction{Op: classfile.OpAload0 + 1, Local: 1}
			if name == "p/B" {
				object = classfile.Instruction{Op: classfile.OpAload0}
			}
			list = append(list, object, object, classfile.Instruction{Op: classfile.OpGetfield, Constant: ref}, classfile.Instruction{Op: classfile.OpPutfield, Constant: ref})
		}
		classes = append(classes, k)
	}
	classes[1].Methods = append(classes[1].Methods, made("m", "(Lp/A;)V", 0, 2, 2, append(list, ret())...))
	r, err := Convert(classes, Options{Package: "p", AID: []byte("inkan")})
	if err != nil {
		t.Fatal(err)
	}
	got := map[jcvm.Opcode]int{}
	for _, s := range r.File.MethodSpans() {
		h, err := r.File.Method.HeaderAt(s.Offset)
		if err != nil {
			t.Fatal(err)
		}
		for pc := h.Code; pc < s.End; {
			d, err := jcvm.Decode(r.File.Method.Info, pc)
			if err != nil {
				t.Fatal(err)
			}
			got[d.Op]++
			pc = d.Next()
		}
	}
	want := map[jcvm.Opcode]int{jcvm.OpGetfieldS: 150, jcvm.OpGetfieldSThis: 106, jcvm.OpGetfieldSW: 44, jcvm.OpPutfieldS: 256, jcvm.OpPutfieldSW: 44}
	for op, n := range want {
		if got[op] != n {
			t.Errorf("%d of %s, want %d", got[op], op, n)
		}
	}
}

func TestOptions(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-005", "SPEC-CAPC-057")
	aid, applet := []byte("inkan"), []byte("inkan1")
	for want, o := range map[string]Options{
		"package: AID of the package has 3 bytes":               {Package: "p", AID: aid[:3]},
		"package: no package name":                              {AID: aid},
		"package: two applets with AID 696E6B616E31":            {Package: "p", AID: aid, Applets: []Applet{{applet, "C"}, {applet, "C"}}},
		"AID of applet C has another RID than the package":      {Package: "p", AID: aid, Applets: []Applet{{[]byte("other1"), "C"}}},
		"package: no class D for the applet":                    {Package: "p", AID: aid, Applets: []Applet{{applet, "D"}}},
		"p/C: the class is no applet":                           {Package: "p", AID: aid, Applets: []Applet{{applet, "p.C"}}},
		"p/C: the class is not in package q; convert each":      {Package: "q", AID: aid},
		"package: java/lang 1.7 is not known; import at most 1": {Package: "p", AID: aid, API: map[string]byte{"java/lang": 7}},
	} {
		if _, err := Convert([]*classfile.Class{built("p/C")}, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := Convert(nil, Options{Package: "p", AID: aid}); err == nil || err.Error() != "package: no class files" {
		t.Error(err)
	}
}

// A member that is newer than the version to import is refused; with a higher
// version it is there.
func TestAPIVersion(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-030", "SPEC-CAPC-032")
	files := readJar(t, jar)
	o := Options{Package: "inkan.lang.newer", AID: []byte("inkan"), API: map[string]byte{"javacard/framework": 8}}
	r, err := Convert(files.classes(t, "lang/newer"), o)
	if err != nil {
		t.Fatal(err)
	}
	if i := r.File.Imports[1]; i.String() != "A0000000620101 1.8" {
		t.Error(i)
	}
}

func TestExportFile(t *testing.T) {
	req.Covers(t, "SPEC-CAPC-046", "SPEC-CAPC-059")
	results := convertCorpus(t, readJar(t, jar), unchanged)
	f, err := exp.Parse(results["lib"].Export)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range f.Classes {
		c := &f.Classes[i]
		line := fmt.Sprintf("%d %04x %s", c.Token, c.AccessFlags, f.Name(c.NameIndex))
		for _, s := range c.Supers {
			line += " < " + f.Name(s)
		}
		for j := range c.Fields {
			line += fmt.Sprintf(" %d:%s", c.Fields[j].Token, f.Name(c.Fields[j].NameIndex))
			if v, ok := f.ConstantValue(&c.Fields[j]); ok {
				line += fmt.Sprintf("=%d", v)
			}
		}
		for _, m := range c.Methods {
			line += fmt.Sprintf(" %d:%s%s", m.Token, f.Name(m.NameIndex), f.Name(m.DescriptorIndex))
		}
		got = append(got, line)
	}
	want := []string{
		"0 0601 inkan/corpus/lib/Visitor < java/lang/Object 255:STOP=1 0:visit(B)B 1:done(S)V",
		"1 0001 inkan/corpus/lib/Ring < java/lang/Object 255:FULL=27268 0:created 0:head 1:count 2:cells 0:<init>(S)V 1:checksum([BSS)S 0:equals(Ljava/lang/Object;)Z 1:reveal()B 2:push(B)Z 3:pop()B 4:overflow(B)Z 5:size()S 6:dump([BS)S",
		"2 0011 inkan/corpus/lib/Rings < java/lang/Object 0:single()Linkan/corpus/lib/Ring; 1:internalOf(Linkan/corpus/lib/Ring;)S 0:equals(Ljava/lang/Object;)Z",
		"3 0001 inkan/corpus/lib/WalkException < javacard/framework/UserException < javacard/framework/CardException < java/lang/Exception < java/lang/Throwable < java/lang/Object 0:at 0:<init>(S)V 0:equals(Ljava/lang/Object;)Z 1:getReason()S 2:setReason(S)V",
		"4 0401 inkan/corpus/lib/Walker < java/lang/Object 0:visitor 0:<init>(Linkan/corpus/lib/Visitor;)V 0:equals(Ljava/lang/Object;)Z 1:walk(S)S 2:next(S)B",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if p := f.Constants[f.ThisIndex]; p.Flags != exp.Library || p.Version != (cap.Version{Major: 1}) {
		t.Errorf("%+v", p)
	}
	if results["server"].Export == nil || results["client"].Export != nil {
		t.Error("only packages that export something have an export file")
	}
}
