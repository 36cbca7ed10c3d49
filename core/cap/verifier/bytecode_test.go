package verifier

import (
	"strings"
	"testing"

	"inkan/core/cap"
	"inkan/spec/req"
)

// accepted are methods that keep to the rules.
var accepted = map[string]testPackage{
	"empty":                      {code: "return"},
	"types of all fields":        {instance: true, code: "aload_0\ngetfield_s 3\nputstatic_s 8\ngetfield_i_this 4\nputstatic_i 7\naload_0\naload_2\nputfield_a 5\naload_0\nputstatic_a 6\nsconst_1\nputstatic_b 9\nreturn"},
	"construct":                  {code: "new 0\ndup\ninvokespecial 2\nsconst_1\ninvokevirtual 11\npop\nreturn"},
	"dup_x and swap_x":           {code: "sconst_1\nbipush 2\nswap_x 0x21\ns2i\niadd\nsconst_0\nsconst_1\ndup_x 0x24\ndup_x 0x10\nreturn", stack: 8},
	"loop":                       {code: "sconst_0\nsstore_2\na: sinc 2 1\nsload_2\nsload_0\nif_scmplt a\nreturn"},
	"subroutine twice":           {code: "jsr sub\njsr sub\nreturn\nsub: astore_2\nsinc 0 1\nret 2"},
	"subroutines nested":         {code: "jsr a\nsconst_1\nsstore 4\nreturn\na: astore_2\njsr b\nret 2\nb: astore_3\nret 3"},
	"unmodified in a subroutine": {code: "sconst_0\nsstore 4\njsr sub\nsload 4\nsstore_0\naconst_null\nastore 4\njsr sub\naload 4\npop\nreturn\nsub: astore_2\nret 2"},
	"merge to a superclass":      {code: "sload_0\nifeq a\nnew 0\ndup\ninvokespecial 2\ngoto b\na: aload_1\nb: instanceof 0 17\npop\nreturn"},
	"constructor":                {init: true, code: "aload_0\nsload_1\nputfield_s 3\naload_0\ninvokespecial 2\nreturn"},
	"constructor calls super":    {init: true, code: "aload_0\ninvokespecial 1\nreturn"},
	"handler":                    {code: "a: sconst_0\ninvokestatic 20\npop\nreturn\nh: athrow", handlers: []cap.Handler{{Start: 0, Length: 5, Stop: true, Handler: 6, Catch: 13}}},
	"switches":                   {code: "sload_0\nstableswitch a -1 1 a a b\na: return\nb: iconst_1\nilookupswitch a 5:a 70000:b"},
	"arrays of each type":        {code: "sconst_1\nnewarray 10\nsconst_0\nbaload\npop\nsconst_1\nnewarray 13\nsconst_0\niconst_1\niastore\nsconst_1\nanewarray 0\nsconst_0\naaload\nsconst_0\ninvokevirtual 11\npop\nreturn"},
	"casts":                      {code: "aconst_null\ncheckcast 12 0\nsconst_0\nsaload\npop\naconst_null\ncheckcast 14 0\nsconst_0\naaload\ngetfield_s 3\npop\nreturn"},
	"interface":                  {code: "aconst_null\ncheckcast 0 16\ninvokeinterface 1 16 1\npop\nreturn"},
	"super method":               {instance: true, code: "aload_0\naload_2\ninvokespecial 12\npop\nreturn"},
	"results":                    {descriptor: "(S[B)I", code: "iconst_3\nireturn"},
	"endless":                    {code: "a: goto a"},
	"throw":                      {code: "new 13\ndup\ninvokespecial 18\nathrow"},
}

func TestAcceptedBytecode(t *testing.T) {
	req.Covers(t, "SPEC-VERIFIER-030", "SPEC-VERIFIER-031", "SPEC-VERIFIER-040", "SPEC-VERIFIER-041")
	for name, p := range accepted {
		f := p.build(t)
		for _, e := range Verify(f, Standard()).Findings {
			t.Errorf("%s: %v", name, e)
		}
		for _, e := range Verify(without(t, f), Standard()).Findings {
			t.Errorf("%s, without Descriptor: %v", name, e)
		}
	}
}

// refused are methods that break one rule each, with what the finding says.
// With kinds set the rule holds without a Descriptor too.
var refused = []struct {
	name  string
	want  string
	kinds bool
	testPackage
}{
	{"stack underflow", "pop: want a word on the stack, got an empty stack", true, testPackage{code: "pop\nreturn"}},
	{"stack overflow", "sconst_1: want at most 1 words of stack, got 2", true, testPackage{code: "sconst_0\nsconst_1\nreturn", stack: 1}},
	{"reference for short", "sadd: want a short, got byte[]", true, testPackage{code: "aload_1\nsload_0\nsadd\npop\nreturn"}},
	{"short for reference", "arraylength: want an array, got a short", true, testPackage{code: "sload_0\narraylength\npop\nreturn"}},
	{"short as object", "invokevirtual: want class 0000, got a short", true, testPackage{code: "sload_0\nsconst_0\ninvokevirtual 11\npop\nreturn"}},
	{"short compared with null", "ifnull: want a reference, got a short", true, testPackage{code: "sload_0\nifnull a\na: return"}},
	{"short stored as reference", "astore_3: want a reference or return address, got a short", true, testPackage{code: "sload_0\nastore_3\nreturn"}},
	{"reference stored as short", "sstore_3: want a short, got", true, testPackage{code: "aload_1\nsstore_3\nreturn"}},
	{"local read as another kind", "aload_2: want a reference in local 2, got a short", true, testPackage{code: "sconst_0\nsstore_2\naload_2\npop\nreturn"}},
	{"local never written", "sload_2: want a short in local 2, got an unusable word", true, testPackage{code: "sload_2\npop\nreturn"}},
	{"local beyond", "sload: want a local variable below 6, got 6", true, testPackage{code: "sload 6\npop\nreturn"}},
	{"local beyond for int", "istore: want local variables below 6, got 6", true, testPackage{code: "iconst_0\nistore 5\nreturn"}},
	{"local differs by way", "sload_2: want a short in local 2, got an unusable word", true, testPackage{code: "sload_0\nifeq a\nsconst_0\nsstore_2\na: sload_2\npop\nreturn"}},
	{"stack differs by way", "want 0 words of stack at", true, testPackage{code: "sload_0\nifeq a\nsconst_0\na: return"}},
	{"half of an int", "pop: want a word that is no half of an int, got an int", true, testPackage{code: "iconst_0\npop\npop\nreturn"}},
	{"int cut by pop2", "pop2: want whole ints, got half of one", true, testPackage{code: "iconst_0\nsconst_0\npop2\npop\nreturn"}},
	{"int cut by dup_x", "dup_x: want whole ints, got half of one", true, testPackage{code: "iconst_0\nsconst_0\ndup_x 0x12\nreturn"}},
	{"int cut by swap_x", "swap_x: want whole ints, got half of one", true, testPackage{code: "iconst_0\nsconst_0\nswap_x 0x11\nreturn"}},
	{"dup_x counts", "dup_x: want m of 1 to 4 and n of 0 or m to m+4, got 51", true, testPackage{code: "sconst_0\ndup_x 0x51\nreturn"}},
	{"swap_x counts", "swap_x: want counts of 1 or 2, got 31", true, testPackage{code: "sconst_0\nswap_x 0x31\nreturn"}},
	{"int local half overwritten", "iload_2: want an int in local 2, got", true, testPackage{code: "iconst_0\nistore_2\nsconst_0\nsstore_3\niload_2\npop2\nreturn"}},
	{"int local half overwritten, upper", "iload_3: want an int in local 3, got", true, testPackage{code: "iconst_0\nistore_3\nsconst_0\nsstore_2\niconst_0\nistore_2\niload_3\npop2\nreturn"}},
	{"sinc of a reference", "sinc: want a short in local 2, got null", true, testPackage{code: "aconst_null\nastore_2\nsinc 2 1\nreturn"}},
	{"iinc of a short", "iinc: want an int in local 0, got a short", false, testPackage{code: "iinc 0 1\nreturn"}},
	{"branch out", "goto: want a target that is an instruction of the method", false, testPackage{code: "goto +100\nreturn"}},
	{"branch into an instruction", "goto: want a target that is an instruction of the method", false, testPackage{code: "goto +3\nsspush 1\npop\nreturn"}},
	{"branch before", "ifeq: want a target that is an instruction of the method", false, testPackage{code: "sload_0\nifeq -50\nreturn"}},
	{"no return", "pop: want an instruction behind it, got the end of the method", false, testPackage{code: "sconst_0\npop"}},
	{"switch out", "stableswitch: want a target that is an instruction of the method", false, testPackage{code: "sload_0\nstableswitch a 1 1 +99\na: return"}},
	{"switch unsorted", "slookupswitch: want rising values, got 5 behind 7", true, testPackage{code: "sload_0\nslookupswitch a 7:a 5:a\na: return"}},
	{"switch twice", "slookupswitch: want rising values, got 7 behind 7", true, testPackage{code: "sload_0\nslookupswitch a 7:a 7:a\na: return"}},
	{"int without flag", "iconst_0: want no int without flag 01", true, testPackage{code: "iconst_0\npop2\nreturn", noInt: true, edit: withoutInt}},
	{"int array without flag", "newarray: want no int without flag 01", true, testPackage{code: "sconst_0\nnewarray 13\npop\nreturn", noInt: true, edit: withoutInt}},
	{"iinc without flag", "iinc: want no int without flag 01", true, testPackage{code: "iinc 2 1\nreturn", noInt: true, edit: withoutInt}},
	{"return kind", "sreturn: want a return of nothing, got one of a short", false, testPackage{code: "sconst_0\nsreturn"}},
	{"return nothing", "return: want a return of a short, got one of nothing", false, testPackage{descriptor: "(S[B)S", code: "return"}},
	{"return kinds differ", "sreturn: want a return of nothing, got one of a short", true, testPackage{code: "sload_0\nifeq a\nreturn\na: sconst_0\nsreturn"}},
	{"return type", "areturn: want class 0000, got byte[]", false, testPackage{descriptor: "(S[B)C", code: "aload_1\nareturn"}},
	{"return of a subroutine", "ret: want a return address in local 0, got a short", false, testPackage{code: "ret 0"}},
	{"subroutine calls itself", "jsr: want a subroutine that does not call itself", true, testPackage{code: "jsr a\nreturn\na: astore_2\njsr a\nret 2"}},
	{"subroutine returns twice", "ret: want the return address of a subroutine that has not returned", true, testPackage{code: "jsr a\nret 2\na: astore_2\nret 2"}},
	{"return address loaded", "aload_2: want a reference in local 2, got a return address", true, testPackage{code: "jsr a\na: astore_2\naload_2\nastore_3\nreturn"}},
	{"return address returned", "areturn", true, testPackage{descriptor: "(S[B)C", code: "jsr a\na: areturn"}},
	{"byte load of short[]", "baload: want boolean[] or byte[], got short[]", true, testPackage{code: "sconst_1\nnewarray 12\nsconst_0\nbaload\npop\nreturn"}},
	{"short load of byte[]", "saload: want short[], got byte[]", true, testPackage{code: "sconst_1\nnewarray 11\nsconst_0\nsaload\npop\nreturn"}},
	{"int store to short[]", "iastore: want int[], got short[]", true, testPackage{code: "sconst_1\nnewarray 12\nsconst_0\niconst_1\niastore\nreturn"}},
	{"reference load of byte[]", "aaload: want an array of references, got byte[]", true, testPackage{code: "sconst_1\nnewarray 11\nsconst_0\naaload\npop\nreturn"}},
	{"reference load of parameter", "aaload: want an array of references, got byte[]", false, testPackage{code: "aload_1\nsconst_0\naaload\npop\nreturn"}},
	{"short into reference array", "aastore: want a reference, got a short", true, testPackage{code: "sconst_1\nanewarray 0\nsconst_0\nsconst_0\naastore\nreturn"}},
	{"array length of an object", "arraylength: want an array, got class 0000", true, testPackage{code: "new 0\ndup\ninvokespecial 2\narraylength\npop\nreturn"}},
	{"newarray type", "newarray: want array type 10 to 13, got 14", true, testPackage{code: "sconst_1\nnewarray 14\npop\nreturn"}},
	{"cast type", "checkcast: want type 0 or 10 to 14, got 9", true, testPackage{code: "aconst_null\ncheckcast 9 0\npop\nreturn"}},
	{"cast index", "checkcast: want index 0 for a primitive array, got 5", true, testPackage{code: "aconst_null\ncheckcast 11 5\npop\nreturn"}},
	{"constant beyond", "new: want a constant below 22, got 22", true, testPackage{code: "new 22\npop\nreturn"}},
	{"constant of another kind", "new: want constant Classref, got constant 3, InstanceFieldref", true, testPackage{code: "new 3\npop\nreturn"}},
	{"method constant of another kind", "invokestatic: want constant StaticMethodref, got constant 11, VirtualMethodref", true, testPackage{code: "invokestatic 11\nreturn"}},
	{"special constant of another kind", "invokespecial: want constant StaticMethodref or SuperMethodref", true, testPackage{code: "invokespecial 11\nreturn"}},
	{"virtual constant of another kind", "invokevirtual: want constant VirtualMethodref", true, testPackage{code: "invokevirtual 12\nreturn"}},
	{"static field as instance field", "getfield_s: want constant InstanceFieldref", true, testPackage{code: "aload_1\ngetfield_s 8\npop\nreturn"}},
	{"field letter", "getstatic_b: want a field of letter s, got b", false, testPackage{code: "getstatic_b 8\npop\nreturn"}},
	{"reference field as short", "getstatic_s: want a field of letter a, got s", true, testPackage{code: "getstatic_s 6\npop\nreturn"}},
	{"short field as reference", "getstatic_a: want a field of letter s, got a", true, testPackage{code: "getstatic_a 8\npop\nreturn"}},
	{"short field as int", "getstatic_i: want a field of letter s, got i", true, testPackage{code: "getstatic_i 8\npop2\nreturn"}},
	{"byte field as short", "getstatic_s: want a field of letter", true, testPackage{code: "getstatic_s 9\npop\nreturn"}},
	{"instance reference as short", "getfield_s_this: want a field of letter a, got s", true, testPackage{instance: true, code: "getfield_s_this 5\npop\nreturn"}},
	{"field of another class", "getfield_s: want class 0000, got byte[]", false, testPackage{code: "aload_1\ngetfield_s 3\npop\nreturn"}},
	{"field of a new array", "putfield_s: want class 0000, got byte[]", true, testPackage{code: "sconst_1\nnewarray 11\nsconst_1\nputfield_s 3\nreturn"}},
	{"field value", "putfield_a: want byte[], got class 0000", false, testPackage{instance: true, code: "aload_0\naload_0\nputfield_a 5\nreturn"}},
	{"field value kind", "putfield_a_this: want", true, testPackage{instance: true, code: "sconst_0\nputfield_a_this 5\nreturn"}},
	{"static field value", "putstatic_a: want class 0000, got byte[]", false, testPackage{code: "aload_1\nputstatic_a 6\nreturn"}},
	{"argument type", "invokestatic: want byte[], got class 0000", false, testPackage{code: "sload_0\ngetstatic_a 6\ninvokestatic 10\npop\nreturn"}},
	{"argument kind", "invokestatic: want a short, got class 0000", true, testPackage{code: "getstatic_a 6\naload_1\ninvokestatic 10\npop\nreturn"}},
	{"argument kind, untyped", "invokestatic: want a short, got", true, testPackage{code: "aload_1\naload_1\ninvokestatic 10\npop\nreturn"}},
	{"argument missing", "invokestatic: want a word on the stack", true, testPackage{code: "aload_1\ninvokestatic 10\npop\nreturn"}},
	{"receiver", "invokevirtual: want class 0000, got byte[]", false, testPackage{code: "aload_1\nsconst_0\ninvokevirtual 11\npop\nreturn"}},
	{"result used as another kind", "ifnull: want a reference, got a short", true, testPackage{code: "sload_0\naload_1\ninvokestatic 10\nifnull a\na: return"}},
	{"static call of a constructor", "invokestatic: want a static method", false, testPackage{code: "invokestatic 2\nreturn"}},
	{"special call of a static method", "invokespecial: want a constructor or private method", false, testPackage{code: "sload_0\naload_1\ninvokespecial 10\nreturn"}},
	{"special call with a short", "invokespecial: want an instance method", true, testPackage{code: "sload_0\naload_1\ninvokespecial 10\npop\nreturn", edit: only(Kinds)}},
	{"constructor twice", "invokespecial: want an uninitialised object", false, testPackage{code: "new 0\ndup\ndup\ninvokespecial 2\ninvokespecial 2\npop\nreturn"}},
	{"constructor of another class", "invokespecial: want a constructor for an uninitialised object", true, testPackage{code: "new 0\ninvokespecial 18\nreturn"}},
	{"object not constructed", "putstatic_a: want", true, testPackage{code: "new 0\nputstatic_a 6\nreturn"}},
	{"method of an object not constructed", "invokevirtual: want class 0000, got an uninitialised object", true, testPackage{code: "new 0\nsconst_0\ninvokevirtual 11\npop\nreturn"}},
	{"object of a loop not constructed", "aload_2: want", true, testPackage{code: "aconst_null\nastore_2\na: new 0\nsload_0\nifeq b\nastore_2\ngoto a\nb: invokespecial 2\naload_2\nputstatic_a 6\nreturn"}},
	{"constructor without super", "return: want a call of a constructor of this on every way, got none", false, testPackage{init: true, code: "return"}},
	{"constructor without super on one way", "return: want a call of a constructor of this on every way, got none", false, testPackage{init: true, code: "sload_1\nifeq a\naload_0\ninvokespecial 2\na: return"}},
	{"constructor that forgets this", "return: want a call of a constructor of this on every way, got none", false, testPackage{init: true, code: "aconst_null\nastore_0\nreturn"}},
	{"this before super", "putstatic_a: want class 0000, got uninitialised this", false, testPackage{init: true, code: "aload_0\nputstatic_a 6\naload_0\ninvokespecial 2\nreturn"}},
	{"abstract class", "new: want a class that is not abstract, got javacard/framework/Applet", true, testPackage{code: "new 14\npop\nreturn"}},
	{"new of an interface", "new: want a class that is not abstract, got javacard/framework/PIN", true, testPackage{code: "new 16\npop\nreturn"}},
	{"protected method", "invokevirtual: want an object of class 0000 for protected javacard/framework/Applet.register()V", false, testPackage{instance: true, code: "aconst_null\ncheckcast 0 14\ninvokevirtual 15\nreturn"}},
	{"interface of a class", "invokeinterface: want an interface, got class 0000", true, testPackage{code: "getstatic_a 6\ninvokeinterface 1 0 0\nreturn"}},
	{"interface token", "invokeinterface: want a method of javacard/framework/PIN, got token 99", true, testPackage{code: "getstatic_a 6\ninvokeinterface 1 16 99\nreturn"}},
	{"interface arguments", "invokeinterface: want 4 words of arguments", true, testPackage{code: "getstatic_a 6\nsconst_0\ninvokeinterface 2 16 0\nreturn"}},
	{"throw of an array", "athrow: want java/lang/Throwable, got byte[]", false, testPackage{code: "aload_1\nathrow"}},
	{"throw of an object", "athrow: want java/lang/Throwable, got class 0000", true, testPackage{code: "new 0\ndup\ninvokespecial 2\nathrow"}},
	{"handler's locals", "sload_2: want a short in local 2, got an unusable word", true, testPackage{code: "sconst_0\nsstore_2\nreturn\nsload_2\npop\npop\nreturn", handlers: []cap.Handler{{Start: 0, Length: 2, Stop: true, Handler: 3}}}},
	{"handler's stack", "sstore_2: want a short, got java/lang/NullPointerException", true, testPackage{code: "sconst_0\npop\nreturn\nsstore_2\nreturn", handlers: []cap.Handler{{Start: 0, Length: 2, Stop: true, Handler: 3, Catch: 13}}}},
	{"handler's catch type", "want a class that extends Throwable, or 0, got 17", true, testPackage{code: "sconst_0\npop\nreturn\npop\nreturn", handlers: []cap.Handler{{Start: 0, Length: 2, Stop: true, Handler: 3, Catch: 17}}}},
	{"handler's range", "exception_handler 0 at 0001: want a range", false, testPackage{code: "sconst_0\npop\nreturn\npop\nreturn", handlers: []cap.Handler{{Start: 0, Length: 200, Stop: true, Handler: 3}}}},
	{"handler's range within an instruction", "want a range of whole instructions", true, testPackage{code: "sspush 1\npop\nreturn\npop\nreturn", handlers: []cap.Handler{{Start: 1, Length: 3, Stop: true, Handler: 5}}}},
	{"handler's target", "exception_handler 0 at 0005: want an instruction of the method", false, testPackage{code: "sconst_0\npop\nreturn\nsspush 1\npop\nreturn", handlers: []cap.Handler{{Start: 0, Length: 2, Stop: true, Handler: 4}}}},
	{"two objects of one new", "putstatic_a: want class 0000, got an unusable word", true, testPackage{code: "jsr s\njsr s\ninvokespecial 2\nputstatic_a 6\nreturn\ns: astore 4\nnew 0\nret 4"}},
	{"local changed in a handler's range", "sload_2: want a short in local 2, got an unusable word", true, testPackage{code: "sconst_0\nsstore_2\naconst_null\nastore_2\nsconst_0\npop\nreturn\nsload_2\npop\npop\nreturn", handlers: []cap.Handler{{Start: 2, Length: 4, Stop: true, Handler: 7}}}},
	{"different arrays meet", "baload: want an array, got java/lang/Object", true, testPackage{code: "sconst_1\nnewarray 11\nastore_2\nsload_0\nifeq a\nsconst_1\nnewarray 12\nastore_2\na: aload_2\nsconst_0\nbaload\npop\nreturn"}},
	{"different arrays meet the other way", "saload: want an array, got java/lang/Object", true, testPackage{code: "sconst_1\nnewarray 12\nastore_2\nsload_0\nifeq a\nsconst_1\nnewarray 11\nastore_2\na: aload_2\nsconst_0\nsaload\npop\nreturn"}},
	{"instructions that overlap", "want an instruction behind the one before, got one within it", true, testPackage{code: "sload_0\nifeq +4\nsspush 0x7A7A\npop\nreturn", edit: only(Kinds)}},
	{"undefined opcode", "want a complete instruction", true, testPackage{code: "nop\nreturn", edit: opcode(0xB9)}},
	{"reserved opcode", "want a complete instruction", true, testPackage{code: "nop\nreturn", edit: opcode(0xFE)}},
}

func TestRefusedBytecode(t *testing.T) {
	req.Covers(t, "SPEC-VERIFIER-002", "SPEC-VERIFIER-032", "SPEC-VERIFIER-033", "SPEC-VERIFIER-034", "SPEC-VERIFIER-035", "SPEC-VERIFIER-036",
		"SPEC-VERIFIER-037", "SPEC-VERIFIER-038", "SPEC-VERIFIER-039", "SPEC-VERIFIER-042", "SPEC-VERIFIER-043", "SPEC-VERIFIER-044",
		"SPEC-VERIFIER-045", "SPEC-VERIFIER-046", "SPEC-VERIFIER-047", "SPEC-VERIFIER-048", "SPEC-VERIFIER-049", "SPEC-VERIFIER-050")
	for _, c := range refused {
		f := c.build(t)
		check := func(form, want string, f *cap.File) {
			r := Verify(f, Standard())
			for _, e := range r.Findings {
				if strings.Contains(e.Error(), want) {
					return
				}
			}
			t.Errorf("%s%s: %v, want %s", c.name, form, r.Findings, want)
		}
		if f.Descriptor != nil {
			check("", c.want, f)
		}
		if c.kinds {
			place, _, _ := strings.Cut(c.want, "want ") // types may be less precise
			check(", without Descriptor", place, without(t, f))
		}
	}
}

// withoutInt takes the int fields away.
func withoutInt(f *cap.File) { f.Descriptor = nil }

// only takes the Descriptor away where a rule is about its absence.
func only(m Mode) func(*cap.File) {
	return func(f *cap.File) {
		if m == Kinds {
			f.Descriptor = nil
		}
	}
}

// opcode puts a byte in place of the last nop.
func opcode(b byte) func(*cap.File) {
	return func(f *cap.File) { f.Method.Info[len(f.Method.Info)-2] = b }
}
