// Package peer runs foreign programs that tests compare this code with: an
// independent implementation says the same, or one of the two is wrong.
//
// A test that needs a peer is skipped where the peer is not installed, and
// fails instead when INKAN_REQUIRE_PEERS is 1, as on a machine that is to check
// everything. Because it may be skipped it satisfies no requirement by itself.
//
// It must not know what is compared. It implements spec/README.md §Citing a
// requirement.
package peer

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// packages maps each program to the Debian 12 package that has it.
var packages = map[string]string{
	"chromium":        "chromium",
	"ip":              "iproute2",
	"env":             "coreutils",
	"java":            "default-jre-headless",
	"javac":           "default-jdk-headless",
	"javap":           "default-jdk-headless",
	"opensc-explorer": "opensc",
	"opensc-tool":     "opensc",
	"openssl":         "openssl",
	"pcsc_scan":       "pcsc-tools",
	"pcscd":           "pcscd",
	"pkcs11-tool":     "opensc",
	"pkcs15-tool":     "opensc",
	"python3":         "python3",
	"scriptor":        "pcsc-tools",
	"sigrok-cli":      "sigrok-cli",
	"softhsm2-util":   "softhsm2",
	"tshark":          "tshark",
	"unshare":         "util-linux",
	"vcd2fst":         "gtkwave",
	"vpcd-config":     "vsmartcard-vpcd",
}

// folders are looked into before PATH, so that the distribution's program wins
// over one that a user put in front of it.
var folders = []string{"/usr/bin", "/usr/sbin", "/bin"}

// Need returns the path of a program. Where it is not installed the test is
// skipped, or fails under INKAN_REQUIRE_PEERS=1, with a message that names the
// Debian package. A program that is not in the table above fails the test.
func Need(t testing.TB, program string) string {
	t.Helper()
	debian, ok := packages[program]
	if !ok {
		t.Fatalf("peer: no Debian package is known for %s; add it to inkan/spec/peer", program)
	}
	if path := find(program, folders); path != "" {
		return path
	}
	const form = "peer: %s is not installed (Debian package %s)"
	if os.Getenv("INKAN_REQUIRE_PEERS") == "1" {
		t.Fatalf(form+", and INKAN_REQUIRE_PEERS is 1", program, debian)
	}
	t.Skipf(form, program, debian)
	return ""
}

// find looks into the folders and then PATH; "" when the program is nowhere.
func find(program string, folders []string) string {
	for _, folder := range folders {
		if path, err := exec.LookPath(filepath.Join(folder, program)); err == nil {
			return path
		}
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return ""
	}
	return path
}

// Run gives stdin to a program that Need finds and returns its standard output.
// The test fails when the program does.
func Run(t testing.TB, stdin []byte, program string, args ...string) []byte {
	t.Helper()
	stdout, stderr, status := Try(t, stdin, program, args...)
	if status != 0 {
		t.Fatalf("peer: %s %q ended with %d:\n%s", program, args, status, stderr)
	}
	return stdout
}

// Try is Run for a program that may fail: it returns the exit status, too. The
// program sees a fixed environment and its own empty folder.
func Try(t testing.TB, stdin []byte, program string, args ...string) (stdout, stderr []byte, status int) {
	t.Helper()
	var out, err bytes.Buffer
	c := exec.CommandContext(t.Context(), Need(t, program), args...)
	c.Dir = t.TempDir()
	c.Env = []string{"HOME=" + c.Dir, "LC_ALL=C", "PATH=/usr/bin:/usr/sbin:/bin", "TZ=UTC"}
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(stdin), &out, &err
	fault := c.Run()
	if exit := (*exec.ExitError)(nil); fault != nil && !errors.As(fault, &exit) {
		t.Fatalf("peer: %s: %v", program, fault)
	}
	return out.Bytes(), err.Bytes(), c.ProcessState.ExitCode()
}
