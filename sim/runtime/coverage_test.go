package runtime

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"testing"

	"inkan/core/jcapi"
	"inkan/sim/vm"
	"inkan/spec/req"
)

// notHere are members that public CAP files import and that this room does not
// bind, by prefix, with the reason.
var notHere = map[string]string{
	"sim/toolkit/": "2G toolkit: the card operating system's",
	"uicc/":        "UICC toolkit and file access: the card operating system's",
	"javacard/security/InitializedMessageDigest$OneShot": "since Java Card 3.1",
	"javacard/security/MessageDigest$OneShot":            "since Java Card 3.1",
	"javacard/security/RandomData$OneShot":               "since Java Card 3.1",
	"javacard/security/Signature$OneShot":                "since Java Card 3.1",
	"javacardx/crypto/Cipher$OneShot":                    "since Java Card 3.1",
}

// bound tells whether a member has a body, its own or an inherited one.
func bound(apis []*vm.APIPackage, static bool, class, name, descriptor string) bool {
	for _, p := range apis {
		for _, c := range p.Classes {
			if c.Name != class {
				continue
			}
			for k := c; k != nil; k = k.Super {
				methods := k.Virtual
				if static {
					methods = k.Static
				}
				for _, n := range methods {
					if n.Name == name && n.Descriptor == descriptor && (n.Func != nil || abstract(k.Name, name, descriptor)) {
						return true
					}
				}
				if static {
					break
				}
			}
		}
	}
	return false
}

func abstract(class, name, descriptor string) bool {
	m := jcapi.ClassByName(class).MethodNamed(name, descriptor)
	return m != nil && m.Access&jcapi.Abstract != 0
}

// TestCoverage checks the API against what public CAP files import.
func TestCoverage(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-001", "SPEC-RUNTIME-002")
	f, err := os.Open("testdata/api-usage.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	apis, members, uses, boundMembers, boundUses := API(), 0, 0, 0, 0
	for s := bufio.NewScanner(f); s.Scan(); {
		if strings.HasPrefix(s.Text(), "#") {
			continue
		}
		words := strings.Fields(s.Text())
		n, _ := strconv.Atoi(words[0])
		member := words[2]
		open := strings.IndexByte(member, '(')
		dot := strings.LastIndexByte(member[:open], '.')
		members, uses = members+1, uses+n
		if bound(apis, words[1] == "static", member[:dot], member[dot+1:open], member[open:]) {
			boundMembers, boundUses = boundMembers+1, boundUses+n
			continue
		}
		if !excused(member) {
			t.Errorf("%s: imported by %d files and not bound", member, n)
		}
	}
	t.Logf("%d of %d members, %d of %d uses", boundMembers, members, boundUses, uses)
}

func excused(member string) bool {
	for prefix := range notHere {
		if strings.HasPrefix(member, prefix) {
			return true
		}
	}
	return false
}

// TestUnbound lists what a package could import and not link to, by class.
func TestUnbound(t *testing.T) {
	for _, p := range API() {
		var bad []string
		total := 0
		known := jcapi.ByName(p.Name)
		for _, c := range p.Classes {
			if known == nil {
				continue
			}
			for _, m := range known.ClassNamed(c.Name[strings.LastIndexByte(c.Name, '/')+1:]).Methods {
				if m.Since > p.Version.Minor {
					continue
				}
				total++
				if !bound(API(), m.Static, c.Name, m.Name, m.Descriptor) && c.Access&jcapi.Interface == 0 {
					bad = append(bad, strings.TrimPrefix(c.Name, p.Name+"/")+"."+m.Name+m.Descriptor)
				}
			}
		}
		t.Logf("%s %d.%d: %d of %d methods; not bound: %s", p.Name, p.Version.Major, p.Version.Minor, total-len(bad), total, strings.Join(bad, " "))
	}
}
