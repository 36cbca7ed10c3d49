package terminal

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"unsafe"
)

func TestWidthOfTerminal(t *testing.T) {
	if n := Width(new(bytes.Buffer)); n != 0 {
		t.Errorf("a buffer is %d wide", n)
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if n := Width(file); n != 0 {
		t.Errorf("a file is %d wide", n)
	}
	pty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Logf("no pseudo-terminal here: %v", err)
		return
	}
	defer pty.Close()
	size := [4]uint16{24, 97}
	if _, _, fault := syscall.Syscall(syscall.SYS_IOCTL, pty.Fd(), syscall.TIOCSWINSZ, uintptr(unsafe.Pointer(&size))); fault != 0 {
		t.Fatal(fault)
	}
	if n := Width(pty); n != 97 {
		t.Errorf("a terminal of 97 columns is %d wide", n)
	}
}
