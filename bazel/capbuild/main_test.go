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

const lib = "package a.lib; public class Coins { public static short twice(short n) { return (short) (n * 2); } }"

const user = "package a.user; import a.lib.Coins; import javacard.framework.*;" +
	"public class User extends Applet {" +
	" public static void install(byte[] b, short o, byte l) { new User().register(); }" +
	" public void process(APDU apdu) { ISOException.throwIt(Coins.twice((short) 3)); } }"

func file(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRun(t *testing.T) {
	program := peer.Need(t, "javac")
	dir := t.TempDir()
	out := func(name string) string { return filepath.Join(dir, name) }
	err := run([]string{"-javac", program, "-project", file(t, dir, "lib.json", `{"aid": "F0696E6B6101"}`),
		"-out", out("lib.cap"), "-exp", out("lib.exp"), file(t, dir, "Coins.java", lib)})
	if err != nil {
		t.Fatal(err)
	}
	source := file(t, dir, "User.java", user)
	p := file(t, dir, "user.json", `{"aid": "F0696E6B6102", "applets": [{"aid": "F0696E6B610201", "class": "User"}]}`)
	var first []byte
	for range 2 {
		err = run([]string{"-javac", program, "-project", p, "-out", out("user.cap"), "-exp", out("user.exp"),
			"-import", out("lib.exp") + "," + out("lib.cap"), source})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(out("user.cap"))
		if err != nil {
			t.Fatal(err)
		}
		if f, err := cap.Open(raw); err != nil || len(f.Applets) != 1 {
			t.Error(err)
		}
		if first != nil && !bytes.Equal(first, raw) {
			t.Error("two runs differ")
		}
		first = raw
	}
}

func TestRunRefuses(t *testing.T) {
	req.Covers(t, "SPEC-BUILD-CAP-001", "SPEC-BUILD-CAP-006")
	dir := t.TempDir()
	for text, want := range map[string]string{
		`{"aids": ""}`:           "unknown field",
		`{"imports": ["a.exp"]}`: "imports are attributes of the rule",
	} {
		err := run([]string{"-project", file(t, dir, "cap.json", text), "-out", dir + "/x.cap"})
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
