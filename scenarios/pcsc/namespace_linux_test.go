package pcsc

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// insideVariable is set in the environment of a process that has a network and a
// /run of its own, where a pcscd disturbs nobody.
const insideVariable = "INKAN_TEST_INSIDE"

// alone tells whether the test runs where it may start a pcscd: in namespaces of
// its own. Where it does not, it is run there, in a process of its own, and alone
// is false. Where there are no namespaces the test is skipped, or fails under
// INKAN_REQUIRE_PEERS=1.
func alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv(insideVariable) == "1" {
		mountRun(t)
		loopbackUp(t)
		return true
	}
	if !again(t, &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS}) && !again(t, ownUser()) {
		const text = "no namespaces: a pcscd would be this machine's"
		if os.Getenv("INKAN_REQUIRE_PEERS") == "1" {
			t.Fatal(text + ", and INKAN_REQUIRE_PEERS is 1")
		}
		t.Skip(text)
	}
	return false
}

// ownUser asks for the namespaces as somebody who is not root.
func ownUser() *syscall.SysProcAttr {
	one := func(id int) []syscall.SysProcIDMap {
		return []syscall.SysProcIDMap{{ContainerID: 0, HostID: id, Size: 1}}
	}
	return &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET | syscall.CLONE_NEWNS,
		UidMappings: one(os.Getuid()), GidMappings: one(os.Getgid())}
}

// again runs the test in another process, and fails or skips as it does there. It
// is false when the process could not be started.
func again(t *testing.T, attributes *syscall.SysProcAttr) bool {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, "-test.run=^"+t.Name()+"$", "-test.v")
	c.Env = append(os.Environ(), insideVariable+"=1")
	c.SysProcAttr = attributes
	var out strings.Builder
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		t.Logf("namespaces: %v", err)
		return false
	}
	err = c.Wait()
	if strings.Contains(out.String(), noNamespace) {
		t.Log(noNamespace)
		return false
	}
	t.Log("\n" + out.String())
	switch {
	case err != nil:
		t.Fatal(err)
	case strings.Contains(out.String(), "\n--- SKIP: "+t.Name()):
		t.Skip("skipped there")
	case !strings.Contains(out.String(), "\n--- PASS: "+t.Name()):
		t.Fatal("it did not run there")
	}
	return true
}

// noNamespace marks a process that has namespaces and may not use them.
const noNamespace = "namespaces may not be used here"

// mountRun gives the process a /run of its own.
func mountRun(t *testing.T) {
	t.Helper()
	if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Fatalf("%s: %v", noNamespace, err)
	}
	if err := syscall.Mount("none", "/run", "tmpfs", 0, "mode=755"); err != nil {
		t.Fatalf("%s: %v", noNamespace, err)
	}
	if err := os.Mkdir("/run/pcscd", 0o755); err != nil {
		t.Fatal(err)
	}
}

// loopbackUp switches the network's one interface on.
func loopbackUp(t *testing.T) {
	t.Helper()
	s, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(s)
	request := struct {
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		rest  [22]byte
	}{flags: syscall.IFF_UP | syscall.IFF_RUNNING}
	copy(request.name[:], "lo")
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(s), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request))); errno != 0 {
		t.Fatalf("%s: %v", noNamespace, errno)
	}
}
