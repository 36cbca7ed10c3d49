package capbuild_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkan/core/capc/project"
	"inkan/scenarios/capbuild"
	"inkan/scenarios/capfile"
	"inkan/spec/peer"
	"inkan/spec/req"
)

func built(t *testing.T, in capbuild.Input) *capbuild.Built {
	t.Helper()
	b, err := capbuild.Build(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// answers runs CAP files on a card and returns the responses to the commands.
func answers(t *testing.T, caps [][]byte, commands ...[]byte) string {
	t.Helper()
	var names []string
	for i, c := range caps {
		names = append(names, filepath.Join(t.TempDir(), string(rune('a'+i))+".cap"))
		if err := os.WriteFile(names[i], c, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := capfile.NewSession(names, false, false)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, step := range s.Run(nil, commands) {
		if step.Error != "" {
			t.Fatalf("%s %s: %s", step.What, step.Name, step.Error)
		}
		if step.What == "apdu" {
			list = append(list, step.Response)
		}
	}
	return strings.Join(list, " ")
}

var (
	balance = []byte{0x80, 0x30, 0, 0, 2}
	credit  = []byte{0x80, 0x40, 0, 0, 2, 1, 0x2C}
)

// Class files need no JDK.
func TestClassFiles(t *testing.T) {
	req.Covers(t, "SPEC-BUILD-CAP-009")
	b := built(t, capbuild.Input{Paths: []string{"testdata/classes"}})
	if !b.Verified || b.Sources != 0 || b.Statistics.Classes != 1 || b.Project.Package != "inkan.example.purse" {
		t.Errorf("%+v", b)
	}
	if got := answers(t, [][]byte{b.CAP}, balance, credit, balance); got != "9000 00009000 9000 012C9000" {
		t.Error(got)
	}
	class, err := os.ReadFile("testdata/classes/inkan/example/purse/PurseApplet.class")
	if err != nil {
		t.Fatal(err)
	}
	jar := filepath.Join(t.TempDir(), "purse.jar")
	var z bytes.Buffer
	w := zip.NewWriter(&z)
	for _, name := range []string{"META-INF/versions/9/inkan/Other.class", "inkan/example/purse/PurseApplet.class"} {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		f.Write(class)
	}
	w.Close()
	if err := os.WriteFile(jar, z.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, paths := range [][]string{
		{"testdata/classes"}, {jar, "testdata/classes/cap.json"}, {"testdata/classes/cap.json", "testdata/classes/inkan/example/purse/PurseApplet.class"},
	} {
		if again := built(t, capbuild.Input{Paths: paths}); !bytes.Equal(again.CAP, b.CAP) {
			t.Errorf("%v give other bytes", paths)
		}
	}
}

func TestInputsRefused(t *testing.T) {
	req.Covers(t, "SPEC-BUILD-CAP-004")
	empty, notes := t.TempDir(), filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(notes, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		paths []string
		want  string
	}{
		{[]string{empty}, "no .java or .class file there"},
		{[]string{empty + "/nowhere"}, "no such file"},
		{[]string{"testdata/classes", "testdata/purse"}, "two project files: testdata/classes/cap.json and testdata/purse/cap.json"},
		{[]string{"testdata/classes", "testdata/purse/PurseApplet.java"}, "both testdata/purse/PurseApplet.java and testdata/classes/inkan/example/purse/PurseApplet.class"},
		{[]string{notes}, "notes.txt: want a folder"},
	} {
		if _, err := capbuild.Build(t.Context(), capbuild.Input{Paths: c.paths}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %s", c.paths, err, c.want)
		}
	}
}

// An archive of a few kilobytes may hold gigabytes.
func TestArchiveBomb(t *testing.T) {
	var z bytes.Buffer
	w := zip.NewWriter(&z)
	zeros := make([]byte, 1<<24)
	for i := range 5 {
		f, err := w.Create(string(rune('A'+i)) + ".class")
		if err != nil {
			t.Fatal(err)
		}
		f.Write(zeros)
	}
	w.Close()
	jar := filepath.Join(t.TempDir(), "bomb.jar")
	if err := os.WriteFile(jar, z.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := capbuild.Build(t.Context(), capbuild.Input{Paths: []string{jar}}); err == nil || !strings.Contains(err.Error(), "class files of more than 67108864 bytes") {
		t.Error(err)
	}
}

func TestOptionsWin(t *testing.T) {
	req.Covers(t, "SPEC-BUILD-CAP-003", "SPEC-BUILD-CAP-013")
	aid := []byte{0xF0, 0x69, 0x6E, 0x6B, 0x61, 9}
	b := built(t, capbuild.Input{Paths: []string{"testdata/classes"}, Project: project.Project{AID: aid, API: map[string]byte{"javacard/framework": 2}}})
	if !bytes.Equal(b.File.Header.Package.AID, aid) || len(b.File.Applets) != 1 {
		t.Errorf("%+v", b.File.Header)
	}
	for _, p := range b.File.Imports {
		if len(p.AID) == 7 && p.AID[5] == 1 && p.AID[6] == 1 && p.Version.Minor != 2 {
			t.Errorf("imports %s", p)
		}
	}
}

func TestBrokenClass(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/A.class", []byte{0xCA, 0xFE, 0xBA}, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := capbuild.Build(t.Context(), capbuild.Input{Paths: []string{dir}}); err == nil || !strings.Contains(err.Error(), "A.class: ") {
		t.Error(err)
	}
}

// Without javac the message says what to install.
func TestNoJavac(t *testing.T) {
	req.Covers(t, "SPEC-BUILD-CAP-010")
	t.Setenv("PATH", t.TempDir())
	t.Setenv("JAVA_HOME", "")
	if _, err := capbuild.Build(t.Context(), capbuild.Input{Paths: []string{"testdata/purse"}}); err == nil || !strings.Contains(err.Error(), "apt-get install default-jdk-headless") {
		t.Error(err)
	}
}

// fakeJavac makes a program that says something and fails.
func fakeJavac(t *testing.T, home, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(home, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "bin", "javac"), []byte("#!/bin/sh\necho '"+text+"'\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestJavacMessages(t *testing.T) {
	req.Covers(t, "SPEC-BUILD-CAP-010", "SPEC-BUILD-CAP-011")
	home := t.TempDir()
	t.Setenv("JAVA_HOME", home)
	for text, want := range map[string]string{
		"A.java:1: error: what":                             "bin/javac refuses the sources:\nA.java:1: error: what",
		"error: invalid flag: --release":                    "This JDK is older than 11",
		"error: release version 8 not supported":            "install one from 11 to 25",
		"A.java:3: error: package a.b.lib does not exist":   "If a.b.lib is a library of yours, give its export file",
		"A.java:3: error: package javax.xml does not exist": `or "imports" in cap.json`,
	} {
		fakeJavac(t, home, text)
		if _, err := capbuild.Build(t.Context(), capbuild.Input{Paths: []string{"testdata/purse"}}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), text) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// A file whose name looks like an option is a source like any other: javac would
// run the code that -J names.
func TestJavacOptionsAsNames(t *testing.T) {
	req.Covers(t, "SPEC-BUILD-CAP-010")
	home := t.TempDir()
	t.Setenv("JAVA_HOME", home)
	t.Chdir(t.TempDir())
	for _, name := range []string{"-J-javaagent:agent.jar=x.java", "@options.java"} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fakeJavac(t, home, "'$*'")
	_, err := capbuild.Build(t.Context(), capbuild.Input{Paths: []string{"."}, Project: project.Project{AID: []byte("inkan")}})
	if err == nil || !strings.Contains(err.Error(), " ./-J-javaagent:agent.jar=x.java ./@options.java") {
		t.Error(err)
	}
}

func TestSources(t *testing.T) {
	peer.Need(t, "javac")
	b := built(t, capbuild.Input{Paths: []string{"testdata/purse"}})
	if b.Sources != 1 || !b.Verified {
		t.Errorf("%+v", b)
	}
	if got := answers(t, [][]byte{b.CAP}, balance, credit, balance); got != "9000 00009000 9000 012C9000" {
		t.Error(got)
	}
}

// A library comes as a folder, or as its export file.
func TestLibrary(t *testing.T) {
	peer.Need(t, "javac")
	lib := built(t, capbuild.Input{Paths: []string{"testdata/lib"}})
	user := built(t, capbuild.Input{Paths: []string{"testdata/user"}})
	if !user.Verified {
		t.Error("not verified")
	}
	commands := [][]byte{{0x80, 0, 7, 0, 2}, {0x80, 0, 200, 0, 2}}
	if got := answers(t, [][]byte{lib.CAP, user.CAP}, commands...); got != "9000 00469000 01F49000" {
		t.Error(got)
	}
	export := filepath.Join(t.TempDir(), "lib.exp")
	if err := os.WriteFile(export, lib.Export, 0o600); err != nil {
		t.Fatal(err)
	}
	again := built(t, capbuild.Input{
		Paths:   []string{"testdata/user/UserApplet.java"},
		Project: project.Project{AID: user.Project.AID, Applets: user.Project.Applets, Imports: []string{export}},
	})
	if again.Verified || !bytes.Equal(again.CAP, user.CAP) {
		t.Error("the export file gives another package")
	}
}

// What the converter refuses has class and line.
func TestRefusal(t *testing.T) {
	req.Covers(t, "SPEC-BUILD-CAP-012")
	b, err := capbuild.Build(t.Context(), capbuild.Input{Paths: []string{"testdata/refused"}})
	if err == nil || b != nil || !strings.Contains(err.Error(), "inkan/example/refused/Wide.f()V, line 5") {
		t.Error(err)
	}
}
