package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The default story: the program says what happened, writes the page, and takes at
// most ten seconds.
func TestDefaultStory(t *testing.T) {
	name := filepath.Join(t.TempDir(), "run.html")
	began := time.Now()
	out, err := output(t, "--seed", "1", "--html", name)
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	for _, want := range []string{"SP-TSM", "MNO-TSM", "bank"} {
		if !strings.Contains(out, want) {
			t.Errorf("the output does not speak of %s:\n%s", want, out)
		}
	}
	html, err := os.ReadFile(name)
	if err != nil || !bytes.Contains(html, []byte("<html")) {
		t.Errorf("%v, %d bytes", err, len(html))
	}
}

// The same seed gives the same run, to the byte; another seed another one.
func TestRunIsRepeatable(t *testing.T) {
	once, err := output(t, "run", "everyday", "--seed", "5", "--json")
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid([]byte(once)) {
		t.Error("that is no JSON")
	}
	again, _ := output(t, "run", "everyday", "--seed", "5", "--json")
	other, _ := output(t, "run", "everyday", "--seed", "6", "--json")
	if once != again {
		t.Error("two runs with one seed differ")
	}
	if once == other {
		t.Error("two seeds give one run")
	}
}

func TestRunNames(t *testing.T) {
	list, err := output(t, "run", "--list")
	if err != nil || !strings.Contains(list, "everyday") || !strings.Contains(list, "dead-network") {
		t.Errorf("%v: %s", err, list)
	}
	if code := run([]string{"run", "nonesuch"}); code != 2 {
		t.Errorf("exit code %d for a story that is none, want 2", code)
	}
}

// Where a page cannot go is said before anything is played.
func TestRunPagePlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"want a file":     {"run", "loss", "--html", t.TempDir()},
		"not a directory": {"run", "loss", "pin", "--html", file},
	} {
		out, err := output(t, args...)
		if err == nil || !strings.Contains(err.Error(), want) || out != "" {
			t.Errorf("%v: %v, %d bytes printed", args, err, len(out))
		}
	}
}
