package terminal

import (
	"syscall"
	"unsafe"
)

// columnsOf asks the terminal driver how wide a terminal is; 0: it is none.
func columnsOf(descriptor uintptr) int {
	var size struct{ rows, columns, width, height uint16 }
	if _, _, fault := syscall.Syscall(syscall.SYS_IOCTL, descriptor, syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size))); fault != 0 {
		return 0
	}
	return int(size.columns)
}
