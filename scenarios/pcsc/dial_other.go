//go:build !linux

package pcsc

import "syscall"

// acknowledge is Linux' alone.
func acknowledge(syscall.RawConn) {}
