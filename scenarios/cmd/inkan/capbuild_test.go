package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkan/spec/peer"
	"inkan/spec/req"
)

const purse = "../../capbuild/testdata/"

// Class files build without a JDK.
func TestCapBuildClasses(t *testing.T) {
	out := filepath.Join(t.TempDir(), "purse.cap")
	text, err := output(t, "cap", "build", "--out", out, "--classes", purse+"classes")
	for _, want := range []string{"F0696E6B616E5001 1.0", "6 Class", "javacard/framework", "F0696E6B616E500101", "built from 1 class, and verified", "wrote " + out} {
		if err != nil || !strings.Contains(text, want) {
			t.Fatalf("%v, no %q in\n%s", err, want, text)
		}
	}
	if text, err = output(t, "cap", "run", out, "--apdu", "8030000002"); err != nil || !strings.Contains(text, "< 00009000") {
		t.Errorf("%v\n%s", err, text)
	}
	text, err = output(t, "cap", "build", "--json", "--out", out, "--aid", "F0:69:6E:6B:61:01", "--version", "2.1", "--api", "javacard.framework=1.2",
		"--applet", "F0696E6B6199=PurseApplet", purse+"classes")
	var r struct {
		Verified   bool
		Inspection struct {
			Package, Version string
			Imports          []struct{ Name, Version string }
			Applets          []struct{ AID string }
		}
	}
	if err != nil || json.Unmarshal([]byte(text), &r) != nil || !r.Verified || r.Inspection.Package != "F0696E6B6101" || r.Inspection.Version != "2.1" || r.Inspection.Applets[0].AID != "F0696E6B6199" {
		t.Fatalf("%v %+v\n%s", err, r, text)
	}
	for _, i := range r.Inspection.Imports {
		if i.Name == "javacard/framework" && i.Version != "1.2" {
			t.Errorf("imports %+v", i)
		}
	}
}

// Where a CAP file is taken, so is a folder.
func TestCapFolders(t *testing.T) {
	for _, line := range []string{"cap inspect ", "cap verify ", "cap link ", "cap run --apdu 8030000002 "} {
		if got := run(strings.Fields(line + purse + "classes")); got != 0 {
			t.Errorf("inkan %s: exit code %d", line, got)
		}
	}
}

func TestCapBuildExitCodes(t *testing.T) {
	req.Covers(t, "SPEC-BUILD-CAP-002", "SPEC-BUILD-CAP-007", "SPEC-BUILD-CAP-012")
	t.Chdir(t.TempDir())
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	classes := t.TempDir()
	raw, err := os.ReadFile(filepath.Join(examples, "classes/inkan/example/purse/PurseApplet.class"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(classes+"/PurseApplet.class", raw, 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]int{
		"cap build": 2, "cap build --aid F0 " + classes: 2, "cap build --applet F0696E6B6101 " + classes: 2,
		"cap build --version x " + classes: 2, "cap build --api x=1.0 " + classes: 2,
		"cap build " + classes: 1, "cap build --aid F0696E6B61 " + classes: 1, "cap build nowhere": 1,
		"cap build --aid F0696E6B61 --applet F0696E6B6101=PurseApplet --exp x.exp " + classes: 1,
		"cap build " + filepath.Join(examples, "refused"):                                     1,
	} {
		if got := run(strings.Fields(line)); got != want {
			t.Errorf("inkan %s: exit code %d, want %d", line, got, want)
		}
	}
	if left, _ := os.ReadDir(here); len(left) != 0 {
		t.Errorf("wrote %v", left)
	}
	if got := run(strings.Fields("cap build --library --aid F0696E6B61 " + classes)); got != 0 {
		t.Errorf("as a library: exit code %d", got)
	}
	if _, err := os.Stat("purse.cap"); err != nil {
		t.Error(err)
	}
}

// examples is the folder of examples, wherever a test goes.
var examples, _ = filepath.Abs(purse)

func TestCapBuildSources(t *testing.T) {
	peer.Need(t, "javac")
	dir := t.TempDir()
	text, err := output(t, "cap", "build", "--out", dir+"/lib.cap", "--exp", dir+"/lib.exp", purse+"lib")
	if err != nil || !strings.Contains(text, "built from 1 class of 1 source file") || !strings.Contains(text, "wrote "+dir+"/lib.exp") {
		t.Fatalf("%v\n%s", err, text)
	}
	text, err = output(t, "cap", "run", purse+"lib", purse+"user", "--apdu", "8000070002")
	if err != nil || !strings.Contains(text, "< 00469000") {
		t.Errorf("%v\n%s", err, text)
	}
	text, err = output(t, "cap", "build", "--out", dir+"/user.cap", "--aid", "F0696E6B616E5003", "--applet", "F0696E6B616E500301=UserApplet",
		"--import", dir+"/lib.exp", purse+"user/UserApplet.java")
	if err != nil || !strings.Contains(text, "not verified") {
		t.Errorf("%v\n%s", err, text)
	}
}
