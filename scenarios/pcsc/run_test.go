package pcsc

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"inkan/core/apdu"
	"inkan/core/wire"
	"inkan/spec/req"
)

// slot is a vpcd that a test plays, on a port of its own.
type slot struct {
	t testing.TB
	net.Listener
}

func newSlot(t testing.TB) *slot {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &slot{t, l}
}

// accept waits for a card.
func (s *slot) accept() (*daemon, net.Conn) {
	s.t.Helper()
	c, err := s.Accept()
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	return newDaemon(s.t, c), c
}

// running is a Run in another goroutine.
type running struct {
	mutex sync.Mutex
	lines []string
	stop  context.CancelFunc
	done  chan error
}

func run(t testing.TB, c Config) *running {
	ctx, stop := context.WithCancel(t.Context())
	r := &running{stop: stop, done: make(chan error, 1)}
	c.retry, c.quiet = time.Millisecond, 20*time.Millisecond
	c.Say = func(line string) {
		r.mutex.Lock()
		defer r.mutex.Unlock()
		r.lines = append(r.lines, line)
	}
	go func() { r.done <- Run(ctx, c) }()
	return r
}

// said waits for a line.
func (r *running) said(t testing.TB, part string) {
	t.Helper()
	for range 2000 {
		r.mutex.Lock()
		found := slices.ContainsFunc(r.lines, func(s string) bool { return strings.Contains(s, part) })
		r.mutex.Unlock()
		if found {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("nobody said %q", part)
}

func (r *running) end() error { r.stop(); return <-r.done }

// The reader goes and comes back, and the card with it.
func TestRunComesBack(t *testing.T) {
	req.Covers(t, "SPEC-PCSC-011")
	s := newSlot(t)
	r := run(t, Config{Card: new(script), Address: s.Addr().String()})
	for i := range 3 {
		d, c := s.accept()
		if got := d.ask(4); got[1] != byte(i+1) {
			t.Errorf("connection %d: ATR %X", i, got)
		}
		c.Close()
	}
	r.said(t, "the reader has gone")
	if err := r.end(); err != nil {
		t.Error(err)
	}
}

// A card that is mute is taken out and put in again.
func TestRunMute(t *testing.T) {
	req.Covers(t, "SPEC-PCSC-010", "SPEC-PCSC-011")
	s := newSlot(t)
	r := run(t, Config{Card: &script{mute: errors.New("a trap")}, Address: s.Addr().String()})
	d, _ := s.accept()
	d.tell(1)
	d.tell(0, 0xA4, 4, 0)
	if _, err := d.frames.Next(); err == nil {
		t.Error("a mute card answers")
	}
	again, _ := s.accept()
	if got := again.ask(4); got[1] != 3 {
		t.Errorf("not reset: %X", got)
	}
	r.said(t, "a trap; it is taken out and put in again")
	if err := r.end(); err != nil {
		t.Error(err)
	}
}

func TestRunNoReader(t *testing.T) {
	req.Covers(t, "SPEC-PCSC-012")
	s := newSlot(t)
	address := s.Addr().String()
	s.Close()
	err := Run(t.Context(), Config{Card: new(script), Address: address})
	var missing *NoReaderError
	if !errors.As(err, &missing) || missing.Address != address {
		t.Fatal(err)
	}
	for _, want := range []string{address, "pcscd", "vsmartcard-vpcd", "35964", "--wait"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %s in %v", want, err)
		}
	}
	r := run(t, Config{Card: new(script), Address: address, Wait: true})
	r.said(t, "waiting for vpcd at "+address)
	if err := r.end(); err != nil {
		t.Error(err)
	}
}

// What no vpcd sends ends the program; a slot that asks for nothing is told of.
func TestRunStrangeReader(t *testing.T) {
	s := newSlot(t)
	r := run(t, Config{Card: new(script), Address: s.Addr().String()})
	_, c := s.accept()
	r.said(t, "another card in the slot")
	if _, err := c.Write([]byte{0, 0}); err != nil {
		t.Fatal(err)
	}
	var fault *wire.DecodeError
	if err := <-r.done; !errors.As(err, &fault) {
		t.Error(err)
	}
}

// Connections answer at once. The driver's two writes, without an acknowledgment
// between them, take 40 ms; the median of many is far from that.
func TestRoundTrip(t *testing.T) {
	req.Covers(t, "SPEC-PCSC-009", "SPEC-PCSC-013")
	s := newSlot(t)
	r := run(t, Config{Card: new(script), Address: s.Addr().String()})
	d, c := s.accept()
	// As the driver's socket is: Nagle's algorithm on.
	if err := c.(*net.TCPConn).SetNoDelay(false); err != nil {
		t.Fatal(err)
	}
	d.tell(1)
	var times []time.Duration
	for range 201 {
		start := time.Now()
		d.ask(0, 0xA4, 4, 0)
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	t.Logf("round trip: median %v, slowest %v", times[100], times[200])
	if times[100] > time.Millisecond {
		t.Errorf("median %v, want less than 1 ms", times[100])
	}
	if err := r.end(); err != nil {
		t.Error(err)
	}
}

var _ apdu.Terminal = (*script)(nil)
