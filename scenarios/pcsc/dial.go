package pcsc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// DefaultAddress is vpcd's first slot; the second one is the next port.
const DefaultAddress = "127.0.0.1:35963"

// NoReaderError says that nothing listens where vpcd should, and what to do.
type NoReaderError struct {
	Address string
	Err     error
}

// Error implements error.
func (e *NoReaderError) Error() string {
	return fmt.Sprintf("no vpcd at %s: %v\n"+
		"The card needs PC/SC with its virtual reader. On Debian:\n"+
		"  apt-get install pcscd vsmartcard-vpcd\n"+
		"  systemctl restart pcscd      (or, without systemd: pcscd --foreground)\n"+
		"vpcd listens on port 35963 for the first slot and on 35964 for the second.\n"+
		"With --wait the card waits until vpcd is there.", e.Address, e.Err)
}

// Unwrap implements errors.Unwrap.
func (e *NoReaderError) Unwrap() error { return e.Err }

// dial connects to vpcd. The error is *NoReaderError.
func dial(ctx context.Context, address string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, &NoReaderError{address, err}
	}
	return prompt(c), nil
}

// prompt makes a connection answer at once: no delay of what is written, and
// every read acknowledged at once, since the driver writes length and payload one
// after the other and waits for the acknowledgment between them.
// Spec: SPEC-PCSC-008, SPEC-PCSC-009.
func prompt(c net.Conn) net.Conn {
	t, ok := c.(*net.TCPConn)
	if !ok {
		return c
	}
	raw, err := t.SyscallConn()
	if err != nil || t.SetNoDelay(true) != nil {
		return c
	}
	p := promptConn{t, raw}
	acknowledge(p.raw)
	return p
}

type promptConn struct {
	*net.TCPConn
	raw syscall.RawConn
}

// Read implements io.Reader.
func (c promptConn) Read(dst []byte) (int, error) {
	n, err := c.TCPConn.Read(dst)
	acknowledge(c.raw)
	return n, err
}

// stream is what a session reads and writes.
type stream interface {
	Read([]byte) (int, error)
	Write([]byte) (int, error)
}

// isNetwork tells whether the connection broke, as against its content.
func isNetwork(err error) bool {
	var e net.Error
	return errors.As(err, &e) || errors.Is(err, net.ErrClosed)
}
