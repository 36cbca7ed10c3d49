package verifier

import (
	"fmt"
	"strings"
	"testing"

	"inkan/core/cap"
	"inkan/spec/req"
)

// structures are changes of the test package that break one rule each.
var structures = []struct {
	name string
	want string
	edit func(*cap.File)
}{
	{"export flag", "Header: flags at 0006: want flag 02 exactly with the Export component", func(f *cap.File) { f.Header.Flags |= cap.FlagExport }},
	{"applet flag", "want flag 04 exactly with the Applet component", func(f *cap.File) { f.Header.Flags |= cap.FlagApplet }},
	{"unknown import", "Import: package at 0001: want a package of the environment, got A000000062FF 1.0", func(f *cap.File) { f.Imports[0].AID = []byte{0xA0, 0, 0, 0, 0x62, 0xFF} }},
	{"import of a major version", "want a package of the environment", func(f *cap.File) { f.Imports[1].Version.Major = 2 }},
	{"import of a newer version", "package javacard/framework at 000B: want at most minor version", func(f *cap.File) { f.Imports[1].Version.Minor = 200 }},
	{"superclass token", "super_class_ref at 0001: want a class of an import, or one before this, got package 0, class 99", func(f *cap.File) { f.Class.Classes[0].Super = cap.ExternalClass(0, 99) }},
	{"superclass itself", "super_class_ref at 0001: want a class of an import, or one before this, got 0000", func(f *cap.File) { f.Class.Classes[0].Super = 0 }},
	{"superclass is an interface", "super_class_ref at 0001: want a class that is not final, got javacard/framework/PIN", func(f *cap.File) { f.Class.Classes[0].Super = cap.ExternalClass(1, 1) }},
	{"superclass is final", "want a class that is not final, got javacard/framework/APDU", func(f *cap.File) { f.Class.Classes[0].Super = cap.ExternalClass(1, 10) }},
	{"interface is a class", "class 0000/interfaces at 0000: want an interface of an import", func(f *cap.File) {
		f.Class.Classes[0].Interfaces = []cap.ImplementedInterface{{Interface: cap.ExternalClass(0, 0)}}
	}},
	{"interface's method count", "class 0000/interfaces/javacard/framework/PIN at 0000: want 4 methods, got 1", func(f *cap.File) {
		f.Class.Classes[0].Interfaces = []cap.ImplementedInterface{{Interface: cap.ExternalClass(1, 1), Index: []byte{1}}}
	}},
	{"interface's method type", "want 4 words of arguments, as javacard/framework/PIN.check([BSB)Z, got 2", func(f *cap.File) {
		f.Class.Classes[0].Interfaces = []cap.ImplementedInterface{{Interface: cap.ExternalClass(1, 1), Index: []byte{1, 1, 1, 1}}}
	}},
	{"interface's method token", "want a public virtual method, got token 09", func(f *cap.File) {
		f.Class.Classes[0].Interfaces = []cap.ImplementedInterface{{Interface: cap.ExternalClass(1, 1), Index: []byte{9, 9, 9, 9}}}
	}},
	{"references beyond the instance", "class 0000/reference_count at 0004: want references within 4 words", func(f *cap.File) { f.Class.Classes[0].ReferenceCount = 2 }},
	{"table base", "want a base up to 1 and an end up to 128", func(f *cap.File) { f.Class.Classes[0].PublicBase = 2 }},
	{"table entry", "want an instance method for token 01, got 0002", func(f *cap.File) { f.Class.Classes[0].Public[0] = 2 }},
	{"table entry inherits nothing", "want a method for token 01, got FFFF", func(f *cap.File) { f.Class.Classes[0].Public[0] = 0xFFFF }},
	{"override with other arguments", "want 2 words of arguments, as java/lang/Object.equals(Ljava/lang/Object;)Z, got 1", func(f *cap.File) {
		c := &f.Class.Classes[0]
		c.PublicBase, c.Public = 0, []uint16{1, c.Public[0]}
	}},
	{"method beyond the component", "Method: method at", func(f *cap.File) { f.Descriptor.Classes[0].Methods[3].Offset = 0x7000 }},
	{"method too long", "want an end up to", func(f *cap.File) { f.Descriptor.Classes[0].Methods[3].BytecodeCount++ }},
	{"gap between methods", "want a method at", func(f *cap.File) { f.Descriptor.Classes[0].Methods[1].BytecodeCount-- }},
	{"undescribed bytes", "want a method that the Descriptor describes", func(f *cap.File) { f.Descriptor.Classes[0].Methods[3].BytecodeCount-- }},
	{"undescribed method", "want a method at", func(f *cap.File) { f.Descriptor.Classes[0].Methods = f.Descriptor.Classes[0].Methods[1:] }},
	{"class described twice", "this_class_ref at 0000: want each class of the Class component once", func(f *cap.File) { f.Descriptor.Classes = append(f.Descriptor.Classes, cap.ClassDescriptor{}) }},
	{"class not described", "want", func(f *cap.File) { f.Descriptor.Classes = nil }},
	{"field outside the instance", "want a place in the instance of its class for its type, got token 4", func(f *cap.File) { f.Descriptor.Classes[0].Fields[0].Ref[2] = 4 }},
	{"int field at the end", "want a place in the instance of its class for its type, got token 2 for half of an int", func(f *cap.File) { f.Descriptor.Classes[0].Fields[1].Ref[2] = 2 }},
	{"short field on a reference", "want a place in the instance of its class for its type, got token 3 for a short", func(f *cap.File) { f.Descriptor.Classes[0].Fields[0].Ref[2] = 3 }},
	{"static field outside", "want a place in the static field image for its type, got offset 7 for half of an int", func(f *cap.File) { f.Descriptor.Classes[0].Fields[4].Ref[2] = 7 }},
	{"static short on a reference", "got offset 0 for a short", func(f *cap.File) { f.Descriptor.Classes[0].Fields[5].Ref[2] = 0 }},
	{"field type", "want a type, got 0001", func(f *cap.File) { f.Descriptor.Classes[0].Fields[2].Type = 1 }},
	{"method type", "want a method type, got 0001", func(f *cap.File) { f.Descriptor.Classes[0].Methods[0].Type = 1 }},
	{"method type and header", "want 2 words of arguments, as its header, got 1", func(f *cap.File) { f.Descriptor.Classes[0].Methods[2].Type = f.Descriptor.Classes[0].Methods[0].Type }},
	{"abstract", "want abstract exactly when its header is", func(f *cap.File) { f.Descriptor.Classes[0].Methods[2].AccessFlags |= cap.AccAbstract }},
	{"virtual token", "want a virtual method in the class's table, got token 05", func(f *cap.File) { f.Descriptor.Classes[0].Methods[2].Token = 5 }},
	{"private in a table", "want no entry in a table of virtual methods", func(f *cap.File) { f.Descriptor.Classes[0].Methods[2].AccessFlags |= cap.AccPrivate }},
	{"static constructor", "want", func(f *cap.File) { f.Descriptor.Classes[0].Methods[0].AccessFlags |= cap.AccStatic }},
	{"handler count", "want handlers up to 0, got 1", func(f *cap.File) { f.Descriptor.Classes[0].Methods[0].HandlerCount = 1 }},
	{"constant's class", "ConstantPool: entry 0 Classref at 0002: want a class, got 00 07 00", func(f *cap.File) { f.Constants[0].Info = [3]byte{0, 7, 0} }},
	{"constant's zero", "want a class and a zero byte", func(f *cap.File) { f.Constants[0].Info[2] = 1 }},
	{"constant's package", "want a class, got 85 00 00", func(f *cap.File) { f.Constants[17].Info[0] = 0x85 }},
	{"constant's class token", "want a class, got 80 63 00", func(f *cap.File) { f.Constants[17].Info[1] = 99 }},
	{"constant's field", "entry 3 InstanceFieldref at 000E: want an instance field of class 0000", func(f *cap.File) { f.Constants[3].Info[2] = 4 }},
	{"constant's static field", "StaticFieldref at 0022: want a static field, got 00 00 09", func(f *cap.File) { f.Constants[8].Info[2] = 9 }},
	{"constant's method", "want a static method, constructor or private method", func(f *cap.File) { f.Constants[10].Info[2]++ }},
	{"constant names a virtual method as static", "want a static method, constructor or private method", func(f *cap.File) {
		f.Constants[10].Info[2] = byte(f.Descriptor.Classes[0].Methods[2].Offset)
	}},
	{"constant's virtual token", "VirtualMethodref at 002E: want a virtual method of class 0000", func(f *cap.File) { f.Constants[11].Info[2] = 2 }},
	{"constant's virtual method of an interface", "want a class, no interface", func(f *cap.File) { f.Constants[11].Info = [3]byte{0x81, 1, 1} }},
	{"package-visible of another package", "want no package-visible method of another package", func(f *cap.File) { f.Constants[15].Info[2] = 0x81 }},
	{"superclass of another package", "want a class of this package", func(f *cap.File) { f.Constants[12].Info = [3]byte{0x81, 3, 0} }},
	{"constant's external method", "want a static method, constructor or private method, got 81 08 63", func(f *cap.File) { f.Constants[20].Info[2] = 99 }},
	{"constant's type", "types/constant_pool_types/3 at 0000: want the type of what the constant names", func(f *cap.File) { f.Descriptor.ConstantTypes[3] = f.Descriptor.ConstantTypes[4] }},
	{"constant's method type", "types/constant_pool_types/10", func(f *cap.File) { f.Descriptor.ConstantTypes[10] = f.Descriptor.ConstantTypes[11] }},
	{"constant types' count", "types/constant_pool_count", func(f *cap.File) {
		f.Descriptor.ConstantTypes = append(f.Descriptor.ConstantTypes, 0xFFFF)
	}},
	{"location missing", "RefLocation: offset", func(f *cap.File) { f.RefLocation.Word = f.RefLocation.Word[1:] }},
	{"location elsewhere", "want a constant-pool index of that size, got another place", func(f *cap.File) { f.RefLocation.Byte = append([]uint16{3}, f.RefLocation.Byte...) }},
	{"location of another size", "want a constant-pool index of that size", func(f *cap.File) {
		f.RefLocation.Byte = append([]uint16{f.RefLocation.Word[0]}, f.RefLocation.Byte...)
	}},
	{"install method", "applet 0/install_method_offset at 0000: want a static method ([BSB)V", func(f *cap.File) {
		f.Header.Flags |= cap.FlagApplet
		f.Applets = []cap.Applet{{AID: []byte("inkan1"), InstallMethod: 1}}
	}},
	{"export of no class", "Export: class 0 at 0000: want a class, got 0009", func(f *cap.File) {
		f.Header.Flags |= cap.FlagExport
		f.Export = &cap.Export{Classes: []cap.ExportedClass{{Class: 9}}}
	}},
	{"export of no field", "want a static field, got 0009", func(f *cap.File) {
		f.Header.Flags |= cap.FlagExport
		f.Export = &cap.Export{Classes: []cap.ExportedClass{{StaticFields: []uint16{9}}}}
	}},
	{"export of a virtual method", "want a static method or constructor", func(f *cap.File) {
		f.Header.Flags |= cap.FlagExport
		f.Export = &cap.Export{Classes: []cap.ExportedClass{{StaticMethods: []uint16{f.Class.Classes[0].Public[0]}}}}
	}},
	{"array initialisation", "StaticField: array_init 0 at 0000: want a multiple of 2 bytes, got 3", func(f *cap.File) {
		f.StaticField.Arrays = []cap.ArrayInit{{Type: cap.InitShort, Values: []byte{1, 2, 3}}}
	}},
}

func TestRefusedStructures(t *testing.T) {
	req.Covers(t, "SPEC-VERIFIER-002", "SPEC-VERIFIER-009", "SPEC-VERIFIER-010", "SPEC-VERIFIER-011", "SPEC-VERIFIER-012", "SPEC-VERIFIER-013",
		"SPEC-VERIFIER-014", "SPEC-VERIFIER-015", "SPEC-VERIFIER-016", "SPEC-VERIFIER-017", "SPEC-VERIFIER-018", "SPEC-VERIFIER-019",
		"SPEC-VERIFIER-020", "SPEC-VERIFIER-021", "SPEC-VERIFIER-022", "SPEC-VERIFIER-023", "SPEC-VERIFIER-024", "SPEC-VERIFIER-025")
	for _, c := range structures {
		f := testPackage{code: "sconst_0\npop\nreturn", edit: c.edit}.build(t)
		r := Verify(f, Standard())
		found := false
		for _, e := range r.Findings {
			found = found || strings.Contains(e.Error(), c.want)
		}
		if !found {
			t.Errorf("%s: %v, want %s", c.name, r.Findings, c.want)
		}
	}
}

// changes are changes of corpus packages that break one rule each.
var changes = []struct {
	name  string
	file  string
	want  string
	kinds bool
	edit  func(*cap.File)
}{
	{"super of another class", "methods-305", "want the superclass of class", false, func(f *cap.File) {
		for i, c := range f.Constants {
			if c.Kind == cap.SuperMethodref && c.Class() == 0x54 && c.Token() == 0x81 {
				f.Constants[i].Info[1] = 0x38
			}
		}
	}},
	{"type of an override", "objects-305", "class 0020 at 0000: want the type of", false, func(f *cap.File) {
		m := f.Descriptor.Classes[5].Methods
		m[1].Type = m[0].Type
	}},
	{"abstract class", "objects-305", "class 000C at 0000: want no abstract method: the class is not abstract", false, func(f *cap.File) { f.Descriptor.Classes[4].AccessFlags = 1 }},
	{"superinterface", "objects-305", "want superinterface interface 0004, got none", true, func(f *cap.File) { f.Class.Classes[2].Interfaces[2].Interface = cap.ExternalClass(1, 2) }},
	{"type of an interface's method", "objects-305", "want the type of interface 0001.0", false, func(f *cap.File) { f.Descriptor.Classes[1].Methods[0].Type = f.Descriptor.Classes[5].Methods[0].Type }},
	{"method of another class", "objects-305", "want a method of this class or a superclass", true, func(f *cap.File) { f.Class.Classes[4].Public[3] = f.Class.Classes[2].Public[0] }},
	{"final method", "arith-305", "want no method in place of final javacard/framework/Applet.register", true, func(f *cap.File) {
		c := &f.Class.Classes[0]
		c.PublicBase, c.Public = 1, []uint16{f.Descriptor.Classes[0].Methods[0].Offset, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, c.Public[0]}
	}},
	{"handlers of a method", "except-305", "/exception_handler_count", false, func(f *cap.File) {
		for i := range f.Descriptor.Classes[0].Methods {
			if m := &f.Descriptor.Classes[0].Methods[i]; m.HandlerCount > 0 {
				m.HandlerCount--
				return
			}
		}
	}},
	{"results of an override", "objects-305", "areturn", true, func(f *cap.File) {
		m := f.Descriptor.Classes[5].Methods[3]
		h, _ := f.Method.HeaderAt(int(m.Offset))
		f.Method.Info[h.Code+int(m.BytecodeCount)-1] = 0x77
	}},
}

func TestRefusedChanges(t *testing.T) {
	req.Covers(t, "SPEC-VERIFIER-016", "SPEC-VERIFIER-017", "SPEC-VERIFIER-022", "SPEC-VERIFIER-024", "SPEC-VERIFIER-049", "SPEC-VERIFIER-051", "SPEC-VERIFIER-052")
	for _, c := range changes {
		f := corpusFiles(t)[c.file]
		f.Method.Info = append([]byte(nil), f.Method.Info...)
		c.edit(f)
		f.FillDirectory()
		forms := []*cap.File{f}
		if c.kinds {
			forms = append(forms, without(t, f))
		}
		for _, form := range forms {
			r := Verify(form, Standard())
			found := false
			for _, e := range r.Findings {
				found = found || strings.Contains(e.Error(), c.want)
			}
			if !found {
				t.Errorf("%s, mode %s: %v, want %s", c.name, r.Mode, r.Findings, c.want)
			}
		}
	}
}

// A package that changes a signature it inherits from a library without
// Descriptor, or one against it, is refused.
func TestLibrariesAreHeldTo(t *testing.T) {
	req.Covers(t, "SPEC-VERIFIER-051", "SPEC-VERIFIER-052", "SPEC-VERIFIER-053", "SPEC-VERIFIER-054")
	files := corpusFiles(t)
	library := without(t, files["lib-305"])
	v := &verifier{world: newWorld(Standard()), file: library, result: &Result{}, sigs: newSignatures(), work: MaxWork}
	p := v.world.library(library)
	if p == nil {
		t.Fatal("the library is not accepted")
	}
	typed := v.world.library(files["lib-305"])
	for offset, m := range typed.methods {
		inferred := p.methods[offset]
		if inferred == nil {
			continue // nothing refers to it
		}
		want := *m
		if !m.isStatic && inferred.isStatic { // this counts as a parameter
			want.params = append([]value{reference}, m.params...)
		}
		if !inferred.known || !sameKinds(&want, inferred) {
			t.Errorf("%s: inferred %v %v, want %v %v", m.name, inferred.params, inferred.result, want.params, want.result)
		}
	}
	if r := Verify(files["libuser-305"], Standard()); r.Err() == nil || !strings.Contains(r.Err().Error(), "want a package of the environment") {
		t.Errorf("without its library: %v", r.Findings)
	}
}

// Findings are limited in number.
func TestManyFindings(t *testing.T) {
	req.Covers(t, "SPEC-VERIFIER-006")
	edit := func(f *cap.File) {
		for len(f.Constants) < 300 {
			f.Constants = append(f.Constants, cap.Constant{Kind: cap.Classref, Info: [3]byte{0, 9, 9}})
		}
		f.Descriptor = nil
	}
	r := Verify(testPackage{code: "return", edit: edit}.build(t), Standard())
	if len(r.Findings) != MaxFindings || !r.Truncated {
		t.Errorf("%d findings, truncated %v", len(r.Findings), r.Truncated)
	}
}

// Code that would keep an analysis busy is refused in bounded time.
func TestWorkIsBounded(t *testing.T) {
	req.Covers(t, "SPEC-VERIFIER-003")
	text := "jsr s0\nreturn\n" // each level doubles the ways to be in a subroutine
	for i := range 9 {
		text += fmt.Sprintf("s%d: astore %d\njsr s%d\njsr s%d\nret %d\n", i, i+2, i+1, i+1, i+2)
	}
	text += "s9: astore 11\nret 11\n"
	r := Verify(testPackage{code: text, locals: 12}.build(t), Standard())
	if r.Err() == nil || !strings.Contains(r.Err().Error(), "ways to be in a subroutine") {
		t.Errorf("%v", r.Findings)
	}
}
