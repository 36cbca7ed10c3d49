package peer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// fake is a testing.TB that remembers how the test ended.
type fake struct {
	testing.TB
	folder          string
	skipped, failed string
}

func (f *fake) Helper()                  {}
func (f *fake) Context() context.Context { return context.Background() }
func (f *fake) TempDir() string          { return f.folder }

func (f *fake) Skipf(format string, args ...any) {
	f.skipped = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (f *fake) Fatalf(format string, args ...any) {
	f.failed = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// with runs a test's body to its end, however it ends.
func with(t *testing.T, body func(t testing.TB)) *fake {
	f := &fake{folder: t.TempDir()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		body(f)
	}()
	<-done
	return f
}

// programs replaces where programs are looked for by a new folder.
func programs(t *testing.T) string {
	folder := t.TempDir()
	old := folders
	folders = []string{folder}
	t.Cleanup(func() { folders = old })
	t.Setenv("PATH", "")
	return folder
}

func install(t *testing.T, folder, program, script string) {
	if err := os.WriteFile(filepath.Join(folder, program), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestNeedMissing(t *testing.T) {
	programs(t)
	need := func(t testing.TB) { Need(t, "pkcs11-tool") }
	t.Setenv("INKAN_REQUIRE_PEERS", "")
	if f := with(t, need); f.skipped != "peer: pkcs11-tool is not installed (Debian package opensc)" || f.failed != "" {
		t.Errorf("%+v", f)
	}
	t.Setenv("INKAN_REQUIRE_PEERS", "1")
	if f := with(t, need); f.failed != "peer: pkcs11-tool is not installed (Debian package opensc), and INKAN_REQUIRE_PEERS is 1" || f.skipped != "" {
		t.Errorf("%+v", f)
	}
}

func TestNeedUnknown(t *testing.T) {
	install(t, programs(t), "hope", "true")
	if f := with(t, func(t testing.TB) { Need(t, "hope") }); !strings.Contains(f.failed, "no Debian package is known for hope") {
		t.Errorf("%+v", f)
	}
}

func TestNeedFinds(t *testing.T) {
	folder := programs(t)
	install(t, folder, "openssl", "true")
	other := t.TempDir()
	install(t, other, "openssl", "true")
	install(t, other, "tshark", "true")
	t.Setenv("PATH", other)
	if got := Need(t, "openssl"); got != filepath.Join(folder, "openssl") {
		t.Errorf("PATH won: %s", got)
	}
	if got := Need(t, "tshark"); got != filepath.Join(other, "tshark") {
		t.Error(got)
	}
	if err := os.Chmod(filepath.Join(folder, "openssl"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := Need(t, "openssl"); got != filepath.Join(other, "openssl") {
		t.Errorf("a file that nobody may execute was found: %s", got)
	}
}

func TestRun(t *testing.T) {
	folder := programs(t)
	install(t, folder, "openssl", `cat; echo "$@ $LC_ALL" $(ls -A | wc -l); echo oops >&2`)
	if got := string(Run(t, []byte("in "), "openssl", "a", "b c")); got != "in a b c C 0\n" {
		t.Errorf("%q", got)
	}
	install(t, folder, "openssl", "cat; echo oops >&2; exit 3")
	out, err, status := Try(t, []byte("in"), "openssl")
	if string(out) != "in" || string(err) != "oops\n" || status != 3 {
		t.Errorf("%q %q %d", out, err, status)
	}
	f := with(t, func(t testing.TB) { Run(t, nil, "openssl", "x") })
	if want := "peer: openssl [\"x\"] ended with 3:\noops\n"; f.failed != want {
		t.Errorf("%q, want %q", f.failed, want)
	}
}
