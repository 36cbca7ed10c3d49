package security

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"inkan/core/jcapi"
	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
	"inkan/spec/req"
)

// outside are members that the packages have and the platform does not, each a
// link error by its name.
var outside = []string{}

// Every method of the two packages in the version on the card is bound, is an
// interface's or abstract, or is listed in outside.
func TestEveryMethodIsBound(t *testing.T) {
	req.Covers(t, "SPEC-TIMING-030")
	bound := boundMethods(testAPI())
	var missing []string
	total := 0
	for _, v := range Versions {
		for _, class := range jcapi.ByName(v.Name).Classes {
			if class.Since > v.Minor || class.Access&jcapi.Interface != 0 {
				continue
			}
			for _, m := range class.Methods {
				if m.Since > v.Minor || m.Access&jcapi.Abstract != 0 && !m.Static {
					continue
				}
				total++
				if key := class.FullName() + "." + m.Name + m.Descriptor; !isBound(bound, class, &m) {
					missing = append(missing, key)
				}
			}
		}
	}
	slices.Sort(missing)
	if !slices.Equal(missing, outside) {
		t.Errorf("not bound: %s", strings.Join(missing, "\n"))
	}
	t.Logf("%d of %d concrete methods of javacard.security 1.6 and javacardx.crypto 1.6 are bound", total-len(missing), total)
}

// boundMethods is what has a body, by class, name and descriptor.
func boundMethods(api []*vm.APIPackage) map[string]bool {
	out := map[string]bool{}
	for _, p := range api {
		for _, class := range p.Classes {
			for _, list := range []map[byte]*vm.Native{class.Virtual, class.Static} {
				for _, n := range list {
					if n.Func != nil {
						out[class.Name+"."+n.Name+n.Descriptor] = true
					}
				}
			}
		}
	}
	return out
}

// isBound looks in the class and its superclasses. java/lang/Object and
// CardRuntimeException are the framework's.
func isBound(bound map[string]bool, class *jcapi.Class, m *jcapi.Method) bool {
	for c := class; c != nil; c = jcapi.ClassByName(c.Super) {
		switch {
		case bound[c.FullName()+"."+m.Name+m.Descriptor]:
			return true
		case !m.Static && (c.Super == "java/lang/Object" && m.Name == "equals" || c.Super == "javacard/framework/CardRuntimeException" && strings.HasSuffix(m.Name, "Reason")):
			return true
		}
	}
	return false
}

// The members that public CAP files import are there.
func TestUsedMembers(t *testing.T) {
	f, err := os.Open(filepath.Join("testdata", "api-usage.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	bound := boundMethods(testAPI())
	used, there := 0, 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) != 3 || words[1] == "class" {
			continue
		}
		name, method, _ := strings.Cut(words[2], ".")
		at := strings.IndexByte(method, '(')
		class := jcapi.ClassByName(name)
		if class == nil {
			t.Errorf("no class %s", name)
			continue
		}
		used++
		m := class.MethodNamed(method[:at], method[at:])
		if m == nil || m.Access&jcapi.Abstract == 0 && !isBound(bound, class, m) {
			t.Errorf("%s is used by %s CAP files and not there", words[2], words[0])
			continue
		}
		there++
	}
	if used == 0 {
		t.Fatal("no members")
	}
	t.Logf("%d of %d members that public CAP files use are there", there, used)
}

// An abstract method is there when a class of the platform implements it.
func TestAbstractMethodsAreImplemented(t *testing.T) {
	bound := boundMethods(testAPI())
	for abstract, platform := range map[string]string{
		cipherName: platformName, signatureName: platformSig, digestName: "inkan/platform/MessageDigest",
		initializedName: "inkan/platform/InitializedMessageDigest", randomName: "inkan/platform/RandomData",
		agreementName: "inkan/platform/KeyAgreement", checksumName: "inkan/platform/Checksum",
	} {
		for _, m := range jcapi.ClassByName(abstract).Methods {
			if key := platform + "." + m.Name + m.Descriptor; m.Access&jcapi.Abstract != 0 && m.Since <= 6 && !bound[key] {
				t.Errorf("no %s", key)
			}
		}
	}
	for _, k := range kinds {
		for _, m := range jcapi.ClassByName("javacard/security/" + k.api).Methods {
			if key := "inkan/platform/" + k.class + "." + m.Name + m.Descriptor; !bound[key] && m.Since <= 6 {
				t.Errorf("no %s", key)
			}
		}
	}
	if binding.Class(cipherName) != classCipher {
		t.Error("identity")
	}
}
