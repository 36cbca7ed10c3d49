package jcapi

import (
	"encoding/hex"
	"strings"
	"testing"
)

func TestPackages(t *testing.T) {
	if n := len(Packages()); n != 46 {
		t.Errorf("%d packages, want 46", n)
	}
	for _, p := range Packages() {
		if len(p.AID) < 5 || ByName(p.Name) == nil || ByAID(p.AID, p.Major) == nil {
			t.Errorf("%s %X", p.Name, p.AID)
		}
		for _, c := range p.Classes {
			checkClass(t, c)
		}
	}
}

func checkClass(t *testing.T, c *Class) {
	if c.Super != "" && ClassByName(c.Super) == nil {
		t.Errorf("%s: no superclass %s", c.FullName(), c.Super)
	}
	for _, i := range c.Interfaces {
		if found := ClassByName(i); found == nil || found.Access&Interface == 0 {
			t.Errorf("%s: no interface %s", c.FullName(), i)
		}
	}
	if c.Since > c.Package.Minor {
		t.Errorf("%s: since %d.%d of %d.%d", c.FullName(), c.Package.Major, c.Since, c.Package.Major, c.Package.Minor)
	}
	seen := map[[2]byte]bool{}
	for _, m := range c.Methods {
		key := [2]byte{m.Token, 0}
		if m.Static {
			key[1] = 1
		}
		if seen[key] {
			t.Errorf("%s: method token %v twice", c.FullName(), key)
		}
		seen[key] = true
		if !strings.HasPrefix(m.Descriptor, "(") || m.Static != (m.Access&Static != 0 || m.Name == "<init>") {
			t.Errorf("%s.%s%s: %+v", c.FullName(), m.Name, m.Descriptor, m)
		}
	}
}

// The tokens that every applet depends on.
func TestAppletTokens(t *testing.T) {
	aid, _ := hex.DecodeString("A0000000620101")
	applet := ByAID(aid, 1).Class(3)
	if applet.FullName() != "javacard/framework/Applet" || applet.Super != "java/lang/Object" {
		t.Fatal(applet.FullName(), applet.Super)
	}
	for token, name := range map[byte]string{1: "register", 2: "register", 3: "selectingApplet", 4: "deselect", 5: "getShareableInterfaceObject", 6: "select", 7: "process"} {
		if m := applet.Method(false, token); m == nil || m.Name != name {
			t.Errorf("virtual method %d is %+v, want %s", token, m, name)
		}
	}
	if m := applet.MethodNamed("install", "([BSB)V"); m == nil || !m.Static || m.Token != 1 {
		t.Errorf("install is %+v", m)
	}
}

func TestParseRefuses(t *testing.T) {
	const head = "package p/q A000000001 1.0\nclass 0 C 0 P java/lang/Object -\n"
	if _, err := parse([]byte(head + " virtual 0 m ()V 0 P\n")); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"class 0 C 0 P - -\n", "package p XY 1.0\n", "package p A0 1.x\n", head + " virtual 256 m ()V 0 P\n",
		head + " virtual 0 m ()V 0 Q\n", head + " method 0 m ()V 0 P\n", head + " const C B zwei 0\n", head + "\n nothing\n",
	} {
		if _, err := parse([]byte(bad)); err == nil || !strings.Contains(err.Error(), "line ") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
