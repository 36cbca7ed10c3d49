package pcsc

import "syscall"

// acknowledge has the kernel acknowledge what was read at once. The option lasts
// for one acknowledgment only; without it the connection is slow and no more.
func acknowledge(c syscall.RawConn) {
	_ = c.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	})
}
