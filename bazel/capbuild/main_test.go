package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkan/core/cap"
	"inkan/spec/peer"
	"inkan/spec/req"
)

// TestRun builds the two packages of testdata. Under Bazel the rule has built
// them, too, and both are the same.
func TestRun(t *testing.T) {
	program := peer.Need(t, "javac")
	dir := t.TempDir()
	build := func(name string, args ...string) []byte {
		args = append([]string{"-javac", program, "-project", "testdata/" + name + "/cap.json",
			"-out", filepath.Join(dir, name+".cap"), "-exp", filepath.Join(dir, name+".exp")}, args...)
		if err := run(args); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(filepath.Join(dir, name+".cap"))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	lib := build("lib", "testdata/lib/Coins.java")
	user := build("user", "-import", filepath.Join(dir, "lib.exp")+","+filepath.Join(dir, "lib.cap"), "testdata/user/User.java")
	if f, err := cap.Open(user); err != nil || len(f.Applets) != 1 {
		t.Error(err)
	}
	if os.Getenv("TEST_TARGET") == "" {
		return // not under Bazel
	}
	for name, want := range map[string][]byte{"lib.cap": lib, "user.cap": user} {
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s of the rule differs: %v", name, err)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	req.Covers(t, "SPEC-BUILD-CAP-001")
	dir := t.TempDir()
	for text, want := range map[string]string{
		`{"aids": ""}`:           "unknown field",
		`{"imports": ["a.exp"]}`: "imports are attributes of the rule",
	} {
		if err := os.WriteFile(dir+"/cap.json", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := run([]string{"-project", dir + "/cap.json", "-out", dir + "/x.cap"})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if err := run([]string{"-project", dir + "/nowhere.json"}); err == nil {
		t.Error("no project file")
	}
	if _, err := os.Stat(dir + "/x.cap"); err == nil {
		t.Error("wrote a file")
	}
}
