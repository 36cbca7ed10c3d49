package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"inkan/scenarios/laboratory/folder"
	"inkan/spec/req"
)

// childVariable has the test binary be the program.
const childVariable = "INKAN_TEST_IS_THE_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(run(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// child is "inkan serve" in a process of its own.
type child struct {
	t       *testing.T
	folder  folder.Folder
	process *exec.Cmd
	out     strings.Builder
}

// startServe starts a process, and waits until it listens.
func startServe(t *testing.T, f folder.Folder) *child {
	t.Helper()
	before := ""
	if s, err := f.Read(); err == nil {
		before = s.Endpoints[bankEndpoint]
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, folder: f, process: exec.Command(program, "serve", "--dir", string(f))}
	c.process.Env = append(os.Environ(), childVariable+"=1")
	c.process.Stdout, c.process.Stderr = &c.out, &c.out
	if err := c.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.process.Process.Kill() })
	for range 600 {
		if s, err := f.Read(); err == nil && s.Endpoints[bankEndpoint] != before {
			return c
		}
		time.Sleep(25 * time.Millisecond)
	}
	c.kill()
	t.Fatalf("it does not listen:\n%s", &c.out)
	return nil
}

const bankEndpoint = folder.Bank + ":" + folder.AppsPort

// kill is a SIGKILL: whatever the process is at, it ends here.
func (c *child) kill() {
	_ = c.process.Process.Kill()
	_ = c.process.Wait()
}

// end ends the process in order, and gives its exit code.
func (c *child) end() int {
	if err := c.process.Process.Signal(syscall.SIGTERM); err != nil {
		c.t.Fatal(err)
	}
	_ = c.process.Wait()
	return c.process.ProcessState.ExitCode()
}

// Two commands in two processes: everything of a holder's everyday, and an end in
// order.
func TestServeAndPhone(t *testing.T) {
	req.Covers(t, "SPEC-SERVE-007", "SPEC-SERVE-020", "SPEC-SERVE-021")
	f, card := folder.Folder(t.TempDir()), filepath.Join(t.TempDir(), "sim.card")
	c := startServe(t, f)
	want(t, []string{"SIM 1 of suzume", "municipality", "application code", "commands of suzume.mno-tsm.inkan.example", "The PIN is set", "lets customer 1 in"},
		"phone", "--dir", string(f), "--profile", "suzume", "--card", card, "--english")
	text := want(t, []string{"SIM 1 of suzume", "lets customer 1 in", "OCSP"}, "phone", "--dir", string(f), "--card", card)
	if strings.Contains(text, "municipality") {
		t.Errorf("the SIM of the file was not used:\n%s", text)
	}
	text = want(t, []string{"Tsubaki T", "暗証番号を設定しました", "lets customer 2 in"}, "phone", "--dir", string(f), "--profile", "test", "--sms-only")
	if strings.Contains(text, "relay") {
		t.Errorf("something was relayed:\n%s", text)
	}
	if _, err := output(t, "serve", "--dir", string(f)); err == nil || !strings.Contains(err.Error(), string(f)) {
		t.Errorf("a second server: %v", err)
	}
	if code := c.end(); code != 0 {
		t.Errorf("exit code %d after SIGTERM:\n%s", code, &c.out)
	}
	checkFolder(t, f)
	if _, err := output(t, "phone", "--dir", string(f), "--card", card); err == nil || !strings.Contains(err.Error(), "inkan serve") {
		t.Errorf("a phone without servers: %v", err)
	}
}

func TestServeUsage(t *testing.T) {
	empty := t.TempDir()
	for line, want := range map[string]int{"serve": 2, "serve now": 2, "serve --help": 0, "phone": 2, "phone --dir D": 1, "phone --dir D --number x": 2, "phone --help": 0} {
		if got := run(strings.Fields(strings.ReplaceAll(line, "D", empty))); got != want {
			t.Errorf("inkan %s: exit code %d, want %d", line, got, want)
		}
	}
}

// A damaged store ends the program before anybody listens.
func TestServeRefusesDamage(t *testing.T) {
	req.Covers(t, "SPEC-SERVE-004")
	f := folder.Folder(t.TempDir())
	c := startServe(t, f)
	if code := c.end(); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, &c.out)
	}
	damage(t, filepath.Join(string(f), "mno-minato"))
	if _, err := output(t, "serve", "--dir", string(f)); err == nil || !strings.Contains(err.Error(), "MNO-TSM of minato in "+string(f)) {
		t.Errorf("%v", err)
	}
	if _, err := f.Read(); err == nil {
		t.Error("it says that somebody listens")
	}
}
